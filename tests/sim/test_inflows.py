"""Synapses that are done in the loop of their neurons: the same bits, where that is possible."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from neurocanvas import library
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.kinds import Kind, NeuronKind
from neurocanvas.sim.compiling.compiler import compile_circuit
from neurocanvas.sim.plans import GROUP, plan_of, quick
from neurocanvas.sim.program import Program
from neurocanvas.sim.simulation import Simulation, Spikes
from neurocanvas.sim.writing.codegen import KindKey, Variant, generate

N, STEPS = 700, 300
Connect = Callable[[Circuit, str], object]


CONDUCTANCES = ("conductance_synapse", "conductance_synapse_inhibitory")
CURRENTS = ("current_synapse", "current_synapse_inhibitory")


def network(neuron: str = "lif", kinds: Sequence[str] = CONDUCTANCES) -> Circuit:
    """A population that is excited from outside and inhibits itself."""
    c = Circuit(library.registry(), dt=0.1)
    cells = c.add(neuron, label="cells", size=N)
    if not kinds:
        return c
    scale = 60.0 if kinds[0].startswith("current") else 1.0
    noise = c.add("poisson", label="noise", size=N, rate=900.0)
    rule = {"rule": "probability", "rule_values": {"p": 0.05}, "self_links": True}
    c.connect(noise, cells, kinds[0], rule="one_to_one", weight=6.0 * scale, delay=0.5)
    for kind in kinds[1:]:
        delay = "uniform(0.3 ms, 1.5 ms)"
        c.connect(cells, cells, kind, weight=0.5 * scale, delay=delay, **rule)
    return c


def compiled(circuit: Circuit) -> Program:
    return compile_circuit(circuit.snapshot(), circuit.kinds)


def taken(circuit: Circuit) -> int:
    """How many neuron groups do their synapses themselves."""
    return len(quick(compiled(circuit)).taken)


def advanced(program: Program, *blocks: int, threads: int = 1) -> tuple[Simulation, Spikes]:
    """A simulation after some blocks of steps, and all its spikes."""
    simulation = Simulation(program, threads=threads)
    found = [simulation.advance(steps).spikes for steps in blocks]
    parts = [[getattr(one, name) for one in found] for name in ("unit", "step", "time_ms")]
    return simulation, Spikes(*map(np.concatenate, parts))


def assert_same(one: Spikes, other: Spikes) -> None:
    for name in ("unit", "step", "time_ms"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def spikes_whichever_way(program: Program, steps: int) -> Spikes:
    """The spikes of some steps, done in a block and one by one, which give the same bits."""
    whole, spikes = advanced(program, steps)
    single, one_by_one = advanced(program, *[1] * steps)
    np.testing.assert_array_equal(whole.arena, single.arena)
    assert_same(spikes, one_by_one)
    return spikes


@pytest.mark.parametrize("neuron", ["lif", "izhikevich"])
@pytest.mark.parametrize(
    "kinds",
    [CONDUCTANCES, CURRENTS, CURRENTS[:1], CONDUCTANCES[1:] + CURRENTS[:1]],
    ids=["conductances", "currents", "one alone", "one of each"],
)
def test_a_step_among_others_gives_the_bits_of_a_step_alone(neuron: str, kinds: Sequence[str]):
    """The last step of a block is done kernel by kernel; steps one by one are all of that sort."""
    circuit = network(neuron, kinds)
    assert taken(circuit) == 1
    assert len(spikes_whichever_way(compiled(circuit), STEPS)) > 100


def _takes(kind: Kind) -> bool:
    if not isinstance(kind, NeuronKind):
        return False
    return generate(KindKey(kind), Variant(uniform=True, conductance=True)).takes


@pytest.mark.parametrize("neuron", [kind.name for kind in library.registry() if _takes(kind)])
def test_every_kind_that_takes_its_synapses_in_gives_the_same_bits(neuron: str):
    spikes_whichever_way(compiled(network(neuron)), 100)


@pytest.mark.parametrize("kinds", [CONDUCTANCES, CURRENTS[:1], ()], ids=["two", "one", "none"])
def test_an_electrode_into_all_neurons_is_done_there_too(kinds: Sequence[str]):
    circuit = network(kinds=kinds)
    electrode = circuit.add("sine", amplitude=2000.0, frequency=50.0)
    circuit.connect(electrode, circuit.find("cells").id, gain=0.7)
    assert taken(circuit) == 1
    assert len(spikes_whichever_way(compiled(circuit), STEPS)) > 100


def test_several_threads_give_the_same_bits():
    program = compiled(network("lif"))
    alone, spikes = advanced(program, STEPS)
    together, theirs = advanced(program, STEPS, threads=2)
    np.testing.assert_array_equal(alone.arena, together.arena)
    assert_same(spikes, theirs)


def test_a_current_held_into_one_neuron_arrives():
    program = compiled(network("lif"))
    untouched, _ = advanced(program, 50)
    node = next(iter(program.nodes))
    held = []
    for blocks in ([50], [1] * 50):
        simulation = Simulation(program)
        simulation.hold({(node, 3): 5.0})
        for steps in blocks:
            simulation.advance(steps)
        held.append(simulation.values(node, "v"))
    np.testing.assert_array_equal(*held)
    moved = held[0] - untouched.values(node, "v")
    # 5 pA for 5 ms into 200 pF, from which some leaks through 10 nS.
    assert moved[3] == pytest.approx(0.5 * (1 - np.exp(-0.25)), rel=0.2)


def test_the_plan_is_shorter_by_what_the_neurons_do():
    program = compiled(network())
    rows = plan_of(program).rows
    left, kept = quick(program).rows(rows)
    gone = np.setdiff1d(np.arange(len(rows)), kept)
    assert {program.groups[k].kind.name for k in rows[gone, GROUP].tolist()} == set(CONDUCTANCES)
    assert {program.groups[k].kind.name for k in left[:, GROUP].tolist()} == {"poisson", "lif"}


OTHERS = {
    "two electrodes": lambda c, cells: [c.connect(c.add("step_current"), cells) for _ in "ab"],
    "an electrode in one": lambda c, cells: c.connect(
        c.add("step_current"), cells, rule="fixed_total_number", rule_values={"n": 1}
    ),
    "a clamp": lambda c, cells: c.connect(c.add("voltage_clamp"), cells),
    "a third synapse": lambda c, cells: c.connect(cells, cells, "nmda"),
    "one that looks ahead": lambda c, cells: c.connect(cells, c.add("lif"), "gap_junction"),
    "one that looks on": lambda c, cells: c.connect(cells, c.add("rate"), "spikes_to_rate"),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_where_others_act_on_the_neurons_each_is_done_by_itself(other: Connect):
    circuit = network()
    other(circuit, circuit.find("cells").id)
    assert taken(circuit) == (0 if other is not OTHERS["one that looks on"] else 1)


def test_three_groups_are_more_than_a_loop_takes():
    circuit = network()
    cells = circuit.find("cells").id
    circuit.connect(cells, cells, "conductance_synapse", tau=9.0)
    assert taken(circuit) == 0


@pytest.mark.parametrize("neuron", ["hodgkin_huxley", "adex"])
def test_neurons_that_cost_more_than_their_synapses_leave_them_alone(neuron: str):
    assert taken(network(neuron)) == 0
