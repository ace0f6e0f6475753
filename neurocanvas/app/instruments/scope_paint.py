"""How the oscilloscope's screen looks: grid, axes, cursors, trigger, read-out."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from neurocanvas.app.instruments.scales import COLUMNS, ROWS, Scale, number, shown_in
from neurocanvas.app.instruments.scope_screen import SECOND_AXIS
from neurocanvas.app.theme import Theme, mono_font, qcolor, ui_font

_TICK = 11  # pixels of the font
_Align = Qt.AlignmentFlag


def grid(painter: QPainter, plot: QRect, colours: Theme) -> None:
    """Paint the divisions."""
    painter.setPen(QPen(qcolor(colours.scope_grid), 1))
    left, top, right, bottom = plot.left(), plot.top(), plot.right() + 1, plot.bottom() + 1
    for k in range(COLUMNS + 1):
        x = left + round(k * plot.width() / COLUMNS)
        painter.drawLine(x, top, x, bottom)
    for k in range(ROWS + 1):
        y = top + round(k * plot.height() / ROWS)
        painter.drawLine(left, y, right, y)


def value_axis(
    painter: QPainter, plot: QRect, scale: Scale, unit: str, colour: str, *, right: bool = False
) -> None:
    """Paint the numbers of a scale at the left or the right, as many as there is room for."""
    painter.setFont(mono_font(_TICK))
    painter.setPen(qcolor(colour))
    every = 1 if plot.height() >= ROWS * 18 else 2 if plot.height() >= ROWS * 9 else ROWS
    _, factor = shown_in(scale, unit)
    for k, value in enumerate(scale.ticks()):
        if k % every:
            continue
        y = plot.top() + plot.height() * (1 - k / ROWS)
        x = plot.right() + 7 if right else 0
        box = QRectF(x, y - 8, SECOND_AXIS if right else plot.left() - 7, 16)
        side = _Align.AlignLeft if right else _Align.AlignRight
        painter.drawText(box, side | _Align.AlignVCenter, number(float(f"{value * factor:.10g}")))


def time_axis(painter: QPainter, plot: QRect, ticks: list[tuple[float, str]], colour: str) -> None:
    """Paint the words of the time axis; the last one ends at the right edge."""
    painter.setFont(mono_font(_TICK))
    painter.setPen(qcolor(colour))
    metrics = QFontMetricsF(painter.font())
    room = plot.width() / max(len(ticks) - 1, 1)
    widest = max(metrics.horizontalAdvance(words) for _, words in ticks) + 8
    every = 1 if widest < room else len(ticks) - 1
    for k, (place, words) in enumerate(ticks):
        if k % every:
            continue
        width = metrics.horizontalAdvance(words)
        x = plot.left() + place * plot.width() - width / 2
        x = min(max(x, plot.left() - 16.0), plot.right() + 1 - width)
        painter.drawText(QPointF(x, plot.bottom() + 15), words)


def message(painter: QPainter, plot: QRect, words: str, colours: Theme) -> None:
    """Paint a sentence in the middle of the screen."""
    painter.setFont(ui_font())
    painter.setPen(qcolor(colours.text_dim))
    painter.drawText(plot, _Align.AlignCenter | Qt.TextFlag.TextWordWrap, words)


def pill(painter: QPainter, text: str, middle: QPointF, inside: QRect, colours: Theme) -> QRectF:
    """Paint a small label around a place, moved so that it lies inside a rectangle."""
    painter.setFont(mono_font(_TICK))
    metrics = QFontMetricsF(painter.font())
    box = QRectF(0, 0, metrics.horizontalAdvance(text) + 16, metrics.height() + 6)
    box.moveCenter(middle)
    box.moveLeft(min(max(box.left(), inside.left() + 2.0), inside.right() - box.width() - 2))
    box.moveTop(min(max(box.top(), inside.top() + 2.0), inside.bottom() - box.height() - 2))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(qcolor(colours.border_strong), 1))
    painter.setBrush(qcolor(colours.pill))
    painter.drawRoundedRect(box, 5, 5)
    painter.setPen(qcolor(colours.text))
    painter.drawText(box, _Align.AlignCenter, text)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    return box


def cursor(painter: QPainter, plot: QRect, x: float, colours: Theme) -> None:
    """Paint a cursor: a dashed line from top to bottom."""
    pen = QPen(qcolor(colours.accent), 1.5)
    pen.setDashPattern([2.0, 1.5])
    painter.setPen(pen)
    painter.drawLine(QPointF(round(x), plot.top()), QPointF(round(x), plot.bottom() + 1))


def trigger(painter: QPainter, plot: QRect, y: float, words: str, colour: str) -> None:
    """Paint the level of the trigger: an arrow at the axis, a dashed line, and its words."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor(colour))
    tip = QPointF(plot.left() - 1, y)
    painter.drawPolygon(QPolygonF([tip, tip + QPointF(-8, -5), tip + QPointF(-8, 5)]))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    faint = QColor(colour)
    faint.setAlphaF(0.55)
    pen = QPen(faint, 1)
    pen.setDashPattern([4.0, 3.0])
    painter.setPen(pen)
    painter.drawLine(QPointF(plot.left(), round(y)), QPointF(plot.right(), round(y)))
    painter.setFont(mono_font(_TICK))
    painter.setPen(qcolor(colour))
    above = QRectF(plot.left(), y - 18, plot.width() - 4, 16)
    if above.top() < plot.top():
        above.moveTop(y + 2)
    painter.drawText(above, _Align.AlignRight | _Align.AlignVCenter, words)


def cross_hair(
    painter: QPainter, plot: QRect, point: QPointF, words: str, colour: str, colours: Theme
) -> None:
    """Paint a line through a point of a trace, a dot on it, and what there is to read."""
    painter.setPen(QPen(qcolor(colours.scope_axis), 1))
    x = round(point.x())
    painter.drawLine(x, plot.top(), x, plot.bottom() + 1)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(qcolor(colours.scope), 1.5))
    painter.setBrush(qcolor(colour))
    painter.drawEllipse(point, 4, 4)
    side = 14 + QFontMetricsF(mono_font(_TICK)).horizontalAdvance(words) / 2 + 8
    if point.x() + 2 * side > plot.right():
        side = -side
    pill(painter, words, point + QPointF(side, -16), plot, colours)
