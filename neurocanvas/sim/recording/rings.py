"""The memory of the recorder: which channel lies in which row, and how far it has been written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Ints = NDArray[np.int64]
Places = dict["Channel", tuple[int, int]]
"""Channel -> (row, number of its first sample)."""

LEVELS = 4  # as in pyramid, which is imported late
SMALLEST = 1 << 13  # samples of a ring: at least two of the largest bins
LINE = 8  # samples or bins of a row side by side
PAGE = 512  # numbers in the smallest piece of memory that a process gets
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
    """The memory: rows of samples and of minima and maxima of bins (see ``pyramid``).

    Attributes:
        samples: (capacity / 8, rows, 8), so that what is recorded at one time lies together.
        lo, hi: The same of bins, one level after the other.
    """

    samples: FloatArray
    lo: FloatArray
    hi: FloatArray

    @classmethod
    def make(cls, rows: int, capacity: int) -> Rings:
        """Return rings of this many rows; the capacity is a power of two."""
        lines = capacity // LINE
        bins = LEVELS * lines // BINS_PER_SAMPLE
        rings = cls(*(np.empty((n, rows, LINE)) for n in (lines, bins, bins)))
        for array in rings.arrays:
            # Its memory is taken now and does not grow while it runs.
            array.reshape(-1)[::PAGE] = np.nan
        return rings

    @property
    def arrays(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Samples, minima and maxima."""
        return self.samples, self.lo, self.hi

    @property
    def rows(self) -> int:
        """How many channels there is room for."""
        return int(self.samples.shape[1])

    @property
    def capacity(self) -> int:
        """Samples of a row."""
        return len(self.samples) * LINE

    def of_rows(self, rows: Ints | int, numbers: Ints) -> FloatArray:
        """Return samples of rows by their numbers."""
        there = numbers & (self.capacity - 1)
        found: FloatArray = self.samples[there // LINE, rows, there % LINE]
        return found

    @property
    def nbytes(self) -> int:
        """Bytes in use."""
        return sum(array.nbytes for array in self.arrays)


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
        return self.rings.capacity

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

    def move(self, kept: Mapping[Channel, tuple[int, int]], rings: Rings) -> Places:
        """Copy some channels into the first rows of other rings, as much as fits.

        Returns:
            Rows and numbers of the first samples there.
        """
        rows = np.array([row for row, _ in kept.values()], np.int64)
        begins = np.array([begin for _, begin in kept.values()], np.int64)
        if rings.capacity == self.capacity:
            n = len(rows)
            in_order = np.array_equal(rows, np.arange(n))
            for new, old in zip(rings.arrays, self.rings.arrays, strict=True):
                new[:, :n] = old[:, :n] if in_order else old[:, rows]  # which copies twice
        elif len(rows):
            begins = np.maximum(begins, self.end - min(rings.capacity, self.capacity))
            self._append_to(rings, rows, begins)
        return {c: (row, int(begins[row])) for row, c in enumerate(kept)}

    def _append_to(self, rings: Rings, rows: Ints, begins: Ints) -> None:
        """Append what is there of some rows from some samples on to the first rows of others."""
        append, where = pyramid().appending(), np.arange(len(rows))
        piece = rings.capacity // BINS_PER_SAMPLE
        for first in range(int(begins.min()), self.end, piece):
            numbers = np.arange(first, min(first + piece, self.end))[:, None]
            values = self.rings.of_rows(rows, numbers)
            values[numbers < begins] = np.nan  # of another channel, which had the row before
            append(*rings.arrays, where, np.minimum(begins, first), values, first)


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
