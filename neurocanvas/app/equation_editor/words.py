"""The line beneath the equations: what is wrong with them, or how they will be integrated."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QLabel


class Words(QLabel):
    """A line about the text; a click leads to where it is about.

    Signals:
        clicked: It was clicked.
    """

    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("dim")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setMinimumHeight(34)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)

    def say(self, text: str, name: str, clickable: bool) -> None:
        """Show words in the look of an object name."""
        self.setText(text)
        if self.objectName() != name:
            self.setObjectName(name)
            self.style().unpolish(self)
            self.style().polish(self)
        shape = Qt.CursorShape.PointingHandCursor if clickable else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.clicked.emit()
