"""Does the engine disturb the window? Lateness of a 5 ms timer in the GUI thread.

The real window, with 1,000 Hodgkin-Huxley cells running as fast as they can, drawn at 60 Hz.
"""

from __future__ import annotations

import os
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer

from benchmarks.support.plan import Plan, run
from benchmarks.support.report import Section
from neurocanvas import library
from neurocanvas.app import garbage
from neurocanvas.app.main import application
from neurocanvas.app.main_window import MainWindow
from neurocanvas.app.session import Session
from neurocanvas.model.circuit import Circuit

PERIOD_MS = 5
SECONDS = 10.0
MUST_P99_MS, MUST_WORST_MS = 5.0, 16.0


def cells(n: int = 1000) -> Circuit:
    """Hodgkin-Huxley cells in one node, driven so that they fire, four of them on the scope."""
    c = Circuit(library.registry(), dt=0.025)
    node = c.add("hodgkin_huxley", label="Cells", size=n, x=200)
    c.connect(c.add("step_current", label="Drive", amplitude=800), node)
    return c


def spin(seconds: float) -> None:
    """Let the event loop run."""
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


def lateness(seconds: float) -> np.ndarray:
    """Return by how many ms each tick of a 5 ms timer was late."""
    late: list[float] = []
    last = [time.perf_counter()]

    def tick() -> None:
        now = time.perf_counter()
        late.append(max(0.0, (now - last[0]) * 1e3 - PERIOD_MS))
        last[0] = now

    timer = QTimer(interval=PERIOD_MS, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    timer.start()
    spin(seconds)
    timer.stop()
    return np.array(late[1:])


def measure(plan: Plan) -> list[Section]:
    """Return the lateness with the engine halted and running free."""
    keep = application()
    session = Session(cells())
    window = MainWindow(session)
    window.show()
    session.start()
    for index in range(4):
        session.add_probe(next(session.circuit.nodes()).id, "v", index)
    session.runner.set_speed(0)
    session.runner.drain()
    spin(2.0)
    garbage.keep(keep)  # as the program does, once the engine is there
    rows = []
    for name in ("halted", "running free"):
        if name != "halted":
            session.run()
            spin(2.0)
        late = lateness(SECONDS)
        p50, p99 = np.percentile(late, [50, 99])
        verdict = "yes" if p99 <= MUST_P99_MS and late.max() <= MUST_WORST_MS else "NO"
        must = f"{MUST_P99_MS:.0f}, {MUST_WORST_MS:.0f}: {verdict}"
        rows.append((name, f"{p50:.2f}", f"{p99:.2f}", f"{late.max():.2f}", must))
    status = session.runner.status
    note = f"The engine meanwhile: 1 s = {status.true_speed:.0f} ms of model, 1,000 cells."
    session.undo_stack.setClean()
    window.close()
    session.close()
    keep.processEvents()
    header = ("engine", "p50, ms", "p99, ms", "worst, ms", "must p99, worst")
    text = "By how much a 5 ms timer in the GUI thread is late, the window drawn at 60 Hz."
    return [Section("Lateness of the window", header, tuple(rows), text, (note,))]


if __name__ == "__main__":
    run(measure, __doc__)
