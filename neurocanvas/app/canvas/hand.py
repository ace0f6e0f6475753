"""The hand at the bench: press a neuron and hold to give it current, click to make it fire.

What the hand does reaches the running simulation only; it is no part of the document.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt, QTimer

from neurocanvas.app.canvas.gestures import Gesture, Keys
from neurocanvas.app.canvas.picking import Hit
from neurocanvas.model.kinds import NeuronKind
from neurocanvas.model.quantity import format_quantity

if TYPE_CHECKING:
    from neurocanvas.app.canvas.view import CanvasView

CURRENT_PA = 500.0
"""Current that a pressed neuron gets if its kind does not say what it fires with."""
RATE_INPUT = 1.0
"""What a pressed rate unit gets instead: its inputs are plain numbers."""
CLICK_S = 0.2
"""A press shorter than this is a click."""


class Touch(Gesture):
    """One press on a neuron; the current flows from the first instant a press is no click."""

    cursor = Qt.CursorShape.PointingHandCursor

    def __init__(self, view: CanvasView, at: QPointF, keys: Keys, hit: Hit) -> None:
        super().__init__(view, at, keys)
        self._id = hit.id
        self._began = time.monotonic()
        self.holding = False
        self._later = QTimer(view, singleShot=True, interval=round(CLICK_S * 1000))
        self._later.timeout.connect(self._hold)
        self._later.start()

    def _hold(self) -> None:
        session = self.view.session
        kind = session.circuit.kind_of(self._id)
        takes_rate = isinstance(kind, NeuronKind) and kind.accepts == "rate"
        usual = (isinstance(kind, NeuronKind) and kind.drive) or CURRENT_PA
        current = RATE_INPUT if takes_rate else usual
        self.holding = True
        session.runner.hold(self._id, current)
        words = "an input of 1" if takes_rate else format_quantity(current, "pA")
        session.message.emit(f"{session.circuit.label_of(self._id)} gets {words} while you hold it")

    def _let_go(self) -> None:
        self._later.stop()
        self._later.deleteLater()
        if self.holding:
            self.view.session.runner.hold(self._id, 0.0)
            self.view.session.message.emit("")

    def finish(self) -> None:
        """Let go, or make it fire if it was a click."""
        clicked = not self.holding
        self._let_go()
        if clicked:
            fire(self.view, self._id)

    def cancel(self) -> None:
        """Let go."""
        self._let_go()


def touchable(view: CanvasView, hit: Hit) -> bool:
    """Whether what is under the cursor can be touched: a neuron."""
    if not hit or not view.session.circuit.has_node(hit.id):
        return False
    kind = view.session.circuit.kind_of(hit.id)
    return isinstance(kind, NeuronKind) and not kind.placeholder


def fire(view: CanvasView, node_id: str) -> None:
    """Make the neurons of a node fire, all together."""
    session = view.session
    kind = session.circuit.kind_of(node_id)
    if isinstance(kind, NeuronKind) and not kind.threshold:
        session.message.emit(f"{session.circuit.label_of(node_id)} has no spikes; hold it instead")
        return
    session.runner.kick(node_id)


HINT = "Touching: click a neuron to make it fire, press and hold to give it current. T ends it."
