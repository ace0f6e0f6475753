"""COBAHH: 4,000 Hodgkin-Huxley neurons with conductances (Brette et al. 2007, benchmark 3)."""

from __future__ import annotations

from benchmarks.support.networks import COBAHH
from benchmarks.support.plan import Plan, run
from benchmarks.support.ratios import NEST, RUNTIME, STANDALONE, Goal, network_section
from benchmarks.support.report import Section

GOALS = {STANDALONE: Goal(1.5, 2.5)}
TEXT = (
    "Brette et al. 2007, benchmark 3; dt 0.1 ms, delay 0.1 ms, 0.5 s of model; spikes are upward "
    "crossings of -20 mV. NeuroCanvas and Brian2: exponential Euler; NEST: hh_cond_exp_traub, "
    "adaptive. In NeuroCanvas the cell is a kind of the circuit's own, declared by its equations."
)


def measure(plan: Plan) -> list[Section]:
    """Return the table."""
    peers = (STANDALONE, RUNTIME, NEST)
    spec = COBAHH | {"duration": 500.0}
    return [network_section("COBAHH, 4,000 Hodgkin-Huxley", spec, peers, GOALS, plan, TEXT)]


if __name__ == "__main__":
    run(measure, __doc__)
