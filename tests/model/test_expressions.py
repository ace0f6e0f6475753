"""Expression text: what is arithmetic is read, all else is refused at its place in words."""

from __future__ import annotations

import time
import warnings

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import expressions

from neurocanvas.errors import EquationError
from neurocanvas.model.expressions import (
    Call,
    Name,
    Num,
    Op,
    names,
    parse_expression,
    unparse,
    walk,
)

BUDGET_S = 0.05

HOSTILE = {
    # what would run code
    "__import__('os').system('x')": (12, "has no meaning"),
    "().__class__": (1, "a point"),
    "v.__class__.__mro__": (1, "a point"),
    "v.real": (1, "a point"),
    "(1).__class__": (1, "a point"),
    "exp.__call__(1)": (1, "plain name"),
    "exp(1)(2)": (1, "plain name"),
    "eval(1)": (1, "'eval' is no function here; known are exp"),
    "open(1)": (1, "no function here"),
    "getattr(v, v)": (1, "no function here"),
    "__builtins__": (1, "names begin with a letter"),
    "_v": (1, "names begin with a letter"),
    "v__w": (1, "is no name"),
    "[x for x in v]": (1, r"write \("),
    "(x for x in v)": (1, "not arithmetic"),
    "{v: v}": (1, "has no meaning"),
    "lambda: 1": (7, "has no meaning"),
    "(v := 1)": (4, "has no meaning"),
    "'text'": (1, "has no meaning"),
    '"text"': (1, "has no meaning"),
    "f'{v}'": (2, "has no meaning"),
    "b'v'": (2, "has no meaning"),
    "v[0]": (2, "has no meaning"),
    "v; v": (2, "has no meaning"),
    "import os": (1, "no complete expression"),
    "await v": (1, "not arithmetic"),
    "yield": (1, "no complete expression"),
    "exp(*v)": (1, "plain values only"),
    "exp(**v)": (1, "plain values only"),
    "exp(x=1)": (1, "plain values only"),
    # what would never end or not fit
    "9**9**9**9": (7, "exponent of another"),
    "2**2**2**2**2**2": (13, "exponent of another"),
    "v**(w**2)": (5, "exponent of another"),
    "v**65": (4, "an exponent is at most 64"),
    "v**-65": (4, "an exponent is at most 64"),
    "v**(9*9*9*9)": (5, "an exponent is at most 64"),
    "10**400": (5, "an exponent is at most 64"),
    "1e999": (1, "too large"),
    "9" * 400: (1, "too large"),
    "1" + "0" * 3500: (1, "too large"),
    "1" * 5000: (1, "at most 4000 characters"),
    "(" * 100 + "v" + ")" * 100: (61, "nested too deeply"),
    "(" * 3999: (61, "nested too deeply"),
    "exp(" * 100 + "v" + ")" * 100: (244, "nested too deeply"),
    "-" * 3000 + "v": (601, "more than 600 signs"),
    "v" + "+v" * 1900: (1202, "more than 600 signs"),
    "v" + "*-v" * 900: (902, "more than 600 signs"),
    "v" + "**v" * 900: (None, "more than 600 signs"),
    "v" + "+v" * 500: (1, "nested too deeply"),
    "-" * 500 + "v": (152, "nested too deeply"),
    "v" + "**v" * 250: (None, "nested too deeply|exponent of another"),
    # what looks like something else
    "\uff45\uff58\uff50(1)": (1, "has no meaning"),  # full-width letters
    "1 + \u0435": (5, "has no meaning"),  # a Cyrillic e
    "\U0001d463 + 1": (1, "has no meaning"),  # a mathematical italic v
    "v\u200b + 1": (2, "has no meaning"),  # a space of no width
    "\ufeffv": (1, "has no meaning"),
    "\uff11 + 1": (1, "has no meaning"),  # a full-width digit
    "v\u2212w": (2, "write -"),  # a typographic minus
    "v\u00b2": (2, r"write \*\*2"),
    "v ^ 2": (3, r"write \*\*"),
    "v\x00": (2, "has no meaning"),
    "v\nw": (2, "has no meaning"),
    "v\\\nw": (2, "has no meaning"),
    "v # w": (3, "has no meaning"),
    "2v": (1, r"a factor is written 2\*v"),
    "v + 0x1F": (5, "runs into a letter"),
    "0b11": (1, "runs into a letter"),
    "1_000": (1, "runs into a letter"),
    "1j": (1, "runs into a letter"),
    "1if v else 2": (1, "runs into a letter"),
    "True": (1, "is no number"),
    "None": (1, "is no number"),
    "...": (1, "is no number"),
    # what is no arithmetic, or not all of it
    "v and w": (1, r"\(a < b\)\*\(b < c\)"),
    "v if w else v": (1, "where"),
    "not v": (1, r"only \+ and -"),
    "v is w": (1, "only < <= > >="),
    "v in w": (1, "only < <= > >="),
    "v < w < v": (1, "two values at a time"),
    "v // w": (1, "join values"),
    "v << 3": (1, "join values"),
    "v % 2": (3, "has no meaning"),
    "v @ w": (3, "has no meaning"),
    "v, w": (1, "a comma"),
    "()": (1, "a comma"),
    "": (1, "missing"),
    "  ": (1, "missing"),
    "v w": (3, "no complete expression"),
    "v = 1": (3, "no complete expression"),
    "v +": (4, "no complete expression"),
    "(v": (1, "no complete expression"),
    "v)": (2, "no complete expression"),
    "1.2.3": (4, "no complete expression"),
    "exp": (1, "needs parentheses"),
    "exp()": (1, r"takes 1 value\(s\), not 0"),
    "where(v, w)": (1, r"takes 3 value\(s\), not 2"),
}


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:30]))
def test_hostile_text_is_refused_quickly_with_a_place_and_a_reason(text: str):
    column, reason = HOSTILE[text]
    start = time.thread_time()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(EquationError, match=reason) as caught:
            parse_expression(text, line=3)
    assert time.thread_time() - start < BUDGET_S
    assert caught.value.line == 3
    assert column is None or caught.value.column == column
    assert "\n" not in str(caught.value)


