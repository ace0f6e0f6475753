"""The search field at the top right: finds commands, parts, samples and parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate

from neurocanvas.app import theme
from neurocanvas.app.theme import qcolor, ui_font
from neurocanvas.app.widgets import SearchField, give_back_focus

MAX_SHOWN = 12
ROW_HEIGHT = 28
NOTHING = "Nothing found"
_COMMAND = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class Command:
    """Something that can be found and done.

    Attributes:
        title: As shown.
        group: In grey at the right: where it belongs, or its key.
        run: Does it.
        words: What it can be found by too.
    """

    title: str
    group: str
    run: Callable[[], object]
    words: str = ""


def find(commands: Iterable[Command], wanted: str) -> list[Command]:
    """Return the commands in whose words all the wanted ones occur, best first."""
    needles = wanted.casefold().split()
    ranked = [(rank, c) for c in commands if (rank := _rank(c, needles)) is not None]
    return [command for _, command in sorted(ranked, key=lambda pair: pair[0])]


def _rank(command: Command, needles: Sequence[str]) -> int | None:
    title, words = command.title.casefold(), command.words.casefold()
    group = command.group.casefold().split()
    if not all(n in title or n in words or _begins(group, n) for n in needles):
        return None
    if needles and title.startswith(needles[0]):
        return 0
    if all(_begins(title.split(), needle) for needle in needles):
        return 1
    return 2 if all(needle in title for needle in needles) else 3


def _begins(words: Iterable[str], needle: str) -> bool:
    return any(word.startswith(needle) for word in words)


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


class CommandField(SearchField):
    """A field whose matches drop down beneath it; Enter does the one that is marked.

    Args:
        commands: Returns all that can be found at this moment.
    """

    def __init__(self, commands: Callable[[], Iterable[Command]]) -> None:
        super().__init__("Search parts, commands, parameters", "Ctrl K")
        self._commands = commands
        self._all: list[Command] = []
        self._found = QStandardItemModel(self)
        self._list: QListView | None = None
        self.textChanged.connect(self._search)

    @property
    def results(self) -> QListView:
        """The list of matches."""
        if self._list is None:
            made = QListView(self.window())
            made.setObjectName("results")
            made.setItemDelegate(_Delegate(made))
            made.setModel(self._found)
            made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            made.setMouseTracking(True)
            made.entered.connect(made.setCurrentIndex)
            made.clicked.connect(self._run_current)
            made.hide()
            self.window().installEventFilter(self)
            self._list = made
        return self._list

    def begin(self) -> None:
        """Take the focus, with everything there is in the list."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()
        self._search()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._all = list(self._commands())
        if event.reason() == Qt.FocusReason.MouseFocusReason:
            self._search()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.results.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self._list is not None:
            self._list.hide()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is not None and self._found.rowCount():
            row = (self.results.currentIndex().row() + step) % self._found.rowCount()
            self.results.setCurrentIndex(self._found.index(row, 0))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run_current()
        elif event.key() == Qt.Key.Key_Escape:
            self._leave()
        else:
            super().keyPressEvent(event)

    def _search(self) -> None:
        if not self.hasFocus():
            return
        self._found.clear()
        for command in find(self._all, self.text())[:MAX_SHOWN]:
            item = QStandardItem(command.title)
            item.setEditable(False)
            item.setData(command, _COMMAND)
            self._found.appendRow(item)
        if not self._found.rowCount():
            item = QStandardItem(NOTHING)
            item.setEnabled(False)
            self._found.appendRow(item)
        self._show()

    def _show(self) -> None:
        shown, count = self.results, self._found.rowCount()
        width = max(self.width(), 340)
        below = self.mapTo(self.window(), QPoint(self.width() - width, self.height() + 4))
        shown.setGeometry(below.x(), below.y(), width, count * ROW_HEIGHT + 4)
        shown.setCurrentIndex(self._found.index(0, 0))
        shown.show()
        shown.raise_()

    def _run_current(self, *_: object) -> None:
        command = self.results.currentIndex().data(_COMMAND)
        if command is None:
            return  # nothing was found; what is typed can be corrected
        self._leave()
        command.run()

    def _leave(self) -> None:
        self.clear()
        self.results.hide()
        give_back_focus(self)
