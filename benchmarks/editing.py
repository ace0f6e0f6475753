"""Alive while you edit: from an edit of a running circuit to its first sample after it.

1,000 neurons and 10,000 links between single neurons, at the speed of the screen: the document, its
session and its engine alone, and the same in the real window with an oscilloscope, in turn.
"""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.support.plan import Plan, run
from benchmarks.support.report import Section, number
from neurocanvas import library
from neurocanvas.app import garbage
from neurocanvas.app.main import application
from neurocanvas.app.main_window import MainWindow
from neurocanvas.app.session import Session
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.edits import AddLink, AddNode, SetParameter, removal
from neurocanvas.model.elements import Link, Node
from neurocanvas.sim.messages import Barrier

NEURONS = 1000
LINKS = 10_000
PASTED = 100
PROBES = 4
PARAMETER_MS = 16.0
STRUCTURE_MS = 50.0
PATIENCE_S = 60.0
REST_S = 0.3
"""After an edit, until all that is drawn and looked at because of it is done."""
TEXT = (
    "1,000 neurons and 10,000 links between single neurons, running at 20 ms of model a second; "
    "from the edit to the first sample after it, ms of wall clock. In the window: offscreen, all "
    "of it in view, four probes on the oscilloscope. A paste begins with what was copied before."
)
Edits = tuple[Callable[[], object], Callable[[], object], bool]
"""What prepares an edit, the edit, and whether it changes the structure."""


