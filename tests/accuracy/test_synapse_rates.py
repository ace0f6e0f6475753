"""Links between rate, binary and spiking units, against what the definitions say."""

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas.model.edits import SetData


def unit(circuit, label, kind="rate", **values):
    """A rate unit; with a bias it goes to that rate."""
    return circuit.add(kind, label=label, **values)


@pytest.mark.parametrize("weight", [2.0, 0.5, -3.0])
def test_a_graded_link_multiplies_the_rate_and_its_sign_is_that_of_the_weight(weight):
    circuit = nc.Circuit(dt=0.1)
    a, b = unit(circuit, "A", b=1.5), unit(circuit, "B", b=0.25)
    link = circuit.connect(a, b, "graded", weight=weight)
    result = nc.simulate(circuit, 400, record={a: ["v", "r"], b: ["v", "r"], link: ["I"]})
    assert result["A", "r"][-1] == pytest.approx(1.5, rel=1e-9)
    assert result["B", "v"][-1] == pytest.approx(0.25 + weight * 1.5, rel=1e-9)
    assert result["B", "r"][-1] == pytest.approx(max(0.25 + weight * 1.5, 0), abs=1e-9)
    assert result[link, "I"] == pytest.approx(weight * result["A", "r"], abs=1e-12)


def test_two_units_in_a_row_answer_as_two_low_passes():
    errors = []
    for dt in (0.4, 0.2, 0.1):
        circuit = nc.Circuit(dt=dt)
        a, b = unit(circuit, "A", b=1.0), unit(circuit, "B", tau=25.0)
        circuit.connect(a, b, "graded", weight=2.0)
        result = nc.simulate(circuit, 120)
        t = result.times
        # tau_B dy/dt = -y + 2*(1 - exp(-t/tau_A)), by hand.
        expected = 2 * (1 - (25 * np.exp(-t / 25) - 10 * np.exp(-t / 10)) / 15)
        errors.append(np.abs(result["B", "v"] - expected).max())
    assert errors[2] < 1e-4
    assert errors[2] < 0.3 * errors[1] < 0.09 * errors[0]  # second order


def test_weights_of_a_population_add_up():
    circuit = nc.Circuit(dt=0.1)
    a, b = unit(circuit, "A", size=7, b=1.0), unit(circuit, "B", size=3)
    circuit.connect(a, b, "graded", weight=-0.5)
    c = unit(circuit, "C")
    circuit.connect(a, c, "graded", weight=0.25)
    result = nc.simulate(circuit, 300, record={b: ["v"], c: ["v"]})
    assert result["B", "v"][-1] == pytest.approx(np.full(3, -3.5), rel=1e-9)
    assert result["C", "v"][-1] == pytest.approx(1.75, rel=1e-9)


def test_binary_units_drive_rate_units_and_the_other_way_round():
    circuit = nc.Circuit(dt=0.1)
    on = circuit.add("mcculloch_pitts", label="on", b=0.5)
    a = unit(circuit, "A")
    above = circuit.add("mcculloch_pitts", label="above", b=-1.0)
    circuit.connect(on, a, "graded", weight=2.0)
    circuit.connect(a, above, "graded", weight=1.0)
    result = nc.simulate(circuit, 60, record={a: ["v"], above: ["y"]})
    # 2*(1 - exp(-t/10)) passes 1 after 10*ln(2) ms.
    switched = result.times[np.flatnonzero(result["above", "y"])[0]]
    assert switched == pytest.approx(10 * np.log(2), abs=0.31)


# -- conversions ---------------------------------------------------------------------------------


@pytest.mark.parametrize("weight", [10.0, -4.0])
def test_one_spike_into_a_rate_unit_is_an_exponential_of_area_one(weight):
    circuit = nc.Circuit(dt=0.1)
    source = circuit.add("spike_list")
    circuit.apply(SetData(source, {"times": (5.0,)}))
    link = circuit.connect(source, unit(circuit, "R"), weight=weight, delay=1)
    assert circuit.link(link).kind == "spikes_to_rate"
    result = nc.simulate(circuit, 400, record={link: ["r", "I"]})
    since = result.times - 6.0
    expected = np.where(since > 1e-9, np.exp(-since / 20) / 20, 0.0)
    assert result[link, "r"] == pytest.approx(expected, abs=1e-12)
    assert result[link, "I"] == pytest.approx(weight * expected, abs=1e-12)


