"""Brunel 2000: 12,500 integrate-and-fire neurons with 15.6 million synapses."""

from __future__ import annotations

from benchmarks.support.networks import brunel
from benchmarks.support.plan import Plan, run
from benchmarks.support.ratios import NEST, STANDALONE, Goal, network_section
from benchmarks.support.report import Section

GOALS = {NEST: Goal(4, 8)}
TEXT = (
    "Model A (excitatory and inhibitory neurons alike) with g 5 and eta 2, delta synapses, delay "
    "1.5 ms, dt 0.1 ms; every neuron has an external Poisson train of its own."
)


def measure(plan: Plan) -> list[Section]:
    """Return the table, at a tenth of the size if the plan is small."""
    spec = brunel(0.1 if plan.small else 1.0)
    synapses = spec["n"] * (spec["c_exc"] + spec["c_inh"])
    title = f"Brunel 2000, {spec['n']:,} LIF, {synapses / 1e6:.3g} million synapses"
    return [network_section(title, spec, (NEST, STANDALONE), GOALS, plan, TEXT)]


if __name__ == "__main__":
    run(measure, __doc__)
