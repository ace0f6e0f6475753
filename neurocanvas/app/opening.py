"""Large files are read in a thread: the present document stays until the new one is there."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from neurocanvas.errors import Cancelled, NeuroCanvasError
from neurocanvas.model.circuit import Circuit
from neurocanvas.sim.progress import Progress, Stretch

POLL_MS = 30
LARGE_BYTES = 300_000
"""What is larger, some thousands of links, takes so long that a window should not stand still."""

REST_S = 0.001
"""Rest after each part: reading is all Python, and the window wants its turn of it too."""


def is_large(path: Path) -> bool:
    """Whether a file is to be read in a thread."""
    try:
        return path.stat().st_size > LARGE_BYTES
    except OSError:
        return False  # what is wrong with it, whoever reads it will say


class Opening(QObject):
    """Reads one file at a time.

    Signals:
        opened: With the circuit, its path, and a line for each thing that is unknown in it.
        failed: With the error.
    """

    opened = Signal(object, object, object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reading: _Reading | None = None
        self._given_up: list[_Reading] = []
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._poll)

    @property
    def running(self) -> bool:
        """Whether a file is being read."""
        return self._reading is not None

    def begin(self, path: Path) -> None:
        """Read a file; one that is being read is given up."""
        self.stop()
        self._reading = _Reading(path)
        self._reading.start()
        self._timer.start()

    def stop(self) -> None:
        """Give up what is being read; the present document stays."""
        if self._reading is not None:
            reading, self._reading = self._reading, None
            self._timer.stop()
            reading.wanted = False
            self._given_up = [old for old in self._given_up if old.is_alive()] + [reading]

    def close(self) -> None:
        """Give up what is being read and wait for the threads."""
        self.stop()
        for reading in self._given_up:
            reading.join()

    def look(self) -> Stretch | None:
        """Return how far it is, once that is worth a word."""
        return self._reading.progress.look() if self._reading is not None else None

    def _poll(self) -> None:
        reading = self._reading
        if reading is None or reading.is_alive():
            return
        self._reading = None
        self._timer.stop()
        reading.join()
        if reading.circuit is not None:
            self.opened.emit(reading.circuit, reading.path, reading.report)
        elif isinstance(reading.error, NeuroCanvasError | OSError):
            self.failed.emit(reading.error)
        elif reading.error is not None:
            raise reading.error


class _Reading(threading.Thread):
    """One file.

    Attributes:
        wanted: Whether anybody waits for it still.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(name="opening a file", daemon=True)
        self.path = path
        self.circuit: Circuit | None = None
        self.report: tuple[str, ...] = ()
        self.error: Exception | None = None
        self.wanted = True
        self.progress = Progress(lambda: self.wanted)

    def run(self) -> None:
        from neurocanvas import library
        from neurocanvas.formats import native

        try:
            self.circuit, self.report = native.load(
                self.path, library.registry(), make=Circuit, tell=self._tell
            )
        except Cancelled:
            pass
        except Exception as error:  # noqa: BLE001 - handed to the thread that shows it
            self.error = error

    def _tell(self, what: str, done: float, total: float) -> None:
        self.progress(what, done, total)
        time.sleep(REST_S)
