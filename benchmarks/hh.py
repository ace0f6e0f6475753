"""Hodgkin-Huxley cells that each get a current: 1,000 of them, and 10."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.support.contest import Contestant, contest
from benchmarks.support.environments import COMPILER, OWN
from benchmarks.support.networks import HH_CELL
from benchmarks.support.plan import Plan, run
from benchmarks.support.ratios import (
    ARBOR,
    LIMIT,
    NEST,
    NEURON,
    OURS,
    RUNTIME,
    STANDALONE,
    Goal,
    table,
)
from benchmarks.support.report import Section

DT = 0.01
MUST_US, AIM_US = 1.5, 0.8
GOALS = {
    LIMIT: Goal(1 / 1.3, 1.0), STANDALONE: Goal(1.2, 1.2), NEURON: Goal(8, 8),
    RUNTIME: Goal(10, 10), NEST: Goal(40, 40),
}  # fmt: skip
TEXT = (
    "dt 0.01 ms, 8 uA/cm2 from the start. NeuroCanvas, Brian2 and the limit: exponential Euler; "
    "NEURON and Arbor: their own hh, implicit; NEST: hh_psc_alpha, adaptive."
)


def contestants(n: int, steps: int) -> list[Contestant]:
    """Return all who have Hodgkin-Huxley cells."""
    task = {"cell": HH_CELL, "n": n, "steps": steps, "dt": DT, "work": "hh"}
    return [
        Contestant(OURS, OWN, "neurocanvas_cells", task),
        Contestant(LIMIT, COMPILER, "limit", task),
        Contestant(STANDALONE, "brian2", "brian2_cells", task | {"mode": "standalone"}),
        Contestant(RUNTIME, "brian2", "brian2_cells", task | {"mode": "runtime"}),
        Contestant(NEURON, "neuron", "neuron_cells", task),
        Contestant(ARBOR, "arbor", "arbor_cells", task),
        Contestant(NEST, "nest", "nest_cells", task),
    ]


def measure(plan: Plan) -> list[Section]:
    """Return a table for many cells and one for few."""
    many, few = 5000, 20_000
    crowd = contest(contestants(1000, many), plan.rounds)
    handful = contest(contestants(10, few), plan.rounds)
    cost = ("us a step", 1e6 / few)
    small = table("Hodgkin-Huxley, 10 cells", handful, {}, cost, text=TEXT)
    return [
        table(
            "Hodgkin-Huxley, 1,000 cells", crowd, GOALS,
            ("ns a cell and step", 1e9 / 1000 / many), text=TEXT,
        ),
        replace(small, notes=(*small.notes, _few(handful[0].median("cpu") * cost[1]))),
    ]  # fmt: skip


def _few(us: float) -> str:
    """Say whether a step of few cells is as cheap as it has to be."""
    verdict = "aim" if us <= AIM_US else "yes" if us <= MUST_US else "NO"
    return f"NeuroCanvas must take {MUST_US} us a step, aim {AIM_US}: {verdict}."


if __name__ == "__main__":
    run(measure, __doc__)
