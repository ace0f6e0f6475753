"""The circuit file: what it looks like, that nothing is lost, and how it refuses."""

from __future__ import annotations

import copy
import json
import time
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import circuits, document, json_values

from neurocanvas import library
from neurocanvas.errors import FileError, NeuroCanvasError
from neurocanvas.formats import native, records
from neurocanvas.model import edits
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.elements import Bench, Notes, Probe, Settings
from neurocanvas.model.kinds import Registry

KINDS = library.registry()
SAMPLES = sorted(Path(str(resources.files("neurocanvas") / "sample_networks")).glob("*.neuro"))


def read(text: str | bytes) -> Circuit:
    return native.loads(text, KINDS, name="demo.neuro")[0]


@pytest.fixture
def demo() -> Circuit:
    circuit = Circuit(library.registry(), dt=0.1, seed=3)
    a = circuit.add("lif", label="A", C_m="0.1 nF", V_th=-54.3, x=100.04, y=-0.01)
    i = circuit.add("step_current", amplitude="300.1 pA", start="50 ms")
    b = circuit.add("hodgkin_huxley", size=10, x=12.25)
    circuit.connect(i, a, gain=2)
    circuit.connect(
        a, b, "ampa", weight="5.5 nS", rule="probability", rule_values={"p": 0.3}, self_links=True
    )
    circuit.apply(edits.SetBench(Bench(probes=(Probe(1, a), Probe(2, b, "m", 3)))))
    circuit.apply(edits.SetNotes(Notes("Démo", "first line\n\nlast line")))
    return circuit


DEMO_TEXT = """\
{
  "format": "neurocanvas",
  "version": 1,
  "circuit": {
    "nodes": [
      {"id": "n1", "kind": "lif", "label": "A", "x": 100, "parameters": \
{"C_m": "100 pF", "V_th": "-54.3 mV"}},
      {"id": "n2", "kind": "step_current", "label": "I", "parameters": \
{"amplitude": "300.1 pA", "start": "50 ms"}},
      {"id": "n3", "kind": "hodgkin_huxley", "label": "HH", "size": 10, "x": 12.2}
    ],
    "links": [
      {"id": "l1", "pre": "n2", "post": "n1", "kind": "injection", "parameters": {"gain": 2}},
      {"id": "l2", "pre": "n1", "post": "n3", "kind": "ampa", "parameters": \
{"weight": "5.5 nS"}, "rule": {"name": "probability", "values": {"p": 0.3}, "self_links": true}}
    ]
  },
  "simulation": {
    "dt": "0.1 ms",
    "seed": 3
  },
  "bench": {
    "probes": [
      {"number": 1, "node": "n1", "variable": "v"},
      {"number": 2, "node": "n3", "variable": "m", "index": 3}
    ]
  },
  "notes": {
    "title": "Démo",
    "lesson": [
      "first line",
      "",
      "last line"
    ]
  }
}
"""


# -- what it looks like --------------------------------------------------------------------------


def test_the_text_has_an_element_a_line_and_only_what_is_not_default(demo):
    assert native.dumps(demo) == DEMO_TEXT


def test_an_empty_circuit_is_short():
    text = native.dumps(Circuit(library.registry()))
    assert json.loads(text) == {
        "format": "neurocanvas",
        "version": 1,
        "circuit": {"nodes": [], "links": []},
    }


def test_a_value_that_equals_its_default_is_not_stored(demo):
    demo.set("n1", tau_m=20.0, C_m="200 pF", V_th=None)
    assert '{"id": "n1", "kind": "lif", "label": "A", "x": 100},' in native.dumps(demo)


def test_a_change_of_one_parameter_changes_one_line(demo):
    before = native.dumps(demo).splitlines()
    demo.set("n1", tau_m=10.0)
    after = native.dumps(demo).splitlines()
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


def test_the_published_schema_is_that_of_the_records():
    schema = resources.files("neurocanvas") / "resources" / "neuro.schema.json"
    assert schema.read_text("utf-8") == records.schema_text()


def test_the_schema_describes_every_key_of_a_file():
    definitions = json.loads(records.schema_text())["$defs"]
    assert definitions["FileRecord"]["required"] == ["format", "version"]
    for name, definition in definitions.items():
        assert definition["description"], name
    node = definitions["NodeRecord"]["properties"]
    values = ["parameters", "texts", "data", "integrator"]
    assert list(node) == ["id", "kind", "label", "size", "x", "y", *values]
    assert node["size"]["minimum"] == 1
    assert all("description" in about for about in node.values())


