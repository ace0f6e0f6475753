"""Systems of equations as people write them, and what is refused in them."""

from __future__ import annotations

import time

import pytest

from neurocanvas.errors import CircuitError, EquationError, QuantityError
from neurocanvas.model.equations import (
    MAX_EXPANDED,
    parse_assignments,
    parse_statements,
    parse_system,
    parse_threshold,
)
from neurocanvas.model.expressions import LINOID, Call, Name, Op, names, parse_expression, walk
from neurocanvas.model.kinds import NeuronKind, Parameter, Registry, SourceKind, SynapseKind

KNOWN = ("I", "t", "tau", "E_L", "g_L")


def test_a_system_is_read_with_comments_blank_lines_and_any_line_end():
    text = "\n  dv/dt = (E_L - v)/tau + I  # the membrane\r\n\r\n  I_L = g_L*(v - E_L)\r"
    system = parse_system(text, KNOWN)
    assert system.states == ("v",)
    assert system.definitions == {"I_L": parse_expression("g_L*(v - E_L)")}
    assert system.lines == {"v": 2, "I_L": 4}


def test_definitions_come_after_those_they_need():
    system = parse_system("a = b + c\nb = c*2\nc = t\ndv/dt = a", KNOWN)
    assert list(system.definitions) == ["c", "b", "a"]
    assert list(system.needs([Name("b")])) == ["c", "b"]
    assert list(system.needs([Name("v")])) == []


def test_rates_that_are_0_over_0_at_one_point_are_rewritten():
    system = parse_system("a_m = 0.1*(v + 40)/(1 - exp(-0.1*(v + 40)))\ndv/dt = a_m", ())
    assert any(
        isinstance(p, Call) and p.function == LINOID for p in walk(system.definitions["a_m"])
    )


REFUSED = {
    "dv/dt = q": (1, 8, "'q' is neither"),
    "dv/dt = 1\ndv/dt = 2": (2, 1, "v is defined twice"),
    "dv/dt = 1\nv = 2": (2, 1, "v is defined twice"),
    "tau = 2": (1, 1, "tau is a parameter or an input"),
    "dI/dt = 2": (1, 1, "I is a parameter or an input"),
    "a = b\nb = c\nc = a": (1, 1, "need each other: a -> b -> c -> a"),
    "a = a": (1, 1, "need each other: a -> a"),
    "v += 1": (1, 1, r"\+= belongs"),
    "dv/dt = ": (1, 8, "an expression is missing"),
    "  v": (1, 3, "name = value"),
    "v == 2": (1, 1, "name = value"),
    "v <= 2": (1, 1, "name = value"),
    "  v w = 2": (1, 3, "the left side is a name"),
    "dv/dx = 2": (1, 1, "the left side is a name"),
    "v.x = 2": (1, 1, "the left side is a name"),
    "a\u00e9 = 2": (1, 1, "the left side is a name"),
    "\u0430 = 2": (1, 1, "the left side is a name"),  # a Cyrillic a
    "_a = 2": (1, 1, "the left side is a name"),
    "a__b = 2": (1, 1, "can't be a name"),
    "  a_ = 2": (1, 3, "can't be a name"),
    "a" * 41 + " = 2": (1, 1, "up to 40 letters"),
    "exp = 2": (1, 1, "exp is a function"),
    "dexp/dt = 2": (1, 1, "exp is a function"),
    "lambda = 2": (1, 1, "reserved word"),
    "x = 1 = 2": (1, 7, "no complete expression"),
    "x = __import__": (1, 5, "names begin with a letter"),
    "x = 1\n\n  y = v.real": (3, 7, "a point"),
    "x = 1\x0by = 2": (1, 6, "has no meaning"),
    "x = 1\u2028y = 2": (1, 6, "has no meaning"),
    "x\x00 = 1": (1, 1, "the left side"),
    "x = 1\n" * 201: (201, 1, "at most 200 lines"),
    "= 3": (1, 1, "the left side"),
    "x -= 3": (1, 1, "the left side"),
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: repr(text[:20]))
def test_a_system_that_is_wrong_is_refused_where_it_is(text: str):
    line, column, reason = REFUSED[text]
    with pytest.raises(EquationError, match=reason) as caught:
        parse_system(text, KNOWN, "my_kind")
    assert (caught.value.line, caught.value.column) == (line, column)
    assert str(caught.value).startswith(f"my_kind: line {line}, column {column}: ")
    assert "\n" not in str(caught.value)


def test_definitions_that_double_each_other_are_refused_quickly():
    lines = ["x0 = v + v"] + [f"x{n} = x{n - 1} + x{n - 1}" for n in range(1, 60)]
    start = time.thread_time()
    with pytest.raises(EquationError, match=f"grows beyond {MAX_EXPANDED} parts"):
        parse_system("\n".join([*lines, "dv/dt = x59"]), ())
    assert time.thread_time() - start < 0.5


