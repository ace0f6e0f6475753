"""The picture of a response: the trace, its spikes, and below them when the input was on."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from neurocanvas.app import theme
from neurocanvas.app.equation_editor.response import Floats, Response, envelope
from neurocanvas.app.instruments.scales import ROWS, Scale, number
from neurocanvas.app.theme import Theme, mono_font, qcolor, ui_font
from neurocanvas.model.quantity import DIMENSIONLESS, format_quantity

LEFT, TOP, RIGHT, BOTTOM = 46, 32, 14, 34
STEP_HEIGHT = 12
TIMES = 5
"""Divisions of the time axis."""
_TICK = 11
_Align = Qt.AlignmentFlag


class ResponsePlot(QWidget):
    """Shows the newest response; a paler one while it is out of date."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Response to a step")
        self.response: Response | None = None
        self.words = ""
        self.stale = False
        theme.changed.connect(self._repaint)

    def sizeHint(self) -> QSize:
        return QSize(480, 230)

    def minimumSizeHint(self) -> QSize:
        return QSize(280, 150)

    def show_response(self, response: Response) -> None:
        """Show a response that is up to date."""
        self.response, self.words, self.stale = response, "", False
        self.update()

    def set_stale(self, words: str) -> None:
        """Show that the response belongs to an older text, and say why there is no newer one."""
        self.stale, self.words = True, words
        self.update()

    def _repaint(self, *_: object) -> None:
        self.update()

    @property
    def plot(self) -> QRect:
        """Where the trace is."""
        return self.rect().adjusted(LEFT, TOP, -RIGHT, -BOTTOM)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(qcolor(colours.border), 1))
        painter.setBrush(qcolor(colours.scope))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        response = self.response
        scale = _scale(response)
        self._grid(painter, scale, response, colours)
        if response is not None and len(response.times):
            painter.setOpacity(0.35 if self.stale else 1.0)
            self._trace(painter, scale, response)
            self._step(painter, response, colours)
            painter.setOpacity(1.0)
        self._say(painter, colours)
        painter.end()

    def _grid(
        self, painter: QPainter, scale: Scale, response: Response | None, colours: Theme
    ) -> None:
        box = self.plot
        painter.setFont(mono_font(_TICK))
        for k, value in enumerate(scale.ticks()):
            y = box.bottom() - round(k * box.height() / ROWS)
            painter.setPen(qcolor(colours.scope_grid))
            painter.drawLine(box.left(), y, box.right(), y)
            if response is not None and k % 2 == 0:
                painter.setPen(qcolor(colours.scope_text))
                words = QRectF(0, y - 8, LEFT - 6, 16)
                painter.drawText(words, _Align.AlignRight | _Align.AlignVCenter, number(value))
        for k in range(TIMES + 1):
            x = box.left() + round(k * box.width() / TIMES)
            painter.setPen(qcolor(colours.scope_grid))
            painter.drawLine(x, box.top(), x, box.bottom())
            if response is not None:
                painter.setPen(qcolor(colours.scope_text))
                self._time(painter, x, k, k / TIMES * response.question.duration_ms)

    def _time(self, painter: QPainter, x: int, k: int, time_ms: float) -> None:
        """Paint the words under a line of the time axis; the last ones end at the edge."""
        text = number(float(f"{time_ms:.4g}"))
        place = QRectF(x - 40, self.height() - 18, 80, 14)
        if k == TIMES:
            place.moveRight(self.width() - 4)
        side = _Align.AlignRight if k == TIMES else _Align.AlignHCenter
        painter.drawText(place, side | _Align.AlignVCenter, f"{text} ms" if k == TIMES else text)

    def _trace(self, painter: QPainter, scale: Scale, response: Response) -> None:
        box = self.plot
        times, low, high = envelope(response.times, response.values, max(1, box.width()))
        painter.setClipRect(box.adjusted(-1, -1, 1, 1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(qcolor(theme.probe_colour(1)), 1.5))
        x = self._x(times, response)
        painter.drawPolyline(_zigzag(x, self._y(low, scale), self._y(high, scale)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setClipping(False)
        for spike in self._x(response.spikes, response).tolist():
            painter.drawLine(QPointF(spike, box.top() - 8), QPointF(spike, box.top() - 2))

    def _x(self, times: Floats, response: Response) -> Floats:
        box = self.plot
        return box.left() + times / response.question.duration_ms * box.width()

    def _y(self, values: Floats, scale: Scale) -> Floats:
        box = self.plot
        share = (values - scale.bottom) / (scale.top - scale.bottom)
        shown: Floats = box.bottom() - np.clip(np.nan_to_num(share), -1.0, 2.0) * box.height()
        return shown

    def _step(self, painter: QPainter, response: Response, colours: Theme) -> None:
        """Paint when the input was on, just above the words of the time axis."""
        question, box = response.question, self.plot
        on, off = (
            self._x(np.array([t]), response)[0] for t in (question.start_ms, question.stop_ms)
        )
        low = self.height() - 20.0
        high = low - STEP_HEIGHT * 0.6
        painter.setPen(QPen(qcolor(colours.injection), 1.5))
        points = [
            (box.left(), low),
            (on, low),
            (on, high),
            (off, high),
            (off, low),
            (box.right(), low),
        ]
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))

    def _say(self, painter: QPainter, colours: Theme) -> None:
        response = self.response
        painter.setFont(ui_font(11))
        painter.setPen(qcolor(colours.scope_text))
        top = QRectF(LEFT, 4, self.width() - LEFT - RIGHT, 16)
        if response is not None and not self.words:
            painter.drawText(top, _Align.AlignRight | _Align.AlignVCenter, summary(response))
        if self.words:
            colour = QColor(qcolor(colours.text_dim))
            painter.setPen(colour)
            painter.setFont(ui_font(12))
            flags = _Align.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.plot.adjusted(16, 8, -16, -8), flags, self.words)


def _scale(response: Response | None) -> Scale:
    if response is None or not len(response.values):
        return Scale.around(-80.0, 40.0)
    values = response.values[np.isfinite(response.values)]
    if not len(values):
        return Scale.around(0.0, 1.0)
    low, high = float(values.min()), float(values.max())
    margin = 0.02 * (high - low) or max(0.05 * abs(high), 0.5)
    return Scale.around(low - margin, high + margin)


def _zigzag(x: Floats, low: Floats, high: Floats) -> QPolygonF:
    """Return a line that touches the lowest and highest value of every column."""
    points: Floats = np.empty((2 * len(x), 2))
    points[0::2, 0] = points[1::2, 0] = x
    points[0::2, 1], points[1::2, 1] = low, high
    return QPolygonF([QPointF(a, b) for a, b in points.tolist()])


def summary(response: Response) -> str:
    """Return a response in a few words: ``"v in mV · 4 spikes, 28.6 Hz"``."""
    kind = response.question.kind
    unit = kind.recordable[kind.main].unit
    words = kind.main if unit == DIMENSIONLESS else f"{kind.main} in {unit}"
    if not kind.threshold:
        return words
    count = len(response.spikes)
    on = response.question.stop_ms - response.question.start_ms
    rate = format_quantity(1e3 * count / on, "Hz", 3) if count else ""
    return f"{words} \u00b7 {count} spike{'' if count == 1 else 's'}" + (
        f", {rate}" if rate else ""
    )
