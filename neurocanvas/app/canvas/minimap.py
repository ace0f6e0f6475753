"""The minimap: all of the circuit in a corner, and what of it the window shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from neurocanvas.app.canvas import looks
from neurocanvas.app.canvas.camera import Camera, fitting
from neurocanvas.app.canvas.primitives import draw_points

if TYPE_CHECKING:
    from neurocanvas.app.canvas.screen import CanvasScreen

SIZE = QSize(142, 104)
MARGIN = 10
LEAST_CANVAS = QSize(460, 320)
_PAD = 9.0


class Minimap(QWidget):
    """A small picture of the whole circuit; press or drag to go somewhere.

    Args:
        view: The canvas it belongs to.
    """

    def __init__(self, view: CanvasScreen) -> None:
        super().__init__(view)
        self._view = view
        self.resize(SIZE)
        self.setAccessibleName("Map of the whole circuit")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()

    def follow(self) -> None:
        """Appear or vanish as the view asks for, in its corner."""
        view = self._view
        content = view.scene.content()
        shown = view.camera.rect_to_scene(QRectF(view.rect()))
        roomy = view.width() >= LEAST_CANVAS.width() and view.height() >= LEAST_CANVAS.height()
        self.setVisible(roomy and not content.isEmpty() and not shown.contains(content))
        self.move(view.width() - SIZE.width() - MARGIN, view.height() - SIZE.height() - MARGIN)
        self.update()

    def _camera(self) -> Camera:
        """From the scene to this small window; what is shown always fits in."""
        view = self._view
        content = view.scene.content()
        shown = view.camera.rect_to_scene(QRectF(view.rect()))
        inner = QRectF(self.rect()).adjusted(_PAD, _PAD, -_PAD, -_PAD)
        # Far away from everything, the circuit must not shrink to a point.
        reach = content.adjusted(
            -content.width(), -content.height(), content.width(), content.height()
        )
        return fitting(content.united(shown.intersected(reach)), inner)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, camera, view = self._view.theme, self._camera(), self._view
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.setBrush(looks.faded(theme.pill, 0.94))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, 7, 7)
        painter.setClipRect(box.adjusted(2, 2, -2, -2))
        self._paint_nodes(painter, camera)
        shown = camera.rect_to_view(view.camera.rect_to_scene(QRectF(view.rect())))
        painter.setPen(QPen(QColor(theme.accent), 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(shown, 3, 3)
        painter.end()

    def _paint_nodes(self, painter: QPainter, camera: Camera) -> None:
        scene, theme = self._view.scene, self._view.theme
        places = camera.places(scene.centre)
        levels = self._view.activity.shown_levels()
        if len(levels) != len(places):
            return
        sources = scene.family == looks.SOURCE
        size = 5.0 if len(places) <= 100 else 2.5 if len(places) <= 2000 else 1.2
        for level in np.unique(levels[~sources]).tolist():
            colour = looks.fill_colour(theme, level) if level >= 0 else QColor(theme.neuron_ring)
            painter.setPen(QPen(colour, size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            draw_points(painter, places[~sources & (levels == level)])
        painter.setPen(
            QPen(QColor(theme.injection), size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        )
        draw_points(painter, places[sources])

    def _go(self, at: QPointF) -> None:
        x, y = self._camera().to_scene(at)
        self._view.centre_on(x, y)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())
