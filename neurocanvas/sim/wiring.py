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
from neurocanvas.sim.casting import Cast
from neurocanvas.sim.connectivity import Indices, pairs
from neurocanvas.sim.program import Group, Slot, Synapses
from neurocanvas.sim.values import per_synapse


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
        parts = [
            self._part(number, chosen.links[i], groups, slots, chosen.kinds[i], seed)
            for number, i in enumerate(self.spiking)
        ]
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
