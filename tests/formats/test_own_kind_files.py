"""Kinds in files: nothing is lost, nothing runs, and what is wrong is named at its place."""

from __future__ import annotations

import json
import math
import os
import re
import time
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from model.test_expressions import HOSTILE

from neurocanvas import library
from neurocanvas.errors import CircuitError, FileError, NeuroCanvasError
from neurocanvas.formats import fragment, native, own_kinds, user_kinds
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.declarations import FAMILIES
from neurocanvas.model.edits import SetOwnKind
from neurocanvas.model.kinds import Kind, NeuronKind, Parameter, SourceKind, SynapseKind
from neurocanvas.model.own_kinds import copy_of, replacing

KINDS = library.registry()
BUDGET_S = 0.05

FHN = NeuronKind(
    name="own_fhn",
    title="Own FHN",
    symbol="dv",
    doc="Two equations.",
    source="FitzHugh 1961.",
    parameters=(
        Parameter("a", 0.7, "1", "Offset."),
        Parameter("tau", 12.5, "ms", "Slow.", "Time", minimum=0.0, strict=True, slider=(1.0, 50.0)),
        Parameter("slope", 0.04, "nS/mV", "", minimum=-1.0, maximum=2.5),
    ),
    equations="dv/dt = v - v**3/3 - w + I/1000*slope\ndw/dt = (v + a - 0.8*w)/tau  # 1: recovery",
    initial={"v": "-1.2", "w": "-0.625"},
    threshold="v > 1",
    reset="v = -1\nw += 1",
    refractory="tau",
    presets={"slow": {"tau": 50.0}},
)


def with_kind(kind: Kind) -> Circuit:
    circuit = Circuit(library.registry())
    circuit.apply(SetOwnKind(kind.name, kind))
    return circuit


def read(text: str) -> Circuit:
    circuit, report = native.loads(text, KINDS, name="demo.neuro")
    assert report == ()
    return circuit


def document(**changes: Any) -> str:
    """A file whose only kind is the one above, with other keys; None takes a key away."""
    raw = json.loads(native.dumps(with_kind(replace(FHN, presets={}))))
    kind = raw["circuit"]["kinds"][0] | changes
    raw["circuit"]["kinds"] = [{k: v for k, v in kind.items() if v is not None}]
    return json.dumps(raw)


# -- round trips ---------------------------------------------------------------------------------

TEXT = """\
    "kinds": [
      {
        "name": "own_fhn",
        "family": "neuron",
        "title": "Own FHN",
        "doc": "Two equations.",
        "source": "FitzHugh 1961.",
        "equations": [
          "dv/dt = v - v**3/3 - w + I/1000*slope",
          "dw/dt = (v + a - 0.8*w)/tau  # 1: recovery"
        ],
        "initial": {"v": "-1.2", "w": "-0.625"},
        "threshold": "v > 1",
        "reset": [
          "v = -1",
          "w += 1"
        ],
        "refractory": "tau",
        "parameters": [
          {"name": "a", "default": 0.7, "doc": "Offset."},
          {"name": "tau", "default": "12.5 ms", "unit": "ms", "title": "Time", "doc": "Slow.", \
"minimum": "0 ms", "above_minimum": true, "slider": ["1 ms", "50 ms"]},
          {"name": "slope", "default": "0.04 nS/mV", "unit": "nS/mV", "minimum": "-1 nS/mV", \
"maximum": "2.5 nS/mV"}
        ],
        "presets": {"slow": {"tau": "50 ms"}}
      }
    ],
"""


def test_a_kind_reads_well_and_comes_back_as_it_was():
    text = native.dumps(with_kind(FHN))
    assert TEXT in text
    again = read(text)
    assert again.own_kinds == {"own_fhn": FHN}
    assert native.dumps(again) == text


@pytest.mark.parametrize("name", [k.name for k in KINDS if isinstance(k, FAMILIES)])
def test_every_kind_of_the_library_could_be_declared_in_a_file(name: str):
    kind = KINDS.get(name)
    copied = copy_of(kind, ()) if isinstance(kind, NeuronKind) else replace(kind, name="own_copy")
    text = native.dumps(with_kind(copied))
    again = read(text)
    assert native.dumps(again) == text
    mine = again.own_kinds[copied.name]
    for field in fields(copied):
        if field.type != "str":  # texts lose the indentation that their lines share
            assert getattr(mine, field.name) == getattr(copied, field.name), field.name
    assert mine.system.derivatives == copied.system.derivatives
    assert mine.system.definitions == copied.system.definitions
    assert mine.initial_values == copied.initial_values


