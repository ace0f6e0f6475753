"""Counts of Poisson trains on their way: a ring of the last steps for each source.

What left in step n is added to the targets in step ``n + 1 + delay``, column by column.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from neurocanvas.sim.bundles import Stream
from neurocanvas.sim.calendar import COLUMNS, Flights
from neurocanvas.sim.program import Flow, Ints, Program

ALWAYS = 2**62
"""A step that never comes."""


@dataclass
class Ring:
    """The counts of one source in the last steps; those of step s lie in row ``s % depth``.

    Attributes:
        source: Number of its group, -1 for one that is gone or that is not one source's own.
        counts: float32 of shape (depth, n).
    """

    source: int
    counts: npt.NDArray[np.float32]

    @property
    def depth(self) -> int:
        """For how many steps counts are kept."""
        return len(self.counts)

    def renewed(self, source: int, depth: int, step: int) -> Ring:
        """Return a copy for at least so many steps, with the same counts before a step."""
        depth = max(depth, self.depth)
        found = Ring(source, np.zeros((depth, self.counts.shape[1]), np.float32))
        for s in range(step - self.depth, step):
            found.counts[s % depth] = self.counts[s % self.depth]
        return found


@dataclass(frozen=True)
class Lane:
    """One link's way, as long as it holds: what left in the steps from ``since`` to ``until``.

    Attributes:
        flow: The link.
        ring: Whose counts.
        delay: In steps.
        since, until: Steps of departure.
    """

    flow: Flow
    ring: Ring
    delay: int
    since: int = 0
    until: int = ALWAYS


class Flows:
    """All counts on their way in one simulation.

    Args:
        program: The circuit.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        depth: dict[int, int] = {}
        for flow in program.flows:
            depth[flow.source] = max(depth.get(flow.source, 0), flow.delay + 2)
        size = {flow.source: flow.n for flow in program.flows}
        rings = {k: Ring(k, np.zeros((d, size[k]), np.float32)) for k, d in depth.items()}
        self.links = {flow.link: flow for flow in program.flows}
        self.lanes = [Lane(f, rings[f.source], f.delay) for f in program.flows]

    @property
    def rings(self) -> list[Ring]:
        """All rings, each once."""
        return list({id(lane.ring): lane.ring for lane in self.lanes}.values())

    def silent(self, hidden: set[str]) -> set[int]:
        """Return the groups of sources whose spikes nobody needs one by one.

        Args:
            hidden: Nodes whose spikes are not listed.
        """
        p = self._program
        found = {flow.source for flow in p.flows if set(p.groups[flow.source].elements) <= hidden}
        for number in list(found):
            group, slices = p.groups[number], p.synapses.unit_slice
            if slices[group.unit] < slices[group.unit + group.n]:
                found.discard(number)
        return found

    def streams(self, cuts: Mapping[int, Ints], threads: int) -> list[Stream]:
        """Return what each thread works on; see ``bundles.Stream``.

        Args:
            cuts: For each group of targets or sources, the columns that divide it among threads.
            threads: How many they are.
        """
        rings = self.rings
        first = np.cumsum([0, *(ring.counts.size for ring in rings)]).tolist()
        counts = np.concatenate([np.zeros(0, np.float32), *(r.counts.ravel() for r in rings)])
        place = {}
        for ring, at in zip(rings, first, strict=False):
            # From now on they are one array, of which each ring is a part.
            ring.counts = counts[at : at + ring.counts.size].reshape(ring.counts.shape)
            place[id(ring)] = at
        return [
            Stream(counts, self._kept(place, cuts, k), self._added(place, cuts, k))
            for k in range(threads)
        ]

    def _kept(self, place: Mapping[int, int], cuts: Mapping[int, Ints], thread: int) -> Ints:
        rows = []
        for ring in self.rings:
            if ring.source >= 0:
                own, share = self._program.groups[ring.source], cuts[ring.source]
                rows.append((own.offset, own.source.stride, share[thread], share[thread + 1],
                             place[id(ring)], ring.depth, own.n))  # fmt: skip
        return np.array(rows, np.int64).reshape(len(rows), 7)

    def _added(self, place: Mapping[int, int], cuts: Mapping[int, Ints], thread: int) -> Ints:
        rows = []
        for lane in self.lanes:
            own, share = self._program.groups[lane.flow.target], cuts[lane.flow.target]
            rows.append((own.offset, own.source.stride, share[thread], share[thread + 1],
                         place[id(lane.ring)], lane.ring.depth, lane.flow.n, lane.flow.weight,
                         lane.delay, lane.since, lane.until))  # fmt: skip
        return np.array(rows, np.int64).reshape(len(rows), 11)

    # -- going on --------------------------------------------------------------------------------

    def adopt(self, old: Flows, step: int, same_dt: bool) -> None:
        """Take over the counts on their way from another simulation that stands at a step.

        Those of a link whose delay has changed still arrive when they were due.
        """
        if not same_dt:
            return
        found: list[Lane] = []
        for lane in self.lanes:
            own = [was for was in old.lanes if was.flow.link == lane.flow.link]
            found += _continued(lane, [was for was in own if was.flow.n == lane.flow.n], step)
        self.lanes = _in_rings_of_their_own(found, step)

    def flights(self, step: int, others: Collection[str]) -> Flights:
        """Return the counts that are on their way before a step, spike by spike.

        Args:
            step: The step.
            others: Links that are not wanted.
        """
        links = tuple(sorted({lane.flow.link for lane in self.lanes}.difference(others)))
        parts: list[tuple[Any, ...]] = []
        for lane in self.lanes:
            if lane.flow.link not in links:
                continue
            for s in range(max(lane.since, step - 1 - lane.delay), min(step, lane.until)):
                pre = np.flatnonzero(lane.ring.counts[s % lane.ring.depth])
                n, number = len(pre), links.index(lane.flow.link)
                count = lane.ring.counts[s % lane.ring.depth, pre].astype(float)
                parts.append((np.full(n, s + 1 + lane.delay), np.full(n, number), pre,
                              np.full(n, lane.delay), count, *_all_of_link(n)))  # fmt: skip
        none = np.zeros(0, np.int64)
        nothing = (none, none, none, none, np.zeros(0), *_all_of_link(0))
        columns = zip(nothing, *parts, strict=True)
        found: dict[str, Any] = dict(zip(COLUMNS, map(np.concatenate, columns), strict=True))
        return Flights(**found, links=links)

    def put(self, flights: Flights, step: int) -> None:
        """Take over spikes under way along links that flow now but did not before."""
        for lane in list(self.lanes):
            own = flights.of(lane.flow.link)
            own = own if own is None else own.where(own.pre < lane.flow.n)
            if own is not None and len(own):
                delay = int(own.step.max()) - step
                counts = np.zeros((delay + 2, lane.flow.n), np.float32)
                np.add.at(counts, ((own.step - 1 - delay) % (delay + 2), own.pre), own.count)
                since = int(own.step.min()) - 1 - delay
                self.lanes.append(Lane(lane.flow, Ring(-1, counts), delay, since, step))


