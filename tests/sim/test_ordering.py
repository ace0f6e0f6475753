"""Synapses in the order of the driver: the same by counting and by sorting, and what was drawn."""

from dataclasses import fields

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas.errors import Cancelled
from neurocanvas.sim.compiling import ordering, wiring
from neurocanvas.sim.compiling.compiler import compile_circuit
from neurocanvas.sim.compiling.connectivity import pairs
from neurocanvas.sim.compiling.values import per_synapse


def network(delay="normal(1.5 ms, 0.7 ms)"):
    """Return populations, one of one neuron, and links between single neurons."""
    c = nc.Circuit(dt=0.1, seed=8)
    a = c.add("lif", label="a", size=60)
    b = c.add("lif", label="b", size=300)
    d, e = c.add("izhikevich", label="d"), c.add("izhikevich", label="e")
    p = {"rule": "probability", "rule_values": {"p": 0.2}}
    c.connect(a, b, "ampa", weight="normal(2 nS, 0.4 nS)", delay=delay, **p)
    c.connect(d, a, "ampa", delay=0.3)
    c.connect(b, b, "gaba_a", rule="fixed_in_degree", rule_values={"n": 7}, delay=delay)
    c.connect(d, e, "ampa", weight=3.0, delay=0.5)
    c.connect(e, d, "gaba_a", delay=0.2)
    c.connect(b, a, "ampa", rule="fixed_total_number", rule_values={"n": 900}, delay=2.0)
    c.connect(a, e, "ampa", delay=delay)
    return c


def compiled(circuit):
    return compile_circuit(circuit.snapshot(), circuit.kinds)


@pytest.mark.parametrize("delay", [1.5, "normal(1.5 ms, 0.7 ms)", "uniform(0.1 ms, 90 ms)"])
def test_counting_gives_what_sorting_gives(monkeypatch, delay):
    found = []
    for many in (0, 500, np.inf):
        monkeypatch.setattr(wiring, "MANY", many)
        found.append(compiled(network(delay)).synapses)
    for field in fields(found[0]):
        first, *others = (getattr(synapses, field.name) for synapses in found)
        for other in others:
            np.testing.assert_array_equal(first, other, err_msg=field.name)


def test_more_synapses_than_expected_find_room(monkeypatch):
    monkeypatch.setattr(wiring, "MANY", 0)
    expected = compiled(network()).synapses
    monkeypatch.setattr(ordering, "_SPARE", 0.001)
    found = compiled(network()).synapses
    np.testing.assert_array_equal(found.target, expected.target)
    np.testing.assert_array_equal(found.weight, expected.weight)


def test_every_synapse_is_one_that_was_drawn():
    circuit = network()
    program = compiled(circuit)
    s = program.synapses
    counts = np.diff(s.start.astype(np.int64))
    unit = np.repeat(np.arange(len(s.unit_slice) - 1), np.diff(s.unit_slice))
    assert np.all(counts > 0)
    for number, link_id in enumerate(s.links):
        link = circuit.link(link_id)
        slices = np.flatnonzero(s.link == number)
        own = s.of_slices(slices)
        slot, source = program.slots[link_id], program.slots[link.pre]
        places = program.groups[slot.group].places(slot.first, slot.n)
        first = program.groups[source.group].unit + source.first
        pre, post = pairs(link, source.n, circuit.node(link.post).size, 8)
        kind = circuit.kinds.get(link.kind)
        delay, weight = (per_synapse(kind, link, what, len(pre), 8) for what in ("delay", "weight"))
        drawn = np.column_stack((pre, wiring.delay_steps(delay, 0.1), places[post], weight))
        found = np.column_stack((
            np.repeat(unit[slices] - first, counts[slices]),
            np.repeat(s.delay[slices], counts[slices]), s.target[own], s.weight[own],
        ))  # fmt: skip
        drawn[:, 3] = drawn[:, 3].astype(np.float32)
        np.testing.assert_array_equal(np.unique(found, axis=0), np.unique(drawn, axis=0))
        assert len(found) == len(drawn)
        np.testing.assert_array_equal(s.pre(slices), unit[slices] - first)


def test_a_static_synapse_takes_nine_bytes():
    c = nc.Circuit(dt=0.1)
    cells = c.add("lif", size=1000)
    c.connect(
        cells, cells, "current_synapse", rule="fixed_total_number", rule_values={"n": 500_000},
        weight="normal(10 pA, 1 pA)", delay="normal(1.5 ms, 0.75 ms)",
    )  # fmt: skip
    s = compiled(c).synapses
    arrays = [getattr(s, field.name) for field in fields(s)]
    assert sum(a.nbytes for a in arrays if isinstance(a, np.ndarray)) <= 9 * 500_000


def test_building_tells_how_far_it_is_and_can_be_cancelled():
    circuit, told = network(), []

    def tell(what, done, total):
        told.append((what, done / total))
        if len(told) == 3:
            raise Cancelled(what, done / total)

    with pytest.raises(Cancelled):
        compile_circuit(circuit.snapshot(), circuit.kinds, tell)
    assert told[0][0].startswith("connecting ")
    assert [part for _, part in told] == sorted(part for _, part in told)
    assert told[0][1] == 0.0 < told[2][1] < 1.0
