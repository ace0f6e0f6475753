"""Links to synapses: pairs, targets and delays, sorted as the driver walks them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from neurocanvas.errors import SimulationError
from neurocanvas.model.elements import Link, Node, Settings
from neurocanvas.model.kinds import Kind, SynapseKind
from neurocanvas.model.projections import expected_synapses
from neurocanvas.sim.compiling.casting import LARGE, Elements, Flags
from neurocanvas.sim.compiling.connectivity import ONE, Indices, Pairs, pairs
from neurocanvas.sim.compiling.kept import Kept, Piece, take
from neurocanvas.sim.compiling.ordering import Int32s, Order, Part, joined
from neurocanvas.sim.compiling.values import per_synapse
from neurocanvas.sim.program import Group, Ints, Slots, Synapses, places_of
from neurocanvas.sim.progress import Tell, silent
from neurocanvas.sim.writing.kernel_source import LANES

MANY = 100_000
"""Synapses of one source node that are put in order on their own."""
DRAWN, WEIGHED, DELAYED = 0.6, 0.65, 0.75
"""Part of a link's work that is done when its pairs, weights and delays are there."""


@dataclass(frozen=True)
class Wiring:
    """Who reaches whom; links by their numbers.

    Attributes:
        elements: The nodes and links.
        single: Which links join one neuron with one, with plain values: most of a drawn circuit.
        pairs: (source neurons, target neurons) of the others that learn or carry no spikes; those
            of all the rest are drawn where they are needed.
        columns: How many columns its group needs for each link: one per target neuron where spikes
            arrive and add up, one per pair where a current is carried.
        slices: Runs of synapses with one source neuron and delay, where a link learns.
        spiking: The links that carry spikes, one by one.
        flowing: Those of which each step has one number a column instead; see ``Flow``.
        settings: Time step and seed.
        telling: Told which link comes next.
    """

    elements: Elements
    single: Flags
    pairs: Mapping[int, Pairs]
    columns: Indices
    slices: Mapping[int, int]
    spiking: Indices
    flowing: Indices
    settings: Settings
    telling: Telling

    def pairs_of(self, number: int) -> Pairs:
        """Return source and target neurons of a link."""
        if self.single[number]:
            return ONE, ONE
        found = self.pairs.get(number)
        return _drawn(self.elements, number, self.settings.seed) if found is None else found

    def synapses(
        self, groups: Sequence[Group], slots: Slots, unit_index: Int32s, kept: Kept
    ) -> Synapses:
        """Return all spiking connections, sorted by source unit, delay and link.

        Args:
            groups, slots: Where everything lives.
            unit_index: Unit -> which neuron of its node.
            kept: Has what was connected before, and remembers what is connected now.
        """
        return _Connecting(self, groups, slots, unit_index).synapses(kept)


