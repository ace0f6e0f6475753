"""Logic from threshold units, and units without dynamics step by step."""

import itertools
import math

import numpy as np
import pytest

import neurocanvas as nc

STEP, LOGISTIC = "mcculloch_pitts", "mcculloch_pitts_logistic"
either = pytest.mark.parametrize("reference", [False, True], ids=["engine", "reference"])


class Logic:
    """A circuit of threshold units: inputs that are 0 or 1, and gates."""

    def __init__(self, **inputs):
        self.circuit = nc.Circuit(dt=0.1)
        self.ids = {}
        for name, value in inputs.items():
            self.ids[name] = self.circuit.add(STEP, label=name, b=value - 0.5)

    def gate(self, name, bias, **weights):
        self.ids[name] = self.circuit.add(STEP, label=name, b=bias)
        for source, weight in weights.items():
            self.circuit.connect(self.ids[source], self.ids[name], "graded", weight=weight)

    def settle(self, *names, reference=False):
        result = nc.simulate(self.circuit, 2, reference=reference)
        return tuple(result[name, "y"][-1] for name in names)


pairs = pytest.mark.parametrize(("a", "b"), [*itertools.product((0, 1), repeat=2)])


@pairs
@either
def test_and_or(a, b, reference):
    logic = Logic(a=a, b=b)
    logic.gate("AND", -1.5, a=1, b=1)
    logic.gate("OR", -0.5, a=1, b=1)
    assert logic.settle("AND", "OR", reference=reference) == (a and b, a or b)


@pytest.mark.parametrize("a", [0, 1])
@either
def test_not(a, reference):
    logic = Logic(a=a)
    logic.gate("NOT", 0.5, a=-1)
    assert logic.settle("NOT", reference=reference) == (1 - a,)


@pairs
@either
def test_xor_needs_a_hidden_layer_and_has_one(a, b, reference):
    logic = Logic(a=a, b=b)
    logic.gate("OR", -0.5, a=1, b=1)
    logic.gate("AND", -1.5, a=1, b=1)
    logic.gate("XOR", -0.5, OR=1, AND=-2)
    assert logic.settle("XOR", reference=reference) == (a ^ b,)


def test_no_single_unit_does_xor():
    # Minsky & Papert 1969: not linearly separable; a grid of weights and biases finds none.
    values = np.arange(-2, 2.1, 0.5)
    for w1, w2, bias in itertools.product(values, values, values):
        table = [(w1 * a + w2 * b + bias > 0) for a, b in itertools.product((0, 1), repeat=2)]
        assert table != [False, True, True, False]


@pairs
@either
def test_a_half_adder(a, b, reference):
    logic = Logic(a=a, b=b)
    logic.gate("OR", -0.5, a=1, b=1)
    logic.gate("carry", -1.5, a=1, b=1)
    logic.gate("sum", -0.5, OR=1, carry=-2)
    total, carry = logic.settle("sum", "carry", reference=reference)
    assert 2 * carry + total == a + b


@pytest.mark.parametrize(("a", "b", "c"), [*itertools.product((0, 1), repeat=3)])
def test_a_full_adder(a, b, c):
    logic = Logic(a=a, b=b, c=c)
    logic.gate("carry", -1.5, a=1, b=1, c=1)
    logic.gate("any", -0.5, a=1, b=1, c=1)
    logic.gate("all", -2.5, a=1, b=1, c=1)
    logic.gate("sum", -0.5, any=1, carry=-1, all=1)
    total, carry = logic.settle("sum", "carry")
    assert 2 * carry + total == a + b + c


@either
def test_a_unit_at_its_threshold_is_off(reference):
    logic = Logic(a=1)
    logic.gate("exactly", -1.0, a=1)
    assert logic.settle("exactly", reference=reference) == (0,)


@either
def test_a_chain_answers_after_as_many_updates_as_it_has_units(reference):
    circuit = nc.Circuit(dt=0.1)
    chain = [circuit.add(STEP, label=f"{k}", b=0.5 if k == 0 else -0.5) for k in range(5)]
    for pre, post in itertools.pairwise(chain):
        circuit.connect(pre, post, "graded", weight=1)
    result = nc.simulate(circuit, 2, reference=reference)
    for k in range(5):
        assert np.argmax(result[f"{k}", "y"]) == k + 1


@either
def test_a_ring_of_an_odd_number_of_negations_oscillates(reference):
    circuit = nc.Circuit(dt=0.1)
    ring = [circuit.add(STEP, label=f"{k}", b=0.5, y_0=0.0 if k else 1.0) for k in range(3)]
    for k in range(3):
        circuit.connect(ring[k], ring[(k + 1) % 3], "graded", weight=-1)
    y = nc.simulate(circuit, 3, reference=reference)["0", "y"]
    by_hand, state = [], [1, 0, 0]
    for _ in range(31):
        by_hand.append(state[0])
        state = [1 - state[2], 1 - state[0], 1 - state[1]]
    assert y.tolist() == by_hand


@either
def test_an_interval_lets_a_unit_wait(reference):
    circuit = nc.Circuit(dt=0.1)
    fast = circuit.add(STEP, label="fast", b=0.5)
    circuit.connect(fast, fast, "graded", weight=-1, self_links=True)
    slow = circuit.add(STEP, label="slow", b=0.5, interval=1)
    circuit.connect(slow, slow, "graded", weight=-1, self_links=True)
    result = nc.simulate(circuit, 5, reference=reference)
    steps = np.arange(51)
    assert result["fast", "y"].tolist() == (steps % 2).tolist()
    assert result["slow", "y"].tolist() == (steps // 10 % 2).tolist()


@either
def test_the_logistic_unit_against_its_closed_form(reference):
    circuit = nc.Circuit(dt=0.1)
    weights = {"a": 2.0, "b": -3.5}
    node = circuit.add(LOGISTIC, label="y", b=0.7)
    for name, weight in weights.items():
        circuit.connect(
            circuit.add(LOGISTIC, label=name, b=weight / 3), node, "graded", weight=weight
        )
    y = nc.simulate(circuit, 1, reference=reference)["y", "y"]

    def logistic(x):
        return 1 / (1 + math.exp(-x))

    expected = logistic(0.7 + sum(w * logistic(w / 3) for w in weights.values()))
    assert y[-1] == pytest.approx(expected, abs=1e-14)
    assert y[0] == 0
    assert y[1] == pytest.approx(logistic(0.7), abs=1e-14)


def test_a_layer_may_be_a_population_with_its_own_bias_in_each_unit():
    # A code of levels: with k of 4 inputs on, the units of the layer that need at most k are on.
    for on in range(5):
        circuit = nc.Circuit(dt=0.1, seed=1)
        inputs = [circuit.add(STEP, label=f"i{k}", b=0.5 if k < on else -0.5) for k in range(4)]
        layer = circuit.add(STEP, size=200, label="layer", b="uniform(-4, 0)")
        for source in inputs:
            circuit.connect(source, layer, "graded", weight=1)
        y = nc.simulate(circuit, 1, record={layer: ["y"]})["layer", "y"][-1]
        # The share of biases above -k in a uniform draw: k/4, within three standard deviations.
        share = on / 4
        assert y.mean() == pytest.approx(share, abs=3 * math.sqrt(share * (1 - share) / 200) + 1e-9)
