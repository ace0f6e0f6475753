"""Synapses in the order in which the driver walks them: by source unit, delay and link.

Of a large source node, each synapse is written once to where it belongs, by counting: nothing is
sorted, and there is never a copy of the whole.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from neurocanvas.errors import SimulationError
from neurocanvas.sim.native.items import Exported
from neurocanvas.sim.native.making import made
from neurocanvas.sim.program import Ints

Int32s = npt.NDArray[np.int32]
Float32s = npt.NDArray[np.float32]

MOST = 2**32
"""Synapses are counted in 32 bits: more of them would take 34 GB."""
SPARSE = 4
"""Counting needs a place for each pair of unit and delay: not more of them per synapse."""
FEW = 20_000
"""So many are sorted just as soon, and without anything that is compiled."""
_COUNT = Exported("neurocanvas.sim.compiling.placing", "count")
_PUT = Exported("neurocanvas.sim.compiling.placing", "put")
PLACING = (_COUNT, _PUT)
"""What puts the synapses of a large source node in order."""
_SPARE = 1.02
"""How much more room is taken than expected; what is never written takes no memory."""


@dataclass(frozen=True)
class Part:
    """Synapses of some links, in the order of links, source units and targets.

    Attributes:
        unit: Source units.
        target: Arena places that a spike adds to.
        weight: What it adds.
        delay: In steps.
        link: Numbers of the links; one number where all are of one.
    """

    unit: Int32s
    target: Int32s
    weight: Float32s
    delay: Int32s
    link: Int32s | int

    def __len__(self) -> int:
        return len(self.unit)

    @property
    def links(self) -> Int32s:
        """The number of each synapse's link."""
        return np.broadcast_to(np.asarray(self.link, np.int32), len(self.unit))

    def cut(self, units: Collection[int]) -> list[Part]:
        """Cut at some units, in order: one part more than there are units."""
        if not units:
            return [self]
        piece = np.searchsorted(np.array(list(units)), self.unit, side="right")
        return [self._chosen(np.flatnonzero(piece == k)) for k in range(len(units) + 1)]

    def _chosen(self, which: Ints) -> Part:
        unit, target, delay, link = (
            column[which] for column in (self.unit, self.target, self.delay, self.links)
        )
        return Part(unit, target, self.weight[which], delay, link)


@dataclass(frozen=True)
class Ordered:
    """Synapses of all units, in order; see ``program.Synapses``."""

    target: Int32s
    weight: Float32s
    start: npt.NDArray[np.uint32]
    delay: Int32s
    link: Int32s
    unit_slice: Ints