def test_nodes_of_an_own_kind_keep_their_values():
    circuit = with_kind(FHN)
    node = circuit.add("own_fhn", tau="20 ms")
    again = read(native.dumps(circuit))
    assert again.values(node)["tau"] == 20.0
    assert again.kind_of(node).title == "Own FHN"


def test_unknown_keys_of_a_kind_and_of_its_parameters_survive():
    raw = json.loads(document(colour="red"))
    raw["circuit"]["kinds"][0]["parameters"][1]["log"] = [True, None]
    circuit, report = native.loads(json.dumps(raw), KINDS)
    assert len(report) == 2
    circuit.apply(replacing(circuit, replace(circuit.own_kinds["own_fhn"], doc="Another.")))
    kind = json.loads(native.dumps(circuit))["circuit"]["kinds"][0]
    assert (kind["colour"], kind["doc"]) == ("red", "Another.")
    assert kind["parameters"][1]["log"] == [True, None]


def test_the_order_of_kinds_in_a_file_does_not_depend_on_their_history():
    circuit = with_kind(FHN)
    circuit.apply(SetOwnKind("own_a", replace(FHN, name="own_a")))
    before = native.dumps(circuit)
    inverse = circuit.apply(SetOwnKind("own_fhn", None))
    circuit.apply(inverse)
    assert native.dumps(circuit) == before


# -- what is refused -----------------------------------------------------------------------------

NOT_IN_EQUATIONS = ("v # w", "v\nw", "v\\\nw")
"""Lines of their own, or comments: read in another way where several lines may stand."""
TEXTS = sorted(HOSTILE.keys() - set(NOT_IN_EQUATIONS))
PLACES = {
    "equations": "dv/dt = {}",
    "threshold": "v > {}",
    "reset": "v = {}",
    "update": "v = {}",
}


def refusal(text: str) -> tuple[str, float]:
    """What is said of a file that is refused, and the time in this thread of the quickest of three.

    Of three, as the collector of garbage may take its time in any of them.
    """
    times = []
    for _ in range(3):
        start = time.thread_time()
        with pytest.raises(FileError) as caught:
            read(text)
        times.append(time.thread_time() - start)
    return str(caught.value), min(times)


