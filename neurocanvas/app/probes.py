"""Probes as edits: which number a new one gets, what is left when one goes."""

from __future__ import annotations

from dataclasses import replace

from neurocanvas.errors import CircuitError
from neurocanvas.model.channels import channel_variables, main_variable
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.edits import SetBench
from neurocanvas.model.elements import Probe
from neurocanvas.model.rules import why_not_recorded


def adding(
    circuit: Circuit, element_id: str, variable: str, index: int, instrument: str
) -> tuple[SetBench | None, int]:
    """Return the edit that adds a probe, and its number; no edit if it is there already.

    Args:
        circuit: What the element is in.
        element_id: Which node or link.
        variable: Which of its variables; ``"v"`` means the main one where there is no ``v``.
        index: Which neuron of the node; of a link, which of its targets or synapses.
        instrument: Id of the instrument.

    Raises:
        CircuitError: There is no such variable or neuron.
    """
    element = circuit.element(element_id)
    if variable == "v" and "v" not in channel_variables(circuit, element):
        variable = main_variable(circuit, element)
    reason = why_not_recorded(circuit, element, variable, index)
    if reason:
        raise CircuitError(reason)
    probes = circuit.bench.probes
    for probe in probes:
        if (probe.node, probe.variable, probe.index, probe.instrument) == (
            element_id, variable, index, instrument,
        ):  # fmt: skip
            return None, probe.number
    number = _lowest_free({probe.number for probe in probes})
    added = (*probes, Probe(number, element_id, variable, index, instrument))
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
