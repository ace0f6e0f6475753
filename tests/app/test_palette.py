"""The palette: everything the registry holds, and nothing that is written twice."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from neurocanvas.app import part_rows
from neurocanvas.app.palette import KIND_MIME, PART, Palette
from neurocanvas.app.parts import Part, groups
from neurocanvas.app.session import Session
from neurocanvas.app.theme import ui_font
from neurocanvas.library.neurons.lif import LIF
from neurocanvas.model.edits import AddNode
from neurocanvas.model.elements import Node
from neurocanvas.model.kinds import SynapseKind


@pytest.fixture
def palette(qtbot: QtBot, dark: None, session: Session) -> Palette:
    made = Palette(session)
    qtbot.addWidget(made)
    made.resize(216, 700)
    with qtbot.waitExposed(made):
        made.show()
    return made


def shown(palette: Palette) -> list[str]:
    """Names of the parts in the list."""
    return [row.name for row in palette.model.rows if isinstance(row, Part)]


def place_of(palette: Palette, name: str) -> QPoint:
    """Where a part is in the list."""
    index = palette.model.index(palette.model.row_of(name))
    return palette.view.visualRect(index).center()


def test_every_kind_that_can_be_chosen_is_there_once(palette: Palette, session: Session) -> None:
    kinds = [
        kind
        for kind in session.circuit.kinds
        if kind.family in ("neuron", "source", "plasticity")
        or (isinstance(kind, SynapseKind) and kind.carries not in ("current", "command"))
    ]
    # Of several forms of one thing, the first stands for all.
    groups_of = {kind.group or kind.name: kind.name for kind in reversed(kinds)}
    wanted = [*groups_of.values(), "own_equations", "touch", "oscilloscope"]
    assert sorted(shown(palette)) == sorted(wanted)
    headings = [row for row in palette.model.rows if isinstance(row, str)]
    assert headings == ["Neurons", "Synapses", "Plasticity", "Sources", "Instruments"]


def test_what_is_automatic_is_found_only_by_searching(session: Session) -> None:
    def names(wanted: str) -> list[str]:
        return [p.name for _, found in groups(session.circuit.kinds, wanted) for p in found]

    assert "injection" not in names("")
    assert "injection" in names("inject")


def test_a_kind_that_is_added_shows_up(palette: Palette, session: Session) -> None:
    session.circuit.kinds.add(replace(LIF, name="mine", title="My neuron"))
    session.document_replaced.emit()
    assert "mine" in shown(palette)


def test_forms_of_one_thing_are_one_entry(palette: Palette, session: Session) -> None:
    for name in ("unit_step", "unit_slope"):
        session.circuit.kinds.add(replace(LIF, name=name, group="unit", variant=name))
    session.document_replaced.emit()
    assert [name for name in shown(palette) if name.startswith("unit_")] == ["unit_step"]
    QTest.keyClicks(palette.search, "unit_slope")
    assert shown(palette) == ["unit_slope"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [("hodg", "hodgkin_huxley"), ("HUXLEY", "hodgkin_huxley"), ("gaba", "gaba_a"),
     ("spikes random", "poisson"), ("step", "step_current")],
)  # fmt: skip
def test_typing_narrows_the_list(palette: Palette, typed: str, first: str) -> None:
    palette.focus_search()
    QTest.keyClicks(palette.search, typed)
    assert shown(palette)[0] == first
    QTest.keyClick(palette.search, Qt.Key.Key_Escape)
    assert palette.search.text() == ""
    assert len(shown(palette)) > 5


def test_enter_places_the_first_match(palette: Palette, qtbot: QtBot) -> None:
    QTest.keyClicks(palette.search, "integrate")
    with qtbot.waitSignal(palette.place_requested) as placed:
        QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert placed.args == ["lif"]


def test_a_double_click_places(palette: Palette, qtbot: QtBot) -> None:
    with qtbot.waitSignal(palette.place_requested) as placed:
        QTest.mouseDClick(
            palette.view.viewport(), Qt.MouseButton.LeftButton, pos=place_of(palette, "poisson")
        )
    assert placed.args == ["poisson"]


def test_a_click_chooses_the_synapse_for_connecting(palette: Palette, session: Session) -> None:
    QTest.mouseClick(
        palette.view.viewport(), Qt.MouseButton.LeftButton, pos=place_of(palette, "gaba_a")
    )
    assert session.synapse_kind == "gaba_a"


def test_the_chosen_synapse_is_marked(palette: Palette, session: Session) -> None:
    def left_edge(name: str) -> str:
        picture = palette.view.viewport().grab().toImage()
        return picture.pixelColor(7, place_of(palette, name).y()).name()

    before = left_edge("gaba_a")
    assert left_edge("ampa") != before
    session.synapse_kind = "gaba_a"
    assert left_edge("ampa") == before != left_edge("gaba_a")


def test_arrow_keys_pass_over_headings(palette: Palette, qtbot: QtBot) -> None:
    palette.focus_search()
    QTest.keyClick(palette.search, Qt.Key.Key_Down)
    visited = [palette.view.currentIndex().data(PART).name]
    for _ in range(len(shown(palette)) - 1):
        QTest.keyClick(palette.view, Qt.Key.Key_Down)
        visited.append(palette.view.currentIndex().data(PART).name)
    assert visited == shown(palette)
    palette.view.setCurrentIndex(palette.model.index(palette.model.row_of("lif")))
    with qtbot.waitSignal(palette.place_requested) as placed:
        QTest.keyClick(palette.view, Qt.Key.Key_Return)
    assert placed.args == ["lif"]


def test_neurons_and_sources_can_be_dragged_synapses_not(palette: Palette) -> None:
    model = palette.model
    for name, draggable in (("lif", True), ("poisson", True), ("ampa", False)):
        index = model.index(model.row_of(name))
        assert bool(model.flags(index) & Qt.ItemFlag.ItemIsDragEnabled) is draggable
    data = model.mimeData([model.index(model.row_of("lif"))])
    assert bytes(data.data(KIND_MIME).data()) == b"lif"


def test_the_oscilloscope_puts_a_probe_on_the_selection(palette: Palette, session: Session) -> None:
    said: list[str] = []
    session.message.connect(said.append)
    view, place = palette.view.viewport(), place_of(palette, "oscilloscope")
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=place)
    assert said == ["Select a neuron or a link first: the probe goes onto it"]
    session.do(AddNode(Node("n1", "lif", "A")))
    session.select(["n1"])
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=place)
    assert [probe.node for probe in session.circuit.bench.probes] == ["n1"]


def test_tooltips_say_what_it_is_and_where_it_comes_from(
    palette: Palette, session: Session
) -> None:
    index = palette.model.index(palette.model.row_of("hodgkin_huxley"))
    tip = index.data(Qt.ItemDataRole.ToolTipRole)
    assert "squid giant axon" in tip
    assert "1952" in tip


# -- how rows look -------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [180, 216, 320])
@pytest.mark.parametrize("wanted", ["", "inhibitory", "a"])
def test_no_words_of_a_row_are_cut(palette: Palette, width: int, wanted: str) -> None:
    palette.resize(width, 700)
    palette.search.setText(wanted)
    QApplication.processEvents()
    font, small = QFontMetrics(ui_font()), QFontMetrics(ui_font(part_rows.HINT_SIZE))
    for row, part in enumerate(palette.model.rows):
        if isinstance(part, str):
            continue
        rect = palette.view.visualRect(palette.model.index(row))
        room = rect.width() - part_rows.TEXT_LEFT - part_rows.MARGIN
        words = part_rows.words_of(part, room)
        assert all(
            font.horizontalAdvance(word) <= room for word in re.split(r" |(?<=\u2013)", words.title)
        )
        assert all(small.horizontalAdvance(word) <= room for word in words.more.split())
        assert rect.height() == words.height
        if not words.more_height and words.more:
            both = font.horizontalAdvance(words.title) + small.horizontalAdvance(words.more)
            assert both < room
        # Which form it is can always be read.
        assert part.title in f"{words.title}, {words.more}"


def test_a_form_that_has_no_room_beside_its_title_stands_below(palette: Palette) -> None:
    palette.search.setText("difference")
    rows = [row for row in palette.model.rows if isinstance(row, Part)]
    assert any(part_rows.words_of(part, 150).more_height for part in rows)
    assert all(part_rows.words_of(part, 400).more_height == 0 for part in rows)


def test_the_mouse_is_a_source_that_is_switched_on_and_off(palette: Palette, qtbot: QtBot) -> None:
    palette.search.setText("mouse")
    with qtbot.waitSignal(palette.touch_requested):
        QTest.mouseClick(
            palette.view.viewport(), Qt.MouseButton.LeftButton, pos=place_of(palette, "touch")
        )
    palette.show_touching(True)
    assert palette.view.lit == "touch"
    palette.show_touching(False)
    assert palette.view.lit == ""


def test_only_the_chosen_synapse_stays_marked(palette: Palette) -> None:
    """What was dragged or clicked before is nothing that goes on."""
    row = palette.model.index(palette.model.row_of("hodgkin_huxley"))
    palette.view.setFocus()
    palette.view.setCurrentIndex(row)
    assert palette.view.selectedIndexes() == [row]
    palette.search.setFocus()
    assert palette.view.selectedIndexes() == []
    assert not palette.view.currentIndex().isValid()
