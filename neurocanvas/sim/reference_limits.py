"""Which circuits have no reference solution, and why: said in words instead of solved wrongly."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from neurocanvas.errors import SimulationError
from neurocanvas.model.elements import Link, Node, Snapshot
from neurocanvas.model.expressions import names
from neurocanvas.model.kinds import Kind, NeuronKind, Registry, SourceKind, SynapseKind
from neurocanvas.sim.reference_dynamics import Dynamics
from neurocanvas.sim.reference_groups import Floats, Group


def check_solvable(snapshot: Snapshot, kinds: Registry) -> None:
    """Refuse a circuit with parts that only the engine carries out.

    Raises:
        SimulationError: Naming the first such element and what it is about it.
    """
    labels = {node.id: node.label for node in snapshot.nodes}
    elements: list[Node | Link] = [*snapshot.nodes, *snapshot.links]
    for element in elements:
        kind = kinds.get(element.kind)
        for reason in () if kind.placeholder else _reasons(kind, element):
            if isinstance(element, Link):
                label = f"{labels[element.pre]} -> {labels[element.post]} ({element.kind})"
            else:
                label = element.label
            raise SimulationError(f"{label} has no reference solution: {reason}")


def _reasons(kind: Kind, element: Node | Link) -> Iterator[str]:
    if element.texts:
        yield "it has expressions of its own"
    if isinstance(element, Link) and element.features:
        yield "it is plastic"
    if isinstance(kind, NeuronKind):
        if kind.update_statements:
            yield "it is updated step by step"
    elif isinstance(kind, SynapseKind):
        yield from _of_synapse(kind)
    elif isinstance(kind, SourceKind):
        yield from _of_source(kind)


def _of_synapse(kind: SynapseKind) -> Iterator[str]:
    if kind.carries not in ("spikes", "current") or kind.symmetric:
        yield "it couples its two ends without a delay"
    if kind.gives == "modulation":
        yield "it changes a parameter of its target"
    if any("arrived" in names(expr) for expr in kind.system.definitions.values()):
        yield "it acts in the one step in which a spike arrives"


def _of_source(kind: SourceKind) -> Iterator[str]:
    rule = kind.event_rule
    if rule is not None and (rule[0] != "poisson" or "t" in names(rule[1])):
        yield "its spikes depend on time"
    if kind.table:
        yield "it follows a table"
    if rule is None and (kind.output != "I" or kind.gives != "current"):
        yield "it gives no current"


def check_noiseless(dynamics: Dynamics, y: Floats) -> None:
    """Refuse a circuit in which noise is at work: only its statistics could be compared.

    Raises:
        SimulationError: Naming an element that is noisy.
    """
    for group in dynamics.layout.groups:
        if "xi" not in group.inputs or not group.size:
            continue
        inputs = list(dynamics.inputs(group, 0.0, y))
        quiet = group.call(group.advance, inputs, y)
        inputs[group.inputs.index("xi")] = np.float64(1.0)
        loud = group.call(group.advance, inputs, y)
        differs = _differs(group, quiet, loud)
        if np.any(differs):
            label = group.member_at(int(np.flatnonzero(differs)[0])).label
            raise SimulationError(f"{label} has no reference solution: it is noisy")


def _differs(group: Group, one: list[Floats], other: list[Floats]) -> NDArray[np.bool_]:
    found = np.zeros(group.size, bool)
    for a, b in zip(one, other, strict=True):
        found |= a != b
    return found
