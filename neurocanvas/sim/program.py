"""The compiled circuit: plain arrays and the tables that say what lies where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from neurocanvas.model.elements import Link, Node
from neurocanvas.model.kinds import Kind, SynapseKind
from neurocanvas.sim.compiling.superposition import per_link
from neurocanvas.sim.compiling.values import Coherent
from neurocanvas.sim.writing.codegen import LANES, KernelSource

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Names = npt.NDArray[np.object_]
Element = TypeVar("Element", Node, Link)

SOURCE, SYNAPSE, NEURON, PLASTICITY = 0, 1, 2, 3
"""Stages of a step, in this order; arrivals come between the first two.

Plasticity has no kernel of its own in a step: it acts when spikes leave and arrive.
"""


LINE = 64
"""Bytes of a line of the cache, and of the longest vectors."""


def aligned(values: Floats) -> Floats:
    """Return a copy that begins where a line of the cache does: blocks are read whole lines."""
    room = np.empty(len(values) + LINE // 8)
    first = -room.ctypes.data % LINE // 8
    found = room[first : first + len(values)]
    found[:] = values
    return found


@dataclass(frozen=True)
class Slot:
    """Where an element lives: columns ``first`` to ``first + n`` of a group."""

    group: int
    first: int
    n: int


class Slots(Mapping[str, Slot]):
    """Where all elements live: slots by id, made when they are asked for.

    Args:
        ids: Object array: nodes first, then links, then the traces of plasticity. Where an element
            stands in it is its place.
        numbers: Id -> number, shared by the programs of one compiler; numbers are only added.
        number: The number of each place.
        group, first, n: What makes a slot, for each place.
    """

    def __init__(
        self,
        ids: Names,
        numbers: Mapping[str, int],
        number: Ints,
        group: Ints,
        first: Ints,
        n: Ints,
    ) -> None:
        self.ids, self.number, self._numbers = ids, number, numbers
        self.group, self.first, self.n = group, first, n
        self._places = np.full(number.max(initial=-1) + 1, -1)
        self._places[number] = np.arange(len(number))

    def place(self, element_id: str) -> int:
        """Return the place of an element, -1 if it is not there."""
        number = self._numbers.get(element_id, len(self._places))
        return int(self._places[number]) if number < len(self._places) else -1

    def find(self, other: Slots) -> Ints:
        """Return the places here of all elements there, -1 for what is not here."""
        if other._numbers is not self._numbers:
            return np.fromiter(map(self.place, other.ids.tolist()), np.int64, len(other))
        found = np.full(len(other), -1)
        known = other.number < len(self._places)
        found[known] = self._places[other.number[known]]
        return found

    def __getitem__(self, element_id: str) -> Slot:
        k = self.place(element_id)
        if k < 0:
            raise KeyError(element_id)
        return Slot(int(self.group[k]), int(self.first[k]), int(self.n[k]))

    def __contains__(self, element_id: object) -> bool:
        return isinstance(element_id, str) and self.place(element_id) >= 0

    def __iter__(self) -> Iterator[str]:
        return iter(self.ids.tolist())

    def __len__(self) -> int:
        return len(self.ids)


class Named(Mapping[str, Element], Generic[Element]):
    """Elements by id, found by their slots.

    Args:
        elements: The elements.
        slots: Where they live.
        first: The place of the first of them.
    """

    def __init__(self, elements: Sequence[Element], slots: Slots, first: int) -> None:
        self._elements: Sequence[Element] = elements
        self._slots, self._first = slots, first

    def __getitem__(self, element_id: str) -> Element:
        k = self._slots.place(element_id) - self._first
        if not 0 <= k < len(self._elements):
            raise KeyError(element_id)
        return self._elements[k]

    def get(self, element_id: str, default: Any = None) -> Any:
        """Return an element, or something else if it is not there: sooner than ``Mapping``."""
        k = self._slots.place(element_id) - self._first
        return self._elements[k] if 0 <= k < len(self._elements) else default

    def __iter__(self) -> Iterator[str]:
        return iter(self._slots.ids[self._first : self._first + len(self)].tolist())

    def __len__(self) -> int:
        return len(self._elements)


@dataclass(frozen=True)
class Group:
    """Like elements that advance together.

    Attributes:
        kind: Their kind.
        source: The generated kernel.
        stage: ``SOURCE``, ``SYNAPSE`` or ``NEURON``.
        n: Number of columns.
        offset: Where its blocks begin in the arena.
        consts: Where its shared constants begin in the arena, if it has one set for all columns.
        link: Where its part of ``Program.index`` begins.
        stream: Where its part of ``Program.keys`` begins.
        unit: Number of its first unit; -1 for synapses.
        elements: Ids in column order.
        direct: Its columns lie as those of the group that they act on.
        pooled: All its elements, links whose effects add up, have the same columns: all of them.
    """

    kind: Kind
    source: KernelSource
    stage: int
    n: int
    offset: int
    consts: int
    link: int
    stream: int
    unit: int
    elements: tuple[str, ...]
    direct: bool = False
    pooled: bool = False

    @property
    def several(self) -> bool:
        """Whether its columns are those of several elements at once."""
        return self.pooled and len(self.elements) > 1

    @property
    def columns(self) -> int:
        """Columns that the arena holds, the last block's empty ones included."""
        return -(-self.n // LANES) * LANES

    def places(self, first: int, n: int) -> Ints:
        """Return the arena places (row 0) of some columns, int64 of shape (n,)."""
        if n == self.n:
            return self._all_places
        return self.places_of(np.arange(first, first + n))

    @cached_property
    def _all_places(self) -> Ints:
        """The places of all columns: what is asked for row after row."""
        found = self.places_of(np.arange(self.n))
        found.flags.writeable = False
        return found

    def places_of(self, columns: Ints) -> Ints:
        """Return the arena places (row 0) of any columns."""
        return self.offset + columns // LANES * self.source.stride + columns % LANES

    def row(self, name: str) -> int:
        """Return how far a variable's row lies behind row 0."""
        return self.source.rows[name] * LANES


def places_of(groups: Sequence[Group], number: Ints, column: Ints) -> Ints:
    """Return the arena places (row 0) of columns of any groups.

    Args:
        groups: All groups.
        number, column: Which column of which of them, each of shape (n,).
    """
    offset = np.array([g.offset for g in groups], np.int64)
    stride = np.array([g.source.stride for g in groups], np.int64)
    return offset[number] + column // LANES * stride[number] + column % LANES


@dataclass(frozen=True)
class Synapses:
    """All spiking connections, sorted by source unit, delay and link.

    Nine bytes a synapse: eight for target and weight, the rest for the slices.

    Attributes:
        target: Arena places that a spike adds to, int32.
        weight: float32.
        start: Slice k covers synapses ``start[k]`` to ``start[k + 1]``; uint32, (n_slices + 1,).
        delay: Delay of each slice in steps, int32.
        link: Number of each slice's link, an index into ``links``, int32.
        unit_slice: Unit u owns slices ``unit_slice[u]`` to ``unit_slice[u + 1]``.
        unit_index: Unit -> which neuron of its node.
        links: Link ids, by rank.
        rank: For each link, 0 if it acts on any neuron, otherwise where among all neurons those
            come that it reaches; links of one rank reach the same. Int64 of shape (n_links,).
    """

    target: npt.NDArray[np.int32]
    weight: npt.NDArray[np.float32]
    start: npt.NDArray[np.uint32]
    delay: npt.NDArray[np.int32]
    link: npt.NDArray[np.int32]
    unit_slice: Ints
    unit_index: npt.NDArray[np.int32]
    links: tuple[str, ...]
    rank: Ints

    @property
    def max_delay(self) -> int:
        """Longest delay in steps."""
        return int(self.delay.max(initial=1))

    def pre(self, slices: Ints) -> Ints:
        """Return which neuron of its source node each of some slices belongs to."""
        unit = np.searchsorted(self.unit_slice, slices, side="right") - 1
        return self.unit_index[unit].astype(np.int64)

    def of_link(self, link_id: str) -> Ints:
        """Return the numbers of a link's synapses: by source neuron, delay and target."""
        if link_id not in self.links:
            return np.zeros(0, np.int64)
        return self.of_slices(np.flatnonzero(self.link == self.links.index(link_id)))

    def of_slices(self, slices: Ints) -> Ints:
        """Return the numbers of the synapses of some slices, in order."""
        first = self.start[slices].astype(np.int64)
        counts = self.start[slices + 1] - first
        return np.repeat(first - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())


@dataclass(frozen=True)
class Flow:
    """A link from each Poisson train of a large source to one neuron of a large node.

    Nearly every train fires in every step or two: adding the count of each costs less than
    sending its spikes one by one.

    Attributes:
        link: Id of the link.
        source, target: Numbers of the groups, whose columns it joins one to one.
        n: How many.
        weight: Arena place of its weight.
        delay: In steps.
    """

    link: str
    source: int
    target: int
    n: int
    weight: int
    delay: int


@dataclass(frozen=True)
class Learning:
    """What plasticity needs at a spike; empty arrays where no synapse has any.

    Attributes:
        sources: Event kernels, one per kind of plasticity.
        release: For each slice, the kernel that scales what it releases, -1 for none; shape
            (n_slices,).
        release_place: Arena place of that kernel's column.
        learn: For each slice, the kernel that changes its weights on arrival, -1 for none.
        learn_place: Arena place of that kernel's column.
        places: For each synapse, the arena places of its two columns, source's and target's.
        unit_first: Unit u owns the targets ``unit_first[u]`` to ``unit_first[u + 1]``.
        targets: A row (kernel, arena place, first, last) for each link into a unit that learns.
        order: Synapses, so that those of each target follow each other.
    """

    sources: tuple[KernelSource, ...]
    release: Ints
    release_place: Ints
    learn: Ints
    learn_place: Ints
    places: Ints
    unit_first: Ints
    targets: Ints
    order: Ints


@dataclass(frozen=True)
class Program:
    """A compiled circuit.

    Attributes:
        nodes, links: The elements it was made from, by id.
        groups: In the order of a step.
        slots: Element id -> where it lives.
        arena: Initial values of everything that changes, float64.
        index: Arena places that synapse kernels read and add to.
        keys: Random stream keys, uint64.
        synapses: All spiking connections but those that flow.
        flows: Links from Poisson trains whose counts are added column by column.
        learning: What plasticity needs.
        unit_node: Unit -> number of its node in ``node_ids``.
        unit_index: Unit -> which neuron of its node.
        node_ids: Ids of all nodes.
        parameters: Element id -> all parameters in coherent units; arrays where they are drawn.
        dt: Time step in ms.
        seed: Seed of all random streams.
    """

    nodes: Mapping[str, Node]
    links: Mapping[str, Link]
    groups: tuple[Group, ...]
    slots: Slots
    arena: Floats
    index: Ints
    keys: npt.NDArray[np.uint64]
    synapses: Synapses
    flows: tuple[Flow, ...]
    learning: Learning
    unit_node: npt.NDArray[np.int32]
    unit_index: npt.NDArray[np.int32]
    node_ids: tuple[str, ...]
    parameters: Mapping[str, Mapping[str, Coherent]]
    dt: float
    seed: int

    def shares(self, element_id: str) -> bool:
        """Whether an element is a link that has its columns in common with others."""
        slot = self.slots.get(element_id)
        return slot is not None and self.groups[slot.group].several

    def parts(self, element_id: str, name: str) -> bool:
        """Whether a link needs columns of its own, by recompiling, before a parameter changes."""
        if not self.shares(element_id):
            return False
        kind = self.groups[self.slots[element_id].group].kind
        return isinstance(kind, SynapseKind) and name not in per_link(kind)

    def main_place(self, node_id: str) -> Ints | None:
        """Return the arena places of a node's first variable, None if it is not simulated."""
        slot = self.slots.get(node_id)
        return None if slot is None else self.groups[slot.group].places(slot.first, slot.n)
