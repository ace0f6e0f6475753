"""CUBA: 4,000 integrate-and-fire neurons with currents (Brette et al. 2007, benchmark 2)."""

from __future__ import annotations

from benchmarks.support.networks import CUBA
from benchmarks.support.plan import Plan, run
from benchmarks.support.ratios import LIMIT, NEST, RUNTIME, STANDALONE, Goal, network_section
from benchmarks.support.report import Section

GOALS = {STANDALONE: Goal(2.5, 4), RUNTIME: Goal(8, 15), NEST: Goal(6, 10)}

TEXT = (
    "Brette et al. 2007, benchmark 2; dt 0.1 ms, 1 s of model; exact solution. The limit is the "
    "update of the states alone, without synapses."
)


def measure(plan: Plan) -> list[Section]:
    """Return a table for each of two delays."""
    return [
        network_section(
            f"CUBA, 4,000 LIF, delay {delay} ms", CUBA | {"delay": delay}, (LIMIT, *GOALS), GOALS,
            plan, TEXT,
        )
        for delay in (0.1, 1.0)
    ]  # fmt: skip


if __name__ == "__main__":
    run(measure, __doc__)
