"""Several threads give the same as one, bit by bit."""

import threading

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas.errors import NotFinite
from neurocanvas.model.edits import SetFeature
from neurocanvas.sim.compiling.compiler import compile_circuit
from neurocanvas.sim.recording.rings import Channel
from neurocanvas.sim.simulation import Simulation
from neurocanvas.sim.teams import SHARED as PIECE

N = 2 * PIECE + 100


def network(dt=0.1, single=True):
    """Return populations with links of all sorts between them, and a neuron alone beside them."""
    c = nc.Circuit(dt=dt, seed=3)
    exc = c.add("lif", label="E", size=N, v_0="uniform(-65 mV, -51 mV)")
    inh = c.add("adex", label="I", size=PIECE + 300)
    rule = {"rule": "fixed_in_degree", "rule_values": {"n": 20}}
    c.connect(exc, inh, "ampa", weight=1.0, delay="uniform(0.3 ms, 2 ms)", **rule)
    c.connect(inh, exc, "gaba_a", weight="normal(2 nS, 0.3 nS)", delay=0.7, **rule)
    c.connect(exc, exc, "current_synapse", weight=25.0, delay="normal(1.5 ms, 0.5 ms)", **rule)
    c.connect(exc, exc, "current_synapse", weight=3.0, delay=1.1, **rule)
    noise = c.add("poisson", label="noise", size=N, rate=4000.0)
    c.connect(noise, exc, "current_synapse", rule="one_to_one", weight=20.0, delay=0.4)
    c.connect(noise, inh, "ampa", weight=0.2, **rule)
    few = c.add("lif", label="few", size=300)
    c.connect(c.add("poisson", size=300, rate=6000.0), few, "ampa", rule="one_to_one", weight=0.4)
    c.connect(c.add("regular_spikes", rate=50.0), exc, "ampa", weight=2.0)
    c.connect(c.add("step_current", amplitude=300.0, start=5.0), inh)
    if not single:
        return c, (exc, inh)
    one = c.add("hodgkin_huxley", label="one")
    c.connect(exc, one, "ampa", weight=0.5)
    c.connect(one, inh, "ampa", weight=5.0)
    c.connect(c.add("ou_noise", label="ou", sigma=50.0), one)
    return c, (exc, inh, one)


def run(program, threads, nodes, blocks=(150, 1, 149)):
    simulation = Simulation(program, threads=threads)
    channels = [Channel(node, "v", k) for node in nodes for k in (0, program.nodes[node].size - 1)]
    simulation.set_channels(channels)
    parts = [simulation.advance(steps) for steps in blocks]
    samples = np.concatenate([part.samples for part in parts], axis=1)
    spikes = [np.concatenate([getattr(p.spikes, name) for p in parts]) for name in ("unit", "step")]
    when = np.concatenate([part.spikes.time_ms for part in parts])
    return simulation, samples, [*spikes, when]


@pytest.fixture(scope="module", params=[True, False], ids=["mixed", "apart"])
def alone(request):
    circuit, nodes = network(single=request.param)
    program = compile_circuit(circuit.snapshot(), circuit.kinds)
    one = run(program, 1, nodes)
    # Only where synapses act on a neuron alone do threads wait for these.
    assert one[0].team.mixed == request.param
    return program, nodes, one


@pytest.mark.parametrize("threads", [2, 3, 5])
def test_any_number_of_threads_gives_the_same_bits(alone, threads):
    program, nodes, one = alone
    several = run(program, threads, nodes)
    np.testing.assert_array_equal(one[0].arena, several[0].arena)
    np.testing.assert_array_equal(one[1], several[1])
    for column, other in zip(one[2], several[2], strict=True):
        np.testing.assert_array_equal(column, other)
    neurons = program.unit_node[one[2][0]] == program.node_ids.index(nodes[0])
    assert neurons.sum() > 500


def test_threads_are_gone_afterwards(alone):
    program, nodes, _ = alone
    before = threading.active_count()
    run(program, 3, nodes, (5,))
    assert threading.active_count() == before


def test_where_a_thread_cant_be_started_none_waits_for_it(alone, monkeypatch):
    program, _, _ = alone
    simulation, before, start = Simulation(program, threads=3), threading.active_count(), []

    def once(self):
        if start:
            raise RuntimeError("can't start new thread")
        start.append(self)
        really(self)

    really = threading.Thread.start
    with monkeypatch.context() as context:
        context.setattr(threading.Thread, "start", once)
        with pytest.raises(RuntimeError, match="start"):
            simulation.advance(10)
    start[0].join(5.0)
    assert threading.active_count() == before
    assert (simulation.step, simulation.advance(10).steps) == (0, 10)


def test_spikes_under_way_go_on_with_another_number_of_threads(alone):
    program, _, _ = alone
    found = []
    for first, second in ((1, 1), (2, 3)):
        before = Simulation(program, threads=first)
        before.advance(60)
        after = Simulation(program, threads=second)
        after.adopt(before)
        after.advance(60)
        found.append(after.arena)
    np.testing.assert_array_equal(*found)


def test_a_value_that_is_not_finite_stops_all_threads():
    c = nc.Circuit(dt=0.1)
    cells = c.add("adex", label="cells", size=3 * PIECE)
    c.connect(c.add("step_current", label="I", amplitude=1.0, start=0.0), cells)
    simulation = Simulation(compile_circuit(c.snapshot(), c.kinds), threads=2)
    simulation.advance(5)
    last = simulation.program.main_place(cells)[-1]
    simulation.arena[last] = np.nan
    with pytest.raises(NotFinite, match=rf"cells\[{3 * PIECE - 1}\]"):
        simulation.advance(50)
    assert simulation.step < 10


def test_one_thread_where_synapses_learn():
    c = nc.Circuit(dt=0.1)
    a, b = c.add("poisson", size=PIECE, rate=50.0), c.add("lif", size=PIECE)
    link = c.connect(a, b, "ampa", rule="one_to_one")
    SetFeature(link, "stdp", {}).apply(c)
    program = compile_circuit(c.snapshot(), c.kinds)
    assert len(Simulation(program, threads=4).team) == 1
