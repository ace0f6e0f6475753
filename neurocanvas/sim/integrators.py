"""Which integrator an equation gets, and why.

The form of the equations decides:

- **exact**: linear with constant coefficients, one equation or several that depend on each other;
  the solution over one step is known, whatever the step (Rotter & Diesmann 1999, Biol. Cybern.
  81:381). Noise, where it is added, has the exact variance of an Ornstein-Uhlenbeck process.
- **exponential Euler**, staggered: linear in its own variable while all else is held. The other
  variables take their step first, with the old potential, then the potential with their new
  values; as in a leapfrog the two stand half a step apart, so the order is two (Mascagni & Sherman
  1998, in Methods in Neuronal Modeling, ch. 14).
- **RK4**: anything else, the whole kind together; what conductances pull is solved exactly
  (``stages``), so that no conductance is too strong for a time step.
- **Euler**: never chosen, but a node can ask for it, as for the others that its equations allow
  (``model.forms.methods``): first order, what a first course programs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from neurocanvas.errors import SimulationError
from neurocanvas.model import algebra
from neurocanvas.model.expressions import Expr
from neurocanvas.model.forms import (
    EULER,
    EXACT,
    EXPONENTIAL_EULER,
    RK4,
    LinearSystem,
    Varying,
    is_still,
    linear_system,
    methods,
    noise_of,
    split,
    why_not_method,
)
from neurocanvas.model.kinds import Kind, NeuronKind

NONE = "none"
"""Method of a kind without differential equations."""


@dataclass(frozen=True)
class Update:
    """How one state variable x takes a step: dx/dt = slope*x + offset + noise*xi."""

    state: str
    slope: Expr
    offset: Expr
    noise: Expr = algebra.ZERO


@dataclass(frozen=True)
class Plan:
    """The integrator of a kind.

    Attributes:
        method: One of ``EXACT``, ``EXPONENTIAL_EULER``, ``RK4``, ``EULER``, ``NONE``.
        reason: Why, in words for the inspector.
        updates: One per state in the order they are carried out; empty for RK4 and Euler.
        system: All states together, where one matrix advances them.
        noises: State -> strength of its noise, for RK4 and Euler.
    """

    method: str
    reason: str
    updates: tuple[Update, ...] = ()
    system: LinearSystem | None = None
    noises: Mapping[str, Expr] = field(default_factory=dict)


def plan(
    kind: Kind, conductance: bool = True, modulated: Varying = frozenset(), wanted: str = ""
) -> Plan:
    """Choose the integrator of a kind.

    Args:
        kind: The kind.
        conductance: Whether conductances may be part of a neuron's input.
        modulated: Parameters that something modulates.
        wanted: The method that a node asks for; empty to choose by the form of the equations.
            Where conductances or modulators move the coefficients, ``EXACT`` is only as exact as
            what would be chosen.

    Raises:
        SimulationError: Noise that is not simply added, or a method that does not fit the form.
    """
    conductance = conductance and isinstance(kind, NeuronKind) and kind.accepts == "current"
    if not kind.system.states:
        return Plan(NONE, "it has no differential equation")
    reason = why_not_method(kind, wanted) if wanted else None
    if reason:
        raise SimulationError(reason)
    if wanted in (RK4, EULER):
        return _together(kind, wanted, "it was chosen here")
    system = linear_system(kind, conductance, modulated)
    if system is not None and system.coupled and wanted != EXPONENTIAL_EULER:
        return Plan(EXACT, "it is a linear system with constant coefficients", system=system)
    updates = []
    for state in _order(kind):
        parts = split(kind, state, conductance)
        if parts is None:
            return _together(kind, RK4, f"d{state}/dt is not linear in {state}")
        updates.append(Update(state, *parts))
    if wanted == EXPONENTIAL_EULER:
        return Plan(EXPONENTIAL_EULER, "it was chosen here", tuple(updates))
    if system is not None:
        return Plan(EXACT, "it is linear with constant coefficients", tuple(updates))
    return Plan(EXPONENTIAL_EULER, _why_exponential(kind, updates), tuple(updates))


def _together(kind: Kind, method: str, reason: str) -> Plan:
    """Return a plan in which all equations take their step together."""
    return Plan(method, reason, noises={s: noise_of(kind, s)[0] for s in kind.system.states})


def _why_exponential(kind: Kind, updates: list[Update]) -> str:
    if isinstance(kind, NeuronKind) and len(updates) == 1:
        return "it is linear, with a coefficient that follows the conductances"
    return "each equation is linear in its own variable"


def _order(kind: Kind) -> list[str]:
    """The potential last, all else in the order written."""
    main = kind.main if isinstance(kind, NeuronKind) else ""
    return sorted(kind.system.states, key=lambda state: state == main)


def describe(kind: Kind) -> str:
    """Say which integrator a kind gets, and why, and which others a node can ask for."""
    chosen = plan(kind)
    if chosen.method == NONE:
        return "Nothing to integrate: " + chosen.reason + "."
    if isinstance(kind, NeuronKind) and kind.update_statements and is_still(kind):
        return "Nothing to integrate: it is computed anew after every step."
    with_currents = plan(kind, conductance=False)
    how = "exactly" if chosen.method == EXACT else f"with {chosen.method}"
    text = f"Integrated {how}: {chosen.reason}"
    if with_currents.method != chosen.method:
        text += f"; {with_currents.method} where no conductance reaches it"
    others = [method for method in methods(kind) if method != chosen.method]
    return text + (f". A node can ask for: {', '.join(others)}." if others else ".")
