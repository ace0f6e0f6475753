"""What of an element can be recorded: variables of its kind, weights, traces of plasticity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurocanvas.model.elements import Link, Node
from neurocanvas.model.kinds import NeuronKind, SynapseKind, Variable

if TYPE_CHECKING:
    from neurocanvas.model.circuit import Circuit

WEIGHT = "w"
"""The weight of one synapse of a link."""


def channel_variables(circuit: Circuit, element: Node | Link) -> dict[str, Variable]:
    """Return all that can be recorded of a node or link, by name.

    A link has the variables of its kind, the weight of its synapses, and the traces of what it
    carries, such as ``"stdp.x"``.
    """
    kind = circuit.kind_of(element)
    found = dict(kind.recordable)
    if not isinstance(element, Link) or not isinstance(kind, SynapseKind) or kind.placeholder:
        return found
    if kind.carries == "spikes" and not kind.counts:
        unit = kind.parameter("weight").unit
        found[WEIGHT] = Variable(WEIGHT, unit, "Weight of the synapse now.")
    for name in element.features:
        for trace in circuit.kinds.get(name).recordable.values():
            full = f"{name}.{trace.name}"
            found[full] = Variable(full, trace.unit, trace.doc)
    return found


def channel_count(circuit: Circuit, element: Node | Link) -> int:
    """Return of how many things a variable can be recorded, counted from 0; of a link, at most."""
    if isinstance(element, Node):
        return element.size
    return circuit.node(element.pre).size * circuit.node(element.post).size


def main_variable(circuit: Circuit, element: Node | Link) -> str:
    """Return the variable that is shown first, or "" if there is nothing to record."""
    kind = circuit.kind_of(element)
    main = kind.main if isinstance(kind, NeuronKind) else "I"
    return main if main in kind.recordable else next(iter(channel_variables(circuit, element)), "")


def channel_label(circuit: Circuit, element: Node | Link) -> str:
    """Return what to call an element beside its trace: ``"A"``, or ``"A → B"``."""
    if isinstance(element, Node):
        return element.label
    return f"{circuit.node(element.pre).label} \u2192 {circuit.node(element.post).label}"
