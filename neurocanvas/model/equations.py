"""Equation text as people write it, read into a checked system.

One statement a line, ``#`` begins a comment::

    dv/dt = (E_L - v)/tau_m + I/C_m     # a differential equation for the state variable v
    I_L   = g_L*(v - E_L)               # a definition; may be recorded, may be used above

and for what happens at a spike::

    v = V_reset                         # an assignment
    g += weight                         # an increment
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from neurocanvas.errors import EquationError
from neurocanvas.model.algebra import remove_singularities
from neurocanvas.model.expressions import FUNCTIONS, Expr, Name, Op, names, parse_expression, walk

_DERIVATIVE = re.compile(r"\s*d([A-Za-z]\w*)\s*/\s*dt\s*\Z", re.ASCII)
_TARGET = re.compile(r"\s*([A-Za-z]\w*)\s*\Z", re.ASCII)
_LINE_END = re.compile(r"\r\n|\r|\n")
MAX_LINES = 200
MAX_NAME = 40
MAX_EXPANDED = 20_000
"""Parts that a system may have when every definition is written out where it is used."""


@dataclass(frozen=True)
class Statement:
    """One line: ``target operator expression``; the operator is ``d/dt``, ``=`` or ``+=``."""

    target: str
    operator: str
    expr: Expr
    line: int
    column: int


@dataclass(frozen=True)
class EquationSystem:
    """Differential equations and definitions, checked against each other.

    Attributes:
        derivatives: State variable -> right-hand side, in the order written.
        definitions: Name -> expression, each after those it needs.
        lines: Name -> line of the text, for messages.
    """

    derivatives: Mapping[str, Expr]
    definitions: Mapping[str, Expr]
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def states(self) -> tuple[str, ...]:
        """Names of the state variables, in the order written."""
        return tuple(self.derivatives)

    def needs(self, exprs: Iterable[Expr]) -> dict[str, Expr]:
        """Return the definitions that the expressions depend on, in computing order."""
        wanted: set[str] = set()
        for expr in exprs:
            wanted |= names(expr)
        for name in reversed(tuple(self.definitions)):
            if name in wanted:
                wanted |= names(self.definitions[name])
        return {n: e for n, e in self.definitions.items() if n in wanted}


def parse_statements(text: str, source: str = "") -> list[Statement]:
    """Read all statements of a text.

    Raises:
        EquationError: With line and column of the first thing that is wrong.
    """
    lines = _LINE_END.split(text)
    if len(lines) > MAX_LINES:
        raise EquationError(f"at most {MAX_LINES} lines may stand here", MAX_LINES + 1, 1, source)
    found = []
    for number, line in enumerate(lines, 1):
        content = line.split("#", 1)[0].rstrip()
        if content.strip():
            found.append(_parse_line(content, number, source))
    return found


def _parse_line(line: str, number: int, source: str) -> Statement:
    match = re.search(r"(?<![<>=!])(\+=|=)(?!=)", line)
    if match is None:
        column = len(line) - len(line.lstrip()) + 1
        raise EquationError("an equation has the form name = value", number, column, source)
    left, operator = line[: match.start()], match.group()
    expr = parse_part(line[match.end() :], source, match.end() + 1, number)
    target, operator = _parse_target(left, operator, number, source)
    _check_target(target, number, len(left) - len(left.lstrip()) + 1, source)
    return Statement(target, operator, remove_singularities(expr), number, match.end() + 1)


def parse_part(text: str, source: str, column: int = 1, line: int = 1) -> Expr:
    """Read one expression that belongs to a kind; see ``parse_expression``.

    Raises:
        EquationError: Naming the kind.
    """
    try:
        return parse_expression(text, line, column)
    except EquationError as error:
        raise EquationError(error.reason, error.line, error.column, source) from None


def _parse_target(left: str, operator: str, number: int, source: str) -> tuple[str, str]:
    derivative, plain = _DERIVATIVE.match(left), _TARGET.match(left)
    if derivative and operator == "=":
        return derivative.group(1), "d/dt"
    if plain:
        return plain.group(1), operator
    column = len(left) - len(left.lstrip()) + 1
    reason = "the left side is a name, or d of a name by dt: dv/dt"
    raise EquationError(reason, number, column, source)


def _check_target(name: str, line: int, column: int, source: str) -> None:
    """Refuse names that mean something else, or that nobody could read."""
    if name in FUNCTIONS:
        reason = f"{name} is a function and can't be defined"
    elif keyword.iskeyword(name):
        reason = f"{name!r} is a reserved word and can't be a name"
    elif name.endswith("_") or "__" in name or len(name) > MAX_NAME:
        shown = name if len(name) <= MAX_NAME else f"{name[:MAX_NAME]}..."
        reason = f"{shown!r} can't be a name; up to {MAX_NAME} letters, digits and single _ can"
    else:
        return
    raise EquationError(reason, line, column, source)


def parse_system(text: str, known: Iterable[str], source: str = "") -> EquationSystem:
    """Read differential equations and definitions and check every name.

    Args:
        text: The equations.
        known: Names defined elsewhere: parameters and inputs such as ``I`` and ``t``.
        source: Name of the kind, for messages.

    Raises:
        EquationError: Unknown or doubly defined names, definitions that need each other, bad text.
    """
    statements = parse_statements(text, source)
    known = frozenset(known)
    _check_targets(statements, known, source)
    derivatives = {s.target: s.expr for s in statements if s.operator == "d/dt"}
    definitions = {s.target: s for s in statements if s.operator == "="}
    everything = known | derivatives.keys() | definitions.keys()
    for statement in statements:
        check_names(statement, everything, source)
    lines = {s.target: s.line for s in statements}
    ordered = _in_order(definitions, source)
    _check_expanded(statements, ordered, source)
    return EquationSystem(derivatives, ordered, lines)


def _check_targets(statements: list[Statement], known: frozenset[str], source: str) -> None:
    seen: set[str] = set()
    for s in statements:
        if s.operator == "+=":
            raise EquationError("+= belongs where spikes arrive or reset", s.line, 1, source)
        if s.target in seen:
            raise EquationError(f"{s.target} is defined twice", s.line, 1, source)
        if s.target in known:
            reason = f"{s.target} is a parameter or an input and can't be defined"
            raise EquationError(reason, s.line, 1, source)
        seen.add(s.target)


def check_names(statement: Statement, known: Iterable[str], source: str = "") -> None:
    """Refuse a statement that uses a name nobody defines.

    Raises:
        EquationError: Naming the unknown name and its line.
    """
    unknown = sorted(names(statement.expr) - frozenset(known))
    if unknown:
        reason = f"{unknown[0]!r} is neither a variable, a parameter nor an input"
        raise EquationError(reason, statement.line, statement.column, source)


def _in_order(definitions: dict[str, Statement], source: str) -> dict[str, Expr]:
    """Sort definitions so that each comes after those it needs."""
    ordered: dict[str, Expr] = {}
    open_names: list[str] = []

    def visit(name: str) -> None:
        if name in ordered:
            return
        statement = definitions[name]
        if name in open_names:
            loop = " -> ".join([*open_names[open_names.index(name) :], name])
            raise EquationError(f"definitions need each other: {loop}", statement.line, 1, source)
        open_names.append(name)
        for needed in sorted(names(statement.expr) & definitions.keys()):
            visit(needed)
        open_names.pop()
        ordered[name] = statement.expr

    for name in definitions:
        visit(name)
    return ordered


def _check_expanded(statements: list[Statement], ordered: Mapping[str, Expr], source: str) -> None:
    """Refuse definitions that double each other up to what no machine could write out."""
    sizes: dict[str, int] = {}

    def size(expr: Expr) -> int:
        return sum(sizes.get(p.id, 1) if isinstance(p, Name) else 1 for p in walk(expr))

    def check(s: Statement) -> None:
        sizes[s.target] = size(s.expr)
        if sizes[s.target] > MAX_EXPANDED:
            reason = f"{s.target} grows beyond {MAX_EXPANDED} parts when it is written out"
            raise EquationError(reason, s.line, 1, source)

    by_target = {s.target: s for s in statements}
    for name in ordered:
        check(by_target[name])
    for s in statements:
        if s.target not in ordered:
            check(s)


def parse_assignments(
    text: str, targets: Iterable[str], known: Iterable[str], source: str = ""
) -> list[Statement]:
    """Read what happens at a spike: ``v = V_reset`` or ``g += weight``, one a line.

    Args:
        text: The statements; empty text gives an empty list.
        targets: State variables that may be set.
        known: All names that may be used on the right.
        source: Name of the kind, for messages.
    """
    targets = frozenset(targets)
    statements = parse_statements(text, source)
    for s in statements:
        if s.operator == "d/dt" or s.target not in targets:
            reason = f"{s.target} is no state variable; only those change at a spike"
            raise EquationError(reason, s.line, 1, source)
        check_names(s, known, source)
    return statements


@dataclass(frozen=True)
class Threshold:
    """A spike condition: ``variable`` rises above ``level``, which may follow other variables."""

    variable: str
    level: Expr


def parse_threshold(
    text: str, states: Iterable[str], known: Iterable[str], source: str = ""
) -> Threshold:
    """Read a spike condition such as ``"v > V_th"``, or ``"v > theta"`` with a state variable.

    Raises:
        EquationError: It has another form, or the level mentions what is compared with it.
    """
    expr = parse_part(text, source)
    states = frozenset(states)
    match expr:
        case Op(">" | ">=", Name(variable), level) if variable in states:
            check_names(Statement(variable, "=", level, 1, 1), known, source)
            if variable not in names(level):
                return Threshold(variable, level)
    raise EquationError("a threshold has the form v > V_th", 1, 1, source)
