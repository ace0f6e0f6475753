"""The scene: arrays of what is drawn, derived from the circuit and kept in step with its edits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from neurocanvas.app.canvas import appearance, looks, placing
from neurocanvas.app.canvas import geometry as geo
from neurocanvas.app.canvas.appearance import Appearance, NodeLook
from neurocanvas.app.canvas.geometry import Boxes, Floats, Ints
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.edits import (
    Compound,
    Edit,
    MoveNodes,
    SetBench,
    SetNotes,
    SetParameter,
    SetSettings,
)
from neurocanvas.model.elements import Link, Node, Probe
from neurocanvas.model.kinds import Registry
from neurocanvas.model.signs import dale_violations

MARGIN = 100.0
"""What glow, ring, label and tags of a node take up around it."""
LINK_MARGIN = 46.0
"""What the head and the words of a link take up around its curve."""
LOOP_WORDS = 100.0
"""So much farther to a side the words of a loop may reach, which lie beside it, not on it."""

_CHEAP = (MoveNodes, SetParameter, SetBench, SetNotes, SetSettings)
"""Edits that leave the rows as they are."""
MANY = 300
SAME_SHIFT = 1e-9
"""Nodes that move by the same, to this many scene pixels, keep their links as they are."""
BESIDE = 130.0
"""How far words beside a node reach from its middle."""


@dataclass(frozen=True)
class _Before:
    """The rows that nodes had before.

    Attributes:
        rows: Row of now by row of before, -1 for nodes that are gone.
        standing: Whether each node has the place and the box that it had, by row of now.
    """

    rows: Ints
    standing: NDArray[np.bool_]

    @classmethod
    def of(cls, was: Sequence[int], before: Boxes, now: Boxes) -> _Before:
        """Compare the boxes of nodes that had the rows ``was``, -1 for those that are new."""
        old = np.array(was, dtype=np.int64)
        standing = old >= 0
        there = np.flatnonzero(standing)
        rows = np.full(len(before.corner) + 1, -1)
        rows[old[there]] = there
        a, b = before.take(old[there]), now.take(there)
        alike = (a.centre == b.centre) & (a.half == b.half)
        standing[there] = alike.all(axis=1) & (a.corner == b.corner)
        return cls(rows, standing)

    def now(self, old: Ints) -> Ints:
        """Return the rows that nodes have now, of which the rows of before are given."""
        return self.rows[old]


class Scene:
    """Nodes and links as arrays.

    Row numbers stay valid until ``version`` changes; ``changes`` counts whatever else is drawn
    differently, ``routes`` whatever of it is seen of thin lines too.

    Args:
        circuit: What is shown.
    """

    def __init__(self, circuit: Circuit) -> None:
        self.version = 0
        self.changes = 0
        self.routes = 0
        self._sides: Ints | None = None
        self._corners: dict[int, int] = {}
        self._lines: Floats | None = None
        self._content: QRectF | None = None
        self._forget()
        self.show(circuit)

    def _forget(self) -> None:
        """Begin with nothing: the kinds are others than before, or the circuit is."""
        self._kinds: Registry | None = None
        self._nodes: list[Node] = []
        self._links: list[Link] = []
        self._link_row: dict[str, int] | None = None
        self._node_looks: list[NodeLook] = []
        self.node_ids: list[str] = []
        self.node_row: dict[str, int] = {}
        self.new_links: Ints = np.zeros(0, dtype=np.int64)
        self.centre, self.half, self.corner = np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0)
        self.pre: Ints = np.zeros(0, dtype=np.int64)
        self.post: Ints = np.zeros(0, dtype=np.int64)
        self._table = np.zeros(0, appearance.LINK)
        self.bow = np.zeros(0)
        self.curve, self.tip, self.arrive = np.zeros((0, 4, 2)), np.zeros((0, 2)), np.zeros((0, 2))
        self.box = np.zeros((0, 4))
        self._shifted = np.zeros(0, dtype=bool)

    def show(self, circuit: Circuit) -> None:
        """Show another circuit, or the same one after its structure changed."""
        self.circuit = circuit
        self.version += 1
        self._content = None
        if circuit.kinds is not self._kinds:
            self._forget()
        self._kinds = circuit.kinds
        self._look_at = look_at = Appearance(circuit.kinds)
        shown = circuit.snapshot()
        was = self._load_nodes(list(shown.nodes), look_at)
        self._load_links(list(shown.links), look_at, was)
        self._load_probes()
        self._load_warned()

    # -- loading ---------------------------------------------------------------------------------

    def _load_nodes(self, nodes: list[Node], look_at: Appearance) -> _Before:
        """Load nodes; returns which they were before."""
        known, looked = appearance.kept_rows(self._nodes, nodes).tolist(), self._node_looks
        found = [
            looked[old] if old >= 0 else look_at.node(node)
            for old, node in zip(known, nodes, strict=True)
        ]
        rows, boxes = self.node_row, self.boxes
        self._nodes, self._node_looks = nodes, found
        self.node_ids = [node.id for node in nodes]
        self.node_row = {node_id: row for row, node_id in enumerate(self.node_ids)}
        self.labels = [node.label for node in nodes]
        self.notes = [seen.note for seen in found]
        self.units = [seen.unit for seen in found]
        self.looks, self.look_row = appearance.numbered([seen.look for seen in found])
        self.size = np.array([node.size for node in nodes], dtype=np.int64)
        self.range = np.array([seen.range for seen in found], dtype=float).reshape(-1, 2)
        self.centre = np.array([(n.x, n.y) for n in nodes], dtype=float).reshape(-1, 2)
        self.family = np.array([look.family for look in self.looks], np.int64)[self.look_row]
        boxed = (self.family == looks.SOURCE)[:, None]
        self.half = np.where(boxed, geo.SOURCE_HALF, geo.NEURON_RADIUS)
        self.corner = np.where(boxed[:, 0], geo.SOURCE_CORNER, geo.NEURON_RADIUS)
        return _Before.of([rows.get(node_id, -1) for node_id in self.node_ids], boxes, self.boxes)

    def _load_links(self, links: list[Link], look_at: Appearance, nodes: _Before) -> None:
        known = appearance.kept_rows(self._links, links)
        new = np.flatnonzero(known < 0)
        fresh, row = [links[k] for k in new.tolist()], self.node_row
        gone = np.ones(len(self._links), dtype=bool)
        gone[known[known >= 0]] = False
        gone_ends = nodes.now(self.pre[gone]), nodes.now(self.post[gone])
        self._links, self._link_row = links, None
        self.link_ids = [link.id for link in links]
        self._texts: dict[int, str] = {}
        self.pre, self.post = (
            nodes.now(_taken(self.pre, known)),
            nodes.now(_taken(self.post, known)),
        )
        self.pre[new] = [row[link.pre] for link in fresh]
        self.post[new] = [row[link.post] for link in fresh]
        self._table = _taken(self._table, known)
        self._table[new] = [look_at.link(link) for link in fresh]
        # A loop goes where its node has room, which any link may have taken or given back.
        anew = (self.pre == self.post) | _taken(self._shifted, known)
        anew |= ~(nodes.standing[self.pre] & nodes.standing[self.post])
        anew[new] = True
        self.new_links = new
        self.bow = _taken(self.bow, known)
        beside = self._between(
            np.concatenate([self.pre[new], gone_ends[0]]),
            np.concatenate([self.post[new], gone_ends[1]]),
        )
        bow = geo.bows(self.pre[beside], self.post[beside])
        anew[beside[bow != self.bow[beside]]] = True
        self.bow[beside] = bow
        self._sort_outgoing()
        self.curve, self.tip = _taken(self.curve, known), _taken(self.tip, known)
        self.arrive, self.box = _taken(self.arrive, known), _taken(self.box, known)
        self._shifted = np.zeros(len(links), dtype=bool)
        self.route(np.flatnonzero(anew))

    def _between(self, some: Ints, others: Ints) -> Ints:
        """Return the rows of all links between pairs of nodes (-1: one that is gone)."""
        count = len(self.node_ids)

        def pairs(a: Ints, b: Ints) -> Ints:
            return np.minimum(a, b) * count + np.maximum(a, b)

        asked = pairs(some, others)[(some >= 0) & (others >= 0)]
        if not len(asked):
            return asked  # and numpy need not load what it looks for them with
        return np.flatnonzero(np.isin(pairs(self.pre, self.post), asked))

    @property
    def link_row(self) -> dict[str, int]:
        """Row of each link by id; made when first asked for."""
        if self._link_row is None:
            self._link_row = {link_id: row for row, link_id in enumerate(self.link_ids)}
        return self._link_row

    @property
    def width(self) -> Floats:
        """Width of each link's line, in scene pixels."""
        return self._table["width"]

    @property
    def delay(self) -> Floats:
        """Delay of each link in ms."""
        return self._table["delay"]

    @property
    def group(self) -> Ints:
        """Colour of each link, ``looks.EXCITATORY`` and so on."""
        return self._table["group"]

    @property
    def head(self) -> Ints:
        """What each link ends in, ``geometry.ARROW`` to ``PLAIN``."""
        return self._table["head"]

    @property
    def stroke(self) -> Ints:
        """How the line of each link is drawn, ``looks.SOLID`` to ``ZIGZAG``."""
        return self._table["stroke"]

    @property
    def learns(self) -> NDArray[np.bool_]:
        """Whether each link has plasticity."""
        return self._table["learns"]

    def _sort_outgoing(self) -> None:
        """Rows of the links out of node i are ``out_links[out_start[i]:out_start[i + 1]]``."""
        # Numbers of two bytes are sorted ten times faster.
        small = self.pre.astype(np.min_scalar_type(len(self.node_ids)))
        self.out_links = np.argsort(small, kind="stable")
        counts = np.bincount(self.pre, minlength=len(self.node_ids))
        self.out_start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    def label_sides(self) -> Ints:
        """Return on which side of each node its label stands, as ``placing.SIDES`` counts them."""
        if self._sides is None:
            every = np.arange(len(self.link_ids))
            self._sides = placing.first_free(self._touched(every, placing.SIDES))
        return self._sides

    def tag_corner(self, row: int) -> int:
        """Return at which corner of a node its tags hang, as ``placing.CORNERS`` counts them."""
        if row not in self._corners:
            links = self.links_at([row])
            side = placing.first_free(self._touched(links, placing.SIDES))[row]
            taken = self._touched(links, placing.CORNERS)[row]
            self._corners[row] = placing.tag_corner(taken, int(side))
        return self._corners[row]

    def _touched(self, links: Ints, spans: tuple[placing.Span, ...]) -> placing.Booleans:
        """Say which spans of each node some links come near."""
        pre, post = self.pre[links], self.post[links]
        ends = (
            (pre, placing.angles(self.curve[links, 0] - self.centre[pre])),
            (post, placing.angles(self.tip[links] - self.centre[post])),
        )
        return placing.touched(len(self.node_ids), ends, spans)

    def _load_probes(self) -> None:
        self.probes: dict[int, list[Probe]] = defaultdict(list)
        self.link_probes: dict[int, list[Probe]] = defaultdict(list)
        for probe in self.circuit.bench.probes:
            if probe.node in self.node_row:
                self.probes[self.node_row[probe.node]].append(probe)
            elif probe.node in self.link_row:
                self.link_probes[self.link_row[probe.node]].append(probe)

    def _load_warned(self) -> None:
        """Find the nodes that both excite and inhibit, if the circuit asks for it."""
        found = dale_violations(self.circuit) if self.circuit.settings.dale else {}
        self.warned = [self.node_row[node_id] for node_id in found]

    # -- keeping in step -------------------------------------------------------------------------

    def apply(self, edit: Edit) -> None:
        """Follow an edit that the circuit has carried out."""
        if not self.follow(edit):
            self.show(self.circuit)

    def follow(self, edit: Edit) -> bool:
        """Follow an edit that the circuit has carried out, if it leaves the rows as they are.

        Returns:
            Whether it does; otherwise the circuit must be shown anew.
        """
        parts = list(_parts(edit))
        if not all(isinstance(part, _CHEAP) for part in parts):
            return False
        for part in parts:
            self._follow(part)
        return True

    def _follow(self, edit: Edit) -> None:
        if isinstance(edit, MoveNodes):
            nodes = [self.circuit.node(node_id) for node_id in edit.places]
            self.move([self.node_row[n.id] for n in nodes], np.array([(n.x, n.y) for n in nodes]))
        elif isinstance(edit, SetBench):
            self._load_probes()
        elif isinstance(edit, SetParameter):
            self._reread(edit.id)
        elif isinstance(edit, SetSettings):
            self._load_warned()

    def _reread(self, element_id: str) -> None:
        self.changes += 1
        element, look_at = self.circuit.element(element_id), Appearance(self.circuit.kinds)
        if isinstance(element, Link):
            row, look = self.link_row[element_id], look_at.link(element)
            before = (self.group[row], self.head[row])
            self._table[row], self._links[row] = look, element
            self._texts.pop(row, None)
            if before != (self.group[row], self.head[row]):
                self.route(np.array([row]))
            self._load_warned()
            return
        row, seen = self.node_row[element_id], look_at.node(element)
        self._nodes[row], self._node_looks[row] = element, seen
        self.notes[row], self.range[row] = seen.note, seen.range

    def move(self, rows: Sequence[int] | Ints, places: Floats) -> None:
        """Put nodes somewhere else on the screen; links follow. The circuit is left alone."""
        chosen = np.asarray(rows, dtype=np.int64)
        if not len(chosen):
            return
        shift = np.asarray(places, dtype=float) - self.centre[chosen]
        self.centre[chosen] = places
        self._content = None
        touched = self.links_at(chosen)
        if len(chosen) > 1 and np.ptp(shift, axis=0).max() < SAME_SHIFT:
            touched = self._carried(chosen, touched, shift[0])
        self.route(touched)

    def _carried(self, nodes: Ints, links: Ints, shift: Floats) -> Ints:
        """Shift the links among nodes that move alike; return those that must be routed anew."""
        moved = np.zeros(len(self.node_ids), dtype=bool)
        moved[nodes] = True
        among = moved[self.pre[links]] & moved[self.post[links]]
        carried = links[among]
        self._shifted[carried] = True  # a little off, as sums of fractions are
        self.curve[carried] += shift
        self.tip[carried] += shift
        self.box[carried] += np.tile(shift, 2)
        return links[~among]

    def look(self, row: int) -> looks.Look:
        """Return the look of a node."""
        return self.looks[self.look_row[row]]

    def links_at(self, nodes: Sequence[int] | Ints) -> Ints:
        """Return the rows of all links into or out of nodes."""
        touched = np.zeros(len(self.node_ids), dtype=bool)
        touched[np.asarray(nodes, dtype=np.int64)] = True
        return np.flatnonzero(touched[self.pre] | touched[self.post])

    def route(self, rows: Ints) -> None:
        """Compute the curves of links anew, and of the loops at their nodes."""
        rows = self._with_loops(rows)
        pre, post = self.pre[rows], self.post[rows]
        boxes, loop = self.boxes, self.pre[rows] == self.post[rows]
        heading = np.full(len(rows), -np.pi / 2)
        if len(self.node_ids) <= MANY:
            found = [placing.loop_heading(self._neighbours(node)) for node in pre[loop].tolist()]
            heading[loop] = np.radians(found)
        curves = geo.link_curves(
            boxes.take(pre), boxes.take(post), self.bow[rows], loop, self.head[rows], heading
        )
        self._sides, self._corners = None, {}
        self.curve[rows], self.tip[rows], self.arrive[rows] = (
            curves.points, curves.tip, curves.arrive,
        )  # fmt: skip
        self._lines = None
        self.changes += 1
        self.routes += 1
        if len(rows):
            margin = LINK_MARGIN + loop[:, None] * np.array([LOOP_WORDS, 0.0])
            self.box[rows] = geo.bounds(curves.points, margin)

    def _with_loops(self, rows: Ints) -> Ints:
        """Loops stay out of the way of the other links of their node."""
        loops = np.flatnonzero(self.pre == self.post)
        if not len(loops):
            return rows
        moved = np.isin(self.pre[loops], np.concatenate([self.pre[rows], self.post[rows]]))
        return np.union1d(rows, loops[moved])

    def _neighbours(self, node: int) -> Floats:
        """Directions of the nodes to which a node is linked, other than itself."""
        others = np.concatenate([self.post[self.pre == node], self.pre[self.post == node]])
        return placing.angles(self.centre[others[others != node]] - self.centre[node])

    @property
    def line(self) -> Floats:
        """All links as polylines, ``(m, SEGMENTS + 1, 2)``; computed when first asked for."""
        if self._lines is None:
            self._lines = geo.polylines(self.curve)
        return self._lines

    def text(self, row: int) -> str:
        """Return the words on a link, empty where there are none."""
        if row not in self._texts:
            # Not from the circuit: the link may be gone there, and still be drawn.
            self._texts[row] = self._look_at.words(self._links[row])
        return self._texts[row]

    # -- reading ---------------------------------------------------------------------------------

    @property
    def boxes(self) -> Boxes:
        """All nodes as boxes (views, not copies)."""
        return Boxes(self.centre, self.half, self.corner)

    def rows(self, ids: Iterable[str]) -> tuple[Ints, Ints]:
        """Return the rows of nodes and of links by id; unknown ones are left out."""
        known = list(ids)
        nodes = [self.node_row[i] for i in known if i in self.node_row]
        others = [i for i in known if i not in self.node_row]
        links = [self.link_row[i] for i in others if i in self.link_row]
        return np.array(nodes, dtype=np.int64), np.array(links, dtype=np.int64)

    def visible_nodes(self, rect: QRectF) -> Ints:
        """Return the rows of nodes that show in a rectangle of the scene."""
        x, y = self.centre.T
        return np.flatnonzero(
            (x > rect.left() - MARGIN) & (x < rect.right() + MARGIN)
            & (y > rect.top() - MARGIN) & (y < rect.bottom() + MARGIN)
        )  # fmt: skip

    def visible_links(self, rect: QRectF) -> Ints:
        """Return the rows of links whose box meets a rectangle of the scene."""
        left, top, right, bottom = self.box.T
        return np.flatnonzero(
            (right > rect.left()) & (left < rect.right())
            & (bottom > rect.top()) & (top < rect.bottom())
        )  # fmt: skip

    def content(self) -> QRectF:
        """Return the rectangle around all nodes with their words and links."""
        if self._content is None:
            self._content = self._measure() if len(self.centre) else QRectF()
        return self._content

    def _measure(self) -> QRectF:
        low, high = self.centre.min(axis=0) - 58.0, self.centre.max(axis=0) + np.array([58.0, 76.0])
        if len(self.centre) <= MANY:
            # Words that stand beside a node, not above or below.
            beside = self.label_sides()
            for side, way in ((placing.LEFT, -1.0), (placing.RIGHT, 1.0)):
                x = self.centre[beside == side, 0] + way * BESIDE
                low[0], high[0] = np.min([low[0], *x]), np.max([high[0], *x])
        if len(self.box):
            spare = LINK_MARGIN - geo.ARROW_LENGTH
            low = np.minimum(low, self.box[:, :2].min(axis=0) + spare)
            high = np.maximum(high, self.box[:, 2:].max(axis=0) - spare)
        return QRectF(low[0], low[1], *(high - low))


def _taken(before: NDArray[Any], rows: Ints) -> NDArray[Any]:
    """Return rows of an array in a new order; nothing in particular where there was none (-1)."""
    if not len(before):
        return np.zeros((len(rows), *before.shape[1:]), before.dtype)
    return before[rows]


def _parts(edit: Edit) -> Iterable[Edit]:
    if isinstance(edit, Compound):
        for part in edit.edits:
            yield from _parts(part)
    else:
        yield edit
