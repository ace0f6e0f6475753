"""Probes as edits: which number a new one gets, what is left when one goes."""

from __future__ import annotations

from dataclasses import replace

from neurocanvas.errors import CircuitError
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.edits import SetBench
from neurocanvas.model.elements import Probe
from neurocanvas.model.kinds import Kind


def main_variable(kind: Kind) -> str:
    """Return the variable of a kind that is shown first, or "" if there is nothing to record."""
    main = getattr(kind, "main", "I")
    return main if main in kind.recordable else next(iter(kind.recordable), "")


def adding(
    circuit: Circuit, node_id: str, variable: str, index: int, instrument: str
) -> tuple[SetBench | None, int]:
    """Return the edit that adds a probe, and its number; no edit if it is there already.

    Args:
        circuit: What the node is in.
        node_id: Which node.
        variable: Which of its variables; ``"v"`` means the main one where there is no ``v``.
        index: Which neuron of the node.
        instrument: Id of the instrument.

    Raises:
        CircuitError: There is no such variable or neuron.
    """
    node = circuit.node(node_id)
    kind = circuit.kind_of(node)
    if variable == "v" and "v" not in kind.recordable:
        variable = main_variable(kind)
    if variable not in kind.recordable:
        known = ", ".join(kind.recordable) or "nothing"
        raise CircuitError(f"{node.label} has no {variable!r} to show; it has {known}")
    if not 0 <= index < node.size:
        raise CircuitError(f"{node.label} has neurons 0 to {node.size - 1}, no {index}")
    probes = circuit.bench.probes
    for probe in probes:
        if (probe.node, probe.variable, probe.index, probe.instrument) == (
            node_id, variable, index, instrument,
        ):  # fmt: skip
            return None, probe.number
    number = _lowest_free({probe.number for probe in probes})
    added = (*probes, Probe(number, node_id, variable, index, instrument))
    return SetBench(replace(circuit.bench, probes=added)), number


def _lowest_free(taken: set[int]) -> int:
    return next(n for n in range(1, len(taken) + 2) if n not in taken)


def removing(circuit: Circuit, number: int) -> SetBench:
    """Return the edit that takes a probe away.

    Raises:
        CircuitError: There is none with this number.
    """
    probes = circuit.bench.probes
    kept = tuple(probe for probe in probes if probe.number != number)
    if len(kept) == len(probes):
        raise CircuitError(f"there is no probe {number}")
    return SetBench(replace(circuit.bench, probes=kept))
