"""The page of the inspector for the circuit as a whole."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from neurocanvas.app import bindings
from neurocanvas.app.choice_rows import Switch
from neurocanvas.app.rows import ParameterRow
from neurocanvas.app.session import Session
from neurocanvas.app.widgets import label, rule, scroll_area
from neurocanvas.model import rules
from neurocanvas.model.circuit import Circuit, is_neuron
from neurocanvas.model.edits import SetNotes, SetSettings
from neurocanvas.model.elements import Notes

MOST_WARNINGS = 6


def circuit_counts(circuit: Circuit) -> tuple[int, int, int]:
    """Return the numbers of nodes, links and neurons."""
    kinds = {kind.name for kind in circuit.kinds if is_neuron(kind)}
    neurons = sum(node.size for node in circuit.snapshot().nodes if node.kind in kinds)
    return len(circuit), circuit.link_count(), neurons


def counts_text(circuit: Circuit) -> str:
    """Return what the circuit is made of: ``"8 nodes, 9 links, 107 neurons"``."""
    words = zip(circuit_counts(circuit), ("node", "link", "neuron"), strict=True)
    return ", ".join(f"{n:,} {w}{'' if n == 1 else 's'}".replace(",", "\u2009") for n, w in words)


class SummaryPage(QWidget):
    """Title, what the circuit is made of, how it is simulated, and the way to its lesson."""

    TYPING_PAUSE_MS = 700

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._gesture: object = object()
        self.title = QLineEdit()
        self.title.setObjectName("label")
        self.title.setPlaceholderText("Title")
        self.lesson = QPushButton()
        self.lesson.setObjectName("small")
        self.lesson.clicked.connect(lambda _=False: session.lesson_wanted.emit())
        self.counts = label("", "dim", wrap=True)
        self.coarse = label("", "coarse", wrap=True)
        self.dale = DaleSwitch(session)
        self.warnings = label("", "warn", wrap=True)
        found = [*bindings.settings(session), bindings.speed(session)]
        self.rows = {b.parameter.name: ParameterRow(session, b) for b in found}
        # A pause while typing ends a step of undo.
        self._typing = QTimer(self, singleShot=True, interval=self.TYPING_PAUSE_MS)
        self._typing.timeout.connect(self._end_gesture)
        self._lay_out()
        self.refresh()
        self.title.textEdited.connect(self._store)
        session.coarse.changed.connect(self._warn)

    def _lay_out(self) -> None:
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 12, 0, 12)
        layout.setSpacing(6)
        top = QVBoxLayout()
        top.setContentsMargins(12, 0, 12, 0)
        top.setSpacing(2)
        top.addWidget(self.title)
        self.counts.setContentsMargins(5, 0, 0, 0)
        top.addWidget(self.counts)
        layout.addLayout(top)
        layout.addSpacing(4)
        layout.addWidget(rule())
        layout.addWidget(_heading("SIMULATION"))
        for row in self.rows.values():
            layout.addWidget(row)
        self.coarse.setContentsMargins(16, 4, 16, 4)
        layout.addWidget(self.coarse)
        layout.addWidget(self.dale)
        self.warnings.setContentsMargins(16, 0, 16, 4)
        layout.addWidget(self.warnings)
        layout.addSpacing(4)
        layout.addWidget(rule())
        below = QHBoxLayout()
        below.setContentsMargins(14, 6, 14, 0)
        below.addWidget(self.lesson)
        below.addStretch(1)
        layout.addLayout(below)
        layout.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll_area(content))

    def refresh(self) -> None:
        """Show the present values; what is being typed stays as it is."""
        notes = self._session.circuit.notes
        if self.title.text() != notes.title:
            self.title.setText(notes.title)
        self.lesson.setText("Edit the lesson" if notes.lesson.strip() else "Write a lesson")
        self.counts.setText(counts_text(self._session.circuit))
        for row in self.rows.values():
            row.refresh()
        self.dale.refresh()
        self._warn()

    def _warn(self) -> None:
        """Show what is wrong with the circuit, as far as it has been found out."""
        found, circuit = self._session.coarse, self._session.circuit
        dale = rules.dale_warnings(circuit)
        for place, lines in ((self.coarse, found.lines), (self.warnings, (*found.clipped, *dale))):
            place.setText("\n".join(lines) if place is self.coarse else _some(list(lines)))
            place.setVisible(bool(lines))

    def focus_parameter(self, name: str) -> None:
        """Let the person type a value for a setting."""
        if name in self.rows:
            self.rows[name].focus_field()

    def _store(self) -> None:
        before = self._session.circuit.notes
        notes: Notes = replace(before, title=self.title.text())
        if notes != before:
            self._session.do(SetNotes(notes), self._gesture)
            self._typing.start()

    def _end_gesture(self) -> None:
        self._gesture = object()


class DaleSwitch(Switch):
    """Whether the circuit warns of neurons that both excite and inhibit."""

    def __init__(self, session: Session) -> None:
        tip = (
            "<b>Dale's principle</b><p>A neuron releases the same transmitters at all of its "
            "synapses: it excites or it inhibits. Neurons that do both are marked.</p>"
        )
        super().__init__("Warn of neurons that do both (Dale)", tip)
        self._session = session

    def present(self) -> bool:
        return self._session.circuit.settings.dale

    def change(self, on: bool) -> None:
        self._session.do(SetSettings(replace(self._session.circuit.settings, dale=on)))


def _some(lines: list[str]) -> str:
    """Return the first of the lines, and how many there are beyond."""
    shown = lines[:MOST_WARNINGS]
    more = len(lines) - len(shown)
    return "\n".join([*shown, f"and {more} more"] if more else shown)


def _heading(text: str) -> QLabel:
    made = label(text, "heading")
    made.setContentsMargins(16, 4, 0, 0)
    return made
