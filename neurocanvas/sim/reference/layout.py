"""A circuit as one system of differential equations, for the reference solution.

All neurons of one kind, all synapses of one kind and all sources of one kind form a group whose
equations are evaluated at once. The state vector holds the groups one after the other, and in each
group one state variable after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from neurocanvas.model.elements import Link, Node, Snapshot
from neurocanvas.model.kinds import Kind, NeuronKind, Registry, SourceKind, SynapseKind
from neurocanvas.model.plasticity import PlasticityKind
from neurocanvas.sim.compiling import casting, learning
from neurocanvas.sim.compiling.ledger import Book
from neurocanvas.sim.compiling.values import Coherent, coherent_values, per_synapse
from neurocanvas.sim.compiling.wiring import delay_steps, drawn
from neurocanvas.sim.reference.groups import Floats, Group, Ints, Member, Values, bounds
from neurocanvas.sim.reference.noise import noisy_rates
from neurocanvas.sim.reference.parts import Layout, Projection, SpikeSource, Tables, Wiring
from neurocanvas.sim.reference.plasticity import Plasticity
from neurocanvas.sim.writing.kernel_source import WEIGHTS

Raised = dict[tuple[int, str], slice]
"""(Neuron group, parameter) -> where its changes lie among all that is modulated."""


def build_layout(snapshot: Snapshot, kinds: Registry, until_ms: float | None = None) -> Layout:
    """Arrange a circuit as one system of equations; unknown kinds are left out.

    Args:
        snapshot: The circuit.
        kinds: Its kinds.
        until_ms: How long it will run; by default, as long as its settings say.

    Raises:
        SimulationError: A modulator of what its target does not have, noise that is not added.
    """
    builder = _Builder(snapshot, kinds)
    neurons = builder.groups(NeuronKind)
    synapses = builder.groups(SynapseKind)
    sources = builder.groups(SourceKind)
    first = _numbers(neurons) | _numbers(sources)
    raised, raised_count = builder.raised(neurons)
    neurons = tuple(replace(g, raised=_of_group(raised, k)) for k, g in enumerate(neurons))
    sizes = sum(g.size for g in sources), sum(g.size for g in neurons)
    return Layout(
        neurons=neurons,
        synapses=synapses,
        sources=sources,
        first=first,
        wiring=tuple(builder.wiring(g, first, sizes, neurons, raised) for g in synapses),
        projections=builder.projections(synapses),
        spike_sources=builder.spike_sources(sources),
        breakpoints=builder.breakpoints(sources, until_ms or snapshot.settings.duration),
        tables=tuple(builder.tables(group) for group in sources),
        length=builder.length,
        weights_raised=_weights_raised(neurons, raised),
        raised_count=raised_count,
        dt=snapshot.settings.dt,
        seed=snapshot.settings.seed,
    )


def _numbers(groups: Sequence[Group]) -> dict[str, int]:
    """Count the members over all groups: id -> number of its first element."""
    return {
        member.id: begin + member.first
        for group, (begin, _) in zip(groups, bounds(groups), strict=True)
        for member in group.members
    }


def _of_group(raised: Raised, number: int) -> dict[str, slice]:
    """Return the modulated parameters of a neuron group."""
    return {name: s for (group, name), s in raised.items() if group == number and name != WEIGHTS}


def _weights_raised(neurons: Sequence[Group], raised: Raised) -> Ints:
    found = np.zeros(sum(group.size for group in neurons), np.intp)
    for number, (begin, end) in enumerate(bounds(neurons)):
        if (number, WEIGHTS) in raised:
            found[begin:end] = raised[number, WEIGHTS].start + np.arange(end - begin)
    return found


class _Builder:
    """Collects the parts of a layout."""

    def __init__(self, snapshot: Snapshot, kinds: Registry) -> None:
        chosen = casting.cast(snapshot, Book(kinds, snapshot.settings.seed))
        found = chosen.elements
        self.registry, self.settings = kinds, snapshot.settings
        self.nodes = {node.id: node for node in found.nodes}
        self.links = {link.id: link for link in found.links}
        self.kinds = {i: found.role(place).kind for place, i in enumerate(found.ids)}
        self.variants = {i: chosen.variant_of(place) for place, i in enumerate(found.ids)}
        self.modulates = {found.links[k].id: name for k, name in chosen.modulates.items()}
        self.elements: list[Node | Link] = [*self.nodes.values(), *self.links.values()]
        self.pairs = {link.id: self._pairs(link) for link in self.links.values()}
        self.length = 0

    def _pairs(self, link: Link) -> tuple[Ints, Ints]:
        pre, post = drawn(link, self._synapse(link), self.nodes, self.settings.seed)
        return np.asarray(pre, np.intp), np.asarray(post, np.intp)

    def _synapse(self, link: Link) -> SynapseKind:
        return cast(SynapseKind, self.kinds[link.id])

    def label(self, element: Node | Link) -> str:
        """What messages call an element."""
        if isinstance(element, Node):
            return element.label
        pre, post = self.nodes[element.pre].label, self.nodes[element.post].label
        return f"{pre} -> {post} ({element.kind})"

    # -- groups ----------------------------------------------------------------------------------

    def size(self, element: Node | Link) -> int:
        """How many neurons or sources a node has, or synapses a link.

        Spikes add up, so that one synapse per target neuron is enough; all else goes pair by pair.
        """
        if isinstance(element, Node):
            return element.size
        kind = self._synapse(element)
        if kind.carries == "spikes":
            return self.nodes[element.post].size
        return len(self.pairs[element.id][0]) * (2 if kind.symmetric else 1)

    def values(self, element: Node | Link) -> dict[str, Coherent]:
        """All parameters of an element, in coherent units: numbers, or one per element."""
        kind = self.kinds[element.id]
        return coherent_values(kind, element, self.size(element), self.settings.seed)

    def groups(self, family: type[Kind]) -> tuple[Group, ...]:
        """Gather the elements of one family that share their equations."""
        alike: dict[tuple[object, ...], list[Node | Link]] = {}
        for element in self.elements:
            kind = self.kinds[element.id]
            if isinstance(kind, family):
                rates = noisy_rates(kind, self.variants[element.id])
                texts = tuple((text.name, text.default) for text in kind.texts)
                alike.setdefault((kind.name, texts, rates), []).append(element)
        return tuple(self._group(found) for found in alike.values())

    def _group(self, elements: list[Node | Link]) -> Group:
        kind = self.kinds[elements[0].id]
        members, size = [], 0
        for element in elements:
            members.append(Member(element.id, self.label(element), size, self.size(element)))
            size += members[-1].size
        rates = noisy_rates(kind, self.variants[elements[0].id])
        group = Group(
            kind=kind,
            inputs=(*_inputs(kind), *rates.noises),
            members=tuple(members),
            size=size,
            offset=self.length,
            values=self._columns(elements),
            rates=rates.rates,
        )
        self.length += group.length
        return group

    def _columns(self, elements: list[Node | Link]) -> dict[str, Values]:
        """Each parameter as one number where all elements agree, else as an array."""
        sizes = [self.size(element) for element in elements]
        rows = [self.values(element) for element in elements]
        columns = {name: _spread([row[name] for row in rows], sizes) for name in rows[0]}
        if isinstance(self.kinds[elements[0].id], SynapseKind):
            columns["dt"] = np.float64(self.settings.dt)
        return columns

    # -- connections -----------------------------------------------------------------------------

    def raised(self, neurons: Sequence[Group]) -> tuple[Raised, int]:
        """Give everything that is modulated a place, from 1 on, and count the places."""
        found: Raised = {}
        count = 1
        for link_id, name in self.modulates.items():
            number = _number_of(neurons, self.links[link_id].post)
            if (number, name) not in found:
                size = neurons[number].size
                found[number, name] = slice(count, count + size)
                count += size
        return found, count

    def wiring(
        self,
        group: Group,
        first: Mapping[str, int],
        sizes: tuple[int, int],
        neurons: Sequence[Group],
        raised: Raised,
    ) -> Wiring:
        """Say which neurons the synapses of a group act on, and what feeds them.

        Args:
            group: The synapses.
            first: Of every node, counted over all groups of its family.
            sizes: Number of sources and of neurons.
            neurons, raised: For what modulators change.
        """
        parts = []
        for member in group.members:
            link, kind = self.links[member.id], self._synapse(self.links[member.id])
            if kind.carries == "spikes":
                post, source = np.arange(member.size), np.empty(0, np.intp)
                neuron = first[link.post] + post
            else:
                pre, post = self.pairs[link.id]
                out = _place_out(kind.carries, isinstance(self.kinds[link.pre], SourceKind), sizes)
                before, after = first[link.pre] + pre, first[link.post] + post
                neuron, source = after, out + before
                if kind.symmetric:
                    neuron = np.concatenate((after, before))
                    source = out + np.concatenate((before, after))
            scaled = np.full(member.size, self.variants[link.id].scaled)
            parts.append((neuron, source, scaled, self._raises(link, post, neurons, raised)))
        columns = zip(*parts, strict=True)
        return Wiring(*(np.concatenate(column) for column in columns))

    def _raises(self, link: Link, post: Ints, neurons: Sequence[Group], raised: Raised) -> Ints:
        """Return what each element of a modulator raises; nothing for other links."""
        if link.id not in self.modulates:
            return np.empty(0, np.intp)
        number = _number_of(neurons, link.post)
        member = neurons[number].member(link.post)
        assert member is not None
        begin = raised[number, self.modulates[link.id]].start + member.first
        return np.asarray(begin + post, np.intp)

    def projections(self, synapses: Sequence[Group]) -> dict[str, tuple[Projection, ...]]:
        """Return the ways of spikes out of each node."""
        found: dict[str, tuple[Projection, ...]] = {}
        for number, group in enumerate(synapses):
            for member in group.members:
                link = self.links[member.id]
                if self._synapse(link).carries == "spikes":
                    way = self._projection(link, number, member.first)
                    found[link.pre] = (*found.get(link.pre, ()), way)
        return found

    def _projection(self, link: Link, group: int, member_first: int) -> Projection:
        pre, post = self.pairs[link.id]
        kind, n, seed = self._synapse(link), len(pre), self.settings.seed
        known = kind.defaults()
        delays = per_synapse(kind, link, "delay", n, seed) if "delay" in known else np.zeros(n)
        weight = per_synapse(kind, link, "weight", n, seed) if "weight" in known else np.ones(n)
        steps = delay_steps(delays, self.settings.dt)
        order = np.lexsort((steps, pre))
        pre, post, steps, weight = pre[order], post[order], steps[order], weight[order]
        begin = np.flatnonzero(np.diff(pre, prepend=-1) | np.diff(steps, prepend=-1))
        first = np.searchsorted(pre[begin], np.arange(self.nodes[link.pre].size + 1))
        return Projection(
            link=link.id,
            post=link.post,
            group=group,
            first=first,
            delay=np.asarray(steps[begin], np.intp),
            begin=np.append(begin, n),
            target=member_first + post,
            weight=np.array(weight, float),
            release=self._feature(link, releasing=True),
            learning=self._feature(link, releasing=False),
        )

    def _feature(self, link: Link, *, releasing: bool) -> Plasticity | None:
        """Return what scales the spikes of a link, or what changes its weights."""
        found = None
        for name, values in link.features.items():
            kind = self.registry.get(name)
            if isinstance(kind, PlasticityKind):
                wanted = kind.release_expr is not None if releasing else kind.changes_weights
                if wanted:
                    numbers = {k: float(v) for k, v in learning.coherent(kind, values).items()}
                    found = Plasticity(kind, numbers)
        return found

    # -- sources ---------------------------------------------------------------------------------

    def spike_sources(self, sources: Sequence[Group]) -> tuple[SpikeSource, ...]:
        """All nodes that emit spikes by themselves."""
        found = []
        for group in sources:
            rule = cast(SourceKind, group.kind).event_rule
            for member in group.members if rule is not None else ():
                assert rule is not None
                node = self.nodes[member.id]
                found.append(SpikeSource(node, rule[0], group, member, _data(group.kind, node)))
        return tuple(found)

    def breakpoints(self, sources: Sequence[Group], until_ms: float) -> tuple[float, ...]:
        """The times up to a last one at which any source jumps or turns."""
        found: set[float] = set()
        for group in sources:
            kind = cast(SourceKind, group.kind)
            for values in _distinct(group.values) if kind.breakpoints else ():
                found.update(kind.jumps(values, until_ms))
            for _, times, _ in self.tables(group):
                found.update(times[(times >= 0) & (times <= until_ms)].tolist())
        return tuple(sorted(found))

    def tables(self, group: Group) -> Tables:
        """The tables that the elements of a source group follow."""
        kind = cast(SourceKind, group.kind)
        if not kind.table:
            return ()
        found = []
        for member in group.members:
            times, values = (_data(kind, self.nodes[member.id])[name] for name in kind.table)
            found.append((member.elements, times, values))
        return tuple(found)


def _inputs(kind: Kind) -> tuple[str, ...]:
    """Names of what a kind's equations get from outside, always three, in the order passed.

    Neurons get time, current and noise; synapses time, the target's potential and what comes in;
    sources time, noise and the value of their table. Names that the kind does not know are kept
    free. Noise at work has names of its own, so that what stands here is silent.
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


