"""Tables of contests: what each took, and how many times longer than NeuroCanvas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.support.contest import Contestant, Outcome, contest, ratio
from benchmarks.support.environments import COMPILER, OWN
from benchmarks.support.machine import load
from benchmarks.support.networks import Spec
from benchmarks.support.plan import Plan
from benchmarks.support.report import Section, number

OURS = "NeuroCanvas"
LIMIT = "C, the limit"
STANDALONE = "Brian2 C++ standalone"
RUNTIME = "Brian2 runtime"
NEURON = "NEURON"
ARBOR = "Arbor"
NEST = "NEST"

BUSY = 1.15
"""Wall clock over processor time above which others were at work on the machine."""


@dataclass(frozen=True)
class Goal:
    """By what factor a peer has to be slower than we are.

    Attributes:
        must, aim: The factors; for the limit below one.
    """

    must: float
    aim: float

    def said(self, factor: float) -> str:
        """Say whether it is reached."""
        words = f"{self.must:.2g} / {self.aim:.2g}"
        if factor != factor:
            return words
        return f"{words}: {'aim' if factor >= self.aim else 'yes' if factor >= self.must else 'NO'}"


def table(
    title: str,
    outcomes: Sequence[Outcome],
    goals: Mapping[str, Goal],
    cost: tuple[str, float],
    key: str = "cpu",
    text: str = "",
) -> Section:
    """Return the table of a contest; ours is the first outcome.

    Args:
        title: Its heading.
        outcomes: Of ``contest``.
        goals: Peer -> by what factor it has to be slower.
        cost: Name of the unit of the cost, and what to multiply seconds with to get it.
        key: ``"cpu"`` for one thread: what others take from the machine does not count; ``"wall"``
            where threads are compared.
        text: What was measured.
    """
    ours = outcomes[0]
    rows = []
    for outcome in outcomes:
        name = outcome.contestant.name
        if outcome.failure:
            rows.append((name, outcome.version, outcome.failure, "", "", "", "", ""))
            continue
        factor = ratio(outcome, ours, key)
        goal = goals[name].said(factor) if name in goals else ""
        spikes = outcome.median("spikes")
        rows.append((
            name, outcome.version, number(outcome.median(key) * cost[1]),
            number(outcome.median(key)), number(outcome.setup), f"{spikes:.0f}",
            "1" if outcome is ours else number(factor), goal,
        ))  # fmt: skip
    seconds = "CPU s" if key == "cpu" else "s"
    header = ("", "version", cost[0], seconds, "set-up s", "spikes", "x ours", "must / aim")
    return Section(title, header, tuple(rows), text, _notes(outcomes))


def _notes(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    pairs = [(run["wall"], run["cpu"]) for outcome in outcomes for run in outcome.runs]
    crowd = sum(wall for wall, _ in pairs) / max(1e-9, sum(cpu for _, cpu in pairs))
    rounds = max((len(outcome.runs) for outcome in outcomes), default=0)
    notes = [f"Rounds: {rounds}; medians, ratios within each round."]
    if crowd > BUSY:
        busy = (
            f"The machine was busy: wall clock was {crowd:.2f} x processor time, load {load():.1f}."
        )
        notes.append(busy)
    return tuple(notes)


def network_section(
    title: str,
    spec: Spec,
    peers: Sequence[str],
    goals: Mapping[str, Goal],
    plan: Plan,
    text: str = "",
) -> Section:
    """Return the table of a contest over a network.

    Args:
        title: Its heading.
        spec: The network.
        peers: Names of those who take part beside NeuroCanvas.
        goals: Peer -> by what factor it has to be slower.
        plan: How much to measure.
        text: What was measured.
    """
    outcomes = contest([contestant(name, spec) for name in (OURS, *peers)], plan.rounds)
    cost = ("ms per s of model", 1e6 / spec["duration"])
    return table(title, outcomes, goals, cost, text=text)


def contestant(name: str, spec: Spec) -> Contestant:
    """Return who takes part in a contest over networks."""
    match name:
        case "NeuroCanvas":
            return Contestant(name, OWN, "neurocanvas_networks", spec)
        case "NEST":
            return Contestant(name, "nest", "nest_networks", spec)
        case "C, the limit":
            steps = round(spec["duration"] / spec["dt"])
            task = {"work": "lif", "n": spec["n"], "steps": steps, "dt": spec["dt"]}
            return Contestant(name, COMPILER, "limit", task)
    mode = "runtime" if name == RUNTIME else "standalone"
    return Contestant(name, "brian2", "brian2_networks", spec | {"mode": mode})
