"""Equations as LaTeX: every tree, with the parentheses it needs and no others."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from strategies import expressions

from neurocanvas import library
from neurocanvas.formats import latex
from neurocanvas.model.expressions import parse_expression, unparse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v", "v"),
        ("tau_m", r"\tau_{m}"),
        ("E_Na", r"E_{\mathrm{Na}}"),
        ("v_0", "v_{0}"),
        ("m_inf", r"m_{\infty}"),
        ("b_m_scale", r"b_{m,\mathrm{scale}}"),
        ("weight", r"\mathrm{weight}"),
        ("Delta_T", r"\Delta_{T}"),
        ("x2", "x_{2}"),
        ("1.5e-7", r"1.5 \cdot 10^{-7}"),
        ("1e9", "1000000000"),
        ("1e15", "10^{15}"),
        ("-v", "-v"),
        ("-v/tau", r"-\frac{v}{\tau}"),
        ("-0.1*(v + 55)", r"-0.1 \, \left(v + 55\right)"),
        ("a - (b - c)", r"a - \left(b - c\right)"),
        ("a - b - c", "a - b - c"),
        ("a - -b", r"a - \left(-b\right)"),
        ("a + -b", r"a + \left(-b\right)"),
        ("a*(b + c)", r"a \, \left(b + c\right)"),
        ("a*b/c", r"\frac{a \, b}{c}"),
        ("2*3", r"2 \cdot 3"),
        ("m**3*h", r"m^{3} \, h"),
        ("(a*b)**n", r"\left(a \, b\right)^{n}"),
        ("(a**b)**c", r"\left(a^{b}\right)^{c}"),
        ("exp(-v)", "e^{-v}"),
        ("exp(v)**2", r"\left(e^{v}\right)^{2}"),
        ("exp((v - w)/tau)", r"\exp\!\left(\frac{v - w}{\tau}\right)"),
        ("log(a)*b", r"\ln\!\left(a\right) \, b"),
        ("max(v, 0)", r"\max\!\left(v, 0\right)"),
        ("abs(v)", r"\left|v\right|"),
        ("sqrt(2/tau)", r"\sqrt{\frac{2}{\tau}}"),
        ("floor(t)", r"\left\lfloor t \right\rfloor"),
        ("(t >= start)*a", r"\left[t \ge \mathrm{start}\right] \, a"),
        (
            "where(I > 0, 1, 0)",
            r"\begin{cases} 1 & \text{if } I > 0 \\ 0 & \text{otherwise} \end{cases}",
        ),
        ("where(on, 1, 0)", r"\begin{cases} 1 & \text{if } \mathrm{on} \ne 0 \\ 0 & "
                            r"\text{otherwise} \end{cases}"),
    ],
)  # fmt: skip
def test_an_expression(text, expected):
    assert latex.expression(text) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("dv/dt = -v/tau", (r"\frac{dv}{dt}", r"= -\frac{v}{\tau}")),
        ("I_L = g_L*v", ("I_{L}", r"= g_{L} \, v")),
        ("v > V_th", (r"\left[v > V_{\mathrm{th}}\right]", "")),
        ("x = a >= b", ("x", r"= \left[a \ge b\right]")),
        ("g += weight", ("g", r"\leftarrow g + \mathrm{weight}")),
        ("x += -u*x", ("x", r"\leftarrow x + \left(-u \, x\right)")),
    ],
)
def test_a_statement(line, expected):
    assert latex.statement(line) == expected


def test_what_a_spike_sets_has_an_arrow():
    assert latex.assignment("v = V_reset") == ("v", r"\leftarrow V_{\mathrm{reset}}")
    assert latex.assignment("x = a == b") == ("x", r"\leftarrow \left[a = b\right]")


@given(expressions)
def test_every_tree_becomes_balanced_latex(expr):
    found = latex.expression(unparse(expr))
    assert found.count("{") == found.count("}")
    assert found.count(r"\left") - found.count(r"\leftarrow") == found.count(r"\right")
    assert found.count(r"\begin") == found.count(r"\end")
    for bare in re.findall(r"[+-]\s*[+-]", found):
        raise AssertionError(f"two signs in a row: {bare}")


def test_no_quotient_of_a_kind_is_shown_as_the_function_that_computes_it():
    for kind in library.registry():
        for line in kind.equations.splitlines():
            if line.strip():
                assert "linoid" not in "".join(latex.statement(line.strip()))


def test_text_that_is_no_arithmetic_is_refused_as_everywhere():
    from neurocanvas.errors import EquationError

    with pytest.raises(EquationError):
        latex.expression("v.__class__")
    assert parse_expression("v") is not None
