"""The reference solution against solutions on paper and against an independent hand-written one."""

import closed_forms
import numpy as np
import pytest
from closed_forms import HH_DENSITY_PA, HH_SPIKES_MS, Lif

import neurocanvas as nc

LIF = Lif()
TRIGGER = {"C_m": 100.0, "tau_m": 10.0, "t_ref": "1000 s"}
TRIGGER_CURRENT = 2000.0


def solved(circuit, duration, **options):
    return nc.simulate(circuit, duration, reference=True, **options)


def with_current(kind, current, dt=0.1, **step):
    circuit = nc.Circuit(dt=dt)
    neuron = circuit.add(kind, label="A")
    circuit.connect(circuit.add("step_current", amplitude=current, **step), neuron)
    return circuit


def triggered(synapse, *, start=3.0, dt=0.1, target="lif", **parameters):
    """A neuron that fires exactly once, at a time known on paper, and a synapse from it to B.

    Returns:
        The circuit and the time of the spike.
    """
    circuit = nc.Circuit(dt=dt)
    a = circuit.add("lif", label="A", **TRIGGER)
    b = circuit.add(target, label="B")
    circuit.connect(circuit.add("step_current", amplitude=TRIGGER_CURRENT, start=start), a)
    circuit.connect(a, b, synapse, **parameters)
    spike = start + Lif(C_m=100.0, tau_m=10.0).time_to_threshold(TRIGGER_CURRENT, -70.0)
    return circuit, spike


def test_the_hodgkin_huxley_neuron_fires_the_seven_published_spikes():
    circuit = with_current("hodgkin_huxley", HH_DENSITY_PA, start=100, stop=200)
    assert solved(circuit, 205).spikes("A") == pytest.approx(HH_SPIKES_MS, abs=0.002)


def test_the_hodgkin_huxley_neuron_follows_its_equations_written_out_by_hand():
    result = solved(with_current("hodgkin_huxley", 1000.0), 40)
    by_hand = closed_forms.hodgkin_huxley(result.times, 10.0)
    assert by_hand.max() > 20
    assert result["A", "v"] == pytest.approx(by_hand, abs=2e-5)


