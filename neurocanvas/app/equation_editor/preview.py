"""The preview: the response to a step, computed apart from the window whenever the text rests."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from neurocanvas.app.equation_editor.plot import ResponsePlot
from neurocanvas.app.equation_editor.response import Question, Response
from neurocanvas.app.equation_editor.worker import Worker
from neurocanvas.app.widgets import ValueField, label
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model.kinds import NeuronKind
from neurocanvas.model.parameters import Parameter
from neurocanvas.model.quantity import format_quantity

FIELD_WIDTH = 76
WAITING = "Shown as soon as the text is complete."
COMPUTING = "Computing\u2026"
DURATION = Parameter(
    "duration", 200.0, "ms", "How much time the preview shows.", "Time", minimum=1.0,
    maximum=10_000.0,
)  # fmt: skip
CURRENT = Parameter(
    "amplitude", 300.0, "pA", "Current that is switched on and off.", "Amplitude", minimum=-1e9,
    maximum=1e9,
)  # fmt: skip
RATE = Parameter(
    "amplitude", 1.0, "1", "Input that is switched on and off.", "Amplitude", minimum=-1e9,
    maximum=1e9,
)  # fmt: skip


class Preview(QWidget):
    """The plot of a response, with the amplitude and the time of the step.

    Args:
        dt_ms: Distance of samples.
    """

    def __init__(self, dt_ms: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dt = dt_ms
        self._kind: NeuronKind | None = None
        self._number = 0
        self._chosen = False
        self.amplitude, self.duration = CURRENT.default, DURATION.default
        self.worker = Worker()
        self.worker.answered.connect(self._answered)
        self.plot = ResponsePlot()
        self.amplitude_field, self.duration_field = ValueField(), ValueField()
        self._lay_out()
        self.amplitude_field.typed.connect(self._type_amplitude)
        self.duration_field.typed.connect(self._type_duration)
        self._show_values()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(label("RESPONSE TO A STEP", "heading"))
        top.addStretch(1)
        for field, word, name in (
            (self.amplitude_field, "of", "Amplitude of the step"),
            (self.duration_field, "in", "Time that is shown"),
        ):
            field.setFixedWidth(FIELD_WIDTH)
            field.setAccessibleName(name)
            top.addWidget(label(word, "faint"))
            top.addWidget(field)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(top)
        layout.addWidget(self.plot, 1)

    # -- what is shown ---------------------------------------------------------------------------

    def show_kind(self, kind: NeuronKind) -> None:
        """Compute the response of a kind and show it when it is there."""
        before = self._kind
        if kind == before and not self.plot.stale and self.plot.response is not None:
            return
        self._kind = kind
        if before is None or before.accepts != kind.accepts:
            self._chosen = False
        if not self._chosen:
            self.amplitude = usual_amplitude(kind)
        self._show_values()
        self._ask()

    def show_nothing(self) -> None:
        """Stop computing: the text can't be carried out."""
        self._number += 1
        self.worker.forget(self._number)
        self.plot.set_stale("" if self.plot.response else WAITING)

    def _ask(self) -> None:
        if self._kind is None:
            return
        self._number += 1
        self.plot.set_stale("" if self.plot.response is not None else COMPUTING)
        self.worker.ask(Question(self._kind, self.amplitude, self.duration, self._dt, self._number))

    def _answered(self, response: Response) -> None:
        if response.question.number != self._number:
            return
        if response.trouble:
            self.plot.set_stale(response.trouble)
        else:
            self.plot.show_response(response)

    # -- amplitude and time ----------------------------------------------------------------------

    @property
    def _parameter(self) -> Parameter:
        rate = self._kind is not None and self._kind.accepts == "rate"
        return RATE if rate else CURRENT

    def _show_values(self) -> None:
        unit = self._parameter.unit
        self.amplitude_field.show_value(format_quantity(self.amplitude, unit), self._parameter.doc)
        self.duration_field.show_value(format_quantity(self.duration, "ms"), DURATION.doc)

    def _type_amplitude(self, text: str) -> None:
        try:
            self.amplitude = self._parameter.parse(text)
        except NeuroCanvasError as error:
            self.amplitude_field.refuse(str(error))
            return
        self._chosen = True
        self._show_values()
        self._ask()

    def _type_duration(self, text: str) -> None:
        try:
            self.duration = DURATION.parse(text)
        except NeuroCanvasError as error:
            self.duration_field.refuse(str(error))
            return
        self._show_values()
        self._ask()

    def close_worker(self) -> None:
        """End the thread."""
        self.worker.close()


def usual_amplitude(kind: NeuronKind) -> float:
    """Return an amplitude that a kind probably answers to.

    Its declaration may say so. Else, with a capacitance, currents are those of a cell; a parameter
    in pA scales them; otherwise the equations take them as they are, as Izhikevich's do.
    """
    if kind.accepts == "rate":
        return RATE.default
    if kind.drive:
        return kind.drive
    units = {p.unit: p.default for p in kind.parameters}
    if "pF" in units:
        return CURRENT.default
    return 0.5 * abs(units["pA"]) if units.get("pA") else 10.0
