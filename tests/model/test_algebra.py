"""Algebra on expressions agrees with plain numbers."""

from __future__ import annotations

import math
from fractions import Fraction
from operator import add, mul, sub, truediv

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import NAMES, expressions, linear_in_v

from neurocanvas.model import algebra
from neurocanvas.model.expressions import (
    LINOID,
    Call,
    Expr,
    Name,
    Op,
    names,
    parse_expression,
    walk,
)

points = st.fixed_dictionaries({name: st.floats(-20, 20) for name in NAMES})


def value(expr: Expr, point: dict[str, float]) -> float:
    """The value at a point; skips points where there is none."""
    try:
        found = algebra.number(expr, point)
    except (ArithmeticError, ValueError):
        assume(False)
    assume(abs(found) < 1e100)
    return found


def close(a: float, b: float, scale: float) -> bool:
    return abs(a - b) <= 1e-9 * max(scale, abs(a), abs(b), 1e-200)


def size_of_terms(expr: Expr, point: dict[str, float]) -> float:
    """The largest value of any part: what cancels in a sum is known only relative to it."""
    return max(abs(value(part, point)) for part in walk(expr))


@given(st.one_of(linear_in_v, expressions), points)
def test_linear_in_agrees_with_the_expression(expr, point):
    split = algebra.linear_in(expr, "v")
    assume(split is not None)
    a, b = split
    assert "v" not in names(a) | names(b)
    scale = size_of_terms(expr, point)
    assert close(value(a, point) * point["v"] + value(b, point), value(expr, point), 1e3 * scale)


@given(linear_in_v)
def test_what_is_built_linear_is_found_linear(expr):
    # A factor whose own v cancels ("v - v") is not seen to be constant; everything else is.
    if algebra.linear_in(expr, "v") is None:
        assert any("v" in names(p) for p in walk(expr))


@pytest.mark.parametrize(
    "text", ["v*v", "v**2", "exp(v)", "1/v", "v*(v + 1)", "v < 1", "where(v, 1, 2)", "w*v/(v + 1)"]
)
def test_what_is_not_linear_is_not_found_so(text):
    assert algebra.linear_in(parse_expression(text), "v") is None


@pytest.mark.parametrize(
    ("text", "slope", "offset"),
    [
        ("v", 1, 0),
        ("(E_L - v)/tau", -1 / 5, -14),
        ("w*v + tau*v - 3", 7, -3),
        ("w", 0, 2),
        ("2*(v - v) + v*(3 - 0*v)", 3, 0),
        ("(2*v + w)*(1 + 0*v)", 2, 2),
    ],
)
def test_linear_coefficients(text, slope, offset):
    point = {"w": 2.0, "tau": 5.0, "E_L": -70.0}
    a, b = algebra.linear_in(parse_expression(text), "v")
    assert algebra.number(a, point) == pytest.approx(slope)
    assert algebra.number(b, point) == pytest.approx(offset)


@given(expressions, points, expressions)
def test_substitution_is_evaluation_with_another_value(expr, point, inner):
    inside = value(inner, point)
    replaced = algebra.substitute(expr, {"v": inner})
    assert value(replaced, point) == value(expr, point | {"v": inside})


@given(expressions, points)
def test_removing_singularities_changes_no_value(expr, point):
    rewritten = algebra.remove_singularities(expr)
    assert close(value(rewritten, point), value(expr, point), size_of_terms(expr, point))


# x/(1 - exp(-x)) -> 1 at 0; so a*(v - v0)/(1 - exp(-(v - v0)/s)) -> a*s.
SINGULAR = [
    ("0.1*(v + 40)/(1 - exp(-0.1*(v + 40)))", -40.0, 1.0),
    ("0.01*(v + 55)/(1 - exp(-0.1*(v + 55)))", -55.0, 0.1),
    ("(v + 55)/(1 - exp(-(v + 55)/10))", -55.0, 10.0),
    ("(25 - v)/(10*(exp((25 - v)/10) - 1))", 25.0, None),
    ("0.1*(25 - v)/(exp((25 - v)/10) - 1)", 25.0, 1.0),
    ("0.32*(13 - v)/(exp((13 - v)/4) - 1)", 13.0, 1.28),
    ("0.28*(v - 40)/(exp((v - 40)/5) - 1)", 40.0, 1.4),
    ("(v - E_L)/(1 - exp((E_L - v)/tau))", -70.0, 5.0),
    ("v/(exp(v/4) - 1)", 0.0, 4.0),
]


