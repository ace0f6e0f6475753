"""Thresholds that follow a state variable: adaptation, crossings of two curves."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq

import neurocanvas as nc
from neurocanvas import library
from neurocanvas.errors import SimulationError
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.kinds import NeuronKind, Parameter
from neurocanvas.sim.compiling.compiler import compile_circuit
from neurocanvas.sim.simulation import Simulation

STEPS_MS = (0.2, 0.1, 0.05)


def own(name, equations, **more):
    numbers = {"tau": 20.0, "tau_th": 50.0, "theta_0": 15.0, "b": 4.0, "w": 0.1, "t_ref": 0.0}
    parameters = tuple(Parameter(n, value, "1", n) for n, value in numbers.items())
    return NeuronKind(name, name, "T", "For a test.", "None.", parameters, equations, **more)


ADAPTIVE = own(
    "adaptive",
    "dv/dt = (I - v)/tau\ndtheta/dt = (theta_0 - theta)/tau_th",
    threshold="v > theta",
    reset="v = 0\ntheta += b",
    initial={"theta": "25"},
    refractory="t_ref",
)
"""The threshold jumps at a spike and falls back to its rest."""

QUADRATIC = own(
    "quadratic_adaptive",
    "dv/dt = (0.05*v**2 + I)/tau\ndtheta/dt = (theta_0 - theta)/tau_th",
    threshold="v > theta",
    reset="v = 0\ntheta += b",
    initial={"theta": "25"},
)

TURNING = "dv/dt = -w*y\ndy/dt = w*v"


def circuit_of(kind, dt, drive=40.0, size=1, **values):
    registry = library.registry()
    registry.add(kind)
    circuit = Circuit(registry, dt=dt, seed=1)
    node = circuit.add(kind.name, label="A", size=size, **values)
    if drive:
        circuit.connect(circuit.add("step_current", amplitude=drive, label="S"), node)
    return circuit


def spikes(kind, dt, duration, **more):
    reference = more.pop("reference", False)
    return nc.simulate(circuit_of(kind, dt, **more), duration, reference=reference).spikes("A")


def test_the_first_spike_is_where_the_two_curves_meet():
    meeting = brentq(lambda t: 40 * -np.expm1(-t / 20) - (15 + 10 * math.exp(-t / 50)), 1, 100)
    errors = [abs(spikes(ADAPTIVE, dt, 40)[0] - meeting) for dt in STEPS_MS]
    # The curves are exact; between two samples both are taken as straight: the way between chord
    # and curve is at most dt**2/8 times the curvature, and they meet with a slope of about 1.
    curvature = 40 / 20**2 * math.exp(-meeting / 20) + 10 / 50**2
    for dt, error in zip(STEPS_MS, errors, strict=True):
        assert error < 1.5 * dt**2 / 8 * curvature


@pytest.mark.parametrize("t_ref", [0.0, 1.7])
def test_a_train_approaches_that_of_the_reference(t_ref):
    exact = spikes(ADAPTIVE, 0.1, 200, t_ref=t_ref, reference=True)
    assert len(exact) >= 6
    intervals = np.diff(exact)
    assert np.all(np.diff(intervals) > 0)  # it adapts
    for dt in STEPS_MS:
        found = spikes(ADAPTIVE, dt, 200, t_ref=t_ref)
        assert len(found) == len(exact)
        # What a spike adds to the threshold begins to decay with the next step: first order.
        assert np.abs(found - exact).max() < dt


def test_equations_that_are_not_linear_follow_a_moving_threshold_too():
    exact = spikes(QUADRATIC, 0.05, 60, reference=True)
    found = spikes(QUADRATIC, 0.05, 60)
    assert len(found) == len(exact) >= 3
    assert found == pytest.approx(exact, abs=0.05 * len(exact))


@pytest.mark.parametrize(
    ("threshold", "phase"), [("v > y", 1.25 * math.pi), ("y > 0.5", math.pi / 6)]
)
def test_without_a_reset_each_upward_crossing_is_one_spike(threshold, phase):
    # v = cos(w*t), y = sin(w*t): it crosses once a turn.
    turning = own("turning", TURNING, threshold=threshold, initial={"v": "1"})
    found = spikes(turning, 0.1, 200, drive=0)
    expected = (phase + 2 * math.pi * np.arange(4)) / 0.1
    expected = expected[expected < 200]
    assert found == pytest.approx(expected, abs=1e-3)
    assert spikes(turning, 0.1, 200, drive=0, reference=True) == pytest.approx(expected, abs=1e-6)


def test_a_threshold_may_follow_time():
    rising = own("rising", "dv/dt = (I - v)/tau", threshold="v > 10 + 0.1*t", reset="v = 0")
    meeting = brentq(lambda t: 40 * -np.expm1(-t / 20) - (10 + 0.1 * t), 1, 15)
    assert spikes(rising, 0.05, 15)[0] == pytest.approx(meeting, abs=1e-4)


def test_one_of_many_fires_as_one_alone():
    alone = spikes(ADAPTIVE, 0.1, 60)
    result = nc.simulate(circuit_of(ADAPTIVE, 0.1, size=300), 60)
    index, times = result.spikes_by_neuron("A")
    assert np.array_equal(times[index == 299], alone)


@pytest.mark.parametrize("index", [-1, 1])
def test_a_kick_takes_each_neuron_over_its_own_threshold(index):
    circuit = circuit_of(ADAPTIVE, 0.1, drive=0, size=3, theta_0="uniform(15, 16)")
    simulation = Simulation(compile_circuit(circuit.snapshot(), circuit.kinds))
    simulation.kick("n1", index)
    fired = simulation.program.unit_index[simulation.advance(1).spikes.unit]
    assert sorted(fired) == ([0, 1, 2] if index < 0 else [1])


def test_noise_has_no_value_that_a_threshold_could_follow():
    noisy = own("noisy", "dv/dt = (I - v)/tau\nn = 2*xi", threshold="v > n", reset="v = 0")
    circuit = circuit_of(noisy, 0.1)
    with pytest.raises(SimulationError, match="noisy: a threshold can't follow xi"):
        nc.simulate(circuit, 1)
