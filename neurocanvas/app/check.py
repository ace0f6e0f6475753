"""The check against the reference solution: a worker thread, how far it is, and what came out."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model.edits import Edit, Effect
from neurocanvas.model.elements import Snapshot
from neurocanvas.model.kinds import NeuronKind, Registry

if TYPE_CHECKING:
    from neurocanvas.app.session import Session
    from neurocanvas.sim.compare import Comparison
    from neurocanvas.sim.progress import Stretch

POLL_MS = 50
RECORDED = 100
"""Larger populations are compared by their spikes alone."""


class Stopped(Exception):
    """Ends the worker from inside, at the wish of the person."""


class ReferenceCheck(QObject):
    """Compares the circuit of a session with its reference solution.

    The result is kept until the circuit is changed in a way that matters.

    Args:
        session: The document.

    Signals:
        progressed: The part that is done, 0 to 1.
        changed: It has begun, ended, or its result is no longer true.
        finished: With the comparison.
        failed: With one line that says why there is none.
    """

    progressed = Signal(float)
    changed = Signal()
    finished = Signal(object)
    failed = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.comparison: Comparison | None = None
        self._session = session
        self._work: _Work | None = None
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._poll)
        session.edited.connect(self._edited)
        session.document_replaced.connect(self.forget)

    @property
    def running(self) -> bool:
        """Whether a check is under way."""
        return self._work is not None

    def look(self) -> Stretch | None:
        """Return how far the check under way is, once it is worth a word."""
        return self._work.told.look() if self._work is not None else None

    def toggle(self) -> None:
        """Begin a check, or stop the one that is under way."""
        if self.running:
            self.stop()
        else:
            self.start()

    def start(self) -> None:
        """Begin a check of the circuit as it is now, over the duration of its settings."""
        circuit = self._session.circuit
        record = {
            node.id: [kind.main]
            for node in circuit.nodes()
            if isinstance(kind := circuit.kind_of(node), NeuronKind)
            and not kind.placeholder
            and node.size <= RECORDED
        }
        self.forget()
        self._work = _Work(circuit.snapshot(), circuit.kinds, record)
        self._work.start()
        self._timer.start()
        self.changed.emit()

    def stop(self) -> None:
        """End the check that is under way without a result."""
        if self._work is not None:
            work, self._work = self._work, None
            self._timer.stop()
            work.stop()
            self.changed.emit()

    def close(self) -> None:
        """Join the worker's thread."""
        self.stop()

    def forget(self) -> None:
        """Drop the result; a check under way is stopped, for it is of another circuit."""
        self.stop()
        if self.comparison is not None:
            self.comparison = None
            self.changed.emit()

    def sentence(self, node_id: str) -> str:
        """Say in one sentence how a node was found, empty if it was not checked."""
        if self.comparison is None:
            return ""
        from neurocanvas.sim import compare

        node = self.comparison.of_node(node_id)
        if node is not None:
            return compare.node_sentence(node)
        traces = self.comparison.traces_of(node_id)
        return compare.trace_sentence(traces[0]) if traces else ""

    def agrees(self, node_id: str) -> bool:
        """Whether each spike of a node that was checked has its counterpart."""
        node = self.comparison.of_node(node_id) if self.comparison is not None else None
        return node is None or node.agrees

    def _edited(self, edit: Edit) -> None:
        if edit.effect in (Effect.PARAMETER, Effect.STRUCTURE):
            self.forget()

    def _poll(self) -> None:
        work = self._work
        if work is None:
            return
        self.progressed.emit(work.done)
        if work.is_alive():
            return
        self._work = None
        self._timer.stop()
        work.join()
        if isinstance(work.error, NeuroCanvasError):
            self.failed.emit(str(work.error))
        elif work.error is None:
            self.comparison = work.comparison
            self.finished.emit(work.comparison)
        self.changed.emit()
        if work.error is not None and not isinstance(work.error, NeuroCanvasError):
            raise work.error


class _Work(threading.Thread):
    """One comparison; only plain numbers are looked at while it works."""

    def __init__(self, snapshot: Snapshot, kinds: Registry, record: dict[str, list[str]]) -> None:
        super().__init__(name="reference check", daemon=True)
        from neurocanvas.sim.progress import Progress

        self.done = 0.0
        self.told = Progress()
        self.comparison: Comparison | None = None
        self.error: Exception | None = None
        self._snapshot, self._kinds, self._record = snapshot, kinds, record
        self._wanted = True

    def run(self) -> None:
        try:
            # Imported here: scipy and numba take their time.
            from neurocanvas.sim.compare import compare_snapshot

            self.comparison = compare_snapshot(
                self._snapshot,
                self._kinds,
                self._snapshot.settings.duration,
                self._record,
                progress=self._progress,
            )
        except Stopped:
            pass
        except Exception as error:  # noqa: BLE001 - handed to the thread that shows it
            self.error = error

    def _progress(self, done: float) -> None:
        if not self._wanted:
            raise Stopped
        self.done = done
        self.told("checking against the reference", done, 1.0)
        time.sleep(0)  # the window may want to paint

    def stop(self) -> None:
        """Ask for the end and wait for it."""
        self._wanted = False
        self.join()
