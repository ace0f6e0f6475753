"""How long does the window take? From the start of the process to the first paint.

Each start is a process of its own; the first one warms the caches of the disk and is left out.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

STARTS = 7
TARGET_MS = 500
LIMIT_MS = 700

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


def main() -> None:
    """Print the median of each milestone."""
    start()
    runs = [start() for _ in range(STARTS)]
    before = 0.0
    print(f"{'milestone':<22}{'ms':>8}{'+ms':>8}{'cpu ms':>8}   median of {STARTS} starts")
    for name in runs[0][0]:
        at, busy = (statistics.median(times[name][k] for times, _ in runs) for k in (0, 1))
        print(f"{name:<22}{at:8.0f}{at - before:8.0f}{busy:8.0f}")
        before = at
    spread = [times["first paint"][0] for times, _ in runs]
    print(f"first paint: {min(spread):.0f} to {max(spread):.0f} ms; ", end="")
    print(f"target {TARGET_MS}, limit {LIMIT_MS}; loaded by then: {runs[0][1]}")


if __name__ == "__main__":
    main()
