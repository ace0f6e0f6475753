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

PROPAGATOR = "propagator"
INPUT_PROPAGATOR = "input_propagator"
"""Entries of the matrices that advance a linear system; the arguments see the functions below."""


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


def _propagators(entries: tuple[Any, ...], dt: Any) -> tuple[Value, Value]:
    """Return exp(A dt) and its integral over the step, each of shape (n, m, m).

    Van Loan 1978, IEEE Trans. Automat. Contr. 23:395: both stand in one exponential of twice the
    size.
    """
    from scipy.linalg import expm

    values = np.broadcast_arrays(*(np.atleast_1d(e) for e in entries), np.atleast_1d(dt))
    rows, back = np.unique(np.stack(values, axis=-1), axis=0, return_inverse=True)
    m = round((rows.shape[1] - 1) ** 0.5)
    big = np.zeros((len(rows), 2 * m, 2 * m))
    big[:, :m, :m] = rows[:, :-1].reshape(-1, m, m)
    big[:, :m, m:] = np.eye(m)
    result = expm(big * rows[:, -1, None, None])[back.ravel()]
    return result[:, :m, :m], result[:, :m, m:]


def propagator(i: Any, j: Any, *entries: Any) -> Any:
    """Return entry (i, j) of exp(A dt); ``entries`` are A row by row, then dt."""
    return _propagators(entries[:-1], entries[-1])[0][:, int(i), int(j)]


def input_propagator(i: Any, j: Any, *entries: Any) -> Any:
    """Return entry (i, j) of the integral of exp(A s) from 0 to dt."""
    return _propagators(entries[:-1], entries[-1])[1][:, int(i), int(j)]


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
    PROPAGATOR: propagator,
    INPUT_PROPAGATOR: input_propagator,
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
