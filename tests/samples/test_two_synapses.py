"""Excitation and inhibition: one potential up, the other down, and the reversal potential."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import neurocanvas as nc

C_M, TAU_M, E_L = 200.0, 20.0, -70.0


@pytest.fixture
def circuit(load) -> nc.Circuit:
    return load("03_two_synapses")


def exact_potential(times, arrivals, v_0, bias, weight, tau, E_rev):
    """Membrane potential under conductances that set in at the arrivals, in mV."""

    def slope(t, v):
        g = sum(weight * math.exp(-(t - a) / tau) for a in arrivals if t >= a)
        return (E_L - v) / TAU_M + (bias + g * (E_rev - v)) / C_M

    edges = [times[0], *arrivals, times[-1]]
    values, v = np.empty(0), np.array([v_0])
    for start, stop in itertools.pairwise(edges):
        own = times[(times >= start) & (times < stop)]
        part = solve_ivp(slope, (start, stop), v, t_eval=[*own, stop], rtol=1e-9, atol=1e-9)
        values, v = np.append(values, part.y[0, :-1]), part.y[:, -1]
    return np.append(values, v)


def test_the_epsp_goes_up_and_the_ipsp_down(circuit) -> None:
    result = nc.simulate(circuit, 400)
    spikes = result.spikes("Presynaptic")
    # 155 pA: 2 ms + 20 ms ln(15.5/0.5) from spike to spike.
    assert np.diff(spikes) == pytest.approx(2 + 20 * math.log(31), abs=circuit.settings.dt)
    first = result.times < spikes[1]
    excited, inhibited = result["Excited", "v"][first], result["Inhibited", "v"][first]
    assert excited.min() == pytest.approx(-70)
    assert 4 < excited.max() + 70 < 6
    assert inhibited.max() == pytest.approx(-60)
    assert -6 < inhibited.min() + 60 < -3


@pytest.mark.parametrize(
    ("label", "kind", "v_0", "bias"),
    [("Excited", "ampa", -70.0, 0.0), ("Inhibited", "gaba_a", -60.0, 100.0)],
)
def test_both_are_those_of_the_membrane_equation(circuit, link, label, kind, v_0, bias) -> None:
    values = circuit.values(link(circuit, "Presynaptic", label))
    result = nc.simulate(circuit, 200)
    arrivals = result.spikes("Presynaptic") + values["delay"]
    # A spike counts from the end of its step: somewhat later than at its own time.
    arrivals = np.ceil(arrivals / circuit.settings.dt) * circuit.settings.dt
    exact = exact_potential(
        result.times, arrivals, v_0, bias, values["weight"], values["tau"], values["E_rev"]
    )
    assert result[label, "v"] == pytest.approx(exact, abs=0.02)


def test_the_ipsp_vanishes_at_its_reversal_potential_and_turns_beyond(circuit) -> None:
    node, bias = circuit.find("Inhibited").id, circuit.find("Bias").id
    circuit.set(bias, amplitude=-100)
    circuit.set(node, v_0=-80)
    assert np.ptp(nc.simulate(circuit, 200)["Inhibited", "v"]) < 1e-6
    circuit.set(bias, amplitude=-150)
    circuit.set(node, v_0=-85)
    v = nc.simulate(circuit, 200)["Inhibited", "v"]
    assert v.max() > -84
    assert v.min() == pytest.approx(-85)


def test_a_heavier_ampa_synapse_makes_its_target_fire(circuit, link) -> None:
    assert nc.simulate(circuit, 400).spikes("Excited").size == 0
    circuit.set(link(circuit, "Presynaptic", "Excited"), weight=20)
    assert nc.simulate(circuit, 400).spikes("Excited").size > 0


def test_the_traces_are_those_of_the_reference(circuit) -> None:
    engine, exact = nc.simulate(circuit, 300), nc.simulate(circuit, 300, reference=True)
    pair = engine.spikes("Presynaptic"), exact.spikes("Presynaptic")
    assert pair[0] == pytest.approx(pair[1], abs=circuit.settings.dt)
    for label in ("Excited", "Inhibited"):
        # One step late at most, where the potential moves by up to 1.6 mV in a millisecond.
        assert engine[label, "v"] == pytest.approx(exact[label, "v"], abs=0.04)
