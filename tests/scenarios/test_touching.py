"""The hand: a person presses neurons while the circuit runs."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from test_bench_story import Bench, bench

__all__ = ["bench"]


def spike_count(bench: Bench, node: str) -> int:
    return len(bench.spikes(node, 1e9))


def test_the_mouse_of_the_palette_is_the_hand_at_the_bench(bench: Bench) -> None:
    palette, canvas = bench.window.palette_panel, bench.window.canvas
    index = palette.model.index(palette.model.row_of("touch"))
    palette.view.scrollTo(index)
    place = palette.view.visualRect(index).center()
    for on in (True, False):
        QTest.mouseClick(palette.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert canvas.touching is on
        assert (palette.view.lit == "touch") is on
        assert bench.window.menus["touch"].isChecked() is on


def test_a_click_makes_a_neuron_fire_and_a_press_gives_it_current(bench: Bench) -> None:
    canvas, session = bench.canvas, bench.session
    cell = canvas.place("lif", 0, 0)
    after = canvas.place("lif", 200, 0)
    canvas.connect(cell, after, "ampa")
    session.set_speed(200.0)
    bench.press(bench.transport.run_button)
    bench.qtbot.waitUntil(lambda: session.runner.status.time_ms > 5, timeout=60_000)
    assert spike_count(bench, cell) == 0

    canvas.key(Qt.Key.Key_T)
    undo_before = session.undo_stack.count()
    canvas.click(cell)
    bench.qtbot.waitUntil(lambda: spike_count(bench, cell) == 1)

    canvas.press(canvas.where(cell))
    bench.qtbot.waitUntil(lambda: spike_count(bench, cell) >= 4, timeout=60_000)
    strip = bench.window.strip
    assert strip.message.isVisible()
    assert "300 pA while you hold it" in strip.message.whole_text()
    canvas.release()
    assert not strip.message.isVisible()
    session.runner.drain()
    QTest.qWait(100)
    quiet = spike_count(bench, cell)
    QTest.qWait(300)
    assert spike_count(bench, cell) == quiet, "the current ends when the button is released"
    intervals = np.diff(bench.spikes(cell, 1e9)[1:])
    # 300 pA held: the closed form's interval, within a step for each of its ends.
    assert np.allclose(intervals, 2 + 20 * np.log(30 / 15), atol=0.06)
    assert session.undo_stack.count() == undo_before

    canvas.escape()
    canvas.click(cell)
    assert session.selection == (cell,)
    bench.press(bench.transport.run_button)
