"""From a circuit to a program: like elements in groups, everything in plain arrays."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from neurocanvas.model.elements import Link, Snapshot
from neurocanvas.model.kinds import Kind, NeuronKind, Registry, SynapseKind
from neurocanvas.model.plasticity import PlasticityKind
from neurocanvas.sim.compiling.casting import LARGE, Cast, Elements, cast
from neurocanvas.sim.compiling.initial import fill, point_to_data, with_data
from neurocanvas.sim.compiling.learning import Traces, coherent, learning, traces_of
from neurocanvas.sim.compiling.ledger import Book
from neurocanvas.sim.compiling.values import Coherent, coherent_values
from neurocanvas.sim.compiling.wiring import Wiring, delay_steps, wire
from neurocanvas.sim.program import (
    NEURON,
    PLASTICITY,
    SOURCE,
    SYNAPSE,
    Floats,
    Flow,
    Group,
    Ints,
    Named,
    Names,
    Program,
    Slots,
    Synapses,
    places_of,
)
from neurocanvas.sim.progress import Tell
from neurocanvas.sim.random import Keys, spread_keys, within
from neurocanvas.sim.writing.codegen import KernelSource, index_width
from neurocanvas.sim.writing.neuron_writer import OUTPUT
from neurocanvas.sim.writing.plasticity_writer import source_of

SMALL, APART, POOLED = range(3)
"""How elements come into a group: with all others, alone, or with those of the same columns."""


class Compiler:
    """Takes up circuits; of one that was edited, it reads only what is new.

    The programs do not depend on what it has seen before.
    """

    def __init__(self) -> None:
        self._book: Book | None = None

    def cast(self, snapshot: Snapshot, kinds: Registry, watched: Collection[str] = ()) -> Cast:
        """Choose the kernels for a circuit.

        Args:
            snapshot: The circuit at one moment.
            kinds: The kinds it uses; placeholders and what hangs on them are left out.
            watched: Links whose variables somebody wants to see, beside those with probes: they
                have columns of their own.

        Raises:
            SimulationError: Something that can't be simulated.
        """
        seed = snapshot.settings.seed
        if self._book is None or not self._book.serves(kinds, seed):
            self._book = Book(kinds, seed)
        self._book.registry = kinds
        return cast(snapshot, self._book, watched)


def assemble(chosen: Cast, tell: Tell | None = None) -> Program:
    """Turn a cast into arrays.

    Args:
        chosen: The elements, and as what they are simulated.
        tell: Told which populations are being connected, in synapses; see ``progress``.

    Raises:
        SimulationError: Something that can't be simulated.
    """
    return _Assembly(chosen, tell).program()


def compile_circuit(
    snapshot: Snapshot,
    kinds: Registry,
    tell: Tell | None = None,
    *,
    watched: Collection[str] = (),
) -> Program:
    """Turn a circuit into arrays.

    Args:
        snapshot: The circuit at one moment.
        kinds: The kinds it uses; placeholders and what hangs on them are left out.
        tell: Told which populations are being connected, in synapses; see ``progress``.
        watched: Links whose variables somebody wants to see; see ``Compiler.cast``.

    Raises:
        SimulationError: Something that can't be simulated.
    """
    return assemble(Compiler().cast(snapshot, kinds, watched), tell)


def kernel_sources(snapshot: Snapshot, kinds: Registry) -> list[KernelSource]:
    """Return the kernels a circuit needs, each once, without compiling anything."""
    return Compiler().cast(snapshot, kinds).sources()


@dataclass(frozen=True)
class _Draft:
    """A group in the making.

    Attributes:
        members: Where its elements are, in the order of columns: places of nodes and links, or
            behind them the numbers of traces.
        sizes: How many columns each has.
        direct: Its columns lie as those of the group that they act on.
        pooled: All its elements have the same columns.
    """

    kind: Kind
    stage: int
    source: KernelSource
    members: Ints
    sizes: Ints
    direct: bool = False
    pooled: bool = False

    @property
    def n(self) -> int:
        """Number of columns."""
        return int(self.sizes[0] if self.pooled else self.sizes.sum())

    @property
    def first(self) -> Ints:
        """First column of each element."""
        return np.zeros_like(self.sizes) if self.pooled else np.cumsum(self.sizes) - self.sizes

    @property
    def owners(self) -> tuple[Ints, Ints]:
        """Whose parameters the columns have, and how many columns each."""
        k = 1 if self.pooled else len(self.members)
        return self.members[:k], self.sizes[:k]


@dataclass(frozen=True)
class Parameters(Mapping[str, Mapping[str, Coherent]]):
    """All parameters in coherent units by id, worked out when they are asked for."""

    elements: Elements
    traces: Sequence[Traces]
    slots: Slots
    seed: int

    def __getitem__(self, element_id: str) -> Mapping[str, Coherent]:
        k, first = self.slots.place(element_id), len(self.elements)
        if k < 0:
            raise KeyError(element_id)
        if k >= first:
            trace = self.traces[k - first]
            return coherent(self.elements.registry.get(trace.kind), trace.parameters)
        kind, n = self.elements.role(k).kind, int(self.slots.n[k])
        return coherent_values(kind, self.elements.element(k), n, self.seed)

    def __iter__(self) -> Iterator[str]:
        return iter(self.slots)

    def __len__(self) -> int:
        return len(self.slots)


class _Assembly:
    """Puts one program together."""

    def __init__(self, chosen: Cast, tell: Tell | None = None) -> None:
        self.chosen, self.elements = chosen, chosen.elements
        self.registry = chosen.elements.registry
        self.dt, self.seed = chosen.settings.dt, chosen.settings.seed
        self.wiring: Wiring = wire(self.elements, chosen.settings, tell)
        self.traces = self._traces()
        self.drafts = self._drafts()
        traces = np.array([trace.id for trace in self.traces], object)
        self.ids = np.concatenate((self.elements.ids, traces))
        self.groups, self.length = _place(self.drafts, self.ids)
        self.slots = self._slots()

    def program(self) -> Program:
        """Return the program."""
        e, groups, slots = self.elements, self.groups, self.slots
        n = len(e.nodes)
        unit_node, unit_index = self._units()
        synapses = self.wiring.synapses(groups, slots, unit_index, self.chosen.book.kept)
        arena = self._arena()
        flows, weights = self._flows(len(arena))
        return Program(
            nodes=Named(e.nodes, slots, 0),
            links=Named(e.links, slots, n),
            groups=tuple(groups),
            slots=slots,
            arena=np.concatenate((arena, weights)),
            index=self._index(),
            keys=self._keys(),
            synapses=synapses,
            flows=flows,
            learning=learning(synapses, self._learners(synapses), self.registry, groups, slots),
            unit_node=unit_node,
            unit_index=unit_index,
            node_ids=tuple(e.ids[:n].tolist()),
            parameters=Parameters(e, self.traces, slots, self.seed),
            dt=self.dt,
            seed=self.seed,
        )

    # -- groups ----------------------------------------------------------------------------------

    def _learners(self, synapses: Synapses) -> list[tuple[int, Link]]:
        """Return the links whose synapses learn, with their numbers among those that spike."""
        found = [link for k, link in self.chosen.learners() if k in self.wiring.slices]
        number = {link_id: k for k, link_id in enumerate(synapses.links)} if found else {}
        return [(number[link.id], link) for link in found]

    def _traces(self) -> list[Traces]:
        columns, found = self.wiring.columns, []
        for k, link in self.chosen.learners():
            if k in self.wiring.slices:
                slices = self.wiring.slices[k]
                found += traces_of(link, slices, int(columns[k]), self.registry)
        return found

    def _drafts(self) -> list[_Draft]:
        """Sort elements into groups; the order of groups does not depend on that of elements."""
        sizes = np.concatenate((self.elements.node_rows["size"], self.wiring.columns))
        drafts: dict[tuple[object, ...], _Draft] = {}
        for places in self.chosen.alike():
            first = int(places[0])
            role, variant = self.elements.role(first), self.chosen.variant_of(first)
            source = role.source(variant)
            # Modulators come before what they scale.
            key = (role.stage, not role.modulates, role.kind.name, role.texts, variant)
            for own, members in self._apart(places, sizes[places]):
                pooled = own[0] == POOLED
                drafts[*key, *own] = _Draft(
                    role.kind, role.stage, source, members, sizes[members], variant.direct, pooled
                )
        return [drafts[key] for key in sorted([*drafts], key=repr)] + self._learning_drafts()

    def _apart(self, places: Ints, sizes: Ints) -> Iterator[tuple[tuple[object, ...], Ints]]:
        """Give every large element a group of its own, or every pool of them."""
        small = places[sizes < LARGE]
        if len(small):
            yield (SMALL,), small
        large = places[sizes >= LARGE]
        pool = self.chosen.pools(large)
        for place in large[pool < 0].tolist():
            yield (APART, self.elements.ids[place]), np.array([place])
        order = np.argsort(pool, kind="stable")[np.count_nonzero(pool < 0) :]
        for members in np.split(large[order], np.flatnonzero(np.diff(pool[order])) + 1):
            if len(members):
                yield (POOLED, *self._in_common(members[0])), members

    def _in_common(self, place: np.int64) -> tuple[object, ...]:
        """Return what tells a pool from all others with its kernel, whoever is in it."""
        role, number = self.elements.role(int(place)), place - len(self.elements.nodes)
        target = self.elements.ids[self.elements.post[number]]
        values = self.elements.parameters(np.array([place]))[0][role.common, 0]
        return target, *values.tolist()

    def _learning_drafts(self) -> list[_Draft]:
        """Return a group for each kind of plasticity, the last stage of all."""
        found = []
        for name in sorted({trace.kind for trace in self.traces}, key=repr):
            kind = self.registry.get(name)
            assert isinstance(kind, PlasticityKind)
            own = [k for k, trace in enumerate(self.traces) if trace.kind == name]
            sizes = np.array([self.traces[k].size for k in own], np.int64)
            members = len(self.elements) + np.array(own, np.int64)
            found.append(_Draft(kind, PLASTICITY, source_of(kind), members, sizes))
        return found

    def _slots(self) -> Slots:
        ids = self.ids
        group, first, n = (np.zeros(len(ids), np.int64) for _ in range(3))
        for number, draft in enumerate(self.drafts):
            group[draft.members] = number
            first[draft.members] = draft.first
            n[draft.members] = draft.sizes
        book = self.chosen.book
        traces = np.array([book.number(trace.id) for trace in self.traces], np.int64)
        numbers = np.concatenate((self.elements.numbers, traces))
        return Slots(ids, book.numbers, numbers, group, first, n)

    def _flows(self, at: int) -> tuple[tuple[Flow, ...], Floats]:
        """Return the links that flow, and their weights, which lie in the arena from ``at`` on."""
        e, group = self.elements, self.slots.group
        numbers = self.wiring.flowing
        weights = e.link_rows["weight"][numbers].astype(np.float32).astype(float)
        delays = delay_steps(e.link_rows["delay"][numbers], self.dt).tolist()
        found = [
            Flow(
                e.links[k].id, int(group[e.pre[k]]), int(group[len(e.nodes) + k]),
                int(e.node_rows["size"][e.pre[k]]), at + i, delays[i],
            )
            for i, k in enumerate(numbers.tolist())
        ]  # fmt: skip
        return tuple(found), weights

    # -- values ----------------------------------------------------------------------------------

    def _arena(self) -> Floats:
        """Return the initial values, with the lists of all nodes at their end."""
        arena, spans = with_data(self.length, self.elements)
        for group, draft in zip(self.groups, self.drafts, strict=True):
            fill(arena, group, self._columns(draft), self.dt)
            point_to_data(arena, group, self.slots, spans)
        self.chosen.book.draws.forget_others()
        return arena

    def _columns(self, draft: _Draft) -> dict[str, Floats]:
        """Return the parameters of a group, a value a column."""
        if draft.stage == PLASTICITY:
            first = len(self.elements)
            given = [self.traces[k - first].parameters for k in draft.members.tolist()]
            values = [coherent(draft.kind, parameters) for parameters in given]
            names = [parameter.name for parameter in draft.kind.parameters]
            return {n: np.repeat(np.array([v[n] for v in values]), draft.sizes) for n in names}
        role = self.elements.role(int(draft.members[0]))
        members, sizes = draft.owners
        table, plain = self.elements.parameters(members)
        if (sizes != 1).any():
            table = np.repeat(table, sizes, axis=1)
        columns = dict(zip(role.names, table, strict=True))
        self._put_drawn(columns, draft, np.flatnonzero(~plain))
        return columns

    def _put_drawn(self, columns: Mapping[str, Floats], draft: _Draft, drawn: Ints) -> None:
        """Replace the means of distributions by what is drawn from them."""
        first = np.cumsum(draft.sizes) - draft.sizes
        for k in drawn.tolist():
            element, n = self.elements.element(int(draft.members[k])), int(draft.sizes[k])
            for name, value in self.chosen.book.draws.values(draft.kind, element, n).items():
                columns[name][first[k] : first[k] + n] = value

    def _keys(self) -> Keys:
        """Return the random stream key of every unit; see ``random.stream_keys``."""
        members, sizes = self._owners()
        return spread_keys(self.elements.node_rows["key"][members], sizes)

    def _units(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Return of every unit the number of its node, and which neuron of it it is."""
        members, sizes = self._owners()
        return np.repeat(members.astype(np.int32), sizes), within(sizes).astype(np.int32)

    def _owners(self) -> tuple[Ints, Ints]:
        """Return the nodes in the order of their units, and their sizes."""
        owned = [d for g, d in zip(self.groups, self.drafts, strict=True) if g.unit >= 0]
        none = np.zeros(0, np.int64)
        members = np.concatenate([none, *(d.members for d in owned)])
        return members, np.concatenate([none, *(d.sizes for d in owned)])

    # -- what synapses read ----------------------------------------------------------------------

    def _index(self) -> Ints:
        """Return the arena places that synapse kernels read and add to, group by group."""
        parts = [self._places_read(draft) for draft in self.drafts if draft.stage == SYNAPSE]
        return np.concatenate([np.zeros(0, np.int64), *parts])

    def _places_read(self, draft: _Draft) -> Ints:
        role = self.elements.role(int(draft.members[0]))
        links = draft.members - len(self.elements.nodes)
        if draft.direct:
            target = self.groups[self.slots.group[self.elements.post[links[0]]]]
            source = self._sources(draft.kind, links) if role.conducts else ()
            return np.array([target.offset, target.source.stride, *source])
        if role.spikes and not role.modulates:
            post, slots = self.elements.post[links], self.slots
            column = np.repeat(slots.first[post], draft.sizes) + within(draft.sizes)
            return places_of(self.groups, np.repeat(slots.group[post], draft.sizes), column)
        if not role.modulates and self.wiring.single[links].all():
            return self._read_by_single(draft.kind, links)
        return np.concatenate([self._link_index(k) for k in links.tolist()])

    def _read_by_single(self, kind: Kind, links: Ints) -> Ints:
        """Return the places of target and source of links between single neurons, all at once."""
        post = self._first_places(self.elements.post[links])
        pre = self._sources(kind, links)
        ways = [post, pre]
        if isinstance(kind, SynapseKind) and kind.symmetric:
            ways += [pre, post]
        return np.column_stack(ways).ravel()

    def _sources(self, kind: Kind, links: Ints) -> Ints:
        """Return the places of what links take from the first neurons of their sources."""
        return self._first_places(self.elements.pre[links]) + self._output_rows(kind, links)

    def _first_places(self, nodes: Ints) -> Ints:
        return places_of(self.groups, self.slots.group[nodes], self.slots.first[nodes])

    def _output_rows(self, kind: Kind, links: Ints) -> Ints:
        assert isinstance(kind, SynapseKind)
        group = self.slots.group[self.elements.pre[links]]
        rows = np.zeros(len(self.groups), np.int64)
        for number in np.flatnonzero(np.bincount(group)).tolist():
            rows[number] = _output_row(self.groups[number], kind)
        return rows[group]

    def _link_index(self, number: int) -> Ints:
        """Return, column by column, the places of target, source and modulated parameter."""
        link, place = self.elements.links[number], len(self.elements.nodes) + number
        kind = self.elements.role(place).kind
        assert isinstance(kind, SynapseKind)
        post = self._places(link.post)
        columns = [post]
        if kind.carries != "spikes":
            source = self.groups[self.slots[link.pre].group]
            pre = self._places(link.pre) + _output_row(source, kind)
            i, j = self.wiring.pairs_of(number)
            columns = [post[j], pre[i]]
            if kind.symmetric:
                columns = [np.concatenate((post[j], pre[i])), np.concatenate((pre[i], post[j]))]
        if kind.gives == "modulation":
            target = self.groups[self.slots[link.post].group]
            columns.append(columns[0] + target.row(f"#mod_{self.chosen.modulates[number]}"))
        return np.column_stack(columns).ravel()

    def _places(self, element_id: str) -> Ints:
        slot = self.slots[element_id]
        return self.groups[slot.group].places(slot.first, slot.n)


