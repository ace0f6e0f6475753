"""The recorder: what the simulation leaves behind for the instruments to look at.

One thread writes (the runner's), one reads (the window's), and neither waits. The writer announces
in ``reserved`` how far it is going to write, writes, and moves ``end`` last; a reader takes nothing
beyond ``end``, and what lies closer to ``reserved`` than one turn of a ring it takes for lost.

What is compiled is loaded with the first block, in the writer's thread.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurocanvas.sim.recording.rings import (
    BINS_PER_SAMPLE,
    SMALLEST,
    Channel,
    FloatArray,
    Layout,
    Places,
    Rings,
    first_at,
    fitting_capacity,
    pyramid,
)
from neurocanvas.sim.recording.spike_ring import SpikeArrays, SpikeRing

__all__ = ["BUDGET", "CAPACITY", "Channel", "Recorder"]

CAPACITY = 1 << 18
"""Samples kept of a channel: 6.6 s at a step of 0.025 ms."""

BUDGET = 256 * 2**20
"""Bytes that all samples together may take; with many channels, fewer samples of each are kept."""


class Recorder:
    """Rings of samples of every channel with a min-max pyramid, and the newest spikes.

    Sample number i of a channel is its value at ``origin_ms + i * dt_ms``.

    Args:
        capacity: Samples kept of a channel; a power of two. Minima and maxima are kept of 8, 64
            and 512 times as many.
        budget: Bytes that the rings may take together.
    """

    def __init__(self, capacity: int = CAPACITY, budget: int = BUDGET) -> None:
        self._capacity = max(1 << (capacity - 1).bit_length(), SMALLEST)
        self._budget = budget
        self._layout = Layout(Rings.make(0, self._capacity), {}, 1.0, 0.0).at(1)
        self._changes = 0
        self._written = False
        self._append_rows: Callable[..., object] | None = None
        self._spikes = SpikeRing()
        self._numbers: dict[str, int] = {}
        self._next_number = itertools.count()

    @property
    def ready(self) -> bool:
        """Whether there has been a block, and what it takes to draw it is compiled."""
        return self._written and pyramid().can_draw()

    @property
    def waiting(self) -> bool:
        """Whether there has been a block, and what it takes to draw it is being compiled."""
        return self._written and not pyramid().can_draw()

    # -- writing, in the runner's thread ---------------------------------------------------------

    def configure(
        self, channels: Sequence[Channel], dt_ms: float, step: int, origin_ms: float = 0.0
    ) -> None:
        """Record these channels from now on.

        Those that were recorded before keep what they have, unless the time step changed.

        Args:
            channels: In the order of the rows of blocks to come.
            dt_ms: Time step.
            step: Number of the step that comes next.
            origin_ms: Time at which step 0 began.
        """
        old = self._layout
        wanted = tuple(dict.fromkeys(channels))
        same_clock = (old.dt, old.origin, old.end) == (dt_ms, origin_ms, step + 1)
        kept = {c: old.channels[c] for c in wanted if same_clock and c in old.channels}
        rings, kept = self._room(old, kept, len(wanted))
        free = sorted(set(range(rings.rows)) - {row for row, _ in kept.values()})
        places = {}
        for channel in wanted:
            if channel not in kept:
                kept[channel] = (free.pop(0), step + 1)
            places[channel] = kept[channel]
        self._publish(Layout(rings, places, dt_ms, origin_ms).at(step + 1))

    def append(self, first_step: int, block: FloatArray) -> None:
        """Add the samples of some steps and publish them.

        Args:
            first_step: Number of the first of these steps.
            block: Values at the end of each step, shape (n_channels, n_steps), in the order of
                ``configure``. It is copied first unless the values of a step lie side by side, as
                in the transposed of an array of shape (n_steps, n_channels).
        """
        layout = self._layout
        first = first_step + 1
        if first != layout.end:  # the clock was set: nothing from before fits
            channels = {c: (row, first) for c, (row, _) in layout.channels.items()}
            layout = Layout(layout.rings, channels, layout.dt, layout.origin).at(first)
            self._publish(layout)
        piece = layout.capacity // BINS_PER_SAMPLE
        by_step = np.ascontiguousarray(block.T)
        for k in range(0, len(by_step), piece):
            self._append_piece(layout, first + k, by_step[k : k + piece])

    def _append_piece(self, layout: Layout, first: int, block: FloatArray) -> None:
        end = first + len(block)
        layout.reserved = end
        if layout.rows.size:
            r = layout.rings
            if self._append_rows is None:
                self._append_rows = pyramid().appending()
            self._append_rows(r.samples, r.lo, r.hi, layout.rows, layout.begins, block, first)
            self._written = True
        layout.end = end

    def clear(self) -> None:
        """Forget samples and spikes: the simulation begins again at step 0."""
        old = self._layout
        channels = {channel: (row, 1) for channel, (row, _) in old.channels.items()}
        self._spikes.clear()
        self._publish(Layout(old.rings, channels, old.dt, old.origin).at(1))

    def add_spikes(self, times_ms: ArrayLike, nodes: ArrayLike, indices: ArrayLike) -> None:
        """Add the spikes of a block.

        Args:
            times_ms: Times, shape (n,), all after those of the blocks before.
            nodes: Numbers of their nodes, as ``node_number`` gives them, shape (n,).
            indices: Which neuron of the node, shape (n,).
        """
        self._spikes.add(times_ms, nodes, indices)

    def _publish(self, layout: Layout) -> None:
        self._layout = layout
        self._changes += 1

    def _room(self, old: Layout, kept: Places, count: int) -> tuple[Rings, Places]:
        """Return rings with a row for each of ``count`` channels; survivors move if they must."""
        rows = max(1 << max(count - 1, 0).bit_length(), 4) if count else 0
        capacity = fitting_capacity(rows, self._capacity, self._budget)
        there = old.rings.rows
        if count <= there <= 4 * rows and capacity == old.capacity:
            return old.rings, kept
        rings = Rings.make(rows, capacity)
        self._append_rows = None  # it would keep the old ones
        return rings, old.move(kept, rings)

    # -- reading ---------------------------------------------------------------------------------

    @property
    def dt_ms(self) -> float:
        """Time between samples."""
        return self._layout.dt

    @property
    def origin_ms(self) -> float:
        """Time of sample number 0."""
        return self._layout.origin

    @property
    def now_ms(self) -> float:
        """Time of the newest sample."""
        layout = self._layout
        return layout.origin + (layout.end - 1) * layout.dt

    @property
    def end(self) -> int:
        """Number of the sample that comes next."""
        return self._layout.end

    @property
    def serial(self) -> tuple[int, int, int]:
        """Something that changes whenever there is anything new: (layouts, samples, spikes)."""
        return self._changes, self._layout.end, self._spikes.head

    @property
    def channels(self) -> tuple[Channel, ...]:
        """What is being recorded."""
        return tuple(self._layout.channels)

    @property
    def nbytes(self) -> int:
        """Bytes in use for samples and spikes; bounded, however long it runs."""
        return self._layout.rings.nbytes + self._spikes.nbytes

    def first_ms(self, channel: Channel) -> float:
        """Return the time of the oldest sample that is still kept whole; NaN if there is none."""
        layout = self._layout
        if channel not in layout.channels:
            return math.nan
        kept = layout.reserved + layout.slack - layout.capacity
        oldest = max(layout.channels[channel][1], kept)
        return layout.origin + oldest * layout.dt if oldest < layout.end else math.nan

    def envelope(
        self, channel: Channel, start_ms: float, stop_ms: float, columns: int
    ) -> tuple[FloatArray, FloatArray]:
        """Reduce a window to the minimum and maximum of every column.

        Column k takes the samples at ``start + k*w <= t < start + (k + 1)*w`` with
        ``w = (stop - start)/columns``: no spike is lost, however short. A column between two
        samples gets the value of the straight line between them. Where the samples are no longer
        kept, bins of 8, 64 or more of them stand in, counted where they begin.

        Returns:
            Minima and maxima, shape (columns,); NaN where there is nothing.
        """
        layout = self._layout
        width = (stop_ms - start_ms) / layout.dt / columns
        lo, hi = self._reduce([channel], layout.number(start_ms), width, columns, joined=False)
        return lo[0], hi[0]

    def lines(
        self, channels: Sequence[Channel], first: float, width: float, columns: int
    ) -> tuple[FloatArray, FloatArray]:
        """Reduce a window of several channels for drawing: columns join to continuous lines.

        Args:
            channels: Which ones; those that are not recorded give NaN.
            first: Left edge of the first column, in sample numbers (not in ms, so that a window
                can be kept on the same samples while it moves).
            width: Of a column, in samples.
            columns: How many.

        Returns:
            Minima and maxima, shape (n, columns), of the samples of a column and of the straight
            lines to its edges; NaN where there is nothing.
        """
        return self._reduce(channels, first, width, columns, joined=True)

    def _reduce(
        self, channels: Sequence[Channel], first: float, width: float, columns: int, *, joined: bool
    ) -> tuple[FloatArray, FloatArray]:
        for _ in range(3):  # again, if channels changed or the writer came around meanwhile
            layout = self._layout
            lo, hi = np.full((2, len(channels), columns), np.nan)
            here = [i for i, channel in enumerate(channels) if channel in layout.channels]
            if not here or layout.end <= layout.begins.min() or not columns:
                return lo, hi
            places = np.array([layout.channels[channels[i]] for i in here], np.int64)
            rows, begins = np.ascontiguousarray(places.T)
            some_lo, some_hi = np.empty((2, len(here), columns))
            r, end, reach = layout.rings, layout.end, layout.reserved + layout.slack
            pyramid().envelope(
                r.samples, r.lo, r.hi, rows, begins, end, reach, first, width, joined,
                some_lo, some_hi,
            )  # fmt: skip
            lo[here], hi[here] = some_lo, some_hi
            if layout is self._layout and layout.reserved <= reach:
                return lo, hi
        return lo * np.nan, hi * np.nan

    def samples(
        self, channel: Channel, start_ms: float, stop_ms: float
    ) -> tuple[FloatArray, FloatArray]:
        """Return the samples at ``start_ms <= t < stop_ms``, as far as they are kept.

        Returns:
            Times in ms and values, shape (n,).
        """
        layout = self._layout
        if channel not in layout.channels:
            return np.empty(0), np.empty(0)
        row, begin = layout.channels[channel]
        end = min(first_at(layout.number(stop_ms)), layout.end)
        first = max(first_at(layout.number(start_ms)), begin, layout.reserved - layout.capacity)
        numbers = np.arange(first, max(end, first))
        values = layout.rings.of_rows(row, numbers)
        lost = max(layout.reserved - layout.capacity - first, 0)
        return layout.times(numbers[lost:]), values[lost:]

    def latest(self, channel: Channel) -> float:
        """Return the newest sample of a channel; NaN if there is none."""
        layout = self._layout
        row, begin = layout.channels.get(channel, (0, layout.end))
        if begin >= layout.end:
            return math.nan
        return float(layout.rings.of_rows(row, np.array([layout.end - 1]))[0])

    def node_number(self, node_id: str) -> int:
        """Return the number that stands for a node among the spikes; the same one for good."""
        number = self._numbers.get(node_id)
        if number is None:
            number = self._numbers.setdefault(node_id, next(self._next_number))
        return number

    def spikes_since(
        self, cursor: int
    ) -> tuple[int, FloatArray, NDArray[np.int32], NDArray[np.int32]]:
        """Return the spikes that were added since an earlier call.

        Args:
            cursor: What the earlier call returned first; 0 for all that are kept.

        Returns:
            The next cursor, times in ms, numbers of nodes and indices, each shape (n,).
        """
        head, (times, nodes, indices) = self._spikes.since(cursor)
        return head, times, nodes, indices

    def spikes_between(self, start_ms: float, stop_ms: float) -> SpikeArrays:
        """Return times, numbers of nodes and indices of spikes at ``start_ms <= t < stop_ms``."""
        return self._spikes.between(start_ms, stop_ms)
