"""The rows of the inspector for lists of numbers: how many, what they look like, where from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from neurocanvas.app import bindings, theme
from neurocanvas.app.data_dialog import Columns, DataDialog, clipboard_numbers, count_words
from neurocanvas.app.rows import RIGHT
from neurocanvas.app.session import Session
from neurocanvas.app.theme import qcolor
from neurocanvas.app.widgets import Dot, ElidedLabel, label
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.formats import columns as tables
from neurocanvas.model.edits import SetData
from neurocanvas.model.kinds import Column

FILTER = "Tables (*.csv *.tsv *.txt *.dat);;All files (*)"
MOST_POINTS = 2000
"""A preview draws no more points than these."""


class DataPreview(QWidget):
    """A small picture of a list: ticks for times, a line for values over times."""

    HEIGHT = 44

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(self.HEIGHT)
        self._lists: tuple[np.ndarray, ...] = ()

    def show_lists(self, lists: Sequence[Sequence[float]]) -> None:
        """Show one list of times, or times and values."""
        first = np.asarray(lists[0], dtype=float)
        order = np.argsort(first, kind="stable")[:: max(1, len(first) // MOST_POINTS)]
        self._lists = tuple(np.asarray(values, dtype=float)[order] for values in lists)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(qcolor(colours.border), 1))
        painter.setBrush(qcolor(colours.scope))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.setPen(QPen(qcolor(colours.source), 1.3))
        if self._lists and len(self._lists[0]):
            if len(self._lists) == 1:
                self._paint_ticks(painter)
            else:
                self._paint_line(painter)
        painter.end()

    def _paint_ticks(self, painter: QPainter) -> None:
        top, bottom = 0.3 * self.height(), 0.7 * self.height()
        for x in self._across(self._lists[0]).tolist():
            painter.drawLine(QPointF(x, top), QPointF(x, bottom))

    def _paint_line(self, painter: QPainter) -> None:
        x, y = self._across(self._lists[0]), _parts(self._lists[1])
        down = 7 + (1 - y) * (self.height() - 14)
        points = zip(x.tolist(), down.tolist(), strict=True)
        painter.drawPolyline(QPolygonF([QPointF(*point) for point in points]))

    def _across(self, values: np.ndarray) -> np.ndarray:
        return 8 + _parts(values) * (self.width() - 16)

    def sizeHint(self) -> QSize:
        return QSize(200, self.HEIGHT)


def _parts(values: np.ndarray) -> np.ndarray:
    """Return where values lie between the least and the greatest, 0 to 1."""
    low, span = values.min(), np.ptp(values)
    return (values - low) / span if span > 0 else np.full(len(values), 0.5)


class DataRows(QWidget):
    """The lists of a source: what they hold, and ways to fill them.

    Args:
        session: Where edits go.
        ids: Nodes of one kind.
        columns: What the kind declares.
    """

    def __init__(self, session: Session, ids: tuple[str, ...], columns: Sequence[Column]) -> None:
        super().__init__()
        self._session, self._ids, self._columns = session, ids, tuple(columns)
        self.counts = {c.name: ElidedLabel("", "name") for c in columns}
        self.preview = DataPreview()
        self.mark = Dot("warning")
        self.reason = label("", "reason", wrap=True)
        self.dialog: DataDialog | None = None
        self.buttons = {
            words: QPushButton(words) for words in ("Paste\u2026", "From CSV\u2026", "Clear")
        }
        self._lay_out()
        for button, slot in zip(
            self.buttons.values(), (self.paste, self.ask_file, self.clear), strict=True
        ):
            button.setObjectName("small")
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, slot=slot: slot())
        self.mark.clicked.connect(lambda: self.store({}))
        self.refresh()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setVerticalSpacing(4)
        for row, column in enumerate(self._columns):
            title = ElidedLabel(column.title or column.name, "rowtitle")
            for widget in (title, self.counts[column.name]):
                widget.setToolTip(column.doc)
            grid.addWidget(title, row, 0)
            grid.addWidget(self.counts[column.name], row, 1)
        grid.setColumnStretch(0, 1)
        grid.addWidget(self.mark, 0, 2)
        below = QHBoxLayout()
        below.setSpacing(6)
        for button in self.buttons.values():
            below.addWidget(button)
        below.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 4, 2, 4)
        layout.setSpacing(6)
        layout.addLayout(grid)
        for part in (self.preview, self.reason):
            inner = QHBoxLayout()
            inner.setContentsMargins(0, 0, RIGHT - 2, 0)
            inner.addWidget(part)
            layout.addLayout(inner)
        layout.addLayout(below)
        self.reason.hide()

    # -- what is there ---------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the present lists."""
        found = [self._lists(i) for i in self._ids if i in self._session.circuit]
        if not found:
            return
        alike = all(lists == found[0] for lists in found)
        for column in self._columns:
            words = count_words(found[0][column.name], column.unit) if alike else "mixed"
            self.counts[column.name].set_text(words)
        self.preview.show_lists(list(found[0].values()))
        defaults = {c.name: c.default for c in self._columns}
        self.mark.set_on(any(lists != defaults for lists in found), "Back to the default")
        self.reason.hide()

    def _lists(self, node_id: str) -> Columns:
        data = self._session.circuit.node(node_id).data
        return {c.name: tuple(data.get(c.name, c.default)) for c in self._columns}

    # -- filling ---------------------------------------------------------------------------------

    def paste(self) -> None:
        """Let the person paste or type numbers."""
        self._ask(clipboard_numbers(self._columns), "Paste numbers", from_file=False)

    def ask_file(self) -> None:
        """Let the person choose a file and its columns."""
        name, _ = QFileDialog.getOpenFileName(self, "Numbers from a file", "", FILTER)
        if name:
            self.open_file(Path(name))

    def open_file(self, path: Path) -> None:
        """Let the person choose columns of a file."""
        try:
            text = tables.read_text(path)
        except NeuroCanvasError as error:
            self._refuse(str(error))
        else:
            self._ask(text, path.name, from_file=True)

    def _ask(self, text: str, title: str, *, from_file: bool) -> None:
        self.reason.hide()
        self.dialog = DataDialog(self._columns, text, title, from_file=from_file, parent=self)
        self.dialog.chosen.connect(self.store)
        self.dialog.finished.connect(self._forget)
        self.dialog.open()

    def _forget(self, *_: object) -> None:
        self.dialog = None

    def clear(self) -> None:
        """Take all values away."""
        self.store({c.name: () for c in self._columns})

    def store(self, columns: Columns) -> None:
        """Give the lists to all nodes; none for the defaults."""
        try:
            self._session.do(bindings.together([SetData(i, columns) for i in self._ids]))
        except NeuroCanvasError as error:
            self._refuse(str(error))
        else:
            self.refresh()

    def _refuse(self, reason: str) -> None:
        self.reason.setText(reason)
        self.reason.show()
