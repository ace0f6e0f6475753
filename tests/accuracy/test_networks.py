"""Whole circuits: engine against reference, spike by spike."""

import itertools

import numpy as np
import pytest

import neurocanvas as nc


def both(circuit, duration, **options):
    return nc.simulate(circuit, duration, **options), nc.simulate(
        circuit, duration, reference=True, **options
    )


def assert_alike(engine, exact, labels, allowed):
    for label in labels:
        index, times = engine.spikes_by_neuron(label)
        other, exact_times = exact.spikes_by_neuron(label)
        assert len(times) == len(exact_times) > 0, label
        for k in np.unique(other):
            assert times[index == k] == pytest.approx(exact_times[other == k], abs=allowed), label


def test_a_chain_of_axons_passes_one_action_potential_on():
    circuit = nc.Circuit(dt=0.01)
    cells = [circuit.add("hodgkin_huxley", label=f"A{k}") for k in range(4)]
    circuit.connect(circuit.add("step_current", amplitude=1500, start=2, stop=3), cells[0])
    for pre, post in itertools.pairwise(cells):
        circuit.connect(pre, post, "ampa", weight=30, delay=2)
    engine, exact = both(circuit, 30)
    assert [len(exact.spikes(f"A{k}")) for k in range(4)] == [1, 1, 1, 1]
    # Each synapse adds a wait for the next step: at most 0.01 ms.
    for k in range(4):
        late = engine.spikes(f"A{k}") - exact.spikes(f"A{k}")
        assert -0.002 <= late[0] <= 0.012 * k + 0.002


def test_feedback_inhibition_between_an_axon_and_an_integrator():
    circuit = nc.Circuit(dt=0.01)
    a = circuit.add("hodgkin_huxley", label="E")
    b = circuit.add("lif", label="I")
    circuit.connect(circuit.add("step_current", amplitude=900), a)
    circuit.connect(a, b, "ampa", weight=25, delay=1)
    circuit.connect(b, a, "gaba_a", weight=60, delay=1)
    engine, exact = both(circuit, 80)
    assert len(exact.spikes("E")) < 6
    assert_alike(engine, exact, "EI", 0.08)


def test_a_population_under_random_spikes_fires_at_the_times_of_the_reference():
    circuit = nc.Circuit(dt=0.05, seed=7)
    noise = circuit.add("poisson", label="noise", size=20, rate=800)
    cells = circuit.add("lif", label="cells", size=12)
    circuit.connect(noise, cells, "ampa", weight=0.6, rule="probability", rule_values={"p": 0.5})
    engine, exact = both(circuit, 60, record={})
    assert len(exact.spikes("cells")) >= 12
    assert np.array_equal(engine.spikes("noise"), exact.spikes("noise"))
    # First spikes only: after a reset a difference of one step may grow.
    for k in range(12):
        one, two = (r.spikes_by_neuron("cells") for r in (engine, exact))
        assert one[1][one[0] == k][0] == pytest.approx(two[1][two[0] == k][0], abs=0.05)


def test_random_connections_are_the_same_in_engine_and_reference():
    circuit = nc.Circuit(dt=0.1, seed=11)
    a = circuit.add("lif", label="A", size=30, t_ref="1000 s", C_m=100)
    b = circuit.add("lif", label="B", size=20)
    circuit.connect(circuit.add("step_current", amplitude=2000), a)
    circuit.connect(a, b, "current_synapse", weight=8, rule="probability", rule_values={"p": 0.3})
    circuit.connect(
        a, b, "current_synapse_inhibitory", weight=4, rule="fixed_in_degree", rule_values={"n": 4}
    )
    engine, exact = both(circuit, 20)
    assert np.ptp(engine["B", "v"][100]) > 0.5
    # All arrive up to one step later in the engine.
    assert (
        np.abs(engine["B", "v"] - exact["B", "v"]).max()
        < 0.1 * np.abs(np.gradient(exact["B", "v"], 0.1, axis=0)).max() + 1e-3
    )
