"""What a frame of the canvas costs with many neurons and links, by what happens in it.

1000 nodes in a lattice with 5000 links between random ones, 1500 x 940 pixels; the time of the
thread of the window per frame, the event and the repaint together.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QPointF

from benchmarks.support.plan import Plan, run
from benchmarks.support.report import Section, number
from neurocanvas import library
from neurocanvas.app.canvas import CanvasView, picking
from neurocanvas.app.main import application
from neurocanvas.app.session import Session
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.edits import AddLink, AddNode
from neurocanvas.model.elements import Link, Node

NODES, LINKS, COLUMNS, APART = 1000, 5000, 40, 110.0
SIZE = (1500, 940)
FRAMES = 9
SCALES = (("all in view", 0.0), ("half of it", 0.45), ("at 100 %", 1.0))
NONE = np.zeros(0, dtype=np.int64)


def lattice() -> Circuit:
    circuit, rng = Circuit(library.registry()), np.random.default_rng(1)
    for i in range(NODES):
        place = {"x": i % COLUMNS * APART, "y": i // COLUMNS * APART}
        circuit.apply(
            AddNode(Node(f"n{i}", "hodgkin_huxley" if i % 5 else "lif", f"N{i}", **place))
        )
    for k in range(LINKS):
        pre, post = rng.integers(0, NODES, 2)
        circuit.apply(AddLink(Link(f"l{k}", f"n{pre}", f"n{post}", "ampa" if k % 4 else "gaba_a")))
    return circuit


def frames(act: Callable[[int], object], count: int = FRAMES) -> list[float]:
    """Milliseconds of processor time of each frame."""
    found = []
    for k in range(count):
        begin = time.thread_time()
        act(k)
        found.append(1e3 * (time.thread_time() - begin))
    return found


class Hand:
    """What somebody does on the canvas, a frame at a time."""

    def __init__(self, view: CanvasView) -> None:
        self.view, self.places = view, view.scene.centre.copy()

    def pan(self, k: int) -> None:
        self.view.look(self.view.camera.panned(7 if k % 2 else -7, 3))
        self.view.repaint()

    def exact(self, _: int) -> None:
        self.view.backdrop.invalidate()
        self.view.repaint()

    def zoom(self, k: int) -> None:
        """One turn of the wheel that has come to rest, until the picture is exact again."""
        if self.view.backdrop._making is None:
            self.view.zoom(1.1 if k % 8 < 4 else 1 / 1.1)
            self.view._settling.stop()
        else:
            self.view.make_exact()
        self.view.repaint()

    def pick(self, k: int) -> None:
        view = self.view
        picking.pick(
            view.scene, *view.camera.to_scene(QPointF(200 + 61 * k, 400)), view.camera.scale
        )

    def drag(self, rows: np.ndarray) -> list[float]:
        def move(k: int) -> None:
            self.view.scene.move(rows, self.places[rows] + 3.0 * k)
            self.view.repaint()

        self.view.lift(rows)
        self.view.repaint()
        found = frames(move)
        self.view.scene.move(rows, self.places[rows])
        self.view.lift(NONE)
        self.view.repaint()
        return found


def costs(view: CanvasView) -> dict[str, tuple[float, float]]:
    """Median and worst frame of everything, at the present zoom."""
    hand = Hand(view)
    view.repaint()
    picks = frames(hand.pick)
    found = {
        "pan": frames(hand.pan),
        "drag 5 nodes": hand.drag(np.arange(5)),
        "drag all nodes": hand.drag(np.arange(NODES)),
        "find what is under the cursor": picks[1:],
        "a frame after a zoom": frames(hand.zoom, 4 * FRAMES),
        "all painted at once": frames(hand.exact),
    }
    return {name: (float(np.median(times)), max(times)) for name, times in found.items()}


def measure(plan: Plan) -> list[Section]:
    """Return the table."""
    app = application()
    session = Session(lattice())
    view = CanvasView(session)
    view.resize(*SIZE)
    view.show()
    app.processEvents()
    table: dict[str, list[str]] = {}
    for _, scale in SCALES:
        view.fit()
        if scale:
            view.zoom(scale / view.camera.scale)
            view._settling.stop()
        for name, (usual, worst) in costs(view).items():
            table.setdefault(name, []).append(f"{number(usual)} ({number(worst)})")
    session.close()
    header = ("ms a frame (worst)", *(name for name, _ in SCALES))
    rows = tuple((name, *cells) for name, cells in table.items())
    return [Section("The canvas with 1000 nodes and 5000 links", header, rows, __doc__ or "")]


if __name__ == "__main__":
    run(measure, __doc__)
