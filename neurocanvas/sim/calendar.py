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
RESUME = Exported(_LOOPS, "resume")
GOING_ON = (COUNT, LIST, RESUME)
"""What carries spikes over to another program."""
"""What walks through a calendar, compiled when it is first needed."""


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
        arrival, k = np.empty(n, np.int64), np.empty(n, np.int64)
        count = np.empty(n)
        made(LIST)(self.pool, s.start, first, step, arrival, k, count)
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
        used = np.unique(flights.link).tolist()
        wanted = {flights.links[k] for k in used}
        mine = {link: k for k, link in enumerate(s.links) if link in wanted}
        number, unit = (np.full(len(flights.links), -1) for _ in range(2))
        for k in used:
            link = flights.links[k]
            if link in mine:
                number[k], unit[k] = mine[link], first_unit[link]
        last = len(self.runs.unit_run) - 2
        units = np.where(number[flights.link] < 0, -1, unit[flights.link] + flights.pre)
        units[units > last] = -1
        chunks, entries = made(RESUME)(
            self.pool, s.start, s.delay, s.link, self.runs.unit_run, self.runs.first,
            flights.step % self.ring, number[flights.link], units, flights.delay, flights.count,
        )  # fmt: skip
        self.pool = self.pool._replace(chunks=chunks, entries=entries)
