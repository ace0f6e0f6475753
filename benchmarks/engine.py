"""What a step costs: neurons alone, and one step of a small circuit, all included."""

from __future__ import annotations

import time

import numpy as np

from benchmarks.support.plan import Plan, run
from benchmarks.support.report import Section, number
from neurocanvas import Circuit
from neurocanvas.sim.compiling.compiler import compile_circuit
from neurocanvas.sim.simulation import Simulation


def cost_us(circuit: Circuit, steps: int, rounds: int) -> float:
    """Return the median cost of a step in microseconds."""
    simulation = Simulation(compile_circuit(circuit.snapshot(), circuit.kinds))
    simulation.advance(200)
    costs = []
    for _ in range(rounds):
        began = time.thread_time()
        simulation.advance(steps)
        costs.append((time.thread_time() - began) / steps * 1e6)
    return float(np.median(costs))


def driven(kind: str, n: int, dt: float, current: float, conductance: bool) -> Circuit:
    """Return a population with a current, and a rare spike into a conductance if asked for."""
    c = Circuit(dt=dt)
    node = c.add(kind, size=n)
    c.connect(c.add("step_current", amplitude=current), node)
    if conductance:
        c.connect(c.add("poisson", rate=10), node, "ampa", weight=0.1)
    return c


def measure(plan: Plan) -> list[Section]:
    """Return a row per circuit."""
    rows = []
    for kind, dt, current in (("hodgkin_huxley", 0.01, 800.0), ("lif", 0.1, 400.0)):
        for n in (1, 10, 100, 1000, 10_000):
            for conductance in (False, True):
                circuit = driven(kind, n, dt, current, conductance)
                cost = cost_us(circuit, max(200, 2_000_000 // max(n, 1000)), plan.rounds)
                name = f"{n} {kind}{' + ampa' if conductance else ''}"
                rows.append((name, number(cost), number(cost / n * 1e3)))
    text = (
        "NeuroCanvas alone: a population with a current, and with a rare spike into a conductance."
    )
    return [Section("A step", ("circuit", "us a step", "ns a cell"), tuple(rows), text)]


if __name__ == "__main__":
    run(measure, __doc__)