def _spread(values: Sequence[Coherent], sizes: Sequence[int]) -> Values:
    """Return one number if all are alike, else one per element."""
    if not any(isinstance(value, np.ndarray) for value in values) and len(set(values)) == 1:
        return np.float64(values[0])
    parts = [np.broadcast_to(v, (n,)) for v, n in zip(values, sizes, strict=True)]
    return np.concatenate(parts)


def _distinct(values: Mapping[str, Values]) -> list[dict[str, float]]:
    """Return the different sets of parameters in a group."""
    columns = np.broadcast_arrays(*(np.atleast_1d(value) for value in values.values()))
    rows = np.unique(np.column_stack(columns), axis=0)
    return [dict(zip(values, row, strict=True)) for row in rows.tolist()]


def _number_of(groups: Sequence[Group], element_id: str) -> int:
    return next(k for k, group in enumerate(groups) if group.member(element_id) is not None)


def _place_out(carries: str, from_source: bool, sizes: tuple[int, int]) -> int:
    """Return where what a link takes begins among all that goes out; see ``Dynamics``."""
    sources, neurons = sizes
    if from_source:
        return 0
    return sources if carries == "rate" else sources + neurons


def _data(kind: Kind, node: Node) -> dict[str, Floats]:
    """Return the columns of numbers of a node, sorted by the first."""
    columns = {c.name: np.asarray(node.data.get(c.name, c.default), float) for c in kind.data}
    if not columns:
        return {}
    order = np.argsort(next(iter(columns.values())), kind="stable")
    return {name: column[order] for name, column in columns.items()}