# -- nothing is lost -----------------------------------------------------------------------------


@given(circuits())
def test_saving_loading_and_saving_gives_the_same_bytes(circuit):
    text = native.dumps(circuit)
    again = read(text)
    assert native.dumps(again) == text
    assert json.loads(text)  # it is JSON to others too


@given(circuits())
def test_a_loaded_circuit_is_the_one_that_was_saved(circuit):
    again = read(native.dumps(circuit))
    assert document(again)[1:] == document(circuit)[1:]
    assert (again.settings, again.bench) == (circuit.settings, circuit.bench)
    for mine, theirs in ((circuit.nodes(), again.nodes()), (circuit.links(), again.links())):
        for old, new in zip(mine, theirs, strict=True):
            assert (new.id, new.kind, new.extras) == (old.id, old.kind, old.extras)
            kind = circuit.kind_of(old)
            for parameter in kind.parameters:  # to the last bit
                assert again.value(new, parameter.name) == circuit.value(old, parameter.name)
            for text in kind.texts:
                assert new.texts.get(text.name, text.default) == old.texts.get(
                    text.name, text.default
                )
    for old, new in zip(circuit.nodes(), again.nodes(), strict=True):
        assert new.integrator == old.integrator
        for column in circuit.kind_of(old).data:
            assert new.data.get(column.name, column.default) == old.data.get(
                column.name, column.default
            )
    for old, new in zip(circuit.links(), again.links(), strict=True):
        assert new.features.keys() == old.features.keys()
        for name, values in old.features.items():
            defaults = circuit.kinds.get(name).defaults()
            assert defaults | dict(new.features[name]) == defaults | dict(values)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_is_saved_as_it_was_loaded(path: Path):
    circuit, report = native.load(path, KINDS)
    assert report == ()
    assert native.dumps(circuit).encode() == path.read_bytes()


def test_the_loader_makes_what_it_is_asked_to_make(demo):
    class Mine(Circuit):
        pass

    circuit, report = native.loads(native.dumps(demo), KINDS, make=Mine)
    assert isinstance(circuit, Mine)
    assert report == ()
    assert circuit.kinds is not KINDS


UNKNOWN_KEYS = [
    ("the file", ()),
    ("circuit", ("circuit",)),
    ("simulation", ("simulation",)),
    ("bench", ("bench",)),
    ("notes", ("notes",)),
    ("nodes", ("circuit", "nodes", 1)),
    ("links", ("circuit", "links", 1)),
    ("rule", ("circuit", "links", 1, "rule")),
    ("probes", ("bench", "probes", 0)),
    ("instruments", ("bench", "instruments", 0)),
]