class _Connecting:
    """Makes the synapses of a circuit, source node by source node."""

    def __init__(
        self,
        wiring: Wiring,
        groups: Sequence[Group],
        slots: Slots,
        unit_index: Int32s,
    ) -> None:
        self.wiring, self.groups, self.slots = wiring, groups, slots
        self.elements, self.settings = wiring.elements, wiring.settings
        self.unit_index = unit_index
        expected = np.ones(len(wiring.single))
        given = wiring.telling.expected
        expected[list(given)] = list(given.values())
        self.spiking, self.rank = self._ranked()
        self.expected = expected[self.spiking]
        if sum(group.columns * group.source.n_rows for group in groups) >= 2**31:
            raise SimulationError("the circuit is too large: its state takes more than 16 GB")

    def _ranked(self) -> tuple[Indices, Ints]:
        """Return the links that carry spikes, sorted by their rank, and it; see ``Synapses``."""
        spiking, slots, n = self.wiring.spiking, self.slots, len(self.elements.nodes)
        direct = np.array([group.direct for group in self.groups], bool)
        rank = np.zeros(len(spiking), np.int64)
        if not direct.any():
            return spiking, rank
        own = direct[slots.group[n + spiking]]
        post = self.elements.post[spiking[own]]
        rank[own] = 1 + (slots.group[post] << 32) + slots.first[post]
        order = np.argsort(rank, kind="stable")
        return spiking[order], rank[order]

    def synapses(self, kept: Kept) -> Synapses:
        """Return them all."""
        order = Order(len(self.unit_index), float(self.expected.sum()))
        large = self._large()
        small = self._small({k for links in large.values() for k in links})
        first, *others = small.cut(large)
        order.add([first])
        pieces = {}
        for links, rest in zip(large.values(), others, strict=True):
            source, piece = self._piece(links)
            pieces[source] = piece
            self._add(order, links, piece, kept.find(source, piece))
            order.add([rest])
        done = order.finish()
        ids = tuple(self.elements.ids[len(self.elements.nodes) + self.spiking].tolist())
        found = Synapses(
            done.target, done.weight, done.start, done.delay, done.link, done.unit_slice,
            self.unit_index, ids, self.rank,
        )  # fmt: skip
        kept.remember(found, pieces)
        return found

    def _add(
        self, order: Order, links: list[int], piece: Piece, before: tuple[Synapses, Piece] | None
    ) -> None:
        """Put the synapses of a large source node in order, those of before if there are any."""
        if before is None:
            order.add([self._part(k) for k in links])
            return
        for k in links:
            self.wiring.telling.comes(int(self.spiking[k]))
        take(order, piece, *before)

    def _piece(self, links: list[int]) -> tuple[str, Piece]:
        """Return the source node of all these links, and what their synapses follow from."""
        e, slots, n = self.elements, self.slots, len(self.elements.nodes)
        numbers = self.spiking[links]
        group, first = slots.group[n + numbers], slots.first[n + numbers]
        stride = np.array([self.groups[k].source.stride for k in group.tolist()])
        size = e.node_rows["size"]
        alike = (size[e.pre[numbers]], size[e.post[numbers]], stride, first % LANES)
        made_of = [(e.links[k], e.role(n + k).kind) for k in numbers.tolist()]
        source = int(e.pre[numbers[0]])
        own = self.groups[slots.group[source]]
        return str(e.ids[source]), Piece(
            tuple(thing for pair in made_of for thing in pair),
            (self.settings.dt, *np.concatenate(alike).tolist()),
            np.array(links),
            places_of(self.groups, group, first),
            own.unit + int(slots.first[source]),
            int(slots.n[source]),
        )

    def _large(self) -> dict[int, list[int]]:
        """Return the first unit of each source node with many synapses, and its links by order."""
        pre = self.elements.pre[self.spiking]
        many = np.bincount(pre, self.expected, len(self.elements.nodes)) >= MANY
        found: dict[int, list[int]] = {}
        for k in np.flatnonzero(many[pre]).tolist():
            source = int(pre[k])
            unit = self.groups[self.slots.group[source]].unit + int(self.slots.first[source])
            found.setdefault(unit, []).append(k)
        return dict(sorted(found.items()))

    def _small(self, large: Collection[int]) -> Part:
        """Return the synapses of all links but those of large source nodes."""
        alone = self.wiring.single[self.spiking]
        alone[list(large)] = False
        rest = [k for k in np.flatnonzero(~alone).tolist() if k not in large]
        return joined([*(self._part(k) for k in rest), self._single(np.flatnonzero(alone))])

    def _part(self, order: int) -> Part:
        """Return the synapses of one link, the ``order``-th of those that carry spikes."""
        number = int(self.spiking[order])
        link, seed = self.elements.links[number], self.settings.seed
        kind = self.elements.role(len(self.elements.nodes) + number).kind
        telling = self.wiring.telling
        telling.comes(number)
        pre, post = self.wiring.pairs_of(number)
        telling.gets_on(number, DRAWN)
        source, own = self.slots[link.pre], self.slots[link.id]
        places = self.groups[own.group].places(own.first, own.n).astype(np.int32)
        n = len(pre)
        unit = pre + np.int32(self.groups[source.group].unit + source.first)
        target = places[post]
        del pre, post
        weight = _weights(kind, link, n, seed).astype(np.float32)
        telling.gets_on(number, WEIGHED)
        delay = delay_steps(per_synapse(kind, link, "delay", n, seed), self.settings.dt)
        telling.gets_on(number, DELAYED)
        return Part(unit, target, weight, delay, order)

    def _single(self, order: Indices) -> Part:
        """Return the synapses of all links between single neurons: the same as ``_part``, at once.

        A drawn circuit may have ten thousand of them, and arrays of one element each are slow.
        """
        number = self.spiking[order]
        source, own = self.elements.pre[number], len(self.elements.nodes) + number
        rows, slots = self.elements.link_rows, self.slots
        unit = np.array([g.unit for g in self.groups], np.int64)[slots.group[source]]
        return Part(
            (unit + slots.first[source]).astype(np.int32),
            places_of(self.groups, slots.group[own], slots.first[own]).astype(np.int32),
            rows["weight"][number].astype(np.float32),
            delay_steps(rows["delay"][number], self.settings.dt),
            order.astype(np.int32),
        )


