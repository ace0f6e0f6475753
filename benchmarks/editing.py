"""Alive while you edit: from an edit of a running circuit to its first sample after it.

The document, its session and its engine as in the window, without the window: 1,000 neurons and
10,000 links between single neurons, at the speed of the screen.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np

from benchmarks.support.plan import Plan, run
from benchmarks.support.report import Section, number
from neurocanvas import library
from neurocanvas.app.main import application
from neurocanvas.app.session import Session
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.edits import AddLink, AddNode, SetParameter, removal
from neurocanvas.model.elements import Link, Node

NEURONS = 1000
LINKS = 10_000
PASTED = 100
PARAMETER_MS = 16.0
STRUCTURE_MS = 50.0
PATIENCE_S = 60.0
TEXT = (
    "1,000 neurons and 10,000 links between single neurons, running at 20 ms of model a second; "
    "from the edit to the first sample after it, ms of wall clock."
)


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


def wait(condition: Callable[[], bool]) -> None:
    """Look again and again until something holds.

    Raises:
        TimeoutError: It never does.
    """
    end = time.perf_counter() + PATIENCE_S
    while not condition():
        if time.perf_counter() > end:
            raise TimeoutError("the engine does not go on")
        time.sleep(2e-4)


def until_sample(session: Session, edit: Callable[[], object], structure: bool) -> float:
    """Return how long it takes from an edit to the first sample after it, in ms."""
    runner, serial = session.runner, session.runner.status.serial
    began = time.perf_counter()
    edit()
    if structure:
        wait(lambda: runner.status.serial > serial)
    else:
        runner.drain()
    reached = session.recorder.now_ms
    wait(lambda: session.recorder.now_ms > reached)
    return (time.perf_counter() - began) * 1e3


def edits(session: Session) -> list[tuple[str, Callable[[], object], bool]]:
    """Return what is done, in turn: (name, edit, whether it changes the structure)."""
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

    def paste() -> None:
        copy()
        session.paste()

    return [
        ("change a parameter", parameter, False),
        ("change a weight", weight, False),
        ("add a neuron", add, True),
        ("connect two neurons", connect, True),
        ("delete a neuron", delete, True),
        (f"paste {PASTED} neurons", paste, True),
        ("undo the paste", session.undo, True),
    ]


def measure(plan: Plan) -> list[Section]:
    """Return the table."""
    keep = application()
    session = Session(drawn())
    session.start()
    session.add_probe(next(session.circuit.nodes()).id, "v", 0)
    session.run()
    session.runner.drain()
    wait(lambda: session.recorder.now_ms > 0)
    times: dict[str, list[float]] = {}
    todo = edits(session)
    for number_of_round in range(plan.rounds + 1):
        for name, edit, structure in todo:
            took = until_sample(session, edit, structure)
            if number_of_round:
                times.setdefault(name, []).append(took)
    session.undo_stack.setClean()
    session.close()
    # Qt's offscreen platform crashes at exit over what is left on its clipboard.
    keep.clipboard().clear()
    rows = []
    for name, _, structure in todo:
        limit = STRUCTURE_MS if structure else PARAMETER_MS
        took = statistics.median(times[name])
        verdict = "yes" if took <= limit else "NO"
        rows.append((name, number(took), number(max(times[name])), f"{limit:.0f}: {verdict}"))
    return [
        Section("Editing a running circuit", ("edit", "ms", "worst", "must"), tuple(rows), TEXT)
    ]


if __name__ == "__main__":
    run(measure, __doc__)
