"""Links to synapses: pairs, targets and delays, sorted as the driver walks them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from neurocanvas.errors import SimulationError
from neurocanvas.model.elements import Link, Node, Settings
from neurocanvas.model.kinds import Kind, SynapseKind
from neurocanvas.model.projections import expected_synapses
from neurocanvas.sim.compiling.casting import Elements, Flags
from neurocanvas.sim.compiling.connectivity import ONE, Indices, pairs
from neurocanvas.sim.compiling.values import per_synapse
from neurocanvas.sim.program import Group, Slots, Synapses, places_of
from neurocanvas.sim.progress import Tell, silent


@dataclass(frozen=True)
class Wiring:
    """Who reaches whom; links by their numbers.

    Attributes:
        elements: The nodes and links.
        single: Which links join one neuron with one, with plain values: most of a drawn circuit.
        pairs: (source neurons, target neurons) of all others.
        columns: How many columns its group needs for each link: one per target neuron where spikes
            arrive and add up, one per pair where a current is carried.
        slices: Runs of synapses with one source neuron and delay, where a link learns.
        spiking: The links that carry spikes.
        settings: Time step and seed.
    """

    elements: Elements
    single: Flags
    pairs: Mapping[int, tuple[Indices, Indices]]
    columns: Indices
    slices: Mapping[int, int]
    spiking: Indices
    settings: Settings

    def pairs_of(self, number: int) -> tuple[Indices, Indices]:
        """Return source and target neurons of a link."""
        return self.pairs.get(number, (ONE, ONE))

    def synapses(self, groups: Sequence[Group], slots: Slots) -> Synapses:
        """Return all spiking connections, sorted by source unit, delay and link."""
        alone = self.single[self.spiking]
        rest = np.flatnonzero(~alone).tolist()
        parts = [self._part(k, int(self.spiking[k]), groups, slots) for k in rest]
        parts.append(self._single(np.flatnonzero(alone), groups, slots))
        unit, pre, target, weight, delay, link = _joined(parts)
        order = np.lexsort((link, delay, unit))
        unit, pre, delay, link = unit[order], pre[order], delay[order], link[order]
        first = _run_starts(unit, delay, link)
        n_units = sum(g.n for g in groups if g.unit >= 0)
        if target.max(initial=0) >= 2**31:
            raise SimulationError("the circuit is too large: its state takes more than 16 GB")
        n_nodes = len(self.elements.nodes)
        return Synapses(
            target=target[order].astype(np.int32),
            weight=weight[order].astype(np.float32),
            start=np.append(first, len(unit)),
            delay=delay[first],
            link=link[first],
            unit_slice=np.searchsorted(unit[first], np.arange(n_units + 1)),
            pre=pre[first],
            links=tuple(self.elements.ids[n_nodes + self.spiking].tolist()),
        )

    def _part(
        self, order: int, number: int, groups: Sequence[Group], slots: Slots
    ) -> tuple[Any, ...]:
        """Return the synapses of one link, the ``order``-th of those that carry spikes."""
        link, seed = self.elements.links[number], self.settings.seed
        kind = self.elements.role(len(self.elements.nodes) + number).kind
        pre, post = self.pairs_of(number)
        source, own = slots[link.pre], slots[link.id]
        n = len(pre)
        return (
            groups[source.group].unit + source.first + pre,
            pre,
            groups[own.group].places(own.first, own.n)[post],
            _weights(kind, link, n, seed),
            delay_steps(per_synapse(kind, link, "delay", n, seed), self.settings.dt),
            np.full(n, order),
        )

    def _single(self, order: Indices, groups: Sequence[Group], slots: Slots) -> tuple[Any, ...]:
        """Return the synapses of all links between single neurons: the same as ``_part``, at once.

        A drawn circuit may have ten thousand of them, and arrays of one element each are slow.
        """
        number = self.spiking[order]
        source, own = self.elements.pre[number], len(self.elements.nodes) + number
        rows = self.elements.link_rows
        unit = np.array([g.unit for g in groups], np.int64)[slots.group[source]]
        return (
            unit + slots.first[source],
            np.zeros(len(number), np.int64),
            places_of(groups, slots.group[own], slots.first[own]),
            rows["weight"][number],
            delay_steps(rows["delay"][number], self.settings.dt),
            order,
        )


def delay_steps(delay_ms: npt.ArrayLike, dt_ms: float) -> Indices:
    """Return delays in whole steps, at least one."""
    return np.maximum(1, np.rint(np.asarray(delay_ms) / dt_ms)).astype(np.int64)


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
    pairs = {}
    several = np.flatnonzero(~single).tolist()
    done, expected = 0.0, sum(expected_of(elements, k) for k in several)
    for k in several:
        (tell or silent)(_words(elements, k), done, expected)
        done += expected_of(elements, k)
        pairs[k] = _drawn(elements, k, settings.seed)
        if not spikes[k]:
            columns[k] = len(pairs[k][0]) * (2 if symmetric[k] else 1)
    slices = {
        k: 1 if single[k] else _count_slices(elements, k, pairs[k][0], settings)
        for k in np.flatnonzero(rows["learns"] & spikes).tolist()
    }
    return Wiring(elements, single, pairs, columns, slices, np.flatnonzero(spikes), settings)


def expected_of(elements: Elements, number: int) -> float:
    """Return how many synapses a link is expected to make."""
    size = elements.node_rows["size"]
    sizes = int(size[elements.pre[number]]), int(size[elements.post[number]])
    return expected_synapses(elements.links[number].rule, *sizes)


def _words(elements: Elements, number: int) -> str:
    pre, post = (elements.nodes[ends[number]].label for ends in (elements.pre, elements.post))
    return f"connecting {pre} -> {post}"


def _check_synapses(elements: Elements) -> None:
    wrong = np.flatnonzero(~elements.of_links("synapse"))
    if len(wrong):
        kind = elements.role(len(elements.nodes) + int(wrong[0])).kind
        raise SimulationError(f"{kind.title} is no synapse and can't connect two nodes")


def _drawn(elements: Elements, number: int, seed: int) -> tuple[Indices, Indices]:
    link = elements.links[number]
    kind = elements.role(len(elements.nodes) + number).kind
    assert isinstance(kind, SynapseKind)
    ends = (elements.nodes[elements.pre[number]], elements.nodes[elements.post[number]])
    return drawn(link, kind, {node.id: node for node in ends}, seed)


def _count_slices(elements: Elements, number: int, pre: Indices, settings: Settings) -> int:
    """Return how many runs of synapses with one source neuron and delay a link has."""
    kind = elements.role(len(elements.nodes) + number).kind
    link = elements.links[number]
    delay = per_synapse(kind, link, "delay", len(pre), settings.seed)
    keys = np.column_stack((pre, delay_steps(delay, settings.dt)))
    return len(np.unique(keys, axis=0))


def drawn(
    link: Link, kind: SynapseKind, nodes: Mapping[str, Node], seed: int
) -> tuple[Indices, Indices]:
    """Return the pairs of a link; see ``connectivity.pairs``.

    Inside one population, what acts both ways joins two neurons once, in whichever order it drew
    them, and no neuron with itself.
    """
    pre, post = pairs(link, nodes[link.pre].size, nodes[link.post].size, seed)
    if not kind.symmetric or link.pre != link.post:
        return pre, post
    low, high = np.minimum(pre, post), np.maximum(pre, post)
    joined = np.unique(np.column_stack((low, high))[low < high], axis=0)
    return joined[:, 0].copy(), joined[:, 1].copy()


def _joined(parts: list[tuple[Any, ...]]) -> list[Any]:
    """Concatenate the parts of all links, field by field."""
    empty = (np.zeros(0, np.int64),) * 3 + (np.zeros(0),) + (np.zeros(0, np.int64),) * 2
    return [np.concatenate(field) for field in zip(empty, *parts, strict=True)]


def _run_starts(*keys: Indices) -> Indices:
    """Return where a run of equal keys begins."""
    n = len(keys[0])
    if n == 0:
        return np.zeros(0, np.int64)
    change = np.zeros(n, bool)
    change[0] = True
    for key in keys:
        change[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(change)
