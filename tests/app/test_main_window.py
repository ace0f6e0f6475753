"""The main window: what it paints first, what it asks, what it finds, how it says what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QPlainTextEdit
from pytestqt.qtbot import QtBot

from neurocanvas.app import dialogs, faults, finder, preferences, samples_menu
from neurocanvas.app.bindings import Binding
from neurocanvas.app.command_field import find
from neurocanvas.app.command_list import NOTHING
from neurocanvas.app.inspector_pages import ElementPage
from neurocanvas.app.inspector_summary import SummaryPage
from neurocanvas.app.main_window import MainWindow
from neurocanvas.app.session import Session
from neurocanvas.formats.samples import samples
from neurocanvas.model.edits import AddNode, SetNotes
from neurocanvas.model.elements import Node, Notes

ROOT = Path(__file__).resolve().parents[2]
Make = Callable[[], MainWindow]
Buttons = QMessageBox.StandardButton

FIRST_PAINT = """
import sys
from neurocanvas.app.main import application, show
from neurocanvas.app.main_window import MainWindow
from neurocanvas.app.session import Session
app = application()
window = MainWindow(Session())

def painted():
    heavy = {"numba", "scipy", "llvmlite", "networkx", "numpy"}
    print("at first paint:", len(window.session.circuit), *sorted(heavy & set(sys.modules)))

def opened():
    print("soon after:", len(window.session.circuit) > 0)
    window.session.undo_stack.setClean()
    window.close()
    app.quit()

window.first_painted.connect(painted)
show(window, None)
window.first_painted.connect(opened)
app.exec()
"""


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Buttons]:
    """What the person answers when asked about unsaved changes, in order."""
    prepared: list[Buttons] = []
    monkeypatch.setattr(dialogs, "ask_unsaved", lambda parent, name: prepared.pop(0))
    return prepared


def add_neuron(session: Session, name: str = "A") -> str:
    """Add a neuron as a step of undo."""
    node = Node(session.circuit.new_id("n"), "lif", name)
    session.do(AddNode(node))
    return node.id


def test_the_first_paint_waits_for_no_compiler() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_PAINT],
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["at first paint: 0", "soon after: True"]


SEARCHES = """
import gc, threading, time
from PySide6.QtWidgets import QApplication
from neurocanvas.app.main import application, first_window, show
searches = []
gc.disable()  # as the command does
app = application()
gc.callbacks.append(lambda phase, info: searches.append(threading.current_thread()))
window = first_window()
show(window, None)
end = time.monotonic() + 60
while gc.get_freeze_count() == 0 and time.monotonic() < end:
    app.processEvents()
before = len(searches)
kept = []
other = threading.Thread(target=lambda: kept.extend([[] for _ in range(30_000)]))
other.start()
other.join()
meanwhile = len(searches)
while len(searches) == meanwhile and time.monotonic() < end:
    app.processEvents()
