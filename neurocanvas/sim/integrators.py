"""Which integrator an equation gets, and why.

The form of the equations decides:

- **exact**: linear in its own variable with constant coefficients; the solution over one step is
  known, whatever the step.
- **exponential Euler**, staggered: linear in its own variable while all else is held. The other
  variables take their step first, with the old potential, then the potential with their new
  values; as in a leapfrog the two stand half a step apart, so the order is two (Mascagni & Sherman
  1998, in Methods in Neuronal Modeling, ch. 14).
- **RK4**: anything else, the whole kind together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from neurocanvas.model import algebra
from neurocanvas.model.equations import EquationSystem
from neurocanvas.model.expressions import Expr, Name, Op, names
from neurocanvas.model.kinds import Kind, NeuronKind, SynapseKind

EXACT = "exact"
EXPONENTIAL_EULER = "exponential Euler"
RK4 = "RK4"
NONE = "none"

CURRENT_IN = "I_in"
CONDUCTANCE_IN = "G_in"
"""Inputs of a neuron: the current that flows in is ``I_in - G_in*v``."""


@dataclass(frozen=True)
class Update:
    """How one state variable x takes a step: dx/dt = slope*x + offset."""

    state: str
    slope: Expr
    offset: Expr


@dataclass(frozen=True)
class Plan:
    """The integrator of a kind.

    Attributes:
        method: One of ``EXACT``, ``EXPONENTIAL_EULER``, ``RK4``, ``NONE``.
        reason: Why, in words for the inspector.
        updates: One per state in the order they are carried out; empty for RK4.
    """

    method: str
    reason: str
    updates: tuple[Update, ...] = ()


def plan(kind: Kind, conductance: bool = True) -> Plan:
    """Choose the integrator of a kind.

    Args:
        kind: The kind.
        conductance: Whether conductances may be part of a neuron's input.
    """
    system = kind.system
    if not system.states:
        return Plan(NONE, "it has no differential equation")
    updates = []
    for state in _order(kind):
        split = _split(kind, state, conductance)
        if split is None:
            return Plan(RK4, f"d{state}/dt is not linear in {state}")
        updates.append(Update(state, *split))
    if all(is_constant(u.slope, kind) for u in updates) and len(updates) == 1:
        return Plan(EXACT, "it is linear with constant coefficients", tuple(updates))
    return Plan(EXPONENTIAL_EULER, _why_exponential(kind, updates), tuple(updates))


def _why_exponential(kind: Kind, updates: list[Update]) -> str:
    if isinstance(kind, NeuronKind) and len(updates) == 1:
        return "it is linear, with a coefficient that follows the conductances"
    return "each equation is linear in its own variable"


def _order(kind: Kind) -> list[str]:
    """The potential last, all else in the order written."""
    main = kind.main if isinstance(kind, NeuronKind) else ""
    return sorted(kind.system.states, key=lambda state: state == main)


def _split(kind: Kind, state: str, conductance: bool) -> tuple[Expr, Expr] | None:
    expr = kind.system.derivatives[state]
    inputs = {state}
    if isinstance(kind, NeuronKind) and state == kind.main:
        inputs.add("I")
    expr = expand(expr, kind.system, lambda used: bool(used & inputs))
    if isinstance(kind, NeuronKind) and state == kind.main:
        expr = algebra.substitute(expr, {"I": total_current(kind, conductance)})
    return algebra.linear_in(expr, state)


def total_current(kind: NeuronKind, conductance: bool) -> Expr:
    """Return what ``I`` stands for: the current in, less what the conductances let out."""
    if not conductance:
        return Name(CURRENT_IN)
    return Op("-", Name(CURRENT_IN), Op("*", Name(CONDUCTANCE_IN), Name(kind.main)))


def expand(expr: Expr, system: EquationSystem, wanted: Callable[[frozenset[str]], bool]) -> Expr:
    """Replace the definitions whose dependencies satisfy ``wanted`` by their expressions."""
    full = {
        name: dependencies(definition, system) for name, definition in system.definitions.items()
    }
    while True:
        inline = {
            name: system.definitions[name]
            for name in names(expr) & system.definitions.keys()
            if wanted(full[name])
        }
        if not inline:
            return expr
        expr = algebra.substitute(expr, inline)


def dependencies(expr: Expr, system: EquationSystem) -> frozenset[str]:
    """Return all names an expression depends on, through definitions too."""
    found = set(names(expr))
    for name in reversed(tuple(system.definitions)):
        if name in found:
            found |= names(system.definitions[name])
    return frozenset(found)


def is_constant(expr: Expr, kind: Kind) -> bool:
    """Whether an expression depends on parameters and the time step only."""
    used = dependencies(expr, kind.system) - kind.system.definitions.keys()
    return not used & varying(kind)


def varying(kind: Kind) -> frozenset[str]:
    """Return the names of a kind that change from step to step."""
    inputs: Iterable[str] = (*kind.inputs, CURRENT_IN, CONDUCTANCE_IN)
    extra = {"v", "out"} if isinstance(kind, SynapseKind) else set()
    return frozenset(inputs) | frozenset(kind.system.states) | extra


def describe(kind: Kind) -> str:
    """Say in one sentence which integrator a kind gets, and why."""
    chosen = plan(kind)
    if chosen.method == NONE:
        return "Nothing to integrate: " + chosen.reason + "."
    with_currents = plan(kind, conductance=False)
    text = f"Integrated with {chosen.method}: {chosen.reason}"
    if with_currents.method != chosen.method:
        text += f"; {with_currents.method} where no conductance reaches it"
    return text + "."
