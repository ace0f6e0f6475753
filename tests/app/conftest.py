"""Windows for the tests, each with its session, and nothing running afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from neurocanvas.app import theme
from neurocanvas.app.inspector import Inspector
from neurocanvas.app.main_window import MainWindow
from neurocanvas.app.session import Session
from neurocanvas.sim.native.making import made
from neurocanvas.sim.recording.compiled import APPEND, DRAW, ENVELOPE


@pytest.fixture(scope="session", autouse=True)
def what_draws() -> None:
    """Have compiled what draws traces: a screen is empty until it is, and tests look at once."""
    for item in (APPEND, ENVELOPE, DRAW):
        made(item)


@pytest.fixture(autouse=True)
def no_widget_left_behind(qapp: QApplication) -> Iterator[None]:
    """Delete closed windows at once: every one that is left makes the next one slower."""
    yield
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def session(qapp: QApplication) -> Iterator[Session]:
    """An empty document; its engine starts only if a test asks for the runner."""
    made = Session()
    yield made
    made.close()


@pytest.fixture
def dark(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    """The dark theme, with the style sheet, as in the program."""
    monkeypatch.setenv(theme.ENVIRONMENT, "dark")
    theme.apply(qapp)


@pytest.fixture
def make_window(
    qtbot: QtBot, dark: None, session: Session, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], MainWindow]:
    """Makes the main window of the session; it closes without asking after the test."""

    def make() -> MainWindow:
        window = MainWindow(session)
        qtbot.addWidget(window, before_close_func=forget_changes)
        return window

    def forget_changes(window: MainWindow) -> None:
        session.undo_stack.setClean()
        window.editors.close_all()

    return make


@pytest.fixture
def inspector(qtbot: QtBot, dark: None, session: Session) -> Inspector:
    made = Inspector(session)
    qtbot.addWidget(made)
    made.resize(336, 900)
    with qtbot.waitExposed(made):
        made.show()
    return made
