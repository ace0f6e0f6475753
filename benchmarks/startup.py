"""How long does the window take? To the first paint, and from a click on run to a sample.

Each start is a process of its own; the first one warms the caches of the disk and is left out.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.support.plan import Plan, run
from benchmarks.support.report import Section

TARGET_MS = 500
LIMIT_MS = 700
COLD_S, WARM_S = 8.0, 0.3
LONG_OPEN_S = 2.5

CHILD = """
import sys, time, gc
gc.disable()  # as the program does
began = float(sys.argv[1])
marks = []
def mark(name):
    marks.append((name, (time.time() - began) * 1e3, time.process_time() * 1e3))
mark("interpreter")
import PySide6.QtWidgets
mark("Qt imported")
from neurocanvas.app.main import application, first_window, show
mark("program imported")
app = application()
mark("application styled")
window = first_window()
mark("window built")
def painted():
    mark("first paint")
    loaded = sorted({"numba", "scipy", "networkx", "pyqtgraph", "numpy"} & set(sys.modules))
    marks.append(loaded)
def opened():
    mark("circuit opened")
    loaded = marks.pop(-2)
    for name, at, busy in marks:
        print(f"{name}\\t{at}\\t{busy}")
    print("loaded\\t" + " ".join(loaded), flush=True)
    import os
    os._exit(0)
window.first_painted.connect(painted)
show(window, None)
window.first_painted.connect(opened)
app.exec()
"""

FIRST_SAMPLE = """
import gc, resource, sys, time
gc.disable()  # as the program does
from PySide6.QtCore import QTimer
from neurocanvas.app.main import application, first_window, show
app = application()
window = first_window()
session = window.session
painted, gaps = [], [time.perf_counter(), 0.0]
window.first_painted.connect(lambda: painted.append(time.perf_counter()))
show(window, None)
session.pause()
def until(done):
    while not done():
        app.processEvents()
        time.sleep(0.0005)
def tick():
    now = time.perf_counter()
    gaps[:] = now, max(gaps[1], now - gaps[0])
until(lambda: painted)
until(lambda: time.perf_counter() >= painted[0] + float(sys.argv[1]))
# Of who waits for a compiler, one wants to know how the window does meanwhile.
until(lambda: session.circuit.nodes())
gaps[0] = began = time.perf_counter()
timer = QTimer(interval=5)
timer.timeout.connect(tick)
timer.start()
session.run()
until(lambda: session.recorder.now_ms > 0)
took, late = time.perf_counter() - began, gaps[1]
compiler = "numba" in sys.modules
session.close()
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(took, late, used.ru_utime + used.ru_stime, int(compiler), flush=True)
import os
os._exit(0)
"""


@dataclass(frozen=True)
class FirstSample:
    """How long it took from a click on run to the first sample.

    Attributes:
        wall_s: Until then.
        late_s: By how much a timer of the window was late meanwhile, at worst.
        compiling_s: Processor time of the processes that compiled.
        compiler: Whether the window's own process had loaded the compiler.
    """

    wall_s: float
    late_s: float
    compiling_s: float
    compiler: bool


def start() -> tuple[dict[str, tuple[float, float]], str]:
    """Start the program once.

    Returns:
        Milestones, each in ms since the process began and in ms of processor time, and the heavy
        modules that are loaded at the first paint.
    """
    done = subprocess.run(
        [sys.executable, "-c", CHILD, repr(time.time())],
        env=_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    *rows, last = (line.split("\t") for line in done.stdout.splitlines())
    return {name: (float(at), float(busy)) for name, at, busy in rows}, last[1]


def _environment(**own: str) -> dict[str, str]:
    found = os.environ | {"QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")} | own
    # An installed program has its byte code beside it, whatever this shell prefers.
    found.pop("PYTHONDONTWRITEBYTECODE", None)
    return found


def measure(plan: Plan) -> list[Section]:
    """Return the median of each milestone, and of the first sample."""
    return [_first_paint(plan.rounds), _first_sample(plan.rounds)]


def _first_paint(rounds: int) -> Section:
    start()
    runs = [start() for _ in range(rounds)]
    before, rows = 0.0, []
    for name in runs[0][0]:
        at, busy = (statistics.median(times[name][k] for times, _ in runs) for k in (0, 1))
        rows.append((name, f"{at:.0f}", f"{at - before:.0f}", f"{busy:.0f}"))
        before = at
    spread = [times["first paint"][0] for times, _ in runs]
    notes = (
        f"First paint: {min(spread):.0f} to {max(spread):.0f} ms; must / aim: {LIMIT_MS} / "
        f"{TARGET_MS}.",
        f"Heavy modules loaded by then: {runs[0][1] or 'none'}.",
    )
    header = ("milestone", "ms", "+ms", "CPU ms")
    return Section("From the start to the first paint", header, tuple(rows), "", notes)


def first_sample(cache: str, after_s: float) -> FirstSample:
    """Open the window with the start-up sample and click on run.

    Args:
        cache: Folder of compiled code.
        after_s: When, counted from the first paint.
    """
    done = subprocess.run(
        [sys.executable, "-c", FIRST_SAMPLE, str(after_s)],
        env=_environment(NEUROCANVAS_CACHE=cache),
        capture_output=True,
        text=True,
        check=True,
    )
    wall, late, compiling, compiler = map(float, done.stdout.split()[-4:])
    return FirstSample(wall, late, compiling, bool(compiler))


def _first_sample(rounds: int) -> Section:
    with tempfile.TemporaryDirectory() as folder:
        cold = first_sample(folder, 0.0)
        first_sample(folder, LONG_OPEN_S)  # what is compiled ahead gets its time
        at_once = [first_sample(folder, 0.0) for _ in range(rounds)]
        open_long = [first_sample(folder, LONG_OPEN_S) for _ in range(rounds)]
    rows = (
        _row("nothing in the cache, clicked at once", [cold], COLD_S),
        _row("from the cache, clicked at once", at_once, WARM_S),
        _row(f"from the cache, window open for {LONG_OPEN_S:g} s", open_long, WARM_S),
    )
    text = "The window with the start-up sample: from the click on run to the first sample."
    header = ("kernels", "s", "must", "timer late by ms", "CPU s of compilers", "compiler loaded")
    return Section("The first sample", header, rows, text)


def _row(name: str, found: Sequence[FirstSample], most: float) -> tuple[str, ...]:
    wall, late, compiling = (
        statistics.median(values)
        for values in zip(*((f.wall_s, f.late_s, f.compiling_s) for f in found), strict=True)
    )
    said = f"{most:g}: {_said(wall, most)}"
    loaded = "yes" if any(f.compiler for f in found) else "no"
    return name, f"{wall:.2f}", said, f"{late * 1e3:.0f}", f"{compiling:.1f}", loaded


def _said(value: float, most: float) -> str:
    return "yes" if value <= most else "NO"


if __name__ == "__main__":
    run(measure, __doc__)
