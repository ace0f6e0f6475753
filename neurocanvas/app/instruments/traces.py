"""What an oscilloscope shows: the probes of a document as traces, in groups of one unit each."""

from __future__ import annotations

from dataclasses import dataclass

from neurocanvas.app import theme
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model import algebra
from neurocanvas.model.channels import channel_count, channel_label, channel_variables
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.elements import Link, Node, Probe
from neurocanvas.model.kinds import NeuronKind, SourceKind, SynapseKind
from neurocanvas.model.quantity import DIMENSIONLESS, format_quantity
from neurocanvas.sim.recording.recorder import Channel

SPIKE_TOP = 20.0
"""Where the stroke of a spike ends if its equations name no peak, in mV."""
_NOTHING = 1e-4  # pA, nS and the like: what is below is the dust of arithmetic


@dataclass(frozen=True)
class Trace:
    """A probe with what is needed to show it.

    Attributes:
        number: Of the probe; gives the colour.
        channel: Where the recorder keeps it.
        name: Label of the node, with the index where it stands for several neurons.
        unit: Symbol of the variable's unit.
        spikes: Whether the node emits spikes.
        peak: How high a stroke is drawn at each spike, for a potential that is reset before any
            sample meets its peak; None for what has its peaks in its samples.
        abrupt: Whether it jumps for single samples, as the current of a clamp at its steps.
    """

    number: int
    channel: Channel
    name: str
    unit: str
    spikes: bool
    peak: float | None = None
    abrupt: bool = False

    @property
    def colour(self) -> str:
        """Its colour, the same as its tag on the canvas has."""
        return theme.probe_colour(self.number)

    @property
    def variable(self) -> str:
        """Name of the variable."""
        return self.channel.variable

    @property
    def title(self) -> str:
        """What to call it: ``"1 L · v"``."""
        return f"{self.number} {self.name} \u00b7 {self.variable}"

    def value_text(self, value: float) -> str:
        """Write a value of it: ``"−64.2 mV"``."""
        if self.unit == "mV":
            return f"{value:.1f} mV".replace("-", "\u2212")
        if self.unit == DIMENSIONLESS:
            return f"{value:.3f}".replace("-", "\u2212")
        return format_quantity(0.0 if abs(value) < _NOTHING else value, self.unit, 3)


def traces_of(circuit: Circuit, instrument_id: str) -> tuple[Trace, ...]:
    """Return the traces of an instrument in the order of their numbers."""
    probes = [p for p in circuit.bench.probes if p.instrument == instrument_id]
    found = (_trace(circuit, probe) for probe in sorted(probes, key=lambda p: p.number))
    return tuple(trace for trace in found if trace is not None)


def _trace(circuit: Circuit, probe: Probe) -> Trace | None:
    """Return a trace, or None for a probe on something that is not there."""
    try:
        element = circuit.element(probe.node)
        variable = channel_variables(circuit, element)[probe.variable]
    except (NeuroCanvasError, KeyError):
        return None
    kind, name = circuit.kind_of(element), channel_label(circuit, element)
    if channel_count(circuit, element) > 1:
        name = f"{name}[{probe.index}]"
    emits = isinstance(kind, (NeuronKind, SourceKind)) and "spikes" in kind.emits
    channel = Channel(probe.node, probe.variable, probe.index)
    peak = spike_peak(circuit, element, probe.variable)
    abrupt = isinstance(kind, SynapseKind) and kind.carries == "command"
    return Trace(probe.number, channel, name, variable.unit, emits, peak, abrupt)


def spike_peak(circuit: Circuit, element: Node | Link, variable: str) -> float | None:
    """Return where a spike ends on the screen: at the threshold if that is a peak, else above 0.

    Integrate-and-fire equations leave the spike itself out; figures draw it as a vertical line.
    """
    kind = circuit.kind_of(element)
    if not isinstance(kind, NeuronKind) or not kind.reset or kind.spike_condition is None:
        return None
    condition = kind.spike_condition
    if condition.variable != variable or kind.recordable[variable].unit != "mV":
        return None
    try:
        level = algebra.number(condition.level, circuit.values(element))
    except (ArithmeticError, ValueError, KeyError):
        return None
    return level if level > 0 else SPIKE_TOP


def missing_of(circuit: Circuit, instrument_id: str) -> list[str]:
    """Return words for the probes of an instrument that have nothing to show."""
    shown = {trace.number for trace in traces_of(circuit, instrument_id)}
    probes = [p for p in circuit.bench.probes if p.instrument == instrument_id]
    return [_missing(circuit, p) for p in probes if p.number not in shown]


def _missing(circuit: Circuit, probe: Probe) -> str:
    element = circuit.element(probe.node)
    kind, name = circuit.kind_of(element), channel_label(circuit, element)
    if kind.placeholder:
        return f"Probe {probe.number}: {name} is of the unknown kind {kind.name} and is not run"
    return f"Probe {probe.number}: {name} has no {probe.variable}"
