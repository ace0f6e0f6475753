"""Which synapses add up: where the effects of two links are that of one with the spikes of both."""

from __future__ import annotations

from neurocanvas.model import algebra
from neurocanvas.model.equations import Statement
from neurocanvas.model.expressions import Expr
from neurocanvas.model.forms import dependencies, expand, linear_system
from neurocanvas.model.kinds import SynapseKind
from neurocanvas.sim.compiling.values import PER_SYNAPSE

ARRIVED = "arrived"
"""What arrives in a step, among the names that a synapse's equations may use."""


def superposes(kind: SynapseKind) -> bool:
    """Whether the states of two links of this kind into one target may be added.

    So it is where spikes add to the states what does not depend on these, the equations of the
    states are linear with constant coefficients and nothing beside, the current is linear in the
    states, and all begins at zero.
    """
    return (
        kind.carries == "spikes"
        and kind.gives == "current"
        and kind.result in kind.system.definitions
        and all(value == algebra.ZERO for value in kind.initial_values.values())
        and all(_adds(statement, kind) for statement in kind.spike_statements)
        and _decays(kind)
        and _is_homogeneous(kind.system.definitions[kind.result], kind)
    )


def per_link(kind: SynapseKind) -> frozenset[str]:
    """Return the parameters that links with common states may have of their own.

    They are the weight and the delay, unless they mean more than how much a spike adds and when.
    """
    system = kind.system
    exprs = [*system.derivatives.values(), system.definitions[kind.result]]
    exprs += [_gain(statement, kind) for statement in kind.spike_statements]
    used = {name for expr in exprs for name in dependencies(expr, system)}
    return frozenset(PER_SYNAPSE) - used - ({"weight"} if kind.counts else set())


def _gain(statement: Statement, kind: SynapseKind) -> Expr:
    """Return what a spike adds per weight; where spikes are counted, what it adds."""
    parts = algebra.linear_in(statement.expr, "weight")
    return statement.expr if kind.counts or parts is None else parts[0]


def _adds(statement: Statement, kind: SynapseKind) -> bool:
    """Whether a spike adds what does not depend on the spikes before."""
    return statement.operator == "+=" and not _moved(statement.expr, kind)


def _decays(kind: SynapseKind) -> bool:
    system = linear_system(kind, False, frozenset())
    if system is None:
        return False
    return all(part == algebra.ZERO for part in (*system.offsets, *system.noises))


def _is_homogeneous(expr: Expr, kind: SynapseKind) -> bool:
    """Whether an expression is a sum of states, each times what does not depend on any."""
    rest = expand(expr, kind.system, lambda used: bool(used & _states(kind)))
    for state in sorted(_states(kind)):
        parts = algebra.linear_in(rest, state)
        if parts is None or _moved(parts[0], kind):
            return False
        rest = parts[1]
    return rest == algebra.ZERO


def _moved(expr: Expr, kind: SynapseKind) -> bool:
    """Whether an expression depends on what has arrived, now or before."""
    return bool(dependencies(expr, kind.system) & _states(kind))


def _states(kind: SynapseKind) -> frozenset[str]:
    return frozenset((*kind.system.states, ARRIVED))
