"""Dialogs of the main window: files, settings, keys, about."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from neurocanvas.app import bindings, icons
from neurocanvas.app.rows import ParameterRow
from neurocanvas.app.session import Session
from neurocanvas.app.widgets import label, rule

FILTER = "NeuroCanvas circuits (*.neuro);;All files (*)"
PICTURES = "Picture (*.png);;Drawing (*.svg)"


def ask_open(parent: QWidget, folder: Path) -> Path | None:
    """Ask for a file to open."""
    name, _ = QFileDialog.getOpenFileName(parent, "Open a circuit", str(folder), FILTER)
    return Path(name) if name else None


def ask_save(parent: QWidget, proposal: Path, filters: str = FILTER) -> Path | None:
    """Ask for a file to write; what has no suffix gets that of the chosen filter."""
    name, chosen = QFileDialog.getSaveFileName(parent, "Save", str(proposal), filters)
    if not name:
        return None
    path = Path(name)
    return path if path.suffix else path.with_suffix(chosen[chosen.index("*.") + 1 : -1])


def ask_unsaved(parent: QWidget, name: str) -> QMessageBox.StandardButton:
    """Ask what to do about changes that are not saved: Save, Discard or Cancel."""
    buttons = QMessageBox.StandardButton
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("NeuroCanvas")
    box.setText(f"Save the changes to {name}?")
    box.setInformativeText("They are lost otherwise.")
    box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
    box.setDefaultButton(buttons.Save)
    return buttons(box.exec())


class SettingsDialog(QDialog):
    """How the circuit is simulated; every change takes effect at once and can be undone."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Simulation settings")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(420)
        found = [*bindings.settings(session), bindings.speed(session)]
        self.rows = {b.parameter.name: ParameterRow(session, b) for b in found}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 12, 0, 12)
        for row in self.rows.values():
            row.slider.setFixedWidth(140)
            layout.addWidget(row)
        note = (
            "A shorter time step is more exact and slower; the speed only says how fast it shows."
        )
        words = label(note, "faint", wrap=True)
        words.setContentsMargins(16, 4, 16, 8)
        layout.addWidget(words)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        buttons.setContentsMargins(16, 0, 16, 0)
        layout.addWidget(buttons)
        session.edited.connect(self._refresh)
        session.document_replaced.connect(self._refresh)

    def _refresh(self, *_: object) -> None:
        for row in self.rows.values():
            row.refresh()


class AboutDialog(QDialog):
    """What the program is, and which version."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About NeuroCanvas")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        mark = QLabel()
        mark.setPixmap(icons.app_icon().pixmap(96, 96))
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addWidget(label("NeuroCanvas", "brand"))
        words.addWidget(label(f"Version {program_version()}", "dim"))
        words.addWidget(label("A bench for neural circuits: draw them, watch them run.", "dim"))
        words.addWidget(rule())
        words.addWidget(
            label("BSD-3-Clause. Fonts: Inter and JetBrains Mono, SIL Open Font License.", "faint")
        )
        words.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 20, 28, 20)
        row.setSpacing(20)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words)


def program_version() -> str:
    """Return the version of the program."""
    # Imported here: it costs a tenth of the time to the first paint.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("neurocanvas")
    except PackageNotFoundError:
        return "from source"