def drawn(neurons: int = NEURONS, links: int = LINKS) -> Circuit:
    """Return a circuit as if drawn: every neuron a node, every synapse a link."""
    c = Circuit(library.registry(), dt=0.1, seed=1)
    random = np.random.default_rng(1)
    ids = [c.add("lif", size=1, x=40.0 * (k % 40), y=40.0 * (k // 40)) for k in range(neurons)]
    pairs = random.integers(0, neurons, (links, 2))
    for pre, post in pairs.tolist():
        c.connect(ids[pre], ids[post], "ampa", weight=0.2)
    drive = c.add("step_current", amplitude=320.0, start=0.0)
    for target in ids[:100]:
        c.connect(drive, target)
    return c


def spin(seconds: float) -> None:
    """Let the event loop run."""
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


def wait(condition: Callable[[], bool]) -> None:
    """Let the event loop run until something holds.

    Raises:
        TimeoutError: It never does.
    """
    end = time.perf_counter() + PATIENCE_S
    while not condition():
        if time.perf_counter() > end:
            raise TimeoutError("the engine does not go on")
        spin(0.02)


class Watch:
    """Notes when the first samples after an edit are recorded, in the runner's thread."""

    def __init__(self, session: Session) -> None:
        self._runner, self._append = session.runner, session.recorder.append
        self._serial = 0
        self.at: float | None = 0.0
        session.recorder.append = self._note  # type: ignore[method-assign]

    def begin(self, structure: bool) -> None:
        """Wait for samples from now on: of a circuit that was loaded anew, or of the next block."""
        self._serial = self._runner.status.serial + int(structure)
        self.at = None

    def _note(self, first_step: int, block: np.ndarray) -> None:
        self._append(first_step, block)
        if self.at is None and self._runner.status.serial >= self._serial:
            self.at = time.perf_counter()


class Reached(threading.Event):
    """Begins a watch where the runner has come to a message, in its thread."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch = watch

    def set(self) -> None:
        self._watch.begin(structure=False)
        super().set()


@dataclass
class Bench:
    """A running circuit, in a window or without one, and how long its edits took, in ms."""

    session: Session
    window: MainWindow | None
    times: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.edits = edits(self.session)
        self.watch = Watch(self.session)

    def do(self, name: str, keep: bool) -> None:
        """Do one of the edits while it runs."""
        prepare, edit, structure = self.edits[name]
        prepare()
        self.session.run()
        spin(REST_S)
        took = self._until_sample(edit, structure)
        spin(REST_S)
        self.session.pause()
        self.session.runner.drain()
        if keep:
            self.times.setdefault(name, []).append(took)

    def _until_sample(self, edit: Callable[[], object], structure: bool) -> float:
        """Return how long it takes from an edit to the first sample after it, in ms."""
        self.watch.at = 0.0
        began = time.perf_counter()
        if structure:
            self.watch.begin(structure)
            edit()
        else:
            # A block may be under way: the one after the change has been carried out counts.
            edit()
            self.session.runner._send(Barrier(Reached(self.watch)))
        wait(lambda: bool(self.watch.at))
        assert self.watch.at is not None
        return (self.watch.at - began) * 1e3

    def close(self) -> None:
        """End the engine, and the window if there is one."""
        self.session.undo_stack.setClean()
        if self.window is not None:
            self.window.close()
        self.session.close()


def bench(in_window: bool) -> Bench:
    """Return the circuit, loaded and run for a moment."""
    session = Session(drawn())
    window = MainWindow(session) if in_window else None
    if window is not None:
        window.show()
        spin(1.0)
    for node in list(session.circuit.nodes())[:PROBES]:
        session.add_probe(node.id)
    session.start()
    session.runner.drain()
    session.run()
    wait(lambda: session.recorder.now_ms > 0)
    session.pause()
    return Bench(session, window)


def edits(session: Session) -> dict[str, Edits]:
    """Return what is done, in turn, by name."""
    c = session.circuit
    nodes = [node for node in c.nodes() if node.kind == "lif"]
    link = next(k for k in c.links() if k.kind == "ampa")
    random = np.random.default_rng(2)

    def parameter() -> None:
        session.do(SetParameter(nodes[3].id, "V_th", -55.0 + float(random.uniform())))

    def weight() -> None:
        session.do(SetParameter(link.id, "weight", 0.2 + 0.1 * float(random.uniform())))

    def add() -> None:
        session.do(AddNode(Node(c.new_id("n"), "lif", c.free_label("New"))))

    def connect() -> None:
        a, b = (nodes[k].id for k in random.integers(0, len(nodes), 2))
        session.do(AddLink(Link(c.new_id("l"), a, b, "ampa", {"weight": 0.2})))

    def delete() -> None:
        session.do(removal(c, [nodes.pop().id]))

    def copy() -> None:
        session.select([node.id for node in nodes[:PASTED]])
        session.copy()

    def nothing() -> None:
        pass

    return {
        "change a parameter": (nothing, parameter, False),
        "change a weight": (nothing, weight, False),
        "add a neuron": (nothing, add, True),
        "connect two neurons": (nothing, connect, True),
        "delete a neuron": (nothing, delete, True),
        f"paste {PASTED} neurons": (copy, session.paste, True),
        "undo the paste": (nothing, session.undo, True),
    }


def measure(plan: Plan) -> list[Section]:
    """Return the table."""
    keep = application()
    benches = [bench(in_window=False), bench(in_window=True)]
    garbage.keep(keep)  # as the program does, once the engine is there
    names = list(benches[0].edits)
    for number_of_round in range(plan.rounds + 1):
        for name in names:
            for one in benches:
                one.do(name, keep=number_of_round > 0)
    for one in benches:
        one.close()
    # Qt's offscreen platform crashes at exit over what is left on its clipboard.
    keep.clipboard().clear()
    QApplication.processEvents()
    structure = {name: edit[2] for name, edit in benches[0].edits.items()}
    rows = tuple(_row(name, structure[name], benches) for name in names)
    header = ("edit", "ms", "worst", "in the window, ms", "worst", "must")
    return [Section("Editing a running circuit", header, rows, TEXT)]


def _row(name: str, structure: bool, benches: list[Bench]) -> tuple[str, ...]:
    limit = STRUCTURE_MS if structure else PARAMETER_MS
    found = [(statistics.median(b.times[name]), max(b.times[name])) for b in benches]
    verdict = "yes" if all(usual <= limit for usual, _ in found) else "NO"
    cells = [number(x) for pair in found for x in pair]
    return (name, *cells, f"{limit:.0f}: {verdict}")


if __name__ == "__main__":
    run(measure, __doc__)
