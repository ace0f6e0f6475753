"""The table of parameters: every cell is typed as text and judged while it stands there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from neurocanvas.app import theme
from neurocanvas.app.equation_editor.drafts import Row
from neurocanvas.app.equation_editor.problems import (
    DEFAULT,
    DOC,
    MAXIMUM,
    MINIMUM,
    NAME,
    Problem,
)
from neurocanvas.app.theme import mono_font, qcolor, ui_font

_AnyIndex = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole

TITLES = {
    NAME: "Name",
    DEFAULT: "Default",
    MINIMUM: "Minimum",
    MAXIMUM: "Maximum",
    DOC: "What it does",
}
_ATTRIBUTES = {
    NAME: "name",
    DEFAULT: "default",
    MINIMUM: "minimum",
    MAXIMUM: "maximum",
    DOC: "doc",
}
WIDTHS = {NAME: 88, DEFAULT: 84, MINIMUM: 76, MAXIMUM: 76}
ROW_HEIGHT = 26
NEW = "add\u2026"
"""Stands in the empty row at the end."""


class ParameterModel(QAbstractTableModel):
    """Rows as they were typed, and an empty one at the end to type a new one into.

    Signals:
        changed: The rows are others now.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []
        self._problems: dict[tuple[int, int], Problem] = {}
        self._unused: frozenset[str] = frozenset()

    def show_rows(self, rows: Iterable[Row]) -> None:
        """Show these rows."""
        self.beginResetModel()
        self.rows = list(rows)
        self._problems = {}
        self.endResetModel()
        self.changed.emit()

    def add(self, row: Row) -> None:
        """Add a parameter at the end."""
        at = len(self.rows)
        self.beginInsertRows(QModelIndex(), at, at)
        self.rows.append(row)
        self.endInsertRows()
        self.changed.emit()

    def remove(self, numbers: Iterable[int]) -> None:
        """Take parameters away."""
        for number in sorted(set(numbers), reverse=True):
            if number < len(self.rows):
                self.beginRemoveRows(QModelIndex(), number, number)
                del self.rows[number]
                self.endRemoveRows()
        self._problems = {}
        self.changed.emit()

    def judge(self, problems: Iterable[Problem], unused: Iterable[str]) -> None:
        """Show what is wrong with which cell, and which parameters nothing uses."""
        found = {(p.line, p.column): p for p in problems}
        if found == self._problems and frozenset(unused) == self._unused:
            return
        self._problems, self._unused = found, frozenset(unused)
        last = self.index(self.rowCount() - 1, self.columnCount() - 1)
        self.dataChanged.emit(self.index(0, 0), last)

    def rowCount(self, parent: _AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows) + 1

    def columnCount(self, parent: _AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(TITLES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> object:
        if role == _Role.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return TITLES[section]
        if role == _Role.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def flags(self, index: _AnyIndex) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        last = index.row() == len(self.rows)
        return flags if last and index.column() != NAME else flags | Qt.ItemFlag.ItemIsEditable

    def data(self, index: _AnyIndex, role: int = _Role.DisplayRole) -> object:
        row, column = index.row(), index.column()
        if row == len(self.rows):
            return self._empty(column, role)
        if role in (_Role.DisplayRole, _Role.EditRole):
            return getattr(self.rows[row], _ATTRIBUTES[column])
        if role == _Role.FontRole:
            return ui_font(12) if column == DOC else mono_font()
        if role == _Role.ForegroundRole:
            return self._colour(row, column)
        if role == _Role.ToolTipRole:
            return self._words(row, column)
        return None

    def _empty(self, column: int, role: int) -> object:
        if column != NAME:
            return None
        if role == _Role.DisplayRole:
            return NEW
        if role == _Role.ForegroundRole:
            return qcolor(theme.current().text_faint)
        return ui_font(12) if role == _Role.FontRole else None

    def _colour(self, row: int, column: int) -> QColor:
        colours = theme.current()
        if (row, column) in self._problems:
            return qcolor(colours.bad)
        if self.rows[row].name in self._unused:
            return qcolor(colours.text_faint)
        return qcolor(colours.text_dim if column in (MINIMUM, MAXIMUM, DOC) else colours.text)

    def _words(self, row: int, column: int) -> str:
        problem = self._problems.get((row, column))
        if problem is not None:
            return problem.words
        if self.rows[row].name in self._unused:
            return f"{self.rows[row].name} is used nowhere; Del takes it away"
        return self.rows[row].doc

    def setData(self, index: _AnyIndex, value: object, role: int = _Role.EditRole) -> bool:
        text = str(value).strip()
        if role != _Role.EditRole:
            return False
        if index.row() == len(self.rows):
            if text and text != NEW:
                self.add(Row(text, "1"))
            return bool(text)
        row = self.rows[index.row()]
        cell: dict[str, Any] = {_ATTRIBUTES[index.column()]: text}
        changed = replace(row, **cell)
        if changed != row:
            self.rows[index.row()] = changed
            self.dataChanged.emit(index, index)
            self.changed.emit()
        return True


class ParameterTable(QTableView):
    """Shows the parameters; Enter or a key begins to edit, Del takes one away."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = ParameterModel(self)
        self.setModel(self.rows)
        self.setObjectName("parameters")
        self.setAccessibleName("Parameters")
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.SelectedClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrap(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self._arrange()
        theme.changed.connect(self._repaint)

    def _arrange(self) -> None:
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.verticalHeader().setMinimumSectionSize(ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setFont(ui_font(11, QFont.Weight.DemiBold))
        header.setFixedHeight(24)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column, width in WIDTHS.items():
            self.setColumnWidth(column, width)

    def _repaint(self, *_: object) -> None:
        self.viewport().update()

    def chosen_rows(self) -> list[int]:
        """Return the numbers of the parameters that are selected."""
        count = len(self.rows.rows)
        return sorted({i.row() for i in self.selectedIndexes() if i.row() < count})

    def remove_chosen(self) -> None:
        """Take away what is selected."""
        if self.chosen_rows():
            self.rows.remove(self.chosen_rows())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # What an editor of a cell does not take comes here too.
        if self.state() == QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_chosen()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.edit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _menu(self, at: QPoint) -> None:
        self.row_menu().popup(self.viewport().mapToGlobal(at))

    def row_menu(self) -> QMenu:
        """Return the menu of the rows that are selected."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        names = ", ".join(self.rows.rows[i].name for i in self.chosen_rows())
        action = menu.addAction(f"Take away {names}" if names else "Take away")
        action.setEnabled(bool(names))
        action.triggered.connect(lambda _=False: self.remove_chosen())
        return menu
