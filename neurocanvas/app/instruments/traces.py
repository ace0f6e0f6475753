"""What an oscilloscope shows: the probes of a document as traces, in groups of one unit each."""

from __future__ import annotations

from dataclasses import dataclass

from neurocanvas.app import theme
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model.channels import channel_count, channel_label, channel_variables
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.elements import Probe
from neurocanvas.model.kinds import NeuronKind, SourceKind
from neurocanvas.model.quantity import DIMENSIONLESS, format_quantity
from neurocanvas.sim.recording.recorder import Channel

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
    """

    number: int
    channel: Channel
    name: str
    unit: str
    spikes: bool

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
    return Trace(probe.number, channel, name, variable.unit, emits)
