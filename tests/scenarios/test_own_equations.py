"""A person writes equations of their own, and they run: in the real window."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from driver import CanvasDriver, trigger
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from scipy.integrate import solve_ivp

import neurocanvas as nc
from neurocanvas.app.equation_editor.dialog import EquationDialog
from neurocanvas.app.equation_editor.text_field import EquationField
from neurocanvas.app.equations_tab import EquationsTab
from neurocanvas.app.main_window import MainWindow
from neurocanvas.app.session import Session
from neurocanvas.sim.recording.recorder import Channel

LEFT = Qt.MouseButton.LeftButton
WAIT_MS = 60_000
EQUATIONS = """\
dv/dt = v - v**3/3 - w + I/I_one   # 1: Excitation
dw/dt = (v + a - b*w)/tau_w        # 1: Recovery"""
A, B, TAU, I_ONE = 0.7, 0.8, 12.5, 1000.0


def fitzhugh_nagumo(tau: float, current: float = 500.0):
    """The same equations for scipy."""
    return lambda t, y: (
        y[0] - y[0] ** 3 / 3 - y[1] + current / I_ONE,
        (y[0] + A - B * y[1]) / tau,
    )


class Writer:
    """The window, and what a person does in it and in the editor."""

    def __init__(self, qtbot: QtBot, window: MainWindow) -> None:
        self.qtbot, self.window = qtbot, window
        self.session: Session = window.session
        window.show()
        qtbot.waitExposed(window)
        self.canvas = CanvasDriver(qtbot, window.canvas)

    def click_in_palette(self, name: str) -> None:
        palette = self.window.palette_panel
        index = palette.model.index(palette.model.row_of(name))
        palette.view.scrollTo(index)
        at: QPoint = palette.view.visualRect(index).center()
        QTest.mouseClick(palette.view.viewport(), LEFT, pos=at)

    @property
    def dialog(self) -> EquationDialog:
        (found,) = self.window.editors.dialogs.values()
        return found

    def type(self, field: EquationField | QLineEdit, text: str) -> None:
        """Replace what stands in a field, key by key."""
        field.setFocus()
        field.selectAll()
        QTest.keyClick(field, Qt.Key.Key_Delete)
        for number, line in enumerate(text.split("\n")):
            if number:
                QTest.keyClick(field, Qt.Key.Key_Return)
            QTest.keyClicks(field, line)

    def type_cell(self, name: str, column: int, text: str) -> None:
        """Type into a cell of the table of parameters."""
        table = self.dialog.table
        row = [r.name for r in table.rows.rows].index(name)
        table.setCurrentIndex(table.rows.index(row, column))
        QTest.keyClick(table, Qt.Key.Key_Return)
        editor = table.findChild(QLineEdit)
        assert editor is not None
        editor.selectAll()
        QTest.keyClicks(editor, text)
        QTest.keyClick(editor, Qt.Key.Key_Return)
        # The view takes the text over when it comes to its events, and drops its editor.
        self.qtbot.waitUntil(lambda: table.findChild(QLineEdit) is None)

    def press(self, button) -> None:
        self.qtbot.waitUntil(button.isEnabled, timeout=WAIT_MS)
        QTest.mouseClick(button, LEFT)

    def say_yes(self) -> float:
        """Press OK and return how long it takes until the kind runs, in s."""
        serial = self.session.runner.status.serial
        self.qtbot.waitUntil(self.dialog.ok_button.isEnabled)
        start = time.perf_counter()
        QTest.mouseClick(self.dialog.ok_button, LEFT)
        self.qtbot.waitUntil(lambda: self.session.runner.status.serial > serial, timeout=WAIT_MS)
        taken = time.perf_counter() - start
        # The editor goes when Qt comes to it, which may be later.
        self.qtbot.waitUntil(lambda: not self.window.editors.dialogs)
        return taken

    def run_until(self, time_ms: float) -> None:
        run = self.window.top.transport.run_button
        runner = self.session.runner
        # Kernels may be compiled in another thread while the circuit before runs on.
        runner.drain()
        QTest.mouseClick(run, LEFT)
        self.qtbot.waitUntil(lambda: runner.status.time_ms >= time_ms, timeout=WAIT_MS)
        QTest.mouseClick(run, LEFT)
        runner.drain()

    def trace(
        self, node: str, start_ms: float, stop_ms: float, variable: str = "v"
    ) -> tuple[np.ndarray, np.ndarray]:
        return self.session.recorder.samples(Channel(node, variable, 0), start_ms, stop_ms)

    def write_fitzhugh_nagumo(self) -> str:
        """Open the editor, type everything, press OK; returns the id of the node."""
        before = {node.id for node in self.session.circuit.nodes()}
        self.click_in_palette("own_equations")
        dialog = self.dialog
        form = dialog.form.fields
        self.type(dialog.title, "My cubic cell")
        self.type(dialog.symbol, "CC")
        self.type(dialog.equations, EQUATIONS)
        self.type(form["threshold"], "v > v_spike")
        for name in ("reset", "refractory"):
            self.type(form[name], "")
        self.type(form["initial"], "v = -1.2\nw = -0.625")
        dialog.examine()
        assert dialog.found.undeclared == ("I_one", "a", "b", "tau_w", "v_spike")
        self.press(dialog.offers.buttons["Add all 5"])
        self.press(dialog.offers.buttons["Take away 7 unused"])
        for name, value in (("a", "0.7"), ("b", "0.8"), ("tau_w", "12.5 ms"), ("I_one", "1 nA")):
            self.type_cell(name, 1, value)
        self.type_cell("v_spike", 1, "1")
        dialog.examine()
        assert dialog.found.problems == ()
        self.say_yes()
        (node,) = {node.id for node in self.session.circuit.nodes()} - before
        return node


