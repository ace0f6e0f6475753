"""The engine approaches the reference solution with the order its integrators promise.

Each circuit runs at four time steps; the error of a trace against the exact solution must fall
with the square of the step, or be nothing but rounding where the integrator is exact.
"""

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas import library
from neurocanvas.model.kinds import NeuronKind, SynapseKind
from neurocanvas.sim import integrators

STEPS_MS = (0.2, 0.1, 0.05, 0.025)
ROUNDING = 1e-7
DRIVE_PA = {"hodgkin_huxley": 1000.0}
INPUT = {"izhikevich": {"I_scale": 20.0}}
"""Where currents of other cells are out of all proportion to a kind's plain numbers."""

NEURONS = [
    kind.name
    for kind in library.registry()
    if isinstance(kind, NeuronKind) and kind.accepts == "current"
]
SYNAPSES = [
    kind
    for kind in library.registry()
    if isinstance(kind, SynapseKind) and kind.carries == "spikes"
]


def errors(circuit, duration, label, variable="v", *, until=None, dts=STEPS_MS, once=False):
    """Root mean square difference between engine and reference, at each time step.

    Args:
        until: Stop comparing so many ms before the first spike of this node (a reset takes effect
            at the end of a step).
        once: Nothing is random, so that one reference solution, at the finest step, is that of all.
    """
    found = []
    node = circuit.find(label).id

    def run(dt, reference):
        return nc.simulate(circuit, duration, dt=dt, record={node: [variable]}, reference=reference)

    finest = run(dts[-1], True) if once else None
    for dt in dts:
        engine, exact = run(dt, False), finest or run(dt, True)
        every = round(dt / dts[-1]) if once else 1
        last = len(engine.times)
        if until is not None and len(exact.spikes(label)):
            last = np.searchsorted(engine.times, exact.spikes(label)[0] - until)
        difference = (engine[label, variable] - exact[label, variable][::every])[:last]
        found.append(float(np.sqrt(np.mean(difference**2))))
    return np.array(found)


def assert_second_order(found):
    orders = np.log2(found[:-1] / found[1:])
    # What is nothing but rounding can't become less.
    assert np.all((orders > 1.75) | (found[1:] < ROUNDING)), (found, orders)


@pytest.mark.parametrize("kind", NEURONS)
def test_a_neuron_under_a_step_of_current(kind):
    circuit = nc.Circuit()
    neuron = circuit.add(kind, label="A", **INPUT.get(kind, {}))
    circuit.connect(
        circuit.add("step_current", amplitude=DRIVE_PA.get(kind, 300.0), start=2), neuron
    )
    with_reset = bool(circuit.kinds.get(kind).reset)
    until, dts = 0.5 if with_reset else None, (0.1, 0.05, 0.025, 0.0125)
    found = errors(circuit, 20, "A", until=until, dts=dts, once=True)
    assert_second_order(found)
    if integrators.plan(circuit.kinds.get(kind), False).method == integrators.EXACT:
        assert np.all(found < ROUNDING)


@pytest.mark.parametrize("kind", SYNAPSES, ids=lambda kind: kind.name)
def test_a_synapse_under_random_spikes(kind):
    # Random spikes lie on the grid, for the reference too: so only the integration differs.
    circuit = nc.Circuit(seed=3)
    source = circuit.add("poisson", rate=200, size=3)
    if kind.gives == "rate":
        neuron = circuit.add("rate", label="A")
    else:
        neuron = circuit.add("lif", label="A", V_th=1000)
    if kind.gives == "modulation":
        circuit.connect(source, neuron, "ampa")
    circuit.connect(source, neuron, kind.name)
    # At four steps, every kind of the library is looked at by the generic tests.
    assert_second_order(errors(circuit, 100, "A", dts=STEPS_MS[1:]))


@pytest.mark.parametrize("kind", NEURONS)
def test_a_neuron_under_random_conductances(kind):
    circuit = nc.Circuit(seed=3)
    source = circuit.add("poisson", rate=300, size=3)
    neuron = circuit.add(kind, label="A", **INPUT.get(kind, {}))
    circuit.connect(source, neuron, "ampa", weight=1)
    circuit.connect(source, neuron, "gaba_a", weight=2)
    with_reset = bool(circuit.kinds.get(kind).reset)
    coarse_and_fine = (STEPS_MS[0], STEPS_MS[-1])
    found = errors(circuit, 60, "A", until=1.0 if with_reset else None, dts=coarse_and_fine)
    assert found[0] < 0.1
    # Other spikes at other steps: the error scatters around the square.
    assert found[-1] < found[0] / 20


@pytest.mark.parametrize("gate", ["m", "h", "n"])
def test_gates_stand_half_a_step_before_the_potential_and_are_of_second_order_there(gate):
    circuit = nc.Circuit()
    neuron = circuit.add("hodgkin_huxley", label="A")
    circuit.connect(circuit.add("step_current", amplitude=1000, start=2), neuron)
    found = []
    for dt in (0.04, 0.02, 0.01):
        engine = nc.simulate(circuit, 15, dt=dt, record={neuron: [gate]})["A", gate]
        exact = nc.simulate(circuit, 15, dt=dt / 2, record={neuron: [gate]}, reference=True)[
            "A", gate
        ]
        found.append(float(np.sqrt(np.mean((engine[1:] - exact[1::2]) ** 2))))
    assert_second_order(np.array(found))


@pytest.mark.parametrize("current", ["I_Na", "I_K"])
def test_ionic_currents_recorded_approach_the_exact_ones(current):
    circuit = nc.Circuit()
    neuron = circuit.add("hodgkin_huxley", label="A")
    circuit.connect(circuit.add("step_current", amplitude=1000, start=2), neuron)
    found = errors(circuit, 15, "A", current, dts=(0.04, 0.02, 0.01), once=True)
    # They join the potential with gates of half a step before: first order.
    assert np.all(np.log2(found[:-1] / found[1:]) > 0.9)