def _place(drafts: Sequence[_Draft], ids: Names) -> tuple[list[Group], int]:
    """Give every group its place in the arena, in the index, among keys and units."""
    groups: list[Group] = []
    at = link = stream = unit = 0
    for draft in drafts:
        n = draft.n
        blocks = -(-n // 64)
        consts = at + blocks * draft.source.stride
        shared = len(draft.source.constants) if draft.source.first_constant < 0 else 0
        is_unit = draft.stage in (SOURCE, NEURON)
        groups.append(
            Group(
                kind=draft.kind,
                source=draft.source,
                stage=draft.stage,
                n=n,
                offset=at,
                consts=consts,
                link=link,
                stream=stream,
                unit=unit if is_unit else -1,
                elements=tuple(ids[draft.members].tolist()),
                direct=draft.direct,
                pooled=draft.pooled,
            )
        )
        at = consts + -(-shared // 8) * 8
        link += _index_length(draft)
        stream += n if is_unit else 0
        unit += n if is_unit else 0
    return groups, at


def _index_length(draft: _Draft) -> int:
    """Return how many places a group takes in the index."""
    if not isinstance(draft.kind, SynapseKind):
        return 0
    width = index_width(draft.kind)
    return 1 + width if draft.direct else draft.n * width


def _output_row(group: Group, kind: SynapseKind) -> int:
    """Return how far behind row 0 lies what a link takes from a column of its source."""
    if kind.carries == "rate" and isinstance(group.kind, NeuronKind):
        return group.row(OUTPUT if OUTPUT in group.source.rows else group.kind.output)
    return 0