def delay_steps(delay_ms: npt.ArrayLike, dt_ms: float) -> Int32s:
    """Return delays in whole steps, at least one."""
    steps = np.divide(delay_ms, dt_ms)
    # A link may have 10^8 delays: as few copies of them as possible.
    whole = np.rint(steps, out=steps if isinstance(steps, np.ndarray) else None).astype(np.int32)
    return np.asarray(np.maximum(whole, 1), np.int32)


def _weights(kind: Kind, link: Link, n: int, seed: int) -> npt.NDArray[np.float64]:
    """Return what one spike adds where it arrives: its weight, or one where spikes are counted."""
    if isinstance(kind, SynapseKind) and kind.counts:
        return np.ones(n)
    return per_synapse(kind, link, "weight", n, seed)


def wire(elements: Elements, settings: Settings, tell: Tell | None = None) -> Wiring:
    """Draw the pairs of every link.

    Args:
        elements: The nodes and links.
        settings: Time step and seed.
        tell: Told which link is next, how many synapses are drawn, and how many are expected.

    Raises:
        SimulationError: A link of a kind that is no synapse.
    """
    _check_synapses(elements)
    size, rows = elements.node_rows["size"], elements.link_rows
    n_pre, n_post = size[elements.pre], size[elements.post]
    spikes, symmetric = elements.of_links("spikes"), elements.of_links("symmetric")
    single = (n_pre == 1) & (n_post == 1) & rows["certain"] & rows["plain"]
    # What acts both ways joins no neuron with itself.
    single &= ~symmetric | (elements.pre != elements.post)
    columns = np.where(spikes, n_post, np.where(symmetric, 2, 1))
    flows = _flows(elements)
    several = np.flatnonzero(~single & ~flows)
    telling = Telling(elements, {k: expected_of(elements, k) for k in several.tolist()}, tell)
    pairs = {}
    # The others are drawn where they are put in order: all at once would fill the memory.
    for k in several[(rows["learns"] | ~spikes)[several]].tolist():
        telling.comes(k)
        pairs[k] = _drawn(elements, k, settings.seed)
        if not spikes[k]:
            columns[k] = len(pairs[k][0]) * (2 if symmetric[k] else 1)
    slices = {
        k: 1 if single[k] else _count_slices(elements, k, pairs[k][0], settings)
        for k in np.flatnonzero(rows["learns"] & spikes).tolist()
    }
    spiking, flowing = np.flatnonzero(spikes & ~flows), np.flatnonzero(flows)
    return Wiring(elements, single, pairs, columns, slices, spiking, flowing, settings, telling)


