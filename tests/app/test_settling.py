"""After an edit the engine goes first: what the windows do at once, and what waits for it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from neurocanvas.app import session as session_module
from neurocanvas.app.canvas import CanvasView
from neurocanvas.app.inspector import Inspector
from neurocanvas.app.inspector_summary import SummaryPage
from neurocanvas.app.session import Session
from neurocanvas.model.edits import AddLink, AddNode, RemoveLink, SetParameter
from neurocanvas.model.elements import Link, Node
from neurocanvas.sim.status import Frame, Status


class Engine:
    """Stands where the runner stands; takes up an edit when the test says so."""

    def __init__(self, session: Session) -> None:
        self.status, self.frame = Status(phase="running", serial=1), Frame()
        self._session = session

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None

    def take_up(self) -> None:
        """The circuit is loaded; its first samples are still to come."""
        self.status = replace(self.status, serial=self.status.serial + 1)
        self._session._on_timer()

    def go_on(self) -> None:
        """The first samples are there."""
        recorder = self._session.recorder
        recorder.append(recorder.end - 1, np.zeros((0, 4)))
        self._session._on_timer()


@pytest.fixture
def engine(session: Session, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A session with a neuron ``n1``, on the screen, whose simulation runs."""
    session.do(AddNode(Node("n1", "lif", "A")))
    made = Engine(session)
    session._engine._runner = made  # type: ignore[assignment]
    session.set_visible(True)
    monkeypatch.setattr(session_module, "PATIENCE_S", math.inf)
    return made


@pytest.fixture
def window(qtbot: QtBot, dark: None) -> QWidget:
    """What the canvas lies in: Qt paints a window otherwise than what is part of one."""
    made = QWidget()
    made.resize(600, 400)
    qtbot.addWidget(made)
    return made


@pytest.fixture
def canvas(qtbot: QtBot, session: Session, engine: Engine, window: QWidget) -> CanvasView:
    view = CanvasView(session, window)
    view.resize(window.size())
    window.show()
    qtbot.waitExposed(window)
    return view


def heard(signal: Any) -> list[object]:
    """Return a list that grows whenever a signal is given."""
    calls: list[object] = []
    signal.connect(lambda *args: calls.append(args))
    return calls


def add(session: Session, name: str) -> None:
    session.do(AddNode(Node(name, "lif", name.upper(), x=200.0)))


def test_no_frame_is_drawn_until_the_run_goes_on_after_an_edit(session: Session, engine: Engine):
    settled, frames = heard(session.settled), heard(session.tick)
    tocks = heard(session.tock)
    add(session, "n2")
    assert session.settling
    for _ in range(4):
        session._on_timer()
    engine.take_up()
    assert (settled, frames, tocks) == ([], [], [])
    engine.go_on()
    assert not session.settling
    assert len(settled) == 1
    session._on_timer()
    assert len(frames) == len(tocks) == 1, "in turn"


def test_a_paused_circuit_settles_when_it_is_loaded(session: Session, engine: Engine):
    engine.status = replace(engine.status, phase="paused")
    add(session, "n2")
    assert session.settling
    engine.take_up()
    assert not session.settling


def test_an_edit_that_leaves_the_structure_settles_at_once(session: Session, engine: Engine):
    settled = heard(session.settled)
    session.do(SetParameter("n1", "C_m", 300.0))
    assert not session.settling
    assert len(settled) == 1


@pytest.mark.parametrize(
    "leave",
    [
        lambda session, monkeypatch: session.set_visible(False),
        lambda session, monkeypatch: session.new(),
        lambda session, monkeypatch: (
            monkeypatch.setattr(session_module, "PATIENCE_S", 0.0),
            session._on_timer(),
        ),
    ],
    ids=["hidden", "another document", "kernels take long"],
)
def test_nothing_waits_for_ever(
    session: Session, engine: Engine, leave: Callable, monkeypatch: pytest.MonkeyPatch
):
    add(session, "n2")
    settled = heard(session.settled)
    leave(session, monkeypatch)
    assert not session.settling
    assert settled


def test_while_kernels_are_compiled_only_the_edit_that_asks_for_them_waits(
    session: Session, engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    add(session, "n2")
    monkeypatch.setattr(session_module, "PATIENCE_S", 0.0)
    session._on_timer()
    session.do(SetParameter("n1", "C_m", 300.0))
    assert not session.settling


def test_the_canvas_catches_up_when_the_run_goes_on(
    session: Session, engine: Engine, canvas: CanvasView
):
    shown = heard_calls(canvas._scene, "show")
    add(session, "n2")
    session.do(AddNode(Node("n3", "lif", "C", x=-200.0)))
    session.select(["n2"])
    assert not canvas.updatesEnabled()
    assert shown == []
    engine.take_up()
    engine.go_on()
    assert len(shown) == 1, "once for both edits"
    assert canvas.updatesEnabled()
    assert canvas.scene.node_ids == ["n1", "n2", "n3"]
    assert canvas.marks.nodes.tolist() == [1]


def test_who_asks_for_the_scene_meanwhile_gets_it_as_it_is(
    session: Session, engine: Engine, canvas: CanvasView
):
    add(session, "n2")
    session.undo()
    add(session, "n2")
    assert canvas.node_position("n2") == canvas.scene_position(200.0, 0.0)
    session.do(SetParameter("n2", "C_m", 300.0))
    session.undo()
    session.undo()
    assert canvas.scene.node_ids == ["n1"]


def test_what_was_still_to_be_painted_is_painted_as_the_circuit_is_now(
    session: Session, engine: Engine, canvas: CanvasView, qtbot: QtBot
):
    """Qt paints what it was asked for before updates were switched off; a link may be gone then."""
    session.do(AddLink(Link("l1", "n1", "n1", "ampa", {"weight": 0.25})))
    engine.take_up()
    engine.go_on()
    canvas.backdrop.invalidate()
    painted = heard_calls(canvas.backdrop, "paint")
    canvas.update()
    session.do(RemoveLink("l1"))
    assert session.settling
    qtbot.waitUntil(lambda: bool(painted))
    assert canvas._scene.link_ids == []
    assert session.settling, "painted while the engine was still at it"
    engine.take_up()
    engine.go_on()
    assert canvas.updatesEnabled()


def heard_calls(owner: Any, name: str) -> list[object]:
    """Return a list that grows whenever a method is called."""
    calls: list[object] = []
    method = getattr(owner, name)

    def noted(*args: object, **kwargs: object) -> object:
        calls.append(args)
        return method(*args, **kwargs)

    setattr(owner, name, noted)
    return calls


def test_the_inspector_counts_when_the_run_goes_on(
    session: Session, engine: Engine, inspector: Inspector
):
    page = inspector.page
    assert isinstance(page, SummaryPage)
    before = page.counts.text()
    add(session, "n2")
    engine.take_up()
    assert page.counts.text() == before
    engine.go_on()
    assert page.counts.text().startswith("2 nodes")
