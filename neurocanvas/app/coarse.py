"""Words about a time step that is too coarse, and about values brought into their range."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from neurocanvas.app.session import Session
from neurocanvas.model.circuit import Circuit

PAUSE_MS = 150
"""So long after the last edit the circuit is looked at: once, not at each step of a drag."""


def coarse_lines(circuit: Circuit) -> tuple[str, ...]:
    """Return what the time step of a circuit is too coarse for, a line each."""
    if not len(circuit):
        return ()  # the window opens so, and what follows takes long to load
    from neurocanvas.sim.timestep import timestep_warnings

    return tuple(timestep_warnings(circuit.snapshot(), circuit.kinds))


def clipped_lines(circuit: Circuit) -> tuple[str, ...]:
    """Return which distributions reach beyond what their parameters may be, a line each."""
    from neurocanvas.sim.clipping import clipping_warnings

    return tuple(clipping_warnings(circuit.snapshot(), circuit.kinds))


class CoarseStep(QObject):
    """Looks after the time step and the distributions of a session's circuit.

    Args:
        session: The document.

    Signals:
        changed: There are other words than before.
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[str, ...] = ()
        self.clipped: tuple[str, ...] = ()
        self._session = session
        self._later = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._later.timeout.connect(self.look)
        session.edited.connect(self._later.start)
        session.document_replaced.connect(self._later.start)
        self._later.start()

    def look(self) -> None:
        """Look at the circuit as it is now; what is new is said in the status bar."""
        circuit = self._session.circuit
        before = self.lines + self.clipped
        self.lines, self.clipped = coarse_lines(circuit), clipped_lines(circuit)
        now = self.lines + self.clipped
        if before == now:
            return
        new = [line for line in now if line not in before]
        if new:
            self._session.message.emit(new[0])
        self.changed.emit()
