"""The lesson of a circuit, above the canvas: what to see in it and what to try."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QTextLayout
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout

from neurocanvas.app import icons, theme
from neurocanvas.app.notices import CloseButton
from neurocanvas.app.session import Session
from neurocanvas.app.widgets import give_back_focus, label
from neurocanvas.model.edits import SetNotes

EDITOR_HEIGHT = 116


class Excerpt(QLabel):
    """Text of which at first only some lines show, ending in dots.

    Signals:
        cut_changed: Whether there is more than what shows.
    """

    cut_changed = Signal(bool)
    LINES = 2

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("dim")
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text = ""
        self._whole = False

    def show_text(self, text: str, whole: bool) -> None:
        """Show a text, all of it or its beginning."""
        self._text, self._whole = text, whole
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        excerpt = self._beginning()
        self.cut_changed.emit(excerpt != self._text)
        self.setText(self._text if self._whole else excerpt)

    def _beginning(self) -> str:
        """Return as much as fits into the lines there are."""
        first = self._text.partition("\n")[0]
        layout = QTextLayout(first, self.font())
        layout.beginLayout()
        starts = []
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(self.width(), 1))
            starts.append(line.textStart())
        layout.endLayout()
        if len(starts) <= self.LINES:
            return first if first == self._text else f"{first} \u2026"
        last = starts[self.LINES - 1]
        room = self.width() - self.fontMetrics().horizontalAdvance(" ")
        tail = self.fontMetrics().elidedText(first[last:], Qt.TextElideMode.ElideRight, room)
        return first[:last] + tail


class LessonPanel(QFrame):
    """Title and lesson of a circuit that has one; it can be put away, called back and rewritten.

    At first only two lines of it show, so that the canvas stays free.
    """

    TYPING_PAUSE_MS = 700

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("lesson")
        self._session = session
        self._dismissed = False
        self._whole = False
        self._writing = False
        self._gesture: object = object()
        self._mark = QLabel()
        self.title = label("", "title", wrap=True)
        self.text = Excerpt()
        self.editor = QPlainTextEdit()
        self.editor.setPlaceholderText("What to see here, what to try")
        self.editor.setAccessibleName("Lesson")
        self.editor.setTabChangesFocus(True)
        self.editor.setFixedHeight(EDITOR_HEIGHT)
        self.more = _flat("More", self._toggle)
        self.edit = _flat("Edit", self._edit_or_end)
        # A pause while typing ends a step of undo.
        self._typing = QTimer(self, singleShot=True, interval=self.TYPING_PAUSE_MS)
        self._typing.timeout.connect(self._end_gesture)
        self._lay_out()
        self.text.cut_changed.connect(self._show_more)
        self.editor.textChanged.connect(self._store)
        session.document_replaced.connect(self._renew)
        session.settled.connect(self.refresh)
        theme.changed.connect(self.refresh)
        self._renew()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.text)
        words.addWidget(self.editor)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 8, 12)
        row.setSpacing(8)
        top, bottom = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignBottom
        row.addWidget(self._mark, 0, top)
        row.addLayout(words, 1)
        row.addWidget(self.more, 0, bottom)
        row.addWidget(self.edit, 0, bottom)
        row.addWidget(CloseButton(self.dismiss), 0, top)

    def dismiss(self) -> None:
        """Put the lesson away until it is called back or another circuit is opened."""
        self._dismissed, self._writing = True, False
        self.hide()

    def call_back(self) -> None:
        """Show the lesson as a whole; where there is none, let one be written."""
        self._dismissed, self._whole = False, True
        if self._session.circuit.notes.lesson.strip():
            self.refresh()
        else:
            self.write()

    def write(self) -> None:
        """Let the lesson be written where it stands."""
        self._writing, self._dismissed = True, False
        self.refresh()
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _edit_or_end(self) -> None:
        if not self._writing:
            self.write()
        else:
            self._writing = False
            self.refresh()
            give_back_focus(self)

    def _renew(self) -> None:
        self._dismissed, self._whole, self._writing = False, False, False
        self.refresh()

    def _toggle(self) -> None:
        self._whole = not self._whole
        self.refresh()

    def _show_more(self, cut: bool) -> None:
        self.more.setVisible(cut and not self._writing)

    def refresh(self, *_: object) -> None:
        """Show the present words; what is being typed stays as it is."""
        notes = self._session.circuit.notes
        self._mark.setPixmap(icons.pixmap("lesson", theme.current().accent, 20))
        self.title.setText(notes.title or "Lesson")
        if self.editor.toPlainText() != notes.lesson:
            self.editor.blockSignals(True)
            self.editor.setPlainText(notes.lesson)
            self.editor.blockSignals(False)
        self.editor.setVisible(self._writing)
        self.text.setVisible(not self._writing)
        self.text.show_text(notes.lesson.strip(), self._whole)
        self.more.setText("Less" if self._whole else "More")
        self.edit.setText("Done" if self._writing else "Edit")
        there = bool(notes.lesson.strip()) or self._writing
        self.setVisible(there and not self._dismissed)

    def _store(self) -> None:
        before = self._session.circuit.notes
        notes = replace(before, lesson=self.editor.toPlainText())
        if notes != before:
            self._session.do(SetNotes(notes), self._gesture)
            self._typing.start()

    def _end_gesture(self) -> None:
        self._gesture = object()


def _flat(text: str, slot: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("flat", True)
    button.clicked.connect(lambda _=False: slot())
    return button
