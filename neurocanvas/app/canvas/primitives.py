"""Arrays of Qt primitives in numpy memory, drawn without a Python object each."""

from __future__ import annotations

from typing import Any

import numpy as np
import shiboken6
from numpy.typing import ArrayLike
from PySide6.QtCore import QLineF, QPointF
from PySide6.QtGui import QPainter, QPixmap

from neurocanvas.app.canvas.geometry import Floats


def _first(memory: Floats, kind: type) -> Any:
    """The first of an array of primitives that lie in memory; it must outlive the call."""
    return shiboken6.wrapInstance(memory.ctypes.data, kind)


def draw_lines(painter: QPainter, lines: Floats) -> None:
    """Draw lines ``(n, 4)``: x1, y1, x2, y2 (a QLineF is four doubles)."""
    memory = np.ascontiguousarray(lines, dtype=np.float64)
    if len(memory):
        painter.drawLines(_first(memory, QLineF), len(memory))


def draw_points(painter: QPainter, points: Floats) -> None:
    """Draw points ``(n, 2)`` (a QPointF is two doubles)."""
    memory = np.ascontiguousarray(points, dtype=np.float64)
    if len(memory):
        painter.drawPoints(_first(memory, QPointF), len(memory))


def draw_fragments(
    painter: QPainter, pixmap: QPixmap, centre: Floats, corner: ArrayLike, side: float, scale: float
) -> None:
    """Draw square pieces of a pixmap.

    Args:
        painter: Where, in window pixels.
        pixmap: What the pieces are cut from, in device pixels.
        centre: Middle of each piece in the window, ``(n, 2)``.
        corner: Left and top of each piece in the pixmap, ``(n, 2)``.
        side: Its width and height in the pixmap.
        scale: Window pixels per pixel of the pixmap.
    """
    if not len(centre):
        return
    # A PixmapFragment is ten doubles: x, y, left, top, width, height, scales, rotation, opacity.
    memory = np.empty((len(centre), 10))
    memory[:, 0:2] = centre
    memory[:, 2:4] = corner
    memory[:, 4:6] = side
    memory[:, 6:8] = scale
    memory[:, 8] = 0.0
    memory[:, 9] = 1.0
    painter.drawPixmapFragments(_first(memory, QPainter.PixmapFragment), len(memory), pixmap)
