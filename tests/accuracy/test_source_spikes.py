"""Sources of spikes: regular, listed, and random with a rate that follows time."""

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas.errors import CircuitError, EquationError
from neurocanvas.model.edits import SetData, SetText


def times_of(kind, duration, *, dt=0.1, data=None, **values):
    """Spike times of one source."""
    circuit = nc.Circuit(dt=dt)
    source = circuit.add(kind, label="S", **values)
    if data is not None:
        circuit.apply(SetData(source, {"times": data}))
    return nc.simulate(circuit, duration).spikes("S")


# -- regular -------------------------------------------------------------------------------------


@pytest.mark.parametrize("dt", [0.025, 0.1, 0.7])
@pytest.mark.parametrize(
    ("rate", "start"), [(100.0, 5.0), (40.0, 0.0), (33.3, 0.05), (123.4, 7.77), (7.0, 99.9)]
)
def test_regular_spikes_come_at_their_exact_times(rate, start, dt):
    spikes = times_of("regular_spikes", 1000, dt=dt, rate=rate, start=start)
    end = round(1000 / dt) * dt
    expected = start + 1000 / rate * np.arange(int((end - start) * rate / 1000 + 1 + 1e-9))
    assert spikes == pytest.approx(expected, abs=1e-9)


def test_regular_spikes_stop_and_a_rate_of_nothing_is_silent():
    spikes = times_of("regular_spikes", 300, rate=50, start=10, stop=95)
    assert spikes == pytest.approx([10.0, 30.0, 50.0, 70.0, 90.0], abs=1e-9)
    assert len(times_of("regular_spikes", 300, rate=50, start=100, stop=50)) == 0
    assert len(times_of("regular_spikes", 300, rate=0, start=10)) == 0


def test_no_regular_spike_is_lost_or_doubled_in_a_long_run():
    spikes = times_of("regular_spikes", 100_000, rate=100, start=0.1)
    assert len(spikes) == 10_000
    assert np.diff(spikes) == pytest.approx(10.0, abs=1e-6)


def test_a_rate_of_many_spikes_a_step_is_kept_on_average():
    spikes = times_of("regular_spikes", 100, dt=0.1, rate=35_000, start=0)
    assert len(spikes) == 3501


def test_a_source_placed_into_a_running_circuit_does_not_make_up_for_the_past():
    from neurocanvas.sim.compiling.compiler import compile_circuit
    from neurocanvas.sim.simulation import Simulation

    circuit = nc.Circuit(dt=0.1)
    circuit.add("lif", label="A")
    before = Simulation(compile_circuit(circuit.snapshot(), circuit.kinds))
    before.advance(1003)
    circuit.add("regular_spikes", label="S", rate=100, start=5)
    circuit.add("spike_list", label="L")
    after = Simulation(compile_circuit(circuit.snapshot(), circuit.kinds))
    after.adopt(before)
    spikes = after.advance(400).spikes
    found = sorted(spikes.time_ms)
    assert found == pytest.approx([105.0, 115.0, 125.0, 130.0, 135.0], abs=1e-9)


# -- lists ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("dt", [0.025, 0.1, 0.5])
def test_listed_spikes_come_at_their_times_and_arrive_exact_to_the_step(dt):
    listed = (3.0, 7.26, 7.9, 20.0, 33.3)
    circuit = nc.Circuit(dt=dt)
    source = circuit.add("spike_list", label="S")
    circuit.apply(SetData(source, {"times": listed}))
    link = circuit.connect(source, circuit.add("lif"), "current_synapse_delta", delay=2)
    result = nc.simulate(circuit, 50, record={link: ["i"]})
    assert result.spikes("S") == pytest.approx(listed, abs=1e-9)
    # A time inside a step acts from the end of that step on, a time on a border from there;
    # one sample later it is seen.
    steps = [int(np.ceil(t / dt - 1e-6)) + round(2 / dt) + 1 for t in listed]
    assert np.flatnonzero(result[link, "i"]).tolist() == steps


