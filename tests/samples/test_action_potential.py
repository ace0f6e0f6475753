"""One action potential: all or none, and what the gates do meanwhile."""

from __future__ import annotations

import numpy as np
import pytest

import neurocanvas as nc

PULSE = (10.0, 12.0)
REST = -65.0
RECORD = ("v", "m", "h", "n")


@pytest.fixture
def circuit(load) -> nc.Circuit:
    return load("01_action_potential")


def run(circuit: nc.Circuit, **pulse: float) -> nc.Result:
    circuit.set(circuit.find("Pulse").id, **pulse)
    return nc.simulate(circuit, 60, record={circuit.find("Axon").id: RECORD})


def test_the_pulse_gives_one_spike_and_the_membrane_hesitates(circuit) -> None:
    result = run(circuit)
    (spike,) = result.spikes("Axon")
    assert PULSE[1] + 1 < spike < PULSE[1] + 5
    v = result["Axon", "v"]
    assert 30 < v.max() < 45
    assert -77 < v.min() < -75  # just above the reversal potential of potassium


def test_five_per_cent_less_gives_none(circuit) -> None:
    result = run(circuit, amplitude=380)
    assert result.spikes("Axon").size == 0
    assert -60 < result["Axon", "v"].max() < -50


def test_twice_the_current_gives_an_earlier_spike_of_nearly_the_same_size(circuit) -> None:
    weak, strong = run(circuit), run(circuit, amplitude=800)
    assert strong.spikes("Axon")[0] < weak.spikes("Axon")[0] - 2
    heights = [r["Axon", "v"].max() - REST for r in (weak, strong)]
    assert heights[1] == pytest.approx(heights[0], rel=0.05)


def test_m_opens_before_h_shuts_and_n_opens(circuit) -> None:
    result = run(circuit)
    m, h, n = (result["Axon", name] for name in RECORD[1:])
    half = {
        "m": np.argmax(m > (m[0] + m.max()) / 2),
        "h": np.argmax(h < (h[0] + h.min()) / 2),
        "n": np.argmax(n > (n[0] + n.max()) / 2),
    }
    assert half["m"] < half["h"]
    assert half["m"] < half["n"]
    below_rest = result["Axon", "v"][np.argmax(m) :] < REST - 2
    assert below_rest.sum() * result.dt_ms > 5


def test_a_long_pull_downward_ends_in_a_rebound(circuit) -> None:
    (spike,) = run(circuit, amplitude=-500, stop=30).spikes("Axon")
    assert 30 < spike < 40


def test_the_spike_is_that_of_the_reference(circuit) -> None:
    engine, exact = nc.simulate(circuit, 30), nc.simulate(circuit, 30, reference=True)
    assert engine.spikes("Axon") == pytest.approx(exact.spikes("Axon"), abs=0.01)
    assert engine["Axon", "v"] == pytest.approx(exact["Axon", "v"], abs=2.5)
