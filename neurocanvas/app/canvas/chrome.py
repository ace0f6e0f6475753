"""Words on the canvas itself: the hint at the bottom, and what an empty canvas says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

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
_LEAST_WIDTH = 560


def paint(painter: QPainter, view: CanvasScreen, rect: QRectF) -> None:
    """Paint the words of the canvas where they meet a rectangle of the window."""
    line = QRectF(19, view.height() - 30, 560, 22)
    if view.width() >= _LEAST_WIDTH and line.intersects(rect):
        painter.setFont(ui_font(11))
        words = painter.fontMetrics().boundingRect(HINT).width()
        shade = QRectF(line.left() - 4, line.top() + 3, words + 8, line.height() - 6)
        painter.fillRect(shade, looks.faded(view.theme.canvas, 0.72))
        painter.setPen(QColor(view.theme.text_faint))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, HINT)
    if not view.scene.node_ids:
        _paint_empty(painter, view)


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