def test_the_column_counts_from_where_the_text_stood():
    with pytest.raises(EquationError) as caught:
        parse_expression("   1 + $", line=2, column=10)
    assert (caught.value.line, caught.value.column) == (2, 17)


@given(st.text(st.sampled_from("v1.e+-*/()<>=!, \twhere\x00é"), max_size=40))
@example("1e" * 1999)
@example("1" + ".1" * 1999)
@example("v" + "<v" * 1999)
@example("max(" * 1000)
def test_any_text_is_read_or_refused(text: str):
    start = time.thread_time()
    refused = refusal(text)
    assert time.thread_time() - start < BUDGET_S
    assert refused is None or 1 <= refused.column <= len(text) + 1


def refusal(text: str) -> EquationError | None:
    try:
        parse_expression(text)
    except EquationError as error:
        return error
    return None


@given(expressions)
def test_written_text_reads_back_to_the_same_tree(expr):
    assert parse_expression(unparse(expr)) == expr


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("v", Name("v")),
        ("\tv ", Name("v")),
        ("1.5e3", Num(1500.0)),
        ("-2", Num(-2.0)),
        ("-v", Op("*", Num(-1.0), Name("v"))),
        ("v - w - 1", Op("-", Op("-", Name("v"), Name("w")), Num(1.0))),
        ("v/w/2", Op("/", Op("/", Name("v"), Name("w")), Num(2.0))),
        ("-v**2", Op("*", Num(-1.0), Op("**", Name("v"), Num(2.0)))),
        ("2*v < w + 1", Op("<", Op("*", Num(2.0), Name("v")), Op("+", Name("w"), Num(1.0)))),
        ("where(v, 1, 0)", Call("where", (Name("v"), Num(1.0), Num(0.0)))),
    ],
)
def test_arithmetic_is_read_as_people_mean_it(text, tree):
    assert parse_expression(text) == tree


def test_walk_gives_the_whole_first_and_names_all():
    expr = parse_expression("a*exp(b) + max(c, a)")
    assert next(walk(expr)) is expr
    assert names(expr) == {"a", "b", "c"}
    assert [p.id for p in walk(expr) if isinstance(p, Name)] == ["a", "b", "c", "a"]


def test_a_sum_of_a_hundred_terms_is_fine():
    assert len(names(parse_expression(" + ".join(f"I_{n}" for n in range(100))))) == 100