@pytest.fixture
def writer(qtbot: QtBot, make_window: Callable[[], MainWindow]):
    made = Writer(qtbot, make_window())
    yield made
    for dialog in list(made.window.editors.dialogs.values()):
        dialog.settle()
        dialog.close()
        dialog.preview.worker.wait()


def test_typed_equations_run_as_scipy_solves_them(writer: Writer, tmp_path: Path) -> None:
    """Type a model, press OK, connect a step, run, see the trace move; save it, open it again."""
    canvas, session = writer.canvas, writer.session
    step = canvas.place("step_current", -200, 0)
    session.circuit.set(step, amplitude=500.0)
    cell = writer.write_fitzhugh_nagumo()
    kind = session.circuit.kind_of(cell)
    assert (kind.name, kind.title, kind.symbol) == ("own_my_cubic_cell", "My cubic cell", "CC")
    assert [(p.name, p.default, p.unit) for p in kind.parameters] == [
        ("I_one", 1000.0, "pA"), ("a", 0.7, "1"), ("b", 0.8, "1"), ("tau_w", 12.5, "ms"),
        ("v_spike", 1.0, "1"),
    ]  # fmt: skip
    assert session.selection == (cell,)
    assert not writer.window.editors.dialogs
    assert canvas.connect(step, cell)
    trigger(canvas.menu_at(canvas.where(cell)), "Add probe", "v")
    session.set_speed(2000.0)  # not so fast that the recorder forgets how it began
    writer.run_until(100.0)

    times, values = writer.trace(cell, 0.0, 100.0)
    exact = solve_ivp(
        fitzhugh_nagumo(TAU), (0, 101), (-1.2, -0.625), "DOP853", times, rtol=1e-10, atol=1e-10
    )
    assert np.ptp(values) > 3.0, "the trace moves"
    # Fourth order at dt = 0.025 ms: errors far below what a screen shows.
    np.testing.assert_allclose(values, exact.y[0], atol=1e-5)

    path = tmp_path / "mine.neuro"
    session.save(path)
    text = path.read_text("utf-8")
    loaded = nc.load(path)
    nc.save(loaded, path)
    assert path.read_text("utf-8") == text
    result = nc.simulate(loaded, 100.0)
    np.testing.assert_array_equal(result[cell, "v"][1 : len(values)], values[: len(values) - 1])


