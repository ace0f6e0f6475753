"""The engine's integrate-and-fire neuron against its closed form."""

import math

import numpy as np
import pytest
from closed_forms import Lif

import neurocanvas as nc

LIF = Lif()


def driven(current, dt, *, size=1, gain=1.0, start=0.0, stop=1e9, **parameters):
    circuit = nc.Circuit(dt=dt)
    neuron = circuit.add("lif", label="A", size=size, **parameters)
    source = circuit.add("step_current", amplitude=current, start=start, stop=stop)
    circuit.connect(source, neuron, gain=gain)
    return circuit


@pytest.mark.parametrize("dt", [0.01, 0.025, 0.1, 0.5])
@pytest.mark.parametrize("current", [151.0, 200.0, 300.0, 1000.0])
def test_first_spike_and_every_interval_within_one_step(current, dt):
    spikes = nc.simulate(driven(current, dt), 1000).spikes("A")
    assert spikes[0] == pytest.approx(LIF.time_to_threshold(current, -70.0), abs=dt)
    assert len(spikes) > 5
    assert np.abs(np.diff(spikes) - LIF.period(current)).max() <= dt


def test_the_first_spike_is_interpolated_far_inside_the_step():
    # The error of linear interpolation in a step is about dt**2/(8 tau_m) at most.
    for dt in (0.5, 0.1, 0.025):
        spikes = nc.simulate(driven(300.0, dt), 20).spikes("A")
        assert spikes[0] == pytest.approx(13.862943611, abs=dt**2 / (8 * 20.0) * 1.01)


@pytest.mark.parametrize("t_ref", [0.0, 2.0, 2.51])
@pytest.mark.parametrize("current", [160.0, 300.0, 2000.0])
def test_no_spike_of_a_train_is_lost_to_the_grid(current, t_ref):
    # Spike and end of the refractory period lie inside steps: the error falls with their square.
    for dt in (0.2, 0.1, 0.05, 0.025):
        spikes = nc.simulate(driven(current, dt, t_ref=t_ref), 500).spikes("A")
        late = np.diff(spikes) - Lif(t_ref=t_ref).period(current)
        assert np.abs(late).max() < dt**2 / 20


@pytest.mark.parametrize("dt", [0.025, 0.1, 1.0])
def test_below_the_threshold_it_is_exact_at_any_step(dt):
    result = nc.simulate(driven(140.0, dt, start=10, stop=40), 80)
    t = result.times
    on = LIF.relax(np.clip(t - 10, 0, 30), 140.0, -70.0)
    expected = np.where(t <= 40, on, LIF.relax(t - 40, 0.0, LIF.relax(30.0, 140.0, -70.0)))
    assert result["A", "v"] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("current", "fires"), [(149.9, False), (150.0, False), (150.2, True)])
def test_it_fires_above_its_rheobase_only(current, fires):
    assert (len(nc.simulate(driven(current, 0.1), 1000).spikes("A")) > 0) is fires


def test_the_rate_follows_the_closed_form_over_the_whole_f_i_curve():
    currents = np.linspace(155, 3000, 24)
    circuit = nc.Circuit(dt=0.01)
    for k, current in enumerate(currents):
        neuron = circuit.add("lif", label=f"A{k}")
        circuit.connect(circuit.add("step_current", amplitude=current), neuron)
    result = nc.simulate(circuit, 1000, record={})
    for k, current in enumerate(currents):
        spikes = result.spikes(f"A{k}")
        rate = (len(spikes) - 1) / (spikes[-1] - spikes[0])
        period = LIF.period(current)
        assert 1 / (period + 0.01) <= rate <= 1 / (period - 0.01)


@pytest.mark.parametrize("t_ref", [0.0, 2.0, 2.51, 30.0])
def test_after_a_spike_it_is_held_for_the_refractory_period(t_ref):
    result = nc.simulate(driven(500.0, 0.1, t_ref=t_ref), 100)
    first, second = result.spikes("A")[:2]
    assert second - first == pytest.approx(Lif(t_ref=t_ref).period(500.0), abs=0.1)
    between = (result.times > first) & (result.times < second)
    held = result["A", "v"][between] == -70.0
    assert 0.1 * held.sum() == pytest.approx(t_ref, abs=0.11)


def test_the_peak_recorded_never_exceeds_the_threshold_by_more_than_a_step_allows():
    result = nc.simulate(driven(300.0, 0.1), 500)
    slope = (300.0 * 20.0 / 200.0 - 15.0) / 20.0
    assert result["A", "v"].max() <= -55.0 + slope * 0.1


def test_an_injection_multiplies_by_its_gain_and_several_add_up():
    circuit = driven(200.0, 0.1, gain=0.25)
    neuron = circuit.find("A").id
    circuit.connect(circuit.add("step_current", amplitude=-30, start=20), neuron, gain=2)
    result = nc.simulate(circuit, 60)
    t = result.times
    first = LIF.relax(np.minimum(t, 20), 50.0, -70.0)
    expected = np.where(t <= 20, first, LIF.relax(t - 20, -10.0, LIF.relax(20.0, 50.0, -70.0)))
    assert result["A", "v"] == pytest.approx(expected, abs=1e-9)


def test_sources_reach_a_population_by_the_rule_of_the_link():
    circuit = nc.Circuit(dt=0.1)
    neurons = circuit.add("lif", label="A", size=3)
    sources = circuit.add("step_current", size=3, amplitude=20)
    circuit.connect(sources, neurons, rule="one_to_one")
    circuit.connect(sources, neurons, rule="all_to_all")
    result = nc.simulate(circuit, 50)
    expected = LIF.relax(result.times, 80.0, -70.0)
    assert result["A", "v"] == pytest.approx(np.column_stack([expected] * 3), abs=1e-9)


def test_every_parameter_enters_as_on_paper():
    other = Lif(C_m=350.0, tau_m=12.0, E_L=-64.0, V_th=-51.0, V_reset=-58.0, t_ref=3.0)
    values = {
        name: getattr(other, name) for name in ("C_m", "tau_m", "E_L", "V_th", "V_reset", "t_ref")
    }
    spikes = nc.simulate(driven(600.0, 0.01, v_0=-60.0, **values), 300).spikes("A")
    assert spikes[0] == pytest.approx(other.time_to_threshold(600.0, -60.0), abs=1e-4)
    assert np.abs(np.diff(spikes) - other.period(600.0)).max() <= 0.01
    assert len(spikes) == pytest.approx(300 / other.period(600.0), abs=1)


def test_an_endless_time_constant_gives_the_perfect_integrator():
    spikes = nc.simulate(driven(100.0, 0.1, tau_m=1e12, t_ref=0), 200).spikes("A")
    # 15 mV at 0.5 mV/ms.
    assert spikes[0] == pytest.approx(30.0, abs=0.1)
    assert math.isclose(np.diff(spikes).mean(), 30.0, abs_tol=0.1)
