"""How long does the window take? From the start of the process to the first paint.

Each start is a process of its own; the first one warms the caches of the disk and is left out.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

from benchmarks.support.plan import Plan, run
from benchmarks.support.report import Section

TARGET_MS = 500
LIMIT_MS = 700
COLD_S, WARM_S = 8.0, 0.3

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
from neurocanvas.app.main import application, show
from neurocanvas.app.main_window import MainWindow
from neurocanvas.app.session import Session
mark("program imported")
app = application()
mark("application styled")
window = MainWindow(Session())
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
import time
from neurocanvas.app.main import application
from neurocanvas.app.session import Session
from neurocanvas.formats.samples import start_up
app = application()
session = Session()
session.open(start_up().path)
session.add_probe(next(n.id for n in session.circuit.nodes()
                       if session.circuit.kind_of(n).family == "neuron"))
def first():
    began = time.perf_counter()
    session.run()
    session.start()
    while session.recorder.now_ms <= 0:
        time.sleep(0.0005)
    return time.perf_counter() - began
one = first()
session.pause()
session.reset()
session.runner.drain()
print(one, first(), flush=True)
import os
os._exit(0)
"""


def start() -> tuple[dict[str, tuple[float, float]], str]:
    """Start the program once.

    Returns:
        Milestones, each in ms since the process began and in ms of processor time, and the heavy
        modules that are loaded at the first paint.
    """
    environment = os.environ | {"QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    # An installed program has its byte code beside it, whatever this shell prefers.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, repr(time.time())],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    *rows, last = (line.split("\t") for line in done.stdout.splitlines())
    return {name: (float(at), float(busy)) for name, at, busy in rows}, last[1]


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
        f"Loaded by then: {runs[0][1]}.",
    )
    header = ("milestone", "ms", "+ms", "CPU ms")
    return Section("From the start to the first paint", header, tuple(rows), "", notes)


def first_sample(cache: str) -> tuple[float, float]:
    """Return the seconds from a click on run to the first sample: a first time, and once more.

    Args:
        cache: Folder of compiled code.
    """
    own = {"NEUROCANVAS_CACHE": cache, "NUMBA_CACHE_DIR": cache}
    done = subprocess.run(
        [sys.executable, "-c", FIRST_SAMPLE],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"} | own,
        capture_output=True,
        text=True,
        check=True,
    )
    first, again = map(float, done.stdout.split()[-2:])
    return first, again


def _first_sample(rounds: int) -> Section:
    with tempfile.TemporaryDirectory() as folder:
        cold = first_sample(folder)
        warm = [first_sample(folder) for _ in range(rounds)]
    kept = statistics.median(first for first, _ in warm)
    again = statistics.median(second for _, second in warm)
    rows = (
        ("nothing in the cache", f"{cold[0]:.2f}", f"{COLD_S:.0f}: {_said(cold[0], COLD_S)}"),
        ("from the cache", f"{kept:.2f}", f"{WARM_S}: {_said(kept, WARM_S)}"),
        ("after a reset, in memory", f"{again:.3f}", ""),
    )
    text = (
        "The start-up sample in a process of its own: from the click on run to the first "
        "sample, the import of numba included."
    )
    return Section("The first sample", ("kernels", "s", "must"), rows, text)


def _said(value: float, most: float) -> str:
    return "yes" if value <= most else "NO"


if __name__ == "__main__":
    run(measure, __doc__)
