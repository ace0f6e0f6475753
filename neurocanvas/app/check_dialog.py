"""What the check against the reference found, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from neurocanvas.app import theme
from neurocanvas.app.check import ReferenceCheck
from neurocanvas.app.widgets import label, restyle, scroll_area
from neurocanvas.model.quantity import format_quantity

if TYPE_CHECKING:
    from neurocanvas.sim.compare import Comparison

SIZE = (760, 480)
EXPLANATION = (
    "The reference is the same equations, solved with scipy's solve_ivp to nine digits. A spike "
    "takes effect there at its own time, here at the next step; so spikes drift apart by up to a "
    "step for each synapse that they pass."
)


def summary(found: Comparison) -> str:
    """Say in one sentence what was found of all spikes."""
    parted = [node for node in found.nodes if not node.agrees]
    if parted:
        first = min(parted, key=lambda node: node.parts_at_ms or 0.0)
        return f"Spikes part from the reference at {first.parts_at_ms:.4g} ms, in {first.label}"
    distances = [node.worst_ms for node in found.nodes if node.worst_ms is not None]
    if not distances:
        return "No spikes, neither here nor in the reference"
    worst = max(distances)
    off = "less than 0.001 ms" if worst < 0.001 else f"at most {worst:.3f} ms"
    return f"All spikes as in the reference, {off} off"


class CheckDialog(QDialog):
    """Tables of spikes and traces, each with what is furthest off."""

    def __init__(self, found: Comparison, parent: QWidget | None = None) -> None:
        from neurocanvas.sim import compare

        super().__init__(parent)
        self.setWindowTitle("Checked against the reference")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*SIZE)
        self.tables = [compare.spike_rows(found), compare.trace_rows(found)]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 18, 12, 16)
        layout.setSpacing(10)
        layout.addWidget(label(summary(found), "title", wrap=True))
        layout.addWidget(label(_conditions(found), "dim", wrap=True))
        layout.addWidget(scroll_area(self._content()), 1)
        layout.addWidget(label(EXPLANATION, "faint", wrap=True))
        layout.addWidget(self._buttons())

    def _content(self) -> QWidget:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(18)
        for rows in self.tables:
            if len(rows) > 1:
                column.addLayout(_grid(rows))
        column.addStretch(1)
        return content

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = QPushButton("&Copy as text")
        buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        copy.setAutoDefault(False)
        copy.clicked.connect(self.copy)
        buttons.rejected.connect(self.close)
        return buttons

    def copy(self, *_: object) -> None:
        """Put both tables on the clipboard."""
        from neurocanvas.sim import compare

        tables = [compare.table_text(rows) for rows in self.tables if len(rows) > 1]
        QGuiApplication.clipboard().setText("\n\n".join("\n".join(lines) for lines in tables))


def _conditions(found: Comparison) -> str:
    duration, dt = (format_quantity(x, "ms") for x in (found.duration_ms, found.dt_ms))
    return (
        f"{duration} of model at dt = {dt}, seed {found.seed}. "
        f"The engine took {found.engine_s:.2g} s, the reference {found.reference_s:.2g} s."
    )


def _grid(rows: Sequence[tuple[str, ...]]) -> QGridLayout:
    """Return a table: the first column to the left, numbers to the right."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(5)
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            name = "heading" if number == 0 else "dim" if column == 0 else "mono"
            made = label(cell.upper() if number == 0 else cell, name)
            made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
            grid.addWidget(made, number, column, side | Qt.AlignmentFlag.AlignVCenter)
    grid.setColumnStretch(0, 1)
    return grid


class CheckedWords(QWidget):
    """The line of an inspector page that says how its node was found."""

    def __init__(self, check: ReferenceCheck, node_id: str) -> None:
        super().__init__()
        self._check, self._node = check, node_id
        self.words = label("", "checked", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 4, 16, 4)
        layout.addWidget(self.words)
        check.changed.connect(self.refresh)
        theme.changed.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Show what is known of the node now."""
        text = self._check.sentence(self._node)
        self.words.setText(text)
        restyle(self.words, agrees=self._check.agrees(self._node))
        self.setVisible(bool(text))
