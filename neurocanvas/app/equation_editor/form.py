"""The fields beside the equations: when it fires, what that changes, where it begins."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from neurocanvas.app.equation_editor.drafts import (
    INITIAL,
    INTERVAL,
    OUTPUT,
    REFRACTORY,
    RESET,
    THRESHOLD,
    UPDATE,
)
from neurocanvas.app.equation_editor.text_field import EquationField
from neurocanvas.app.rows import ChoiceBox
from neurocanvas.app.widgets import label

USUAL = (
    (
        THRESHOLD,
        "Spike when",
        1,
        "v > V_th",
        "When it fires. Without a reset: each upward crossing.",
    ),
    (RESET, "At a spike", 2, "v = V_reset", "What a spike changes; one statement a line."),
    (
        REFRACTORY,
        "Then held for",
        1,
        "t_ref",
        "Name of a parameter in ms: how long it stays reset.",
    ),
    (INITIAL, "At the start", 2, "v = -65", "Where each variable begins; 0 if nothing is said."),
)
MORE = (
    (OUTPUT, "Gives rate", 1, "r", "The variable that links between rate units carry."),
    (UPDATE, "Every step", 1, "y = where(I > 0, 1, 0)", "Set after each step; the equations hold."),
    (INTERVAL, "But only every", 1, "interval", "Name of a parameter in ms: time between updates."),
)
TAKES = (("a current in pA", "current"), ("a rate, a plain number", "rate"))


class Form(QWidget):
    """One row for each text of a kind beside its equations.

    Signals:
        changed: Something was typed or chosen.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields: dict[str, EquationField] = {}
        self.takes = ChoiceBox()
        self.more = QPushButton("More\u2026")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnMinimumWidth(0, 92)
        self._grid.setColumnStretch(1, 1)
        self._hidden: list[QWidget] = []
        self._build()

    def _build(self) -> None:
        for row in USUAL:
            self._add(*row)
        self.more.setProperty("flat", True)
        self.more.setToolTip("Rate units, and units that are updated step by step")
        self.more.clicked.connect(lambda _=False: self.open_more())
        self._grid.addWidget(self.more, self._grid.rowCount(), 0)
        for text, data in TAKES:
            self.takes.addItem(text, data)
        self.takes.setAccessibleName("Takes")
        self.takes.currentIndexChanged.connect(lambda _: self.changed.emit())
        self._hidden += self._row("I is", self.takes, "What flows in: I in the equations.")
        for row in MORE:
            self._hidden += self._add(*row)
        for widget in self._hidden:
            widget.hide()

    def _add(self, name: str, title: str, lines: int, example: str, tip: str) -> list[QWidget]:
        field = EquationField(title, lines, example)
        field.textChanged.connect(self.changed)
        self.fields[name] = field
        return self._row(title, field, tip)

    def _row(self, title: str, widget: QWidget, tip: str) -> list[QWidget]:
        words = label(title, "rowtitle")
        words.setToolTip(tip)
        widget.setToolTip(tip)
        row = self._grid.rowCount()
        top = Qt.AlignmentFlag.AlignTop
        words.setContentsMargins(0, 7, 0, 0)
        self._grid.addWidget(words, row, 0, top)
        self._grid.addWidget(widget, row, 1)
        return [words, widget]

    def open_more(self) -> None:
        """Show the rows that few kinds need."""
        self.more.hide()
        for widget in self._hidden:
            widget.show()

    @property
    def is_open(self) -> bool:
        """Whether all rows are shown."""
        return not self._hidden[0].isHidden()

    @property
    def accepts(self) -> str:
        """What ``I`` is: ``"current"`` or ``"rate"``."""
        return str(self.takes.currentData())

    def show_texts(self, texts: dict[str, str], accepts: str) -> None:
        """Show these texts; the rows that few kinds need only where they say something."""
        for name, field in self.fields.items():
            field.show_text(texts.get(name, ""))
        self.takes.setCurrentIndex(self.takes.findData(accepts))
        if accepts != "current" or any(texts.get(row[0]) for row in MORE):
            self.open_more()

    def texts(self) -> dict[str, str]:
        """Return what stands in the fields."""
        return {name: field.toPlainText() for name, field in self.fields.items()}
