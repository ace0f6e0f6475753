"""Spikes and resets inside a time step: as exact as what lies between them."""

import math

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas import library
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.kinds import NeuronKind, Parameter
from tests.accuracy.neuron_patterns import preset

A_QUADRATIC = NeuronKind(
    name="quadratic",
    title="Quadratic",
    symbol="Q",
    doc="dv/dt = v**2 + I, reset symmetrically.",
    source="Definition.",
    parameters=(
        Parameter("V_peak", 100.0, "mV", "Peak."),
        Parameter("V_reset", -100.0, "mV", "Reset."),
        Parameter("t_ref", 0.0, "ms", "Refractory period."),
    ),
    equations="dv/dt = v**2 + I",
    threshold="v >= V_peak",
    reset="v = V_reset",
    refractory="t_ref",
    initial={"v": "V_reset"},
)
"""With I = 1, v = tan(t + constant): the interval is known on paper."""


def quadratic(dt, duration=40.0, **values):
    registry = library.registry()
    registry.add(A_QUADRATIC)
    circuit = Circuit(registry, dt=dt)
    node = circuit.add("quadratic", label="A", **values)
    circuit.connect(circuit.add("step_current", amplitude=1), node)
    return nc.simulate(circuit, duration)["A", "v"], nc.simulate(circuit, duration).spikes("A")


@pytest.mark.parametrize(("dt", "allowed"), [(0.2, 0.02), (0.1, 2e-3), (0.02, 5e-4)])
@pytest.mark.parametrize("t_ref", [0.0, 0.013, 0.5])
def test_an_upswing_that_blows_up_is_timed_as_on_paper(dt, allowed, t_ref):
    _, spikes = quadratic(dt, t_ref=t_ref)
    first = 2 * math.atan(100)
    expected = first + np.arange(len(spikes)) * (first + t_ref)
    assert len(spikes) == 1 + math.floor((40 - first) / (first + t_ref))
    assert spikes == pytest.approx(expected, abs=allowed)


def test_the_trace_goes_on_from_the_reset_inside_the_step():
    trace, spikes = quadratic(0.1)
    times = np.arange(len(trace)) * 0.1
    since = times - np.concatenate(([0.0], spikes))[np.searchsorted(spikes, times)]
    by_paper = np.tan(since - math.atan(100))
    away = np.abs(by_paper) < 20
    assert trace[away] == pytest.approx(by_paper[away], rel=0.01, abs=0.02)


def test_a_reset_above_the_threshold_fires_once_a_step_and_not_for_ever():
    _, spikes = quadratic(0.1, 2.0, V_reset=200)
    assert len(spikes) == pytest.approx(20, abs=1)
    assert np.all(np.diff(spikes) > 0.05)


@pytest.mark.parametrize(
    ("kind", "title", "amplitude"),
    [("izhikevich", "Chattering", 10), ("izhikevich_2007", "Fast spiking", 400),
     ("adex", "Tonic spiking", 500), ("adex", "Regular bursting", 210)],
)  # fmt: skip
def test_spike_trains_converge_with_the_square_of_the_step(kind, title, amplitude):
    trains = []
    for dt in (0.2, 0.1, 0.05, 0.0125):
        circuit = nc.Circuit(dt=dt)
        node = circuit.add(kind, label="A", **preset(kind, title))
        circuit.connect(circuit.add("step_current", amplitude=amplitude), node)
        trains.append(nc.simulate(circuit, 150, record={}).spikes("A"))
    *coarse, fine = trains
    assert len(fine) >= 3
    errors = [np.abs(train - fine).max() for train in coarse]
    assert errors[0] < 5e-3
    assert errors[2] < 3e-4


@pytest.mark.parametrize("kind", ["adex", "izhikevich", "izhikevich_2007"])
def test_alone_and_in_a_population_the_same_spikes_to_the_last_bit(kind):
    trains = []
    for size in (1, 3, 400):
        circuit = nc.Circuit(dt=0.1, seed=1)
        node = circuit.add(kind, label="A", size=size)
        amplitude = 10 if kind == "izhikevich" else 1000
        circuit.connect(circuit.add("step_current", amplitude=amplitude), node)
        result = nc.simulate(circuit, 100, record={})
        index, times = result.spikes_by_neuron("A")
        trains.append(times[index == size - 1])
    assert len(trains[0]) >= 2
    assert np.array_equal(trains[0], trains[1])
    assert np.array_equal(trains[0], trains[2])


def test_conductances_are_part_of_the_step_that_is_taken_again():
    # Strong synapses right up to the spike; the reference has the same arrivals to within a step.
    circuit = nc.Circuit(dt=0.025, seed=4)
    drive = circuit.add("poisson", label="P", rate=400, size=4)
    cell = circuit.add("adex", label="A", t_ref=1)
    circuit.connect(drive, cell, "ampa", weight=8)
    circuit.connect(drive, cell, "gaba_a", weight=3)
    engine = nc.simulate(circuit, 90, record={}).spikes("A")
    exact = nc.simulate(circuit, 90, record={}, reference=True).spikes("A")
    assert len(engine) == len(exact) >= 3
    assert engine == pytest.approx(exact, abs=0.02)


def test_a_kind_of_ones_own_without_a_refractory_period_is_timed_too():
    # Exact integration, no refractory period declared: every interval is 20*ln(2).
    registry = library.registry()
    registry.add(
        NeuronKind(
            name="bare",
            title="Bare",
            symbol="B",
            doc="A leaky integrator.",
            source="Definition.",
            parameters=(Parameter("tau", 20.0, "ms", "Time constant."),),
            equations="dv/dt = (30*(I > 0) - v)/tau",
            threshold="v >= 15",
            reset="v = 0",
        )
    )
    circuit = Circuit(registry, dt=0.1)
    node = circuit.add("bare", label="A")
    circuit.connect(circuit.add("step_current", amplitude=1), node)
    spikes = nc.simulate(circuit, 200).spikes("A")
    assert spikes == pytest.approx(20 * math.log(2) * np.arange(1, len(spikes) + 1), abs=0.01)
