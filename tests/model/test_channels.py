"""What can be recorded, and probes that follow what they are on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from strategies import document

from neurocanvas import library
from neurocanvas.errors import CircuitError
from neurocanvas.formats import native
from neurocanvas.model import edits
from neurocanvas.model.channels import channel_count, channel_variables, main_variable
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.elements import Bench, Probe


@pytest.fixture
def learning(circuit: Circuit) -> str:
    a, b = circuit.add("lif", label="A", size=3), circuit.add("lif", label="B", size=5)
    link = circuit.connect(a, b, "ampa")
    circuit.apply(edits.SetFeature(link, "stdp", {}))
    return link


def probe(circuit: Circuit, *probes: Probe) -> None:
    circuit.apply(edits.SetBench(replace(circuit.bench, probes=probes)))


def test_a_link_has_its_variables_its_weight_and_its_traces(circuit: Circuit, learning: str):
    link = circuit.link(learning)
    found = channel_variables(circuit, link)
    assert list(found) == ["g", "I", "w", "stdp.x", "stdp.y"]
    assert (found["g"].unit, found["w"].unit, found["stdp.x"].unit) == ("nS", "nS", "1")
    assert (channel_count(circuit, link), main_variable(circuit, link)) == (15, "I")


def test_a_link_without_weights_of_its_own_has_none_to_record(circuit: Circuit):
    a, b = circuit.add("rate"), circuit.add("rate")
    assert list(channel_variables(circuit, circuit.link(circuit.connect(a, b, "graded")))) == ["I"]
    c = circuit.add("lif")
    modulator = circuit.link(circuit.connect(c, c, "dopamine"))
    assert list(channel_variables(circuit, modulator)) == ["c", "M"]


def test_probes_on_links_are_saved_and_refused_by_the_same_rules(circuit: Circuit, learning: str):
    probe(circuit, Probe(1, learning, "w", 14), Probe(2, learning, "stdp.x"))
    again, report = native.loads(native.dumps(circuit), library.registry())
    assert report == ()
    assert again.bench == circuit.bench
    for bad, words in (
        (Probe(1, learning, "q"), r"probe 1: A -> B \(ampa\) has no variable 'q'; it has g, I, w"),
        (Probe(1, learning, "w", 15), r"A -> B \(ampa\) has synapses 0 to 14, no 15"),
        (Probe(1, "l9", "w"), "probe 1: there is no node 'l9'"),
    ):
        with pytest.raises(CircuitError, match=words):
            probe(circuit, bad)


def test_probes_go_with_their_link_and_come_back(circuit: Circuit, learning: str):
    probe(circuit, Probe(1, learning, "w"), Probe(2, circuit.link(learning).pre, "v"))
    before = document(circuit)
    for edit in (edits.RemoveLink(learning), edits.removal(circuit, [circuit.link(learning).post])):
        inverse = circuit.apply(edit)
        assert [p.number for p in circuit.bench.probes] == [2]
        circuit.apply(inverse)
        assert document(circuit) == before


def test_probes_follow_what_a_link_has_left(circuit: Circuit, learning: str):
    probe(circuit, Probe(1, learning, "stdp.x"), Probe(2, learning, "g"))
    before = document(circuit)
    inverse = circuit.apply(edits.SetFeature(learning, "stdp", None))
    assert circuit.bench.probes == (Probe(1, learning, "I"), Probe(2, learning, "g"))
    circuit.apply(inverse)
    assert document(circuit) == before
    rule = circuit.link(learning).rule
    inverse = circuit.apply(edits.SetLink(learning, "current_synapse", rule, {}))
    assert circuit.bench.probes == (Probe(1, learning, "stdp.x"), Probe(2, learning, "I"))
    circuit.apply(inverse)
    assert document(circuit) == before


def test_a_smaller_node_brings_probes_of_its_links_back_inside(circuit: Circuit, learning: str):
    probe(circuit, Probe(1, learning, "w", 14))
    before = document(circuit)
    inverse = circuit.apply(edits.SetSize(circuit.link(learning).post, 2))
    assert circuit.bench == Bench(probes=(Probe(1, learning, "w", 5),))
    circuit.apply(inverse)
    assert document(circuit) == before