def _all_of_link(n: int) -> tuple[Ints, Ints, Ints]:
    """Return ``synapse``, ``size`` and ``at`` of n spikes that go along all of a neuron's."""
    return np.full(n, -1), np.zeros(n, np.int64), np.zeros(n, np.int64)


def _continued(lane: Lane, before: list[Lane], step: int) -> list[Lane]:
    """Return the lanes of a link after a step.

    Args:
        lane: The new one.
        before: Those that the link had.
        step: The step.
    """
    found = []
    for was in before:
        if was.until == ALWAYS and was.delay == lane.delay:
            found.append(replace(was, flow=lane.flow))
        elif min(was.until, step) + was.delay >= step:
            found.append(replace(was, flow=lane.flow, until=min(was.until, step)))
    goes_on = any(one.until == ALWAYS for one in found)
    return found if goes_on else [replace(lane, since=step), *found]


def _in_rings_of_their_own(lanes: list[Lane], step: int) -> list[Lane]:
    """Return lanes with copies of their rings; all lanes of a source use one.

    Rings that stand for no source stay apart.
    """
    keys = [lane.flow.source if lane.ring.source >= 0 else ~id(lane.ring) for lane in lanes]
    rings: dict[int, Ring] = {}
    for key in keys:
        own = [lane for lane, other in zip(lanes, keys, strict=True) if other == key]
        # The ring of a new lane is empty; one that was there before holds what is on its way.
        fullest = max((lane.ring for lane in own), key=lambda ring: ring.counts.any())
        depth = max(lane.delay for lane in own) + 2
        if key not in rings:
            rings[key] = fullest.renewed(max(key, -1), depth, step)
    return [replace(lane, ring=rings[key]) for lane, key in zip(lanes, keys, strict=True)]
