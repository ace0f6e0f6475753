"""Spikes under way, as the driver keeps them and as plain columns that survive a recompilation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from neurocanvas.sim.bundles import ENTRY, Pool
from neurocanvas.sim.delivery import CHUNK, COUNT, FILL, FIRST, NEXT, grown, schedule
from neurocanvas.sim.program import Floats, Ints, Synapses

Int32s = npt.NDArray[np.int32]
FEWEST = 16
"""Chunks that a calendar begins with; more are added where they are needed."""


COLUMNS = ("step", "link", "pre", "delay", "count")


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
        links: Link ids.
    """

    step: Ints
    link: Ints
    pre: Ints
    delay: Ints
    count: Floats
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


class Calendar:
    """A ring of buckets, one per step; see ``bundles.Pool``.

    Entries of a chunk lie side by side: spikes that arrive together are read in one go, where a
    chain of single entries would cost a miss of the cache for each.

    Args:
        synapses: Whose slices the entries name.
        reach: Steps that lie ahead at most, beyond the longest delay.
    """

    def __init__(self, synapses: Synapses, reach: int = 0) -> None:
        ring = max(synapses.max_delay, reach) + 2
        self.synapses = synapses
        empty = Pool(
            np.full((ring, 2), -1, np.int64), np.zeros((0, 2), np.int64), np.zeros(0, ENTRY),
            np.array([-1, 0]),
        )  # fmt: skip
        self.pool: Pool = grown(empty, FEWEST)

    @property
    def ring(self) -> int:
        """Number of buckets."""
        return len(self.pool.ring)

    def flights(self, step: int) -> Flights:
        """Return all spikes under way before ``step`` begins."""
        s = self.synapses
        n = _count_flights(self.pool, s.start)
        arrival, k = np.empty(n, np.int64), np.empty(n, np.int64)
        count = np.empty(n)
        _list_flights(self.pool, s.start, step, arrival, k, count)
        link, delay = s.link[k].astype(np.int64), s.delay[k].astype(np.int64)
        return Flights(arrival, link, s.pre(k), delay, count, s.links)

    def put(self, flights: Flights, first_unit: dict[str, int]) -> None:
        """Take over spikes under way; those whose link or neuron is gone are lost with it.

        Where a link's delay has changed, a spike still arrives when it was due.

        Args:
            flights: The spikes.
            first_unit: Of each link, the first unit of its source node.
        """
        s = self.synapses
        mine = {link: k for k, link in enumerate(s.links)}
        used = np.unique(flights.link).tolist()
        number, unit = (np.full(len(flights.links), -1) for _ in range(2))
        for k in used:
            link = flights.links[k]
            if link in mine:
                number[k], unit[k] = mine[link], first_unit[link]
        last = len(s.unit_slice) - 2
        units = np.where(number[flights.link] < 0, -1, unit[flights.link] + flights.pre)
        units[units > last] = -1
        self.pool = _resume(
            self.pool, s.start, s.delay, s.link, s.unit_slice, flights.step % self.ring,
            number[flights.link], units, flights.delay, flights.count,
        )  # fmt: skip


@njit(nogil=True, cache=True, boundscheck=False)
def _count_flights(pool, start):  # type: ignore[no-untyped-def]
    """How many spikes are under way, each link that they go along by itself."""
    n = 0
    for bucket in range(pool.ring.shape[0]):
        chunk = pool.ring[bucket, FIRST]
        while chunk >= 0:
            for entry in range(chunk * CHUNK, chunk * CHUNK + pool.chunks[chunk, FILL]):
                k = pool.entries[entry].slice
                while start[k] < pool.entries[entry].end:
                    n += 1
                    k += 1
            chunk = pool.chunks[chunk, NEXT]
    return n


@njit(nogil=True, cache=True, boundscheck=False)
def _list_flights(pool, start, step, arrival, slices, counts):  # type: ignore[no-untyped-def]
    """Write when they arrive, with which slice, and how many they are."""
    n, ring = 0, pool.ring.shape[0]
    for ahead in range(ring):
        chunk = pool.ring[(step + ahead) % ring, FIRST]
        while chunk >= 0:
            for entry in range(chunk * CHUNK, chunk * CHUNK + pool.chunks[chunk, FILL]):
                now = pool.entries[entry]
                k = now.slice
                while start[k] < now.end:
                    arrival[n], slices[n], counts[n] = step + ahead, k, now.count
                    n += 1
                    k += 1
            chunk = pool.chunks[chunk, NEXT]


@njit(nogil=True, cache=True, boundscheck=False)
def _resume(  # type: ignore[no-untyped-def]
    pool, start, delay, link, unit_slice, bucket, number, unit, wanted, count
):
    """Schedule spikes along the slice of their link and delay, or all of the link's slices."""
    for i in range(bucket.shape[0]):
        if number[i] < 0 or unit[i] < 0:
            continue
        first, last = unit_slice[unit[i]], unit_slice[unit[i] + 1]
        exact = False
        for k in range(first, last):
            exact = exact or (link[k] == number[i] and delay[k] == wanted[i])
        for k in range(first, last):
            if link[k] == number[i] and (delay[k] == wanted[i] or not exact):
                if pool.free[COUNT] == 0:
                    pool = grown(pool, 2 * pool.chunks.shape[0])
                schedule(
                    pool.ring, pool.chunks, pool.entries, pool.free,
                    bucket[i], start[k], start[k + 1], k, count[i],
                )  # fmt: skip
    return pool
