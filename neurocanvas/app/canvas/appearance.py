"""What single nodes and links look like as far as they themselves say, and which are known already.

Elements are frozen and shared: one that is the same object as before looks as it did. After an edit
of a large circuit only what is new is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from neurocanvas.app.canvas import geometry as geo
from neurocanvas.app.canvas import looks
from neurocanvas.app.canvas.geometry import Ints
from neurocanvas.app.canvas.looks import Look
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model.distributions import Value, typical
from neurocanvas.model.elements import Link, Node
from neurocanvas.model.kinds import Kind, Registry

LINK = np.dtype(
    [("width", "f8"), ("delay", "f8"), ("group", "i8"), ("head", "i8"), ("stroke", "i8"),
     ("learns", "?")]
)  # fmt: skip
"""Row of a link: width of its line in scene pixels, delay in ms, colour, head and line as ``looks``
and ``geometry`` number them, whether it has plasticity."""

LinkLook = tuple[float, float, int, int, int, bool]


@dataclass(frozen=True)
class NodeLook:
    """One node as far as its kind, size and parameters show.

    Attributes:
        look: Its shape and symbol.
        note: The second line under it.
        unit: Of its main variable.
        range: Of its main variable, that the colours of the fill span.
    """

    look: Look
    note: str
    unit: str
    range: tuple[float, float]

    @property
    def half(self) -> tuple[float, float]:
        """Half of its width and height, in scene pixels."""
        source = self.look.family == looks.SOURCE
        return geo.SOURCE_HALF if source else (geo.NEURON_RADIUS, geo.NEURON_RADIUS)

    @property
    def corner(self) -> float:
        """Radius of its corners, in scene pixels."""
        return geo.SOURCE_CORNER if self.look.family == looks.SOURCE else geo.NEURON_RADIUS


class Appearance:
    """Says what nodes and links look like; what many have in common is worked out once.

    Args:
        kinds: Of the circuit.
    """

    def __init__(self, kinds: Registry) -> None:
        self.kinds = kinds
        self._links: dict[object, LinkLook] = {}
        self._ranges: dict[object, tuple[float, float]] = {}

    def kind(self, name: str) -> Kind | None:
        """Return a kind, or None if nobody knows it."""
        try:
            return self.kinds.get(name)
        except NeuroCanvasError:
            return None

    def node(self, node: Node) -> NodeLook:
        """Return the look of a node."""
        kind = self.kind(node.kind)
        values = values_of(kind, node.parameters)
        key = (node.kind, *node.parameters.items())
        if key not in self._ranges:
            self._ranges[key] = looks.natural_range(kind, values)
        return NodeLook(
            looks.look_of(kind, node.size),
            looks.node_note(node, kind, values),
            looks.main_unit(kind),
            self._ranges[key],
        )

    def link(self, link: Link) -> LinkLook:
        """Return the row of a link."""
        key = (link.kind, *link.parameters.items(), bool(link.features))
        if key not in self._links:
            kind = self.kind(link.kind)
            values = values_of(kind, link.parameters)
            self._links[key] = (
                looks.link_width(kind, values),
                values.get("delay", 0.0),
                looks.link_group(kind, link.parameters),
                looks.link_head(kind, link.parameters),
                looks.link_stroke(kind),
                bool(link.features),
            )
        return self._links[key]

    def words(self, link: Link) -> str:
        """Return the words on a link, empty where there are none."""
        kind = self.kind(link.kind)
        return looks.link_text(link, kind, values_of(kind, link.parameters))


def values_of(kind: Kind | None, given: Mapping[str, Value]) -> dict[str, float]:
    """Return all parameters as numbers, a distribution by its mean; none of a kind nobody knows."""
    if kind is None or kind.placeholder:
        return {}
    return kind.defaults() | {name: typical(value) for name, value in given.items()}


def numbered(found: Sequence[Look]) -> tuple[list[Look], Ints]:
    """Return the looks that there are, in the order met, and the number of each one's among them.

    A look is one object for all that look so: it is told apart by that, which is quick.
    """
    different: list[Look] = []
    numbers: dict[int, int] = {}
    rows = np.zeros(len(found), dtype=np.int64)
    for row, look in enumerate(found):
        number = numbers.get(id(look))
        if number is None:
            number = numbers[id(look)] = len(different)
            different.append(look)
        rows[row] = number
    return different, rows


def kept_rows(before: Sequence[object], now: Sequence[object]) -> Ints:
    """Return the row that each object had before, -1 for those that were not there.

    Args:
        before: The objects of then, each once; whoever calls keeps them alive.
        now: Those of now, each once.
    """
    old = np.fromiter(map(id, before), np.int64, len(before))
    new = np.fromiter(map(id, now), np.int64, len(now))
    same = min(len(old), len(new))
    parted = np.flatnonzero(old[:same] != new[:same])
    first = int(parted[0]) if len(parted) else same
    rows = np.full(len(new), -1, dtype=np.int64)
    rows[:first] = np.arange(first)
    order = first + np.argsort(old[first:], kind="stable")
    if len(order):
        place = np.searchsorted(old[order], new[first:])
        found = order[np.minimum(place, len(order) - 1)]
        rows[first:] = np.where(old[found] == new[first:], found, -1)
    return rows
