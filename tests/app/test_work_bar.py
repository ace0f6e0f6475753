"""The status bar while something takes long: what it shows, Cancel, and the window meanwhile."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from driver import CanvasDriver
from gate import Gate, before_connecting
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from neurocanvas import Circuit, save
from neurocanvas.app import opening
from neurocanvas.app.main_window import MainWindow
from neurocanvas.app.session import Session
from neurocanvas.app.statusbar import StatusStrip
from neurocanvas.app.work_bar import WorkBar, given_up_words, sentence
from neurocanvas.errors import Cancelled
from neurocanvas.model.edits import AddLink, AddNode
from neurocanvas.model.elements import Link, Node
from neurocanvas.model.projections import make_rule
from neurocanvas.sim.progress import Progress, Stretch
from neurocanvas.sim.status import Status

PATIENCE_MS = 30_000
LARGE = Link("k1", "a", "a", "ampa", rule=make_rule("fixed_in_degree", {"n": 10}))


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Circuits of more than 100 synapses take long, until the gate is opened; all is shown."""
    monkeypatch.setattr("neurocanvas.sim.progress.SHOW_AFTER_S", 0.0)
    made = before_connecting(monkeypatch, synapses=100)
    yield made
    made.open()


@pytest.fixture
def window(gate: Gate, make_window: Callable[[], MainWindow], qtbot: QtBot) -> MainWindow:
    """A window in which a population runs."""
    made = make_window()
    with qtbot.waitExposed(made):
        made.show()
    session = made.session
    session.do(AddNode(Node("a", "lif", "A", size=20)))
    session.run()
    qtbot.waitUntil(lambda: time_ms(session) > 1, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not made.strip.work.isVisible(), timeout=PATIENCE_MS)
    return made


def time_ms(session: Session) -> float:
    return session.status.time_ms if session.status is not None else 0.0


def runs_on(session: Session, qtbot: QtBot) -> None:
    at = time_ms(session)
    qtbot.waitUntil(lambda: time_ms(session) > at + 0.5, timeout=PATIENCE_MS)


def press(bar: WorkBar) -> None:
    QTest.mouseClick(bar.button, Qt.MouseButton.LeftButton)


def until_shown(bar: WorkBar, words: str, qtbot: QtBot) -> None:
    qtbot.waitUntil(
        lambda: bar.isVisible() and bar.words.whole_text() == words, timeout=PATIENCE_MS
    )


def test_a_large_projection_is_shown_while_it_is_built_and_the_window_can_be_used(
    window: MainWindow, session: Session, gate: Gate, qtbot: QtBot
) -> None:
    bar = window.strip.work
    session.do(AddLink(LARGE))
    until_shown(bar, "Connecting A \u2192 A", qtbot)
    assert bar.bar.isVisible()
    assert bar.button.text() == "Cancel"
    runs_on(session, qtbot)
    canvas = CanvasDriver(qtbot, window.canvas)
    canvas.click("a")
    assert session.selection == ("a",)
    canvas.drag("a", 120.0, 80.0)
    moved = session.circuit.node("a")
    assert (moved.x, moved.y) != (0.0, 0.0)
    gate.open()
    qtbot.waitUntil(lambda: not bar.isVisible(), timeout=PATIENCE_MS)
    runs_on(session, qtbot)
    assert session.status is not None
    assert session.status.given_up is None


def test_cancel_goes_back_to_what_ran_and_undo_takes_the_edit_back(
    window: MainWindow, session: Session, gate: Gate, qtbot: QtBot
) -> None:
    bar, strip = window.strip.work, window.strip
    session.do(AddLink(LARGE))
    until_shown(bar, "Connecting A \u2192 A", qtbot)
    press(bar)
    until_shown(bar, "Stopping: connecting A \u2192 A", qtbot)
    gate.open()
    until_shown(bar, "Simulated without the newest edit", qtbot)
    assert not bar.bar.isVisible()
    words = "Connecting A \u2192 A was stopped: the simulation runs on as it was; "
    assert strip.message.whole_text().startswith(words)
    assert "k1" in session.circuit, "the edit stays"
    assert session.running
    runs_on(session, qtbot)
    session.undo()
    qtbot.waitUntil(lambda: not bar.isVisible(), timeout=PATIENCE_MS)
    assert "k1" not in session.circuit
    runs_on(session, qtbot)


