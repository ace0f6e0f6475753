"""Does the window last? 20,000 frames of the real window with a running circuit.

Frames follow one another as fast as they can be painted; every hundredth, something is done that a
person would do. Printed are the memory of the process (resident set) and the references of None;
neither may grow with the frames, and the process must not abort.
With ``--small``, a fifth of the frames.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent

from benchmarks.support.plan import Plan, run
from benchmarks.support.report import Section
from neurocanvas import library
from neurocanvas.app import garbage
from neurocanvas.app.instruments.oscilloscope import Oscilloscope
from neurocanvas.app.main import application
from neurocanvas.app.main_window import MainWindow
from neurocanvas.app.session import Session
from neurocanvas.model.circuit import Circuit

FRAMES = 20_000
WARM_UP = 2_000  # kernels load, caches and rings fill
REPORTS = 10
PATIENCE_S = 120.0
STEADY_MB = 10.0
"""By how much memory may grow: caches and rings go on filling a while."""


def circuit() -> Circuit:
    """Two cells that inhibit each other and a population driven by Poisson spikes."""
    c = Circuit(library.registry())
    a = c.add("hodgkin_huxley", label="A", x=-150)
    b = c.add("hodgkin_huxley", label="B", x=150)
    pool = c.add("lif", label="Pool", size=100, x=0, y=160)
    noise = c.add("poisson", label="Noise", x=-150, y=160, rate=900.0)
    for cell in (a, b):
        drive = c.add("step_current", amplitude=900.0, x=c.node(cell).x, y=-140)
        c.connect(drive, cell)
    c.connect(a, b, "gaba_a")
    c.connect(b, a, "gaba_a")
    c.connect(noise, pool, "ampa")
    return c


def resident_mb() -> float:
    """Memory of this process that is in use, in MB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def do_something(k: int, session: Session, scope: Oscilloscope | None) -> None:
    """Change what a person changes, in turn; undo takes most of it back."""
    node = next(session.circuit.nodes())
    match k % 6:
        case 0:
            session.select([node.id])
        case 1 if scope is not None:
            scope.set_window(500.0 if scope.display.settings.window_ms < 500.0 else 200.0)
        case 2 if scope is not None:
            scope.set_held(not scope.display.held)
        case 3:
            session.undo()
        case 4 if scope is not None:
            scope.autoscale()
        case 5:
            session.select([])


def frames(session: Session, count: int, scope: Oscilloscope | None) -> None:
    """Paint so many frames."""
    for k in range(count):
        if k % 100 == 99:
            do_something(k // 100, session, scope)
        session.tick.emit()
        session.tock.emit()
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def wait_until_running(session: Session) -> bool:
    """Let the kernels compile; whether the circuit runs then."""
    end = time.monotonic() + PATIENCE_S
    while session.recorder.now_ms < 1.0 and time.monotonic() < end:
        QCoreApplication.processEvents()
        time.sleep(0.01)
    return session.recorder.now_ms >= 1.0


def measure(plan: Plan) -> list[Section]:
    """Return memory and references along the way.

    Raises:
        TimeoutError: The circuit does not run.
    """
    count = FRAMES // 5 if plan.small else FRAMES
    keep = application()
    session = Session(circuit())
    window = MainWindow(session)
    for node in session.circuit.nodes():
        if session.circuit.kind_of(node).family == "neuron":
            session.add_probe(node.id)
    window.resize(1500, 940)
    window.show()
    session.run()
    if not wait_until_running(session):
        raise TimeoutError("the circuit does not run")
    scope = window.findChild(Oscilloscope)
    garbage.keep(keep)  # as the program does, once the engine is there
    frames(session, WARM_UP, scope)
    rows, grown = _watch(session, scope, count)
    session.undo_stack.setClean()
    window.close()
    session.close()
    keep.processEvents()
    header = ("frames", "model ms", "RSS MB", "grown", "None refs", "fps")
    verdict = "steady" if grown < STEADY_MB else "IT GROWS"
    note = f"{count} frames, {grown:+.1f} MB: {verdict}."
    text = "Frames of the real window with a running circuit and a person at work on it."
    return [Section("Does the window last", header, tuple(rows), text, (note,))]


def _watch(
    session: Session, scope: Oscilloscope | None, count: int
) -> tuple[list[tuple[str, ...]], float]:
    """Paint so many frames; return a row for each part of them, and by how many MB it grew."""
    gc.collect()
    first, refs = resident_mb(), sys.getrefcount(None)
    rows = []
    for part in range(1, REPORTS + 1):
        begin = time.perf_counter()
        frames(session, count // REPORTS, scope)
        rate = count // REPORTS / (time.perf_counter() - begin)
        gc.collect()
        now = resident_mb()
        rows.append((
            f"{part * count // REPORTS}", f"{session.recorder.now_ms:.0f}", f"{now:.1f}",
            f"{now - first:.1f}", f"{sys.getrefcount(None) - refs}", f"{rate:.0f}",
        ))  # fmt: skip
    return rows, resident_mb() - first


if __name__ == "__main__":
    run(measure, __doc__)
