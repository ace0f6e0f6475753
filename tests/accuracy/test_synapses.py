"""Synapses of the engine against closed forms: shape, peak, sum and delay of what a spike does."""

import math

import numpy as np
import pytest
from closed_forms import Lif

import neurocanvas as nc

LIF = Lif()
TAUS = {"current_synapse": 5.0, "current_synapse_inhibitory": 5.0, "ampa": 5.0, "gaba_a": 10.0}


def triggered(synapse, *, dt=0.1, delay=1.0, weight=4.0, **target):
    """A neuron A that fires once and a synapse to B; the spike lies inside a step."""
    circuit = nc.Circuit(dt=dt)
    a = circuit.add("lif", label="A", t_ref="1000 s", C_m=100)
    b = circuit.add("lif", label="B", **target)
    circuit.connect(circuit.add("step_current", amplitude=2000, start=3), a)
    link = circuit.connect(a, b, synapse, weight=weight, delay=delay)
    return circuit, link


def arrival_of(result, delay, dt):
    """When the only spike of A takes effect: at the end of its step, plus the delay."""
    (spike,) = result.spikes("A")
    return (math.ceil(spike / dt) + round(delay / dt)) * dt


@pytest.mark.parametrize("kind", TAUS)
@pytest.mark.parametrize("dt", [0.025, 0.1, 0.5])
def test_what_a_spike_opens_decays_exactly_at_any_step(kind, dt):
    circuit, link = triggered(kind, dt=dt)
    variable = "i" if kind.startswith("current") else "g"
    result = nc.simulate(circuit, 60, record={link: [variable]})
    since = result.times - arrival_of(result, 1.0, dt)
    expected = np.where(since > 1e-9, 4.0 * np.exp(-since / TAUS[kind]), 0.0)
    assert result[link, variable] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_current_psp_is_a_difference_of_exponentials(sign):
    kind = "current_synapse" if sign > 0 else "current_synapse_inhibitory"
    circuit, _ = triggered(kind, weight=128)
    errors = []
    for dt in (0.2, 0.1, 0.05, 0.025):
        result = nc.simulate(circuit, 80, dt=dt)
        expected = sign * LIF.current_psp(result.times - arrival_of(result, 1.0, dt), 128.0, 5.0)
        errors.append(np.abs(result["B", "v"] + 70.0 - expected).max() / np.abs(expected).max())
    assert errors[1] < 1e-4
    # A trapezoid of the current: second order.
    assert np.all(np.diff(np.log2(errors)) < -1.8)


def test_time_and_height_of_the_peak_of_a_psp():
    circuit, _ = triggered("current_synapse", weight=128)
    result = nc.simulate(circuit, 80, dt=0.01)
    since = result.times - arrival_of(result, 1.0, 0.01)
    peak = np.argmax(result["B", "v"])
    expected = LIF.current_psp_peak(5.0)
    assert since[peak] == pytest.approx(expected, abs=0.01)
    height = LIF.current_psp(expected, 128.0, 5.0)
    assert result["B", "v"][peak] + 70.0 == pytest.approx(height, rel=1e-5)


@pytest.mark.parametrize(("kind", "reversal"), [("ampa", 0.0), ("gaba_a", -80.0)])
def test_a_conductance_psp_follows_the_equation_with_its_varying_coefficient(kind, reversal):
    circuit, _ = triggered(kind, weight=4)
    errors = []
    for dt in (0.2, 0.1, 0.05, 0.025):
        result = nc.simulate(circuit, 40, dt=dt)
        t = result.times[:: round(0.2 / dt)]
        arrival = arrival_of(result, 1.0, dt)
        expected = [LIF.conductance_psp(s - arrival, 4.0, TAUS[kind], reversal) for s in t]
        found = result["B", "v"][:: round(0.2 / dt)] + 70.0
        errors.append(np.abs(found - expected).max() / np.abs(expected).max())
    assert errors[1] < 2e-4
    assert np.all(np.diff(np.log2(errors)) < -1.8)


@pytest.mark.parametrize(("kind", "reversal"), [("ampa", 0.0), ("gaba_a", -80.0)])
def test_an_enormous_conductance_pulls_to_its_reversal_and_not_beyond(kind, reversal):
    circuit, _ = triggered(kind, dt=0.1, weight=1e7, V_th=1000)
    v = nc.simulate(circuit, 30)["B", "v"]
    beyond = v.max() if reversal > -70 else -v.min()
    assert beyond <= abs(reversal) + 1e-9
    assert np.abs(v - reversal).min() < 1e-3


