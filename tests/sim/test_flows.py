"""Poisson trains that flow to their neurons act as spikes sent one by one, whatever is edited."""

from dataclasses import replace

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas.sim.compiling import wiring
from neurocanvas.sim.compiling.casting import LARGE
from neurocanvas.sim.compiling.compiler import Compiler, assemble, compile_circuit
from neurocanvas.sim.recording.rings import Channel
from neurocanvas.sim.simulation import Simulation

N = LARGE + 70


@pytest.fixture
def one_by_one(monkeypatch):
    """Return a switch after which nothing flows: all spikes go through the calendar."""

    def switch(on):
        found = (lambda elements: np.zeros(len(elements.links), bool)) if on else FLOWS
        monkeypatch.setattr(wiring, "_flows", found)

    return switch


FLOWS = wiring._flows


def noisy(delay=1.0, rate=3000.0, size=N):
    circuit = nc.Circuit(dt=0.1, seed=4)
    cells = circuit.add("lif", label="cells", size=size)
    noise = circuit.add("poisson", label="noise", size=size, rate=rate)
    link = circuit.connect(
        noise, cells, "current_synapse", rule="one_to_one", weight=20.0, delay=delay
    )
    return circuit, cells, noise, link


def begun(circuit, compiler=None):
    cast = (compiler or Compiler()).cast(circuit.snapshot(), circuit.kinds)
    return Simulation(assemble(cast))


@pytest.mark.parametrize("delay", [0.1, 1.0])
def test_what_flows_is_what_would_be_sent(one_by_one, delay):
    circuit, cells, _, _ = noisy(delay)
    found = []
    for alone in (False, True):
        one_by_one(alone)
        simulation = begun(circuit)
        assert bool(simulation.program.flows) is not alone
        block = simulation.advance(400)
        found.append((simulation.values(cells, "v"), block.spikes))
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1].unit, found[1][1].unit)
    assert np.ptp(found[0][0]) > 1


def shorter(circuit, cells, noise, link):
    circuit.set(link, delay=0.3)


def longer(circuit, cells, noise, link):
    circuit.set(link, delay=2.0)


def weaker(circuit, cells, noise, link):
    circuit.set(link, weight=5.0)


def second(circuit, cells, noise, link):
    circuit.connect(noise, cells, "current_synapse", rule="one_to_one", weight=7.0, delay=1.7)


def scattered(circuit, cells, noise, link):
    circuit.set(link, delay="uniform(0.5 ms, 1.5 ms)")


def elsewhere(circuit, cells, noise, link):
    circuit.add("lif", label="another")


EDITS = (shorter, longer, weaker, second, scattered, elsewhere)


@pytest.mark.parametrize("edits", [(e,) for e in EDITS] + [(longer, second, shorter, elsewhere)])
def test_spikes_on_their_way_arrive_through_edits(one_by_one, edits):
    found = []
    for alone in (False, True):
        one_by_one(alone)
        circuit, cells, noise, link = noisy()
        simulation = begun(circuit)
        simulation.advance(50)
        for edit in edits:
            edit(circuit, cells, noise, link)
            after = begun(circuit)
            after.adopt(simulation)
            after.advance(7)
            simulation = after
        simulation.advance(60)
        found.append(simulation.values(cells, "v"))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12)
    assert np.ptp(found[0]) > 1


def test_spikes_on_their_way_go_on_where_a_link_begins_to_flow(one_by_one):
    found = []
    for alone in (False, True):
        circuit, cells, _, link = noisy()
        circuit.set(link, delay="uniform(0.5 ms, 1.5 ms)")
        simulation = begun(circuit)
        assert not simulation.program.flows
        simulation.advance(50)
        one_by_one(alone)
        circuit.set(link, delay=1.0)
        after = begun(circuit)
        after.adopt(simulation)
        after.advance(60)
        found.append(after.values(cells, "v"))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12)


def test_what_left_before_it_flowed_goes_on_through_one_more_edit(one_by_one):
    """Soon after the start, when what is on its way left in steps that a ring has no place for."""
    found = []
    for alone in (False, True):
        circuit, cells, noise, link = noisy()
        circuit.set(link, delay="uniform(4 ms, 6 ms)")
        simulation = begun(circuit)
        simulation.advance(5)
        one_by_one(alone)
        circuit.set(noise, rate=0.0)
        for delay in (9.0, "uniform(4 ms, 6 ms)"):
            circuit.set(link, delay=delay)
            after = begun(circuit)
            after.adopt(simulation)
            after.advance(2)
            simulation = after
        simulation.advance(100)
        found.append(simulation.values(cells, "v"))
        one_by_one(False)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12)
    assert np.ptp(found[0]) > 0.1


def test_another_time_step_keeps_what_is_on_its_way(one_by_one):
    found = []
    for alone in (False, True):
        one_by_one(alone)
        circuit, cells, noise, _ = noisy(delay=5.0)
        simulation = begun(circuit)
        simulation.advance(40)
        circuit.set(noise, rate=0.0)
        circuit.settings = replace(circuit.settings, dt=0.05)
        after = begun(circuit)
        after.adopt(simulation)
        after.advance(120)
        found.append(after.values(cells, "v"))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12)


def test_the_weight_of_what_flows_is_seen_and_changed_live():
    circuit, _, _, link = noisy(rate=20_000.0)
    simulation = begun(circuit)
    assert simulation.count(link, "w") == N
    simulation.set_channels([Channel(link, "w", 3), Channel(link, "w", N)])
    simulation.set_parameter(link, "weight", 0.5)
    assert simulation.advance(3).samples[0].tolist() == [0.5] * 3
    assert np.isnan(simulation.advance(3).samples[1]).all()


def test_a_sea_of_spikes_acts_without_being_listed():
    circuit, cells, noise, _ = noisy(rate=20_000.0)
    program = compile_circuit(circuit.snapshot(), circuit.kinds)
    listed, silent = Simulation(program, duration_ms=20.0), Simulation(program)
    assert set(silent.unlisted) == {noise}
    blocks = [simulation.advance(200) for simulation in (listed, silent)]
    np.testing.assert_array_equal(listed.values(cells, "v"), silent.values(cells, "v"))
    number = program.node_ids.index(noise)
    counts = [np.count_nonzero(program.unit_node[b.spikes.unit] == number) for b in blocks]
    # 2 spikes a step and train, of a Poisson process
    assert counts[0] == pytest.approx(2 * 200 * N, abs=5 * np.sqrt(2 * 200 * N))
    assert counts[1] == 0
