"""What the search field finds, in a list beneath it; loaded when something is looked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QWidget

from neurocanvas.app import theme
from neurocanvas.app.theme import qcolor, ui_font

if TYPE_CHECKING:
    from neurocanvas.app.command_field import Command

ROW_HEIGHT = 28
NOTHING = "Nothing found"
_COMMAND = Qt.ItemDataRole.UserRole


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option, index) -> QSize:
        return QSize(100, ROW_HEIGHT)

    def paint(self, painter: QPainter, option, index) -> None:
        colours = theme.current()
        command = index.data(_COMMAND)
        if command is None:
            painter.setFont(ui_font())
            painter.setPen(qcolor(colours.text_faint))
            inside = option.rect.adjusted(14, 0, -14, 0)
            painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter, index.data())
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(qcolor(colours.highlight))
            painter.drawRoundedRect(option.rect.adjusted(4, 1, -4, -1), 5, 5)
        box: QRect = option.rect.adjusted(14, 0, -14, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(ui_font(11))
        painter.setPen(qcolor(colours.text_faint))
        painter.drawText(box, middle | Qt.AlignmentFlag.AlignRight, command.group)
        room = box.width() - painter.fontMetrics().horizontalAdvance(command.group) - 12
        painter.setFont(ui_font())
        painter.setPen(qcolor(colours.text))
        title = painter.fontMetrics().elidedText(command.title, Qt.TextElideMode.ElideRight, room)
        painter.drawText(box, middle, title)
        painter.restore()


class CommandList(QListView):
    """Commands one below the other; one of them is marked.

    Args:
        window: What it lies upon.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._rows = QStandardItemModel(self)
        self.setObjectName("results")
        self.setItemDelegate(_Delegate(self))
        self.setModel(self._rows)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        self.entered.connect(self.setCurrentIndex)
        self.hide()

    def fill(self, commands: Sequence[Command]) -> None:
        """Show these, the first one marked."""
        self._rows.clear()
        for command in commands:
            item = QStandardItem(command.title)
            item.setEditable(False)
            item.setData(command, _COMMAND)
            self._rows.appendRow(item)
        if not commands:
            item = QStandardItem(NOTHING)
            item.setEnabled(False)
            self._rows.appendRow(item)

    def drop(self, x: int, y: int, width: int) -> None:
        """Drop down at a place of the window."""
        self.setGeometry(x, y, width, self._rows.rowCount() * ROW_HEIGHT + 4)
        self.setCurrentIndex(self._rows.index(0, 0))
        self.show()
        self.raise_()

    def mark_next(self, step: int) -> None:
        """Mark the next one, or the one before with a step of -1."""
        count = self._rows.rowCount()
        if count:
            self.setCurrentIndex(self._rows.index((self.currentIndex().row() + step) % count, 0))

    def marked(self) -> Command | None:
        """Return the command that is marked; None if nothing was found."""
        found: Command | None = self.currentIndex().data(_COMMAND)
        return found
