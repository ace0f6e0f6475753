"""What the compiler needs to know about an expression: linearity, substitution, removable 0/0."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping

from neurocanvas.model.expressions import (
    COMPARISONS,
    LINOID,
    Call,
    Expr,
    Name,
    Num,
    Op,
    names,
)

ZERO = Num(0.0)
ONE = Num(1.0)


def add(left: Expr, right: Expr) -> Expr:
    """Return ``left + right``, without terms that are zero."""
    if left == ZERO:
        return right
    if right == ZERO:
        return left
    if isinstance(left, Num) and isinstance(right, Num):
        return Num(left.value + right.value)
    return Op("+", left, right)


def subtract(left: Expr, right: Expr) -> Expr:
    """Return ``left - right``, without terms that are zero."""
    if right == ZERO:
        return left
    if left == ZERO:
        return negate(right)
    if isinstance(left, Num) and isinstance(right, Num):
        return Num(left.value - right.value)
    return Op("-", left, right)


def multiply(left: Expr, right: Expr) -> Expr:
    """Return ``left * right``, without factors of one."""
    if left == ZERO or right == ZERO:
        return ZERO
    if left == ONE:
        return right
    if right == ONE:
        return left
    if isinstance(left, Num) and isinstance(right, Num):
        return Num(left.value * right.value)
    return Op("*", left, right)


def divide(left: Expr, right: Expr) -> Expr:
    """Return ``left / right``, without a divisor of one."""
    if left == ZERO or right == ONE:
        return left
    return Op("/", left, right)


def negate(expr: Expr) -> Expr:
    """Return ``-expr``; the negative of a negative is the thing itself."""
    match expr:
        case Num(value):
            return Num(-value)
        case Op("*", Num(value), right):
            return multiply(Num(-value), right)
    return Op("*", Num(-1.0), expr)


def substitute(expr: Expr, values: Mapping[str, Expr]) -> Expr:
    """Replace names by expressions."""
    match expr:
        case Name(name):
            return values.get(name, expr)
        case Op(symbol, left, right):
            return Op(symbol, substitute(left, values), substitute(right, values))
        case Call(function, arguments):
            return Call(function, tuple(substitute(a, values) for a in arguments))
    return expr


def linear_in(expr: Expr, name: str) -> tuple[Expr, Expr] | None:
    """Split an expression into ``a * name + b``.

    Returns:
        ``(a, b)``, neither mentioning ``name``; None if the expression is not linear in it.
    """
    if name not in names(expr):
        return ZERO, expr
    match expr:
        case Name(_):
            return ONE, ZERO
        case Op(symbol, left, right) if symbol not in COMPARISONS:
            return _linear_operation(symbol, left, right, name)
    return None


def _linear_operation(symbol: str, left: Expr, right: Expr, name: str) -> tuple[Expr, Expr] | None:
    one, two = linear_in(left, name), linear_in(right, name)
    if one is None or two is None:
        return None
    (a, b), (c, d) = one, two
    match symbol:
        case "+":
            return add(a, c), add(b, d)
        case "-":
            return subtract(a, c), subtract(b, d)
        case "*" if c == ZERO:
            return multiply(a, right), multiply(b, right)
        case "*" if a == ZERO:
            return multiply(left, c), multiply(left, d)
        case "/" if c == ZERO:
            return divide(a, right), divide(b, right)
    return None


def remove_singularities(expr: Expr) -> Expr:
    """Rewrite quotients such as ``(v + 55)/(1 - exp(-0.1*(v + 55)))`` that are 0/0 at one point.

    They become a multiple of ``linoid(x) = x/(1 - exp(-x))``, which takes the limit there, so a
    simulation that lands exactly on the point goes on.
    """
    match expr:
        case Op("/", numerator, denominator):
            top, bottom = remove_singularities(numerator), remove_singularities(denominator)
            return _as_linoid(top, bottom) or Op("/", top, bottom)
        case Op(symbol, left, right):
            return Op(symbol, remove_singularities(left), remove_singularities(right))
        case Call(function, arguments):
            return Call(function, tuple(map(remove_singularities, arguments)))
    return expr


def _as_linoid(numerator: Expr, denominator: Expr) -> Expr | None:
    match denominator:
        case Op("-", Num(1.0), Call("exp", (u,))):
            sign = 1.0
        case Op("-", Call("exp", (u,)), Num(1.0)):
            sign = -1.0
        case _:
            return None
    for name in sorted(names(numerator) & names(u)):
        ratio = _constant_ratio(numerator, negate(u), name)
        if ratio is not None:
            return multiply(multiply(Num(sign), ratio), Call(LINOID, (negate(u),)))
    return None


def _constant_ratio(top: Expr, x: Expr, name: str) -> Expr | None:
    """Return r with ``top = r * x``, if both are linear in ``name`` with the same zero."""
    one, two = linear_in(top, name), linear_in(x, name)
    if one is None or two is None or one[0] == ZERO or two[0] == ZERO:
        return None
    cross = subtract(multiply(one[0], two[1]), multiply(two[0], one[1]))
    scale = multiply(one[0], two[1])
    return divide(one[0], two[0]) if _vanishes(cross, scale) else None


def _vanishes(expr: Expr, scale: Expr) -> bool:
    """Test an identity at random points: a wrong yes has probability zero, a wrong no is harmless."""
    draw = random.Random(7)
    for _ in range(4):
        values = {n: draw.uniform(0.5, 3.0) for n in sorted(names(expr) | names(scale))}
        try:
            error, size = number(expr, values), number(scale, values)
        except (ArithmeticError, ValueError):
            return False
        if abs(error) > 1e-9 * max(1.0, abs(size)):
            return False
    return True


def number(expr: Expr, values: Mapping[str, float]) -> float:
    """Evaluate an expression at one point in plain floats.

    Raises:
        ArithmeticError: Division by zero or overflow.
        ValueError: A function outside its domain.
        KeyError: A name without a value.
    """
    match expr:
        case Num(value):
            return value
        case Name(name):
            return values[name]
        case Call(function, arguments):
            return float(_SCALAR[function](*(number(a, values) for a in arguments)))
        case Op(symbol, left, right):
            return float(_OPERATORS[symbol](number(left, values), number(right, values)))


def _linoid(x: float) -> float:
    if abs(x) < 1e-2:
        return 1.0 + x / 2 + x * x / 12 - x**4 / 720
    return 0.0 if x < -700 else x / (1.0 - math.exp(-x))


def _power(base: float, exponent: float) -> float:
    return math.pow(base, exponent)


_SCALAR = {
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "abs": abs,
    "sin": math.sin,
    "cos": math.cos,
    "tanh": math.tanh,
    "floor": math.floor,
    "min": min,
    "max": max,
    "where": lambda condition, yes, no: yes if condition else no,
    LINOID: _linoid,
}
_OPERATORS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": _power,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