def test_what_was_given_up_can_be_built_after_all(
    window: MainWindow, session: Session, gate: Gate, qtbot: QtBot
) -> None:
    bar = window.strip.work
    session.do(AddLink(LARGE))
    until_shown(bar, "Connecting A \u2192 A", qtbot)
    press(bar)
    gate.open()
    until_shown(bar, "Simulated without the newest edit", qtbot)
    assert bar.button.text() == "Build"
    serial = session.runner.status.serial
    assert window.strip.message.isVisible()
    press(bar)
    qtbot.waitUntil(lambda: session.runner.status.serial > serial, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not bar.isVisible(), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not window.strip.message.isVisible(), timeout=1000)


def test_a_document_whose_building_is_cancelled_waits_until_it_is_to_run(
    window: MainWindow, session: Session, gate: Gate, qtbot: QtBot, tmp_path: Path
) -> None:
    bar = window.strip.work
    large = Circuit()
    large.apply(AddNode(Node("a", "lif", "A", size=20)))
    large.apply(AddLink(LARGE))
    save(large, tmp_path / "large.neuro")
    session.open(tmp_path / "large.neuro")
    until_shown(bar, "Connecting A \u2192 A", qtbot)
    press(bar)
    gate.open()
    until_shown(bar, "Not built", qtbot)
    assert window.strip.speed.whole_text() == "not built"
    assert not session.running
    words = "Connecting A \u2192 A was stopped: nothing is simulated until it is built"
    assert window.strip.message.whole_text() == words
    session.run()
    runs_on(session, qtbot)
    qtbot.waitUntil(lambda: not bar.isVisible(), timeout=PATIENCE_MS)
    assert session.running


# -- files ---------------------------------------------------------------------------------------


@pytest.fixture
def large_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of 300 nodes, which counts as large."""
    monkeypatch.setattr(opening, "LARGE_BYTES", 1000)
    circuit = Circuit()
    for k in range(300):
        circuit.apply(AddNode(Node(f"n{k}", "lif", f"N{k}", x=10.0 * k)))
    save(circuit, tmp_path / "large.neuro")
    return tmp_path / "large.neuro"


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Reading a file stops before its last elements, until this is set."""
    go_on, told = threading.Event(), Progress.__call__

    def tell(self: Progress, what: str, done: float, total: float) -> None:
        told(self, what, done, total)
        if what.startswith("opening") and done > 200:
            assert go_on.wait(PATIENCE_MS / 1000)
            told(self, what, done, total)

    monkeypatch.setattr(Progress, "__call__", tell)
    yield go_on
    go_on.set()


def test_a_large_file_is_read_while_the_present_circuit_runs_on(
    window: MainWindow, session: Session, large_file: Path, slow: threading.Event, qtbot: QtBot
) -> None:
    session.undo_stack.setClean()
    bar = window.strip.work
    assert window.open_path(large_file)
    until_shown(bar, "Opening large.neuro", qtbot)
    qtbot.waitUntil(lambda: bar.bar.value() > bar.bar.maximum() / 2, timeout=PATIENCE_MS)
    runs_on(session, qtbot)
    assert len(session.circuit) == 1
    assert bar.isVisible()
    assert bar.bar.value() < bar.bar.maximum()
    slow.set()
    qtbot.waitUntil(lambda: len(session.circuit) == 300, timeout=PATIENCE_MS)
    assert session.path == large_file
    assert not session.modified
    assert window.windowTitle().startswith("large.neuro")
    runs_on(session, qtbot)


