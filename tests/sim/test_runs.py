"""Spikes are sent along runs: what these are, and that nothing under way is lost by them."""

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas.model.edits import SetFeature, SetParameter
from neurocanvas.sim.compiling.compiler import compile_circuit
from neurocanvas.sim.runs import runs_of
from neurocanvas.sim.simulation import Simulation
from neurocanvas.sim.teams import team

N = 700


def network(learns=False):
    """Return populations that reach each other in an order of links that is not that of nodes."""
    c = nc.Circuit(dt=0.1, seed=5)
    a, b, d = (c.add("lif", size=N, v_0="uniform(-65 mV, -51 mV)") for _ in range(3))
    current = c.add("step_current", amplitude=600.0, start=0.0)
    for node in (a, b, d):
        c.connect(current, node)
    one = c.add("hodgkin_huxley")
    rule = {"rule": "fixed_in_degree", "rule_values": {"n": 12}, "delay": "uniform(0.3 ms, 2 ms)"}
    first = c.connect(a, d, "current_synapse", weight=2.0, **rule)
    for pre, post in ((a, b), (a, a), (a, d), (b, a), (d, b), (a, one)):
        c.connect(pre, post, "current_synapse", weight=1.0, **rule)
    if learns:
        SetFeature(first, "stdp", {}).apply(c)
    return c, (a, b, d, one)


def compiled(circuit):
    return compile_circuit(circuit.snapshot(), circuit.kinds)


def slices_of(program):
    """Return unit, delay and link of each slice."""
    s = program.synapses
    unit = np.repeat(np.arange(len(s.unit_slice) - 1), np.diff(s.unit_slice))
    return np.column_stack((unit, s.delay, s.link))


def test_a_run_has_all_that_a_spike_reaches_with_one_delay():
    program = compiled(network()[0])
    runs, slices = runs_of(program), slices_of(program)
    assert runs.first[[0, -1]].tolist() == [0, len(slices)]
    np.testing.assert_array_equal(runs.start, program.synapses.start[runs.first])
    np.testing.assert_array_equal(runs.delay, slices[runs.first[:-1], 1])
    unit = np.repeat(np.arange(len(runs.unit_run) - 1), np.diff(runs.unit_run))
    np.testing.assert_array_equal(unit, slices[runs.first[:-1], 0])
    goes_on = np.isin(np.arange(1, len(slices)), runs.first, invert=True)
    alike = np.all(slices[1:, :2] == slices[:-1, :2], axis=1)
    assert np.all(alike[goes_on])
    # What is alike and yet apart are two links onto the same neurons.
    rank = program.synapses.rank[slices[:, 2]]
    assert np.all(rank[1:][alike & ~goes_on] == rank[:-1][alike & ~goes_on])
    assert goes_on.sum() > 0.2 * len(slices)


def test_each_slice_is_a_run_where_synapses_learn():
    program = compiled(network(learns=True)[0])
    assert len(runs_of(program)) == len(program.synapses.link)


@pytest.mark.parametrize("threads", [2, 3])
def test_each_thread_has_the_synapses_onto_its_columns(threads):
    program = compiled(network()[0])
    runs = runs_of(program)
    found = team(program, runs, threads)
    bounds = np.column_stack((runs.start[:-1], found.splits, runs.start[1:]))
    assert np.all(np.diff(bounds.astype(np.int64)) >= 0)
    owner = np.repeat(np.tile(np.arange(threads), len(runs)), np.diff(bounds).ravel())
    target, expected = program.synapses.target, np.zeros(len(owner), int)
    for number, group in enumerate(program.groups):
        cuts = found.cuts.get(number)
        if group.direct:
            # Its columns lie as those of the neurons that it acts on.
            post = program.links[group.elements[0]].post
            cuts = found.cuts[program.slots[post].group]
            own = np.isin(target, group.places(0, group.n))
            column = np.searchsorted(group.places(0, group.n), target[own])
            expected[own] = np.searchsorted(cuts[1:-1], column, side="right")
    np.testing.assert_array_equal(owner, expected)
    assert all((owner == k).sum() > 0.1 * len(owner) for k in range(threads))


def under_way(simulation, spikes):
    """Return what spikes of the past have not reached yet: (step, unit, delay, link) rows."""
    slices, found = slices_of(simulation.program), []
    for unit, step in zip(spikes.unit.tolist(), spikes.step.tolist(), strict=True):
        own = slices[slices[:, 0] == unit]
        arrival = step + 1 + own[:, 1]
        late = arrival >= simulation.step
        found.append(np.column_stack((arrival, own))[late])
    return np.concatenate(found)


def rows_of(flights, simulation):
    first = {
        k: simulation.program.groups[slot.group].unit + slot.first
        for k, link in enumerate(flights.links)
        for slot in [simulation.program.slots[simulation.program.links[link].pre]]
    }
    unit = flights.pre + np.array([first[k] for k in flights.link.tolist()])
    return np.column_stack((flights.step, unit, flights.delay, flights.link))


def in_order(rows):
    return rows[np.lexsort(rows.T)]


@pytest.mark.parametrize("threads", [1, 2])
def test_what_is_under_way_is_listed_link_by_link(threads):
    simulation = Simulation(compiled(network()[0]), threads=threads)
    spikes = simulation.advance(120).spikes
    expected = under_way(simulation, spikes)
    assert len(expected) > 1000
    found = rows_of(simulation.calendar.flights(simulation.step), simulation)
    np.testing.assert_array_equal(in_order(found), in_order(expected))


def test_spikes_go_on_where_the_runs_are_others():
    circuit, (_, b, *_) = network()
    before = Simulation(compiled(circuit))
    before.advance(120)
    left = before.calendar.flights(before.step)
    # One more link that comes between those of a run, and one whose delay is another.
    rule = {"rule": "fixed_in_degree", "rule_values": {"n": 3}}
    circuit.connect(b, b, "current_synapse", weight=1.0, delay=1.0, **rule)
    changed = before.program.synapses.links[1]
    SetParameter(changed, "delay", 1.3).apply(circuit)
    after = Simulation(compiled(circuit), threads=2)
    after.adopt(before)
    went_on = after.calendar.flights(after.step)
    counts = [
        {link: int((f.link == k).sum()) for k, link in enumerate(f.links)} for f in (left, went_on)
    ]
    for link, n in counts[0].items():
        if link != changed:
            assert counts[1][link] == n
    assert counts[1][changed] > 0
    after.advance(60)
