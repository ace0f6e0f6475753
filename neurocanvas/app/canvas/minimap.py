"""The minimap: all of the circuit in a corner, and what of it the window shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
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
_FEW = 150
_COARSE = 6
"""With many nodes, this many levels share a colour."""


class Minimap(QWidget):
    """A small picture of the whole circuit; press or drag to go somewhere.

    Args:
        view: The canvas it belongs to.
    """

    def __init__(self, view: CanvasScreen) -> None:
        super().__init__(view)
        self._view = view
        self._picture: QPixmap | None = None
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
        self.refresh()

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

    def refresh(self) -> None:
        """Draw the picture anew; it is only copied when the canvas around it is repainted."""
        self._picture = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture is None:
            self._picture = self._draw()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        painter.end()

    def _draw(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(self._view.theme.canvas))
        painter = QPainter(picture)
        try:
            self._paint(painter)
        finally:
            painter.end()
        return picture

    def _paint(self, painter: QPainter) -> None:
        theme, camera, view = self._view.theme, self._camera(), self._view
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

    def _paint_nodes(self, painter: QPainter, camera: Camera) -> None:
        scene, theme = self._view.scene, self._view.theme
        places = camera.places(scene.centre)
        levels = self._view.activity.shown_levels()
        if len(levels) != len(places):
            return
        sources = scene.family == looks.SOURCE
        few = len(places) <= _FEW
        size = 5.0 if few else 2.0 if len(places) <= 2000 else 1.0
        # Round dots cost ten times as much as square ones.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, few)
        cap = Qt.PenCapStyle.RoundCap if few else Qt.PenCapStyle.SquareCap
        if not few:
            levels = levels // _COARSE * _COARSE
        for level in np.unique(levels[~sources]).tolist():
            colour = looks.fill_colour(theme, level) if level >= 0 else QColor(theme.neuron_ring)
            painter.setPen(QPen(colour, size, Qt.PenStyle.SolidLine, cap))
            draw_points(painter, places[~sources & (levels == level)])
        painter.setPen(QPen(QColor(theme.injection), size, Qt.PenStyle.SolidLine, cap))
        draw_points(painter, places[sources])

    def _go(self, at: QPointF) -> None:
        x, y = self._camera().to_scene(at)
        self._view.centre_on(x, y)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())
