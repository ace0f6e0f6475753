"""Edits: every one has an inverse, and a refused one leaves no trace."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import apply_if_possible, circuits, document, draw_edit, draw_part

from neurocanvas import library
from neurocanvas.errors import CircuitError, NeuroCanvasError, QuantityError
from neurocanvas.formats import native
from neurocanvas.model import edits
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.distributions import Value
from neurocanvas.model.edits import Compound, Effect, removal
from neurocanvas.model.elements import Bench, Instrument, Link, Node, Notes, Probe, Settings
from neurocanvas.model.kinds import Registry


@given(circuits(), st.data())
def test_all_inverses_in_turn_give_the_document_back(circuit: Circuit, data: st.DataObject):
    states, inverses = [document(circuit)], []
    for _ in range(data.draw(st.integers(1, 6))):
        inverse = apply_if_possible(circuit, draw_edit(circuit, data.draw))
        if inverse is not None:
            inverses.append(inverse)
            states.append(document(circuit))
    end = states.pop()
    redone = []
    for inverse in reversed(inverses):
        redone.append(circuit.apply(inverse))
        assert document(circuit) == states.pop()
    for edit in reversed(redone):
        circuit.apply(edit)
    assert document(circuit) == end


@given(circuits(), st.data())
def test_undo_of_everything_gives_the_file_back_to_the_byte(circuit: Circuit, data: st.DataObject):
    before = native.dumps(circuit)
    inverses = []
    for _ in range(4):
        inverse = apply_if_possible(circuit, draw_edit(circuit, data.draw))
        inverses += [] if inverse is None else [inverse]
    for inverse in reversed(inverses):
        circuit.apply(inverse)
    assert native.dumps(circuit) == before


@given(circuits(), st.data())
def test_a_refused_edit_changes_nothing_and_tells_nobody(circuit: Circuit, data: st.DataObject):
    heard: list[edits.Edit] = []
    circuit.subscribe(heard.append)
    edit, before = draw_edit(circuit, data.draw), document(circuit)
    if apply_if_possible(circuit, edit) is None:
        assert document(circuit) == before
        assert heard == []
    else:
        assert heard == [edit]


@given(circuits(), st.data())
def test_a_compound_is_all_or_nothing(circuit: Circuit, data: st.DataObject):
    before = document(circuit)
    parts = tuple(draw_part(circuit, data.draw) for _ in range(3))
    refused = edits.Rename("no such node", "x")
    with pytest.raises(NeuroCanvasError):
        circuit.apply(Compound((*parts, refused)))
    assert document(circuit) == before


@given(circuits())
def test_what_edits_made_obeys_the_rules_of_files(circuit: Circuit):
    again, report = native.loads(native.dumps(circuit), circuit.kinds)
    assert report == () or all("unknown key" in line for line in report)
    assert [n.id for n in again.nodes()] == [n.id for n in circuit.nodes()]
    assert [k.id for k in again.links()] == [k.id for k in circuit.links()]


def three_nodes(circuit: Circuit) -> list[str]:
    return [circuit.add("lif", label=label, size=4) for label in "ABC"]


def test_a_node_that_comes_back_takes_its_old_place(circuit: Circuit):
    a, b, c = three_nodes(circuit)
    circuit.connect(a, b)
    inverse = circuit.apply(edits.removal(circuit, [a]))
    assert [n.id for n in circuit.nodes()] == [b, c]
    circuit.apply(inverse)
    assert [n.id for n in circuit.nodes()] == [a, b, c]
    assert circuit.link_count() == 1


def test_a_removed_node_takes_its_probes_with_it_and_brings_them_back(circuit: Circuit):
    a, b, _ = three_nodes(circuit)
    bench = Bench(probes=(Probe(1, a), Probe(2, b, "v", 3)))
    circuit.apply(edits.SetBench(bench))
    inverse = circuit.apply(edits.RemoveNode(a))
    assert [p.number for p in circuit.bench.probes] == [2]
    circuit.apply(inverse)
    assert circuit.bench == bench


def test_a_smaller_population_keeps_its_probes_inside(circuit: Circuit):
    a, *_ = three_nodes(circuit)
    bench = Bench(probes=(Probe(1, a, "v", 3), Probe(2, a, "v", 0)))
    circuit.apply(edits.SetBench(bench))
    inverse = circuit.apply(edits.SetSize(a, 2))
    assert [p.index for p in circuit.bench.probes] == [1, 0]
    circuit.apply(inverse)
    assert circuit.bench == bench
    assert circuit.node(a).size == 4


def test_ids_are_never_given_twice_whoever_gave_them_first(circuit: Circuit):
    circuit.apply(edits.AddNode(Node("n7", "lif", "from a file")))
    circuit.apply(edits.RemoveNode("n7"))
    assert circuit.add("lif") == "n8"


def test_what_is_stored_are_numbers_of_its_own(circuit: Circuit):
    given_values = {"C_m": "0.1 nF"}
    circuit.apply(edits.AddNode(Node("a", "lif", "A", parameters=given_values)))  # type: ignore[arg-type]
    given_values["C_m"] = "nonsense"
    assert circuit.node("a").parameters == {"C_m": 100.0}


def test_numbers_too_are_the_circuits_own_and_floats(circuit: Circuit):
    given_values: dict[str, Value] = {"C_m": 100}
    circuit.apply(edits.AddNode(Node("a", "lif", "A", parameters=given_values)))
    assert type(circuit.node("a").parameters["C_m"]) is float
    exact: dict[str, Value] = {"C_m": 100.0}
    circuit.apply(edits.AddNode(Node("b", "lif", "B", parameters=exact)))
    exact["C_m"] = 5.0
    assert circuit.node("b").parameters == {"C_m": 100.0}


def test_what_comes_back_is_the_element_that_was_there(circuit: Circuit):
    a = circuit.add("lif", C_m="0.1 nF")
    link = circuit.connect(a, a, "ampa", weight=3)
    node, back = circuit.node(a), circuit.link(link)
    circuit.apply(circuit.apply(edits.removal(circuit, [a])))
    assert circuit.node(a) is node
    assert circuit.link(link) is back


def test_what_comes_from_another_circuit_is_read_by_the_kinds_of_this_one(circuit: Circuit):
    a = circuit.add("lif", C_m="0.1 nF")
    node = circuit.node(a)
    lif = circuit.kinds.get("lif")
    narrow = [
        dataclasses.replace(p, maximum=50.0) if p.name == "C_m" else p for p in lif.parameters
    ]
    others = [kind for kind in circuit.kinds if kind.name != "lif"]
    other = Circuit(Registry([*others, dataclasses.replace(lif, parameters=tuple(narrow))]))
    with pytest.raises(QuantityError, match="C_m = 100 pF is not possible"):
        other.apply(edits.AddNode(node))


def test_set_of_several_parameters_is_one_edit_or_none(circuit: Circuit):
    a = circuit.add("lif")
    heard: list[edits.Edit] = []
    circuit.subscribe(heard.append)
    with pytest.raises(QuantityError, match="tau_m"):
        circuit.set(a, C_m=100, tau_m=-1)
    assert heard == []
    assert circuit.node(a).parameters == {}
    circuit.set(a, C_m=100, tau_m="10 ms")
    assert len(heard) == 1
    circuit.set(a, C_m=None)
    assert circuit.node(a).parameters == {"tau_m": 10.0}


def test_one_to_one_holds_when_a_size_changes(circuit: Circuit):
    a, b, _ = three_nodes(circuit)
    circuit.connect(a, b, "ampa", rule="one_to_one")
    with pytest.raises(CircuitError, match="A has 3 and B has 4"):
        circuit.apply(edits.SetSize(a, 3))
    assert circuit.node(a).size == 4


@pytest.mark.parametrize(
    ("edit", "effect"),
    [
        (edits.MoveNodes({}), Effect.COSMETIC),
        (edits.Rename("a", "b"), Effect.COSMETIC),
        (edits.SetNotes(Notes()), Effect.COSMETIC),
        (edits.SetBench(Bench()), Effect.BENCH),
        (edits.SetParameter("a", "C_m", 1.0), Effect.PARAMETER),
        (edits.SetParameter("a", "delay", 1.0), Effect.STRUCTURE),
        (edits.SetSize("a", 2), Effect.STRUCTURE),
        (edits.AddNode(Node("a", "lif", "A")), Effect.STRUCTURE),
        (edits.RemoveLink("a"), Effect.STRUCTURE),
        (Compound(()), Effect.COSMETIC),
        (Compound((edits.MoveNodes({}), edits.SetParameter("a", "C_m", 1.0))), Effect.PARAMETER),
    ],
)
def test_an_edit_says_what_it_means_for_a_running_simulation(edit: edits.Edit, effect: Effect):
    assert edit.effect is effect


IMPOSSIBLE = {
    "dt 0": (edits.SetSettings(Settings(dt=0.0)), "dt = 0 ms .* 0.0001 to 10 ms"),
    "dt nan": (edits.SetSettings(Settings(dt=float("nan"))), "dt = nan"),
    "seed": (edits.SetSettings(Settings(seed=-1)), "seed = -1"),
    "speed": (edits.SetSettings(Settings(speed=-1.0)), "speed = -1 ms"),
    "duration": (edits.SetSettings(Settings(duration=float("inf"))), "duration = inf"),
    "size 0": (edits.SetSize("n1", 0), "A: size 0 .* 1 to 1000000 is"),
    "size 1e9": (edits.SetSize("n1", 10**9), "A: size 1000000000"),
    "label taken": (edits.Rename("n1", "B"), "'B' is in use"),
    "label empty": (edits.Rename("n1", ""), "label '' is not possible"),
    "label blank": (edits.Rename("n1", "  "), "label '  ' is not possible"),
    "label of two lines": (edits.Rename("n1", "a\nb"), "not possible"),
    "label long": (edits.Rename("n1", "x" * 81), "1 to 80 characters"),
    "place": (edits.MoveNodes({"n1": (float("nan"), 0)}), r"A: the place \(nan, 0\)"),
    "far away": (edits.MoveNodes({"n1": (0, 1e7)}), "A: the place"),
    "id taken": (edits.AddNode(Node("n1", "lif", "Z")), "id 'n1' is in use"),
    "id empty": (edits.AddNode(Node("", "lif", "Z")), "id '' is not possible"),
    "no kind": (edits.AddNode(Node("z", "nope", "Z")), "no kind is named 'nope'; known are lif"),
    "synapse": (edits.AddNode(Node("z", "ampa", "Z")), "AMPA is a synapse"),
    "no parameter": (edits.SetParameter("n1", "g", 1.0), "has no parameter 'g'; it has C_m"),
    "no element": (edits.SetParameter("zz", "g", 1.0), "no node 'zz'"),
    "no link": (edits.RemoveLink("n1"), "no link 'n1'"),
    "still linked": (edits.RemoveNode("n1"), "A still has links"),
    "probe nowhere": (edits.SetBench(Bench(probes=(Probe(1, "zz"),))), "probe 1: .* no node 'zz'"),
    "probe beyond": (
        edits.SetBench(Bench(probes=(Probe(1, "n1", "v", 4),))),
        "probe 1: A has neurons 0 to 3, no 4",
    ),
    "probe variable": (
        edits.SetBench(Bench(probes=(Probe(1, "n1", "m"),))),
        "probe 1: A has no variable 'm'; it has v",
    ),
    "probe twice": (
        edits.SetBench(Bench(probes=(Probe(1, "n1"), Probe(1, "n2")))),
        "probe 1: each needs a number of its own",
    ),
    "instrument twice": (
        edits.SetBench(Bench(instruments=(Instrument(), Instrument()))),
        "two instruments have the same id",
    ),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_is_not_possible_is_refused_in_words(circuit: Circuit, name: str):
    a, b, _ = three_nodes(circuit)
    circuit.connect(a, b)
    before = document(circuit)
    edit, words = IMPOSSIBLE[name]
    with pytest.raises(NeuroCanvasError, match=words) as caught:
        circuit.apply(edit)
    assert "\n" not in str(caught.value)
    assert document(circuit) == before


def test_a_link_with_an_impossible_weight_is_refused(circuit: Circuit):
    a, b, _ = three_nodes(circuit)
    link = Link("l9", a, b, "ampa", {"weight": -1.0})
    with pytest.raises(QuantityError, match=r"A -> B \(ampa\): weight = -1 nS .* at least 0 nS"):
        circuit.apply(edits.AddLink(link))


def test_edits_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        edits.SetSize("a", 1).size = 2  # type: ignore[misc]


# -- what a kind declares ------------------------------------------------------------------------


def test_another_form_keeps_what_both_have(circuit: Circuit):
    node = circuit.add("poisson_of_time", label="P")
    circuit.apply(edits.SetText(node, "rate", "3*t"))
    before = document(circuit)
    inverse = circuit.apply(edits.SetKind(node, "poisson", {"rate": 7.0}))
    assert circuit.node(node).texts == {}
    assert circuit.node(node).parameters == {"rate": 7.0}
    circuit.apply(inverse)
    assert document(circuit) == before


def test_probes_follow_to_a_variable_that_the_new_form_has(circuit: Circuit):
    node = circuit.add("rate", label="R")
    circuit.apply(edits.SetBench(Bench(probes=(Probe(1, node, "v"), Probe(2, node, "r")))))
    before = document(circuit)
    inverse = circuit.apply(edits.SetKind(node, "mcculloch_pitts", {}))
    assert circuit.bench.probes == (Probe(1, node, "y"),)
    circuit.apply(inverse)
    assert document(circuit) == before


def test_a_form_that_a_link_does_not_fit_is_refused(circuit: Circuit):
    a, b = circuit.add("lif", label="A"), circuit.add("lif", label="B")
    modulates = circuit.connect(a, b, "dopamine")
    circuit.apply(edits.SetText(modulates, "parameter", "tau_m"))
    before = document(circuit)
    with pytest.raises(CircuitError, match="parameter = 'tau_m' is not possible; weights, "):
        circuit.apply(edits.SetKind(b, "adex", {}))
    assert document(circuit) == before


def test_a_link_keeps_its_plasticity_where_the_new_kind_can_carry_it(circuit: Circuit):
    a, b = circuit.add("lif", label="A"), circuit.add("lif", label="B")
    link = circuit.connect(a, b, "ampa")
    circuit.apply(edits.SetFeature(link, "stdp", {"tau_plus": 12.0}))
    rule = circuit.link(link).rule
    circuit.apply(edits.SetLink(link, "gaba_a", rule, {}))
    assert circuit.link(link).features == {"stdp": {"tau_plus": 12.0}}
    with pytest.raises(CircuitError, match="Dopamine has no weight that STDP changes"):
        circuit.apply(edits.SetLink(link, "dopamine", rule, {}))
    assert circuit.link(link).kind == "gaba_a"


def test_plasticity_is_stored_as_numbers_and_refused_by_name(circuit: Circuit):
    a = circuit.add("lif", label="A")
    link = circuit.connect(a, a, "ampa")
    circuit.apply(edits.SetFeature(link, "stdp", {"tau_plus": "0.01 s"}))  # type: ignore[dict-item]
    assert circuit.link(link).features == {"stdp": {"tau_plus": 10.0}}
    for name, words in (("bcm", "no plasticity is named 'bcm'; known are tsodyks_markram, stdp"),
                        ("gaba_a", "GABA-A is no plasticity")):  # fmt: skip
        with pytest.raises(CircuitError, match=words):
            circuit.apply(edits.SetFeature(link, name, {}))
    with pytest.raises(QuantityError, match=r"A -> A \(ampa\): stdp: eta = 2 is not possible"):
        circuit.apply(edits.SetFeature(link, "stdp", {"eta": 2.0}))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("20 +", "P: rate: line 1, column 5: "),
        ("20 + w", "P: rate: line 1, column 6: 'w' is neither a variable"),
        ("rate + 1", "P: definitions need each other: rate -> rate"),
        ("1\nx = 2", "P: rate: line 1, column 2"),
        ("t.real", "P: rate: line 1, column 1: a point"),
    ],
)
def test_an_expression_that_can_not_be_is_refused_with_its_place(
    circuit: Circuit, text: str, words: str
):
    node = circuit.add("poisson_of_time", label="P")
    with pytest.raises(NeuroCanvasError) as caught:
        circuit.apply(edits.SetText(node, "rate", text))
    assert str(caught.value).startswith(words)
    assert circuit.node(node).texts == {}


def test_the_graph_is_the_same_whenever_it_is_first_asked_for():
    def edited(early: bool) -> Circuit:
        circuit = Circuit(library.registry())
        if early:
            assert len(circuit.graph) == 0
        a, b, c = (circuit.add("lif") for _ in range(3))
        circuit.connect(a, b)
        gone = circuit.connect(b, a)
        back = circuit.connect(b, c)
        circuit.remove(gone)
        undo = circuit.apply(removal(circuit, (back,)))
        circuit.apply(undo)
        circuit.remove(a)
        circuit.connect(c, c)
        return circuit

    early, late = edited(True).graph, edited(False).graph
    assert list(early.nodes) == list(late.nodes)
    assert list(early.edges(keys=True)) == list(late.edges(keys=True))
    assert len(early.edges) == 2
