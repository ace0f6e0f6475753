"""What the editor offers to do with one click: declare what is used, take away what is not."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from neurocanvas.app.widgets import label

MOST = 4
"""Names that get a button of their own."""


class Offers(QWidget):
    """A row of buttons, one for each name that is used but declared nowhere.

    Signals:
        wanted: Names to declare.
        unwanted: Names of parameters to take away.
    """

    wanted = Signal(object)
    unwanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: dict[str, QPushButton] = {}
        self._shown: tuple[tuple[str, ...], tuple[str, ...]] | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self.setFixedHeight(28)
        self.offer((), ())

    def offer(self, undeclared: Sequence[str], unused: Sequence[str]) -> None:
        """Offer to declare these names and to take those away."""
        shown = (tuple(undeclared), tuple(unused))
        if shown == self._shown:
            return
        self._shown = shown
        self._clear()
        self._row.addWidget(label("PARAMETERS", "heading"))
        self._row.addStretch(1)
        for name in undeclared[:MOST]:
            self._button(f"+ {name}", f"Declare {name} as a parameter", self.wanted, (name,))
        if len(undeclared) > 1:
            words = f"Add all {len(undeclared)}"
            self._button(words, "Declare " + ", ".join(undeclared), self.wanted, tuple(undeclared))
        if unused and not undeclared:
            words = (
                f"Take away {unused[0]}" if len(unused) == 1 else f"Take away {len(unused)} unused"
            )
            self._button(words, "Unused: " + ", ".join(unused), self.unwanted, tuple(unused), True)

    def _clear(self) -> None:
        self.buttons = {}
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                # Hidden at once: it may be the one whose click is being answered.
                widget.hide()
                widget.deleteLater()

    def _button(self, text: str, tip: str, signal, names: tuple[str, ...], flat=False) -> None:
        button = QPushButton(text)
        button.setObjectName("chip")
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setProperty("flat", flat)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _=False: signal.emit(names))
        self.buttons[text] = button
        self._row.addWidget(button)