def at(raw: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        raw = raw[step]
    return raw


def demo_raw(demo: Circuit) -> dict[str, Any]:
    raw = json.loads(native.dumps(demo))
    raw["bench"]["instruments"] = [{"id": "scope", "kind": "oscilloscope"}]
    return raw


@pytest.mark.parametrize(("place", "path"), UNKNOWN_KEYS)
@given(value=json_values)
def test_an_unknown_key_survives_and_is_reported_once(place, path, value):
    raw = demo_raw(read(DEMO_TEXT))
    at(raw, path)["from the future"] = value
    circuit, report = native.loads(json.dumps(raw), KINDS)
    assert report == (f'{place}: unknown key "from the future" is kept as it is',)
    text = native.dumps(circuit)
    saved = json.loads(text)
    if place == "instruments" and "instruments" not in saved["bench"]:
        pytest.fail("the instrument lost its unknown key")
    assert at(saved, path)["from the future"] == value
    assert native.dumps(read(text)) == text


def test_unknown_keys_survive_edits_of_what_they_belong_to(demo):
    raw = demo_raw(demo)
    raw["circuit"]["nodes"][0]["colour"] = "red"
    raw["circuit"]["links"][1]["bend"] = 0.3
    circuit = read(json.dumps(raw))
    circuit.set("n1", C_m=50)
    circuit.apply(edits.MoveNodes({"n1": (1, 2)}))
    circuit.apply(edits.SetLink("l2", "gaba_a", circuit.link("l2").rule, {}))
    circuit.apply(edits.removal(circuit, ["n1"])).apply(circuit)
    saved = json.loads(native.dumps(circuit))
    assert saved["circuit"]["nodes"][0]["colour"] == "red"
    assert saved["circuit"]["links"][1]["bend"] == 0.3


def test_unknown_kinds_become_placeholders_and_go_back_as_they_came(demo):
    raw = demo_raw(demo)
    odd = {"C_m": "7 furlongs", "shape": {"normal": [1, 2]}, "deep": [[None]]}
    raw["circuit"]["nodes"][0] |= {"kind": "new_cell", "parameters": odd}
    raw["circuit"]["links"][1] |= {"kind": "new_link", "parameters": odd}
    raw["bench"]["probes"][0]["variable"] = "calcium"
    circuit, report = native.loads(json.dumps(raw), KINDS)
    assert report == (
        "unknown kind 'new_cell' of node \"A\": shown and kept, but not simulated",
        "unknown kind 'new_link' of link \"l2\": shown and kept, but not simulated",
    )
    assert circuit.kind_of("n1").placeholder
    assert circuit.kind_of("l2").placeholder
    assert circuit.node("n1").parameters == {}
    saved = json.loads(native.dumps(circuit))
    assert saved["circuit"]["nodes"][0] == raw["circuit"]["nodes"][0]
    assert saved["circuit"]["links"][1] == raw["circuit"]["links"][1]
    assert native.dumps(read(native.dumps(circuit))) == native.dumps(circuit)


def test_placeholders_do_not_stay_in_the_registry(demo):
    raw = demo_raw(demo)
    raw["circuit"]["nodes"][2]["kind"] = "new_cell"
    raw["bench"] = {}
    circuit, _ = native.loads(json.dumps(raw), KINDS)
    assert "new_cell" not in KINDS
    _, again = native.loads(native.dumps(circuit), circuit.kinds)
    assert again == ("unknown kind 'new_cell' of node \"HH\": shown and kept, but not simulated",)


def test_a_mistyped_kind_is_named_with_who_has_it_and_what_may_be_meant(demo):
    raw = demo_raw(demo)
    for node in raw["circuit"]["nodes"][:2]:
        node["kind"] = "hodgkin_huxly"
    _, report = native.loads(json.dumps(raw), KINDS)
    assert report[0] == (
        "unknown kind 'hodgkin_huxly' of node \"A\" and 1 more: shown and kept, but not simulated; "
        "perhaps 'hodgkin_huxley' is meant"
    )


def test_what_a_hand_wrote_is_read_as_it_is_meant(demo):
    text = """
    {"version": 1, "format": "neurocanvas", "circuit": {"nodes": [
        {"kind": "lif", "id": "soma", "parameters": {"C_m": 150, "tau_m": "0.01 s"}}]},
     "simulation": {"dt": 0.1, "duration": "1s", "speed": "0 ms"},
     "notes": {"lesson": "a\\nb"}}"""
    circuit = read("\ufeff" + text)
    assert circuit.node("soma").label == "soma"
    assert circuit.values("soma")["tau_m"] == 10.0
    assert circuit.settings == Settings(dt=0.1, duration=1000.0, speed=0.0)
    assert circuit.bench == Bench()
    assert circuit.notes.lesson == "a\nb"


OF_KINDS_TEXT = """\
    "nodes": [
      {"id": "n1", "kind": "poisson_of_time", "texts": {"rate": "20 + t"}},
      {"id": "n2", "kind": "spike_list", "data": {"times": [1, 2.5, 40]}},
      {"id": "n3", "kind": "lif"}
    ],
    "links": [
      {"id": "l1", "pre": "n1", "post": "n3", "kind": "ampa", \
"features": {"stdp": {"eta": 0.02, "tau_plus": "15 ms"}, "tsodyks_markram": {}}},
      {"id": "l2", "pre": "n2", "post": "n3", "kind": "dopamine", "texts": {"parameter": "tau_m"}}
    ]
"""


def of_kinds() -> Circuit:
    circuit = Circuit(library.registry())
    p, s = circuit.add("poisson_of_time", label="n1"), circuit.add("spike_list", label="n2")
    cell = circuit.add("lif", label="n3")
    learns, modulates = circuit.connect(p, cell, "ampa"), circuit.connect(s, cell, "dopamine")
    for edit in (
        edits.SetText(p, "rate", "20 + t"),
        edits.SetData(s, {"times": (1.0, 2.5, 40.0)}),
        edits.SetFeature(learns, "tsodyks_markram", {"U": 0.5}),
        edits.SetFeature(learns, "stdp", {"tau_plus": "15 ms", "eta": 0.02}),  # type: ignore[dict-item]
        edits.SetText(modulates, "parameter", "tau_m"),
    ):
        circuit.apply(edit)
    return circuit


def test_expressions_lists_and_plasticity_are_written_where_they_differ():
    text = native.dumps(of_kinds())
    assert OF_KINDS_TEXT in text
    again = read(text)
    assert native.dumps(again) == text
    assert again.node("n1").texts == {"rate": "20 + t"}
    assert again.node("n2").data == {"times": (1.0, 2.5, 40.0)}
    assert again.link("l1").features == {
        "stdp": {"eta": 0.02, "tau_plus": 15.0}, "tsodyks_markram": {}
    }  # fmt: skip
    assert again.link("l2").texts == {"parameter": "tau_m"}


def test_what_equals_the_default_of_a_kind_is_not_written():
    circuit = of_kinds()
    circuit.apply(
        edits.SetText("n1", "rate", circuit.kinds.get("poisson_of_time").texts[0].default)
    )
    circuit.apply(edits.SetData("n2", {"times": circuit.kinds.get("spike_list").data[0].default}))
    circuit.apply(edits.SetText("l2", "parameter", "weights"))
    text = native.dumps(circuit)
    assert '"texts"' not in text
    assert '"data"' not in text


def test_lists_may_have_units_and_lie_empty():
    raw = json.loads(native.dumps(of_kinds()))
    raw["circuit"]["nodes"][1]["data"]["times"] = ["0.1 s", 7, "8"]
    assert read(json.dumps(raw)).node("n2").data == {"times": (100.0, 7.0, 8.0)}
    raw["circuit"]["nodes"][1]["data"]["times"] = []
    circuit = read(json.dumps(raw))
    assert circuit.node("n2").data == {"times": ()}
    assert '"data": {"times": []}' in native.dumps(circuit)


def test_unknown_plasticity_is_kept_and_reported():
    raw = json.loads(native.dumps(of_kinds()))
    raw["circuit"]["links"][0]["features"]["bcm"] = {"theta": "3 Hz", "deep": [{}]}
    circuit, report = native.loads(json.dumps(raw), KINDS)
    assert report == ('unknown plasticity "bcm": kept at 1 of the links, but not simulated',)
    assert set(circuit.link("l1").features) == {"stdp", "tsodyks_markram"}
    circuit.apply(edits.SetFeature("l1", "stdp", None))
    saved = json.loads(native.dumps(circuit))
    assert saved["circuit"]["links"][0]["features"] == {
        "tsodyks_markram": {}, "bcm": {"theta": "3 Hz", "deep": [{}]}
    }  # fmt: skip


def test_what_belongs_to_an_unknown_kind_goes_back_as_it_came():
    raw = json.loads(native.dumps(of_kinds()))
    raw["circuit"]["nodes"][0] |= {"kind": "new_source", "data": {"odd": [1, [2]]}}
    raw["circuit"]["links"][0] |= {"kind": "new_link", "texts": {"odd": "1 +"}}
    circuit, report = native.loads(json.dumps(raw), KINDS)
    assert len(report) == 2
    assert json.loads(native.dumps(circuit)) == raw


def test_dale_is_a_setting_of_the_circuit(demo):
    assert '"dale"' not in native.dumps(demo)
    demo.apply(edits.SetSettings(replace(demo.settings, dale=True)))
    text = native.dumps(demo)
    assert '"dale": true' in text
    assert read(text).settings.dale is True


# -- how it refuses ------------------------------------------------------------------------------


def change(path: tuple[str | int, ...], value: Any) -> Any:
    def apply(raw: dict[str, Any]) -> None:
        at(raw, path[:-1])[path[-1]] = value

    return apply


def drop(*path: str | int) -> Any:
    return lambda raw: at(raw, path[:-1]).pop(path[-1])


NODE, LINK, PROBE = ("circuit", "nodes", 0), ("circuit", "links", 1), ("bench", "probes", 1)

WRONG: dict[str, tuple[Any, str]] = {
    "format": (change(("format",), "brian"), '"format": "neurocanvas" is missing'),
    "no format": (drop("format"), "no NeuroCanvas circuit"),
    "version text": (change(("version",), "1"), 'version: "1" is not possible; 1 is'),
    "version true": (change(("version",), True), "version: true is not possible"),
    "version 0": (change(("version",), 0), "version: 0 is not possible"),
    "version 2": (change(("version",), 2), "version 2 of the format .* newer NeuroCanvas"),
    "no version": (drop("version"), "version: null is not possible"),
    "circuit list": (change(("circuit",), []), r"circuit: \[...\] is not possible; an object"),
    "nodes object": (change(("circuit", "nodes"), {}), r"circuit: nodes: {...} .* a list"),
    "node number": (change(NODE, 7), "node number 1: 7 is not possible; an object"),
    "no id": (drop(*NODE, "id"), 'node "A": \'id\' is missing'),
    "no kind": (drop(*NODE, "kind"), 'node "A": \'kind\' is missing'),
    "no post": (drop(*LINK, "post"), 'link "l2": \'post\' is missing'),
    "id number": (change((*NODE, "id"), 3), 'node "A": id: 3 is not possible; text in quotes'),
    "id empty": (change((*NODE, "id"), ""), "id '' is not possible"),
    "label": (change((*NODE, "label"), "a\nb"), r"label 'a\\nb' is not possible"),
    "size text": (change((*NODE, "size"), "2"), 'node "A": size: "2" .* a whole number'),
    "size 0": (change((*NODE, "size"), 0), 'node "A": size 0 is not possible; 1 to 1000000 is'),
    "size 1e9": (change((*NODE, "size"), 10**9), 'node "A": size 1000000000 is not possible'),
    "size 1e30": (change((*NODE, "size"), 10**30), 'node "A": size'),
    "size 2.5": (change((*NODE, "size"), 2.5), 'node "A": size: 2.5 .* a whole number'),
    "place": (change((*NODE, "x"), 1e9), r'node "A": the place \(1e\+09, 0\)'),
    "parameters": (change((*NODE, "parameters"), 3), 'node "A": parameters: 3 .* an object'),
    "unknown parameter": (
        change((*NODE, "parameters"), {"g": 1}),
        'node "A": Integrate and fire has no parameter \'g\'; it has C_m',
    ),
    "wrong unit": (
        change((*NODE, "parameters"), {"C_m": "3 mV"}),
        "node \"A\": C_m: '3 mV' is not in pF; a value such as \"20 pF\"",
    ),
    "no number": (
        change((*NODE, "parameters"), {"C_m": "big"}), "node \"A\": C_m: 'big' is no number"
    ),
    "null": (change((*NODE, "parameters"), {"C_m": None}), 'node "A": C_m: None is no number'),
    "list": (change((*NODE, "parameters"), {"C_m": [1]}), 'node "A": C_m: .* is no number'),
    "no distribution": (
        change((*NODE, "parameters"), {"C_m": "gamma(1 pF, 2 pF)"}),
        'node "A": C_m: .* is no distribution; there are normal',
    ),
    "distribution": (
        change((*NODE, "parameters"), {"C_m": "normal(-1 pF, 2 pF)"}),
        'node "A": C_m = -1 pF is not possible',
    ),
    "infinite text": (
        change((*NODE, "parameters"), {"C_m": "1e999 pF"}), 'node "A": C_m: .* not finite'
    ),
    "out of range": (
        change((*NODE, "parameters"), {"C_m": "-1 pF"}),
        'node "A": C_m = -1 pF is not possible; it must be above 0 pF',
    ),
    "synapse as node": (change((*NODE, "kind"), "ampa"), 'node "A": AMPA is a synapse'),
    "kind empty": (change((*NODE, "kind"), ""), "'' is no name of a kind"),
    "id twice": (change(("circuit", "nodes", 1, "id"), "n1"), 'node "I": the id \'n1\' is in use'),
    "label twice": (
        change(("circuit", "nodes", 1, "label"), "A"), 'node "A": the label \'A\' is in use'
    ),
    "link id": (change((*LINK, "id"), "n1"), 'link "n1": the id \'n1\' is in use'),
    "link nowhere": (change((*LINK, "post"), "n9"), 'link "l2": there is no node \'n9\''),
    "link refused": (change((*LINK, "post"), "n2"), 'link "l2": I is a source and takes no input'),
    "neuron as link": (change((*LINK, "kind"), "lif"), 'link "l2": .* is no synapse'),
    "link weight": (
        change((*LINK, "parameters"), {"weight": -1}), 'link "l2": A -> HH.*: weight = -1 nS'
    ),
    "rule": (change((*LINK, "rule"), {"name": "some"}), 'link "l2": no connection rule .*\'some\''),
    "rule text": (change((*LINK, "rule"), "all"), 'link "l2": rule: "all" .* an object'),
    "rule value": (
        change((*LINK, "rule", "values"), {"p": 2}), 'link "l2": probability: p = 2 is not possible'
    ),
    "rule key": (
        change((*LINK, "rule", "values"), {"q": 2}), 'link "l2": .*has no parameter \'q\''
    ),
    "one to one": (change((*LINK, "rule"), {"name": "one_to_one"}), 'link "l2": one to one needs'),
    "self links": (change((*LINK, "rule", "self_links"), 1), "self_links: 1 .* true or false"),
    "dt": (change(("simulation", "dt"), "0 ms"), "simulation: dt = 0 ms is not possible"),
    "dt unit": (change(("simulation", "dt"), "1 mV"), "simulation: dt: '1 mV' is not in ms"),
    "dt null": (change(("simulation", "dt"), None), "simulation: dt: null .* quotes|number"),
    "seed": (change(("simulation", "seed"), -1), "simulation: seed = -1 is not possible"),
    "seed float": (change(("simulation", "seed"), 1.5), "simulation: seed: 1.5 .* whole number"),
    "speed": (change(("simulation", "speed"), "-1 ms"), "simulation: speed = -1 ms"),
    "duration": (change(("simulation", "duration"), 0), "simulation: duration = 0 ms"),
    "probe node": (change((*PROBE, "node"), "n9"), "bench: probe 2: there is no node 'n9'"),
    "probe variable": (change((*PROBE, "variable"), "q"), "bench: probe 2: HH has no variable 'q'"),
    "probe index": (change((*PROBE, "index"), 10), "bench: probe 2: HH has neurons 0 to 9, no 10"),
    "probe negative": (change((*PROBE, "index"), -1), "bench: probe 2: HH has neurons 0 to 9"),
    "probe number": (change((*PROBE, "number"), 1), "bench: probe 1: each needs a number"),
    "probe text": (change((*PROBE, "number"), "two"), "probe \"two\": number: .* a whole number"),
    "instruments": (
        change(("bench", "instruments"), [{"id": 1}]), "instrument 1: id: 1 .* text in quotes"
    ),
    "lesson": (change(("notes", "lesson"), [1]), "notes: lesson: item 1: 1 .* text in quotes"),
    "title": (change(("notes", "title"), 3), "notes: title: 3 .* text in quotes"),
    "dale": (change(("simulation", "dale"), "yes"), 'simulation: dale: "yes" .* true or false'),
    "texts": (change((*NODE, "texts"), []), r'node "A": texts: \[...\] .* an object'),
    "unknown text": (
        change((*NODE, "texts"), {"rate": "t"}),
        "node \"A\": A has no expression 'rate'; it has none",
    ),
    "data": (change((*NODE, "data"), "x"), 'node "A": data: "x" .* an object'),
    "unknown list": (
        change((*NODE, "data"), {"times": [1]}), 'node "A": A has no list \'times\'; it has none'
    ),
    "feature list": (
        change((*LINK, "features"), {"stdp": []}), r'link "l2": A -> HH: stdp: \[...\] .* an object'
    ),
    "no plasticity": (
        change((*LINK, "features"), {"gaba_a": {}}), 'link "l2": .*: GABA-A is no plasticity'
    ),
    "feature value": (
        change((*LINK, "features"), {"stdp": {"tau_plus": "-1 ms"}}),
        'link "l2": .* stdp: tau_plus = -1 ms is not possible; it must be above 0 ms',
    ),
    "feature distribution": (
        change((*LINK, "features"), {"stdp": {"eta": "normal(0.1, 0.1)"}}),
        'link "l2": .* stdp: eta: .*normal.* is no number',
    ),
    "feature parameter": (
        change((*LINK, "features"), {"stdp": {"tau": 1}}), 'link "l2": .* no parameter \'tau\''
    ),
}  # fmt: skip


def refusal(text: str | bytes) -> str:
    with pytest.raises(FileError) as caught:
        read(text)
    message = str(caught.value)
    assert message.startswith("demo.neuro: ")
    assert message.isprintable()
    assert len(message) <= 700
    return message


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_names_element_value_and_what_would_be_right(demo, name):
    import re

    raw = demo_raw(demo)
    mutate, words = WRONG[name]
    mutate(raw)
    message = refusal(json.dumps(raw))
    assert re.search(words, message), message


OF_KIND: dict[str, tuple[Any, str]] = {
    "text": (
        change((*NODE, "texts"), {"rate": "20 +"}), 'node "n1": rate: line 1, column 5: this is no'
    ),
    "text number": (change((*NODE, "texts"), {"rate": 3}), 'node "n1": rate: 3 .* text in quotes'),
    "text name": (
        change((*NODE, "texts"), {"rate": "3*weight"}),
        "node \"n1\": rate: line 1, column 3: 'weight' is neither",
    ),
    "text of itself": (change((*NODE, "texts"), {"rate": "rate"}), 'node "n1": .*need each other'),
    "text of two lines": (
        change((*NODE, "texts"), {"rate": "1\nu = 2"}), 'node "n1": rate: line 1, column 2'
    ),
    "list": (
        change(("circuit", "nodes", 1, "data"), {"times": 3}), r'node "n2": times: 3 .* a list'
    ),
    "list item": (
        change(("circuit", "nodes", 1, "data"), {"times": [1, "x"]}),
        "node \"n2\": times: item 2: 'x' is no number",
    ),
    "list unit": (
        change(("circuit", "nodes", 1, "data"), {"times": ["1 mV"]}),
        "node \"n2\": times: item 1: '1 mV' is not in ms",
    ),
    "list null": (
        change(("circuit", "nodes", 1, "data"), {"times": [None]}), 'node "n2": times: item 1: None'
    ),
    "choice": (
        change((*LINK, "texts"), {"parameter": "mood"}),
        "link \"l2\": .*parameter = 'mood' is not possible; weights, .*tau_m",
    ),
    "no weight": (
        change((*LINK, "features"), {"stdp": {}}), 'link "l2": .*Dopamine has no weight that STDP'
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_KIND)
def test_what_a_kind_does_not_take_is_refused_in_words(name):
    import re

    raw = json.loads(native.dumps(of_kinds()))
    mutate, words = OF_KIND[name]
    mutate(raw)
    message = refusal(json.dumps(raw))
    assert re.search(words, message), message


def test_lists_of_different_length_are_refused(demo):
    raw = demo_raw(demo)
    raw["circuit"]["nodes"][1] |= {
        "kind": "current_table", "parameters": {}, "data": {"times": [1, 2], "values": [3]}
    }  # fmt: skip
    assert 'node "I": the lists must be equally long, but there are times 2, values 1' in refusal(
        json.dumps(raw)
    )


BROKEN: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "the file is empty"),
    "blank": (b" \n\t", "the file is empty"),
    "no JSON": (b"hello", "line 1, column 1: this is no JSON"),
    "cut off": (b'{"format": "neuro', "line 1, column 18: .* cut off"),
    "comma": (
        b'{"format": "x",\n  "a": 1,\n}',
        "line 3, column 1: this is no JSON: trailing comma",
    ),
    "colon": (b'{\n"format" 1}', "line 2, column 10: this is no JSON: expected ':'"),
    "two": (b"{} {}", "line 1, column 4: this is no JSON: trailing"),
    "NaN": (b'{"x": NaN}', 'line 1, column 7: this is no JSON: .*"NaN}"'),
    "Infinity": (b'{"x": -Infinity}', "line 1, column 8"),
    "1e999": (
        b'{"format":"1e999",\n "x": [1, 1e999]}',
        "line 2, column 11: the number 1e999 is too",
    ),
    "digits": (b'{"x": ' + b"9" * 5000 + b"}", "line 1, column 7: the number 999"),
    "latin-1": (b'{"title": "\xe9"}', "line 1, column 12: this is no UTF-8"),
    "utf-16": ('{"format": "neurocanvas"}'.encode("utf-16"), "line 1, column 1: this is no UTF-8"),
    "half a pair": (b'{"x": "\\ud800"}', "line 1, column 16: .* broken"),
    "deep": (b'{"x":' + b"[" * 100_000, "nested too deeply"),
    "deep and whole": (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
    "zip": (b"PK\x03\x04" + bytes(1000), "line 1, column 1: this is no JSON"),
    "zeros": (bytes(1000), "line 1, column 1: this is no JSON"),
    "list": (b"[]", "no NeuroCanvas circuit"),
    "number": (b"7", "no NeuroCanvas circuit"),
    "null": (b"null", "no NeuroCanvas circuit"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_text_is_refused_with_its_place(name):
    import re

    data, words = BROKEN[name]
    assert re.search(words, refusal(data))


def test_a_hundred_megabytes_of_junk_are_refused_at_once(tmp_path):
    path = tmp_path / "junk.neuro"
    with path.open("wb") as file:
        file.truncate(100 * 2**20)
    start = time.perf_counter()
    with pytest.raises(FileError, match=r"junk\.neuro: this is larger than 64 MB"):
        native.load(path, KINDS)
    assert time.perf_counter() - start < 2.0


def test_a_large_circuit_loads_in_reasonable_time():
    nodes = [{"id": f"n{i}", "kind": "lif"} for i in range(20_000)]
    raw = {"format": "neurocanvas", "version": 1, "circuit": {"nodes": nodes}}
    start = time.perf_counter()
    circuit = read(json.dumps(raw))
    assert time.perf_counter() - start < 10.0
    assert len(circuit) == 20_000


# -- fuzz ----------------------------------------------------------------------------------------

OTHERS = st.one_of(
    json_values,
    st.sampled_from([-1, 0, 1e300, 10**400, "", "1e999 mV", "n1", "l1", "lif", "ampa", "\x00", True,
                     [], {}, [[]], "x" * 100_000, "\ud800", {"id": "n1"}]),
)  # fmt: skip


def places(raw: Any, here: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [here] if here else []
    if isinstance(raw, dict):
        for key in raw:
            found += places(raw[key], (*here, key))
    elif isinstance(raw, list):
        for index in range(len(raw)):
            found += places(raw[index], (*here, index))
    return found


def mutate(raw: Any, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(places(raw)))
    parent, key = at(raw, path[:-1]), path[-1]
    match data.draw(st.sampled_from(["replace", "remove", "copy", "rename"])):
        case "replace":
            parent[key] = data.draw(OTHERS)
        case "remove":
            del parent[key]
        case "copy" if isinstance(parent, list):
            parent.append(copy.deepcopy(parent[key]))
        case "copy" | "rename" if isinstance(parent, dict):
            parent[data.draw(st.sampled_from(["id", "kind", "size", "x", "rule", "q"]))] = parent[
                key
            ]


def loads_or_refuses(text: str | bytes) -> None:
    """Whatever the text is: a circuit that can be saved, or a refusal in one line."""
    try:
        circuit = read(text)
    except FileError as error:
        message = str(error)
    else:
        again = read(native.dumps(circuit))
        assert native.dumps(again) == native.dumps(circuit)
        return
    assert message.startswith("demo.neuro: ")
    assert message.isprintable()


@given(circuits(steps=8), st.data())
def test_a_mutated_file_is_loaded_or_refused_in_words(circuit, data):
    raw = json.loads(native.dumps(circuit))
    for _ in range(data.draw(st.integers(1, 3))):
        if places(raw):
            mutate(raw, data)
    loads_or_refuses(json.dumps(raw))


@given(st.binary(max_size=6), st.integers(0, len(DEMO_TEXT)), st.integers(0, 200))
def test_a_file_with_other_bytes_in_it_is_loaded_or_refused_in_words(junk, start, length):
    data = DEMO_TEXT.encode()
    loads_or_refuses(data[:start] + junk + data[start + length :])


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_words(data):
    with pytest.raises(NeuroCanvasError):
        read(data)


def test_a_registry_is_enough(demo):
    circuit, report = native.loads(native.dumps(demo), Registry())
    assert len(circuit) == 3
    assert len(report) == 5  # three kinds of nodes, two of links
    assert native.dumps(circuit) == native.dumps(demo)
