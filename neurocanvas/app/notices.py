"""What is said above the canvas: errors and reports, and the lesson of a sample."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QTextLayout
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from neurocanvas.app import icons, theme
from neurocanvas.app.session import Session
from neurocanvas.app.widgets import label, restyle

_ICONS = {
    "error": ("warning", "bad"),
    "warning": ("warning", "warning"),
    "info": ("info", "accent"),
}


class CloseButton(QToolButton):
    """A small flat cross."""

    def __init__(self, slot: Callable[[], object]) -> None:
        super().__init__()
        self.setProperty("flat", True)
        self.setFixedSize(24, 24)
        self.setIconSize(QSize(14, 14))
        self.setToolTip("Dismiss")
        self.setAccessibleName("Dismiss")
        self.clicked.connect(lambda _=False: slot())
        theme.changed.connect(self._colour)
        self._colour()

    def _colour(self, *_: object) -> None:
        self.setIcon(icons.icon("close", theme.current().text_dim, 14))


class Banner(QFrame):
    """A line or a few that stay until they are dismissed; they block nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._mark = QLabel()
        self.words = label("", "bannerwords", wrap=True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(10)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)
        row.addWidget(CloseButton(self.hide), 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def say(self, text: str, level: str = "error") -> None:
        """Show words.

        Args:
            text: One or several lines.
            level: ``"error"``, ``"warning"`` or ``"info"``.
        """
        name, colour = _ICONS[level]
        self._mark.setPixmap(icons.pixmap(name, getattr(theme.current(), colour), 20))
        self.words.setText(text)
        restyle(self, level=level)
        self.show()


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
    """Title and lesson of a circuit that has one; it can be put away and called back.

    At first only two lines of it show, so that the canvas stays free.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("lesson")
        self._session = session
        self._dismissed = False
        self._whole = False
        self._mark = QLabel()
        self.title = label("", "title", wrap=True)
        self.text = Excerpt()
        self.more = QPushButton("More")
        self.more.setProperty("flat", True)
        self.more.clicked.connect(self._toggle)
        self.text.cut_changed.connect(self.more.setVisible)
        self._lay_out()
        session.document_replaced.connect(self._renew)
        session.edited.connect(self.refresh)
        theme.changed.connect(self.refresh)
        self._renew()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.text)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 8, 12)
        row.setSpacing(12)
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(self._mark, 0, top)
        row.addLayout(words, 1)
        row.addWidget(self.more, 0, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(CloseButton(self.dismiss), 0, top)

    def dismiss(self) -> None:
        """Put the lesson away until it is called back or another circuit is opened."""
        self._dismissed = True
        self.hide()

    def call_back(self) -> None:
        """Show the lesson as a whole, if there is one."""
        self._dismissed, self._whole = False, True
        self.refresh()

    def _renew(self) -> None:
        self._dismissed, self._whole = False, False
        self.refresh()

    def _toggle(self) -> None:
        self._whole = not self._whole
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Show the present words."""
        notes = self._session.circuit.notes
        self._mark.setPixmap(icons.pixmap("lesson", theme.current().accent, 20))
        self.title.setText(notes.title)
        self.text.show_text(notes.lesson.strip(), self._whole)
        self.more.setText("Less" if self._whole else "More")
        self.setVisible(bool(notes.lesson.strip()) and not self._dismissed)
