"""Rate units against their closed forms, and what networks of them are known to do."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

import neurocanvas as nc

TRANSFER = {
    "rate": lambda v: np.maximum(v, 0.0),
    "rate_logistic": lambda v: 1 / (1 + np.exp(-v)),
    "rate_tanh": np.tanh,
}
every_form = pytest.mark.parametrize("kind", TRANSFER)
either = pytest.mark.parametrize("reference", [False, True], ids=["engine", "reference"])


def test_the_three_forms_are_one_entry():
    kinds = [nc.kinds().get(kind) for kind in TRANSFER]
    assert {kind.group for kind in kinds} == {"rate"}
    assert [kind.variant for kind in kinds] == ["rectifier", "logistic", "tanh"]


@every_form
@either
@pytest.mark.parametrize("bias", [-2.5, 0.7])
def test_a_unit_relaxes_to_its_bias(kind, reference, bias):
    circuit = nc.Circuit(dt=0.1)
    node = circuit.add(kind, label="A", tau=20, b=bias, v_0=1)
    result = nc.simulate(circuit, 100, record={node: ["v", "r"]}, reference=reference)
    expected = bias + (1 - bias) * np.exp(-result.times / 20)
    assert result["A", "v"] == pytest.approx(expected, abs=1e-8)
    assert result["A", "r"] == pytest.approx(TRANSFER[kind](expected), abs=1e-8)


@every_form
def test_the_transfer_function_over_its_whole_range(kind):
    circuit = nc.Circuit(dt=1)
    levels = np.array([-800, -40, -5, -1, -1e-3, 0, 1e-3, 0.3, 1, 5, 40, 800.0])
    nodes = [circuit.add(kind, label=f"{b}", b=float(b), v_0=float(b)) for b in levels]
    result = nc.simulate(circuit, 3, record={node: ["r"] for node in nodes})
    found = [result[f"{b}", "r"][-1] for b in levels]
    with np.errstate(over="ignore"):
        assert found == pytest.approx(TRANSFER[kind](levels), abs=1e-14)


@every_form
@either
def test_a_chain_adds_what_it_receives_times_its_weights(kind, reference):
    circuit = nc.Circuit(dt=0.05)
    a = circuit.add(kind, label="A", tau=5, b=0.8)
    b = circuit.add(kind, label="B", tau=15, b=-0.4)
    c = circuit.add(kind, label="C", tau=8, b=0.1)
    circuit.connect(a, c, "graded", weight=1.5)
    circuit.connect(b, c, "graded", weight=-2.0)
    result = nc.simulate(circuit, 60, record={c: ["v"]}, reference=reference)
    f = TRANSFER[kind]

    def slope(t, v):
        drive = 1.5 * f(0.8 * (1 - math.exp(-t / 5))) - 2.0 * f(-0.4 * (1 - math.exp(-t / 15)))
        return (drive + 0.1 - v) / 8

    exact = solve_ivp(slope, (0, 60), [0.0], t_eval=result.times, rtol=1e-10, atol=1e-12).y[0]
    # The engine passes rates on with the step: first order in a chain.
    assert result["C", "v"] == pytest.approx(exact, abs=1e-8 if reference else 3e-3)


@either
def test_a_unit_that_excites_itself_remembers_where_it_was(reference):
    def equilibria(v):
        return 8 / (1 + math.exp(-v)) - 4 - v

    low, high = brentq(equilibria, -5, -1), brentq(equilibria, 1, 5)
    for start, expected in ((-0.5, low), (0.5, high)):
        circuit = nc.Circuit(dt=0.1)
        node = circuit.add("rate_logistic", label="A", b=-4, v_0=start)
        circuit.connect(node, node, "graded", weight=8, self_links=True)
        result = nc.simulate(circuit, 300, reference=reference)
        assert result["A", "v"][-1] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("gain", "goes_on"), [(0.9, False), (1.1, True)])
def test_two_units_that_turn_each_other_oscillate_from_a_gain_of_one_on(gain, goes_on):
    # W = ((gain, -2), (2, gain)): eigenvalues (gain - 1 +- 2i)/tau around 0.
    circuit = nc.Circuit(dt=0.02)
    a, b = (circuit.add("rate_tanh", label=x, tau=10, v_0=0.001) for x in "AB")
    for node in (a, b):
        circuit.connect(node, node, "graded", weight=gain, self_links=True)
    circuit.connect(a, b, "graded", weight=2)
    circuit.connect(b, a, "graded", weight=-2)
    result = nc.simulate(circuit, 1500)
    v = result["A", "v"]
    late = v[len(v) // 2 :]
    assert (np.ptp(late) > 0.1) is np.bool_(goes_on)
    early = v[: round(200 / 0.02)]
    ups = np.flatnonzero((early[:-1] < 0) & (early[1:] >= 0)) * 0.02
    assert np.diff(ups) == pytest.approx(np.full(len(ups) - 1, 2 * math.pi * 10 / 2), rel=0.06)


@every_form
def test_noise_gives_the_activation_its_standard_deviation_and_its_memory(kind):
    circuit = nc.Circuit(dt=0.5, seed=5)
    node = circuit.add(kind, label="A", size=4000, tau=10, b=1, sigma=0.5)
    v = nc.simulate(circuit, 120, record={node: ["v"]})["A", "v"]
    error = 0.5 / math.sqrt(4000)
    assert v[-1].mean() == pytest.approx(1 - math.exp(-12), abs=3 * error)
    assert v[-1].std() == pytest.approx(0.5, abs=3 * error / math.sqrt(2))
    # An Ornstein-Uhlenbeck process: correlation exp(-t/tau), here over 10 ms.
    correlation = np.corrcoef(v[-1], v[-21])[0, 1]
    assert correlation == pytest.approx(math.exp(-1), abs=3 / math.sqrt(4000))


def reservoir(gain, duration=1000, n=300):
    """Root mean square rate over time of random units with weights of gain/sqrt(n)."""
    circuit = nc.Circuit(dt=0.5, seed=2)
    node = circuit.add("rate_tanh", label="R", size=n, tau=10, v_0="normal(0, 1)")
    weight = f"normal(0, {gain / math.sqrt(n)})"
    circuit.connect(node, node, "graded", weight=weight)
    r = nc.simulate(circuit, duration, record={node: ["r"]})["R", "r"]
    return np.sqrt(np.mean(r**2, axis=1)), r


def test_a_reservoir_of_gain_one_half_decays():
    # Sompolinsky, Crisanti & Sommers 1988, Phys. Rev. Lett. 61:259: 0 is stable below a gain of 1,
    # where the slowest modes decay as exp(-(1 - gain)*t/tau).
    size, _ = reservoir(0.5, 400)
    assert size[0] > 0.5
    assert size[-1] < 1e-6
    rate = math.log(size[200] / size[500]) / 150
    assert rate == pytest.approx(0.5 / 10, rel=0.2)


def test_a_reservoir_of_gain_one_and_a_half_goes_on_and_never_settles():
    size, r = reservoir(1.5)
    assert np.all(size[500:] > 0.2)
    assert np.median(np.std(r[1000:], axis=0)) > 0.1
