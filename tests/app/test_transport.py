"""Transport and status bar: what they say of speed and state, and what the buttons do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from neurocanvas.app.session import Session
from neurocanvas.app.sliders import SpeedScale
from neurocanvas.app.statusbar import StatusStrip, speed_state, spikes_words, time_words
from neurocanvas.app.transport import TopBar, Transport, speed_words
from neurocanvas.app.widgets import SearchField
from neurocanvas.errors import NotFinite
from neurocanvas.model.edits import AddNode
from neurocanvas.model.elements import Node
from neurocanvas.sim.status import Status


@pytest.fixture
def transport(qtbot: QtBot, dark: None, session: Session) -> Transport:
    made = Transport(session)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def strip(qtbot: QtBot, dark: None, session: Session) -> StatusStrip:
    made = StatusStrip(session)
    qtbot.addWidget(made)
    made.resize(1200, 28)
    made.show()
    return made


# -- speed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("speed", "words"),
    [(20.0, "1 s shows 20 ms of model"), (1.0, "1 s shows 1 ms of model"),
     (1000.0, "1 s shows 1 s of model"), (0.0, "as fast as it can")],
)  # fmt: skip
def test_the_speed_in_words(speed: float, words: str) -> None:
    assert speed_words(speed) == words


def test_the_scale_runs_from_a_millisecond_to_free() -> None:
    scale = SpeedScale()
    assert scale.value(0) == 1.0
    assert scale.value(SpeedScale.FREE_FROM / 3) == pytest.approx(10.0)
    assert scale.value(SpeedScale.FREE_FROM) == pytest.approx(1000.0)
    assert scale.value(scale.STEPS) == 0.0
    for speed in (1.0, 2.0, 20.0, 150.0, 1000.0, 0.0):
        assert scale.value(scale.position(speed)) == pytest.approx(speed, rel=0.02)


def test_dragging_to_the_right_end_frees_it(transport: Transport, session: Session) -> None:
    slider, y = transport.slider, transport.slider.height() // 2
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(20, y))
    QTest.mouseMove(slider, QPoint(60, y))
    QTest.mouseMove(slider, QPoint(slider.width() + 5, y))
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() + 5, y))
    assert session.circuit.settings.speed == 0.0
    assert transport.words.text() == "as fast as it can"
    assert session.undo_stack.count() == 0, "how fast it is shown is no change of the circuit"
    assert not session.modified


def test_run_and_pause_share_a_button(transport: Transport, session: Session) -> None:
    transport.run_button.click()
    assert session.running
    assert transport.run_button.accessibleName() == "Pause"
    transport.run_button.click()
    assert not session.running
    assert transport.run_button.accessibleName() == "Run"


@pytest.mark.slow
def test_a_step_is_one_dt_and_reset_goes_back(
    transport: Transport, session: Session, qtbot: QtBot
) -> None:
    session.do(AddNode(Node("n1", "lif", "A")))
    session.runner.drain()
    for _ in range(3):
        transport.step_button.click()
    session.runner.drain()
    assert session.status.time_ms == pytest.approx(3 * session.circuit.settings.dt)
    transport.reset_button.click()
    session.runner.drain()
    assert session.status.time_ms == 0.0


# -- status --------------------------------------------------------------------------------------

RUNNING = Status(phase="running", target_speed=20.0, true_speed=19.9, keeping_up=True)


@pytest.mark.parametrize(
    ("status", "colour", "words"),
    [
        (None, "warning", "preparing \u2026"),
        (Status(phase="preparing"), "warning", "preparing \u2026"),
        (Status(phase="paused"), "text_faint", "paused"),
        (RUNNING, "good", "1 s = 20 ms of model, keeping up"),
        (replace(RUNNING, keeping_up=False, true_speed=13.0), "warning",
         "can't keep up: 1 s = 13 ms of 20 ms"),
        (replace(RUNNING, target_speed=0.0, true_speed=2500.0), "good",
         "1 s = 2.5 s of model, as fast as it can"),
    ],
)  # fmt: skip
def test_the_state_in_words(status: Status | None, colour: str, words: str) -> None:
    assert speed_state(status) == (colour, words)


def test_a_failure_is_told_with_its_reason() -> None:
    error = NotFinite("A", "v", 12.5)
    colour, words = speed_state(Status(phase="failed", error=error))
    assert colour == "bad"
    assert words.startswith("A: v is not a finite number at 12.5 ms")


def test_numbers_in_words() -> None:
    assert time_words(12480.0) == "t = 12.480 s"
    assert spikes_words(1420.3) == "1\u2009420 spikes/s"
    assert spikes_words(0.5) == "0.5 spikes/s"
    assert spikes_words(0.0) == "0 spikes/s"


def test_the_strip_counts_the_circuit(strip: StatusStrip, session: Session) -> None:
    session.do(AddNode(Node("n1", "lif", "A", size=106)))
    session.do(AddNode(Node("n2", "lif", "B")))
    session.circuit.connect("n1", "n2")
    assert strip.counts.text() == "2 nodes, 1 link, 107 neurons"
    assert strip.settings.text() == "dt 0.025 ms \u00b7 seed 1 \u00b7 unsaved"


def test_a_message_is_shown_for_a_while(strip: StatusStrip, session: Session) -> None:
    session.message.emit("A is a source and takes no input")
    assert strip.message.isVisible()
    assert not strip.counts.isVisible()
    strip.clear_message()
    assert strip.counts.isVisible()


def test_a_short_preparation_does_not_flicker(
    strip: StatusStrip, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = RUNNING
    monkeypatch.setattr(Session, "status", property(lambda self: status))
    strip._show_status()
    assert strip.speed.whole_text() == "1 s = 20 ms of model, keeping up"
    status = Status(phase="preparing")
    strip._show_status()
    assert strip.speed.whole_text() == "1 s = 20 ms of model, keeping up"
    strip._show_status()
    assert strip.speed.whole_text() == "preparing \u2026"


def test_the_top_bar_names_the_document(qtbot: QtBot, dark: None, session: Session) -> None:
    bar = TopBar(session, SearchField("Search", "Ctrl K"))
    qtbot.addWidget(bar)
    assert (bar.document.whole_text(), bar.dirty.on) == ("Untitled", False)
    session.do(AddNode(Node("n1", "lif", "A")))
    assert bar.dirty.on
    session.undo()
    assert not bar.dirty.on