@pytest.mark.parametrize(("text", "point", "limit"), SINGULAR)
def test_a_removable_singularity_takes_its_limit(text, point, limit):
    expr = parse_expression(text)
    others = {"E_L": -70.0, "tau": 5.0}
    with pytest.raises(ZeroDivisionError):
        algebra.number(expr, others | {"v": point})
    rewritten = algebra.remove_singularities(expr)
    if limit is None:  # a form that is not recognized stays as it is, right everywhere else
        assert rewritten == expr
    else:
        assert algebra.number(rewritten, others | {"v": point}) == pytest.approx(limit, rel=1e-12)
    for distance in (1e-3, 1e-2, 0.1, 1.0, 30.0):
        for v in (point - distance, point + distance):
            exact = algebra.number(expr, others | {"v": v})
            near = algebra.number(rewritten, others | {"v": v})
            assert near == pytest.approx(exact, rel=1e-9)


@given(st.floats(-30, 30))
def test_linoid_is_smooth_around_its_limit(x):
    got = algebra.number(Call(LINOID, (Name("x"),)), {"x": x})
    exact = 1.0 if x == 0 else x / -math.expm1(-x)
    assert got == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        # two zeros that lie close together, and tiny coefficients, are still two
        "(v + 40)/(1 - exp(-(v + 41)))",
        "1e-6*(v + 40)/(1 - exp(-1e-5*(v + 45)))",
        "1e-9*(v + 1)/(1 - exp(-1e-9*(v + 2)))",
        # they agree for some values of w only
        "(v + max(w, 5))/(1 - exp(-(v + 5)))",
        "(v + w)/(1 - exp(-(v + 2)))",
        # no zero at all in one of them
        "3/(1 - exp(-v))",
        "v/(2 - exp(-v))",
        "v*v/(1 - exp(-v*v))",
    ],
)
def test_what_has_no_removable_singularity_is_left_alone(text):
    expr = parse_expression(text)
    assert not any(
        isinstance(p, Call) and p.function == LINOID
        for p in walk(algebra.remove_singularities(expr))
    )


def test_folding_never_makes_what_is_no_number():
    huge = algebra.Num(1e308)
    for folded in (algebra.add(huge, huge), algebra.multiply(huge, huge)):
        assert all(math.isfinite(p.value) for p in walk(folded) if isinstance(p, algebra.Num))


wholes = st.integers(-9, 9).map(lambda n: algebra.Num(float(n)))
rationals = st.recursive(
    st.one_of(wholes, st.sampled_from(["v", "w", "C"]).map(Name)),
    lambda inner: st.builds(Op, st.sampled_from("+-*/"), inner, inner),
    max_leaves=10,
)


def exact(expr: Expr, point: dict[str, int]) -> Fraction:
    """The value of an expression of fractions; skips points where there is none."""
    match expr:
        case Name(name):
            return Fraction(point[name])
        case Op(symbol, left, right):
            one, two = exact(left, point), exact(right, point)
            assume(symbol != "/" or two != 0)
            operators = {"+": add, "-": sub, "*": mul, "/": truediv}
            return operators[symbol](one, two)
    return Fraction(expr.value)


@given(rationals, rationals, st.integers(-5, 5), st.integers(1, 5), st.integers(-3, 7))
def test_a_factor_goes_into_constants_and_the_value_stays(expr, factor, v, w, C):
    point = {"v": v, "w": w, "C": C}
    scaled = algebra.scaled(expr, factor, lambda part: not names(part) & {"v", "w"})
    assert exact(scaled, point) == exact(expr, point) * exact(factor, point)


def test_a_factor_costs_nothing_where_there_are_constants():
    text = parse_expression("(E - v)/tau + I/C + 3*v*w")
    scaled = algebra.scaled(text, Name("dt"), lambda p: not names(p) & {"v", "w", "I"})
    steps = [p for p in walk(scaled) if isinstance(p, Op) and p.symbol in "*/"]
    varying = [p for p in steps if names(p) & {"v", "w", "I"}]
    assert len(varying) == 4
