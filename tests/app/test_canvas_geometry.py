"""Shapes on the canvas against plain geometry."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocanvas.app.canvas import geometry as geo
from neurocanvas.app.canvas.geometry import Boxes

angles = st.floats(-math.pi, math.pi)
places = st.tuples(st.floats(-2000, 2000), st.floats(-2000, 2000))


def circle(*centres):
    centre = np.array(centres, dtype=float)
    count = len(centre)
    radius = np.full(count, geo.NEURON_RADIUS)
    return Boxes(centre, np.full((count, 2), geo.NEURON_RADIUS), radius)


def source(*centres):
    centre = np.array(centres, dtype=float)
    count = len(centre)
    return Boxes(centre, np.tile(geo.SOURCE_HALF, (count, 1)), np.full(count, geo.SOURCE_CORNER))


def unit(angle):
    return np.array([[math.cos(angle), math.sin(angle)]])


def distance_to_box(point, half, corner):
    """Signed distance to a rounded box, the textbook way: to an inner box, less the corner."""
    inner = np.array(half) - corner
    nearest = np.clip(point, -inner, inner)
    if not np.array_equal(nearest, point):
        return math.dist(nearest, point) - corner
    return max(abs(point[0]) - half[0], abs(point[1]) - half[1])


@given(angles)
def test_the_boundary_of_a_circle_is_its_radius_away(angle):
    reach = geo.boundary_distance(np.array([[30.0, 30.0]]), np.array([30.0]), unit(angle))
    assert reach[0] == pytest.approx(30.0)


@given(angles, st.floats(5, 60), st.floats(5, 60), st.floats(0, 1))
def test_the_boundary_of_a_rounded_box_lies_on_it(angle, half_x, half_y, roundness):
    half, corner = (half_x, half_y), roundness * min(half_x, half_y)
    reach = geo.boundary_distance(np.array([half]), np.array([corner]), unit(angle))[0]
    assert distance_to_box(reach * unit(angle)[0], half, corner) == pytest.approx(0, abs=1e-6)


@given(places)
def test_the_distance_to_a_box_is_signed(place):
    expected = distance_to_box(np.array(place), geo.SOURCE_HALF, geo.SOURCE_CORNER)
    found = geo.box_distance(source((0, 0)), np.array(place))[0]
    if expected > 0:
        assert found == pytest.approx(expected, abs=1e-9)
    else:
        assert found <= 1e-9


def curves(a, b, head=geo.ARROW, bow=0.2):
    return geo.link_curves(a, b, np.array([bow]), np.array([False]), np.array([head]))


@given(places, places, st.sampled_from([geo.ARROW, geo.BAR, geo.DOT]), st.floats(-1.2, 1.2))
def test_a_link_begins_and_ends_on_the_boundaries(a, b, head, bow):
    if math.dist(a, b) < 150:
        return
    made = curves(circle(a), source(b), head, bow)
    start = geo.box_distance(circle(a), made.points[0, 0])[0]
    gap = {geo.ARROW: 0.0, geo.BAR: geo.BAR_GAP, geo.DOT: geo.DOT_RADIUS}[head]
    along = made.tip[0] + gap * made.arrive[0]
    assert start == pytest.approx(0, abs=1e-6)
    assert geo.box_distance(source(b), along)[0] == pytest.approx(0, abs=1e-6)
    assert np.hypot(*made.arrive[0]) == pytest.approx(1)


def test_an_arrow_points_into_the_target_and_the_stroke_ends_inside_the_head():
    made = curves(circle((0, 0)), circle((300, 0)), geo.ARROW, 0.0)
    tip, left, right = geo.arrow_heads(made.tip, made.arrive)[0]
    np.testing.assert_allclose(tip, (270, 0), atol=1e-9)
    np.testing.assert_allclose(left + right, (2 * (270 - geo.ARROW_LENGTH), 0), atol=1e-9)
    assert 270 - geo.ARROW_LENGTH < made.points[0, 3, 0] < 270


def test_a_bar_stands_across_the_link_before_the_target():
    made = curves(circle((0, 0)), circle((300, 0)), geo.BAR, 0.0)
    one, other = geo.bars(made.tip, made.arrive)[0]
    np.testing.assert_allclose(one[0], other[0])
    assert one[0] == pytest.approx(270 - geo.BAR_GAP)
    assert abs(one[1] - other[1]) == pytest.approx(2 * geo.BAR_HALF_LENGTH)
    np.testing.assert_allclose(made.points[0, 3], made.tip[0])


def middle(made, row=0):
    return geo.along(made.points[[row]], np.array([0.5]))[0]


def test_links_there_and_back_bend_apart():
    pre, post = np.array([0, 1]), np.array([1, 0])
    both = circle((0, 0), (300, 0))
    made = geo.link_curves(
        both.take(pre),
        both.take(post),
        geo.bows(pre, post),
        pre == post,
        np.array([geo.ARROW, geo.BAR]),
    )
    assert middle(made, 0)[1] < -15 < 15 < middle(made, 1)[1]


def test_parallel_links_fan_out_evenly():
    pre, post = np.zeros(4, dtype=int), np.ones(4, dtype=int)
    bow = geo.bows(pre, post)
    assert np.ptp(np.diff(bow)) == pytest.approx(0)
    assert bow.sum() == pytest.approx(0)
    two = circle((0, 0), (300, 0))
    made = geo.link_curves(two.take(pre), two.take(post), bow, pre == post, np.zeros(4, dtype=int))
    heights = [middle(made, row)[1] for row in range(4)]
    assert min(abs(np.diff(sorted(heights)))) > 10


def test_one_more_link_between_other_nodes_bends_nothing():
    pre, post = np.array([0, 2, 2]), np.array([1, 3, 3])
    assert geo.bows(pre, post)[0] == geo.bows(pre[:1], post[:1])[0]


def test_a_link_to_itself_is_a_loop_outside_the_node():
    node = circle((0, 0))
    pre = post = np.zeros(2, dtype=int)
    made = geo.link_curves(
        node.take(pre), node.take(post), geo.bows(pre, post), pre == post, np.zeros(2, dtype=int)
    )
    line = geo.polylines(made.points)
    reach = np.hypot(*line.reshape(-1, 2).T)
    assert reach.min() >= geo.NEURON_RADIUS - 1e-6
    assert reach.max() > geo.NEURON_RADIUS + 20
    assert math.dist(middle(made, 0), middle(made, 1)) > 20


def test_two_nodes_in_one_place_still_give_finite_curves():
    made = curves(circle((5, 5)), circle((5, 5)))
    assert np.isfinite(made.points).all()


@given(st.lists(st.tuples(places, places, places, places), min_size=1, max_size=4), places)
def test_the_distance_to_a_curve_is_that_of_its_nearest_piece(controls, place):
    line = geo.polylines(np.array(controls, dtype=float))
    found = geo.polyline_distance(line, np.array(place))
    dense = line[:, :-1, None] + np.linspace(0, 1, 200)[:, None] * np.diff(line, axis=1)[:, :, None]
    brute = np.hypot(*(dense - np.array(place)).T).T.reshape(len(line), -1).min(axis=1)
    step = np.hypot(*np.diff(line, axis=1).T).T.max(axis=1) / 199
    assert (found <= brute + 1e-6).all()
    assert (brute <= found + step).all()


def test_polylines_follow_the_bezier_formula():
    controls = np.array([[(0, 0), (10, 40), (60, -20), (100, 0)]], dtype=float)
    line = geo.polylines(controls)[0]
    t = np.linspace(0, 1, geo.SEGMENTS + 1)
    expected = np.stack([np.polyval(np.polyfit(t, line[:, k], 3), t) for k in (0, 1)], axis=1)
    np.testing.assert_allclose(line, expected, atol=1e-9)
    for k in (0, 7, geo.SEGMENTS):
        np.testing.assert_allclose(geo.along(controls, t[[k]])[0], line[k], atol=1e-12)
    np.testing.assert_allclose(line[[0, -1]], controls[0, [0, 3]])


def test_snapped_places_are_on_the_grid():
    np.testing.assert_allclose(geo.snapped((20.0, -8.0)), (14.0, -14.0))
