"""The cortical microcircuit of Potjans & Diesmann 2014: 77,169 neurons, 0.3 x 10^9 synapses."""

from __future__ import annotations

import os

from benchmarks.support.contest import Contestant, Outcome, contest
from benchmarks.support.environments import OWN
from benchmarks.support.microcircuit import potjans
from benchmarks.support.networks import POPULATIONS, POTJANS
from benchmarks.support.plan import Plan, run
from benchmarks.support.report import Section, number
from benchmarks.support.threads import takes_threads

WITHIN = 0.2
"""Part of its published rate by which that of a population may differ."""
TEXT = (
    "Eight nodes and their links: fixed total numbers of synapses, normal weights and delays, an "
    "independent Poisson train into every neuron; dt 0.1 ms; 1 s of model after 0.1 s to settle."
)


def measure(plan: Plan) -> list[Section]:
    """Return what it costs and the rates of its populations."""
    spec = potjans(0.1 if plan.small else 1.0)
    # Half the rounds: each takes long, and what is compared is not a ratio.
    rounds = max(1, plan.rounds // 2)
    threads = min(2, os.cpu_count() or 1) if takes_threads() else 1
    who = Contestant("NeuroCanvas", OWN, "neurocanvas_microcircuit", spec)
    (outcome,) = contest([who], rounds, warm=False, threads=threads)
    scale = "a tenth of its neurons and of their inputs" if plan.small else "full scale"
    if outcome.failure:
        return [Section(f"Microcircuit, {scale}", ("", ""), (("NeuroCanvas", outcome.failure),))]
    return [_costs(outcome, spec["n"], scale, threads), _rates(outcome, scale)]


def _costs(outcome: Outcome, neurons: int, scale: str, threads: int) -> Section:
    synapses = outcome.runs[0]["synapses"]
    rows = (
        ("neurons", f"{neurons:,}", ""),
        ("synapses", f"{synapses / 1e6:.4g} million", ""),
        ("ready to run, s", number(outcome.median("ready")), "120 / 60"),
        ("peak memory, GB", number(outcome.median("peak")), "6 / 4"),
        ("bytes of memory a synapse", number(outcome.median("peak") * 1e9 / synapses), ""),
        (f"s for 1 s of model, threads: {threads}", number(outcome.median("wall")), "12 / 6"),
        ("spikes in 1 s", f"{outcome.median('spikes'):.0f}", ""),
    )
    return Section(f"Microcircuit, {scale}: costs", ("", "", "must / aim"), rows, TEXT)


def _rates(outcome: Outcome, scale: str) -> Section:
    rows = []
    for k, name in enumerate(POPULATIONS):
        found = sum(answer["rates"][k] for answer in outcome.runs) / len(outcome.runs)
        published = POTJANS["rates"][k]
        off = found / published - 1
        verdict = "yes" if abs(off) <= WITHIN else "NO"
        rows.append((name, f"{found:.2f}", f"{published:.2f}", f"{100 * off:+.0f} %", verdict))
    header = ("population", "rate, Hz", "published", "off by", "within 20 %")
    return Section(f"Microcircuit, {scale}: rates", header, tuple(rows))


if __name__ == "__main__":
    run(measure, __doc__)
