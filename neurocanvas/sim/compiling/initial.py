"""What stands in the arena before the first step: constants and initial states of groups."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from neurocanvas.errors import SimulationError
from neurocanvas.model.expressions import Expr, Name, names
from neurocanvas.model.forms import expand
from neurocanvas.model.kinds import Kind, NeuronKind, SourceKind
from neurocanvas.sim.compiling.casting import Elements
from neurocanvas.sim.evaluate import evaluate
from neurocanvas.sim.program import Floats, Group, Slots
from neurocanvas.sim.writing.constants import constant_values
from neurocanvas.sim.writing.neuron_writer import BEFORE, OUTPUT

_STILL = {name: np.array(0.0) for name in ("t", "xi", "sample", "I")}
"""What a source's output may use, before the first step."""


def fill(arena: Floats, group: Group, columns: Mapping[str, Floats], dt: float) -> None:
    """Write constants and initial states of a group.

    Args:
        arena: Where to.
        group: The group.
        columns: Parameter -> value in each of its columns, in coherent units.
        dt: Time step in ms.
    """
    if group.n == 0:
        return
    known = {"dt": np.array(dt)} | dict(columns)
    write_constants(arena, group, 0, group.n, known)
    states = initial_states(group.kind, known, group.n)
    kind = group.kind
    if OUTPUT in group.source.rows and not getattr(kind, "events", ""):
        assert isinstance(kind, (NeuronKind, SourceKind))
        output = expand(Name(kind.output), kind.system, lambda used: True)
        value = evaluate(output, _STILL | known | states)
        states[OUTPUT] = np.broadcast_to(value, (group.n,))
        if BEFORE in group.source.rows:
            states[BEFORE] = states[OUTPUT]
    if isinstance(kind, NeuronKind):
        states["#previous"] = states[kind.main]
    for name, value in states.items():
        _write(arena, group, 0, group.row(name), value)
    _pad(arena, group)


def write_constants(
    arena: Floats, group: Group, first: int, n: int, parameters: Mapping[str, Floats]
) -> None:
    """Compute the constants of some columns from their parameters and store them."""
    values = constant_values(group.source.constants, parameters, n)
    if group.source.first_constant < 0:
        arena[group.consts : group.consts + len(values)] = values[:, 0]
        return
    for number, row in enumerate(values):
        _write(arena, group, first, (group.source.first_constant + number) * 64, row)


def _write(arena: Floats, group: Group, first: int, row: int, values: Floats) -> None:
    arena[group.places(first, len(values)) + row] = values


def _pad(arena: Floats, group: Group) -> None:
    """Fill the unused columns of the last block as the last used one, so they stay finite."""
    last = group.places(group.n - 1, 1)[0]
    spare = group.places(group.n, group.columns - group.n)
    for row in range(group.source.n_rows):
        arena[spare + row * 64] = arena[last + row * 64]


def initial_states(kind: Kind, parameters: Mapping[str, Floats], n: int) -> dict[str, Floats]:
    """Return the initial value of every state variable, each of shape (n,).

    An initial value may use parameters, definitions and the initial values of other variables.

    Raises:
        SimulationError: Initial values that need each other.
    """
    inputs = {"t", "I", "v", "out", "arrived", "sample"} - kind.system.derivatives.keys()
    known: dict[str, Floats] = {name: np.zeros(n) for name in inputs} | dict(parameters)
    waiting: dict[str, Expr] = {
        state: expand(expr, kind.system, lambda used: True)
        for state, expr in kind.initial_values.items()
    }
    while waiting:
        ready = [s for s, expr in waiting.items() if not names(expr) & waiting.keys()]
        if not ready:
            loop = ", ".join(waiting)
            raise SimulationError(f"{kind.title}: the initial values need each other: {loop}")
        for state in ready:
            known[state] = np.broadcast_to(evaluate(waiting.pop(state), known), (n,)).copy()
    return {state: known[state] for state in kind.system.states}


def with_data(total: int, elements: Elements) -> tuple[Floats, dict[str, tuple[int, int]]]:
    """Return the arena with the lists of all nodes at its end, and where each node's lie.

    The columns of a node follow each other; all are sorted by the first, which holds times.
    """
    parts: list[Floats] = [np.zeros(total)]
    spans = {}
    at = total
    for k in np.flatnonzero(elements.of_nodes("listed")).tolist():
        node, columns = elements.nodes[k], elements.role(k).kind.data
        lists = [np.asarray(node.data.get(c.name, c.default), float) for c in columns]
        order = np.argsort(lists[0], kind="stable")
        values = np.concatenate([column[order] for column in lists])
        spans[node.id] = (at, at + len(values))
        parts.append(values)
        at += len(values)
    return np.concatenate(parts), spans


def point_to_data(
    arena: Floats,
    group: Group,
    slots: Slots,
    spans: Mapping[str, tuple[int, int]],
) -> None:
    """Tell the columns of a group where their lists lie."""
    if "=from" not in group.source.rows:
        return
    for element in group.elements:
        slot = slots[element]
        places = group.places(slot.first, slot.n)
        arena[places + group.row("=from")], arena[places + group.row("=to")] = spans[element]