def test_cancel_keeps_the_present_document(
    window: MainWindow, session: Session, large_file: Path, slow: threading.Event, qtbot: QtBot
) -> None:
    session.undo_stack.setClean()
    window.open_path(large_file)
    until_shown(window.strip.work, "Opening large.neuro", qtbot)
    threading.Timer(0.05, slow.set).start()
    press(window.strip.work)
    assert not session.opening.running
    assert not window.strip.work.isVisible()
    assert len(session.circuit) == 1
    runs_on(session, qtbot)


def test_what_was_changed_while_a_file_was_read_is_not_lost_without_a_question(
    window: MainWindow,
    session: Session,
    large_file: Path,
    slow: threading.Event,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session.undo_stack.setClean()
    window.open_path(large_file)
    until_shown(window.strip.work, "Opening large.neuro", qtbot)
    asked: list[str] = []

    def keep(_: object, name: str) -> QMessageBox.StandardButton:
        asked.append(name)
        return QMessageBox.StandardButton.Cancel

    monkeypatch.setattr("neurocanvas.app.dialogs.ask_unsaved", keep)
    session.do(AddNode(Node("b", "lif", "B")))
    slow.set()
    qtbot.waitUntil(lambda: asked == ["Untitled"], timeout=PATIENCE_MS)
    assert "b" in session.circuit
    assert not session.opening.running


def test_a_large_file_that_is_wrong_is_refused_like_a_small_one(
    window: MainWindow, session: Session, large_file: Path, qtbot: QtBot
) -> None:
    session.undo_stack.setClean()
    text = large_file.read_text(encoding="utf-8").replace('"n299"', '"n298"')
    large_file.write_text(text, encoding="utf-8")
    window.open_path(large_file)
    qtbot.waitUntil(window.banner.isVisible, timeout=PATIENCE_MS)
    assert "n298" in window.banner.words.text()
    assert len(session.circuit) == 1


# -- words ---------------------------------------------------------------------------------------


def test_the_bar_shows_the_part_that_is_done_and_the_time_left(
    qtbot: QtBot, dark: None, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    bar = WorkBar(session)
    qtbot.addWidget(bar)
    shown = [Stretch("connecting A -> B", 0.25, 11.5)]
    monkeypatch.setattr(Session, "building", property(lambda _: shown[-1]))
    bar.refresh()
    assert (bar.bar.value(), bar.left.text()) == (250, "12 s left")
    assert bar.bar.accessibleName() == "Connecting A \u2192 B, 25%"
    shown.append(Stretch("connecting A -> B", 0.5, math.nan))
    bar.refresh()
    assert (bar.bar.value(), bar.left.text()) == (500, "")


@pytest.mark.parametrize(("width", "roomy"), [(960, False), (1400, True)])
def test_in_a_narrow_window_what_takes_long_has_the_place_of_what_can_wait(
    qtbot: QtBot,
    dark: None,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    width: int,
    roomy: bool,
) -> None:
    strip = StatusStrip(session)
    qtbot.addWidget(strip)
    strip.resize(width, strip.height())
    with qtbot.waitExposed(strip):
        strip.show()
    shown = [Stretch("connecting Excitatory -> Inhibitory", 0.25, 11.5)]
    monkeypatch.setattr(Session, "building", property(lambda _: shown[-1] if shown else None))
    strip.refresh()
    qtbot.waitUntil(lambda: strip.work.words.text() == "Connecting Excitatory \u2192 Inhibitory")
    assert strip.work.geometry().right() < strip.width()
    assert strip.settings.isVisible() is roomy
    assert strip.counts.isVisible() is roomy
    shown.clear()
    strip.refresh()
    assert strip.settings.isVisible()
    assert not strip.work.isVisible()


def test_what_was_given_up_in_words() -> None:
    error = Cancelled("connecting A -> B", 0.3)
    paused = Status(phase="paused", given_up=error)
    assert given_up_words(error, paused) == (
        "Connecting A \u2192 B was stopped: the simulation stays as it was; "
        "Undo takes the edit back"
    )
    assert sentence("preparing kernels") == "Preparing kernels"
