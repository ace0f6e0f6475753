"""The row below the oscilloscope's screen: which trace is which, and what it reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from neurocanvas.app import theme
from neurocanvas.app.instruments.scope_screen import AXIS
from neurocanvas.app.instruments.traces import Trace
from neurocanvas.app.theme import mono_font, qcolor, ui_font

_HEIGHT = 22
_SQUARE = 10
_GAP = 20
_SMALL = 12  # pixels of the fonts
_MOST = 40  # entries that can find room on any screen


@dataclass(frozen=True)
class Entry:
    """One trace and what it reads.

    Attributes:
        trace: Which one.
        value: Its newest value, with the unit.
        rate: Its firing rate, if it fires.
    """

    trace: Trace
    value: str = ""
    rate: str = ""

    @property
    def reading(self) -> str:
        """Value and rate."""
        return "  ".join(part for part in (self.value, self.rate) if part)


class Legend(QWidget):
    """Coloured squares with names and readings; as much of it as there is room for.

    Signals:
        chosen: A trace was clicked: its number.
        menu_wanted: A trace was right-clicked: its number and the place on the screen.
    """

    chosen = Signal(int)
    menu_wanted = Signal(int, QPointF)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Traces")
        self.entries: tuple[Entry, ...] = ()
        self._places: list[tuple[QRectF, int]] = []

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Show these traces."""
        if tuple(entries) != self.entries:
            self.entries = tuple(entries)
            self.setCursor(
                Qt.CursorShape.PointingHandCursor if entries else Qt.CursorShape.ArrowCursor
            )
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, _HEIGHT)

    def number_at(self, at: QPointF) -> int | None:
        """Return the number of the trace at a place."""
        return next((number for box, number in self._places if box.contains(at)), None)

    def place_of(self, number: int) -> QPointF | None:
        """Return the middle of a trace's entry, if it is to be seen."""
        return next((box.center() for box, k in self._places if k == number), None)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = self.width() - AXIS - 4
        names, readings = QFontMetricsF(ui_font(_SMALL)), QFontMetricsF(mono_font(_SMALL - 1))
        shown = self.entries[: _MOST + 1]
        widths = [_SQUARE + 6 + names.horizontalAdvance(e.trace.title) for e in shown]
        longer = [readings.horizontalAdvance(e.reading) + 8 for e in shown]
        roomy = sum(widths) + sum(longer) + _GAP * len(widths) <= room
        self._places = []
        x = float(AXIS)
        for k, entry in enumerate(shown):
            width = widths[k] + (longer[k] if roomy else 0.0)
            left = len(self.entries) - k
            spare = names.horizontalAdvance("+00") if left > 1 else 0.0
            if x + width + spare > AXIS + room:
                painter.setPen(qcolor(theme.current().text_faint))
                painter.drawText(QRectF(x, 0, 60, _HEIGHT), _MIDDLE, f"+{left}")
                break
            self._paint_entry(painter, entry, x, width, roomy)
            x += width + _GAP

    def _paint_entry(
        self, painter: QPainter, entry: Entry, x: float, width: float, roomy: bool
    ) -> None:
        colours = theme.current()
        box = QRectF(x, 0, width + 2, _HEIGHT)
        self._places.append((box, entry.trace.number))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor(entry.trace.colour))
        painter.drawRoundedRect(QRectF(x, (_HEIGHT - _SQUARE) / 2, _SQUARE, _SQUARE), 2, 2)
        painter.setFont(ui_font(_SMALL))
        painter.setPen(qcolor(colours.text_dim))
        painter.drawText(box.adjusted(_SQUARE + 6, 0, 0, 0), _MIDDLE, entry.trace.title)
        if roomy:
            painter.setFont(mono_font(_SMALL - 1))
            painter.setPen(qcolor(colours.text))
            painter.drawText(box, _MIDDLE | Qt.AlignmentFlag.AlignRight, entry.reading)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self.number_at(event.position())
        if number is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(number)
        elif number is not None and event.button() == Qt.MouseButton.RightButton:
            self.menu_wanted.emit(number, event.globalPosition())


_MIDDLE = Qt.AlignmentFlag.AlignVCenter
