"""Where words, tags and loops go: to the sides of nodes that no link touches.

Angles are in degrees, clockwise on the screen from the right.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from neurocanvas.app.canvas.geometry import Floats, Ints

Booleans = NDArray[np.bool_]
Span = tuple[float, float]
"""A direction, and how near to it a link may come."""

BELOW, ABOVE, LEFT, RIGHT, BELOW_RIGHT, BELOW_LEFT = range(6)
SIDES: tuple[Span, ...] = (
    (90.0, 42.0), (-90.0, 42.0), (180.0, 34.0), (0.0, 34.0), (48.0, 24.0), (132.0, 24.0),
)  # fmt: skip
"""Where the label of a node may stand, the best first."""

UPPER_RIGHT, UPPER_LEFT, LOWER_RIGHT, LOWER_LEFT = range(4)
CORNERS: tuple[Span, ...] = ((-34.0, 22.0), (-146.0, 22.0), (34.0, 22.0), (146.0, 22.0))
"""Where the tags of probes may hang, the best first."""

LOOP_HEADINGS = np.array([-90.0, 180.0, 0.0, 90.0, -135.0, -45.0, 135.0, 45.0])
"""Where a link from a node to itself may go, the best first."""
LOOP_ROOM = 64.0
"""The least angle between the middle of a loop and the next node a link goes to."""


def angles(way: Floats) -> Floats:
    """Return the directions of vectors ``(n, 2)``."""
    return np.degrees(np.arctan2(way[:, 1], way[:, 0]))


def apart(first: Floats, second: Floats | float) -> Floats:
    """Return the angle between directions, from 0 to 180."""
    return np.abs((first - second + 180.0) % 360.0 - 180.0)


def touched(count: int, ends: Iterable[tuple[Ints, Floats]], spans: tuple[Span, ...]) -> Booleans:
    """Say which spans of which nodes a link comes near.

    Args:
        count: How many nodes.
        ends: Row of the node and direction from its middle, of one end of all links each.
        spans: What to look at.

    Returns:
        ``(count, len(spans))``.
    """
    found = np.zeros((count, len(spans)), dtype=bool)
    for nodes, direction in ends:
        for number, (middle, reach) in enumerate(spans):
            found[nodes[apart(direction, middle) < reach], number] = True
    return found


def first_free(taken: Booleans) -> Ints:
    """Return the first span of each node that is not taken, 0 where all are."""
    return np.argmin(taken, axis=1)


def tag_corner(taken: Booleans, side: int) -> int:
    """Return the corner at which the tags of a node hang.

    Args:
        taken: Which of its ``CORNERS`` a link comes near.
        side: Where its label stands.
    """
    taken = taken.copy()
    if side == BELOW_RIGHT:
        taken[LOWER_RIGHT] = True
    if side == BELOW_LEFT:
        taken[LOWER_LEFT] = True
    return int(np.argmin(taken))


def loop_heading(neighbours: Floats) -> float:
    """Return where a loop goes, given the directions of the nodes its node is linked to."""
    if not len(neighbours):
        return float(LOOP_HEADINGS[0])
    room = apart(LOOP_HEADINGS[:, None], neighbours).min(axis=1)
    wide = np.flatnonzero(room >= LOOP_ROOM)
    return float(LOOP_HEADINGS[wide[0] if len(wide) else int(np.argmax(room))])
