"""A person at the bench, from an empty canvas to a file and back: in the real window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from driver import CanvasDriver, trigger
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

import neurocanvas as nc
from neurocanvas.app.instruments.oscilloscope import Oscilloscope
from neurocanvas.app.main_window import MainWindow
from neurocanvas.app.session import Session

LEFT = Qt.MouseButton.LeftButton
WAIT_MS = 60_000


class Bench:
    """The window and what a person does in it."""

    def __init__(self, qtbot: QtBot, window: MainWindow) -> None:
        self.qtbot, self.window = qtbot, window
        self.session: Session = window.session
        window.show()
        qtbot.waitExposed(window)
        self.canvas = CanvasDriver(qtbot, window.canvas)
        self.transport = window.top.transport

    def press(self, button) -> None:
        QTest.mouseClick(button, LEFT)

    def type_parameter(self, element: str, name: str, text: str) -> None:
        """Select an element and type a value into its row of the inspector."""
        self.canvas.click(element)
        self.qtbot.waitUntil(lambda: self._row(name) is not None)
        row = self._row(name)
        row.focus_field()
        row.field.selectAll()
        QTest.keyClicks(row.field, text)
        QTest.keyClick(row.field, Qt.Key.Key_Return)

    def _row(self, name: str):
        page = self.window.inspector.page
        tab = getattr(page, "parameters", None)
        return tab.rows.get(name) if tab is not None else None

    def add_probe(self, node: str) -> None:
        """Choose a probe of the membrane potential in the menu of the right button."""
        menu = self.canvas.menu_at(self.canvas.where(node))
        trigger(menu, "Add probe", "v")

    def run_until(self, time_ms: float) -> None:
        """Press Run, wait until the model has got there, and press Pause."""
        self.press(self.transport.run_button)
        self.qtbot.waitUntil(lambda: self.session.runner.status.time_ms >= time_ms, timeout=WAIT_MS)
        self.press(self.transport.run_button)
        self.session.runner.drain()

    @property
    def scope(self) -> Oscilloscope:
        return self.window.instruments.findChild(Oscilloscope)

    def spikes(self, node: str, stop_ms: float) -> np.ndarray:
        """Return the spikes that the recorder holds of a node, up to a time."""
        times, nodes, _ = self.session.recorder.spikes_between(0.0, stop_ms)
        return np.sort(times[nodes == self.session.recorder.node_number(node)])


@pytest.fixture
def bench(qtbot: QtBot, make_window: Callable[[], MainWindow]) -> Bench:
    return Bench(qtbot, make_window())


def test_build_run_undo_save_reopen(bench: Bench, tmp_path: Path) -> None:
    """Place, connect, run, read a spike, undo, redo, save, reopen: all alike."""
    canvas, session = bench.canvas, bench.session
    step = canvas.place("step_current", -200, 0)
    first = canvas.place("lif", 0, 0)
    second = canvas.place("lif", 200, 0)
    assert canvas.connect(step, first)
    synapse = canvas.connect(first, second, "ampa")
    assert session.circuit.link(synapse).kind == "ampa"
    bench.type_parameter(step, "amplitude", "0.5nA")
    bench.type_parameter(synapse, "weight", "40 nS")
    assert session.circuit.values(step)["amplitude"] == 500.0
    bench.add_probe(first)
    bench.add_probe(second)
    assert [p.number for p in session.circuit.bench.probes] == [1, 2]

    session.set_speed(200.0)
    bench.run_until(60.0)
    bench.qtbot.waitUntil(lambda: len(bench.scope.spike_times_on_screen(1)) >= 3)
    fired = bench.scope.spike_times_on_screen(1)
    # 500 pA: tau ln(50/35), then every refractory period later; within one step of 0.025 ms.
    expected = 20 * np.log(50 / 35)
    assert fired[0] == pytest.approx(expected, abs=0.025)
    assert fired[1] - fired[0] == pytest.approx(expected + 2.0, abs=0.05)
    assert len(bench.scope.spike_times_on_screen(2)) >= 1

    reached = session.runner.status.time_ms
    before = session.circuit.link_count()
    canvas.click(second)
    canvas.delete()
    assert second not in session.circuit
    canvas.undo()
    assert second in session.circuit
    assert session.circuit.link_count() == before
    canvas.redo()
    canvas.undo()
    session.runner.drain()
    assert session.runner.status.time_ms == reached, "undo never rewinds the dynamics"

    path = tmp_path / "story.neuro"
    session.save(path)
    bench.press(bench.transport.reset_button)
    session.runner.drain()
    bench.run_until(100.0)
    live = {node: bench.spikes(node, 100.0) for node in (first, second)}

    assert bench.window.open_path(path)
    bench.run_until(100.0)
    headless = nc.simulate(nc.load(path), 100.0)
    for node in (first, second):
        again = bench.spikes(node, 100.0)
        wanted = headless.spikes(node)
        assert len(wanted) >= 3
        np.testing.assert_array_equal(live[node], wanted[wanted < 100.0])
        np.testing.assert_array_equal(again, live[node])


def test_a_refused_link_changes_nothing_and_says_why(bench: Bench) -> None:
    canvas, session = bench.canvas, bench.session
    step = canvas.place("step_current", -200, 0)
    cell = canvas.place("lif", 0, 0)
    undo_before = session.undo_stack.count()
    canvas.drag_from_ring(cell, canvas.canvas.node_position(step))
    assert "is a source and takes no input" in bench.window.canvas.gesture.reason
    canvas.release()
    assert session.circuit.link_count() == 0
    assert session.undo_stack.count() == undo_before


def test_changing_things_while_it_runs_never_resets(bench: Bench) -> None:
    """Drag, connect, delete and type while the model runs: its clock only goes forward."""
    canvas, session = bench.canvas, bench.session
    step = canvas.place("step_current", -200, 0)
    cell = canvas.place("hodgkin_huxley", 0, 0)
    canvas.connect(step, cell)
    session.set_speed(100.0)
    bench.press(bench.transport.run_button)
    clock = [0.0]

    def goes_on() -> None:
        bench.qtbot.waitUntil(
            lambda: session.runner.status.time_ms > clock[-1] + 1.0, timeout=WAIT_MS
        )
        clock.append(session.runner.status.time_ms)

    goes_on()
    bench.type_parameter(step, "amplitude", "1 nA")
    goes_on()
    other = canvas.place("lif", 200, 0)
    canvas.connect(cell, other, "gaba_a")
    goes_on()
    canvas.drag(other, 40, 60)
    goes_on()
    canvas.click(other)
    canvas.delete()
    goes_on()
    canvas.undo()
    goes_on()
    assert session.running
    assert clock == sorted(clock)
    bench.press(bench.transport.run_button)


def test_a_value_with_the_wrong_unit_is_refused_in_words(bench: Bench) -> None:
    cell = bench.canvas.place("lif", 0, 0)
    bench.type_parameter(cell, "C_m", "5 mV")
    row = bench._row("C_m")
    assert "is not in pF" in row.reason.text()
    assert row.reason.isVisible()
    assert bench.session.circuit.values(cell)["C_m"] == 200.0


def test_copies_go_on_beside_the_original(bench: Bench) -> None:
    canvas, session = bench.canvas, bench.session
    step = canvas.place("step_current", -100, 0)
    cell = canvas.place("lif", 100, 0)
    canvas.connect(step, cell)
    canvas.select_all()
    canvas.copy()
    canvas.paste()
    assert len(session.circuit) == 4
    assert session.circuit.link_count() == 2
    assert len({node.label for node in session.circuit.nodes()}) == 4
    canvas.undo()
    assert len(session.circuit) == 2
