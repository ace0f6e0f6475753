"""A field for equation text: colours, and a wave under what is wrong with its words on top."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import (
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QTextCharFormat,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QTextEdit, QToolTip, QWidget

from neurocanvas.app import theme
from neurocanvas.app.equation_editor.highlighter import EquationHighlighter
from neurocanvas.app.equation_editor.problems import Problem
from neurocanvas.app.theme import mono_font, qcolor
from neurocanvas.app.widgets import restyle

FONT_PIXELS = 13
_PADDING = 18
"""Height of the frame and the margins above and below the text."""


class EquationField(QPlainTextEdit):
    """Equation text of one or several lines.

    Args:
        name: What it is called for those who can't see it.
        lines: How many lines it shows; with 1, Enter and Tab lead on to the next field.
        placeholder: What stands in it while it is empty.
        grows: Whether it takes all the height there is.
    """

    def __init__(
        self,
        name: str,
        lines: int = 1,
        placeholder: str = "",
        *,
        grows: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("code")
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setFont(mono_font(FONT_PIXELS))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setWordWrapMode(QTextOption.WrapMode.NoWrap)
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(2)
        self.single = lines == 1
        if self.single:
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        if not grows:
            self.setVerticalScrollBarPolicy(
                Qt.ScrollBarPolicy.ScrollBarAlwaysOff
                if self.single
                else Qt.ScrollBarPolicy.ScrollBarAsNeeded
            )
            self.setFixedHeight(self._height(lines))
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.highlighter = EquationHighlighter(self.document())
        self.problems: tuple[Problem, ...] = ()
        theme.changed.connect(self._underline)

    def _height(self, lines: int) -> int:
        return round(lines * QFontMetricsF(self.font()).lineSpacing()) + _PADDING

    def sizeHint(self) -> QSize:
        return QSize(380, super().sizeHint().height())

    def show_text(self, text: str) -> None:
        """Put text into the field as if it had been typed, so that it can be undone."""
        if text == self.toPlainText():
            return
        cursor = self.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        cursor.setPosition(0)
        self.setTextCursor(cursor)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Underline these problems and no others."""
        self.problems = tuple(problems)
        self._underline()
        restyle(self, refused=any(not p.undeclared for p in self.problems))

    def _underline(self, *_: object) -> None:
        colours = theme.current()
        found = []
        for problem in self.problems:
            mark = QTextEdit.ExtraSelection()
            style = QTextCharFormat()
            style.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            colour = colours.warning if problem.undeclared else colours.bad
            style.setUnderlineColor(qcolor(colour))
            mark.format = style
            mark.cursor = self._cursor(problem)
            found.append(mark)
        self.setExtraSelections(found)

    def _cursor(self, problem: Problem) -> QTextCursor:
        """Return a cursor that selects what a problem is about."""
        block = self.document().findBlockByNumber(problem.line)
        cursor = QTextCursor(block)
        text = block.text()
        start = _utf16(text[: problem.column])
        end = _utf16(text[: problem.column + problem.length])
        cursor.setPosition(block.position() + min(start, _utf16(text)))
        cursor.setPosition(
            block.position() + min(end, _utf16(text)), QTextCursor.MoveMode.KeepAnchor
        )
        return cursor

    def go_to(self, problem: Problem) -> None:
        """Put the cursor where a problem is."""
        cursor = self._cursor(problem)
        cursor.setPosition(cursor.selectionStart())
        self.setTextCursor(cursor)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def problem_at(self, position: int) -> Problem | None:
        """Return the problem at a position of the text."""
        for problem in self.problems:
            cursor = self._cursor(problem)
            if cursor.selectionStart() <= position <= cursor.selectionEnd():
                return problem
        return None

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = self.viewport().mapFrom(self, event.pos())
            problem = self.problem_at(self.cursorForPosition(at).position())
            QToolTip.showText(event.globalPos(), problem.words if problem else "", self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.single and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.focusNextChild()
            return
        super().keyPressEvent(event)

    def insertFromMimeData(self, source) -> None:
        """Paste plain text; a field of one line takes the first one."""
        text = source.text()
        if self.single:
            text = next((line for line in text.splitlines() if line.strip()), "").strip()
        self.insertPlainText(text)


def _utf16(text: str) -> int:
    """Length of text as Qt counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
