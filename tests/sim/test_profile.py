"""The profile of a run: every part of it, and no more time than it took."""

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas.errors import SimulationError
from neurocanvas.sim import profile
from neurocanvas.sim.compiling.compiler import compile_circuit
from neurocanvas.sim.simulation import Simulation


@pytest.fixture(scope="module")
def simulation():
    c = nc.Circuit(dt=0.1)
    cells = c.add("lif", label="cells", size=3000)
    noise = c.add("poisson", label="noise", size=3000, rate=2000.0)
    c.connect(noise, cells, "ampa", rule="one_to_one", weight=1.0)
    c.connect(cells, cells, "ampa", rule="fixed_in_degree", rule_values={"n": 10}, weight=0.1)
    # Three groups of synapses are done by themselves.
    c.connect(noise, cells, "gaba_a", rule="one_to_one", weight=0.1)
    c.connect(noise, cells, "nmda", rule="one_to_one", weight=0.1)
    return compile_circuit(c.snapshot(), c.kinds)


@pytest.mark.parametrize("threads", [1, 2])
def test_all_parts_are_named_and_add_up_to_the_time_of_the_run(simulation, threads):
    run = Simulation(simulation, threads=threads)
    profile.begin(run)
    run.advance(100)
    run.advance(100)
    costs = profile.costs(run)
    assert sum(cost.seconds for cost in costs) == pytest.approx(threads * run.driven_s)
    found = {(cost.stage, cost.what): cost.n for cost in costs}
    assert found["neurons", "Integrate and fire: cells"] == 200 * 3000
    assert found["sources", "Poisson spikes: noise"] == 200 * 3000
    assert found["synapses", "AMPA: noise -> cells, cells -> cells"] == 200 * 3000
    assert ("arrivals", "") in found
    assert (("waiting", "") in found) == (threads > 1)


def test_neurons_that_do_their_synapses_say_so():
    c = nc.Circuit(dt=0.1)
    cells = c.add("lif", label="cells", size=1000)
    for kind in ("conductance_synapse", "conductance_synapse_inhibitory"):
        c.connect(cells, cells, kind, rule="fixed_in_degree", rule_values={"n": 10})
    run = Simulation(compile_circuit(c.snapshot(), c.kinds))
    profile.begin(run)
    run.advance(100)
    found = {(cost.stage, cost.what): cost for cost in profile.costs(run)}
    assert found["neurons", "Integrate and fire: cells, with their synapses"].n == 100 * 1000
    assert not [stage for stage, _ in found if stage == "synapses"]
    assert sum(cost.seconds for cost in found.values()) == pytest.approx(run.driven_s)


def test_while_a_hand_holds_a_current_each_kernel_is_measured():
    c = nc.Circuit(dt=0.1)
    cells = c.add("lif", label="cells", size=2000)
    c.connect(cells, cells, "current_synapse", rule="one_to_one", weight=0.1)
    run = Simulation(compile_circuit(c.snapshot(), c.kinds))
    profile.begin(run)
    run.hold({(cells, 0): 10.0})
    run.advance(50)
    (share,) = run.team.shares
    by_itself, together = np.split(run.clocks[0], [len(share.plan)])
    assert np.all(by_itself > 0)
    assert not np.any(together[: len(share.quick)])
    assert sum(cost.seconds for cost in profile.costs(run)) == pytest.approx(run.driven_s)


def test_nothing_is_measured_unless_asked_for(simulation):
    run = Simulation(simulation)
    run.advance(10)
    assert profile.costs(run) == []


def test_a_processor_whose_clock_cant_be_read_is_named(simulation, monkeypatch):
    monkeypatch.setattr(profile.platform, "machine", lambda: "sparc")
    with pytest.raises(SimulationError, match="sparc"):
        profile.begin(Simulation(simulation))
