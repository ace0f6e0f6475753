"""The memory of the recorder: which channel lies in which row, and how far it has been written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

LEVELS = 4  # as in pyramid, which is imported late
SMALLEST = 1 << 13  # samples of a ring: at least two of the largest bins
BINS_PER_SAMPLE = 8  # a level has an eighth as many bins as there are samples


@dataclass(frozen=True)
class Channel:
    """What one trace shows: a variable of a neuron.

    Attributes:
        node: Id of the node.
        variable: Name of the variable.
        index: Which neuron of the node.
    """

    node: str
    variable: str
    index: int = 0


@dataclass(frozen=True)
class Rings:
    """The memory: rows of samples and of minima and maxima of bins (see ``pyramid``)."""

    samples: FloatArray
    lo: FloatArray
    hi: FloatArray

    @classmethod
    def make(cls, rows: int, capacity: int) -> Rings:
        """Return rings of this many rows; the capacity is a power of two."""
        bins = LEVELS * capacity // BINS_PER_SAMPLE
        return cls(np.empty((rows, capacity)), np.empty((rows, bins)), np.empty((rows, bins)))

    @property
    def nbytes(self) -> int:
        """Bytes in use."""
        return self.samples.nbytes + self.lo.nbytes + self.hi.nbytes

    def touch(self, row: int) -> None:
        """Write to a whole row, so that its memory is taken now and does not grow while it runs."""
        for array in (self.samples, self.lo, self.hi):
            array[row] = np.nan


class Layout:
    """Which channel lies in which row, and how far it has been written.

    A reader takes the present one once and works with that; the writer makes another one for
    every change of channels and publishes it by a single assignment.
    """

    def __init__(
        self, rings: Rings, channels: Mapping[Channel, tuple[int, int]], dt: float, origin: float
    ) -> None:
        self.rings = rings
        self.channels = channels  # channel -> (row, number of its first sample)
        self.dt = dt
        self.origin = origin
        self.rows = np.array([row for row, _ in channels.values()], np.int64)
        self.begins = np.array([begin for _, begin in channels.values()], np.int64)
        self.reserved = 0
        self.end = 0

    @property
    def capacity(self) -> int:
        """Samples of a row."""
        return int(self.rings.samples.shape[1])

    @property
    def slack(self) -> int:
        """Oldest samples that a reader leaves to the writer, so that both can work at once."""
        return self.capacity // 16

    def at(self, end: int) -> Layout:
        """Return itself, with samples up to ``end`` (exclusive) taken to be written."""
        self.reserved = self.end = end
        return self

    def number(self, time_ms: float) -> float:
        """Position of a time among the samples."""
        return (time_ms - self.origin) / self.dt

    def times(self, numbers: NDArray[np.int64]) -> FloatArray:
        """Times of samples in ms."""
        return np.asarray(self.origin + numbers * self.dt, np.float64)

    def move(self, source: int, begin: int, rings: Rings, row: int) -> int:
        """Copy a row into other rings, as much as fits; return the number of its first sample."""
        rings.touch(row)
        capacity = rings.samples.shape[1]
        if capacity == self.capacity:
            for new, old in ((rings.samples, self.rings.samples), (rings.lo, self.rings.lo),
                             (rings.hi, self.rings.hi)):  # fmt: skip
                new[row] = old[source]
            return begin
        first = int(max(begin, self.end - min(capacity, self.capacity)))
        if first < self.end:
            numbers = np.arange(first, self.end)
            values = self.rings.samples[source, numbers & (self.capacity - 1)][None, :]
            where, begins = np.array([row]), np.array([first])
            pyramid().append(rings.samples, rings.lo, rings.hi, where, begins, values, first)
        return first


def fitting_capacity(rows: int, wanted: int, budget: int) -> int:
    """Return how many samples a row may hold so that all rows stay within a number of bytes."""
    per_sample = 8 * (1 + 2 * LEVELS / BINS_PER_SAMPLE)
    while wanted > SMALLEST and rows * wanted * per_sample > budget:
        wanted //= 2
    return wanted


def first_at(position: float) -> int:
    """Return the number of the first sample at or after a position (to a millionth of a step)."""
    return math.ceil(position - 1e-6)


def pyramid() -> ModuleType:
    """Return the compiled helpers, imported when they are first needed."""
    from neurocanvas.sim.recording import compiled

    return compiled
