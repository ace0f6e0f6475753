"""The picture of all traces: drawn from the recorder once, scrolled, and added to at its end.

A pixel column always covers the same samples, counted from sample 0, so a column that has been
drawn stays as it is and only moves to the left; per frame, the new columns alone are drawn.
Measured on two shared cores (``benchmarks/scope.py``): see the docstring of ``oscilloscope``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

if TYPE_CHECKING:
    from neurocanvas.sim.recording.recorder import Channel, Recorder

FloatArray = NDArray[np.float64]
_FINE = 16  # as many traces are drawn in high quality; with more, one pixel column is one column


@dataclass(frozen=True)
class Stroke:
    """How one trace is drawn: a value v lies ``offset - v * scale`` pixels below the top.

    Where it spikes, a line goes up to ``peak`` if there is one.
    """

    channel: Channel
    colour: int
    offset: float
    scale: float
    peak: float | None = None


@dataclass(frozen=True)
class Frame:
    """What a picture shows.

    Attributes:
        strokes: The traces, the last one on top.
        width, height: In pixels of the screen.
        samples: Per pixel column; need not be whole.
        right: Number of the pixel column (from sample 0) behind the last one that is seen.
        ratio: Pixels of the screen per logical pixel.
    """

    strokes: tuple[Stroke, ...]
    width: int
    height: int
    samples: float
    right: int
    ratio: float = 1.0


class TraceImage:
    """The pixels of all traces, kept up to date with as little drawing as possible."""

    def __init__(self) -> None:
        self._pixels = np.zeros((0, 0), np.uint32)
        self._frame: Frame | None = None
        self._changes = -1
        self._end = 0
        self.image = QImage()
        self.drawn_columns = 0

    def update(self, recorder: Recorder, frame: Frame) -> QImage:
        """Bring the picture up to date and return it."""
        if not recorder.ready:
            # As soon as it can be, all of it is drawn.
            self._blank(frame)
            self._frame = None
            return self.image
        changes, end, _ = recorder.serial
        stale = self._stale(frame, changes)
        self._frame, self._changes = frame, changes
        left = frame.right - frame.width
        for first, stop in stale:
            first, stop = max(first, left), min(stop, frame.right)
            if first < stop and frame.strokes:
                self._draw(recorder, frame, first, stop)
        self._end = end
        return self.image

    def _stale(self, frame: Frame, changes: int) -> list[tuple[int, int]]:
        """Move the picture to its new right edge; return the columns that must be drawn."""
        old = self._frame
        if (
            old is None
            or changes != self._changes
            or replace(frame, right=old.right) != old
            or abs(frame.right - old.right) >= frame.width
        ):
            self._blank(frame)
            return [(frame.right - frame.width, frame.right)]
        moved = frame.right - old.right
        # Rows follow one another in memory: one move shifts them all, and what comes in at one edge
        # from the other end of the next row is drawn over.
        flat = self._pixels.reshape(-1)
        if moved > 0:
            flat[:-moved] = flat[moved:]
        elif moved < 0:
            flat[-moved:] = flat[:moved]
        # The column of the last sample grows, and its line reaches into the column before.
        grown = math.floor((self._end - 2) / frame.samples) - 1
        left = old.right - frame.width
        return [(frame.right - frame.width, left), (min(old.right, grown), frame.right)]

    def _blank(self, frame: Frame) -> None:
        if self._pixels.shape != (frame.height, frame.width):
            self._pixels = np.zeros((frame.height, frame.width), np.uint32)
            self.image = QImage(
                self._pixels.data, frame.width, frame.height, 4 * frame.width,
                QImage.Format.Format_ARGB32_Premultiplied,
            )  # fmt: skip
        self._pixels[:] = 0
        self.image.setDevicePixelRatio(frame.ratio)

    def _draw(self, recorder: Recorder, frame: Frame, first: int, stop: int) -> None:
        # Compiled, and there already once the recorder is ready; a window loads without it.
        from neurocanvas.sim.recording import compiled

        strokes = frame.strokes
        fine = len(strokes) <= _FINE
        sub = 2 if fine and frame.ratio < 2 else 1
        pad = round(0.5 * sub * frame.ratio) if fine else 0
        half = 0.75 * frame.ratio if fine else 0.5
        columns = stop - first
        self.drawn_columns += columns
        width = frame.samples / sub
        channels = [stroke.channel for stroke in strokes]
        lo, hi = recorder.lines(
            channels, (first * sub - pad) * width, width, columns * sub + 2 * pad
        )
        raise_spikes(recorder, strokes, hi, (first * sub - pad) * width, width)
        compiled.draw(
            self._pixels, first - frame.right + frame.width, lo, hi,
            np.array([stroke.offset for stroke in strokes]),
            np.array([stroke.scale for stroke in strokes]),
            np.array([stroke.colour for stroke in strokes], np.uint32),
            sub, pad, half,
        )  # fmt: skip


def raise_spikes(
    recorder: Recorder, strokes: Sequence[Stroke], hi: FloatArray, first: float, width: float
) -> None:
    """Raise the columns in which a trace spikes to its peak; the samples stay as they are.

    Args:
        recorder: Knows the spikes.
        strokes: The traces.
        hi: Maxima of the columns, shape (n_strokes, n_columns); changed in place.
        first: Left edge of the first column, in sample numbers.
        width: Of a column, in samples.
    """
    if all(stroke.peak is None for stroke in strokes):
        return
    start = recorder.origin_ms + first * recorder.dt_ms
    stop = start + hi.shape[1] * width * recorder.dt_ms
    times, nodes, indices = recorder.spikes_between(start, stop)
    columns = ((times - start) / (width * recorder.dt_ms)).astype(np.int64)
    columns = np.minimum(columns, hi.shape[1] - 1)
    for row, stroke in zip(hi, strokes, strict=True):
        if stroke.peak is None:
            continue
        node, index = recorder.node_number(stroke.channel.node), stroke.channel.index
        at = columns[(nodes == node) & (indices == index)]
        # A maximum of NaN stays one: nothing was recorded there.
        row[at] = np.maximum(row[at], stroke.peak)
