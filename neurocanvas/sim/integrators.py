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
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from neurocanvas.errors import SimulationError
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


NOISE = "xi"
"""White noise of unit strength: ``sigma*xi`` has the unit of sigma times 1/sqrt(ms)."""

Varying = frozenset[str]
"""Names of parameters that change from step to step, because something modulates them."""


@dataclass(frozen=True)
class Update:
    """How one state variable x takes a step: dx/dt = slope*x + offset + noise*xi."""

    state: str
    slope: Expr
    offset: Expr
    noise: Expr = algebra.ZERO


@dataclass(frozen=True)
class LinearSystem:
    """State variables that depend on each other linearly: dx_i/dt = sum_j a_ij x_j + b_i + n_i*xi.

    Attributes:
        states: Their names.
        matrix: a_ij, row by row; parameters only.
        offsets: b_i.
        noises: n_i.
    """

    states: tuple[str, ...]
    matrix: tuple[Expr, ...]
    offsets: tuple[Expr, ...]
    noises: tuple[Expr, ...]

    @property
    def coupled(self) -> bool:
        """Whether any variable depends on another."""
        n = len(self.states)
        return any(a != algebra.ZERO for i, a in enumerate(self.matrix) if i // n != i % n)


@dataclass(frozen=True)
class Plan:
    """The integrator of a kind.

    Attributes:
        method: One of ``EXACT``, ``EXPONENTIAL_EULER``, ``RK4``, ``NONE``.
        reason: Why, in words for the inspector.
        updates: One per state in the order they are carried out; empty for RK4.
        system: All states together, where one matrix advances them.
        noises: State -> strength of its noise, for RK4.
    """

    method: str
    reason: str
    updates: tuple[Update, ...] = ()
    system: LinearSystem | None = None
    noises: Mapping[str, Expr] = field(default_factory=dict)


def plan(kind: Kind, conductance: bool = True, modulated: Varying = frozenset()) -> Plan:
    """Choose the integrator of a kind.

    Args:
        kind: The kind.
        conductance: Whether conductances may be part of a neuron's input.
        modulated: Parameters that something modulates.

    Raises:
        SimulationError: Noise that is not simply added.
    """
    conductance = conductance and isinstance(kind, NeuronKind) and kind.accepts == "current"
    if not kind.system.states:
        return Plan(NONE, "it has no differential equation")
    system = _linear_system(kind, conductance, modulated)
    if system is not None and system.coupled:
        return Plan(EXACT, "it is a linear system with constant coefficients", system=system)
    updates = []
    for state in _order(kind):
        split = _split(kind, state, conductance)
        if split is None:
            noises = {s: _noise(kind, s)[0] for s in kind.system.states}
            return Plan(RK4, f"d{state}/dt is not linear in {state}", noises=noises)
        updates.append(Update(state, *split))
    if system is not None:
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


def _noise(kind: Kind, state: str) -> tuple[Expr, Expr]:
    """Split a right-hand side into (strength of its noise, all else)."""
    system = kind.system
    expr = expand(system.derivatives[state], system, lambda used: NOISE in used)
    split = algebra.linear_in(expr, NOISE)
    if split is None or dependencies(split[0], system) & set(system.states):
        reason = "noise is added, times parameters: sigma*xi"
        raise SimulationError(f"{kind.title}: d{state}/dt: {reason}")
    return split


def _right_hand_side(kind: Kind, state: str, conductance: bool, wanted: Varying) -> Expr:
    """Return dx/dt without noise, with the definitions that depend on ``wanted`` written out."""
    expr = _noise(kind, state)[1]
    is_main = isinstance(kind, NeuronKind) and state == kind.main
    inputs = wanted | {"I"} if is_main else wanted
    expr = expand(expr, kind.system, lambda used: bool(used & inputs))
    if is_main and isinstance(kind, NeuronKind):
        expr = algebra.substitute(expr, {"I": total_current(kind, conductance)})
    return expr


def _split(kind: Kind, state: str, conductance: bool) -> tuple[Expr, Expr, Expr] | None:
    expr = _right_hand_side(kind, state, conductance, frozenset({state}))
    split = algebra.linear_in(expr, state)
    return None if split is None else (*split, _noise(kind, state)[0])


def _linear_system(kind: Kind, conductance: bool, modulated: Varying) -> LinearSystem | None:
    """Return all equations as one linear system, None unless its coefficients are constant."""
    states = kind.system.states
    matrix: list[Expr] = []
    offsets: list[Expr] = []
    for state in states:
        rest = _right_hand_side(kind, state, conductance, frozenset(states))
        for other in states:
            split = algebra.linear_in(rest, other)
            if split is None or not is_constant(split[0], kind, modulated):
                return None
            matrix.append(split[0])
            rest = split[1]
        offsets.append(rest)
    noises = tuple(_noise(kind, state)[0] for state in states)
    return LinearSystem(states, tuple(matrix), tuple(offsets), noises)


def total_current(kind: NeuronKind, conductance: bool) -> Expr:
    """Return what ``I`` stands for: the current in, less what the conductances let out."""
    if not conductance:
        return Name(CURRENT_IN)
    return Op("-", Name(CURRENT_IN), Op("*", Name(CONDUCTANCE_IN), Name(kind.main)))


def input_gain(kind: NeuronKind) -> Expr:
    """Return the slope of the potential per pA of input, zero if it is not always the same."""
    rest = expand(_noise(kind, kind.main)[1], kind.system, lambda used: "I" in used)
    split = algebra.linear_in(rest, "I")
    return split[0] if split is not None and is_constant(split[0], kind) else algebra.ZERO


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


def is_constant(expr: Expr, kind: Kind, modulated: Varying = frozenset()) -> bool:
    """Whether an expression depends on parameters and the time step only."""
    used = dependencies(expr, kind.system) - kind.system.definitions.keys()
    return not used & (varying(kind) | modulated)


def varying(kind: Kind) -> frozenset[str]:
    """Return the names of a kind that change from step to step."""
    inputs: Iterable[str] = (*kind.inputs, CURRENT_IN, CONDUCTANCE_IN)
    extra = {"v", "out", "arrived"} if isinstance(kind, SynapseKind) else {"sample"}
    return frozenset(inputs) | frozenset(kind.system.states) | extra


def _is_still(kind: Kind) -> bool:
    """Whether nothing moves between updates."""
    return all(rate == algebra.ZERO for rate in kind.system.derivatives.values())


def describe(kind: Kind) -> str:
    """Say in one sentence which integrator a kind gets, and why."""
    chosen = plan(kind)
    if chosen.method == NONE:
        return "Nothing to integrate: " + chosen.reason + "."
    if isinstance(kind, NeuronKind) and kind.update_statements and _is_still(kind):
        return "Nothing to integrate: it is computed anew after every step."
    with_currents = plan(kind, conductance=False)
    how = "exactly" if chosen.method == EXACT else f"with {chosen.method}"
    text = f"Integrated {how}: {chosen.reason}"
    if with_currents.method != chosen.method:
        text += f"; {with_currents.method} where no conductance reaches it"
    return text + "."
