"""Values that a distribution draws outside their range: brought back, counted and said."""

import math
import re

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas.formats import native
from neurocanvas.sim.clipping import clipping_warnings
from neurocanvas.sim.compiling.compiler import compile_circuit


def below(z):
    """Part of a normal distribution that lies below z standard deviations."""
    return 0.5 * math.erfc(-z / math.sqrt(2))


def warnings(circuit):
    return clipping_warnings(circuit.snapshot(), circuit.kinds)


def pair(n_pre=1, n_post=1, **weights):
    circuit = nc.Circuit(seed=5)
    a, b = circuit.add("lif", label="A", size=n_pre), circuit.add("lif", label="B", size=n_post)
    circuit.connect(a, b, "ampa", **weights)
    return circuit


@pytest.mark.parametrize(
    "text", ["normal(5 nS, 0.1 nS)", "uniform(0 nS, 9 nS)", "lognormal(1 nS, 5 nS)", "3 nS"]
)
def test_what_lies_in_the_range_needs_no_word(text):
    assert warnings(pair(100, 100, weight=text)) == []


def test_how_many_weights_were_clipped_is_what_the_engine_clips():
    circuit = pair(50, 40, weight="normal(2 nS, 2 nS)")
    (line,) = warnings(circuit)
    found = re.fullmatch(
        r"A -> B \(ampa\): (\d+) of 2000 values of weight = normal\(2 nS, 2 nS\) "
        r"are clipped; it must be at least 0 nS",
        line,
    )
    weights = compile_circuit(circuit.snapshot(), circuit.kinds).synapses.weight
    assert weights.min() == 0
    assert int(found[1]) == np.sum(weights == 0)
    # One standard deviation from the mean: 15.9 %, of 2000 within 3 sigma.
    assert int(found[1]) / 2000 == pytest.approx(below(-1), abs=3 * 0.0082)


def test_of_a_population_the_number_is_exact_and_a_strict_border_is_drawn_again():
    circuit = nc.Circuit(seed=1)
    cells = circuit.add("lif", label="P", size=200, C_m="normal(100 pF, 100 pF)")
    (line,) = warnings(circuit)
    found = re.fullmatch(r"P: (\d+) of 200 values of C_m = .* are drawn again; it must be .*", line)
    assert found
    assert int(found[1]) == pytest.approx(200 * below(-1), abs=3 * 5.2)
    assert np.all(nc.simulate(circuit, 1, record={cells: ["v"]})["P", "v"] < 0)


def test_the_shape_of_a_link_has_a_value_for_each_target():
    circuit = nc.Circuit()
    a, b = circuit.add("lif", label="A", size=9), circuit.add("lif", label="B", size=30)
    circuit.connect(a, b, "ampa", E_rev="normal(0 mV, 1 mV)", tau="normal(1 ms, 1 ms)")
    (line,) = warnings(circuit)
    assert re.match(r"A -> B \(ampa\): \d+ of 30 values of tau = .* are drawn again; ", line)


def test_very_many_values_are_estimated_in_no_time():
    circuit = pair(1000, 1000, weight="normal(2 nS, 1 nS)")
    (line,) = warnings(circuit)
    assert "about 2.3 % of all values" in line


@pytest.mark.parametrize("reference", [False, True])
def test_a_result_carries_what_was_clipped(reference):
    circuit = pair(1, 30, weight="normal(1 nS, 3 nS)")
    circuit.set(circuit.find("A").id, V_th="uniform(-60 mV, -50 mV)")
    result = nc.simulate(circuit, 2, reference=reference)
    assert result.warnings == tuple(warnings(circuit))
    assert len(result.warnings) == 1
    assert nc.simulate(pair(), 2, reference=reference).warnings == ()


def test_parts_that_are_not_known_are_passed_over():
    circuit = pair(weight="normal(1 nS, 3 nS)")
    text = native.dumps(circuit).replace('"ampa"', '"from_the_future"')
    again, _ = native.loads(text, circuit.kinds)
    assert warnings(again) == []
