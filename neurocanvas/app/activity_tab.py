"""The tab that shows what an element does right now."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from neurocanvas.app import icons, theme
from neurocanvas.app.session import Session
from neurocanvas.app.widgets import label, restyle, rule, scroll_area
from neurocanvas.model.channels import channel_count, channel_variables
from neurocanvas.model.elements import Node
from neurocanvas.model.kinds import NeuronKind, SourceKind, Variable
from neurocanvas.model.quantity import format_quantity

TICKS_PER_UPDATE = 6
"""Numbers change ten times a second: faster ones can't be read."""

RATE_WINDOW_MS = 1000.0


class ActivityTab(QWidget):
    """Present values of all variables, with a button to probe each, and the firing rate.

    While it is visible, the variables are recorded beside the probes.

    Args:
        session: The document.
        element_id: A node or a link.
    """

    def __init__(self, session: Session, element_id: str) -> None:
        super().__init__()
        self._session, self._element = session, element_id
        self._kind = session.circuit.kind_of(element_id)
        self._ticks = 0
        self.variables: dict[str, Variable] = {}
        self.values: dict[str, QLabel] = {}
        self.buttons: dict[str, QToolButton] = {}
        self.spikes = label("", "mono")
        self._area = scroll_area(QWidget())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._area)
        session.tick.connect(self._tick)
        session.edited.connect(self._edited)
        self._fill()

    def _fill(self) -> None:
        """Lay out what there is now: a link has more to show when it learns."""
        circuit = self._session.circuit
        self.variables = channel_variables(circuit, circuit.element(self._element))
        self.values, self.buttons, self.spikes = {}, {}, label("", "mono")
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(6)
        self._add_spikes(layout)
        self._add_variables(layout)
        layout.addStretch(1)
        self._area.setWidget(content)
        self._show_probes()

    def _edited(self, *_: object) -> None:
        circuit = self._session.circuit
        if self._element not in circuit:
            return
        if channel_variables(circuit, circuit.element(self._element)) != self.variables:
            self._fill()
            if self.isVisible():
                self._watch()
        else:
            self._show_probes()

    def _add_spikes(self, layout: QVBoxLayout) -> None:
        spikes = isinstance(self._kind, (NeuronKind, SourceKind)) and "spikes" in self._kind.emits
        if spikes:
            layout.addWidget(label("SPIKES IN THE LAST SECOND OF MODEL", "heading"))
            layout.addWidget(self.spikes)
            layout.addSpacing(6)
            layout.addWidget(rule())
            layout.addSpacing(6)

    def _add_variables(self, layout: QVBoxLayout) -> None:
        if not self.variables:
            layout.addWidget(label("It has no variables to show.", "dim"))
            return
        layout.addWidget(label(self._heading(), "heading"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for row, variable in enumerate(self.variables.values()):
            self._add_variable(grid, row, variable)
        layout.addLayout(grid)

    def _heading(self) -> str:
        circuit = self._session.circuit
        element = circuit.element(self._element)
        if channel_count(circuit, element) == 1:
            return "NOW"
        return "NOW, IN NEURON 0" if isinstance(element, Node) else "NOW, AT ITS FIRST SYNAPSE"

    def _add_variable(self, grid: QGridLayout, row: int, variable: Variable) -> None:
        name = label(variable.name, "mono")
        name.setToolTip(variable.doc)
        value = label("\u2013", "mono")
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        button = QToolButton()
        button.setProperty("flat", True)
        button.setFixedSize(28, 24)
        button.clicked.connect(lambda _=False, name=variable.name: self._toggle(name))
        self.values[variable.name], self.buttons[variable.name] = value, button
        for column, widget in enumerate((name, value, button)):
            grid.addWidget(widget, row, column)

    def _toggle(self, variable: str) -> None:
        number = self._probe_number(variable)
        if number is None:
            self._session.add_probe(self._element, variable)
        else:
            self._session.remove_probe(number)

    def _probe_number(self, variable: str) -> int | None:
        for probe in self._session.circuit.bench.probes:
            if (probe.node, probe.variable, probe.index) == (self._element, variable, 0):
                return probe.number
        return None

    def _show_probes(self, *_: object) -> None:
        for name, button in self.buttons.items():
            number = self._probe_number(name)
            colour = theme.current().text_faint if number is None else theme.probe_colour(number)
            button.setIcon(icons.icon("probe", colour))
            word = "Show on the oscilloscope" if number is None else f"Take probe {number} away"
            button.setToolTip(word)
            button.setAccessibleName(f"{word}: {name}")
            restyle(button, probed=number is not None)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._watch()
        self._update()

    def _watch(self) -> None:
        self._session.set_watch((self._element, name, 0) for name in self.variables)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._session.set_watch(())

    def _tick(self) -> None:
        self._ticks += 1
        if self._ticks % TICKS_PER_UPDATE == 0 and self.isVisible():
            self._update()

    def _update(self) -> None:
        if self._element not in self._session.circuit:
            return
        from neurocanvas.sim.recording.recorder import Channel

        recorder = self._session.recorder
        for name, variable in self.variables.items():
            value = recorder.latest(Channel(self._element, name, 0))
            shown = "\u2013" if math.isnan(value) else format_quantity(value, variable.unit)
            self.values[name].setText(shown)
        if isinstance(self._session.circuit.element(self._element), Node):
            self.spikes.setText(self._spike_words())

    def _spike_words(self) -> str:
        recorder = self._session.recorder
        now = recorder.now_ms
        span = min(max(now, 0.0), RATE_WINDOW_MS)
        _, nodes, _ = recorder.spikes_between(now - span, math.inf)
        count = int((nodes == recorder.node_number(self._element)).sum())
        size = self._session.circuit.node(self._element).size
        rate = count / size / span * 1000 if span > 0 else 0.0
        each = "" if size == 1 else " each"
        return f"{count} spikes, {format_quantity(rate, 'Hz', 3)}{each}"
