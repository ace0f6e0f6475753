"""Weights and traces of links in a headless run."""

from __future__ import annotations

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas.errors import CircuitError
from neurocanvas.model import edits


@pytest.fixture
def learning() -> tuple[nc.Circuit, str]:
    """Two trains of spikes onto three cells that fire because they are driven."""
    circuit = nc.Circuit(dt=0.1)
    source = circuit.add("spike_list", size=2, label="S")
    circuit.apply(edits.SetData(source, {"times": (10.0, 30.0)}))
    cells = circuit.add("lif", size=3, label="C")
    drive = circuit.add("step_current", amplitude=2000.0, start=14.0, stop=18.0)
    circuit.connect(drive, cells)
    link = circuit.connect(source, cells, "ampa", weight=1.0, delay=1.0)
    circuit.apply(edits.SetFeature(link, "stdp", {"eta": 0.1, "w_max": 2.0, "tau_plus": 20.0}))
    return circuit, link


def test_every_synapse_has_a_weight_and_every_neuron_a_trace(learning):
    circuit, link = learning
    result = nc.simulate(circuit, 60, record={link: ["w", "stdp.x", "stdp.y", "g"]})
    assert result[link, "w"].shape == (601, 6)
    assert result[link, "stdp.y"].shape == (601, 3)
    assert result[link, "g"].shape == (601, 3)
    assert np.all(result[link, "w"][0] == 1.0)
    # Each arrival before a spike of the target adds eta*w_max*exp(-gap/tau): here at 11 ms.
    first = result.spikes("C")[0]
    after = round(first / 0.1) + 2
    grown = 1.0 + 0.1 * 2.0 * np.exp(-(first - 11.0) / 20.0)
    assert result[link, "w"][after] == pytest.approx(grown, rel=0.01)


def test_what_a_link_does_not_have_is_refused_in_words(learning):
    circuit, link = learning
    with pytest.raises(CircuitError, match=r"S -> C \(ampa\) has no variable 'stdp.q'; recordable"):
        nc.simulate(circuit, 10, record={link: ["stdp.q"]})
    circuit.apply(edits.SetFeature(link, "stdp", None))
    with pytest.raises(CircuitError, match=r"no variable 'stdp\.x'"):
        nc.simulate(circuit, 10, record={link: ["stdp.x"]})


def test_a_trace_is_shown_as_it_is_now_not_as_the_last_spike_left_it():
    circuit = nc.Circuit(dt=0.1)
    source = circuit.add("spike_list")
    circuit.apply(edits.SetData(source, {"times": (10.0, 22.0)}))
    cell = circuit.add("lif", label="C")
    link = circuit.connect(source, cell, "ampa", weight=0.1, delay=1.0)
    circuit.apply(edits.SetFeature(link, "stdp", {"tau_plus": 15.0}))
    circuit.apply(edits.SetFeature(link, "tsodyks_markram", {"U": 0.4, "tau_rec": 50.0}))
    result = nc.simulate(circuit, 60, record={link: ["stdp.x", "tsodyks_markram.x"]})
    t = result.times
    arrivals = np.array([11.0, 23.0])
    since = t[:, None] - arrivals
    x = np.sum(np.where(since > 1e-9, np.exp(-since / 15.0), 0.0), axis=1)
    away = np.abs(since).min(axis=1) > 0.21  # a spike acts on the grid
    assert np.abs(result[link, "stdp.x"] - x)[away].max() < 1e-9
    # Tsodyks & Markram: x recovers with tau_rec; each release takes the part u = U of it.
    at = [np.searchsorted(t, when) for when in (9.0, 12.0, 40.0)]
    first = 1.0 - 0.4
    second = (1 - (1 - first) * np.exp(-12.0 / 50.0)) * (1 - 0.4)
    expected = [1.0, 1 - (1 - first) * np.exp(-2.0 / 50.0), 1 - (1 - second) * np.exp(-18.0 / 50.0)]
    assert result[link, "tsodyks_markram.x"][at] == pytest.approx(expected, abs=2e-3)


def test_the_reference_records_weights_and_traces_as_the_engine_does(learning):
    circuit, link = learning
    circuit.apply(edits.SetFeature(link, "tsodyks_markram", {"U": 0.4, "tau_rec": 50.0}))
    record = {link: ["w", "stdp.x", "stdp.y", "tsodyks_markram.x", "g"], "n2": ["v"]}
    engine = nc.simulate(circuit, 60, record=record)
    exact = nc.simulate(circuit, 60, record=record, reference=True)
    assert len(engine.spikes("C")) == len(exact.spikes("C")) > 0
    # A spike acts at its own time here, at the end of its step there: samples beside one differ.
    spikes = np.concatenate((exact.spikes("C"), exact.spikes("S")))
    fired = np.unique(np.searchsorted(exact.times, spikes))
    away = np.ones(len(exact.times), bool)
    away[np.add.outer(fired, [-1, 0, 1, 2]).ravel()] = False
    for name in record[link][:4]:
        one, other = engine[link, name], exact[link, name]
        assert one.shape == other.shape
        assert np.ptp(other) > 0.05
        assert one[away] == pytest.approx(other[away], abs=4e-3)
    # Weights by hand: the arrival at 11 ms stands before the first spike of each cell.
    first = exact.spikes("C")[0]
    after = np.searchsorted(exact.times, first)
    grown = 1.0 + 0.1 * 2.0 * np.exp(-(first - 11.0) / 20.0)
    assert exact[link, "w"][after] == pytest.approx(grown, abs=1e-9)
    assert np.all(exact[link, "w"][after - 1] == 1.0)
