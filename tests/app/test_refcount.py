"""None and True keep their references: a guard against Qt bindings that lose one per call.

Such a binding brings the process down within seconds of a live window, without a traceback.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable

import pyqtgraph as pg
import pytest
from PySide6.QtCore import QObject, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

EMITS = 2000
SET_DATA = 500
ALLOWED = 10
WARM_UP = 30  # caches fill, windows get their first paint


class Source(QObject):
    """Emits to slots that return None and True, as slots do."""

    fired = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.heard = 0
        self.fired.connect(self.quietly)
        self.fired.connect(self.with_answer)
        self.fired.connect(lambda _: None)

    def quietly(self, _: object) -> None:
        self.heard += 1

    @Slot(object)
    def with_answer(self, _: object) -> bool:
        return True


class Eager(QWidget):
    """A widget whose overridden methods return None and True to Qt."""

    def event(self, event: object) -> bool:
        return True

    def mouseMoveEvent(self, event: object) -> None:
        return None


def drift(repeat: Callable[[], object], times: int) -> dict[str, int]:
    """How much the counts of None and True move while something is repeated."""
    for _ in range(WARM_UP):
        repeat()
    gc.collect()
    before = sys.getrefcount(None), sys.getrefcount(True)
    for _ in range(times):
        repeat()
    gc.collect()
    after = sys.getrefcount(None), sys.getrefcount(True)
    return {"None": after[0] - before[0], "True": after[1] - before[1]}


def assert_steady(found: dict[str, int]) -> None:
    # Python 3.12 and later keep None and True for ever: their counts do not move at all.
    assert all(abs(count) < ALLOWED for count in found.values()), found


def test_signals_and_slots(qapp: QApplication) -> None:
    source = Source()
    assert_steady(drift(lambda: source.fired.emit(None), EMITS))
    assert source.heard == EMITS + WARM_UP


def test_calls_that_return_none_and_true(qapp: QApplication) -> None:
    widget = QWidget()

    def calls() -> None:
        widget.setEnabled(True)
        widget.isEnabled()
        widget.update()

    assert_steady(drift(calls, EMITS))


def test_overridden_methods(qtbot: QtBot) -> None:
    widget = Eager()
    qtbot.addWidget(widget)
    left = Qt.MouseButton.LeftButton
    move = QMouseEvent(
        QMouseEvent.Type.MouseMove, QPointF(1, 1), QPointF(1, 1), left, left,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    assert_steady(drift(lambda: QApplication.sendEvent(widget, move), EMITS))


@pytest.mark.parametrize("shown", [False, True])
def test_set_data(qtbot: QtBot, shown: bool) -> None:
    plot = pg.PlotWidget()
    qtbot.addWidget(plot)
    if shown:
        plot.show()
        qtbot.waitExposed(plot)
    # A pen by name: numpy.issubdtype, which looks at colours given as tuples, keeps a None a call.
    curve = plot.plot([0.0, 1.0], [0.0, 1.0], pen="w")

    def set_data() -> None:
        curve.setData([0.0, 1.0, 2.0], [1.0, 0.0, 1.0])
        QApplication.processEvents()

    assert_steady(drift(set_data, SET_DATA))


def test_the_oscilloscope(qtbot: QtBot) -> None:
    import numpy as np

    # What a session loads when it has settled: modules refer to None too.
    import neurocanvas.sim.clipping
    import neurocanvas.sim.timestep  # noqa: F401
    from neurocanvas.app.instruments.oscilloscope import Oscilloscope
    from neurocanvas.app.session import Session
    from neurocanvas.sim.recording.recorder import Channel

    session = Session()
    node = session.circuit.add("lif", label="A")
    session.add_probe(node)
    session.recorder.configure([Channel(node, "v")], 0.1, 0)
    scope = Oscilloscope(session)
    qtbot.addWidget(scope)
    scope.show()
    qtbot.waitExposed(scope)
    block = np.full((1, 10), -65.0)

    def frame() -> None:
        session.recorder.append(session.recorder.end - 1, block)
        session.tick.emit()
        QApplication.processEvents()

    assert_steady(drift(frame, SET_DATA))
    session.close()
