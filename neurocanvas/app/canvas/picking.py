"""What is under the cursor: nodes, the ring around them, links.

All distances at once in numpy: 0.1 to 1 ms at 1000 nodes and 5000 links, and no search tree to
keep up while things move. The first look after a change also computes the polylines of all links,
6 ms (``python -m benchmarks.canvas``, two shared and busy cores).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from PySide6.QtCore import QRectF

from neurocanvas.app.canvas import geometry as geo
from neurocanvas.app.canvas import looks
from neurocanvas.app.canvas.geometry import Floats, Ints
from neurocanvas.app.canvas.scene import Scene

LINK_REACH = 8.0
"""From a link, in window pixels, at which it still counts as hit."""


class Part(Enum):
    """What of an element is hit."""

    NOTHING = "nothing"
    NODE = "node"
    RING = "ring"
    LINK = "link"


@dataclass(frozen=True)
class Hit:
    """What is at a place: part, row in the scene, and id."""

    part: Part = Part.NOTHING
    row: int = -1
    id: str = ""

    def __bool__(self) -> bool:
        return self.part is not Part.NOTHING


def pick(scene: Scene, x: float, y: float, scale: float) -> Hit:
    """Return what is at a place of the scene: a node, else its ring, else a link.

    Args:
        scene: Where to look.
        x, y: Place in scene pixels.
        scale: Window pixels per scene pixel; what is thin can be hit from some window pixels away.
    """
    point = np.array([x, y])
    node = _pick_node(scene, point, scale)
    if node.part is Part.NODE:
        return node
    link = _pick_link(scene, point, LINK_REACH / scale)
    if node and link and scene.pre[link.row] != node.row and scene.post[link.row] != node.row:
        # A link that merely passes by is meant only if the cursor is right on it.
        link = _pick_link(scene, point, 2.5 / scale)
    return node or link


def pick_node(scene: Scene, x: float, y: float, scale: float) -> Hit:
    """Return the node at a place, its ring counted as part of it."""
    found = _pick_node(scene, np.array([x, y]), scale)
    return Hit(Part.NODE, found.row, found.id) if found else found


def _pick_node(scene: Scene, point: Floats, scale: float) -> Hit:
    if not len(scene.node_ids):
        return Hit()
    away = geo.box_distance(scene.boxes, point)
    # Of nodes that overlap, the last is on top; a small one can be hit from a few pixels away.
    grip = max(0.0, 4.0 / scale - geo.NEURON_RADIUS * 0.5)
    inside = np.flatnonzero(away <= grip)
    if len(inside):
        return Hit(Part.NODE, int(inside[-1]), scene.node_ids[int(inside[-1])])
    nearest = int(np.argmin(away))
    if away[nearest] <= max(geo.RING_REACH, 5.0 / scale) and gives(scene, nearest):
        return Hit(Part.RING, nearest, scene.node_ids[nearest])
    return Hit()


def gives(scene: Scene, row: int) -> bool:
    """Whether a node can be the source of a link."""
    return int(scene.family[row]) != looks.PLACEHOLDER


def _pick_link(scene: Scene, point: Floats, reach: float) -> Hit:
    near = scene.visible_links(QRectF(point[0] - reach, point[1] - reach, 2 * reach, 2 * reach))
    if not len(near):
        return Hit()
    away = geo.polyline_distance(scene.line[near], point, reach)
    best = int(np.argmin(away))
    if away[best] > reach:
        return Hit()
    row = int(near[best])
    return Hit(Part.LINK, row, scene.link_ids[row])


def inside(scene: Scene, rect: QRectF) -> tuple[Ints, Ints]:
    """Return the rows of nodes in a rectangle, and of the links between them."""
    x, y = scene.centre.T
    within = (x >= rect.left()) & (x <= rect.right()) & (y >= rect.top()) & (y <= rect.bottom())
    links = within[scene.pre] & within[scene.post] if len(scene.pre) else np.zeros(0, dtype=bool)
    return np.flatnonzero(within), np.flatnonzero(links)
