"""Words on the canvas itself: the hint at the bottom, and what an empty canvas says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from neurocanvas.app.canvas import looks
from neurocanvas.app.theme import ui_font

if TYPE_CHECKING:
    from neurocanvas.app.canvas.screen import CanvasScreen

HINT = "Drag from the ring of a neuron to connect. Arrow: excitatory. Bar: inhibitory."
EMPTY_TITLE = "An empty canvas"
EMPTY_WORDS = (
    "Drag a neuron here from the left, or double-click to place one.\n"
    "Then add a source and drag from its ring to the neuron."
)
_REACH = np.array([46.0, 52.0])
"""How far a node with its label reaches from its middle, in scene pixels."""


def paint(painter: QPainter, view: CanvasScreen, rect: QRectF) -> None:
    """Paint the words of the canvas where they meet a rectangle of the window."""
    words, urgent = view.hint()
    font = ui_font(11)
    width = QFontMetricsF(font).horizontalAdvance(words)
    line = QRectF(19, view.height() - 30, width + 2, 22)
    fits = line.right() < view.width() and line.intersects(rect)
    if fits and (urgent or is_free(view, line)):
        shade = line.adjusted(-6, 2, 4, -2)
        painter.fillRect(shade, looks.faded(view.theme.canvas, 0.85))
        painter.setFont(font)
        painter.setPen(QColor(view.theme.text_dim if urgent else view.theme.text_faint))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, words)
    if not view.scene.node_ids:
        _paint_empty(painter, view)


def is_free(view: CanvasScreen, line: QRectF) -> bool:
    """Whether nothing of the circuit lies in a rectangle of the window."""
    scene, place = view.scene, view.camera.rect_to_scene(line)
    if not len(scene.node_ids):
        return True
    middle = np.array([place.center().x(), place.center().y()])
    half = np.array([place.width(), place.height()]) / 2 + _REACH
    if bool((np.abs(scene.centre - middle) < half).all(axis=1).any()):
        return False
    return not len(scene.visible_links(place))


def _paint_empty(painter: QPainter, view: CanvasScreen) -> None:
    middle = QRectF(view.rect()).center()
    box = QRectF(middle.x() - 260, middle.y() - 46, 520, 28)
    painter.setFont(ui_font(16, QFont.Weight.DemiBold))
    painter.setPen(QColor(view.theme.text_dim))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, EMPTY_TITLE)
    painter.setFont(ui_font(13))
    painter.setPen(QColor(view.theme.text_faint))
    painter.drawText(box.translated(0, 38).adjusted(0, 0, 0, 20), Qt.AlignmentFlag.AlignCenter,
                     EMPTY_WORDS)  # fmt: skip
