"""What may be connected with what, and how a refusal reads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from neurocanvas.errors import CircuitError, ConnectionRefused, QuantityError
from neurocanvas.model import edits, rules
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.elements import Link, Node
from neurocanvas.model.kinds import NeuronKind, Registry, SynapseKind


@pytest.fixture
def bench(circuit: Circuit) -> Circuit:
    """Neurons A and B (4 of them), a current I, spikes P, rate units R and Q, a binary unit M and a
    voltage clamp V."""
    circuit.apply(edits.AddNode(Node("a", "lif", "A")))
    circuit.apply(edits.AddNode(Node("b", "lif", "B", 4)))
    circuit.apply(edits.AddNode(Node("i", "step_current", "I")))
    circuit.apply(edits.AddNode(Node("p", "poisson", "P")))
    circuit.apply(edits.AddNode(Node("r", "rate", "R")))
    circuit.apply(edits.AddNode(Node("q", "rate_tanh", "Q")))
    circuit.apply(edits.AddNode(Node("m", "mcculloch_pitts", "M")))
    circuit.apply(edits.AddNode(Node("c", "voltage_clamp", "V")))
    return circuit


ALLOWED = [
    ("a", "b", "ampa"), ("a", "a", "gaba_a"), ("p", "a", "ampa"), ("i", "a", "injection"),
    ("a", "b", "gap_junction"), ("b", "b", "gap_junction"), ("c", "a", "clamp"),
    ("r", "q", "graded"), ("q", "q", "graded"), ("r", "m", "graded"), ("m", "r", "graded"),
    ("a", "r", "spikes_to_rate"), ("p", "m", "spikes_to_rate"), ("r", "a", "rate_to_current"),
    ("m", "b", "rate_to_current"), ("i", "r", "current_to_rate"), ("i", "m", "current_to_rate"),
    ("a", "b", "dopamine"), ("p", "r", "serotonin"), ("a", "m", "dopamine"),
]  # fmt: skip


@pytest.mark.parametrize(("pre", "post", "kind"), ALLOWED)
def test_what_may_be_connected(bench, pre, post, kind):
    assert rules.why_not(bench, pre, post, kind) is None
    bench.connect(pre, post, kind)
    assert bench.link_count() == 1


REFUSED = [
    ("i", "a", "ampa", "I gives a current, not spikes; Injection connects the two"),
    ("a", "b", "injection", "A gives spikes, but Injection carries a current; AMPA connects"),
    ("p", "a", "injection", "P gives spikes, but Injection carries a current; AMPA connects"),
    ("p", "a", "gap_junction", "Gap junction carries a membrane potential, but P gives spikes"),
    ("a", "r", "ampa", "R takes rates, but AMPA gives a current; Spikes to rate connects"),
    ("a", "r", "gap_junction", "R takes rates, but Gap junction gives a current"),
    ("r", "a", "gap_junction", "carries a membrane potential, but R gives a rate"),
    ("r", "a", "ampa", "AMPA carries spikes, but R gives a rate; Rate to current connects"),
    ("r", "a", "graded", "A takes a current, but Graded gives a rate; Rate to current"),
    ("m", "r", "ampa", "AMPA carries spikes, but M gives a rate; Graded connects the two"),
    ("a", "b", "graded", "Graded carries a rate, but A gives spikes and its membrane potential"),
    ("i", "r", "injection", "R takes rates, but Injection gives a current; Current to rate"),
    ("i", "a", "current_to_rate", "A takes a current, but Current to rate gives a rate"),
    ("c", "a", "injection", "Injection carries a current, but V gives a command potential; Clamp"),
    ("i", "a", "clamp", "Clamp carries a command potential, but I gives a current; Injection"),
    ("r", "q", "dopamine", "Dopamine carries spikes, but R gives a rate; Graded connects"),
    ("i", "a", "serotonin", "I gives a current, not spikes; Injection connects the two"),
    ("a", "i", "ampa", "I is a source and takes no input"),
    ("p", "i", "ampa", "I is a source and takes no input"),
    ("a", "b", "lif", "Integrate and fire is no synapse"),
]


@pytest.mark.parametrize(("pre", "post", "kind", "words"), REFUSED)
def test_what_may_not_be_connected(bench, pre, post, kind, words):
    assert words in (rules.why_not(bench, pre, post, kind) or "")
    with pytest.raises(ConnectionRefused, match=words):
        bench.connect(pre, post, kind)
    assert bench.link_count() == 0


def test_a_link_to_what_is_not_there(bench):
    with pytest.raises(CircuitError, match="no node 'zz'"):
        bench.apply(edits.AddLink(Link("l1", "a", "zz", "ampa")))


def test_the_kind_of_a_link_follows_its_source(bench):
    for pre, kind in (("a", "ampa"), ("p", "ampa"), ("i", "injection"), ("c", "clamp"),
                      ("r", "rate_to_current"), ("m", "rate_to_current")):  # fmt: skip
        assert bench.link(bench.connect(pre, "a")).kind == kind


def test_the_kind_of_a_link_follows_its_target_too(bench):
    for pre, kind in (("a", "spikes_to_rate"), ("p", "spikes_to_rate"), ("i", "current_to_rate"),
                      ("q", "graded"), ("m", "graded")):  # fmt: skip
        assert bench.link(bench.connect(pre, "r")).kind == kind


def test_what_nothing_connects_is_refused_without_a_way_out(bench):
    reason = rules.why_not(bench, "c", "r", "clamp")
    assert reason == "R takes rates, but Clamp gives a current"
    with pytest.raises(ConnectionRefused):
        bench.connect("c", "r")


def test_one_to_one_needs_equal_sizes(bench):
    with pytest.raises(ConnectionRefused, match="A has 1 and B has 4"):
        bench.connect("a", "b", "ampa", rule="one_to_one")


@pytest.mark.parametrize(
    ("rule", "values", "error", "words"),
    [
        ("probability", {"p": 1.5}, QuantityError, "probability: p = 1.5 is not possible"),
        ("probability", {"q": 0.5}, CircuitError, "has no parameter 'q'; it has p"),
        ("fixed_in_degree", {"n": -1}, QuantityError, "at least 0"),
        (
            "sometimes",
            {},
            CircuitError,
            "no connection rule is named 'sometimes'; known are all_to_all",
        ),
    ],
)
def test_rules_with_impossible_values(bench, rule, values, error, words):
    with pytest.raises(error, match=words):
        bench.connect("a", "b", "ampa", rule=rule, rule_values=values)


def placeholder_circuit() -> Circuit:
    """A neuron and a link of kinds that nobody knows, among known ones."""
    unknown = {"title": "?", "symbol": "?", "doc": "", "source": "", "parameters": (),
               "equations": "", "placeholder": True}  # fmt: skip
    kinds = Registry(
        [NeuronKind(name="new_cell", **unknown), SynapseKind(name="new_link", **unknown)]
    )
    from neurocanvas import library

    for kind in library.registry():
        kinds.add(kind)
    return Circuit(kinds)


def test_placeholders_keep_all_their_links():
    circuit = placeholder_circuit()
    x = circuit.add("new_cell", label="X")
    a, i = circuit.add("lif"), circuit.add("step_current")
    links = [
        (a, x, "ampa"),
        (x, a, "ampa"),
        (i, x, "injection"),
        (x, a, "injection"),
        (a, x, "new_link"),
        (i, a, "new_link"),
    ]
    for pre, post, kind in links:
        circuit.connect(pre, post, kind)
    assert circuit.link_count() == 6


# -- labels --------------------------------------------------------------------------------------


def test_labels_are_counted_on(circuit):
    labels = [circuit.node(circuit.add("lif")).label for _ in range(3)]
    assert labels == ["LIF", "LIF 2", "LIF 3"]
    assert circuit.free_label("LIF 2") == "LIF 4"
    assert circuit.free_label("new") == "new"


@pytest.mark.parametrize("label", ["7", "x" * 80, "x" * 79 + "9", "a 9"])
def test_a_label_can_always_be_made_free(circuit, label):
    for _ in range(12):
        circuit.add("lif", label=circuit.free_label(label))
    assert len({node.label for node in circuit.nodes()}) == 12
    assert all(not node.label.startswith(" ") for node in circuit.nodes())


def test_a_label_maker_never_repeats_itself(circuit):
    circuit.add("lif", label="A")
    make = circuit.label_maker()
    assert [make("A") for _ in range(3)] == ["A 2", "A 3", "A 4"]
    assert [make("B") for _ in range(2)] == ["B", "B 2"]


def test_the_lowest_number_that_is_free_again_comes_next(circuit):
    ids = {}
    for _ in range(5):
        label = circuit.free_label("A")
        ids[label] = circuit.add("lif", label=label)
    assert list(ids) == ["A", "A 2", "A 3", "A 4", "A 5"]
    circuit.remove(ids["A 3"])
    circuit.apply(edits.Rename(ids["A 4"], "B"))
    make = circuit.label_maker()
    assert [make("A") for _ in range(3)] == ["A 3", "A 4", "A 6"]
    # What was only promised is still free.
    assert circuit.free_label("A 5") == "A 3"


def test_a_node_is_found_by_its_label(circuit):
    a = circuit.add("lif", label="A")
    assert circuit.find("A") == circuit.node(a)
    circuit.apply(edits.Rename(a, "B"))
    assert circuit.find("A") is None
    circuit.remove(a)
    assert circuit.find("B") is None


def test_a_size_is_a_whole_number_of_any_type(circuit):
    import numpy as np

    assert circuit.node(circuit.add("lif", size=np.int64(3))).size == 3
    with pytest.raises(CircuitError, match=r"size 2.5 is not possible"):
        circuit.add("lif", size=2.5)


@pytest.mark.parametrize(("dt", "seed"), [(0, 1), (float("nan"), 1), (0.1, -1), (20, 1)])
def test_a_circuit_with_impossible_settings_is_never_made(kinds, dt, seed):
    with pytest.raises(CircuitError, match="is not possible"):
        Circuit(kinds, dt=dt, seed=seed)


def test_values_are_those_set_and_the_defaults(bench):
    bench.set("a", C_m="0.1 nF")
    values = bench.values("a")
    assert values["C_m"] == 100.0
    assert values["tau_m"] == 20.0
    assert replace(bench.node("a"), parameters={}) == Node("a", "lif", "A")