def test_a_regular_train_gives_its_rate_on_average():
    circuit = nc.Circuit(dt=0.1)
    source = circuit.add("regular_spikes", label="S", rate=50, start=0)
    target = unit(circuit, "R")
    link = circuit.connect(source, target, "spikes_to_rate", weight=10)
    result = nc.simulate(circuit, 1200, record={link: ["r"], target: ["v"]})
    late = slice(8000, 12000)
    assert result[link, "r"][late].mean() == pytest.approx(0.05, rel=0.01)
    assert result["R", "v"][late].mean() == pytest.approx(0.5, rel=0.01)
    # Between two spikes the window forgets exponentially.
    assert result[link, "r"][late].max() / result[link, "r"][late].min() == pytest.approx(
        np.exp((20 - 0.1) / 20), rel=1e-6
    )


def test_a_poisson_train_gives_mean_and_variance_of_campbell():
    circuit = nc.Circuit(dt=0.1, seed=3)
    source = circuit.add("poisson", rate=200)
    link = circuit.connect(source, unit(circuit, "R"), "spikes_to_rate", tau=5)
    rate = nc.simulate(circuit, 60_000, record={link: ["r"]})[link, "r"][1000:]
    # Campbell 1909: mean 0.2 and variance 0.2/(2*tau), over 60 s of independent pieces of 2*tau.
    variance = 0.2 / 10
    assert rate.mean() == pytest.approx(0.2, abs=3 * np.sqrt(variance / 6000) + 0.002)
    assert rate.var() == pytest.approx(variance, rel=0.08)


@pytest.mark.parametrize("weight", [200.0, -100.0])
def test_a_rate_becomes_a_current(weight):
    circuit = nc.Circuit(dt=0.1)
    a = unit(circuit, "A", b=0.5, v_0=0.5)
    cell = circuit.add("lif", label="B")
    link = circuit.connect(a, cell, weight=weight)
    assert circuit.link(link).kind == "rate_to_current"
    result = nc.simulate(circuit, 200, record={link: ["I"], cell: ["v"]})
    assert np.all(result[link, "I"] == weight * 0.5)
    expected = -70 + weight * 0.5 * 0.1 * (1 - np.exp(-result.times / 20))
    assert result["B", "v"] == pytest.approx(expected, abs=1e-9)


def test_a_binary_unit_switches_a_spiking_cell():
    circuit = nc.Circuit(dt=0.1)
    on = circuit.add("mcculloch_pitts", b=0.5)
    cell = circuit.add("lif", label="B")
    circuit.connect(on, cell, "rate_to_current", weight=300)
    spikes = nc.simulate(circuit, 100).spikes("B")
    # As with 300 pA from an electrode, which begins after the unit's first update: 13.863 ms.
    assert spikes[0] == pytest.approx(13.863 + 0.1, abs=0.01)
    assert np.diff(spikes) == pytest.approx(15.863, abs=0.01)


def test_a_current_source_drives_a_rate_unit():
    circuit = nc.Circuit(dt=0.1)
    source = circuit.add("step_current", amplitude=150, start=20)
    target = unit(circuit, "R")
    link = circuit.connect(source, target)
    assert circuit.link(link).kind == "current_to_rate"
    result = nc.simulate(circuit, 200)
    since = np.maximum(result.times - 20, 0)
    assert result["R", "v"] == pytest.approx(1.5 * (1 - np.exp(-since / 10)), abs=1e-9)
    circuit.set(link, gain=-0.02)
    assert nc.simulate(circuit, 200)["R", "v"][-1] == pytest.approx(-3.0, rel=1e-6)