def _flows(elements: Elements) -> Flags:
    """Return which links join the Poisson trains of a large source to neurons, one to one."""
    size, rows = elements.node_rows["size"], elements.link_rows
    n_pre, n_post = size[elements.pre], size[elements.post]
    found = elements.of_links("spikes") & elements.of_links("injects")
    found &= (
        elements.of_nodes("counts_spikes")[elements.pre] & (n_pre == n_post) & (n_post >= LARGE)
    )
    return np.asarray(found & rows["certain"] & ~rows["everyone"] & rows["plain"] & ~rows["learns"])


def expected_of(elements: Elements, number: int) -> float:
    """Return how many synapses a link is expected to make."""
    size = elements.node_rows["size"]
    sizes = int(size[elements.pre[number]]), int(size[elements.post[number]])
    return expected_synapses(elements.links[number].rule, *sizes)


class Telling:
    """Tells which link comes next.

    Args:
        elements: The nodes and links.
        expected: How many synapses each link is expected to make, by its number.
        tell: Who is told.
    """

    def __init__(self, elements: Elements, expected: Mapping[int, float], tell: Tell | None):
        self.expected = expected
        self._elements, self._tell = elements, tell or silent
        self._done, self._total, self._told = 0.0, sum(expected.values()), set[int]()
        self._last = -1

    def comes(self, number: int) -> None:
        """Tell that the synapses of a link are next."""
        if number in self._told or number not in self.expected:
            return
        self._tell(self._words(number), self._done, self._total)
        self._told.add(number)
        self._last = number
        self._done += self.expected[number]

    def gets_on(self, number: int, part: float) -> None:
        """Tell that a part of a link's work is done: of the one that came last."""
        if number == self._last:
            left = (1.0 - part) * self.expected[number]
            self._tell(self._words(number), self._done - left, self._total)

    def _words(self, number: int) -> str:
        e = self._elements
        pre, post = (e.nodes[ends[number]].label for ends in (e.pre, e.post))
        return f"connecting {pre} -> {post}"


def _check_synapses(elements: Elements) -> None:
    wrong = np.flatnonzero(~elements.of_links("synapse"))
    if len(wrong):
        kind = elements.role(len(elements.nodes) + int(wrong[0])).kind
        raise SimulationError(f"{kind.title} is no synapse and can't connect two nodes")


def _drawn(elements: Elements, number: int, seed: int) -> Pairs:
    link = elements.links[number]
    kind = elements.role(len(elements.nodes) + number).kind
    assert isinstance(kind, SynapseKind)
    ends = (elements.nodes[elements.pre[number]], elements.nodes[elements.post[number]])
    return drawn(link, kind, {node.id: node for node in ends}, seed)


def _count_slices(elements: Elements, number: int, pre: Int32s, settings: Settings) -> int:
    """Return how many runs of synapses with one source neuron and delay a link has."""
    kind = elements.role(len(elements.nodes) + number).kind
    link = elements.links[number]
    delay = per_synapse(kind, link, "delay", len(pre), settings.seed)
    keys = np.column_stack((pre, delay_steps(delay, settings.dt)))
    return len(np.unique(keys, axis=0))


def drawn(link: Link, kind: SynapseKind, nodes: Mapping[str, Node], seed: int) -> Pairs:
    """Return the pairs of a link; see ``connectivity.pairs``.

    Inside one population, what acts both ways joins two neurons once, in whichever order it drew
    them, and no neuron with itself.
    """
    pre, post = pairs(link, nodes[link.pre].size, nodes[link.post].size, seed)
    if not kind.symmetric or link.pre != link.post:
        return pre, post
    low, high = np.minimum(pre, post), np.maximum(pre, post)
    both = np.unique(np.column_stack((low, high))[low < high], axis=0)
    return both[:, 0].copy(), both[:, 1].copy()
