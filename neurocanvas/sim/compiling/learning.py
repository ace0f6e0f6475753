"""Plasticity of a circuit: the columns of its traces, and who learns when a unit fires."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from neurocanvas.model.elements import Link
from neurocanvas.model.kinds import Kind, Registry
from neurocanvas.model.plasticity import POST, PRE, PlasticityKind
from neurocanvas.model.quantity import to_coherent
from neurocanvas.sim.compiling.values import Coherent
from neurocanvas.sim.program import Group, Ints, Learning, Slot, Synapses
from neurocanvas.sim.writing.codegen import KernelSource
from neurocanvas.sim.writing.plasticity_writer import source_of

NO_INTS = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Traces:
    """The traces of one side of a link: an element of the program of its own.

    Attributes:
        id: ``"l3/stdp/pre"``: how they are found again after a recompilation.
        kind: Name of the plasticity kind.
        size: One column per slice of the link's source, or per target neuron.
        parameters: Values that were set.
    """

    id: str
    kind: str
    size: int
    parameters: Mapping[str, float]


def trace_id(link_id: str, feature: str, side: str) -> str:
    """Return the id of the traces of one side of a link."""
    return f"{link_id}/{feature}/{side}"


def traces_of(link: Link, slices: int, targets: int, kinds: Registry) -> list[Traces]:
    """Return the traces that a link's plasticity needs."""
    found = []
    for name, values in link.features.items():
        kind = kinds.get(name)
        if isinstance(kind, PlasticityKind):
            for side, size in ((PRE, slices), (POST, targets)):
                if kind.states_of(side):
                    found.append(Traces(trace_id(link.id, name, side), name, size, values))
    return found


def coherent(kind: Kind, given: Mapping[str, float]) -> dict[str, Coherent]:
    """Return all parameters of a feature in coherent units."""
    return {p.name: to_coherent(given.get(p.name, p.default), p.unit) for p in kind.parameters}


def learning(
    synapses: Synapses,
    learners: Iterable[tuple[int, Link]],
    kinds: Registry,
    groups: Sequence[Group],
    slots: Mapping[str, Slot],
) -> Learning:
    """Connect slices, synapses and units with the traces they change.

    Args:
        synapses: All spiking connections.
        learners: Links that learn, with their numbers in ``synapses.links``.
        kinds: For the plasticity kinds.
        groups, slots: Where everything lives.

    Returns:
        What learns; empty arrays where nothing does.
    """
    found = [
        (number, link, kind)
        for number, link in learners
        for kind in map(kinds.get, link.features)
        if isinstance(kind, PlasticityKind)
    ]
    if not found:
        return Learning((), *(NO_INTS,) * 6, np.zeros((0, 4), np.int64), NO_INTS)
    builder = _Builder(synapses, groups, slots)
    for number, link, kind in found:
        builder.add(number, link, kind)
    return builder.finish()


class _Builder:
    """Collects, link by link, what learns."""

    def __init__(
        self, synapses: Synapses, groups: Sequence[Group], slots: Mapping[str, Slot]
    ) -> None:
        self.synapses, self.groups, self.slots = synapses, groups, slots
        self.sources: dict[str, KernelSource] = {}
        n = len(synapses.delay)
        self.release, self.release_place = np.full(n, -1), np.zeros(n, np.int64)
        self.learn, self.learn_place = np.full(n, -1), np.zeros(n, np.int64)
        self.places = np.zeros((len(synapses.weight), 2), np.int64)
        self.rows: list[tuple[int, int, int, int, int]] = []
        self.order: list[Ints] = []
        self.ordered = 0

    def add(self, number: int, link: Link, kind: PlasticityKind) -> None:
        """Take up one feature of a link."""
        source = source_of(kind)
        self.sources.setdefault(source.name, source)
        kernel = list(self.sources).index(source.name)
        slices = np.flatnonzero(self.synapses.link == number)
        pre = self._places(trace_id(link.id, kind.name, PRE))
        if kind.release_expr is not None:
            self.release[slices], self.release_place[slices] = kernel, pre
        if kind.changes_weights:
            self.learn[slices], self.learn_place[slices] = kernel, pre
            self._add_synapses(link, kind, kernel, slices, pre)

    def _places(self, element: str) -> Ints:
        slot = self.slots[element]
        return self.groups[slot.group].places(slot.first, slot.n)

    def _add_synapses(
        self, link: Link, kind: PlasticityKind, kernel: int, slices: Ints, pre: Ints
    ) -> None:
        """Give every synapse its two columns, and every target neuron its synapses."""
        s = self.synapses
        counts = s.start[slices + 1] - s.start[slices]
        synapse = s.of_slices(slices)
        own = self.slots[link.id]
        target_places = self.groups[own.group].places(own.first, own.n)
        column = np.searchsorted(target_places, s.target[synapse])
        post = self._places(trace_id(link.id, kind.name, POST))
        self.places[synapse, 0] = np.repeat(pre, counts)
        self.places[synapse, 1] = post[column]
        order = np.argsort(column, kind="stable")
        first = np.searchsorted(column[order], np.arange(own.n + 1)) + self.ordered
        node = self.slots[link.post]
        unit = self.groups[node.group].unit + node.first + np.arange(own.n)
        self.rows += [
            (int(unit[i]), kernel, int(post[i]), int(first[i]), int(first[i + 1]))
            for i in range(own.n)
            if first[i + 1] > first[i]
        ]
        self.order.append(synapse[order])
        self.ordered += len(synapse)

    def finish(self) -> Learning:
        """Put the arrays together."""
        rows = np.array(sorted(self.rows), np.int64).reshape(len(self.rows), 5)
        units = sum(g.n for g in self.groups if g.unit >= 0)
        return Learning(
            sources=tuple(self.sources.values()),
            release=self.release,
            release_place=self.release_place,
            learn=self.learn,
            learn_place=self.learn_place,
            places=self.places.ravel(),
            unit_first=np.searchsorted(rows[:, 0], np.arange(units + 1)),
            targets=np.ascontiguousarray(rows[:, 1:]),
            order=np.concatenate([NO_INTS, *self.order]),
        )
