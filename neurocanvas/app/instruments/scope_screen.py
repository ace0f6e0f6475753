"""Geometry of the oscilloscope's screen: where times and values lie on it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize

from neurocanvas.app.instruments.scales import Scale

AXIS = 44
"""Width of the left axis with its numbers, in pixels."""

SECOND_AXIS = 46
"""Width of the right one, if there is one."""

_RIGHT = 10
_TOP = 8
_BOTTOM = 20


def plot_rect(size: QSize, second_axis: bool) -> QRect:
    """Return where the traces are drawn in a widget of this size."""
    right = SECOND_AXIS if second_axis else _RIGHT
    width, height = size.width() - AXIS - right, size.height() - _TOP - _BOTTOM
    return QRect(AXIS, _TOP, max(width, 1), max(height, 1))


@dataclass(frozen=True)
class Screen:
    """A stretch of time on the screen.

    Attributes:
        plot: Where the traces are drawn, in the widget's pixels.
        ratio: Pixels of the display per pixel of the widget.
        window_ms: What the width shows.
        dt_ms, origin_ms: Time between samples, and time of sample 0.
        column: Number of the display's pixel column (counted from sample 0) at the right edge.
    """

    plot: QRect
    ratio: float
    window_ms: float
    dt_ms: float
    origin_ms: float
    column: int

    @property
    def columns(self) -> int:
        """Pixel columns of the display."""
        return max(round(self.plot.width() * self.ratio), 1)

    @property
    def rows(self) -> int:
        """Pixel rows of the display."""
        return max(round(self.plot.height() * self.ratio), 1)

    @property
    def samples(self) -> float:
        """Samples per pixel column."""
        return self.window_ms / self.dt_ms / self.columns

    @property
    def right_ms(self) -> float:
        """Time at the right edge."""
        return self.origin_ms + self.column * self.samples * self.dt_ms

    @property
    def left_ms(self) -> float:
        """Time at the left edge."""
        return self.right_ms - self.window_ms

    def time_at(self, x: float) -> float:
        """Return the time at an x of the widget."""
        return self.left_ms + (x - self.plot.left()) / self.plot.width() * self.window_ms

    def x_of(self, time_ms: float) -> float:
        """Return the x of a time."""
        return self.plot.left() + (time_ms - self.left_ms) / self.window_ms * self.plot.width()

    def value_at(self, y: float, scale: Scale) -> float:
        """Return the value at a y of the widget."""
        part = (self.plot.top() + self.plot.height() - y) / self.plot.height()
        return scale.bottom + part * (scale.top - scale.bottom)

    def y_of(self, value: float, scale: Scale) -> float:
        """Return the y of a value."""
        part = (value - scale.bottom) / (scale.top - scale.bottom)
        return self.plot.top() + self.plot.height() * (1 - part)


def column_of(time_ms: float, screen: Screen) -> int:
    """Return the number of the column whose left edge is closest to a time."""
    return round((time_ms - screen.origin_ms) / screen.dt_ms / screen.samples)


def column_after(end: int, screen: Screen) -> int:
    """Return the number of the column behind the newest sample."""
    return math.floor((end - 1) / screen.samples) + 1
