"""Words about a time step that is too coarse, and about values brought into their range."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from neurocanvas.app.session import Session
    from neurocanvas.sim.clipping import ClippingWatch
    from neurocanvas.sim.timestep import StepWatch

PAUSE_S = 0.15
"""So long after the last edit the circuit is looked at: once, not at each step of a drag."""


class CoarseStep(QObject):
    """Looks after the time step and the distributions of a session's circuit.

    Args:
        session: The document.

    Attributes:
        lines: What the time step is too coarse for, a line each.
        clipped: Which distributions reach beyond what their parameters may be, a line each.

    Signals:
        changed: There are other words than before.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.lines: tuple[str, ...] = ()
        self.clipped: tuple[str, ...] = ()
        self._session = session
        self._watches: tuple[StepWatch, ClippingWatch] | None = None
        self._due = time.perf_counter()
        session.edited.connect(self._wait)
        session.document_replaced.connect(self._begin_anew)
        session.tick.connect(self._look_if_due)

    def _wait(self, *_: object) -> None:
        self._due = time.perf_counter() + PAUSE_S

    def _look_if_due(self) -> None:
        if time.perf_counter() >= self._due:
            self._due = math.inf
            self.look()

    def look(self) -> None:
        """Look at the circuit as it is now; what is new is said in the status bar."""
        lines, clipped = self._found()
        before = self.lines + self.clipped
        if (lines, clipped) == (self.lines, self.clipped):
            return
        self.lines, self.clipped = lines, clipped
        new = [line for line in lines + clipped if line not in before]
        if new:
            self._session.message.emit(new[0])
        self.changed.emit()

    def _found(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        circuit = self._session.circuit
        if not len(circuit):
            return (), ()  # the window opens so, and what follows takes long to load
        if self._watches is None:
            from neurocanvas.sim.clipping import ClippingWatch
            from neurocanvas.sim.timestep import StepWatch

            self._watches = StepWatch(), ClippingWatch()
        step, clipping = self._watches
        snapshot, kinds = circuit.snapshot(), circuit.kinds
        return tuple(step.warnings(snapshot, kinds)), tuple(clipping.warnings(snapshot, kinds))

    def _begin_anew(self) -> None:
        self._watches = None
        if self.lines or self.clipped:
            self.lines = self.clipped = ()
            self.changed.emit()
        self._wait()
