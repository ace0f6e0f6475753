"""Spikes under way, as the driver keeps them and as plain records that survive a recompilation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from neurocanvas.sim.program import Synapses

CHUNK = 32
"""Entries that lie side by side."""
FREE_HEAD, FREE_COUNT, LOGGED, FAILED_GROUP, FAILED_COLUMN = range(5)
"""Places in the driver's own state array."""

ByDelay = dict[tuple[str, int, int], list[int]]
ByNeuron = dict[tuple[str, int], list[int]]


@dataclass(frozen=True)
class Flight:
    """A spike on its way along one link: the calendar's entry without its array positions.

    Attributes:
        step: At the beginning of which step it arrives.
        link: Id of the link.
        pre: Which neuron of the source node it comes from.
        delay: Delay of its slice in steps.
        count: How many spikes left together, times what plasticity let them release.
    """

    step: int
    link: str
    pre: int
    delay: int
    count: float

    def moved(self, step: int) -> Flight:
        """Return the same spike arriving in another step (the step's length has changed)."""
        return replace(self, step=step)


class Calendar:
    """A ring of buckets, one per step, each a chain of chunks of entries (arrays for the driver).

    Entries of a chunk lie side by side: spikes that arrive together are read in one go, where a
    chain of single entries would cost a miss of the cache for each.

    Args:
        synapses: Whose slices the entries name.
        reach: Steps that lie ahead at most, beyond the longest delay.
    """

    def __init__(self, synapses: Synapses, reach: int = 0) -> None:
        ring = max(synapses.max_delay, reach) + 2
        self.synapses = synapses
        self.head = np.full(ring, -1, np.int64)
        self.tail = np.full(ring, -1, np.int64)
        self.next = np.zeros(0, np.int64)
        self.fill = np.zeros(0, np.int64)
        self.slice = np.zeros(0, np.int64)
        self.count = np.zeros(0)
        self.state = np.array([-1, 0, 0, -1, -1], np.int64)
        self.grow(max(16, 4 * self._needed()))

    def _needed(self) -> int:
        """Return how many chunks one step takes at most: every unit fires."""
        entries = len(self.synapses.delay)
        return entries // CHUNK + min(entries, len(self.head)) + 1

    def grow(self, chunks: int) -> None:
        """Enlarge the pool to at least this many chunks."""
        old = len(self.next)
        if chunks <= old:
            return
        more = chunks - old
        fresh = np.arange(old + 1, chunks + 1)
        fresh[-1] = self.state[0]
        self.next = np.concatenate((self.next, fresh))
        self.fill = np.concatenate((self.fill, np.zeros(more, np.int64)))
        self.slice = np.concatenate((self.slice, np.zeros(more * CHUNK, np.int64)))
        self.count = np.concatenate((self.count, np.zeros(more * CHUNK)))
        self.state[0] = old
        self.state[1] += more

    def has_room(self) -> bool:
        """Whether one more step fits, even if every unit fires in it."""
        return bool(self.state[1] >= self._needed())

    def make_room(self) -> None:
        """Enlarge the pool until one more step fits."""
        while not self.has_room():
            self.grow(2 * len(self.next))

    def flights(self, step: int) -> list[Flight]:
        """Return all spikes under way before ``step`` begins, by arrival and then by departure."""
        found = []
        s, ring = self.synapses, len(self.head)
        for ahead in range(ring):
            chunk = self.head[(step + ahead) % ring]
            while chunk >= 0:
                for entry in range(chunk * CHUNK, chunk * CHUNK + self.fill[chunk]):
                    k = self.slice[entry]
                    flight = Flight(
                        step=step + ahead,
                        link=s.links[s.link[k]],
                        pre=int(s.pre[k]),
                        delay=int(s.delay[k]),
                        count=float(self.count[entry]),
                    )
                    found.append(flight)
                chunk = self.next[chunk]
        return found

    def put(self, flights: Iterable[Flight]) -> None:
        """Take over spikes under way; those whose link or neuron is gone are lost with it.

        Where a link's delay has changed, a spike still arrives when it was due.
        """
        flights = list(flights)
        exact, any_delay = self._slices({flight.link for flight in flights})
        for flight in flights:
            slices = exact.get((flight.link, flight.pre, flight.delay))
            for k in slices or any_delay.get((flight.link, flight.pre), []):
                self._append(flight.step % len(self.head), k, flight.count)

    def _slices(self, links: set[str]) -> tuple[ByDelay, ByNeuron]:
        """Map (link, neuron, delay), and (link, neuron), to slices, for some links."""
        s = self.synapses
        exact: ByDelay = {}
        any_delay: ByNeuron = {}
        wanted = np.array([name in links for name in s.links], bool)
        chosen = np.flatnonzero(wanted[s.link]) if len(wanted) else np.zeros(0, np.int64)
        columns = (s.link[chosen], s.pre[chosen], s.delay[chosen])
        rows = zip(chosen.tolist(), *(column.tolist() for column in columns), strict=True)
        for k, link, pre, delay in rows:
            exact[s.links[link], pre, delay] = [k]
            any_delay.setdefault((s.links[link], pre), []).append(k)
        return exact, any_delay

    def _append(self, bucket: int, k: int, count: float) -> None:
        """Do what ``driver.schedule`` does."""
        chunk = self.tail[bucket]
        if chunk < 0 or self.fill[chunk] == CHUNK:
            chunk = self._begin(bucket, chunk)
        entry = chunk * CHUNK + self.fill[chunk]
        self.slice[entry], self.count[entry] = k, count
        self.fill[chunk] += 1

    def _begin(self, bucket: int, last: int) -> int:
        """Chain an empty chunk to a bucket."""
        if self.state[1] == 0:
            self.grow(2 * len(self.next))
        chunk = int(self.state[0])
        self.state[0] = self.next[chunk]
        self.state[1] -= 1
        self.next[chunk], self.fill[chunk] = -1, 0
        if last < 0:
            self.head[bucket] = chunk
        else:
            self.next[last] = chunk
        self.tail[bucket] = chunk
        return chunk
