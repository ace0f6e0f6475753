"""The search field at the top right: finds commands, parts, samples and parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent

from neurocanvas.app.widgets import SearchField, give_back_focus

if TYPE_CHECKING:
    from neurocanvas.app.command_list import CommandList

MAX_SHOWN = 12
LEAST_WIDTH = 340


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


class CommandField(SearchField):
    """A field whose matches drop down beneath it; Enter does the one that is marked.

    Args:
        commands: Returns all that can be found at this moment.
    """

    def __init__(self, commands: Callable[[], Iterable[Command]]) -> None:
        super().__init__("Search parts, commands, parameters", "Ctrl K")
        self._commands = commands
        self._all: list[Command] = []
        self._list: CommandList | None = None
        self.textChanged.connect(self._search)

    @property
    def results(self) -> CommandList:
        """The list of matches."""
        if self._list is None:
            from neurocanvas.app.command_list import CommandList

            made = CommandList(self.window())
            made.clicked.connect(self._run_marked)
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
        if self._list is not None:
            self._list.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self._list is not None:
            self._list.hide()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is not None:
            self.results.mark_next(step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run_marked()
        elif event.key() == Qt.Key.Key_Escape:
            self._leave()
        else:
            super().keyPressEvent(event)

    def _search(self) -> None:
        if not self.hasFocus():
            return
        self.results.fill(find(self._all, self.text())[:MAX_SHOWN])
        width = max(self.width(), LEAST_WIDTH)
        below = self.mapTo(self.window(), QPoint(self.width() - width, self.height() + 4))
        self.results.drop(below.x(), below.y(), width)

    def _run_marked(self, *_: object) -> None:
        command = self.results.marked()
        if command is None:
            return  # nothing was found; what is typed can be corrected
        self._leave()
        command.run()

    def _leave(self) -> None:
        self.clear()
        self.results.hide()
        give_back_focus(self)