def test_what_happens_at_a_spike():
    statements = parse_assignments(
        "v = E_L; "[:-2] + "\ng += 2*tau", ("v", "g"), (*KNOWN, "v", "g")
    )
    assert [(s.target, s.operator) for s in statements] == [("v", "="), ("g", "+=")]
    assert parse_assignments("", ("v",), KNOWN) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("tau = 2", "tau is no state variable"),
        ("dv/dt = 2", "only those change at a spike"),
        ("v = q", "'q' is neither"),
    ],
)
def test_what_can_not_happen_at_a_spike(text, reason):
    with pytest.raises(EquationError, match=reason):
        parse_assignments(text, ("v",), KNOWN)


def test_thresholds():
    threshold = parse_threshold("v >= E_L + 20", ("v", "w"), KNOWN)
    assert threshold.variable == "v"
    assert names(threshold.level) == {"E_L"}


def test_a_threshold_may_follow_another_state():
    threshold = parse_threshold("v > w + 2", ("v", "w"), (*KNOWN, "v", "w"))
    assert (threshold.variable, names(threshold.level)) == ("v", {"w"})


@pytest.mark.parametrize("text", ["v < E_L", "E_L > v", "v", "v > 2*v", "2*v > 3", "v > w - v"])
def test_thresholds_of_another_form_are_refused(text):
    with pytest.raises(EquationError, match="v > V_th"):
        parse_threshold(text, ("v", "w"), (*KNOWN, "v", "w"))


def test_statements_know_where_their_expression_begins():
    (statement,) = parse_statements("  dv/dt = 1 + v")
    assert (statement.line, statement.column) == (1, 10)
    assert statement.expr == Op("+", parse_expression("1"), Name("v"))


# -- kinds ---------------------------------------------------------------------------------------


def kind(**changes) -> NeuronKind:
    declared = {
        "name": "mine", "title": "Mine", "symbol": "M", "doc": "", "source": "",
        "parameters": (Parameter("tau", 10.0, "ms", "", minimum=0.0, strict=True),),
        "equations": "dv/dt = (I - v)/tau", "threshold": "v > 1", "reset": "v = 0",
    }  # fmt: skip
    return NeuronKind(**declared | changes)


def test_every_kind_of_the_library_agrees_with_itself(kinds):
    for declared in kinds:
        declared.check()


def test_a_kind_reads_its_own_text():
    mine = kind()
    assert mine.system.states == ("v",)
    assert mine.spike_condition is not None
    assert [s.target for s in mine.reset_statements] == ["v"]
    assert mine.emits == {"spikes", "v"}
    assert list(mine.recordable) == ["v"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"equations": "dv/dt = q"}, "mine: line 1, column 8: 'q'"),
        ({"threshold": "v > q"}, "mine: .*'q'"),
        ({"reset": "w = 0"}, "mine: .*w is no state variable"),
        ({"initial": {"v": "q"}}, "mine: .*initial v: unknown name 'q'"),
        ({"initial": {"w": "0"}}, "mine: .*initial w: w is no state variable"),
        ({"initial": {"v": "1 +"}}, "mine: line 1, column 4"),
        ({"threshold": "v > "}, "mine: line 1, column 4"),
        ({"refractory": "t_ref"}, "mine: .*refractory: 't_ref' is no parameter"),
        ({"main": "w"}, "mine: .*main: 'w' is no variable"),
    ],
)
def test_a_kind_that_contradicts_itself_says_so(changes, reason):
    wrong = kind(**changes)
    with pytest.raises(EquationError, match=reason):
        wrong.check()


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (SourceKind("s", "S", "S", "", "", (), "", events="uniform(3)"), r"poisson\(rate\)"),
        (SourceKind("s", "S", "S", "", "", (), "", events="poisson(q)"), "unknown name 'q'"),
        (SourceKind("s", "S", "S", "", "", (), "", events="poisson(3 $)"), "s: line 1, column 11"),
        (SourceKind("s", "S", "S", "", "", (), "J = 1"), "a source defines I"),
        (
            SourceKind("s", "S", "S", "", "", (), "dx/dt = -x/10", events="poisson(x)"),
            "dx/dt: a source of spikes has no differential equations",
        ),
        (SourceKind("s", "S", "S", "", "", (), "I = t", breakpoints=("a",)), "'a' is no parameter"),
        (SynapseKind("x", "X", "X", "", "", (), "dg/dt = -g"), "a synapse defines I"),
        (SynapseKind("x", "X", "X", "", "", (), "I = out"), "'out' is neither"),
        (SynapseKind("x", "X", "X", "", "", (), "I = v", on_spike="v += 1"), "no state variable"),
    ],
)
def test_sources_and_synapses_that_contradict_themselves(wrong, reason):
    with pytest.raises(EquationError, match=reason):
        wrong.check()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("0 ms", "A: tau = 0 ms is not possible; it must be above 0 ms"),
        (-3, "A: tau = -3 ms is not possible"),
        ("3 mV", "A: tau: '3 mV' is not in ms"),
    ],
)
def test_a_parameter_out_of_range_names_owner_value_and_range(value, words):
    with pytest.raises(QuantityError, match=words):
        kind().parameter("tau").parse(value, "A")


def test_a_registry_holds_each_name_once():
    registry = Registry([kind()])
    assert "mine" in registry
    with pytest.raises(CircuitError, match="'mine' exists already"):
        registry.add(kind())
    with pytest.raises(CircuitError, match="no kind is named 'other'; known are mine"):
        registry.get("other")
