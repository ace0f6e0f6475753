"""The catalogue says all there is to say of every kind."""

from __future__ import annotations

import dataclasses
import json

import pytest

from neurocanvas import library
from neurocanvas.formats import catalogue
from neurocanvas.formats.samples import START_UP, samples, start_up

KINDS = list(library.registry())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_page_holds_everything_that_is_declared(kind):
    page = catalogue.kind_text(kind, "Integrated somehow.")
    words = " ".join(page.split())
    for text in (kind.title, kind.name, kind.doc, kind.source, "Integrated somehow."):
        assert " ".join(text.split()) in words
    for line in catalogue.equation_text(kind).splitlines():
        assert line.strip() in page
    for parameter in kind.parameters:
        assert parameter.name in page
        assert parameter.doc.rstrip(".") in words
    for variable in kind.recordable:
        assert variable in page
    for special in ("threshold", "reset", "update", "on_spike", "events", "on_pre", "on_post",
                    "release", "after"):  # fmt: skip
        for line in getattr(kind, special, "").splitlines():
            assert line.strip() in page
    for text in kind.texts:
        assert text.default in page
        assert text.doc.rstrip(".") in words
    for column in kind.data:
        assert column.doc.rstrip(".") in words
    for preset, values in kind.presets.items():
        assert preset in page
        assert all(name in kind.defaults() for name in values)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_json_holds_values_in_declared_units(kind):
    found = json.loads(json.dumps(catalogue.kind_json(kind, "why"), allow_nan=False))
    assert (found["name"], found["family"]) == (kind.name, kind.family)
    assert [p["name"] for p in found["parameters"]] == [p.name for p in kind.parameters]
    for said, declared in zip(found["parameters"], kind.parameters, strict=True):
        assert said["default"] == declared.default
        assert said["unit"] == declared.unit
        assert said["minimum"] is None or said["minimum"] == declared.minimum
    assert [v["name"] for v in found["variables"]] == list(kind.recordable)
    assert found["integrator"] == "why"
    assert [t["default"] for t in found["texts"]] == [t.default for t in kind.texts]
    assert [tuple(c["default"]) for c in found["data"]] == [c.default for c in kind.data]
    assert (found["group"], found["variant"]) == (kind.group, kind.variant)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_json_leaves_out_nothing_that_is_declared(kind):
    found = catalogue.kind_json(kind, "why")
    silent = {"hint", "glyph", "placeholder", "extras"}
    declared = {field.name for field in dataclasses.fields(kind)} - silent
    assert declared <= found.keys()


def test_the_overview_says_of_every_kind_what_it_is_in_lines_that_fit():
    lines = catalogue.overview(KINDS).splitlines()
    assert all(len(line) <= catalogue.WIDTH for line in lines)
    headings = [line for line in lines if line and not line.startswith(" ")]
    assert headings[:3] == ["Neurons", "Synapses", "Sources"]
    assert len(headings) == len({kind.family for kind in KINDS})
    first = [line for line in lines if line.startswith("  ") and line[2] != " "]
    assert [line.split()[0] for line in first] == [k.name for k in KINDS]
    assert "\u2026" not in "".join(lines), "nothing is left out"
    words = " ".join(lines).split()
    for kind in KINDS:
        assert set(catalogue.first_sentence(kind.doc).split()) <= set(words)


def test_samples_have_titles_and_one_of_them_is_the_first_seen():
    found = samples()
    assert len({sample.name for sample in found}) == len(found)
    for sample in found:
        assert sample.path.is_file()
        assert sample.title != sample.name
    assert start_up() in found
    assert start_up().name == START_UP
