"""Equations as LaTeX, from the same trees that are computed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from neurocanvas.model.expressions import COMPARISONS, LINOID, Call, Expr, Name, Num, Op
from neurocanvas.model.expressions import parse_expression as parse

# fmt: off
_GREEK = frozenset((
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
    "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi",
    "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi",
    "Omega",
))
# fmt: on
_INFINITY = "inf"
_SIGNS = {"<": "<", "<=": r"\le", ">": ">", ">=": r"\ge", "==": "=", "!=": r"\ne"}
_NAMED = {"log": r"\ln", "sin": r"\sin", "cos": r"\cos", "tanh": r"\tanh", "min": r"\min",
          "max": r"\max"}  # fmt: skip
_SUM, _PRODUCT, _POWER, _ATOM = 1, 2, 3, 4
_DERIVATIVE = re.compile(r"\s*d([A-Za-z]\w*)\s*/\s*dt\s*\Z")
SHORT_EXPONENT = 24
"""Longer exponents, in letters of LaTeX, are written behind exp."""


def statement(line: str) -> tuple[str, str]:
    """Return both sides of a line of equation text as LaTeX, the relation with the right one.

    Args:
        line: Such as ``"dv/dt = (E_L - v)/tau_m"``, ``"g += weight"`` or ``"v > V_th"``.
    """
    match = re.search(r"(?<![<>=!])(\+=|=)(?!=)", line)
    if match is None:
        return expression(line), ""
    left, relation = line[: match.start()], match.group()
    derivative = _DERIVATIVE.match(left)
    shown = rf"\frac{{d{name(derivative.group(1))}}}{{dt}}" if derivative else name(left.strip())
    right = expression(line[match.end() :])
    if relation == "+=":
        return shown, rf"\leftarrow {shown} + {_wrapped_sum(line[match.end() :])}"
    return shown, f"= {right}"


def assignment(line: str) -> tuple[str, str]:
    """Return both sides of what a spike changes: an arrow says that the left side is set."""
    left, right = statement(line)
    return left, right.replace("=", r"\leftarrow", 1) if right.startswith("=") else right


def _wrapped_sum(text: str) -> str:
    """Return an increment, in parentheses where it begins with a sign."""
    found = expression(text)
    return rf"\left({found}\right)" if found.startswith("-") else found


def expression(text: str) -> str:
    """Return an expression as LaTeX."""
    return _tex(parse(text))[0]


def name(word: str) -> str:
    r"""Return a name as LaTeX: ``tau_m`` is a Greek letter with an index, ``weight`` upright."""
    stem, *indices = word.split("_")
    if not indices:
        return _word(stem)
    return f"{_word(stem)}_{{{','.join(_index(index) for index in indices)}}}"


def _word(stem: str) -> str:
    if stem in _GREEK:
        return f"\\{stem}"
    letters = re.fullmatch(r"([A-Za-z])(\d*)", stem)
    if letters:
        return f"{letters.group(1)}_{{{letters.group(2)}}}" if letters.group(2) else stem
    return rf"\mathrm{{{stem}}}"


def _index(index: str) -> str:
    if index == _INFINITY:
        return r"\infty"
    if index in _GREEK:
        return f"\\{index}"
    return index if len(index) == 1 or index.isdecimal() else rf"\mathrm{{{index}}}"


def number(value: float) -> str:
    """Return a number as LaTeX, with powers of ten where they are needed."""
    text = f"{value:.12g}"
    if "e" not in text:
        return text
    mantissa, _, exponent = text.partition("e")
    power = rf"10^{{{int(exponent)}}}"
    return power if mantissa == "1" else rf"{mantissa} \cdot {power}"


def _tex(expr: Expr) -> tuple[str, int]:
    """Return LaTeX and how tightly its outermost operation binds."""
    match expr:
        case Num(value):
            return number(value), _SUM if value < 0 else _ATOM
        case Name(word):
            return name(word), _ATOM
        case Call(function, arguments):
            return _call(function, arguments)
        case Op(symbol, left, right) if symbol in COMPARISONS:
            return rf"\left[{_comparison(symbol, left, right)}\right]", _ATOM
    return _operation(expr)


def _operation(expr: Op) -> tuple[str, int]:
    positive = _without_minus(expr)
    if positive is not None:
        return f"-{_at_least(positive, _PRODUCT)}", _SUM
    match expr:
        case Op("+" | "-" as symbol, left, right):
            second = _PRODUCT if symbol == "-" or _tex(right)[0].startswith("-") else _SUM
            return f"{_at_least(left, _SUM)} {symbol} {_at_least(right, second)}", _SUM
        case Op("/", left, right):
            return rf"\frac{{{_tex(left)[0]}}}{{{_tex(right)[0]}}}", _PRODUCT
        case Op("**", base, exponent):
            return f"{_at_least(base, _ATOM)}^{{{_tex(exponent)[0]}}}", _POWER
    return _product(expr.left, expr.right), _PRODUCT


def _without_minus(expr: Expr) -> Expr | None:
    """Return what follows the sign of a product or quotient that begins with one, else None."""
    match expr:
        case Op("*", Num(-1.0), right):
            return right
        case Op("*" | "/" as symbol, Num(value), right) if value < 0:
            return Op(symbol, Num(-value), right)
        case Op("*" | "/" as symbol, left, right):
            inner = _without_minus(left)
            return None if inner is None else Op(symbol, inner, right)
    return None


def _at_least(expr: Expr, binding: int) -> str:
    """Return LaTeX, in parentheses where it binds less tightly."""
    text, own = _tex(expr)
    return text if own >= binding else rf"\left({text}\right)"


def _product(left: Expr, right: Expr) -> str:
    one, two = _at_least(left, _PRODUCT), _at_least(right, _PRODUCT)
    digits = two[0].isdigit() or (one[-1].isdigit() and two.startswith(r"\frac"))
    return rf"{one} \cdot {two}" if digits else rf"{one} \, {two}"


def _comparison(symbol: str, left: Expr, right: Expr) -> str:
    return f"{_tex(left)[0]} {_SIGNS[symbol]} {_tex(right)[0]}"


def _call(function: str, arguments: Sequence[Expr]) -> tuple[str, int]:
    inner = [_tex(argument)[0] for argument in arguments]
    match function:
        case "exp":
            return _exponential(inner[0])
        case "sqrt":
            return rf"\sqrt{{{inner[0]}}}", _ATOM
        case "abs":
            return rf"\left|{inner[0]}\right|", _ATOM
        case "floor":
            return rf"\left\lfloor {inner[0]} \right\rfloor", _ATOM
        case "where":
            return _cases(arguments), _ATOM
        case _ if function == LINOID:
            return rf"\frac{{{inner[0]}}}{{1 - e^{{-\left({inner[0]}\right)}}}}", _PRODUCT
    return rf"{_NAMED[function]}\!\left({', '.join(inner)}\right)", _PRODUCT


def _exponential(exponent: str) -> tuple[str, int]:
    if len(exponent) <= SHORT_EXPONENT and r"\frac" not in exponent:
        return f"e^{{{exponent}}}", _POWER
    return rf"\exp\!\left({exponent}\right)", _PRODUCT


def _cases(arguments: Sequence[Expr]) -> str:
    condition, yes, no = arguments
    match condition:
        case Op(symbol, left, right) if symbol in COMPARISONS:
            words = _comparison(symbol, left, right)
        case _:
            words = rf"{_tex(condition)[0]} \ne 0"
    return (
        rf"\begin{{cases}} {_tex(yes)[0]} & \text{{if }} {words} \\ "
        rf"{_tex(no)[0]} & \text{{otherwise}} \end{{cases}}"
    )
