"""The check against the reference in the window, and what is said of coarse time steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from neurocanvas.app import check as check_module
from neurocanvas.app.check_dialog import CheckDialog, CheckedWords
from neurocanvas.app.check_menu import STOP, TEXT
from neurocanvas.app.inspector_summary import SummaryPage
from neurocanvas.app.main_window import MainWindow
from neurocanvas.app.session import Session
from neurocanvas.model.distributions import Distribution
from neurocanvas.model.edits import MoveNodes, SetParameter, SetSettings

Make = Callable[[], MainWindow]
PATIENCE_MS = 60_000


def fill(session: Session, dt: float = 0.025, duration: float = 60.0) -> str:
    """A neuron that fires; returns its id."""
    circuit = session.circuit
    circuit.apply(SetSettings(replace(circuit.settings, dt=dt, duration=duration)))
    a = circuit.add("hodgkin_huxley", label="Axon")
    circuit.connect(circuit.add("step_current", amplitude=1000, start=2), a)
    circuit.connect(a, circuit.add("lif", label="Silent"), "ampa", weight=0.1)
    return a


@pytest.fixture
def window(make_window: Make, session: Session, qtbot: QtBot) -> MainWindow:
    made = make_window()
    with qtbot.waitExposed(made):
        made.show()
    return made


def run_check(window: MainWindow, qtbot: QtBot) -> CheckDialog:
    """Choose the check in the menu and wait for its dialog."""
    with qtbot.waitSignal(window.session.check.finished, timeout=PATIENCE_MS):
        window.menus["check"].trigger()
    qtbot.waitUntil(lambda: bool(window.findChildren(CheckDialog)))
    return window.findChildren(CheckDialog)[0]


def shown_words(window: MainWindow) -> CheckedWords:
    (found,) = window.inspector.findChildren(CheckedWords)
    return found


def test_the_check_shows_a_table_and_a_line_in_the_inspector(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    a = fill(session)
    session.select([a])
    dialog = run_check(window, qtbot)
    cells = [found.text() for found in dialog.findChildren(QLabel)]
    assert "All spikes as in the reference, " in cells[0]
    assert cells[0].endswith(" ms off")
    assert "0.000" not in cells[0]
    assert "60 ms of model at dt = 0.025 ms, seed 1." in cells[1]
    found = session.check.comparison
    assert found is not None
    node = found.of_node(a)
    assert node is not None
    assert node.engine == node.reference > 2
    spikes = dialog.tables[0][1]
    assert spikes[0] == "Axon"
    assert all(cell in cells for cell in spikes)
    words = shown_words(window)
    assert words.isVisible()
    assert words.words.text() == (
        f"Checked against solve_ivp: last spike {node.last_ms:.3f} ms off."
    )
    assert 0.0 < (node.last_ms or 0.0) < 0.2
    dialog.copy()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[1].split()[:3] == ["Axon", str(node.engine), str(node.reference)]
    dialog.close()


def test_a_node_without_spikes_tells_of_its_trace(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    fill(session)
    silent = session.circuit.find("Silent")
    assert silent is not None
    run_check(window, qtbot).close()
    session.select([silent.id])
    qtbot.waitUntil(lambda: bool(window.inspector.findChildren(CheckedWords)))
    assert shown_words(window).words.text().startswith("Checked against solve_ivp: v at most ")


def test_what_was_found_is_forgotten_with_an_edit_that_matters_and_kept_with_others(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    a = fill(session)
    session.select([a])
    run_check(window, qtbot).close()
    session.do(MoveNodes({a: (10.0, 10.0)}))
    assert shown_words(window).isVisible()
    session.do(SetParameter(a, "g_L", 31.0))
    assert session.check.comparison is None
    assert not shown_words(window).isVisible()
    assert session.check.sentence(a) == ""


def test_a_check_can_be_stopped_and_leaves_nothing(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    fill(session, duration=1e6)
    action = window.menus["check"]
    assert action.text() == TEXT
    with qtbot.waitSignal(
        session.check.progressed, timeout=PATIENCE_MS, check_params_cb=lambda done: done > 0
    ):
        action.trigger()
    assert action.text() == STOP
    qtbot.waitUntil(window.strip.work.isVisible, timeout=PATIENCE_MS)
    assert window.strip.work.words.whole_text() == "Checking against the reference"
    action.trigger()
    assert not session.check.running
    assert action.text() == TEXT
    assert session.check.comparison is None
    assert not window.findChildren(CheckDialog)


def test_an_edit_that_matters_stops_a_check_for_it_is_of_another_circuit(
    window: MainWindow, session: Session
) -> None:
    a = fill(session, duration=1e6)
    session.check.start()
    session.do(SetParameter(a, "g_L", 31.0))
    assert not session.check.running


def test_a_circuit_without_a_reference_is_said_in_the_banner(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    circuit = session.circuit
    poisson = circuit.kinds.get("poisson")
    own = replace(poisson, name="wanders", equations="dx/dt = -x", events="poisson(rate*x)")
    circuit.put_own_kind("wanders", own)
    circuit.add("wanders", label="Odd")
    with qtbot.waitSignal(session.check.failed, timeout=PATIENCE_MS):
        window.menus["check"].trigger()
    assert window.banner.isVisible()
    assert window.banner.words.text().startswith("Odd has no reference solution: ")


def test_closing_the_session_ends_a_check(session: Session) -> None:
    fill(session, duration=1e6)
    session.check.start()
    session.close()
    assert not session.check.running


def test_a_fault_in_the_worker_is_raised_where_it_is_shown(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(session)

    def broken(work: check_module._Work) -> None:
        work.error = ValueError("broken")

    monkeypatch.setattr(check_module._Work, "run", broken)
    session.check.start()
    work = session.check._work
    assert work is not None
    work.join()
    with pytest.raises(ValueError, match="broken"):
        session.check._poll()
    assert not session.check.running


def test_a_coarse_step_is_marked_in_the_status_bar_and_named_on_the_page_of_the_circuit(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    fill(session)
    page = window.inspector.page
    assert isinstance(page, SummaryPage)
    assert not page.coarse.isVisible()
    session.do(SetSettings(replace(session.circuit.settings, dt=0.1)))
    line = "Axon: m of Hodgkin\u2013Huxley changes within 0.214 ms, too fast for dt = 0.1 ms; "
    strip = window.strip
    qtbot.waitUntil(lambda: strip.settings.toolTip().startswith(line))
    assert page.coarse.isVisible()
    assert page.coarse.text() == line + "dt = 0.05 ms would do"
    assert strip.settings.property("coarse")
    assert strip.message.whole_text().startswith(line)
    session.do(SetSettings(replace(session.circuit.settings, dt=0.05)))
    qtbot.waitUntil(lambda: not strip.settings.toolTip())
    assert not page.coarse.isVisible()


def test_values_brought_into_their_range_are_said_with_the_name_of_the_node(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    node = session.circuit.add("lif", label="Crowd", size=50)
    session.do(SetParameter(node, "C_m", Distribution("normal", 100.0, 80.0)))
    page = window.inspector.page
    assert isinstance(page, SummaryPage)
    qtbot.waitUntil(lambda: window.strip.message.whole_text().startswith("Crowd: "))
    assert "Crowd: " in page.warnings.text()
    assert " of 50 values of C_m = normal(100 pF, 80 pF) are drawn again" in page.warnings.text()
    session.undo()
    qtbot.waitUntil(lambda: page.warnings.text() == "")
