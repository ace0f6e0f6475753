"""Does the engine disturb the window? Lateness of a 5 ms timer in the GUI thread.

The real window, with 1,000 Hodgkin-Huxley cells running as fast as they can, drawn at 60 Hz.
"""

from __future__ import annotations

import os
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer

from neurocanvas import library
from neurocanvas.app.main import application
from neurocanvas.app.main_window import MainWindow
from neurocanvas.app.session import Session
from neurocanvas.model.circuit import Circuit

PERIOD_MS = 5
SECONDS = 10.0


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


def main() -> None:
    """Print the lateness with the engine halted and running free."""
    application()
    session = Session(cells())
    window = MainWindow(session)
    window.show()
    session.start()
    for index in range(4):
        session.add_probe(next(session.circuit.nodes()).id, "v", index)
    session.runner.set_speed(0)
    session.runner.drain()
    spin(2.0)
    for name in ("halted", "running free"):
        if name != "halted":
            session.run()
            spin(2.0)
        late = lateness(SECONDS)
        p50, p99 = np.percentile(late, [50, 99])
        words = f"p50 {p50:5.2f}  p99 {p99:5.2f}  worst {late.max():5.2f} ms"
        print(f"{name:13s} timer late by {words}")
    status = session.runner.status
    print(f"the engine meanwhile: 1 s = {status.true_speed:.0f} ms of model, 1000 cells")
    window.close()
    session.close()


if __name__ == "__main__":
    main()