def test_equations_are_replaced_under_the_running_cell(writer: Writer) -> None:
    """Edit the equations of a cell that runs: its state stays, the clock goes on, undo works."""
    canvas, session = writer.canvas, writer.session
    step = canvas.place("step_current", -200, 0)
    session.circuit.set(step, amplitude=500.0)
    cell = writer.write_fitzhugh_nagumo()
    canvas.connect(step, cell)
    session.add_probe(cell, "v")
    session.add_probe(cell, "w")
    session.set_speed(2000.0)  # not so fast that the recorder forgets how it began
    writer.run_until(40.0)
    reached = session.runner.status.time_ms
    last = writer.trace(cell, reached - 1.0, reached + 1.0)[1][-1]

    canvas.click(cell)
    tabs = writer.window.inspector
    label = session.circuit.node(cell).label
    writer.qtbot.waitUntil(lambda: tabs.page.header.label.text() == label)
    tabs.page.tabs.setCurrentIndex(1)
    tab = tabs.page.tabs.currentWidget()
    assert isinstance(tab, EquationsTab)
    assert tab.button.text() == "Edit equations\u2026"
    writer.press(tab.button)
    dialog = writer.dialog
    writer.type(dialog.equations, EQUATIONS.replace("/tau_w ", "/(tau_w*slower) "))
    dialog.examine()
    writer.press(dialog.offers.buttons["+ slower"])
    writer.type_cell("slower", 1, "2")
    writer.say_yes()
    assert len(session.circuit) == 2, "it is the same cell"
    assert session.runner.status.time_ms == reached
    assert session.circuit.values(cell)["slower"] == 2.0

    writer.run_until(reached + 50.0)
    times, values = writer.trace(cell, reached - 0.01, reached + 50.0)
    assert abs(values[0] - last) < 0.05, "v went on from where it was"
    state = (values[0], writer.trace(cell, reached - 0.01, reached + 50.0, "w")[1][0])
    exact = solve_ivp(
        fitzhugh_nagumo(2 * TAU), (times[0], times[-1]), state, "DOP853", times, rtol=1e-10,
        atol=1e-10,
    )  # fmt: skip
    np.testing.assert_allclose(values, exact.y[0], atol=5e-3)

    canvas.undo()
    session.runner.drain()
    assert "slower" not in session.circuit.values(cell)
    assert session.runner.status.time_ms >= reached + 50.0, "undo never rewinds"


def test_a_kind_of_the_users_comes_along_into_the_next_circuit(writer: Writer) -> None:
    """Save as user kind, begin a new circuit, place it from the palette: the circuit has a copy."""
    canvas, session = writer.canvas, writer.session
    writer.click_in_palette("own_equations")
    writer.type(writer.dialog.title, "Kept cell")
    writer.dialog.examine()
    writer.press(writer.dialog.keep_button)
    QTest.mouseClick(writer.dialog.cancel_button, LEFT)
    writer.qtbot.waitUntil(lambda: not writer.window.editors.dialogs)
    assert session.circuit.own_kinds == {}

    session.new()
    assert writer.window.palette_panel.model.row_of("own_kept_cell") > 0
    node = canvas.drop("own_kept_cell", 0, 0)
    assert session.circuit.kind_of(node).title == "Kept cell"
    assert list(session.circuit.own_kinds) == ["own_kept_cell"]
    canvas.undo()
    assert session.circuit.own_kinds == {}
    session.user_kinds.remove("own_kept_cell")
    assert writer.window.palette_panel.model.row_of("own_kept_cell") == -1


@pytest.mark.slow
def test_a_model_of_two_equations_runs_two_seconds_after_ok(writer: Writer) -> None:
    """What the window itself does until then; the kernel may be on disk from an earlier run."""
    session = writer.session
    session.circuit.add("lif")
    session.runner.drain()
    writer.click_in_palette("own_equations")
    dialog = writer.dialog
    writer.type(dialog.title, "Timed")
    writer.type(dialog.equations, "dv/dt = -v/10 + w + I/200\ndw/dt = (0.2*v - w)/30")
    for name in ("refractory", "initial"):
        writer.type(dialog.form.fields[name], "")
    writer.type(dialog.form.fields["threshold"], "v > 20")
    writer.type(dialog.form.fields["reset"], "v = 0")
    dialog.examine()
    assert dialog.found.problems == ()
    start = time.thread_time()
    writer.say_yes()
    # Processor time, as other programs may be running.
    assert time.thread_time() - start < 2.0
    assert session.runner.status.phase in ("paused", "running")
