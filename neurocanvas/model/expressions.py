"""Arithmetic expressions: untrusted text in, a small checked tree out.

The text is read with ``ast`` and every node is checked against a whitelist: numbers, names,
``+ - * / **``, comparisons and the functions of ``FUNCTIONS``. Nothing is ever evaluated by Python
itself, so equations in a file can do nothing but arithmetic.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from neurocanvas.errors import EquationError

FUNCTIONS = {
    "exp": 1,
    "log": 1,
    "sqrt": 1,
    "abs": 1,
    "sin": 1,
    "cos": 1,
    "tanh": 1,
    "floor": 1,
    "min": 2,
    "max": 2,
    "where": 3,
}
"""Functions that equation text may call, with their number of arguments."""

LINOID = "linoid"
"""x / (1 - exp(-x)) with its limit 1 at x = 0; written by ``algebra``, never read from text."""

MAX_TEXT = 4000
MAX_PARENTHESES = 60
MAX_SIGNS = 600
"""Operators, commas and brackets of one expression: no more is read, however it is nested."""
MAX_DEPTH = 150
MAX_POWER = 64
_SIGN = re.compile(r"[+\-*/<>=,(]")
_REFUSED = re.compile(r"[^A-Za-z0-9_.,+\-*/()<>=! \t]")
# A number that runs into a letter: 2v, 0x1F, 1_000, 1j, 1if; possessive, so that 1e3 is none.
_NUMBER_AND_NAME = re.compile(
    r"(?<![A-Za-z0-9_.])(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+\-]?\d++)?+(?=[A-Za-z_])"
)
_INSTEAD = {
    "\u2212": "-",
    "\u2013": "-",
    "\u00d7": "*",
    "\u00b7": "*",
    "\u00f7": "/",
    "^": "**",
    "\u00b2": "**2",
    "\u00b3": "**3",
    "[": "(",
    "{": "(",
}
_NOT_ARITHMETIC = {
    ast.BoolOp: "'and' and 'or' join no values; (a < b)*(b < c) is true where both are",
    ast.IfExp: "'if' and 'else' choose no values; where(condition, yes, no) does",
    ast.Tuple: "a comma stands only between the values of a function",
    ast.Attribute: "a point stands only in numbers",
    ast.Starred: "* stands only between two values",
}


@dataclass(frozen=True, slots=True)
class Num:
    """A number."""

    value: float


@dataclass(frozen=True, slots=True)
class Name:
    """A parameter, a variable or an input."""

    id: str


@dataclass(frozen=True, slots=True)
class Op:
    """A binary operation: one of ``+ - * / **`` or ``< <= > >= == !=`` (1 if true, else 0)."""

    symbol: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Call:
    """A call of one of ``FUNCTIONS``, or of ``linoid``."""

    function: str
    arguments: tuple[Expr, ...]


Expr = Num | Name | Op | Call

_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
}
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
COMPARISONS = frozenset(_COMPARE.values())


def parse_expression(text: str, line: int = 1, column: int = 1) -> Expr:
    """Read one expression.

    Args:
        text: Such as ``"0.01*(v + 55)/(1 - exp(-0.1*(v + 55)))"``.
        line, column: Where the text begins in what the person typed, for error messages.

    Raises:
        EquationError: The text is no arithmetic; line and column say where.
    """
    _check_text(text, line, column)
    if not text.strip():
        raise EquationError("an expression is missing", line, column)
    column += len(text) - len(text.lstrip())
    text = text.strip()
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError as error:
        # Without an offset, it is the end of the text where something is missing.
        offset = error.offset - 1 if error.offset else len(text)
        reason = "this is no complete expression; something is missing or too much here"
        raise EquationError(reason, line, column + offset) from None
    except (RecursionError, MemoryError, ValueError):
        raise EquationError("this is nested too deeply", line, column) from None
    return _Reader(line, column).read(tree.body, 0)


def _check_text(text: str, line: int, column: int) -> None:
    if len(text) > MAX_TEXT:
        raise EquationError(f"at most {MAX_TEXT} characters may stand here", line, column)
    refused = _REFUSED.search(text)
    if refused:
        sign = refused.group()
        instead = f"; write {_INSTEAD[sign]}" if sign in _INSTEAD else ""
        reason = f"{sign!r} has no meaning in an equation{instead}"
        raise EquationError(reason, line, column + refused.start())
    joined = _NUMBER_AND_NAME.search(text)
    if joined:
        reason = "a number runs into a letter; a factor is written 2*v, a number 1500 or 1.5e3"
        raise EquationError(reason, line, column + joined.start())
    depth = 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth > MAX_PARENTHESES:
            raise EquationError("parentheses are nested too deeply", line, column + at)
    # Before anything is parsed: what is long costs time and memory even if it is refused then.
    surplus = next(islice(_SIGN.finditer(text), MAX_SIGNS, None), None)
    if surplus:
        reason = f"more than {MAX_SIGNS} signs in one expression; split it into definitions"
        raise EquationError(reason, line, column + surplus.start())


class _Reader:
    """Turns an ``ast`` tree into ours, refusing all that is not on the whitelist."""

    def __init__(self, line: int, column: int) -> None:
        self.line = line
        self.column = column

    def refuse(self, node: ast.AST, reason: str) -> EquationError:
        return EquationError(reason, self.line, self.column + getattr(node, "col_offset", 0))

    def read(self, node: ast.AST, depth: int) -> Expr:
        if depth > MAX_DEPTH:
            raise self.refuse(node, "this is nested too deeply")
        match node:
            case ast.Constant():
                return self._number(node)
            case ast.Name():
                return self._name(node)
            case ast.UnaryOp():
                return self._unary(node, depth)
            case ast.BinOp():
                return self._binary(node, depth)
            case ast.Compare():
                return self._compare(node, depth)
            case ast.Call():
                return self._call(node, depth)
        usual = "this is not arithmetic; numbers, names, + - * / ** and functions are"
        raise self.refuse(node, _NOT_ARITHMETIC.get(type(node), usual))

    def _number(self, node: ast.Constant) -> Num:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.refuse(node, f"{value!r} is no number")
        if (isinstance(value, int) and abs(value) >= 10**300) or not math.isfinite(value):
            raise self.refuse(node, "this number is too large")
        return Num(float(value))

    def _name(self, node: ast.Name) -> Name:
        if node.id.startswith("_") or "__" in node.id:
            raise self.refuse(node, f"{node.id!r} is no name; names begin with a letter")
        if node.id in FUNCTIONS:
            raise self.refuse(node, f"{node.id} is a function and needs parentheses")
        return Name(node.id)

    def _unary(self, node: ast.UnaryOp, depth: int) -> Expr:
        operand = self.read(node.operand, depth + 1)
        if isinstance(node.op, ast.UAdd):
            return operand
        if not isinstance(node.op, ast.USub):
            raise self.refuse(node, "only + and - may stand before a value")
        return Num(-operand.value) if isinstance(operand, Num) else Op("*", Num(-1.0), operand)

    def _binary(self, node: ast.BinOp, depth: int) -> Expr:
        symbol = _BINARY.get(type(node.op))
        if symbol is None:
            raise self.refuse(node, "only + - * / and ** join values")
        left = self.read(node.left, depth + 1)
        right = self.read(node.right, depth + 1)
        if symbol == "**":
            self._check_exponent(node.right, right)
        return Op(symbol, left, right)

    def _check_exponent(self, node: ast.AST, exponent: Expr) -> None:
        """Refuse powers that only overflow: x**1000, 9**9**9."""
        if any(isinstance(part, Op) and part.symbol == "**" for part in walk(exponent)):
            raise self.refuse(node, "a power can't stand in the exponent of another")
        value = _constant(exponent)
        if value is not None and abs(value) > MAX_POWER:
            raise self.refuse(node, f"an exponent is at most {MAX_POWER}")

    def _compare(self, node: ast.Compare, depth: int) -> Expr:
        if len(node.ops) != 1:
            raise self.refuse(node, "compare two values at a time: (a < b)*(b < c)")
        symbol = _COMPARE.get(type(node.ops[0]))
        if symbol is None:
            raise self.refuse(node, "only < <= > >= == != compare values")
        left = self.read(node.left, depth + 1)
        return Op(symbol, left, self.read(node.comparators[0], depth + 1))

    def _call(self, node: ast.Call, depth: int) -> Call:
        if not isinstance(node.func, ast.Name):
            raise self.refuse(node, "only a function's plain name can be called")
        name = node.func.id
        if name not in FUNCTIONS:
            known = ", ".join(FUNCTIONS)
            raise self.refuse(node, f"{name!r} is no function here; known are {known}")
        if node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
            raise self.refuse(node, f"{name} takes plain values only")
        if len(node.args) != FUNCTIONS[name]:
            raise self.refuse(
                node, f"{name} takes {FUNCTIONS[name]} value(s), not {len(node.args)}"
            )
        return Call(name, tuple(self.read(a, depth + 1) for a in node.args))


def _constant(expr: Expr) -> float | None:
    """Return the value of numbers joined by + - * /, or None if it is anything else."""
    match expr:
        case Num(value):
            return value
        case Op("+" | "-" | "*" | "/" as symbol, left, right):
            one, two = _constant(left), _constant(right)
            if one is None or two is None or (symbol == "/" and two == 0):
                return None
            return {"+": one + two, "-": one - two, "*": one * two}.get(symbol, one / (two or 1.0))
    return None


def walk(expr: Expr) -> Iterator[Expr]:
    """Yield the expression and all its parts, the whole first."""
    waiting = [expr]
    while waiting:
        part = waiting.pop()
        yield part
        waiting.extend(reversed(children(part)))


def children(expr: Expr) -> tuple[Expr, ...]:
    """Return the direct parts of an expression."""
    match expr:
        case Op(_, left, right):
            return (left, right)
        case Call(_, arguments):
            return arguments
    return ()


def names(expr: Expr) -> frozenset[str]:
    """Return all names an expression mentions."""
    return frozenset(part.id for part in walk(expr) if isinstance(part, Name))


_PRECEDENCE = {"+": 2, "-": 2, "*": 3, "/": 3, "**": 5} | dict.fromkeys(COMPARISONS, 1)


def unparse(expr: Expr) -> str:
    """Write an expression as text that reads back to the same tree."""
    match expr:
        case Num(value):
            text = repr(value).removesuffix(".0")
            return f"({text})" if math.copysign(1.0, value) < 0 else text
        case Name(name):
            return name
        case Call(function, arguments):
            return f"{function}({', '.join(map(unparse, arguments))})"
        case Op(symbol, left, right):
            return f"{_operand(left, symbol, False)} {symbol} {_operand(right, symbol, True)}"


def _operand(expr: Expr, parent: str, right: bool) -> str:
    text = unparse(expr)
    if not isinstance(expr, Op):
        return text
    mine, outer = _PRECEDENCE[expr.symbol], _PRECEDENCE[parent]
    tight = mine > outer or (mine == outer and right == (parent == "**") and outer != 1)
    return text if tight else f"({text})"