print(before, meanwhile, {one.name for one in searches})
window.session.close()
"""


def test_garbage_is_looked_for_by_the_window_alone_and_not_in_the_middle_of_an_edit() -> None:
    """Some thousand new objects come with an edit; not to look at all would fill the memory."""
    done = subprocess.run(
        [sys.executable, "-c", SEARCHES],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.split() == ["0", "0", "{'MainThread'}"], done.stderr


# -- unsaved changes -----------------------------------------------------------------------------


def test_nothing_is_asked_where_nothing_is_lost(make_window: Make, answers: list[Buttons]) -> None:
    window = make_window()
    window.new()
    assert window.may_leave()


def test_cancel_keeps_the_document(
    make_window: Make, session: Session, answers: list[Buttons]
) -> None:
    window = make_window()
    add_neuron(session)
    answers[:] = [Buttons.Cancel, Buttons.Cancel]
    window.new()
    assert len(session.circuit) == 1
    assert not window.close()


def test_discard_drops_the_changes(
    make_window: Make, session: Session, answers: list[Buttons]
) -> None:
    window = make_window()
    add_neuron(session)
    answers[:] = [Buttons.Discard]
    window.new()
    assert len(session.circuit) == 0


def test_save_writes_before_leaving(
    make_window: Make,
    session: Session,
    answers: list[Buttons],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = make_window()
    add_neuron(session, "Kept")
    answers[:] = [Buttons.Save, Buttons.Save]
    monkeypatch.setattr(dialogs, "ask_save", lambda *args: None)
    window.new()
    assert len(session.circuit) == 1, "no file was chosen, so the document must stay"
    monkeypatch.setattr(dialogs, "ask_save", lambda *args: tmp_path / "kept.neuro")
    window.new()
    assert len(session.circuit) == 0
    assert "Kept" in (tmp_path / "kept.neuro").read_text()
    assert preferences.recent()[0] == tmp_path / "kept.neuro"


def test_a_file_that_can_not_be_opened_is_said_in_words(
    make_window: Make, session: Session, tmp_path: Path
) -> None:
    window = make_window()
    add_neuron(session)
    session.undo_stack.setClean()
    (tmp_path / "broken.neuro").write_text('{"format": "neurocanvas", "version": 1, "circuit": 3}')
    for name, reason in (("broken.neuro", "circuit"), ("missing.neuro", "missing.neuro")):
        assert not window.open_path(tmp_path / name)
        assert reason in window.banner.words.text()
        assert "Traceback" not in window.banner.words.text()
        assert not window.banner.isHidden()
    assert len(session.circuit) == 1


def test_a_file_that_can_not_be_written_is_said_in_words(
    make_window: Make, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make_window()
    add_neuron(session)
    target = tmp_path / "no_such_folder" / "a.neuro"
    monkeypatch.setattr(dialogs, "ask_save", lambda *args: target)
    assert not window.save()
    assert "no_such_folder" in window.banner.words.text()
    assert session.modified


def test_the_title_shows_what_is_unsaved(make_window: Make, session: Session) -> None:
    window = make_window()
    assert window.windowTitle() == "Untitled[*] \u2013 NeuroCanvas"
    assert not window.isWindowModified()
    add_neuron(session)
    assert window.isWindowModified()


# -- samples, lesson -----------------------------------------------------------------------------


def test_all_samples_are_in_the_menu(make_window: Make, session: Session) -> None:
    from PySide6.QtWidgets import QMenu

    menu, opened = QMenu(make_window()), []
    samples_menu.fill(menu, opened.append)
    assert [a.text() for a in menu.actions() if a.isEnabled()] == [s.title for s in samples()]
    for action, sample in zip(menu.actions(), samples(), strict=False):
        action.trigger()
        assert opened[-1] == sample.path
        assert action.toolTip()


def test_a_lesson_shows_until_it_is_put_away(make_window: Make, session: Session) -> None:
    window = make_window()
    assert window.lesson.isHidden()
    session.do(SetNotes(Notes("Half-centre", "Watch the two take turns.")))
    assert not window.lesson.isHidden()
    assert window.lesson.title.text() == "Half-centre"
    window.lesson.dismiss()
    add_neuron(session)
    assert window.lesson.isHidden()
    window.menus["lesson"].trigger()
    assert not window.lesson.isHidden()


def test_a_long_lesson_shows_its_beginning(
    make_window: Make, session: Session, qtbot: QtBot
) -> None:
    window = make_window()
    with qtbot.waitExposed(window):
        window.show()
    lesson = " ".join(["Each silences the other while it fires."] * 40) + "\nWhat to try."
    session.circuit.apply(SetNotes(Notes("Title", lesson)))
    text = window.lesson.text
    qtbot.waitUntil(lambda: text.height() < 3 * text.fontMetrics().lineSpacing())
    assert text.text().endswith("\u2026")
    assert lesson.startswith(text.text().rstrip("\u2026").rstrip())
    window.lesson.more.click()
    assert text.text() == lesson
    window.lesson.more.click()
    assert text.text().endswith("\u2026")


def test_a_short_lesson_shows_whole(make_window: Make, session: Session, qtbot: QtBot) -> None:
    window = make_window()
    with qtbot.waitExposed(window):
        window.show()
    session.circuit.apply(SetNotes(Notes("Title", "Watch.")))
    qtbot.waitUntil(lambda: window.lesson.text.text() == "Watch.")
    assert not window.lesson.more.isVisible()


def test_the_lesson_stands_once_and_is_written_where_it_stands(
    make_window: Make, session: Session, qtbot: QtBot
) -> None:
    window = make_window()
    with qtbot.waitExposed(window):
        window.show()
    page = window.inspector.page
    assert isinstance(page, SummaryPage)
    assert page.findChildren(QPlainTextEdit) == []
    assert page.lesson.text() == "Write a lesson"
    page.lesson.click()
    assert window.lesson.editor.isVisible()
    assert not window.lesson.text.isVisible()
    QTest.keyClicks(window.lesson.editor, "Watch the two.")
    assert session.circuit.notes.lesson == "Watch the two."
    assert session.undo_stack.count() == 1, "one pause, one step"
    assert page.lesson.text() == "Edit the lesson"
    window.lesson.edit.click()
    assert window.lesson.text.text() == "Watch the two."
    assert not window.lesson.editor.isVisible()
    session.undo()
    assert window.lesson.isHidden()


def test_commands_on_the_selection_need_one(make_window: Make, session: Session) -> None:
    window = make_window()
    names = ("cut", "copy", "duplicate", "delete")
    assert not any(window.menus[name].isEnabled() for name in names)
    session.select([session.circuit.add("lif")])
    assert all(window.menus[name].isEnabled() for name in names)
    window.menus["delete"].trigger()
    assert len(session.circuit) == 0
    assert not any(window.menus[name].isEnabled() for name in names)


# -- search, palette, inspector ------------------------------------------------------------------


def titles(window: MainWindow, wanted: str) -> list[str]:
    """What the search field finds."""
    return [command.title for command in find(finder.commands(window), wanted)]


@pytest.mark.parametrize(
    ("wanted", "title", "name"),
    [("dt", "Time step", "dt"), ("seed", "Random seed", "seed"), ("duration", "Duration of a run",
     "duration"), ("time step", "Time step", "dt")],
)  # fmt: skip
def test_search_finds_the_settings_and_leads_to_them(
    make_window: Make, session: Session, qtbot: QtBot, wanted: str, title: str, name: str
) -> None:
    window = make_window()
    with qtbot.waitExposed(window):
        window.show()
    session.select([session.circuit.add("lif")])
    first = find(finder.commands(window), wanted)[0]
    assert first.title == title
    first.run()
    page = window.inspector.page
    assert isinstance(page, SummaryPage)
    assert page.rows[name].field.hasFocus()


def test_search_finds_the_size_of_what_is_selected_and_of_others(
    make_window: Make, session: Session, qtbot: QtBot
) -> None:
    window = make_window()
    with qtbot.waitExposed(window):
        window.show()
    pool, other = session.circuit.add("lif", label="Pool"), session.circuit.add("lif", label="B")
    session.select([pool])
    assert titles(window, "size")[:2] == ["Size", "B: Size"]
    find(finder.commands(window), "b size")[0].run()
    assert session.selection == (other,)
    page = window.inspector.page
    assert isinstance(page, ElementPage)
    assert page.parameters.rows["size"].field.hasFocus()


def test_search_says_when_nothing_is_found(make_window: Make, qtbot: QtBot) -> None:
    window = make_window()
    with qtbot.waitExposed(window):
        window.show()
    field = window.command_field
    field.begin()
    QTest.keyClicks(field, "zzzz")
    assert field.results.isVisible()
    assert [field.results.model().index(0, 0).data()] == [NOTHING]
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == "zzzz", "it can be corrected"
    window.palette_panel.search.setText("zzzz")
    assert window.palette_panel.model.rows == ["Nothing found"]


def test_search_finds_commands_parts_parameters_and_samples(
    make_window: Make, session: Session
) -> None:
    window = make_window()
    assert titles(window, "save as")[0] == "Save as"
    assert titles(window, "hodgkin")[0] == "Hodgkin\u2013Huxley"
    assert "Leak conductance" not in titles(window, "leak cond")
    session.select([session.circuit.add("hodgkin_huxley")])
    assert titles(window, "leak cond")[0] == "Leak conductance"
    assert titles(window, "g_na")[0] == "Sodium conductance"
    assert titles(window, "ampl") == [], "no sample is found by letters inside the word sample"
    for sample in samples():
        assert sample.title in titles(window, sample.title)


def test_enter_does_what_was_found(make_window: Make, session: Session, qtbot: QtBot) -> None:
    window = make_window()
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.command_field.begin()
    QTest.keyClicks(window.command_field, "hodgkin")
    assert window.command_field.results.isVisible()
    QTest.keyClick(window.command_field, Qt.Key.Key_Return)
    assert [node.kind for node in session.circuit.nodes()] == ["hodgkin_huxley"]
    assert not window.command_field.results.isVisible()
    qtbot.waitUntil(lambda: isinstance(window.inspector.page, ElementPage))
    window.command_field.begin()
    QTest.keyClicks(window.command_field, "leak cond")
    QTest.keyClick(window.command_field, Qt.Key.Key_Return)
    field = window.inspector.page.parameters.rows["g_L"].field  # type: ignore[attr-defined]
    assert field.hasFocus()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert window.canvas.hasFocus()


def test_placing_without_the_mouse_stacks_nothing(make_window: Make, session: Session) -> None:
    window = make_window()
    for _ in range(6):
        window.place("lif")
    places = [(node.x, node.y) for node in session.circuit.nodes()]
    assert len({(round(x / 40), round(y / 40)) for x, y in places}) == 6


def test_keys_of_the_menus_are_all_different(make_window: Make) -> None:
    window = make_window()
    keys = [a.shortcut().toString() for a in window.menus.commands() if a.shortcut().toString()]
    assert sorted(keys) == sorted(set(keys))
    assert {"Ctrl+K", "/", "Space", "Ctrl+S", "F1"} <= set(keys)


def test_slower_and_faster_stay_on_the_scale(make_window: Make, session: Session) -> None:
    window = make_window()
    for _ in range(12):
        window.menus["faster"].trigger()
    assert session.circuit.settings.speed == 1000.0
    for _ in range(16):
        window.menus["slower"].trigger()
    assert session.circuit.settings.speed == 1.0


def test_the_settings_dialog_edits_the_circuit(make_window: Make, session: Session) -> None:
    window = make_window()
    window.show_settings()
    [dialog] = window.findChildren(dialogs.SettingsDialog)
    binding = dialog.rows["dt"].binding
    assert isinstance(binding, Binding)
    dialog.rows["dt"].field.selectAll()
    QTest.keyClicks(dialog.rows["dt"].field, "50 us")
    QTest.keyClick(dialog.rows["dt"].field, Qt.Key.Key_Return)
    assert session.circuit.settings.dt == pytest.approx(0.05)
    dialog.close()


# -- panels, faults ------------------------------------------------------------------------------


def test_panels_are_remembered(make_window: Make, session: Session, qtbot: QtBot) -> None:
    window = make_window()
    window.docks["inspector"].hide()
    window.close()
    again = MainWindow(Session())
    qtbot.addWidget(again)
    assert again.docks["inspector"].isHidden()
    assert not again.docks["palette"].isHidden()
    again.reset_panels()
    assert not again.docks["inspector"].isHidden()
    again.close()


def test_panels_can_be_moved_while_they_are_arranged(make_window: Make) -> None:
    window = make_window()
    window.menus["arrange"].setChecked(True)
    assert window.docks["palette"].titleBarWidget() is None
    window.menus["arrange"].setChecked(False)
    assert window.docks["palette"].titleBarWidget() is not None


def test_an_unexpected_error_is_a_dialog_in_words_and_a_log(
    make_window: Make, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    make_window()
    hook = faults.Hook()
    try:
        _ = {}["tau"]
    except KeyError as error:
        hook(KeyError, error, error.__traceback__)
    assert hook.dialog is not None
    qtbot.addWidget(hook.dialog)
    assert "KeyError: 'tau'" in hook.dialog.informativeText()
    assert "Traceback" not in hook.dialog.text() + hook.dialog.informativeText()
    assert "Traceback" in caplog.text
    first = hook.dialog
    hook(ValueError, ValueError("again"), None)
    assert hook.dialog is first, "one dialog at a time"
    first.close()


def test_the_clock_ticks_only_while_there_is_something_to_see(
    make_window: Make, session: Session, qtbot: QtBot
) -> None:
    window = make_window()
    with qtbot.waitExposed(window):
        window.show()
    assert session._timer.isActive()
    window.hide()
    assert not session._timer.isActive()