@pytest.mark.parametrize("key", PLACES)
@pytest.mark.parametrize("text", TEXTS, ids=lambda text: repr(text[:30]))
def test_hostile_text_in_a_file_is_refused_quickly_with_place_and_reason(text: str, key: str):
    written = PLACES[key].format(text)
    said, seconds = refusal(document(**{key: written}))
    assert seconds < BUDGET_S
    assert said.startswith('demo.neuro: kind "own_fhn": ')
    assert said.isprintable()
    # What the text does to its line may be noticed before it is read as an expression.
    if "\x00" not in text and len(written) < 4000:
        assert f"{key}: line 1, column " in said


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: repr(text[:30]))
def test_hostile_initial_values_are_refused(text: str):
    with pytest.raises(FileError, match='kind "own_fhn": '):
        read(document(initial={"v": text, "w": "0"}))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": "../../evil"}, "is no name of a kind"),
        ({"name": "own fhn"}, "is no name of a kind"),
        ({"name": "own_fhn\n"}, "is no name of a kind"),
        ({"name": ""}, "is no name of a kind"),
        ({"name": "x" * 200}, "is no name of a kind"),
        ({"name": "lif"}, "that of a kind of the library"),
        ({"family": "astrocyte"}, "family: 'astrocyte' is not possible"),
        ({"family": "plasticity"}, "family: 'plasticity' is not possible"),
        ({"on_spike": "v += 1"}, "on_spike is not possible for a neuron"),
        ({"title": "a\nb"}, "title .* is not possible"),
        ({"symbol": "toolong"}, "symbol 'toolong' is not possible"),
        ({"doc": "a\u202eb"}, "characters that can't be shown"),
        ({"glyph": 'M0 0"/><image href="file:///etc/passwd"/>'}, "the glyph is no path"),
        ({"accepts": "everything"}, "accepts 'everything' is not possible; current, rate are"),
        ({"refractory": "nothing"}, "refractory: 'nothing' is no parameter"),
        ({"equations": "w = 1", "initial": {}, "reset": None, "threshold": None},
         "there is no equation dv/dt"),
        ({"equations": ["dv/dt = 1", "dt = 2"], "initial": {}, "reset": None},
         "equations: line 2, column 1: dt has a meaning"),
        ({"equations": ["dv/dt = q", "q = p", "p = q"]}, "definitions need each other"),
        ({"equations": ["dv/dt = v"] * 300}, "equations: line 201, column 1: at most 200 lines"),
        ({"equations": ["dv/dt = v", "# " + "x" * 30_000]}, "too long"),
        ({"parameters": [{"name": "exp", "default": 1}]}, "'exp' is a function"),
        ({"parameters": [{"name": "I", "default": 1}]}, "'I' has a meaning of its own"),
        ({"parameters": [{"name": "a", "default": 1}] * 2}, "'a' is declared twice"),
        ({"parameters": [{"name": "a.b", "default": 1}]}, "can't be the name of a parameter"),
        ({"parameters": [{"name": "a", "default": "5 furlongs", "unit": "ms"}]}, "is not in ms"),
        ({"parameters": [{"name": "a", "default": 1, "unit": "furlong"}]}, "'furlong' is no unit"),
        ({"parameters": [{"name": "a", "default": 1, "minimum": 2}]}, "it must be at least 2"),
        ({"parameters": [{"name": "a", "default": 1, "minimum": 2, "maximum": 1}]},
         "its minimum is above its maximum"),
        ({"parameters": [{"name": "a", "default": 1, "slider": [1]}]}, "the slider has two ends"),
        ({"parameters": [{"name": "a", "default": 1, "slider": [1, 1]}]}, "the slider must span"),
        ({"parameters": [{"default": 1}]}, "parameter number 1: 'name' is missing"),
        ({"parameters": [{"name": "a", "default": []}]}, 'parameter "a": default: .* is not poss'),
        ({"parameters": [{"name": f"p{i}", "default": 1} for i in range(200)]}, "are too many"),
        ({"presets": {"x": {"nothing": 1}}}, "no parameter 'nothing'"),
        ({"equations": 3}, "equations: 3 is not possible"),
        ({"drive": 1e12}, "drive: .* is no current that a neuron could take"),
        ({"drive": "much"}, 'drive: "much" is not possible'),
        ({"name": None}, "'name' is missing"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_kind_is_named(changes: dict[str, Any], reason: str):
    said, seconds = refusal(document(**changes))
    assert re.search(reason, said)
    assert seconds < BUDGET_S
    assert said.startswith("demo.neuro: ")
    assert said.isprintable()


def test_too_many_kinds_are_refused():
    raw = json.loads(document())
    raw["circuit"]["kinds"] *= 1000
    with pytest.raises(FileError, match="kinds: 1000 are too many"):
        read(json.dumps(raw))


def test_the_same_kind_twice_is_the_second_one_for_nobody():
    raw = json.loads(document())
    raw["circuit"]["kinds"] *= 2
    with pytest.raises(FileError, match='kind "own_fhn": is there twice'):
        read(json.dumps(raw))


@pytest.mark.parametrize("kind", [
    SynapseKind("own_s", "S", "s", "", "", (Parameter("weight", 1.0, "nS", ""),),
                "dg/dt = -g/5\nI = g*(0 - v)", on_spike="g += __import__"),
    SourceKind("own_p", "P", "p", "", "", (), "", events="poisson(exec)"),
    SourceKind("own_p", "P", "p", "", "", (), "I = 1", breakpoints=("lambda: 1",)),
])  # fmt: skip
def test_what_links_and_sources_do_is_checked_too(kind: Kind):
    with pytest.raises(NeuroCanvasError, match=f"{kind.name}: (on_spike|events|breakpoints)"):
        with_kind(kind)


# -- the clipboard -------------------------------------------------------------------------------


def test_a_copy_brings_its_kinds_along():
    circuit = with_kind(FHN)
    node = circuit.add("own_fhn", tau=20.0)
    text = fragment.to_fragment(circuit, [node])
    other = Circuit(library.registry())
    inverse = other.apply(fragment.paste_edit(other, text))
    assert other.own_kinds == {"own_fhn": FHN}
    assert [n.kind for n in other.nodes()] == ["own_fhn"]
    other.apply(fragment.paste_edit(other, text))
    assert list(other.own_kinds) == ["own_fhn"]
    assert len(other) == 2
    other.remove("n2")
    other.apply(inverse)
    assert other.own_kinds == {}
    assert len(other) == 0


def test_another_kind_of_the_same_name_gets_another_name():
    circuit = with_kind(FHN)
    text = fragment.to_fragment(circuit, [circuit.add("own_fhn")])
    other = with_kind(replace(FHN, threshold="v > 0.5"))
    other.apply(fragment.paste_edit(other, text))
    assert [n.kind for n in other.nodes()] == ["own_own_fhn"]
    assert other.own_kinds["own_own_fhn"].equations == FHN.equations
    assert other.own_kinds["own_fhn"].threshold == "v > 0.5"


def test_hostile_kinds_on_the_clipboard_are_refused():
    circuit = with_kind(FHN)
    raw = json.loads(fragment.to_fragment(circuit, [circuit.add("own_fhn")]))
    raw["kinds"][0]["threshold"] = "v > ().__class__"
    with pytest.raises(FileError, match=r"the clipboard: kind .*threshold: line 1, column 5"):
        fragment.paste_edit(Circuit(library.registry()), json.dumps(raw))


# -- files of their own, and the user's folder ---------------------------------------------------


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path / "neurocanvas" / "kinds"


def test_a_kind_in_a_file_of_its_own(tmp_path: Path):
    path = tmp_path / "mine.json"
    own_kinds.save_kind(FHN, path)
    assert own_kinds.load_kind(path) == FHN
    before = path.read_bytes()
    own_kinds.save_kind(own_kinds.load_kind(path), path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"format": "neurocanvas"}, "this is no kind"), ({"version": 2}, "a newer NeuroCanvas"),
     ({"kind": 3}, "kind: 3 is not possible"), ({"kind": {"name": "own_x"}}, "no equation dv/dt")],
)  # fmt: skip
def test_other_files_are_no_kinds(tmp_path: Path, change: dict[str, Any], reason: str):
    path = tmp_path / "mine.json"
    own_kinds.save_kind(FHN, path)
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | change))
    with pytest.raises(FileError, match=rf"mine\.json: .*{reason}"):
        own_kinds.load_kind(path)


