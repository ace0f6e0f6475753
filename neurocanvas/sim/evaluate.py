"""Evaluate checked expression trees on numpy arrays, outside the time loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from neurocanvas.model.expressions import LINOID, Call, Expr, Name, Num, Op

Value = npt.NDArray[np.float64]
PHI = "phi"
"""(exp(z) - 1)/z with its limit 1 at 0: the integral of an exponential over one step."""


def linoid(x: Any) -> Any:
    """Return x/(1 - exp(-x)), by its series near 0; elementwise."""
    x = np.asarray(x, dtype=float)
    small = np.abs(x) < 1e-2
    safe = np.where(small, 1.0, x)
    with np.errstate(over="ignore"):
        far = safe / -np.expm1(-safe)
    return np.where(small, 1.0 + x * (0.5 + x * (1 / 12 - x * x / 720)), far)


def phi(z: Any) -> Any:
    """Return (exp(z) - 1)/z, 1 at 0; elementwise."""
    z = np.asarray(z, dtype=float)
    safe = np.where(z == 0, 1.0, z)
    return np.where(z == 0, 1.0, np.expm1(safe) / safe)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "floor": np.floor,
    "min": np.minimum,
    "max": np.maximum,
    "where": lambda condition, yes, no: np.where(condition != 0, yes, no),
    LINOID: linoid,
    PHI: phi,
}
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}


def evaluate(expr: Expr, values: Mapping[str, Any]) -> Value:
    """Return the value of an expression.

    Args:
        expr: The expression.
        values: Name -> number or array; arrays broadcast against each other.

    Raises:
        KeyError: A name without a value.
    """
    with np.errstate(all="ignore"):
        return np.asarray(_evaluate(expr, values), dtype=float)


def _evaluate(expr: Expr, values: Mapping[str, Any]) -> Any:
    match expr:
        case Num(value):
            return np.float64(value)
        case Name(name):
            return np.asarray(values[name], dtype=float)
        case Op(symbol, left, right):
            result = _OPERATORS[symbol](_evaluate(left, values), _evaluate(right, values))
            return np.asarray(result, dtype=float)
        case Call(function, arguments):
            return _FUNCTIONS[function](*(_evaluate(a, values) for a in arguments))
