"""Expression trees as functions: the numbers of plain arithmetic, and nothing else reachable."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurocanvas.errors import SimulationError
from neurocanvas.model.algebra import number, remove_singularities
from neurocanvas.model.expressions import Call, Name, Num, Op, parse_expression
from neurocanvas.sim.reference.lambdify import lambdify

LEAVES = st.one_of(
    st.floats(-3, 3).map(Num),
    st.sampled_from(["x", "y", "lambda", "exp_", "None_"]).map(Name),
)


def _grown(parts):
    return st.one_of(
        st.builds(
            Op,
            st.sampled_from(["+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!="]),
            parts,
            parts,
        ),
        st.builds(lambda a, k: Op("**", a, Num(float(k))), parts, st.integers(0, 4)),
        st.builds(
            lambda f, a: Call(f, (a,)),
            st.sampled_from(["exp", "abs", "sin", "tanh", "floor"]),
            parts,
        ),
        st.builds(lambda f, a, b: Call(f, (a, b)), st.sampled_from(["min", "max"]), parts, parts),
        st.builds(lambda a, b, c: Call("where", (a, b, c)), parts, parts, parts),
    )


EXPRESSIONS = st.recursive(LEAVES, _grown, max_leaves=12)
ARGUMENTS = ("x", "y", "lambda", "exp_", "None_")


@given(EXPRESSIONS, st.lists(st.floats(-3, 3), min_size=5, max_size=5))
def test_arrays_and_plain_floats_give_what_arithmetic_gives(expr, point):
    values = dict(zip(ARGUMENTS, point, strict=True))
    try:
        expected = number(expr, values)
    except (ArithmeticError, ValueError):
        return
    with np.errstate(all="ignore"):
        (array,) = lambdify(ARGUMENTS, {}, [expr])(*(np.full(3, v) for v in point))
    assert np.broadcast_to(array, 3) == pytest.approx([expected] * 3, rel=1e-12, nan_ok=True)
    try:
        (plain,) = lambdify(ARGUMENTS, {}, [expr], plain=True)(*point)
    except (ArithmeticError, ValueError):
        return
    assert plain == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_definitions_are_computed_in_order_and_several_results_come_back():
    definitions = {"a": parse_expression("2*x"), "b": parse_expression("a + y")}
    results = [parse_expression("b*b"), parse_expression("a")]
    assert lambdify(("x", "y"), definitions, results, plain=True)(3.0, 4.0) == (100.0, 6.0)


def test_truth_values_add_up_as_numbers():
    (count,) = lambdify(("x",), {}, [parse_expression("(x > 1) + (x > 2) - (x > 3)")])(
        np.array([0.0, 2.5, 5.0])
    )
    assert count.tolist() == [0.0, 2.0, 1.0]


@pytest.mark.parametrize("plain", [True, False])
def test_a_removable_singularity_takes_its_limit(plain):
    expr = remove_singularities(parse_expression("0.1*(v + 40)/(1 - exp(-0.1*(v + 40)))"))
    (value,) = lambdify(("v",), {}, [expr], plain=plain)(-40.0 if plain else np.array([-40.0]))
    assert np.asarray(value).item() == 1.0
    (close,) = lambdify(("v",), {}, [expr])(np.array([-40 + 1e-7, -40 - 1e-7]))
    assert close == pytest.approx([1 + 5e-9, 1 - 5e-9], abs=1e-13)


def test_divisions_by_zero_are_infinite_in_arrays_and_an_exception_in_plain_floats():
    expr = parse_expression("1/x + 1/0")
    with np.errstate(all="ignore"):
        assert lambdify(("x",), {}, [expr])(np.array([0.0]))[0] == math.inf
    with pytest.raises(ZeroDivisionError):
        lambdify(("x",), {}, [parse_expression("1/x")], plain=True)(0.0)


def test_a_fractional_power_of_a_negative_number_is_no_complex_number():
    expr = parse_expression("x**0.5")
    with pytest.raises(ValueError, match="math domain"):
        lambdify(("x",), {}, [expr], plain=True)(-1.0)
    with np.errstate(all="ignore"):
        assert np.isnan(lambdify(("x",), {}, [expr])(np.array([-1.0]))[0])


def test_a_name_without_a_value_is_refused():
    with pytest.raises(SimulationError, match="'z' has no value"):
        lambdify(("x",), {}, [parse_expression("x + z")])


def test_the_function_reaches_no_builtins():
    function = lambdify(("x",), {}, [parse_expression("x")])
    assert function.__globals__["__builtins__"] == {}
    assert not {"open", "eval", "__import__", "np", "math"} & function.__globals__.keys()