def test_the_user_keeps_kinds_for_all_circuits(home: Path):
    assert user_kinds.load() == ([], [])
    user_kinds.save(FHN)
    user_kinds.save(replace(FHN, name="own_a", title="Zeta"))
    user_kinds.save(replace(FHN, doc="Changed."))
    found, refused = user_kinds.load()
    assert [(k.name, k.doc) for k in found] == [
        ("own_fhn", "Changed."),
        ("own_a", "Two equations."),
    ]
    assert refused == []
    user_kinds.remove("own_a")
    user_kinds.remove("own_a")
    assert [k.name for k in user_kinds.load()[0]] == ["own_fhn"]


def test_broken_files_in_the_folder_are_named_and_the_others_read(home: Path):
    user_kinds.save(FHN)
    (home / "bad.json").write_text("{}")
    (home / "worse.json").write_bytes(b"\xff\x00")
    (home / "notes.txt").write_text("not a kind")
    (home / "folder.json").mkdir()
    found, refused = user_kinds.load()
    assert [k.name for k in found] == ["own_fhn"]
    assert sorted(os.path.basename(line.split(": ")[0]) for line in refused) == [
        "bad.json", "folder.json", "worse.json",
    ]  # fmt: skip


def test_what_is_broken_is_not_kept(home: Path):
    with pytest.raises(NeuroCanvasError, match="is no name of a kind"):
        user_kinds.save(replace(FHN, name="../evil"))
    bad = replace(FHN, parameters=(Parameter("a", math.nan, "1", ""),))
    with pytest.raises(NeuroCanvasError):
        user_kinds.save(bad)
    assert not home.exists()


def test_what_no_file_declares_is_refused_before_it_is_written():
    stdp = KINDS.get("stdp")
    with pytest.raises(CircuitError, match="can't be declared in a circuit"):
        with_kind(replace(stdp, name="own_stdp"))
    with pytest.raises(CircuitError, match="can't be written"):
        own_kinds.kind_json(stdp)
