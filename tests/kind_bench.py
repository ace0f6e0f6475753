"""A small circuit in which a kind, whichever it is, has something to do."""

from __future__ import annotations

from dataclasses import dataclass, replace

import neurocanvas as nc
from neurocanvas.model.kinds import Kind, NeuronKind, Parameter, SourceKind, SynapseKind
from neurocanvas.model.plasticity import PlasticityKind

GIVERS: dict[str, tuple[str, dict[str, object]]] = {
    "spikes": ("poisson", {"rate": 150}),
    "current": ("sine", {"frequency": 20}),
    "rate": ("rate", {"b": 1.0}),
    "v": ("lif", {"v_0": -60}),
    "command": ("voltage_clamp", {"level": -60, "start": 5}),
}
"""What a link takes -> a kind that gives it, and values that make it change."""


@dataclass(frozen=True)
class Bench:
    """A circuit around a kind.

    Attributes:
        circuit: The circuit.
        kind: The kind.
        element: Id of the node or link that is of the kind (or that carries it).
        shown: Id of the node whose main variable shows what the kind does.
        variable: That variable.
    """

    circuit: nc.Circuit
    kind: Kind
    element: str
    shown: str
    variable: str

    @property
    def record(self) -> dict[str, list[str]]:
        """The main variable of the node that shows it."""
        return {self.shown: [self.variable]}

    @property
    def resets(self) -> bool:
        """Whether a spike resets what is shown."""
        kind = self.circuit.kind_of(self.shown)
        return isinstance(kind, NeuronKind) and bool(kind.reset)

    def run(self, duration: float = 40.0, **options):
        """Simulate it."""
        return nc.simulate(self.circuit, duration, record=self.record, **options)

    def trace(self, duration: float = 40.0, **options):
        """Simulate it and return what is shown."""
        label = self.circuit.node(self.shown).label
        return self.run(duration, **options)[label, self.variable]


def bench(kind: Kind, values: dict[str, object] | None = None, size: int = 1) -> Bench:
    """Put a kind to work.

    Args:
        kind: Any kind of the library.
        values: Parameters of the element that is of the kind.
        size: Of the nodes that are of the kind, or that a link of the kind ends at.
    """
    circuit = nc.Circuit(dt=0.1, seed=7)
    values = values or {}
    match kind:
        case NeuronKind():
            return _of_neuron(circuit, kind, values, size)
        case SynapseKind():
            return _of_synapse(circuit, kind, values, size)
        case SourceKind():
            return _of_source(circuit, kind, values, size)
        case PlasticityKind():
            return _of_plasticity(circuit, kind, values, size)
    raise AssertionError(kind)


def _of_neuron(circuit: nc.Circuit, kind: NeuronKind, values, size: int) -> Bench:
    node = circuit.add(kind.name, label="K", size=size, **values)
    swing = 20 if kind.accepts == "current" else 80
    sine = circuit.add("sine", label="S", amplitude=swing, offset=30, frequency=40)
    circuit.connect(sine, node)
    if kind.accepts == "current":
        noise = circuit.add("poisson", label="P", rate=300)
        circuit.connect(noise, node, "ampa", weight=0.2)
    return Bench(circuit, kind, node, node, kind.main)


def _target(circuit: nc.Circuit, gives: str, size: int) -> str:
    if gives == "rate":
        return circuit.add("rate", label="T", size=size)
    return circuit.add("lif", label="T", size=size, V_th=1000, v_0=-66)


def _of_synapse(circuit: nc.Circuit, kind: SynapseKind, values, size: int) -> Bench:
    name, given = GIVERS[kind.carries]
    target = _target(circuit, kind.gives, size)
    if kind.symmetric:
        # What acts both ways would make a single source differ with the number of its targets.
        source = circuit.add(name, label="G", size=size, **given)
        link = circuit.connect(source, target, kind.name, rule="one_to_one", **values)
    else:
        source = circuit.add(name, label="G", **given)
        link = circuit.connect(source, target, kind.name, **values)
    if kind.gives == "modulation":
        circuit.connect(circuit.add("poisson", label="P", rate=500), target, "ampa")
    return Bench(circuit, kind, link, target, "v")


def _of_source(circuit: nc.Circuit, kind: SourceKind, values, size: int) -> Bench:
    source = circuit.add(kind.name, label="G", size=size, **values)
    target = _target(circuit, "current", size)
    circuit.connect(source, target, rule="one_to_one")
    return Bench(circuit, kind, source, target, "v")


def _of_plasticity(circuit: nc.Circuit, kind: PlasticityKind, values, size: int) -> Bench:
    source = circuit.add("poisson", label="G", rate=120, size=5)
    target = circuit.add("lif", label="T", size=size)
    circuit.connect(circuit.add("step_current", label="S", amplitude=250), target)
    link = circuit.connect(source, target, "current_synapse", weight=5)
    circuit.put_link(replace(circuit.link(link), features={kind.name: values}))
    return Bench(circuit, kind, link, target, "v")


def drawable(kind: Kind) -> list[Parameter]:
    """Return the parameters of a kind that may be distributions in a circuit."""
    return [] if isinstance(kind, PlasticityKind) else list(kind.parameters)
