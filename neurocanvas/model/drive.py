"""How strong a source of current should be for the neuron it is connected to.

Neurons differ a thousandfold in the current they fire with; the defaults of a source suit one of
them. Declarations say what each kind of neuron needs (``NeuronKind.drive``).
"""

from __future__ import annotations

from neurocanvas.model.circuit import Circuit
from neurocanvas.model.edits import SetParameter
from neurocanvas.model.kinds import Kind, NeuronKind, SourceKind

USUAL_PA = 300.0
"""The drive that the defaults of sources are made for: the integrate-and-fire neuron's."""
CURRENT = "pA"


def fitting(circuit: Circuit, source_id: str, target: Kind) -> tuple[SetParameter, ...]:
    """Return the edits that scale a source of current to what a neuron fires with.

    Args:
        circuit: Holds the source.
        source_id: What is being connected. Where one of its currents has been set, or it drives
            something already, it stays as it is.
        target: The kind of neuron it is being connected to.

    Returns:
        One edit for each parameter that is a current; none where the defaults suit.
    """
    source = circuit.node(source_id)
    kind = circuit.kind_of(source)
    if not isinstance(kind, SourceKind) or "current" not in kind.emits or kind.placeholder:
        return ()
    if not isinstance(target, NeuronKind) or target.drive in (0.0, USUAL_PA):
        return ()
    currents = {p.name: p.default for p in kind.parameters if p.unit == CURRENT}
    if currents.keys() & source.parameters.keys() or circuit.links_of(source_id):
        return ()
    factor = target.drive / USUAL_PA
    # Two digits: a value that a person might have typed.
    return tuple(
        SetParameter(source_id, name, float(f"{usual * factor:.2g}"))
        for name, usual in currents.items()
        if usual
    )
