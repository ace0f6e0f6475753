"""What is said above the canvas: errors and reports, and the lesson of a sample."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from neurocanvas.app import icons, theme
from neurocanvas.app.session import Session
from neurocanvas.app.widgets import label, restyle

_ICONS = {
    "error": ("warning", "bad"),
    "warning": ("warning", "warning"),
    "info": ("info", "accent"),
}


def close_button(slot) -> QToolButton:
    """Return a small flat cross."""
    button = QToolButton()
    button.setProperty("flat", True)
    button.setFixedSize(24, 24)
    button.setIconSize(QSize(14, 14))
    button.setIcon(icons.icon("close", theme.current().text_dim, 14))
    button.setToolTip("Dismiss")
    button.setAccessibleName("Dismiss")
    button.clicked.connect(lambda _=False: slot())
    return button


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
        row.addWidget(close_button(self.hide), 0, Qt.AlignmentFlag.AlignTop)
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


class LessonPanel(QFrame):
    """Title and lesson of a circuit that has one; it can be put away and called back."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("lesson")
        self._session = session
        self._dismissed = False
        self._mark = QLabel()
        self.title = label("", "title", wrap=True)
        self.text = label("", "dim", wrap=True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.text)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 8, 12)
        row.setSpacing(12)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(close_button(self.dismiss), 0, Qt.AlignmentFlag.AlignTop)
        session.document_replaced.connect(self.call_back)
        session.edited.connect(self.refresh)
        theme.changed.connect(self.refresh)
        self.call_back()

    def dismiss(self) -> None:
        """Put the lesson away until it is called back or another circuit is opened."""
        self._dismissed = True
        self.hide()

    def call_back(self) -> None:
        """Show the lesson, if there is one."""
        self._dismissed = False
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Show the present words."""
        notes = self._session.circuit.notes
        self._mark.setPixmap(icons.pixmap("lesson", theme.current().accent, 20))
        self.title.setText(notes.title)
        self.text.setText(notes.lesson)
        self.setVisible(bool(notes.lesson) and not self._dismissed)
