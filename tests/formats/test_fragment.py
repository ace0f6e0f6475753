"""Copy and paste: a part of a circuit as text."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import KINDS, circuits, document, json_values

from neurocanvas import library
from neurocanvas.errors import FileError
from neurocanvas.formats import fragment, native
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.edits import AddLink, AddNode, Effect, SetData, SetFeature, SetText


@pytest.fixture
def pair(circuit: Circuit) -> Circuit:
    """A and B, linked, and C beside them, linked to B."""
    a = circuit.add("lif", label="A", C_m=100.0, x=10, y=20)
    b = circuit.add("hodgkin_huxley", label="B", size=3, x=50, y=20)
    c = circuit.add("poisson", label="C")
    circuit.connect(a, b, "ampa", weight=7.0, rule="probability", rule_values={"p": 0.5})
    circuit.connect(c, b, "gaba_a")
    return circuit


def test_nodes_and_the_links_among_them_are_copied(pair):
    def shift(places):
        assert places == [(10, 20), (50, 20)]
        return 5, -5

    edit = fragment.paste_edit(pair, fragment.to_fragment(pair, ["n1", "n2"]), shift)
    assert edit.effect is Effect.STRUCTURE
    nodes = [e.node for e in edit.edits if isinstance(e, AddNode)]
    links = [e.link for e in edit.edits if isinstance(e, AddLink)]
    assert [(n.label, n.kind, n.size, n.x, n.y) for n in nodes] == [
        ("A 2", "lif", 1, 15, 15),
        ("B 2", "hodgkin_huxley", 3, 55, 15),
    ]
    assert nodes[0].parameters == {"C_m": 100.0}
    assert [(k.pre, k.post, k.kind) for k in links] == [(nodes[0].id, nodes[1].id, "ampa")]
    assert links[0].parameters == {"weight": 7.0}
    assert links[0].rule == pair.link("l1").rule
    ids = {n.id for n in nodes} | {k.id for k in links}
    assert not ids & {"n1", "n2", "n3", "l1", "l2"}


def test_pasting_is_one_edit_with_an_inverse(pair):
    before = document(pair)
    inverse = pair.apply(fragment.paste_edit(pair, fragment.to_fragment(pair, ["n1", "n2", "n3"])))
    assert len(pair) == 6
    assert pair.link_count() == 4
    pair.apply(inverse)
    assert document(pair) == before


def test_a_fragment_fits_into_another_circuit(pair):
    other = Circuit(library.registry())
    other.apply(fragment.paste_edit(other, fragment.to_fragment(pair, ["n3", "n2", "n1"])))
    assert native.dumps(other) == native.dumps(pair)


def test_links_alone_make_no_fragment(pair):
    assert fragment.paste_edit(pair, fragment.to_fragment(pair, ["l1"])).edits == ()


def test_a_self_link_is_copied(pair):
    pair.connect("n1", "n1", "ampa")
    edit = fragment.paste_edit(pair, fragment.to_fragment(pair, ["n1"]))
    assert [e.link.pre == e.link.post for e in edit.edits if isinstance(e, AddLink)] == [True]


def test_unknown_kinds_and_keys_survive_the_clipboard(pair):
    raw = json.loads(native.dumps(pair))
    odd = {"C_m": "7 furlongs", "shape": [1]}
    raw["circuit"]["nodes"][0] |= {"kind": "new_cell", "parameters": odd, "colour": "red"}
    source, _ = native.loads(json.dumps(raw), KINDS)
    target = Circuit(library.registry())
    target.apply(fragment.paste_edit(target, fragment.to_fragment(source, ["n1", "n2"])))
    saved = json.loads(native.dumps(target))["circuit"]["nodes"][0]
    assert saved["parameters"] == odd
    assert saved["colour"] == "red"
    assert target.kind_of("n1").placeholder


@given(circuits(), st.data())
def test_any_part_of_any_circuit_can_be_pasted_back(circuit, data):
    ids = [n.id for n in circuit.nodes()]
    chosen = data.draw(st.lists(st.sampled_from(ids), unique=True)) if ids else []
    before, sizes = document(circuit), (len(circuit), circuit.link_count())
    inside = [k for k in circuit.links() if {k.pre, k.post} <= set(chosen)]
    inverse = circuit.apply(fragment.paste_edit(circuit, fragment.to_fragment(circuit, chosen)))
    assert (len(circuit), circuit.link_count()) == (sizes[0] + len(chosen), sizes[1] + len(inside))
    circuit.apply(inverse)
    assert document(circuit) == before


def test_pasting_a_hundred_nodes_into_a_thousand_is_quick():
    circuit = Circuit(library.registry())
    make = circuit.label_maker()
    for _ in range(1000):
        circuit.add("lif", label=make("LIF"))
    text = fragment.to_fragment(circuit, [f"n{i}" for i in range(1, 101)])
    start = time.perf_counter()
    circuit.apply(fragment.paste_edit(circuit, text))
    assert time.perf_counter() - start < 0.5
    assert len(circuit) == 1100


# -- what is no fragment -------------------------------------------------------------------------

WRONG = {
    "": "is empty",
    "hello": "this is no JSON",
    "{}": "no part of a circuit; copy one first",
    "[]": "no part of a circuit",
    '{"format": "neurocanvas", "version": 1}': "no part of a circuit",
    '{"format": "neurocanvas-fragment"}': "'version' is missing",
    '{"format": "neurocanvas-fragment", "version": 2}': "a newer NeuroCanvas",
    '{"format": "neurocanvas-fragment", "version": 1, "nodes": 3}': "nodes: 3 .* a list",
    '{"format": "neurocanvas-fragment", "version": 1, "nodes": [{"id": "a"}]}': "'kind' is missing",
    '{"format": "neurocanvas-fragment", "version": 1, "nodes": [{"id": "a", "kind": "lif"},'
    ' {"id": "a", "kind": "lif"}]}': "id 'a' is there twice",
    '{"format": "neurocanvas-fragment", "version": 1, "nodes": [{"id": "a", "kind": "lif",'
    ' "parameters": {"C_m": "3 mV"}}]}': "a: C_m: '3 mV' is not in pF",
    '{"format": "neurocanvas-fragment", "version": 1, "links": [{"id": "k", "pre": "a",'
    ' "post": "b", "kind": "ampa"}]}': 'link "k": one of its nodes is missing',
}


@pytest.mark.parametrize("text", WRONG, ids=lambda text: text[-30:])
def test_what_is_no_fragment_is_refused_in_words(circuit, text):
    with pytest.raises(FileError, match=f"the clipboard: .*{WRONG[text]}"):
        fragment.paste_edit(circuit, text)
    assert len(circuit) == 0


@given(json_values, json_values)
def test_anything_on_the_clipboard_is_refused_in_words(nodes, links):
    raw = {"format": fragment.FORMAT, "version": 1, "nodes": nodes, "links": links}
    circuit = Circuit(KINDS)
    if nodes == links == []:
        return
    with pytest.raises(FileError, match="the clipboard: "):
        fragment.paste_edit(circuit, json.dumps(raw))


def test_expressions_lists_and_plasticity_are_copied(circuit):
    p, s = circuit.add("poisson_of_time"), circuit.add("spike_list")
    cell = circuit.add("lif")
    learns, modulates = circuit.connect(p, cell, "ampa"), circuit.connect(s, cell, "dopamine")
    circuit.apply(SetText(p, "rate", "20 + t"))
    circuit.apply(SetData(s, {"times": (1.0, 2.5)}))
    circuit.apply(SetFeature(learns, "stdp", {"eta": 0.02}))
    circuit.apply(SetText(modulates, "parameter", "tau_m"))
    edit = fragment.paste_edit(circuit, fragment.to_fragment(circuit, [p, s, cell]))
    circuit.apply(edit)
    *_, p2, s2, _ = circuit.nodes()
    *_, learns2, modulates2 = circuit.links()
    assert (p2.texts, s2.data) == ({"rate": "20 + t"}, {"times": (1.0, 2.5)})
    assert learns2.features == {"stdp": {"eta": 0.02}}
    assert modulates2.texts == {"parameter": "tau_m"}
