"""The form of a kind's equations: what is linear in what, and what stays constant.

The form decides which integrators a kind can have (``methods``): ``sim.integrators`` chooses one of
them, unless a node asks for another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from neurocanvas.errors import SimulationError
from neurocanvas.model import algebra
from neurocanvas.model.equations import EquationSystem
from neurocanvas.model.expressions import Expr, Name, Op, names
from neurocanvas.model.kinds import Kind, NeuronKind, SourceKind, SynapseKind

EXACT = "exact"
EXPONENTIAL_EULER = "exponential Euler"
RK4 = "RK4"
EULER = "Euler"
METHODS = (EXACT, EXPONENTIAL_EULER, RK4, EULER)
"""Integrators, each of which a node can ask for where its equations allow it."""

CURRENT_IN = "I_in"
CONDUCTANCE_IN = "G_in"
"""Inputs of a neuron: the current that flows in is ``I_in - G_in*v``."""

NOISE = "xi"
"""White noise of unit strength: ``sigma*xi`` has the unit of sigma times 1/sqrt(ms)."""

Varying = frozenset[str]
"""Names of parameters that change from step to step, because something modulates them."""


def methods(kind: Kind) -> tuple[str, ...]:
    """Return the integrators that a node of a kind can ask for; none where nothing moves.

    Raises:
        SimulationError: Noise that is not simply added.
    """
    if kind.placeholder or not isinstance(kind, (NeuronKind, SourceKind)) or is_still(kind):
        return ()
    found = [EXACT] if linear_system(kind, False, frozenset()) is not None else []
    if all(split(kind, state, False) is not None for state in kind.system.states):
        found.append(EXPONENTIAL_EULER)
    return (*found, RK4, EULER)


def why_not_method(kind: Kind, method: str) -> str | None:
    """Say why a kind can't be integrated with a method, or None if it can."""
    known = methods(kind)
    if method in known:
        return None
    if not known:
        return f"{kind.title} has no differential equation to integrate with {method!r}"
    if method not in METHODS:
        return f"{method!r} is no integrator; {', '.join(known)} are possible"
    form = "linear equations with constant coefficients"
    if method == EXPONENTIAL_EULER:
        form = "equations that are each linear in their own variable"
    return f"{method!r} needs {form}, unlike those of {kind.title}; {', '.join(known)} are possible"


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


def noise_of(kind: Kind, state: str) -> tuple[Expr, Expr]:
    """Split a right-hand side into (strength of its noise, all else).

    Raises:
        SimulationError: Noise that is not simply added.
    """
    system = kind.system
    expr = expand(system.derivatives[state], system, lambda used: NOISE in used)
    parts = algebra.linear_in(expr, NOISE)
    if parts is None or dependencies(parts[0], system) & set(system.states):
        reason = "noise is added, times parameters: sigma*xi"
        raise SimulationError(f"{kind.title}: d{state}/dt: {reason}")
    return parts


def _right_hand_side(kind: Kind, state: str, conductance: bool, wanted: Varying) -> Expr:
    """Return dx/dt without noise, with the definitions that depend on ``wanted`` written out."""
    expr = noise_of(kind, state)[1]
    is_main = isinstance(kind, NeuronKind) and state == kind.main
    inputs = wanted | {"I"} if is_main else wanted
    expr = expand(expr, kind.system, lambda used: bool(used & inputs))
    if is_main and isinstance(kind, NeuronKind):
        expr = algebra.substitute(expr, {"I": total_current(kind, conductance)})
    return expr


def split(kind: Kind, state: str, conductance: bool) -> tuple[Expr, Expr, Expr] | None:
    """Return slope, offset and noise of dx/dt = slope*x + offset + noise*xi, None if it is not."""
    expr = _right_hand_side(kind, state, conductance, frozenset({state}))
    parts = algebra.linear_in(expr, state)
    return None if parts is None else (*parts, noise_of(kind, state)[0])


def linear_system(kind: Kind, conductance: bool, modulated: Varying) -> LinearSystem | None:
    """Return all equations as one linear system, None unless its coefficients are constant."""
    states = kind.system.states
    matrix: list[Expr] = []
    offsets: list[Expr] = []
    for state in states:
        rest = _right_hand_side(kind, state, conductance, frozenset(states))
        for other in states:
            parts = algebra.linear_in(rest, other)
            if parts is None or not is_constant(parts[0], kind, modulated):
                return None
            matrix.append(parts[0])
            rest = parts[1]
        offsets.append(rest)
    noises = tuple(noise_of(kind, state)[0] for state in states)
    return LinearSystem(states, tuple(matrix), tuple(offsets), noises)


def total_current(kind: NeuronKind, conductance: bool) -> Expr:
    """Return what ``I`` stands for: the current in, less what the conductances let out."""
    if not conductance:
        return Name(CURRENT_IN)
    return Op("-", Name(CURRENT_IN), Op("*", Name(CONDUCTANCE_IN), Name(kind.main)))


def input_gain(kind: NeuronKind) -> Expr:
    """Return the slope of the potential per pA of input, zero if it is not always the same."""
    rest = expand(noise_of(kind, kind.main)[1], kind.system, lambda used: "I" in used)
    parts = algebra.linear_in(rest, "I")
    return parts[0] if parts is not None and is_constant(parts[0], kind) else algebra.ZERO


def expand(expr: Expr, system: EquationSystem, wanted: Callable[[frozenset[str]], bool]) -> Expr:
    """Replace the definitions whose dependencies satisfy ``wanted`` by their expressions."""
    while True:
        inline = {
            name: system.definitions[name]
            for name in names(expr) & system.definitions.keys()
            if wanted(dependencies(system.definitions[name], system))
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


def is_still(kind: Kind) -> bool:
    """Whether nothing moves between updates."""
    return all(rate == algebra.ZERO for rate in kind.system.derivatives.values())
