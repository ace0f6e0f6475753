"""The ring of the newest spikes: one writer, one reader, neither waits for the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

SPIKES = 1 << 20
"""How many of the newest spikes are kept."""

SpikeArrays = tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.int32]]
"""Times in ms, numbers of nodes, indices of neurons in their node; each shape (n,)."""


class SpikeRing:
    """The newest spikes in the order of their times.

    Positions count all spikes ever added; ``head`` is the next one's, and only grows. The writer
    announces in ``_reserved`` how far it will write before it writes, and moves ``head`` after;
    a reader copies first and then drops what the writer may have touched meanwhile.
    """

    def __init__(self, capacity: int = SPIKES) -> None:
        self._times: NDArray[np.float64] = np.empty(0)
        self._nodes: NDArray[np.int32] = np.empty(0, np.int32)
        self._indices: NDArray[np.int32] = np.empty(0, np.int32)
        self._capacity = capacity
        self._begin = 0
        self._reserved = 0
        self.head = 0

    @property
    def nbytes(self) -> int:
        """Bytes in use."""
        return self._times.nbytes + self._nodes.nbytes + self._indices.nbytes

    def clear(self) -> None:
        """Forget all spikes; positions go on from where they are."""
        self._begin = self.head

    def add(self, times_ms: ArrayLike, nodes: ArrayLike, indices: ArrayLike) -> None:
        """Append spikes that come after all before them.

        Args:
            times_ms: Times, shape (n,), in any order.
            nodes: Numbers of nodes, shape (n,).
            indices: Indices in their nodes, shape (n,).
        """
        times = np.asarray(times_ms, np.float64)[-self._capacity :]
        if not times.size:
            return
        if not self._times.size:
            self._allocate()
        order = np.argsort(times, kind="stable")
        self._reserved = self.head + times.size
        places = np.arange(self.head, self._reserved) % self._capacity
        self._times[places] = times[order]
        self._nodes[places] = np.asarray(nodes, np.int32)[-self._capacity :][order]
        self._indices[places] = np.asarray(indices, np.int32)[-self._capacity :][order]
        self.head = self._reserved

    def _allocate(self) -> None:
        # Written to at once, so that the memory does not grow later while the circuit runs.
        self._nodes = np.full(self._capacity, 0, np.int32)
        self._indices = np.full(self._capacity, 0, np.int32)
        self._times = np.full(self._capacity, 0.0)

    def since(self, cursor: int) -> tuple[int, SpikeArrays]:
        """Return the spikes from a position on, as far as they are kept, and the next position."""
        head = self.head
        return head, self._copy(max(cursor, self._oldest()), head)

    def between(self, start_ms: float, stop_ms: float) -> SpikeArrays:
        """Return the spikes at ``start_ms <= time < stop_ms``."""
        head = self.head
        first = self._search(start_ms, self._oldest(), head)
        return self._copy(first, self._search(stop_ms, first, head))

    def _oldest(self) -> int:
        return max(self._begin, self._reserved - self._capacity)

    def _search(self, time_ms: float, low: int, high: int) -> int:
        """Position of the first spike at or after a time (bisection over the ring)."""
        while low < high:
            middle = (low + high) // 2
            if self._times[middle % self._capacity] < time_ms:
                low = middle + 1
            else:
                high = middle
        return low

    def _copy(self, first: int, stop: int) -> SpikeArrays:
        if first >= stop:
            return np.empty(0), np.empty(0, np.int32), np.empty(0, np.int32)
        places = np.arange(first, stop) % self._capacity
        found = self._times[places], self._nodes[places], self._indices[places]
        lost = max(self._oldest() - first, 0)
        return found[0][lost:], found[1][lost:], found[2][lost:]
