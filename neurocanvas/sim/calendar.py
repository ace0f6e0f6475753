"""Spikes under way, as the driver keeps them and as plain columns that survive a recompilation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from neurocanvas.sim.bundles import CHUNK, ENTRY, NEXT, Pool
from neurocanvas.sim.native.items import Exported
from neurocanvas.sim.native.making import made
from neurocanvas.sim.program import Floats, Ints, Synapses
from neurocanvas.sim.runs import Runs

Int32s = npt.NDArray[np.int32]
FEWEST = 16
"""Chunks that a calendar begins with; more are added where they are needed."""

_LOOPS = "neurocanvas.sim.flights"
COUNT, LIST = Exported(_LOOPS, "count_flights"), Exported(_LOOPS, "list_flights")
RESUME, BY_TARGET = Exported(_LOOPS, "resume"), Exported(_LOOPS, "resume_by_target")
GOING_ON = (COUNT, LIST, RESUME, BY_TARGET)
"""What carries spikes over to another program; compiled ahead, or when it is first needed."""


COLUMNS = ("step", "link", "pre", "delay", "count", "synapse", "size", "at")


@dataclass(frozen=True)
class Flights:
    """Spikes on their way along links: entries of a calendar without its array positions.

    One for each link that a spike goes along, by arrival and then by departure.

    Attributes:
        step: At the beginning of which step it arrives.
        link: Number of the link in ``links``.
        pre: Which neuron of the source node it comes from.
        delay: Delay of its slice in steps.
        count: How many spikes left together, times what plasticity let them release.
        synapse, size: The first synapse that it goes along, and how many they are; -1 and 0 for
            all that its neuron has in the link.
        at: How many synapses of its slice are before these.
        links: Link ids.
    """

    step: Ints
    link: Ints
    pre: Ints
    delay: Ints
    count: Floats
    synapse: Ints
    size: Ints
    at: Ints
    links: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.step)

    def of(self, link: str) -> Flights | None:
        """Return those along one link, None if it is not among the links."""
        return self.where(self.link == self.links.index(link)) if link in self.links else None

    def where(self, chosen: npt.NDArray[np.bool_]) -> Flights:
        """Return some of them."""
        found: list[Any] = [column[chosen] for column in self._columns()]
        return replace(self, **dict(zip(COLUMNS, found, strict=True)))

    def _columns(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in COLUMNS)

    def joined(self, others: Flights) -> Flights:
        """Return these and others, which go along other links."""
        if not len(others):
            return self
        later = replace(others, link=others.link + len(self.links))
        pairs = zip(self._columns(), later._columns(), strict=True)
        found: list[Any] = [np.concatenate(pair) for pair in pairs]
        return replace(
            self, **dict(zip(COLUMNS, found, strict=True)), links=self.links + others.links
        )

    def moved(self, now: int, ratio: float) -> Flights:
        """Return the same spikes where the length of a step has changed."""
        ahead = np.rint((self.step - now) * ratio).astype(np.int64)
        return replace(self, step=now + ahead)


@dataclass(frozen=True)
class Ways:
    """What has become of the links that spikes are on their way along; a row for each link.

    Attributes:
        number: Its number now, -1 if it is gone.
        unit: The first unit of its source node, -1 if it is gone.
        alike: Whether its synapses are as they were, with the same delays in steps.
        lay, lie: Where its columns lay and lie: (offset, stride, first column) of their group.
        columns: How many columns a link has at most.
    """

    number: Ints
    unit: Ints
    alike: npt.NDArray[np.bool_]
    lay: Ints
    lie: Ints
    columns: int


class Calendar:
    """A ring of buckets, one per step; see ``bundles.Pool``.

    Entries of a chunk lie side by side: spikes that arrive together are read in one go, where a
    chain of single entries would cost a miss of the cache for each.

    Args:
        synapses: Where spikes go.
        runs: Their runs, which the entries name.
        reach: Steps that lie ahead at most, beyond the longest delay.
    """

    def __init__(self, synapses: Synapses, runs: Runs, reach: int = 0) -> None:
        ring = max(synapses.max_delay, reach) + 2
        self.synapses, self.runs = synapses, runs
        chunks = np.zeros((FEWEST, 2), np.int64)
        chunks[:, NEXT] = [*range(1, FEWEST), -1]
        self.pool = Pool(
            np.full((ring, 2), -1, np.int64), chunks, np.zeros(FEWEST * CHUNK, ENTRY),
            np.array([0, FEWEST]),
        )  # fmt: skip

    @property
    def ring(self) -> int:
        """Number of buckets."""
        return len(self.pool.ring)

    def flights(self, step: int) -> Flights:
        """Return all spikes under way before ``step`` begins."""
        s, first = self.synapses, self.runs.first
        n = made(COUNT)(self.pool, s.start, first)
        arrival, k, synapse, size = (np.empty(n, np.int64) for _ in range(4))
        count = np.empty(n)
        made(LIST)(self.pool, s.start, first, step, arrival, k, count, synapse, size)
        link, delay = s.link[k].astype(np.int64), s.delay[k].astype(np.int64)
        at = synapse - s.start[k].astype(np.int64)
        return Flights(arrival, link, s.pre(k), delay, count, synapse, size, at, s.links)

    def put(self, flights: Flights, ways: Ways, before: Synapses) -> None:
        """Take over spikes under way; those whose link or neuron is gone are lost with it.

        Where a link's delay has changed, a spike still arrives when it was due, and at whom it was
        due: those neurons may be reached by other slices now.

        Args:
            flights: The spikes.
            ways: What has become of their links.
            before: The synapses that they went along so far.
        """
        units = ways.unit[flights.link] + flights.pre
        units[(ways.unit[flights.link] < 0) | (units > len(self.runs.unit_run) - 2)] = -1
        known = ways.alike[flights.link] | (flights.size == 0)
        if known.all():
            self._put(flights, units, ways)
            return
        self._put(flights.where(known), units[known], ways)
        self._put_by_target(flights.where(~known), units[~known], ways, before)

    def _put(self, flights: Flights, units: Ints, ways: Ways) -> None:
        """Take over spikes along slices that are as they were, or along all of a link."""
        s = self.synapses
        self._take(made(RESUME)(
            self.pool, s.start, s.delay, s.link, self.runs.unit_run, self.runs.first,
            flights.step % self.ring, ways.number[flights.link], units, flights.delay,
            flights.count, flights.at, flights.size,
        ))  # fmt: skip

    def _put_by_target(self, flights: Flights, units: Ints, ways: Ways, before: Synapses) -> None:
        """Take over spikes along links whose synapses are in other slices now."""
        s = self.synapses
        self._take(made(BY_TARGET)(
            self.pool, s.start, s.target, s.link, self.runs.unit_run, self.runs.first,
            before.target, ways.lay, ways.lie, flights.link, flights.step % self.ring,
            ways.number[flights.link], units, flights.synapse, flights.size, flights.count,
            np.zeros(ways.columns, np.int64),
        ))  # fmt: skip

    def _take(self, grown: tuple[Any, ...]) -> None:
        chunks, entries = grown
        self.pool = self.pool._replace(chunks=chunks, entries=entries)
