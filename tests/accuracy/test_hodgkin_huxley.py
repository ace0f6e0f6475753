"""The engine's Hodgkin-Huxley neuron against published spikes and hand-written equations."""

import closed_forms
import numpy as np
import pytest
from closed_forms import HH_DENSITY_PA, HH_SPIKES_MS

import neurocanvas as nc
from neurocanvas.errors import NotFinite


def driven(current, dt, **step):
    circuit = nc.Circuit(dt=dt)
    neuron = circuit.add("hodgkin_huxley", label="A")
    circuit.connect(circuit.add("step_current", amplitude=current, **step), neuron)
    return circuit


@pytest.mark.parametrize(
    ("dt", "allowed"), [(0.005, 0.003), (0.01, 0.01), (0.025, 0.1), (0.05, 0.2)]
)
def test_the_seven_published_spikes(dt, allowed):
    spikes = nc.simulate(driven(HH_DENSITY_PA, dt, start=100, stop=200), 205).spikes("A")
    assert len(spikes) == 7
    assert np.abs(spikes - HH_SPIKES_MS).max() < allowed


def test_half_the_step_makes_a_quarter_of_the_error():
    # Against the equations written out by hand, over three spikes and what lies between them.
    circuit = driven(1000.0, 0.04)
    errors = []
    for dt in (0.04, 0.02, 0.01, 0.005):
        result = nc.simulate(circuit, 40, dt=dt)
        by_hand = closed_forms.hodgkin_huxley(result.times, 10.0)
        errors.append(np.sqrt(np.mean((result["A", "v"] - by_hand) ** 2)))
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.all((orders > 1.8) & (orders < 2.2)), (errors, orders)


def test_spike_times_are_where_the_recorded_trace_crosses_the_level():
    result = nc.simulate(driven(1000.0, 0.025), 60)
    found = closed_forms.crossings(result.times, result["A", "v"], 0.0)
    assert len(found) == 4
    assert result.spikes("A") == pytest.approx(found, abs=1e-9)


def test_it_settles_where_its_currents_balance():
    circuit = nc.Circuit(dt=0.025)
    circuit.add("hodgkin_huxley", label="A")
    result = nc.simulate(circuit, 400)
    assert len(result.spikes("A")) == 0
    assert result["A", "v"][-1] == pytest.approx(closed_forms.hodgkin_huxley_rest(), abs=1e-6)


@pytest.mark.parametrize(
    ("density", "goes_on"), [(5.5, False), (6.0, False), (6.6, True), (20.0, True)]
)
def test_repetitive_firing_sets_in_between_6_and_7_microamperes(density, goes_on):
    # Rinzel & Miller 1980, Math. Biosci. 49:27: stable periodic firing begins near 6.3 uA/cm2.
    spikes = nc.simulate(driven(100 * density, 0.025), 600).spikes("A")
    assert len(spikes) >= 1
    assert (spikes[-1] > 550) is np.bool_(goes_on)


def test_under_a_current_out_of_all_proportion_potassium_and_leak_balance_it():
    result = nc.simulate(driven(1e12, 0.025), 20)
    assert result["A", "v"][-1] == pytest.approx(1e12 / (3600.0 + 30.0), rel=1e-6)


def test_a_variable_that_leaves_the_numbers_is_reported_by_name_and_time():
    circuit = nc.Circuit(dt=0.025)
    axon = circuit.add("hodgkin_huxley", label="Axon")
    for _ in range(2):
        circuit.connect(circuit.add("step_current", amplitude=1.7e308, start=10), axon)
    with pytest.raises(NotFinite, match=r"Axon: v is not a finite number at 10") as caught:
        nc.simulate(circuit, 50)
    assert caught.value.time_ms == pytest.approx(10.0, abs=0.06)