def test_a_list_need_not_be_sorted_and_may_repeat():
    spikes = times_of("spike_list", 50, data=(30.0, 7.0, 7.0, 12.0))
    assert spikes.tolist() == pytest.approx([7.0, 7.0, 12.0, 30.0])


def test_times_outside_of_the_run_are_passed_over():
    assert times_of("spike_list", 20, data=(-5.0, 0.0, 5.0, 20.0, 20.3)).tolist() == pytest.approx(
        [0.0, 5.0, 20.0]
    )
    assert len(times_of("spike_list", 20, data=())) == 0


def test_every_time_of_the_grid_is_hit_once():
    grid = tuple(np.arange(1, 5001) * 0.1)
    assert times_of("spike_list", 500, data=grid) == pytest.approx(grid, abs=1e-9)


def test_what_is_no_time_is_refused():
    circuit = nc.Circuit()
    source = circuit.add("spike_list", label="S")
    with pytest.raises(CircuitError, match="which is no number"):
        circuit.apply(SetData(source, {"times": (1.0, float("nan"))}))


# -- random, with a rate that follows time -------------------------------------------------------


def poisson_of_time(text, duration, *, size=400, seed=1, dt=0.1):
    """Indices and times of the spikes of many sources with one rate(t)."""
    circuit = nc.Circuit(dt=dt, seed=seed)
    source = circuit.add("poisson_of_time", label="P", size=size)
    circuit.apply(SetText(source, "rate", text))
    return nc.simulate(circuit, duration).spikes_by_neuron("P")


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("80*(1 + sin(t/30))", lambda t: 80 * (1 + np.sin(t / 30))),
        ("200*(t > 100)*(t < 150)", lambda t: 200.0 * ((t > 100) & (t < 150))),
        ("500*exp(-t/40)", lambda t: 500 * np.exp(-t / 40)),
    ],
)
def test_counts_in_every_bin_follow_the_rate(text, rate):
    _, times = poisson_of_time(text, 300)
    # A spike is stamped at the end of its step; the rate is that of the middle.
    counts = np.histogram(times - 0.05, np.arange(0, 301, 5))[0]
    middles = (np.arange(3000) + 0.5) * 0.1
    expected = rate(middles).reshape(60, 50).sum(axis=1) * 1e-4 * 400
    assert counts.sum() == pytest.approx(expected.sum(), abs=3 * np.sqrt(expected.sum()))
    # Of 60 bins none beyond four sigma, and the chi-squared of all where it should be.
    used = expected > 5
    deviation = (counts - expected)[used] / np.sqrt(expected[used])
    assert np.all(np.abs(deviation) < 4)
    assert np.mean(deviation**2) == pytest.approx(1, abs=3 * np.sqrt(2 / used.sum()))
    assert np.all(counts[~used] <= expected[~used] + 3 * np.sqrt(expected[~used]) + 1)


def test_a_constant_expression_is_the_plain_poisson_source():
    index, times = poisson_of_time("60", 500, size=200)
    counts = np.bincount(index, minlength=200)
    assert counts.mean() == pytest.approx(30, abs=3 * np.sqrt(30 / 200))
    assert counts.var() == pytest.approx(30, rel=3 * np.sqrt(2 / 200))
    assert times.max() <= 500


def test_where_the_rate_is_negative_there_are_no_spikes():
    _, times = poisson_of_time("1000*sin(6.283185307179586*t/100)", 400, size=50)
    assert len(times) > 1000
    assert np.all((times - 0.05) % 100 < 50)


def test_a_rate_that_makes_no_sense_is_refused_with_its_place():
    circuit = nc.Circuit()
    source = circuit.add("poisson_of_time", label="P")
    with pytest.raises(EquationError, match="'v' is neither"):
        circuit.apply(SetText(source, "rate", "100*v"))
    with pytest.raises(EquationError):
        circuit.apply(SetText(source, "rate", "100*(1 +"))
