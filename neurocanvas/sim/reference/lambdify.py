"""Checked expression trees to fast functions, for the reference solution and for analysis.

A tree of ``model.expressions`` becomes a tree of Python's ``ast`` and from there a function. No
text is ever evaluated, and the function sees only its arguments and the whitelisted functions.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from neurocanvas.errors import SimulationError
from neurocanvas.model.expressions import COMPARISONS, LINOID, Call, Expr, Name, Num, Op

Function = Callable[..., tuple[Any, ...]]
"""Takes one number or array per argument, returns one per result; all broadcast."""


def _linoid(x: Any) -> Any:
    """Return ``x / (1 - exp(-x))``, and its limit 1 at x = 0."""
    if np.all(x):
        return x / -np.expm1(-x)
    safe = np.where(x == 0.0, 1.0, x)
    return np.where(x == 0.0, 1.0, safe / -np.expm1(-safe))


def _linoid_of_number(x: float) -> float:
    return x / -math.expm1(-x) if x else 1.0


def _where(condition: Any, yes: Any, no: Any) -> Any:
    return np.where(np.not_equal(condition, 0.0), yes, no)


_POWER = "pow"
_ARRAYS: dict[str, Callable[..., Any]] = {
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
    "where": _where,
    LINOID: _linoid,
    _POWER: np.power,
}
_NUMBERS: dict[str, Callable[..., Any]] = {
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
    LINOID: _linoid_of_number,
    _POWER: math.pow,
}
_BINARY: dict[str, type[ast.operator]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "/": ast.Div,
}
_COMPARE: dict[str, type[ast.cmpop]] = {
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
    "==": ast.Eq,
    "!=": ast.NotEq,
}
# Names of equations get a prefix, so that none can be a keyword or one of the functions.
_PREFIX = "x_"


def lambdify(
    arguments: Sequence[str],
    definitions: Mapping[str, Expr],
    results: Iterable[Expr],
    *,
    plain: bool = False,
) -> Function:
    """Make a function of expressions.

    Args:
        arguments: Names of the positional arguments.
        definitions: Names that the results may use, each after those it needs.
        results: What is returned, as a tuple.
        plain: Make a function of plain floats: many times faster for a few of them, but raising
            ``ArithmeticError`` or ``ValueError`` where numpy gives an infinity or NaN.

    Returns:
        A function of as many arrays or numpy numbers (or plain floats) as there are arguments.

    Raises:
        SimulationError: An expression uses a name that is neither argument nor definition.
    """
    known = set(arguments)
    body: list[ast.stmt] = []
    for name, expr in definitions.items():
        body.append(ast.Assign([_stored(name)], _tree(expr, known)))
        known.add(name)
    body.append(ast.Return(ast.Tuple([_tree(expr, known) for expr in results], ast.Load())))
    return _function(arguments, body, _NUMBERS if plain else _ARRAYS)


def _function(
    arguments: Sequence[str], body: list[ast.stmt], functions: Mapping[str, Callable[..., Any]]
) -> Function:
    """Compile a function body; the code object is taken out of the module, which never runs."""
    signature = ast.arguments(
        posonlyargs=[ast.arg(_PREFIX + name) for name in arguments],
        args=[],
        kwonlyargs=[],
        kw_defaults=[],
        defaults=[],
    )
    definition = ast.FunctionDef("equations", signature, body, decorator_list=[], returns=None)
    module = ast.fix_missing_locations(ast.Module([definition], type_ignores=[]))
    code = compile(module, "<equations>", "exec")
    inner = next(constant for constant in code.co_consts if isinstance(constant, CodeType))
    return FunctionType(inner, {"__builtins__": {}, **functions})


def _stored(name: str) -> ast.expr:
    return ast.Name(_PREFIX + name, ast.Store())


def _tree(expr: Expr, known: set[str]) -> ast.expr:
    match expr:
        case Num(value):
            return ast.Constant(value)
        case Name(name):
            if name not in known:
                raise SimulationError(f"{name!r} has no value here")
            return ast.Name(_PREFIX + name, ast.Load())
        case Call(function, parts):
            called = ast.Name(function, ast.Load())
            return ast.Call(called, [_tree(part, known) for part in parts], [])
        case Op(symbol, Num(a), Num(b)):
            return ast.Constant(_folded(symbol, a, b))
        case Op(symbol, left, right):
            return _operation(symbol, _tree(left, known), _tree(right, known))


def _operation(symbol: str, left: ast.expr, right: ast.expr) -> ast.expr:
    """An operation; a comparison times 1.0, because truth values do not add up as numbers do."""
    if symbol in COMPARISONS:
        truth = ast.Compare(left, [_COMPARE[symbol]()], [right])
        return ast.BinOp(truth, ast.Mult(), ast.Constant(1.0))
    if symbol == "**":
        return ast.Call(ast.Name(_POWER, ast.Load()), [left, right], [])
    return ast.BinOp(left, _BINARY[symbol](), right)


def _folded(symbol: str, left: float, right: float) -> float:
    """An operation between two plain numbers, the way numpy does it: 1/0 is infinite."""
    tree = ast.Return(ast.Tuple([_operation(symbol, _argument("a"), _argument("b"))], ast.Load()))
    with np.errstate(all="ignore"):
        function = _function(("a", "b"), [tree], _ARRAYS)
        return float(function(np.float64(left), np.float64(right))[0])


def _argument(name: str) -> ast.expr:
    return ast.Name(_PREFIX + name, ast.Load())