class Order:
    """Puts synapses in order, source node by source node.

    Args:
        n_units: Units of the circuit.
        expected: About how many synapses there will be.
    """

    def __init__(self, n_units: int, expected: float) -> None:
        room = int(expected * _SPARE) + 1024
        self._target, self._weight = np.empty(room, np.int32), np.empty(room, np.float32)
        self._n = 0
        self._starts: list[npt.NDArray[np.uint32]] = []
        self._delays: list[Int32s] = []
        self._links: list[Int32s] = []
        self._slices = np.zeros(n_units + 1, np.int64)

    def add(self, parts: Sequence[Part]) -> None:
        """Take the synapses of some units; their units come after those of all calls before."""
        n = sum(map(len, parts))
        if n == 0:
            return
        self._reserve(n)
        least = min(int(part.delay.min()) for part in parts if len(part))
        span = max(int(part.delay.max()) for part in parts if len(part)) - least + 1
        first = min(int(part.unit.min()) for part in parts if len(part))
        units = max(int(part.unit.max()) for part in parts if len(part)) - first + 1
        counted = n > FEW and all(isinstance(part.link, int) for part in parts)
        if counted and units * span <= SPARSE * n:
            self._count(parts, (first, units), (least, span))
        else:
            self._sort(parts)
        self._n += n

    def finish(self) -> Ordered:
        """Return all of them."""
        starts = [*self._starts, np.array([self._n], np.uint32)]
        none = np.zeros(0, np.int32)
        return Ordered(
            self._target[: self._n],
            self._weight[: self._n],
            np.concatenate(starts),
            np.concatenate([none, *self._delays]),
            np.concatenate([none, *self._links]),
            np.cumsum(self._slices),
        )

    def _reserve(self, n: int) -> None:
        """Make room for n more."""
        if self._n + n >= MOST:
            raise SimulationError(
                f"the circuit is too large: more than {MOST - 1:,} synapses are not possible"
            )
        more = self._n + n - len(self._target)
        if more > 0:
            more = max(more, len(self._target) // 4)
            self._target = np.concatenate((self._target, np.empty(more, np.int32)))
            self._weight = np.concatenate((self._weight, np.empty(more, np.float32)))

    def _count(
        self, parts: Sequence[Part], units: tuple[int, int], delays: tuple[int, int]
    ) -> None:
        """Write each synapse to where it belongs."""
        shape = (units[1], delays[1])
        at, slices, seen = np.zeros(shape, np.int64), np.zeros(shape, np.int64), _unseen(shape)
        for part in parts:
            made(_COUNT)(
                part.unit, part.delay, units[0], delays[0], int(part.link), at, slices, seen
            )
        per_unit = slices.sum(axis=1)
        n_slices = int(per_unit.sum())
        start = np.empty(n_slices, np.uint32)
        delay, link = np.empty(n_slices, np.int32), np.empty(n_slices, np.int32)
        _from_here(at, self._n)
        _from_here(slices, 0)
        seen = _unseen(shape)
        for part in parts:
            made(_PUT)(
                part.unit, part.delay, part.target, part.weight, units[0], delays[0],
                int(part.link), at, slices, seen, self._target, self._weight, start, delay, link,
            )  # fmt: skip
        self.take(units[0], per_unit, start, delay, link)

    def _sort(self, parts: Sequence[Part]) -> None:
        """Sort synapses: few of many nodes, or with more delays than synapses."""
        part = joined(parts)
        order = np.lexsort((part.links, part.delay, part.unit))
        unit, delay, link = part.unit[order], part.delay[order], part.links[order]
        end = self._n + len(order)
        self._target[self._n : end] = part.target[order]
        self._weight[self._n : end] = part.weight[order]
        first = run_starts(unit, delay, link)
        slices = np.bincount(unit[first])
        self.take(0, slices, (first + self._n).astype(np.uint32), delay[first], link[first])

    def room(self, n: int) -> tuple[int, Int32s, Float32s]:
        """Make room for n more that come in order; see ``take``.

        Returns:
            The number of the first one, and where targets and weights are to be written.
        """
        self._reserve(n)
        first, self._n = self._n, self._n + n
        return first, self._target[first : self._n], self._weight[first : self._n]

    def take(
        self,
        unit: int,
        slices: Ints,
        start: npt.NDArray[np.uint32],
        delay: Int32s,
        link: Int32s,
    ) -> None:
        """Take slices, in order, of synapses that have been written.

        Args:
            unit, slices: The first unit, and how many slices it and each that follows has.
            start, delay, link: Of each slice the first synapse, the delay in steps and the link.
        """
        self._slices[unit + 1 : unit + 1 + len(slices)] += slices
        self._starts.append(start)
        self._delays.append(delay)
        self._links.append(link)


def _unseen(shape: tuple[int, int]) -> Int32s:
    return np.full(shape, -1, np.int32)


def _from_here(counts: Ints, first: int) -> None:
    """Turn counts into where each of them begins, row by row."""
    flat = counts.reshape(-1)
    ends = np.cumsum(flat)
    flat[1:] = ends[:-1]
    flat[0] = 0
    flat += first


def run_starts(*keys: npt.NDArray[np.integer]) -> Ints:
    """Return where a run of equal keys begins."""
    n = len(keys[0])
    if n == 0:
        return np.zeros(0, np.int64)
    change = np.zeros(n, bool)
    change[0] = True
    for key in keys:
        change[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(change)


def joined(parts: Sequence[Part]) -> Part:
    """Return the synapses of several parts as one."""
    names = ("unit", "target", "weight", "delay", "links")
    return Part(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
