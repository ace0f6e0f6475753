"""Links to synapses: pairs, targets and delays, sorted as the driver walks them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from neurocanvas.errors import SimulationError
from neurocanvas.model.distributions import Distribution, typical
from neurocanvas.model.elements import Link, Node, Settings
from neurocanvas.model.kinds import Kind, SynapseKind
from neurocanvas.sim.compiling.casting import Cast
from neurocanvas.sim.compiling.connectivity import ONE, Indices, pairs
from neurocanvas.sim.compiling.values import per_synapse
from neurocanvas.sim.program import Group, Slot, Synapses


@dataclass(frozen=True)
class Wiring:
    """Who reaches whom.

    Attributes:
        pairs: Link id -> (source neurons, target neurons).
        columns: Link id -> how many columns its group needs: one per target neuron where spikes
            arrive and add up, one per pair where a current is carried.
        slices: Link id -> runs of synapses with one source neuron and delay, where it learns.
        spiking: Ids of the links that carry spikes, in order.
        dt: Time step in ms.
    """

    pairs: Mapping[str, tuple[Indices, Indices]]
    columns: Mapping[str, int]
    slices: Mapping[str, int]
    spiking: tuple[str, ...]
    dt: float

    def synapses(
        self,
        groups: Sequence[Group],
        slots: Mapping[str, Slot],
        chosen: Cast,
        seed: int,
    ) -> Synapses:
        """Return all spiking connections, sorted by source unit, delay and link."""
        single = [i for i in self.spiking if self._is_single(i, chosen)]
        number = {link_id: k for k, link_id in enumerate(self.spiking)}
        alone = set(single)
        rest = [i for i in self.spiking if i not in alone]
        parts = [
            self._part(number[i], chosen.links[i], groups, slots, chosen.kinds[i], seed)
            for i in rest
        ]
        if single:
            parts.append(self._single(single, number, groups, slots, chosen))
        unit, pre, target, weight, delay, link = _joined(parts)
        order = np.lexsort((link, delay, unit))
        unit, pre, delay, link = unit[order], pre[order], delay[order], link[order]
        first = _run_starts(unit, delay, link)
        n_units = sum(g.n for g in groups if g.unit >= 0)
        if target.max(initial=0) >= 2**31:
            raise SimulationError("the circuit is too large: its state takes more than 16 GB")
        return Synapses(
            target=target[order].astype(np.int32),
            weight=weight[order].astype(np.float32),
            start=np.append(first, len(unit)),
            delay=delay[first],
            link=link[first],
            unit_slice=np.searchsorted(unit[first], np.arange(n_units + 1)),
            pre=pre[first],
            links=self.spiking,
        )

    def _part(
        self,
        number: int,
        link: Link,
        groups: Sequence[Group],
        slots: Mapping[str, Slot],
        kind: Kind,
        seed: int,
    ) -> tuple[Any, ...]:
        pre, post = self.pairs[link.id]
        source, own = slots[link.pre], slots[link.id]
        n = len(pre)
        return (
            groups[source.group].unit + source.first + pre,
            pre,
            groups[own.group].places(own.first, own.n)[post],
            _weights(kind, link, n, seed),
            delay_steps(per_synapse(kind, link, "delay", n, seed), self.dt),
            np.full(n, number),
        )

    def _is_single(self, link_id: str, chosen: Cast) -> bool:
        """Whether a link is one synapse between two single neurons, with plain values."""
        given = chosen.links[link_id].parameters.values()
        plain = not any(isinstance(value, Distribution) for value in given)
        return self.pairs[link_id][0] is ONE and plain

    def _single(
        self,
        links: Sequence[str],
        number: Mapping[str, int],
        groups: Sequence[Group],
        slots: Mapping[str, Slot],
        chosen: Cast,
    ) -> tuple[Any, ...]:
        """Return the synapses of all links between single neurons: the same as ``_part``, at once.

        A drawn circuit may have ten thousand of them, and arrays of one element each are slow.
        """
        columns, where, owner, values = [], [], [], []
        for link_id in links:
            link, kind = chosen.links[link_id], chosen.kinds[link_id]
            source, own = slots[link.pre], slots[link_id]
            columns.append((source.group, source.first, own.group, own.first))
            given, defaults = link.parameters, kind.coherent_defaults
            counted = isinstance(kind, SynapseKind) and kind.counts
            weight = 1.0 if counted else typical(given.get("weight", defaults.get("weight", 0.0)))
            values.append((weight, typical(given.get("delay", defaults["delay"]))))
            owner.append(number[link_id])
            where.append(0)
        source_group, source_first, own_group, own_first = np.array(columns, np.int64).T
        unit = np.array([g.unit for g in groups])[source_group] + source_first
        offset = np.array([g.offset for g in groups])[own_group]
        stride = np.array([g.source.stride for g in groups])[own_group]
        place = offset + (own_first >> 6) * stride + (own_first & 63)
        weight, delay = np.array(values, float).T
        pre = np.array(where, np.int64)
        return unit, pre, place, weight, delay_steps(delay, self.dt), np.array(owner, np.int64)


def delay_steps(delay_ms: npt.ArrayLike, dt_ms: float) -> Indices:
    """Return delays in whole steps, at least one."""
    return np.maximum(1, np.rint(np.asarray(delay_ms) / dt_ms)).astype(np.int64)


def _weights(kind: Kind, link: Link, n: int, seed: int) -> npt.NDArray[np.float64]:
    """Return what one spike adds where it arrives: its weight, or one where spikes are counted."""
    if isinstance(kind, SynapseKind) and kind.counts:
        return np.ones(n)
    return per_synapse(kind, link, "weight", n, seed)


def wire(chosen: Cast, settings: Settings) -> Wiring:
    """Draw the pairs of every link.

    Raises:
        SimulationError: A link of a kind that is no synapse.
    """
    found, columns, slices, spiking = {}, {}, {}, []
    nodes = chosen.nodes
    for link in chosen.links.values():
        kind = chosen.kinds[link.id]
        if not isinstance(kind, SynapseKind):
            raise SimulationError(f"{kind.title} is no synapse and can't connect two nodes")
        found[link.id] = drawn(link, kind, nodes, settings.seed)
        n = len(found[link.id][0])
        if kind.carries == "spikes":
            spiking.append(link.id)
            columns[link.id] = nodes[link.post].size
            if link.features:
                delay = per_synapse(kind, link, "delay", n, settings.seed)
                keys = np.column_stack((found[link.id][0], delay_steps(delay, settings.dt)))
                slices[link.id] = len(np.unique(keys, axis=0))
        else:
            columns[link.id] = 2 * n if kind.symmetric else n
    return Wiring(found, columns, slices, tuple(spiking), settings.dt)


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
