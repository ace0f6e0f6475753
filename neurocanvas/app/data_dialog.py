"""The window in which lists of numbers are pasted, or columns of a file are chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QPlainTextEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from neurocanvas.app.rows import ChoiceBox
from neurocanvas.app.theme import mono_font
from neurocanvas.app.widgets import label, restyle
from neurocanvas.errors import FileError
from neurocanvas.formats.columns import Table, column_values, parse_table
from neurocanvas.model.kinds import Column
from neurocanvas.model.quantity import format_quantity

SHOWN_ROWS = 50
ROW_HEIGHT = 22
LARGER = {"ms": ("s",), "mV": ("V",), "pA": ("nA", "A"), "nS": ("\u00b5S", "S"), "Hz": ("kHz",)}
"""Unit of a column -> others that tables are often written in."""

Columns = dict[str, tuple[float, ...]]


def count_words(values: Sequence[float], unit: str) -> str:
    """Say what a list holds: ``"12 values, 10 ms to 340 ms"``."""
    if not values:
        return "no values"
    count = f"{len(values):,}".replace(",", "\u2009")
    low, high = (format_quantity(x, unit, 4) for x in (min(values), max(values)))
    one = len(values) == 1
    return f"{count} value{'' if one else 's'}, {low}" + ("" if low == high else f" to {high}")


class DataDialog(QDialog):
    """Text in columns, what to take from it, and what comes out.

    Args:
        columns: What is to be filled.
        text: What is read: of a file, or empty for what will be pasted.
        title: What stands above the window.
        from_file: Whether the text is that of a file: then it is shown as a table.

    Signals:
        chosen: OK was pressed: name of each column -> its values.
    """

    chosen = Signal(object)

    def __init__(
        self,
        columns: Sequence[Column],
        text: str,
        title: str,
        *,
        from_file: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(520, 460)
        self._columns = tuple(columns)
        self._table: Table | None = None
        self._header: tuple[str, ...] | None = None
        self.values: Columns = {}
        self.field = QPlainTextEdit()
        self.view = QTableWidget()
        self.places = {c.name: ChoiceBox() for c in columns}
        self.units = {c.name: ChoiceBox() for c in columns}
        self.status = label("", "dim", wrap=True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self._lay_out(from_file)
        self._connect()
        self.read(text)

    def _lay_out(self, from_file: bool) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(10)
        self.field.setFont(mono_font(12))
        self.field.setPlaceholderText("Numbers, separated by commas, blanks or lines")
        self.field.setVisible(not from_file)
        self.view.setVisible(from_file)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setShowGrid(False)
        self.view.verticalHeader().setVisible(False)
        self.view.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.view.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        self.view.horizontalHeader().setStretchLastSection(True)
        layout.addWidget(self.field, 1)
        layout.addWidget(self.view, 1)
        layout.addLayout(self._choices())
        self.status.setMinimumHeight(34)
        layout.addWidget(self.status)
        layout.addWidget(self.buttons)

    def _choices(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        for row, column in enumerate(self._columns):
            title = column.title or column.name
            place, unit = self.places[column.name], self.units[column.name]
            place.setAccessibleName(f"{title}, column")
            unit.setAccessibleName(f"{title}, unit")
            unit.addItems([column.unit, *LARGER.get(column.unit, ())])
            for number, widget in enumerate((label(title, "rowtitle"), place, unit)):
                grid.addWidget(widget, row, number)
        return grid

    def _connect(self) -> None:
        self.field.textChanged.connect(lambda: self._take(self.field.toPlainText()))
        for column in self._columns:
            self.places[column.name].activated.connect(lambda _, c=column: self._follow(c))
            self.units[column.name].activated.connect(self._show)
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)

    def read(self, text: str) -> None:
        """Begin with a text."""
        if self.field.isVisibleTo(self) and text:
            self.field.setPlainText(text)  # which takes it
        else:
            self._take(text)

    def _take(self, text: str) -> None:
        try:
            self._table = parse_table(text, len(self._columns))
        except FileError as error:
            self._table = None
            self._refuse(str(error) if text.strip() else "")
            return
        if self._table.header != self._header:
            self._header = self._table.header
            self._offer(self._table)
        self._show()

    def _offer(self, table: Table) -> None:
        """List the columns of a table and guess which is which."""
        for number, column in enumerate(self._columns):
            place = self.places[column.name]
            place.clear()
            place.addItems([_titled(name) for name in table.header])
            place.setEnabled(len(table.header) > 1)
            place.setCurrentIndex(_guess(table, column, number))
            self._follow(column, show=False)

    def _follow(self, column: Column, show: bool = True) -> None:
        """Take the unit from the name of the chosen column, if it says one."""
        if self._table is not None:
            unit = self._table.unit(self.places[column.name].currentIndex())
            box = self.units[column.name]
            box.setCurrentIndex(max(box.findText(unit), 0))
        if show:
            self._show()

    def _show(self, *_: object) -> None:
        """Read the columns as they are chosen now."""
        table = self._table
        if table is None:
            return
        self._fill(table)
        try:
            self.values = {c.name: self._values(table, c) for c in self._columns}
        except FileError as error:
            self._refuse(str(error))
            return
        words = [
            f"{c.title or c.name}: {count_words(self.values[c.name], c.unit)}"
            for c in self._columns
        ]
        self.status.setText("\n".join(words))
        self._mark(True)

    def _values(self, table: Table, column: Column) -> tuple[float, ...]:
        place, unit = self.places[column.name], self.units[column.name]
        return column_values(table, place.currentIndex(), column.unit, unit.currentText())

    def _fill(self, table: Table) -> None:
        if not self.view.isVisibleTo(self) or self.view.rowCount():
            return
        rows = table.rows[:SHOWN_ROWS]
        self.view.setColumnCount(len(table.header))
        self.view.setRowCount(len(rows))
        self.view.setHorizontalHeaderLabels([_titled(name) for name in table.header])
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                self.view.setItem(row, column, QTableWidgetItem(cell.strip()))

    def _refuse(self, reason: str) -> None:
        self.values = {}
        self.status.setText(reason)
        self._mark(False)

    def _mark(self, fine: bool) -> None:
        self.status.setObjectName("dim" if fine else "reason")
        restyle(self.status, fine=fine)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(fine)

    def _accept(self) -> None:
        self.chosen.emit(self.values)
        self.accept()


def _titled(name: str) -> str:
    return f"Column {name}" if name.isdecimal() else name


def _guess(table: Table, column: Column, number: int) -> int:
    """Return which column of a table is meant: by its name, by its unit, or by its place."""
    stem = column.name.rstrip("s").lower()
    names = [name.lower() for name in table.header]
    for place, name in enumerate(names):
        if name.startswith(stem):
            return place
    units = (column.unit, *LARGER.get(column.unit, ()))
    for place in range(len(names)):
        if table.unit(place) in units:
            return place
    return min(number, len(names) - 1)


def clipboard_numbers(columns: Sequence[Column]) -> str:
    """Return the text of the clipboard if it holds numbers in columns, else nothing."""
    text = QGuiApplication.clipboard().text()
    try:
        table = parse_table(text, len(columns))
        column_values(table, 0, columns[0].unit)
    except FileError:
        return ""
    return text
