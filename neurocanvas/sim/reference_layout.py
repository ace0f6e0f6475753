"""A circuit as one system of differential equations, for the reference solution.

All neurons of one kind, all synapses of one kind and all sources of one kind form a group whose
equations are evaluated at once. The state vector holds the groups one after the other, and in each
group one state variable after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np

from neurocanvas.model.distributions import typical
from neurocanvas.model.elements import Link, Node, Snapshot
from neurocanvas.model.kinds import Kind, NeuronKind, Registry, SourceKind, SynapseKind
from neurocanvas.model.quantity import to_coherent
from neurocanvas.sim.connectivity import pairs
from neurocanvas.sim.lambdify import lambdify
from neurocanvas.sim.reference_groups import Floats, Group, Ints, Member, Values
from neurocanvas.sim.wiring import delay_steps


@dataclass(frozen=True)
class Projection:
    """The synapses of one link that carries spikes.

    Attributes:
        group: Which of the synapse groups the link belongs to.
        begin: (n_pre + 1,) where the targets of each source neuron begin in ``targets``.
        targets: Elements of the synapse group that a spike reaches.
        delay: Time from a spike to its arrival, in whole steps.
    """

    link: str
    group: int
    begin: Ints
    targets: Ints
    delay: int

    def reached(self, neurons: Ints) -> Ints:
        """Return the elements that spikes of these source neurons reach, with repetition."""
        parts = [self.targets[self.begin[i] : self.begin[i + 1]] for i in neurons]
        return np.concatenate(parts) if parts else self.targets[:0]


@dataclass(frozen=True)
class Wiring:
    """How a synapse group hangs between sources and neurons.

    Attributes:
        neuron: (size,) the neuron each synapse acts on, counted over all neuron groups.
        source: (size,) the current source that feeds each synapse, for links that carry a current;
            empty for those that carry spikes.
    """

    neuron: Ints
    source: Ints

    def fed(self, out: Floats) -> Values:
        """Return what comes in from the sources: one value per synapse, 0 where spikes do."""
        return out[self.source] if self.source.size else np.float64(0.0)


@dataclass(frozen=True)
class SpikeSource:
    """A node of sources that emit random spikes: (size,) rates per ms."""

    node: Node
    rate: Floats


@dataclass(frozen=True)
class Layout:
    """Where everything is.

    Attributes:
        neurons, synapses, sources: Groups; ``sources`` are those of current.
        first: Node id -> its first neuron (or source), counted over all groups of its family.
        wiring: One per synapse group.
        projections: Node id -> the projections that begin there.
        spike_sources: Nodes that emit random spikes.
        breakpoints: Times in ms at which a source jumps, sorted.
        length: Length of the state vector.
    """

    neurons: tuple[Group, ...]
    synapses: tuple[Group, ...]
    sources: tuple[Group, ...]
    first: Mapping[str, int]
    wiring: tuple[Wiring, ...]
    projections: Mapping[str, tuple[Projection, ...]]
    spike_sources: tuple[SpikeSource, ...]
    breakpoints: tuple[float, ...]
    length: int

    @property
    def groups(self) -> tuple[Group, ...]:
        """All groups, in the order of the state vector."""
        return (*self.neurons, *self.synapses, *self.sources)

    @cached_property
    def neuron_count(self) -> int:
        """Number of neurons in all groups."""
        return sum(group.size for group in self.neurons)

    @cached_property
    def source_count(self) -> int:
        """Number of current sources in all groups."""
        return sum(group.size for group in self.sources)

    def group_of(self, element_id: str) -> tuple[Group, Member] | None:
        """Return the group of a node or link and its place there, or None."""
        for group in self.groups:
            member = group.member(element_id)
            if member is not None:
                return group, member
        return None

    def name_of_state(self, position: int) -> tuple[str, str]:
        """Return the label of the element and the variable at a place of the state vector."""
        for group in self.groups:
            if position < group.offset + group.length:
                state, element = divmod(position - group.offset, group.size)
                return group.member_at(element).label, group.system.states[state]
        raise IndexError(position)


def build_layout(snapshot: Snapshot, kinds: Registry) -> Layout:
    """Arrange a circuit as one system of equations."""
    builder = _Builder(snapshot, kinds)
    neurons = builder.groups(NeuronKind)
    synapses = builder.groups(SynapseKind)
    sources = builder.groups(SourceKind)
    first = _numbers(neurons) | _numbers(sources)
    return Layout(
        neurons=neurons,
        synapses=synapses,
        sources=sources,
        first=first,
        wiring=tuple(builder.wiring(group, first) for group in synapses),
        projections=builder.projections(synapses),
        spike_sources=builder.spike_sources(),
        breakpoints=builder.breakpoints(),
        length=builder.length,
    )


def _numbers(groups: Iterable[Group]) -> dict[str, int]:
    """Count the members over all groups: id -> number of its first element."""
    found: dict[str, int] = {}
    begin = 0
    for group in groups:
        found |= {member.id: begin + member.first for member in group.members}
        begin += group.size
    return found


class _Builder:
    """Collects the parts of a layout; unknown kinds and what hangs on them are left out."""

    def __init__(self, snapshot: Snapshot, kinds: Registry) -> None:
        known = [node for node in snapshot.nodes if not kinds.get(node.kind).placeholder]
        self.settings = snapshot.settings
        self.nodes = {node.id: node for node in known}
        self.links = {
            link.id: link
            for link in snapshot.links
            if {link.pre, link.post} <= self.nodes.keys() and not kinds.get(link.kind).placeholder
        }
        elements: list[Node | Link] = [*self.nodes.values(), *self.links.values()]
        self.kinds = {element.id: kinds.get(element.kind) for element in elements}
        self.pairs = {link.id: self._pairs(link) for link in self.links.values()}
        self.length = 0

    def _pairs(self, link: Link) -> tuple[Ints, Ints]:
        n_pre, n_post = self.nodes[link.pre].size, self.nodes[link.post].size
        pre, post = pairs(link, n_pre, n_post, self.settings.seed)
        return np.asarray(pre, np.intp), np.asarray(post, np.intp)

    def _carries_current(self, link: Link) -> bool:
        return cast(SynapseKind, self.kinds[link.id]).carries == "current"

    def label(self, element: Node | Link) -> str:
        """What messages call an element."""
        if isinstance(element, Node):
            return element.label
        pre, post = self.nodes[element.pre].label, self.nodes[element.post].label
        return f"{pre} -> {post} ({element.kind})"

    def size(self, element: Node | Link) -> int:
        """How many neurons or sources a node has, or synapses a link.

        Spikes add up, so that one synapse per target neuron is enough; currents go pair by pair.
        """
        if isinstance(element, Node):
            return element.size
        if self._carries_current(element):
            return len(self.pairs[element.id][0])
        return self.nodes[element.post].size

    def values(self, element: Node | Link) -> dict[str, float]:
        """All parameters of an element, in coherent units."""
        kind = self.kinds[element.id]
        raw = kind.defaults() | {n: typical(v) for n, v in element.parameters.items()}
        return {p.name: to_coherent(raw[p.name], p.unit) for p in kind.parameters}

    def groups(self, family: type[Kind]) -> tuple[Group, ...]:
        """Gather the elements of one family by kind; sources of spikes have no group."""
        by_kind: dict[str, list[Node | Link]] = {}
        elements: list[Node | Link] = [*self.nodes.values(), *self.links.values()]
        for element in elements:
            kind = self.kinds[element.id]
            if isinstance(kind, family) and not getattr(kind, "events", ""):
                by_kind.setdefault(kind.name, []).append(element)
        return tuple(self._group(found) for found in by_kind.values())

    def _group(self, elements: list[Node | Link]) -> Group:
        kind = self.kinds[elements[0].id]
        members, size = [], 0
        for element in elements:
            members.append(Member(element.id, self.label(element), size, self.size(element)))
            size += members[-1].size
        values = self._columns(elements)
        group = Group(kind, _inputs(kind), tuple(members), size, self.length, values)
        self.length += group.length
        return group

    def _columns(self, elements: list[Node | Link]) -> dict[str, Values]:
        """Each parameter as one number where all elements agree, else as an array."""
        sizes = [self.size(element) for element in elements]
        rows = [self.values(element) for element in elements]
        columns: dict[str, Values] = {}
        for name in rows[0]:
            numbers = [row[name] for row in rows]
            alike = len(set(numbers)) == 1
            columns[name] = np.float64(numbers[0]) if alike else np.repeat(numbers, sizes)
        return columns

    def wiring(self, group: Group, first: Mapping[str, int]) -> Wiring:
        """Say which neurons the synapses of a group act on, and which sources feed them."""
        neurons, sources = [np.empty(0, np.intp)], [np.empty(0, np.intp)]
        for member in group.members:
            link = self.links[member.id]
            pre, post = self.pairs[link.id]
            if self._carries_current(link):
                neurons.append(first[link.post] + post)
                sources.append(first[link.pre] + pre)
            else:
                neurons.append(first[link.post] + np.arange(member.size))
        return Wiring(np.concatenate(neurons), np.concatenate(sources))

    def projections(self, synapses: tuple[Group, ...]) -> dict[str, tuple[Projection, ...]]:
        """Return the ways of spikes out of each node."""
        found: dict[str, tuple[Projection, ...]] = {}
        for number, group in enumerate(synapses):
            for member in group.members:
                link = self.links[member.id]
                if not self._carries_current(link):
                    way = self._projection(link, number, member.first)
                    found[link.pre] = (*found.get(link.pre, ()), way)
        return found

    def _projection(self, link: Link, group: int, first: int) -> Projection:
        pre, post = self.pairs[link.id]
        order = np.argsort(pre, kind="stable")
        begin = np.searchsorted(pre[order], np.arange(self.nodes[link.pre].size + 1))
        delay = int(delay_steps(self.values(link).get("delay", 0.0), self.settings.dt))
        return Projection(link.id, group, begin, first + post[order], delay)

    def spike_sources(self) -> tuple[SpikeSource, ...]:
        """All nodes that emit random spikes, with their rates."""
        found = []
        for node in self.nodes.values():
            kind = self.kinds[node.id]
            if isinstance(kind, SourceKind) and kind.event_rate is not None:
                values = self.values(node)
                rate = lambdify(tuple(values), {}, [kind.event_rate])
                (mean,) = rate(*(np.float64(value) for value in values.values()))
                found.append(SpikeSource(node, np.full(node.size, mean)))
        return tuple(found)

    def breakpoints(self) -> tuple[float, ...]:
        """The times at which any source jumps."""
        found: set[float] = set()
        for node in self.nodes.values():
            kind = self.kinds[node.id]
            if isinstance(kind, SourceKind):
                values = self.values(node)
                found |= {values[name] for name in kind.breakpoints}
        return tuple(sorted(found))


def _inputs(kind: Kind) -> tuple[str, ...]:
    """Names of what a kind's equations get from outside, always three, in the order passed.

    Neurons get time, current and noise; synapses time, the target's potential and what comes in;
    sources time and noise. Names that the kind does not know are kept free.
    """
    if isinstance(kind, NeuronKind):
        wanted = ("t", "I", "xi")
    elif isinstance(kind, SynapseKind):
        wanted = ("t", "v", "arrived" if kind.carries == "spikes" else "out")
    else:
        wanted = ("t", "xi", "sample")
    known = kind.known_names - {parameter.name for parameter in kind.parameters}
    # No name of an equation begins with an underscore.
    return tuple(name if name in known else f"_{name}" for name in wanted)
