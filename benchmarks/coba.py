"""COBA: 4,000 integrate-and-fire neurons with conductances (Brette et al. 2007, benchmark 1)."""

from __future__ import annotations

from benchmarks.support.networks import COBA
from benchmarks.support.plan import Plan, run
from benchmarks.support.ratios import NEST, RUNTIME, STANDALONE, Goal, network_section
from benchmarks.support.report import Section

GOALS = {STANDALONE: Goal(3, 6)}
TEXT = (
    "Brette et al. 2007, benchmark 1; dt 0.1 ms, delay 0.1 ms, 1 s of model. NeuroCanvas and "
    "Brian2: exponential Euler; NEST: iaf_cond_exp, adaptive."
)


def measure(plan: Plan) -> list[Section]:
    """Return the table."""
    peers = (STANDALONE, RUNTIME, NEST)
    return [network_section("COBA, 4,000 LIF", COBA, peers, GOALS, plan, TEXT)]


if __name__ == "__main__":
    run(measure, __doc__)
