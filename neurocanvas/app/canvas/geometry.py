"""Shapes of nodes and links, as arrays: sizes, boundaries, curves, heads and distances.

Pure numpy in scene pixels (y grows downward), for all nodes or links at once. Every node is a
rounded box; a circle is one whose corner radius is its half size. Every link is one cubic Bezier
curve that leaves and enters its nodes square to their boundary.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEURON_RADIUS = 30.0
SOURCE_HALF = (27.5, 20.5)
SOURCE_CORNER = 8.0
STACK_OFFSET = (3.5, -3.5)
"""From one circle of a population to the one behind it; there are three."""
RING_GAP = 7.0
"""From the boundary of a node to its ring."""
RING_REACH = 14.0
"""How far from the boundary a press still takes hold of the ring."""
HANDLE_RADIUS = 5.5
GRID = 28.0
SNAP = 14.0

ARROW, BAR, DOT, PLAIN = range(4)
"""What links end in: an arrow excites, a bar inhibits, a dot modulates, what acts both ways ends
plainly."""
ARROW_LENGTH = 12.0
ARROW_HALF_WIDTH = 5.5
BAR_HALF_LENGTH = 9.5
BAR_GAP = 4.0
"""From the boundary of the target to the middle of an inhibitory bar."""
DOT_RADIUS = 4.5

TOOTH = 6.5
"""From one corner of a zigzag to the next, along the link."""
TOOTH_HEIGHT = 4.0
_STRAIGHT = 11.0
"""At either end of a zigzag, the link is straight for so long."""

SEGMENTS = 20
"""Straight pieces a curve is taken as when it is picked or cut."""

_BOW_SINGLE = np.radians(11.0)
_BOW_MUTUAL = np.radians(21.0)
_BOW_STEP = np.radians(18.0)
_BOW_MOST = np.radians(80.0)
_LOOP_STEP = np.radians(15.0)
_LOOP_OPENING = np.radians(30.0)


@dataclass(frozen=True)
class Boxes:
    """Rounded boxes: centres ``(n, 2)``, half sizes ``(n, 2)`` and corner radii ``(n,)``."""

    centre: Floats
    half: Floats
    corner: Floats

    def take(self, rows: Ints) -> Boxes:
        """Return some of them, in the order of ``rows``."""
        return Boxes(self.centre[rows], self.half[rows], self.corner[rows])


@dataclass(frozen=True)
class Curves:
    """Links as drawn.

    Attributes:
        points: Bezier control points of the strokes, ``(m, 4, 2)``.
        tip: Where the head touches the target, ``(m, 2)``.
        arrive: Unit vector into the target there, ``(m, 2)``.
    """

    points: Floats
    tip: Floats
    arrive: Floats


def boundary_distance(half: Floats, corner: Floats, direction: Floats) -> Floats:
    """Return the distance from each centre to its boundary along a unit vector.

    Args:
        half: Half sizes, ``(n, 2)``.
        corner: Corner radii, ``(n,)``.
        direction: Unit vectors, ``(n, 2)``.
    """
    way = np.abs(direction)
    with np.errstate(divide="ignore"):
        straight = np.min(half / np.maximum(way, 1e-12), axis=1)
    inner = half - corner[:, None]
    in_corner = np.all(way * straight[:, None] > inner, axis=1)
    along = np.sum(way * inner, axis=1)
    across = np.sum(inner * inner, axis=1) - corner**2
    rounded = along + np.sqrt(np.maximum(along**2 - across, 0.0))
    return np.where(in_corner, rounded, straight)


def box_distance(boxes: Boxes, point: Floats) -> Floats:
    """Return the signed distance ``(n,)`` of a point to each boundary, negative inside."""
    reach = np.abs(point - boxes.centre) - boxes.half + boxes.corner[:, None]
    outside = np.hypot(*np.maximum(reach, 0.0).T)
    inside = np.minimum(np.max(reach, axis=1), 0.0)
    return outside + inside - boxes.corner


def bows(pre: Ints, post: Ints) -> Floats:
    """Return by how much each link bends to the left of its way, in radians.

    One link between two nodes bends a little; links there and back bend apart; parallel ones fan
    out. Links from a node to itself get their rank (0, 1, ...) instead.

    Args:
        pre, post: Rows of the nodes of each link, ``(m,)``.
    """
    count = len(pre)
    if not count:
        return np.zeros(0)
    nodes = int(max(pre.max(), post.max())) + 1
    forth, back = pre * nodes + post, post * nodes + pre
    order = np.argsort(forth, kind="stable")
    ordered = forth[order]
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    size = np.diff(first, append=count)
    rank, alike = np.empty(count), np.empty(count)
    rank[order] = np.arange(count) - np.repeat(first, size)
    alike[order] = np.repeat(size, size)
    place = np.minimum(np.searchsorted(ordered, back), count - 1)
    mutual = ordered[place] == back
    spread = np.where(alike > 1, (rank - (alike - 1) / 2) * _BOW_STEP, _BOW_SINGLE)
    bent = np.where(mutual, _BOW_MUTUAL + rank * _BOW_STEP, spread)
    return np.where(pre == post, rank, np.clip(bent, -_BOW_MOST, _BOW_MOST))


def link_curves(
    source: Boxes,
    target: Boxes,
    bow: Floats,
    loop: NDArray,
    head: Ints,
    heading: Floats | float = -np.pi / 2,
) -> Curves:
    """Return the curves of links.

    Args:
        source, target: The node at each end, ``(m,)`` rows.
        bow: As ``bows`` gives it.
        loop: Whether a link leads from a node to itself, ``(m,)``.
        head: ``ARROW`` to ``PLAIN``, ``(m,)``.
        heading: Where loops go, in radians clockwise from the right, ``(m,)``.
    """
    chord = target.centre - source.centre
    distance = np.hypot(*chord.T)
    way = chord / np.maximum(distance, 1e-9)[:, None]
    way[distance < 1e-9] = (1.0, 0.0)
    boxed = source.corner < source.half.min(axis=1) - 1e-9
    leave, arrive = _directions(way, bow, loop, boxed, heading)
    start = source.centre + _reach(source, leave)[:, None] * leave
    gap = np.array([0.0, BAR_GAP, DOT_RADIUS, 0.0])[head]
    tip = target.centre - (_reach(target, -arrive) + gap)[:, None] * arrive
    end = tip - np.where(head == ARROW, 0.8 * ARROW_LENGTH, 0.0)[:, None] * arrive
    # Loops lie around each other; ``bow`` counts them.
    around = source.half.max(axis=1) * (2.4 + 2.6 * bow)
    pull = np.where(loop, around, 0.38 * np.hypot(*(end - start).T))
    points = np.stack(
        [start, start + pull[:, None] * leave, end - pull[:, None] * arrive, end], axis=1
    )
    return Curves(points, tip, arrive)


def _reach(boxes: Boxes, direction: Floats) -> Floats:
    return boundary_distance(boxes.half, boxes.corner, direction)


def _directions(
    way: Floats, bow: Floats, loop: NDArray, boxed: NDArray, heading: Floats | float
) -> tuple[Floats, Floats]:
    """Unit vectors in which links leave and arrive; boxes are left square to a side."""
    leave, arrive = _turned(way, -bow), _turned(way, bow)
    level = np.abs(way[:, 0]) >= 0.75 * np.abs(way[:, 1])
    side = np.where(level[:, None], (1.0, 0.0), (0.0, 1.0)) * np.sign(way)
    plain = boxed & (np.abs(bow) <= _BOW_SINGLE + 1e-9) & ~loop
    leave[plain] = side[plain]
    blend = 0.35 * side[plain] + way[plain]
    arrive[plain] = blend / np.hypot(*blend.T)[:, None]
    out, opening = np.broadcast_to(heading, len(way))[loop], _LOOP_OPENING + _LOOP_STEP * bow[loop]
    leave[loop] = _unit(out + opening)
    arrive[loop] = -_unit(out - opening)
    return leave, arrive


def _unit(angle: Floats) -> Floats:
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _turned(vector: Floats, angle: Floats) -> Floats:
    """Turn vectors clockwise on the screen by angles in radians."""
    cos, sin = np.cos(angle), np.sin(angle)
    x, y = vector[:, 0], vector[:, 1]
    return np.stack([x * cos - y * sin, x * sin + y * cos], axis=1)


def along(points: Floats, fraction: Floats) -> Floats:
    """Return the point ``(m, 2)`` of each curve at a fraction (0 to 1) of its parameter.

    Args:
        points: Control points, ``(m, 4, 2)``.
        fraction: One per curve, ``(m,)``.
    """
    t = np.asarray(fraction)[:, None]
    s = 1.0 - t
    return (
        s**3 * points[:, 0]
        + 3 * s * s * t * points[:, 1]
        + 3 * s * t * t * points[:, 2]
        + t**3 * points[:, 3]
    )


_T = np.linspace(0.0, 1.0, SEGMENTS + 1)
_BASIS = np.stack([(1 - _T) ** 3, 3 * (1 - _T) ** 2 * _T, 3 * (1 - _T) * _T**2, _T**3], axis=1)


def polylines(points: Floats, every: int = 1) -> Floats:
    """Return each curve as points, ``(m, SEGMENTS / every + 1, 2)``."""
    return np.matmul(_BASIS[::every], points)


def polyline_distance(lines: Floats, point: Floats, reach: float = np.inf) -> Floats:
    """Return the distance ``(m,)`` of a point to each polyline ``(m, k, 2)``.

    Pieces that are farther away than ``reach`` to the left, right, above or below are passed over
    (what is farther counts as infinitely far), which is most of the work saved.
    """
    away = np.full(len(lines), np.inf)
    low, high = point - reach, point + reach
    x, y = lines[..., 0], lines[..., 1]
    left, right = np.minimum(x[:, :-1], x[:, 1:]), np.maximum(x[:, :-1], x[:, 1:])
    near = (left <= high[0]) & (right >= low[0])
    near &= np.minimum(y[:, :-1], y[:, 1:]) <= high[1]
    near &= np.maximum(y[:, :-1], y[:, 1:]) >= low[1]
    row, piece = np.nonzero(near)
    start = lines[row, piece]
    step = lines[row, piece + 1] - start
    length = np.maximum(np.sum(step * step, axis=1), 1e-12)
    share = np.clip(np.sum((point - start) * step, axis=1) / length, 0.0, 1.0)
    np.minimum.at(away, row, np.hypot(*(start + share[:, None] * step - point).T))
    return away


def bounds(points: Floats, margin: float | Floats) -> Floats:
    """Return boxes around curves (a curve stays within its control points).

    Args:
        points: ``(m, 4, 2)``.
        margin: Around them: one number, or ``(m, 2)`` for each across and down.

    Returns:
        ``(m, 4)`` of left, top, right, bottom.
    """
    return np.concatenate([points.min(axis=1) - margin, points.max(axis=1) + margin], axis=1)


def arrow_heads(tip: Floats, arrive: Floats, size: float = 1.0) -> Floats:
    """Return the corners of arrow heads, ``(m, 3, 2)``: tip, left, right."""
    normal = np.stack([-arrive[:, 1], arrive[:, 0]], axis=1)
    base = tip - size * ARROW_LENGTH * arrive
    wing = size * ARROW_HALF_WIDTH * normal
    return np.stack([tip, base + wing, base - wing], axis=1)


def bars(tip: Floats, arrive: Floats, size: float = 1.0) -> Floats:
    """Return the ends of inhibitory bars, ``(m, 2, 2)``."""
    normal = np.stack([-arrive[:, 1], arrive[:, 0]], axis=1)
    wing = size * BAR_HALF_LENGTH * normal
    return np.stack([tip + wing, tip - wing], axis=1)


def zigzag(points: Floats) -> Floats:
    """Return a curve as a zigzag, as resistors are drawn: straight at its ends.

    Args:
        points: Control points of one curve, ``(4, 2)``.

    Returns:
        The corners, ``(n, 2)``.
    """
    fine = along(np.broadcast_to(points, (129, 4, 2)), np.linspace(0.0, 1.0, 129))
    steps = np.hypot(*np.diff(fine, axis=0).T)
    length = np.concatenate([[0.0], np.cumsum(steps)])
    teeth = max(4, 2 * round((length[-1] - 2 * _STRAIGHT) / TOOTH / 2))
    first = min(_STRAIGHT, length[-1] / 4)
    inner = np.linspace(first, length[-1] - first, teeth + 1)
    at = np.concatenate([[0.0], inner, [length[-1]]])
    corners = np.stack([np.interp(at, length, fine[:, axis]) for axis in (0, 1)], axis=1)
    way = np.gradient(corners, axis=0)
    normal = np.stack([-way[:, 1], way[:, 0]], axis=1)
    normal /= np.maximum(np.hypot(*normal.T), 1e-9)[:, None]
    side = np.zeros(len(at))
    side[2:-2] = np.where(np.arange(len(at) - 4) % 2 == 0, 1.0, -1.0)
    return np.asarray(corners + TOOTH_HEIGHT * side[:, None] * normal)


def snapped(place: ArrayLike) -> Floats:
    """Return places on the nearest points of the snapping grid."""
    return np.round(np.asarray(place, dtype=np.float64) / SNAP) * SNAP