@pytest.mark.parametrize("current", [151.0, 200.0, 300.0, 2000.0])
def test_lif_spikes_come_at_the_times_of_the_closed_form(current):
    spikes = solved(with_current("lif", current), 300).spikes("A")
    first = LIF.time_to_threshold(current, -70.0)
    expected = first + LIF.period(current) * np.arange(len(spikes))
    assert len(spikes) == 1 + int((300 - first) // LIF.period(current))
    assert spikes == pytest.approx(expected, abs=1e-6)


def test_lif_stays_silent_at_the_current_that_just_does_not_reach_the_threshold():
    assert len(solved(with_current("lif", 150.0), 500).spikes("A")) == 0


def test_a_lif_neuron_charges_and_discharges_exponentially():
    result = solved(with_current("lif", 140.0, start=10.0, stop=40.0), 80)
    t, v = result.times, result["A", "v"]
    charged = LIF.relax(30.0, 140.0, -70.0)
    on = np.clip(t - 10.0, 0.0, 30.0)
    expected = np.where(t <= 40.0, LIF.relax(on, 140.0, -70.0), LIF.relax(t - 40.0, 0.0, charged))
    assert v == pytest.approx(expected, abs=1e-8)


def test_a_step_that_switches_between_two_samples_is_not_smeared():
    result = solved(with_current("lif", 140.0, start=10.0371, stop=1e9), 30)
    t = result.times
    expected = LIF.relax(np.maximum(t - 10.0371, 0.0), 140.0, -70.0)
    assert result["A", "v"] == pytest.approx(expected, abs=1e-8)


def test_in_the_refractory_period_the_potential_stays_at_reset():
    result = solved(with_current("lif", 300.0), 40)
    since = result.times - result.spikes("A")[0]
    held = (since > 0) & (since <= LIF.t_ref)
    assert held.sum() >= 19
    assert np.all(result["A", "v"][held] == LIF.V_reset)
    after = (since > LIF.t_ref) & (since < LIF.period(300.0))
    expected = LIF.relax(since[after] - LIF.t_ref, 300.0, -70.0)
    assert result["A", "v"][after] == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize(
    ("kind", "sign"), [("current_synapse", 1), ("current_synapse_inhibitory", -1)]
)
@pytest.mark.parametrize("delay", [0.1, 1.0, 25.0])
def test_a_current_synapse_gives_a_difference_of_exponentials_after_its_delay(kind, sign, delay):
    circuit, spike = triggered(kind, weight=100, delay=delay)
    result = solved(circuit, 100)
    assert result.spikes("A") == pytest.approx([spike], abs=1e-9)
    expected = sign * LIF.current_psp(result.times - spike - delay, 100.0, 5.0)
    assert np.abs(expected).max() > 1.0
    assert result["B", "v"] + 70.0 == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize(("kind", "tau", "reversal"), [("ampa", 5.0, 0.0), ("gaba_a", 10.0, -80.0)])
def test_a_conductance_synapse_follows_the_linear_equation_with_its_coefficient(
    kind, tau, reversal
):
    circuit, spike = triggered(kind, weight=3.0, delay=1.5)
    result = solved(circuit, 60)
    expected = [LIF.conductance_psp(t - spike - 1.5, 3.0, tau, reversal) for t in result.times]
    assert np.abs(expected).max() > 0.5
    assert result["B", "v"] + 70.0 == pytest.approx(expected, abs=1e-8)


def test_two_spikes_on_one_synapse_add_up():
    circuit, spike = triggered("current_synapse", weight=60, delay=1)
    other = circuit.add("lif", label="C", **TRIGGER)
    circuit.connect(circuit.add("step_current", amplitude=TRIGGER_CURRENT, start=8.0), other)
    circuit.connect(other, circuit.find("B").id, "current_synapse", weight=60, delay=1, tau=5)
    result = solved(circuit, 60)
    one = LIF.current_psp(result.times - spike - 1.0, 60.0, 5.0)
    two = LIF.current_psp(result.times - spike - 6.0, 60.0, 5.0)
    assert result["B", "v"] + 70.0 == pytest.approx(one + two, abs=1e-8)


def test_a_delay_is_rounded_to_whole_steps_as_in_the_engine():
    circuit, spike = triggered("current_synapse", weight=100, delay="1.26 ms")
    result = solved(circuit, 30)
    expected = LIF.current_psp(result.times - spike - 1.3, 100.0, 5.0)
    assert result["B", "v"] + 70.0 == pytest.approx(expected, abs=1e-8)


def test_a_delay_of_nothing_takes_one_step():
    circuit, spike = triggered("current_synapse", weight=100, delay=0)
    result = solved(circuit, 30)
    expected = LIF.current_psp(result.times - spike - 0.1, 100.0, 5.0)
    assert result["B", "v"] + 70.0 == pytest.approx(expected, abs=1e-8)


def test_a_peak_that_stays_over_the_threshold_for_microseconds_is_not_missed():
    # A current of 10 us whose end lies 1e-4 mV above the threshold: a step of 1 ms would skip it.
    circuit = nc.Circuit(dt=0.1)
    a = circuit.add("lif", label="A", t_ref=100)
    target = 15.0 + 1e-4
    amplitude = target * 200.0 / (20.0 * -np.expm1(-0.01 / 20.0))
    circuit.connect(circuit.add("step_current", amplitude=amplitude, start=5.003, stop=5.013), a)
    assert solved(circuit, 20).spikes("A") == pytest.approx([5.013], abs=1e-6)


def test_a_hodgkin_huxley_neuron_settles_where_its_currents_balance():
    circuit = nc.Circuit(dt=0.1)
    circuit.add("hodgkin_huxley", label="A")
    result = solved(circuit, 300)
    assert len(result.spikes("A")) == 0
    assert result["A", "v"][-1] == pytest.approx(closed_forms.hodgkin_huxley_rest(), abs=1e-6)


@pytest.mark.parametrize("v_0", [-40.0, -55.0])
def test_a_start_on_a_removable_singularity_is_like_a_start_beside_it(v_0):
    traces = []
    for offset in (0.0, 1e-7):
        circuit = nc.Circuit(dt=0.1)
        circuit.add("hodgkin_huxley", label="A", v_0=v_0 + offset)
        traces.append(solved(circuit, 5)["A", "v"])
    assert traces[0] == pytest.approx(traces[1], abs=1e-3)


@pytest.mark.parametrize("method", ["DOP853", "LSODA", "Radau"])
def test_three_methods_of_scipy_agree(method):
    from neurocanvas.sim.reference.solver import solve_reference

    circuit = with_current("hodgkin_huxley", 1000.0)
    a = circuit.find("A").id
    result = solve_reference(circuit.snapshot(), circuit.kinds, 30.0, {a: ["v"]}, method=method)
    by_hand = closed_forms.hodgkin_huxley(result.times, 10.0)
    assert result["A", "v"] == pytest.approx(by_hand, abs=1e-4)
