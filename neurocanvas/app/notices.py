"""What is said above the canvas: errors and reports."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QWidget,
)

from neurocanvas.app import icons, theme
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
