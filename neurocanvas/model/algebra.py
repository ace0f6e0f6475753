"""What the compiler needs to know about an expression: linearity, substitution, removable 0/0."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping

from neurocanvas.model.expressions import (
    COMPARISONS,
    LINOID,
    Call,
    Expr,
    Name,
    Num,
    Op,
    names,
    walk,
)

ZERO = Num(0.0)
ONE = Num(1.0)


def add(left: Expr, right: Expr) -> Expr:
    """Return ``left + right``, without terms that are zero."""
    if left == ZERO:
        return right
    if right == ZERO:
        return left
    return _folded("+", left, right)


def subtract(left: Expr, right: Expr) -> Expr:
    """Return ``left - right``, without terms that are zero."""
    if right == ZERO:
        return left
    if left == ZERO:
        return negate(right)
    return _folded("-", left, right)


def multiply(left: Expr, right: Expr) -> Expr:
    """Return ``left * right``, without factors of one."""
    if left == ZERO or right == ZERO:
        return ZERO
    if left == ONE:
        return right
    if right == ONE:
        return left
    return _folded("*", left, right)


def _folded(symbol: str, left: Expr, right: Expr) -> Expr:
    """Return the operation, or its value if that is known and finite."""
    if isinstance(left, Num) and isinstance(right, Num):
        value = _OPERATORS[symbol](left.value, right.value)
        if math.isfinite(value):
            return Num(value)
    return Op(symbol, left, right)


def divide(left: Expr, right: Expr) -> Expr:
    """Return ``left / right``, without a divisor of one."""
    if left == ZERO or right == ONE:
        return left
    return Op("/", left, right)


def scaled(expr: Expr, factor: Expr, constant: Callable[[Expr], bool]) -> Expr:
    """Return ``factor * expr``, the factor multiplied with the constants of sums and products.

    Args:
        expr, factor: What is multiplied; the factor is constant.
        constant: Tells whether an expression is.
    """
    if constant(expr):
        return multiply(expr, factor)
    match expr:
        case Op("+" | "-" as symbol, left, right):
            return Op(symbol, scaled(left, factor, constant), scaled(right, factor, constant))
        case Op("*", left, right) if constant(right):
            return multiply(left, multiply(right, factor))
        case Op("*", left, right):
            return multiply(scaled(left, factor, constant), right)
        case Op("/", left, right) if constant(right):
            return multiply(left, divide(factor, right))
    return multiply(factor, expr)


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
            return multiply(a, d), multiply(b, d)
        case "*" if a == ZERO:
            return multiply(b, c), multiply(b, d)
        case "/" if c == ZERO:
            return divide(a, d), divide(b, d)
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
    # Two lines have the same zero where the cross products of their coefficients agree.
    if _equal(multiply(one[0], two[1]), multiply(two[0], one[1])):
        return divide(one[0], two[0])
    return None


def _equal(left: Expr, right: Expr) -> bool:
    """Test an identity at random points: smooth expressions that differ agree at none of them.

    A wrong no is harmless, so what is not smooth (and might agree on a whole region) is a no.
    """
    if any(_has_corners(part) for expr in (left, right) for part in walk(expr)):
        return False
    draw = random.Random(7)
    for _ in range(4):
        values = {n: draw.uniform(0.5, 3.0) for n in sorted(names(left) | names(right))}
        try:
            one, two = number(left, values), number(right, values)
        except (ArithmeticError, ValueError):
            return False
        if not abs(one - two) <= 1e-9 * max(abs(one), abs(two)):
            return False
    return True


def _has_corners(expr: Expr) -> bool:
    match expr:
        case Op(symbol, _, _):
            return symbol in COMPARISONS
        case Call(function, _):
            return function in ("abs", "floor", "min", "max", "where")
    return False


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


_SCALAR: dict[str, Callable[..., float]] = {
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
_OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": math.pow,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
