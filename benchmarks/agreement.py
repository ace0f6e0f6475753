"""Do the simulators agree? Rate, irregularity and correlation of the same networks, over seeds.

Every seed is another draw of the network. Two simulators agree in a number where their means over
the seeds differ by no more than the spread over seeds allows: a fast wrong answer counts for
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple

import numpy as np

from benchmarks.support.contest import Outcome, contest
from benchmarks.support.networks import COBA, COBAHH, CUBA, Spec, brunel
from benchmarks.support.plan import Plan, run
from benchmarks.support.ratios import NEST, OURS, STANDALONE, contestant
from benchmarks.support.report import Section
from benchmarks.support.spikes import statistics

BEGIN_MS = 200.0
"""What comes before is how the network settles."""
SPREADS = 2.0
"""Standard deviations over the seeds, of both together, within which two means agree."""
HEADER = ("", "version", "rate, Hz", "CV of intervals", "correlation", "agrees")
TEXT = (
    "Means and standard deviations over seeds, each another draw of the network, from 200 ms on; "
    "correlation of spike counts in bins of 5 ms over 500 neurons. A number agrees where its "
    "mean is within two standard deviations (of both together) of that of NeuroCanvas."
)


def cases(small: bool) -> list[tuple[str, Spec]]:
    """Return the networks that are compared."""
    part = brunel(0.2 if small else 1.0) | {"duration": 700.0}
    return [
        ("CUBA", CUBA), ("COBA", COBA),
        ("COBAHH, dt 0.025 ms", COBAHH | {"dt": 0.025, "duration": 500.0}),
        (f"Brunel 2000, {part['n']:,} neurons", part),
    ]  # fmt: skip


def numbers(outcome: Outcome, spec: Spec) -> np.ndarray:
    """Return rate, CV and correlation of every run, shape (runs, 3)."""
    end = spec["duration"]
    found = [
        astuple(statistics(run["senders"], run["times"], spec["n"], BEGIN_MS, end))
        for run in outcome.runs
    ]
    return np.array(found).reshape(len(found), 3)


def rows(outcomes: Sequence[Outcome], spec: Spec) -> list[tuple[str, ...]]:
    """Return a row each; ours is the first."""
    ours = numbers(outcomes[0], spec)
    found = []
    for outcome in outcomes:
        head = (outcome.contestant.name, outcome.version)
        if outcome.failure:
            found.append((*head, outcome.failure, "", "", ""))
            continue
        theirs = numbers(outcome, spec)
        cells = [f"{x.mean():.3g} ± {x.std():.2g}" for x in theirs.T]
        off = [
            name
            for name, a, b in zip(("rate", "CV", "correlation"), ours.T, theirs.T, strict=True)
            if abs(a.mean() - b.mean()) > SPREADS * np.hypot(a.std(), b.std())
        ]
        verdict = "" if outcome is outcomes[0] else f"not in {', '.join(off)}" if off else "yes"
        found.append((*head, *cells, verdict))
    return found


def measure(plan: Plan) -> list[Section]:
    """Return a table for each network."""
    sections = []
    for title, spec in cases(plan.small):
        who = [contestant(name, spec) for name in (OURS, STANDALONE, NEST)]
        outcomes = contest(who, plan.rounds, warm=False, spikes=True)
        sections.append(Section(f"Agreement: {title}", HEADER, tuple(rows(outcomes, spec)), TEXT))
    return sections


if __name__ == "__main__":
    run(measure, __doc__)
