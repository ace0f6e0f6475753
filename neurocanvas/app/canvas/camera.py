"""From scene to window and back: pan and zoom."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from neurocanvas.app.canvas.geometry import Floats

MIN_SCALE = 0.04
MAX_SCALE = 4.0
ZOOM_STEP = 1.25
FIT_SCALE = 1.25
"""Fitting never enlarges beyond this, so that two neurons do not fill the window."""


@dataclass(frozen=True)
class Camera:
    """A view of the scene: window pixel = scene pixel * scale + offset."""

    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0

    def to_view(self, x: float, y: float) -> QPointF:
        """Return where a place of the scene is in the window."""
        return QPointF(x * self.scale + self.x, y * self.scale + self.y)

    def to_scene(self, point: QPointF) -> tuple[float, float]:
        """Return which place of the scene is at a point of the window."""
        return (point.x() - self.x) / self.scale, (point.y() - self.y) / self.scale

    def places(self, scene: Floats) -> Floats:
        """Return window places of an array ``(..., 2)`` of scene places."""
        return scene * self.scale + np.array([self.x, self.y])

    def rect_to_scene(self, rect: QRectF) -> QRectF:
        """Return the part of the scene that a rectangle of the window shows."""
        left, top = self.to_scene(rect.topLeft())
        return QRectF(left, top, rect.width() / self.scale, rect.height() / self.scale)

    def rect_to_view(self, rect: QRectF) -> QRectF:
        """Return where a rectangle of the scene is in the window."""
        corner = self.to_view(rect.left(), rect.top())
        return QRectF(corner.x(), corner.y(), rect.width() * self.scale, rect.height() * self.scale)

    def panned(self, dx: float, dy: float) -> Camera:
        """Return the view after a shift by window pixels."""
        return replace(self, x=self.x + dx, y=self.y + dy)

    def zoomed(self, factor: float, anchor: QPointF) -> Camera:
        """Return the view after a zoom that leaves what is at ``anchor`` where it is."""
        scale = min(max(self.scale * factor, MIN_SCALE), MAX_SCALE)
        ratio = scale / self.scale
        x = anchor.x() - (anchor.x() - self.x) * ratio
        y = anchor.y() - (anchor.y() - self.y) * ratio
        return Camera(scale, x, y)

    def on_pixels(self, ratio: float) -> Camera:
        """Return the view with its offset on whole device pixels, so that it can be scrolled."""
        return replace(self, x=round(self.x * ratio) / ratio, y=round(self.y * ratio) / ratio)


def nearest(x: float) -> int:
    """Return the nearest whole number, halves upward: a shift by whole pixels shifts it as much.

    (``round`` takes halves to the nearest even number, so that words would tremble in a pan.)
    """
    return math.floor(x + 0.5)


def fitting(content: QRectF, window: QRectF, most: float = FIT_SCALE) -> Camera:
    """Return the view that shows all of ``content`` in the middle of ``window``."""
    if content.isEmpty() or window.isEmpty():
        return Camera(1.0, window.center().x(), window.center().y())
    scale = min(window.width() / content.width(), window.height() / content.height(), most)
    scale = min(max(scale, MIN_SCALE), MAX_SCALE)
    x = window.center().x() - content.center().x() * scale
    y = window.center().y() - content.center().y() * scale
    return Camera(scale, x, y)
