"""What links look like by what they do, and plasticity dropped onto them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from driver import CanvasDriver
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF

from neurocanvas.app.canvas import CanvasView, looks, menus, wires
from neurocanvas.app.canvas import geometry as geo
from neurocanvas.app.canvas.camera import Camera
from neurocanvas.app.canvas.foreground import link_tag_box
from neurocanvas.app.canvas.scene import Scene
from neurocanvas.app.canvas.tooltips import tooltip
from neurocanvas.model.edits import SetFeature, SetParameter, SetSettings, SetSize, SetText


@pytest.fixture
def canvas(qtbot, dark, session):
    view = CanvasView(session)
    view.resize(900, 600)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitExposed(view)
    return view


@pytest.fixture
def hand(qtbot, canvas):
    return CanvasDriver(qtbot, canvas)


def followed(circuit):
    """A scene that follows the edits of a circuit, as the canvas has it."""
    scene = Scene(circuit)
    circuit.subscribe(scene.apply)
    return scene


GRADED = [
    (1.0, geo.ARROW, looks.EXCITATORY),
    (-0.5, geo.BAR, looks.INHIBITORY),
    (0.0, geo.ARROW, looks.NEUTRAL),
    ("normal(0, 1)", geo.ARROW, looks.NEUTRAL),
    ("uniform(-2, -1)", geo.BAR, looks.INHIBITORY),
]


@pytest.mark.parametrize(("weight", "head", "group"), GRADED)
def test_a_graded_link_shows_the_sign_of_its_weight(circuit, weight, head, group):
    a, b = circuit.add("rate"), circuit.add("rate", x=300)
    circuit.connect(a, b, "graded", weight=weight)
    scene = Scene(circuit)
    assert (scene.head[0], scene.group[0]) == (head, group)


def test_a_weight_that_changes_its_sign_changes_the_head(circuit):
    a, b = circuit.add("rate"), circuit.add("rate", x=300)
    link = circuit.connect(a, b, "graded")
    scene = followed(circuit)
    tip, version = scene.tip[0].copy(), scene.version
    circuit.apply(SetParameter(link, "weight", -2.0))
    assert (scene.head[0], scene.group[0]) == (geo.BAR, looks.INHIBITORY)
    assert scene.version == version  # no other row has moved
    assert np.hypot(*(scene.tip[0] - tip)) == pytest.approx(geo.BAR_GAP, abs=0.5)
    assert np.array_equal(scene.width, Scene(circuit).width)
    circuit.apply(SetParameter(link, "weight", 2.0))
    assert np.allclose(scene.tip[0], tip)


def test_strokes_say_what_is_no_synapse(circuit):
    a, b = circuit.add("lif"), circuit.add("lif", x=300)
    for kind in ("ampa", "dopamine", "gap_junction"):
        circuit.connect(a, b, kind)
    scene = Scene(circuit)
    assert scene.stroke.tolist() == [looks.SOLID, looks.DASHED, looks.ZIGZAG]
    assert scene.head.tolist() == [geo.ARROW, geo.DOT, geo.PLAIN]


@pytest.mark.parametrize("far", [40.0, 120.0, 600.0])
def test_a_zigzag_follows_its_curve_and_meets_its_ends(far):
    points = np.array([[0.0, 0.0], [far / 3, -30.0], [2 * far / 3, -30.0], [far, 0.0]])
    corners = geo.zigzag(points)
    assert np.allclose(corners[[0, -1]], points[[0, 3]])
    line = geo.polylines(points[None])
    away = np.array([geo.polyline_distance(line, corner)[0] for corner in corners])
    assert away.max() < geo.TOOTH_HEIGHT + 1.0
    assert np.median(away[2:-2]) > 0.8 * geo.TOOTH_HEIGHT
    assert len(corners) >= 7


def test_words_on_links_name_rule_and_what_is_modulated(circuit):
    a, b = circuit.add("lif", size=9), circuit.add("lif", size=9, x=500)
    wanted = []
    for rule, values, words in (
        ("fixed_out_degree", {"n": 7}, "7 out"),
        ("fixed_total_number", {"n": 1200}, "1200 in all"),
        ("gaussian_ring", {"sigma": 0.25}, "\u03c3 0.25"),
        ("gaussian_grid", {}, "\u03c3 0.1"),
    ):
        circuit.connect(a, b, "ampa", rule=rule, rule_values=values)
        wanted.append(words)
    modulator = circuit.connect(a, b, "dopamine")
    scene = followed(circuit)
    assert [scene.text(row).split(" \u00b7 ")[-1] for row in range(4)] == wanted
    assert scene.text(4).endswith("weights")
    circuit.apply(SetText(modulator, "parameter", "tau_m"))
    assert scene.text(4).endswith("tau_m")


def test_sources_say_what_they_give(circuit):
    for kind in ("poisson_of_time", "spike_list", "current_table"):
        circuit.add(kind)
    assert Scene(circuit).notes == ["rate(t)", "8 values", "6 values"]


def test_links_that_learn_are_marked(circuit):
    a, b = circuit.add("lif"), circuit.add("lif", x=300)
    link = circuit.connect(a, b, "ampa")
    scene = followed(circuit)
    assert not scene.learns[0]
    circuit.apply(SetFeature(link, "stdp", {}))
    assert scene.learns[0]
    assert "STDP" in tooltip(circuit, link)


def test_neurons_that_do_both_are_marked_where_the_circuit_asks(circuit):
    a, b = circuit.add("rate", label="A"), circuit.add("rate", x=300)
    circuit.connect(a, b, "graded")
    wrong = circuit.connect(a, b, "graded", weight=-1)
    scene = followed(circuit)
    assert scene.warned == []
    circuit.apply(SetSettings(replace(circuit.settings, dale=True)))
    assert scene.warned == [scene.node_row[a]]
    assert "A both excites" in tooltip(circuit, a)
    circuit.apply(SetParameter(wrong, "weight", 1.0))
    assert scene.warned == []
    assert "excites" not in tooltip(circuit, a)


def test_probes_of_links_hang_on_the_link(canvas, session):
    a, b = session.circuit.add("lif"), session.circuit.add("lif", x=300)
    link = session.circuit.connect(a, b, "ampa")
    session.add_probe(link, "g")
    session.add_probe(link, "w")
    assert session.add_probe(link) == 3  # its current
    [probes] = canvas.scene.link_probes.values()
    assert [p.variable for p in probes] == ["g", "w", "I"]
    first, second = (link_tag_box(canvas.scene, 0, k, canvas.camera) for k in (0, 1))
    middle = canvas.camera.to_scene(first.center())
    assert geo.polyline_distance(canvas.scene.line, np.array(middle))[0] < 1.0
    assert not first.intersects(second)
    canvas.grab()
    session.remove_selection()
    session.circuit.remove(link)
    assert canvas.scene.link_probes == {}


# -- plasticity dropped onto a link --------------------------------------------------------------


def test_plasticity_dropped_onto_a_link_is_carried_by_it(hand, session):
    a, b = hand.place("lif", -120, 0), hand.place("lif", 120, 0)
    link = hand.connect(a, b, "ampa")
    at = hand.canvas.link_position(link)
    x, y = hand.canvas.camera.to_scene(at.toPointF())
    hand.drop("stdp", x, y)
    assert list(session.circuit.link(link).features) == ["stdp"]
    assert session.selection == (link,)
    session.undo()
    assert session.circuit.link(link).features == {}


def test_plasticity_dropped_elsewhere_says_where_it_belongs(hand, session):
    said = []
    session.message.connect(said.append)
    a, b = hand.place("rate", -120, 0), hand.place("rate", 120, 0)
    link = hand.connect(a, b, "graded")
    hand.drop("stdp", 0, 200)
    assert said[-1] == "STDP: drop it onto a link"
    at = hand.canvas.link_position(link)
    hand.drop("stdp", *hand.canvas.camera.to_scene(at.toPointF()))
    assert "Graded has no weight that STDP changes" in said[-1]
    assert session.circuit.link(link).features == {}


def test_large_populations_are_connected_sparsely(hand, session):
    a, b = hand.place("lif", -120, 0), hand.place("lif", 120, 0)
    for node in (a, b):
        session.circuit.apply(SetSize(node, 50_000))
    link = session.circuit.link(hand.connect(a, b, "ampa"))
    assert (link.rule.name, link.rule.value("n")) == ("fixed_in_degree", 100)


# -- the menu of a link --------------------------------------------------------------------------


def test_the_menu_offers_one_of_the_forms_of_a_synapse(circuit):
    a, b = circuit.add("lif"), circuit.add("lif")
    link = circuit.link(circuit.connect(a, b, "current_synapse_alpha"))
    kinds = menus.one_of_each_form(menus.possible_kinds(circuit, link), link.kind)
    names = [kind.name for kind in kinds]
    assert "current_synapse_alpha" in names
    assert "current_synapse" not in names
    assert "current_synapse_inhibitory" in names
    assert "ampa" in names
    opposite = menus.counterpart(circuit, link)
    assert (opposite.sign, opposite.variant) == (-1, "alpha")


@pytest.mark.parametrize("scale", [0.62, 1.0, 2.5])
@pytest.mark.parametrize("neighbours", range(8))
def test_the_words_of_a_loop_are_not_under_its_node(circuit, qapp, neighbours, scale):
    """The loop goes where there is room, so that it heads every way here."""
    some = {"rule": "probability", "rule_values": {"p": 0.1}}
    cell = circuit.add("lif", size=100)
    circuit.connect(cell, cell, "ampa", **some)
    for k in range(neighbours):
        x, y = 300 * np.cos(0.9 * k), 300 * np.sin(0.9 * k)
        circuit.connect(circuit.add("lif", size=100, x=x, y=y), cell, "ampa", **some)
    scene = Scene(circuit)
    camera = Camera(scale=scale)
    box = wires.pill_box(scene, 0, camera, QFontMetricsF(wires.pill_font(camera)))
    assert box is not None
    reach = geo.NEURON_RADIUS * scale
    aside = max(box.left(), min(0.0, box.right())), max(box.top(), min(0.0, box.bottom()))
    assert np.hypot(*aside) > reach
    words = scene.box[0] * scale
    assert QRectF(*words[:2], *(words[2:] - words[:2])).contains(box), "it is cut where one pans"
