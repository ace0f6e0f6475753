"""The pages of the catalogue: complete, sound Markdown, and as the declarations say today."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from neurocanvas import library
from neurocanvas.formats import kind_docs
from neurocanvas.model.kinds import NeuronKind, Parameter

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "kinds"
KINDS = list(library.registry())


def maker():
    """The script that writes the pages."""
    spec = importlib.util.spec_from_file_location("m", ROOT / "tools" / "make_kind_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_are_what_the_declarations_say_today():
    made = maker().made()
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert there.keys() == made.keys(), "`make docs` writes the pages that are missing"
    stale = [name for name, text in made.items() if there[name] != text]
    assert not stale, f"`make docs` brings these up to date: {', '.join(stale)}"


def test_writing_removes_pages_that_no_kind_stands_for(tmp_path, monkeypatch, capsys):
    module = maker()
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    (tmp_path / "gone.md").write_text("old")
    assert module.main() == 0
    assert {path.name for path in tmp_path.iterdir()} == {*(f"{k.name}.md" for k in KINDS),
                                                          kind_docs.INDEX}  # fmt: skip
    assert f"{len(KINDS) + 1} pages" in capsys.readouterr().out


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_page_holds_all_that_is_declared(kind):
    page = kind_docs.page(kind, "Integrated somehow.")
    for text in (kind.title, kind.doc, kind.source, "Integrated somehow."):
        assert kind_docs.plain(text) in page
    for name in [*kind.defaults(), *kind.recordable, *(c.name for c in kind.data)]:
        assert f"`{name}`" in page
    for preset in kind.presets:
        assert kind_docs.plain(preset) in page
    for state in kind.system.states:
        assert "{dt}" in page
        assert f"`{state}`" in page
    if isinstance(kind, NeuronKind) and kind.threshold:
        assert f"threshold: {kind.threshold}" in page


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_page_is_sound_markdown(kind):
    page = kind_docs.page(kind, "Integrated somehow.")
    assert page.count("```") % 2 == 0
    assert not re.search(r"\n\n\n", page)
    assert page.endswith("\n")
    assert len(re.findall(r"^# ", page, re.M)) == 1
    for block in re.findall(r"```math\n(.*?)```", page, re.S):
        assert block.count("{") == block.count("}")
        assert block.count(r"\begin") == block.count(r"\end")
    for rows in re.findall(r"(?:^\|.*\|\n)+", page, re.M):
        widths = {len(re.sub(r"\\\|", "", row).split("|")) for row in rows.splitlines()}
        assert len(widths) == 1, rows


def test_the_index_has_a_line_for_every_kind_and_every_link_leads_somewhere():
    index = kind_docs.index(KINDS)
    links = re.findall(r"\]\((\w+\.md)\)", index)
    assert links == [f"{kind.name}.md" for family in kind_docs.FAMILIES
                     for kind in KINDS if kind.family == family]  # fmt: skip
    assert len(links) == len(KINDS)


def test_bounds_and_odd_letters_in_words():
    kind = NeuronKind(
        name="odd", title="Odd | *kind*", symbol="O", doc="Uses a_b and <c>.", source="Def_1.",
        parameters=(
            Parameter("p", 1.0, "1", "A | b.", minimum=0.0, maximum=1.0),
            Parameter("q", 1.0, "ms", "Any."),
        ),
        equations="dv/dt = -v*p/q",
    )  # fmt: skip
    page = kind_docs.page(kind, "None.")
    assert page.startswith("# Odd \\| \\*kind\\*\n")
    assert "Uses a\\_b and \\<c>." in page
    assert "| $p$ | `p` | 1 | at least 0 and at most 1 | A \\| b. |" in page
    assert "| $q$ | `q` | 1 ms | any | Any. |" in page
