"""Exponentials of one variable with slopes in whole ratios, from one exponential.

Rate functions are full of them: exp(-(v + 65)/80), exp(-(v + 65)/20) and exp(-(v + 40)/10) are
E, E**4 and E**8 with E = exp(-v/80), each times a constant. A power costs a few products, an
exponential some twenty operations; the relative error grows with the power, to 2e-15 at most.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from neurocanvas.model import algebra
from neurocanvas.model.expressions import LINOID, Call, Expr, Name, Num, Op, names, walk
from neurocanvas.model.kinds import Kind
from neurocanvas.sim.writing.constants import PREFIX, ConstantPool

MARK = "~"
"""Begins the names of shared exponentials."""
LINOID_OF = "linoid_of"
"""x/(1 - e), where e is exp(-x)."""
HIGHEST_POWER = 8


@dataclass(frozen=True)
class Shared:
    """exp(slope*state), from which others are made."""

    name: str
    state: str
    slope: float

    @property
    def definition(self) -> Expr:
        """The exponential itself."""
        return Call("exp", (algebra.multiply(Num(self.slope), Name(self.state)),))

    def power_for(self, slope: float) -> int:
        """Return which power has this slope, 0 if none has."""
        ratio = slope / self.slope
        power = round(ratio)
        fits = math.isclose(ratio, power, rel_tol=1e-12) and 1 <= power <= HIGHEST_POWER
        return power if fits else 0


def shared_exponentials(kind: Kind) -> list[Shared]:
    """Return the exponentials of a kind's equations that others can be made from."""
    system = kind.system
    parts = [*system.definitions.values(), *system.derivatives.values()]
    wanted: dict[str, dict[Expr, float]] = {}
    for expr in parts:
        for found in walk(expr):
            linear = _exponent(found, system.states)
            if linear is not None:
                state, slope, _ = linear
                wanted.setdefault(state, {})[found] = slope
    return [
        Shared(f"{MARK}{state}{number}", state, slope)
        for state, calls in wanted.items()
        for number, slope in enumerate(_bases(list(calls.values())))
    ]


def _bases(slopes: list[float]) -> list[float]:
    """Choose slopes, the gentlest first, that make up for at least one other each."""
    left, found = sorted(slopes, key=abs), []
    while left:
        base = Shared("", "", left[0])
        members = [slope for slope in left if base.power_for(slope)]
        if len(members) > 1:
            found.append(base.slope)
        left = [slope for slope in left if slope not in members]
    return found


def _exponent(expr: Expr, states: Iterable[str]) -> tuple[str, float, Expr] | None:
    """Split what an exponential is taken of: state, numeric slope, and the rest."""
    match expr:
        case Call("exp", (argument,)):
            sign = 1.0
        case Call(name, (argument,)) if name == LINOID:
            sign = -1.0
        case _:
            return None
    used = names(argument) & set(states)
    if len(used) != 1:
        return None
    (state,) = used
    linear = algebra.linear_in(argument, state)
    if linear is None or names(linear[0]):
        return None
    slope = sign * algebra.number(linear[0], {})
    rest = linear[1] if sign > 0 else algebra.negate(linear[1])
    return (state, slope, rest) if slope and math.isfinite(slope) else None


def rewrite(expr: Expr, shared: list[Shared], pool: ConstantPool) -> Expr:
    """Return an expression with its exponentials made from shared ones where they can be.

    Args:
        expr: With its constant parts replaced by names of the pool.
        shared: What there is.
        pool: Takes the constants that the rests of exponents give.
    """
    if not shared:
        return expr
    match expr:
        case Op(symbol, left, right):
            return Op(symbol, rewrite(left, shared, pool), rewrite(right, shared, pool))
        case Call(function, arguments):
            made = _made(expr, shared, pool)
            if made is not None:
                return made
            return Call(function, tuple(rewrite(a, shared, pool) for a in arguments))
    return expr


def _made(call: Call, shared: list[Shared], pool: ConstantPool) -> Expr | None:
    split = _exponent(call, {s.state for s in shared})
    if split is None or not all(name.startswith(PREFIX) for name in names(split[2])):
        return None
    state, slope, rest = split
    for one in shared:
        power = one.power_for(slope) if one.state == state else 0
        if power:
            whole = Name(one.name) if power == 1 else Op("**", Name(one.name), Num(float(power)))
            e = algebra.multiply(whole, _constant(rest, pool))
            return e if call.function == "exp" else Call(LINOID_OF, (call.arguments[0], e))
    return None


def _constant(rest: Expr, pool: ConstantPool) -> Expr:
    """Return the exponential of a constant part of an exponent."""
    if rest == algebra.ZERO:
        return algebra.ONE
    meant = {name: pool.exprs[int(name[len(PREFIX) :])] for name in names(rest)}
    factor = Call("exp", (algebra.substitute(rest, meant),))
    return Name(f"{PREFIX}{pool.number(factor)}")
