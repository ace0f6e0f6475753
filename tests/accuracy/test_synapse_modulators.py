"""Dopamine and serotonin: what they modulate is multiplied by 1 + M, in closed form."""

import numpy as np
import pytest
from scipy.integrate import quad

import neurocanvas as nc
from neurocanvas.errors import CircuitError
from neurocanvas.model.edits import SetData, SetText


def spikes(circuit, *times, label=""):
    """A source of spikes at given times."""
    source = circuit.add("spike_list", label=label)
    circuit.apply(SetData(source, {"times": times}))
    return source


def modulate(circuit, source, target, parameter, kind="dopamine", **values):
    """A modulator of a parameter, or of the weights."""
    link = circuit.connect(source, target, kind, **values)
    circuit.apply(SetText(link, "parameter", parameter))
    return link


def occupied(t, release, tau):
    """Part of the receptors that are occupied a time t after one spike."""
    c = np.where(t > 1e-9, release * np.exp(-np.asarray(t) / tau), 0.0)
    return c / (1 + c)


@pytest.mark.parametrize("kind", ["dopamine", "serotonin"])
def test_the_trace_decays_and_saturates_at_its_weight(kind):
    circuit = nc.Circuit(dt=0.1)
    source = spikes(circuit, 5.0, 5.0, 5.0, 80.0)
    link = circuit.connect(source, circuit.add("lif"), kind, delay=1)
    values = circuit.values(link)
    result = nc.simulate(circuit, 300, record={link: ["c", "M"]})
    c = sum(
        np.where(result.times > a + 1e-9, np.exp(-(result.times - a) / values["tau"]), 0.0)
        for a in (6.0, 6.0, 6.0, 81.0)
    )
    c = values["release"] * c
    assert result[link, "c"] == pytest.approx(c, rel=1e-9, abs=1e-12)
    assert result[link, "M"] == pytest.approx(values["weight"] * c / (1 + c), rel=1e-9, abs=1e-12)
    circuit.set(link, release=1e6)
    assert np.abs(nc.simulate(circuit, 20, record={link: ["M"]})[link, "M"]).max() == (
        pytest.approx(abs(values["weight"]), rel=1e-4)
    )


def test_a_parameter_of_the_target_follows_the_trace():
    errors = []
    for dt in (0.2, 0.1, 0.05):
        circuit = nc.Circuit(dt=dt)
        unit = circuit.add("rate", label="R", b=2.0, v_0=2.0, tau=30.0)
        modulate(circuit, spikes(circuit, 4.0), unit, "b", delay=1, weight=1.5, release=0.8, tau=50)
        result = nc.simulate(circuit, 150)

        def drive(s):
            return 2.0 * (1 + 1.5 * occupied(s, 0.8, 50.0))

        # The low pass of b*(1 + M(t)), as an integral.
        for t in (20.0, 60.0, 140.0):
            since = t - 5.0
            low = quad(lambda s, e=since: np.exp(-(e - s) / 30) * drive(s) / 30, 0, since)[0]
            expected = 2.0 * np.exp(-since / 30) + low
            errors.append(abs(result["R", "v"][round(t / dt)] - expected))
    coarse, middle, fine = np.reshape(errors, (3, 3)).max(axis=1)
    assert fine < 1e-3
    assert fine < 0.6 * middle < 0.36 * coarse


@pytest.mark.parametrize("weight", [1.0, -0.4])
def test_weights_into_the_target_are_scaled(weight):
    # So slow that M stays while the response lasts.
    peaks = []
    for release in (0.0, 3.0):
        circuit = nc.Circuit(dt=0.1)
        cell = circuit.add("lif", label="B")
        modulate(
            circuit, spikes(circuit, 5.0), cell, "weights",
            weight=weight, release=release, tau=1e7,
        )  # fmt: skip
        circuit.connect(spikes(circuit, 20.0), cell, "current_synapse", weight=100)
        peaks.append(np.ptp(nc.simulate(circuit, 120)["B", "v"]))
    assert peaks[1] / peaks[0] == pytest.approx(1 + weight * 3.0 / 4.0, rel=1e-5)


@pytest.mark.parametrize("kind", ["ampa", "conductance_synapse_delta", "nmda"])
def test_conductances_are_scaled_as_currents_are(kind):
    traces = []
    for factor, release in ((1.75, 0.0), (1.0, 3.0)):
        circuit = nc.Circuit(dt=0.1)
        cell = circuit.add("lif", label="B", V_th=1000)
        modulate(circuit, spikes(circuit, 5.0), cell, "weights", release=release, tau=1e9)
        circuit.connect(spikes(circuit, 20.0), cell, kind, weight=factor * 8.0)
        traces.append(nc.simulate(circuit, 120)["B", "v"])
    assert np.ptp(traces[0]) > 0.1
    assert traces[1] == pytest.approx(traces[0], abs=1e-6)


def test_an_injected_current_is_no_weight():
    circuit = nc.Circuit(dt=0.1)
    cell = circuit.add("lif", label="B")
    modulate(circuit, spikes(circuit, 5.0), cell, "weights", release=10.0, tau=1e9)
    circuit.connect(circuit.add("step_current", amplitude=100), cell)
    v = nc.simulate(circuit, 300)["B", "v"]
    assert v[-1] == pytest.approx(-60.0, abs=1e-4)


def test_two_modulators_of_one_parameter_add_their_parts():
    circuit = nc.Circuit(dt=0.1)
    unit = circuit.add("rate", label="R", b=1.0)
    modulate(circuit, spikes(circuit, 1.0), unit, "b", weight=1.0, release=1.0, tau=1e9)
    modulate(circuit, spikes(circuit, 1.0), unit, "b", "serotonin",
             weight=-0.5, release=3.0, tau=1e9)  # fmt: skip
    v = nc.simulate(circuit, 300)["R", "v"]
    assert v[-1] == pytest.approx(1 + 0.5 - 0.375, rel=1e-6)


def test_only_the_modulated_cells_change():
    circuit = nc.Circuit(dt=0.1)
    drive = circuit.add("step_current", amplitude=200)
    cells = [circuit.add("lif", label=label) for label in "AB"]
    for cell in cells:
        circuit.connect(drive, cell)
    modulate(circuit, spikes(circuit, 1.0), cells[0], "V_th", weight=-0.2, release=1e6, tau=1e9)
    result = nc.simulate(circuit, 300)
    # 200 pA end at -50 mV; the threshold goes from -55 to -44 mV.
    assert len(result.spikes("B")) > 5
    assert len(result.spikes("A")) == 0
    assert result["A", "v"][-1] == pytest.approx(-50, abs=1e-3)


def test_a_parameter_that_the_target_does_not_have_is_refused():
    circuit = nc.Circuit(dt=0.1)
    cell = circuit.add("lif", label="B")
    with pytest.raises(CircuitError, match="'g_Na' is not possible"):
        modulate(circuit, spikes(circuit, 1.0), cell, "g_Na")
