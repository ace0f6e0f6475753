"""The scene: arrays of what is drawn, derived from the circuit and kept in step with its edits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF

from neurocanvas.app.canvas import geometry as geo
from neurocanvas.app.canvas import looks, placing
from neurocanvas.app.canvas.geometry import Boxes, Floats, Ints
from neurocanvas.app.canvas.looks import Look
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.distributions import Value, typical
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
from neurocanvas.model.kinds import Kind
from neurocanvas.model.signs import dale_violations

MARGIN = 100.0
"""What glow, ring, label and tags of a node take up around it."""
LINK_MARGIN = 46.0
"""What the head and the words of a link take up around its curve."""


@dataclass(frozen=True)
class LinkLook:
    """One link as far as its kind and parameters show."""

    width: float
    delay: float
    group: int
    head: int
    stroke: int
    learns: bool


_CHEAP = (MoveNodes, SetParameter, SetBench, SetNotes, SetSettings)
"""Edits that leave the rows as they are."""
MANY = 300
SAME_SHIFT = 1e-9
"""Nodes that move by the same, to this many scene pixels, keep their links as they are."""
BESIDE = 130.0
"""How far words beside a node reach from its middle."""


class Scene:
    """Nodes and links as arrays.

    Row numbers stay valid until ``version`` changes; ``changes`` counts whatever else is drawn
    differently.

    Args:
        circuit: What is shown.
    """

    def __init__(self, circuit: Circuit) -> None:
        self.version = 0
        self.changes = 0
        self._sides: Ints | None = None
        self._corners: Ints | None = None
        self._lines: Floats | None = None
        self._content: QRectF | None = None
        self.show(circuit)

    def show(self, circuit: Circuit) -> None:
        """Show another circuit, or the same one after its structure changed."""
        self.circuit = circuit
        self.version += 1
        self._content = None
        self._load_nodes(list(circuit.nodes()))
        self._load_links(list(circuit.links()))
        self._load_probes()
        self._load_warned()

    # -- loading ---------------------------------------------------------------------------------

    def _load_nodes(self, nodes: Sequence[Node]) -> None:
        self.node_ids = [node.id for node in nodes]
        self.node_row = {node_id: row for row, node_id in enumerate(self.node_ids)}
        self.labels = [node.label for node in nodes]
        self.notes: list[str] = []
        self.units: list[str] = []
        ranges, found = [], []
        known: dict[object, tuple[float, float]] = {}
        for node in nodes:
            kind = self._kind(node.kind)
            values = _values(kind, node.parameters)
            found.append(looks.look_of(kind, node.size))
            self.notes.append(looks.node_note(node, kind, values))
            self.units.append(looks.main_unit(kind))
            key = (node.kind, *node.parameters.items())
            if key not in known:
                known[key] = looks.natural_range(kind, values)
            ranges.append(known[key])
        self.looks: list[Look] = list(dict.fromkeys(found))
        number = {look: i for i, look in enumerate(self.looks)}
        self.look_row: Ints = np.array([number[look] for look in found], dtype=np.int64)
        self.size = np.array([node.size for node in nodes], dtype=np.int64)
        self.range = np.array(ranges, dtype=float).reshape(-1, 2)
        self.centre = np.array([(n.x, n.y) for n in nodes], dtype=float).reshape(-1, 2)
        self.family = np.array([look.family for look in found], dtype=np.int64)
        boxed = (self.family == looks.SOURCE)[:, None]
        self.half = np.where(boxed, geo.SOURCE_HALF, geo.NEURON_RADIUS)
        self.corner = np.where(boxed[:, 0], geo.SOURCE_CORNER, geo.NEURON_RADIUS)

    def _load_links(self, links: Sequence[Link]) -> None:
        self.link_ids = [link.id for link in links]
        self.link_row = {link_id: row for row, link_id in enumerate(self.link_ids)}
        row = self.node_row
        self.pre: Ints = np.array([row[link.pre] for link in links], dtype=np.int64)
        self.post: Ints = np.array([row[link.post] for link in links], dtype=np.int64)
        # Thousands of links, but few that look different.
        known: dict[object, LinkLook] = {}
        found = [self._known_look(link, known) for link in links]
        self._texts: dict[int, str] = {}
        self.width = np.array([look.width for look in found], dtype=float)
        self.delay = np.array([look.delay for look in found], dtype=float)
        self.group = np.array([look.group for look in found], dtype=np.int64)
        self.head = np.array([look.head for look in found], dtype=np.int64)
        self.stroke = np.array([look.stroke for look in found], dtype=np.int64)
        self.learns = np.array([look.learns for look in found], dtype=bool)
        self.bow = geo.bows(self.pre, self.post)
        self._sort_outgoing()
        count = len(links)
        self.curve, self.tip = np.zeros((count, 4, 2)), np.zeros((count, 2))
        self.arrive = np.zeros((count, 2))
        self.box = np.zeros((count, 4))
        self.route(np.arange(count))

    def _sort_outgoing(self) -> None:
        """Rows of the links out of node i are ``out_links[out_start[i]:out_start[i + 1]]``."""
        self.out_links = np.argsort(self.pre, kind="stable")
        counts = np.bincount(self.pre, minlength=len(self.node_ids))
        self.out_start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    def label_sides(self) -> Ints:
        """Return on which side of each node its label stands, as ``placing.SIDES`` counts them."""
        if self._sides is None:
            self._sides = placing.first_free(self._touched(placing.SIDES))
        return self._sides

    def tag_corners(self) -> Ints:
        """Return at which corner of each node its tags hang, as ``placing.CORNERS`` counts them."""
        if self._corners is None:
            taken = self._touched(placing.CORNERS)
            self._corners = placing.tag_corners(taken, self.label_sides())
        return self._corners

    def _touched(self, spans: tuple[placing.Span, ...]) -> placing.Booleans:
        ends = (
            (self.pre, placing.angles(self.curve[:, 0] - self.centre[self.pre])),
            (self.post, placing.angles(self.tip - self.centre[self.post])),
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

    def _kind(self, name: str) -> Kind | None:
        try:
            return self.circuit.kinds.get(name)
        except NeuroCanvasError:
            return None

    def _known_look(self, link: Link, known: dict[object, LinkLook]) -> LinkLook:
        key = (link.kind, *link.parameters.items(), bool(link.features))
        look = known.get(key)
        if look is None:
            look = known[key] = self._link_look(link)
        return look

    def _link_look(self, link: Link) -> LinkLook:
        kind = self._kind(link.kind)
        values = _values(kind, link.parameters)
        return LinkLook(
            looks.link_width(kind, values),
            values.get("delay", 0.0),
            looks.link_group(kind, link.parameters),
            looks.link_head(kind, link.parameters),
            looks.link_stroke(kind),
            bool(link.features),
        )

    # -- keeping in step -------------------------------------------------------------------------

    def apply(self, edit: Edit) -> None:
        """Follow an edit that the circuit has carried out."""
        parts = list(_parts(edit))
        if not all(isinstance(part, _CHEAP) for part in parts):
            self.show(self.circuit)
            return
        for part in parts:
            self._follow(part)

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
        element = self.circuit.element(element_id)
        if isinstance(element, Link):
            row, look = self.link_row[element_id], self._link_look(element)
            self.width[row], self.delay[row] = look.width, look.delay
            self._texts.pop(row, None)
            if (self.group[row], self.head[row]) != (look.group, look.head):
                self.group[row], self.head[row] = look.group, look.head
                self.route(np.array([row]))
            self._load_warned()
            return
        row, kind = self.node_row[element_id], self._kind(element.kind)
        values = _values(kind, element.parameters)
        self.notes[row] = looks.node_note(element, kind, values)
        self.range[row] = looks.natural_range(kind, values)

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
        self.curve[carried] += shift
        self.tip[carried] += shift
        self.box[carried] += np.tile(shift, 2)
        return links[~among]

    def look(self, row: int) -> Look:
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
        self._sides = self._corners = None
        self.curve[rows], self.tip[rows], self.arrive[rows] = (
            curves.points, curves.tip, curves.arrive,
        )  # fmt: skip
        self._lines = None
        self.changes += 1
        if len(rows):
            self.box[rows] = geo.bounds(curves.points, LINK_MARGIN)

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
            link = self.circuit.link(self.link_ids[row])
            kind = self._kind(link.kind)
            self._texts[row] = looks.link_text(link, kind, _values(kind, link.parameters))
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
        links = [self.link_row[i] for i in known if i in self.link_row]
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


def _values(kind: Kind | None, given: Mapping[str, Value]) -> dict[str, float]:
    """All parameters as numbers, a distribution by its mean; none of a kind nobody knows."""
    if kind is None or kind.placeholder:
        return {}
    return kind.defaults() | {name: typical(value) for name, value in given.items()}


def _parts(edit: Edit) -> Iterable[Edit]:
    if isinstance(edit, Compound):
        for part in edit.edits:
            yield from _parts(part)
    else:
        yield edit