def test_the_reversal_potential_of_a_synapse_at_rest_shunts_without_a_deflection():
    circuit, link = triggered("gaba_a", weight=20)
    circuit.set(link, E_rev=-70)
    assert nc.simulate(circuit, 40)["B", "v"] == pytest.approx(-70.0, abs=1e-12)


def test_spikes_of_many_synapses_on_one_neuron_add_up():
    circuit = nc.Circuit(dt=0.1)
    a = circuit.add("lif", label="A", size=7, t_ref="1000 s", C_m=100)
    b = circuit.add("lif", label="B", size=3)
    circuit.connect(circuit.add("step_current", amplitude=2000, start=3), a)
    circuit.connect(a, b, "current_synapse", weight=8, delay=1)
    circuit.connect(
        a, b, "current_synapse", weight=4, delay=1, rule="fixed_in_degree", rule_values={"n": 5}
    )
    result = nc.simulate(circuit, 40)
    spike = result.spikes("A")[0]
    arrival = (math.ceil(spike / 0.1) + 10) * 0.1
    expected = LIF.current_psp(result.times - arrival, 7 * 8.0 + 5 * 4.0, 5.0)
    assert len(result.spikes("A")) == 7
    assert result["B", "v"][:, 2] + 70.0 == pytest.approx(expected, abs=1e-4 * expected.max())


def test_a_weight_of_nothing_does_nothing():
    circuit, _ = triggered("ampa", weight=0)
    assert np.all(nc.simulate(circuit, 40)["B", "v"] == -70.0)


# -- delays ---------------------------------------------------------------------------------------


def test_every_delay_from_one_step_to_two_seconds_is_exact_to_the_step():
    dt = 0.025
    steps = [1, 2, 3, 7, 40, 63, 64, 65, 1000, 4096, 40_000, 80_000]
    circuit = nc.Circuit(dt=dt)
    a = circuit.add("lif", label="A", t_ref="1000 s", C_m=100)
    circuit.connect(circuit.add("step_current", amplitude=2000, start=3), a)
    links = {}
    for k in steps:
        b = circuit.add("lif", label=f"B{k}")
        links[k] = circuit.connect(a, b, "current_synapse", weight=16, delay=k * dt)
    result = nc.simulate(circuit, 2010, record={link: ["i"] for link in links.values()})
    (spike,) = result.spikes("A")
    step = int(spike / dt)
    for k, link in links.items():
        first = np.flatnonzero(result[link, "i"])[0]
        # The spike of step n arrives at the beginning of step n + 1 + k, seen one sample later.
        assert first == step + 1 + k + 1
        assert result[link, "i"][first] == pytest.approx(16 * math.exp(-dt / 5.0), rel=1e-12)


def test_a_train_of_spikes_arrives_in_order_none_lost_over_a_delay_longer_than_the_train():
    dt = 0.1
    circuit = nc.Circuit(dt=dt)
    a = circuit.add("lif", label="A")
    circuit.connect(circuit.add("step_current", amplitude=900, stop=200), a)
    b = circuit.add("lif", label="B")
    link = circuit.connect(a, b, "current_synapse", weight=1, tau=0.05, delay=500)
    result = nc.simulate(circuit, 800, record={link: ["i"]})
    spikes = result.spikes("A")
    assert len(spikes) > 20
    # One step after its arrival each is at exp(-2), two steps after at exp(-4).
    arrived = np.flatnonzero(result[link, "i"] > 0.1)
    assert arrived.tolist() == [math.ceil(s / dt) + 5000 + 1 for s in spikes]


def test_two_links_with_different_delays_between_the_same_neurons():
    circuit, first = triggered("current_synapse", delay=2.0, weight=16)
    ids = [node.id for node in circuit.nodes()]
    second = circuit.connect(ids[0], ids[1], "current_synapse", delay=7.0, weight=8)
    result = nc.simulate(circuit, 40, record={first: ["i"], second: ["i"]})
    for link, delay, weight in ((first, 2.0, 16.0), (second, 7.0, 8.0)):
        since = result.times - arrival_of(result, delay, 0.1)
        expected = np.where(since > 1e-9, weight * np.exp(-since / 5.0), 0.0)
        assert result[link, "i"] == pytest.approx(expected, abs=1e-9)
