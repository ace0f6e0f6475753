"""A contest: some simulators do the same work in turn, A B C A B C, so that ratios are fair.

Each contestant is a process that stays from round to round (see ``peers/_worker.py``) and waits
while it is not its turn. The first round warms caches and is left out.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from benchmarks.support.environments import ROOT, python_of, why_missing

PEERS = ROOT / "benchmarks" / "peers"
ROUNDS = 5


@dataclass(frozen=True)
class Contestant:
    """Who takes part.

    Attributes:
        name: As shown.
        peer: Whose environment it needs.
        script: File in ``peers/``, without suffix.
        task: What it is asked to prepare.
    """

    name: str
    peer: str
    script: str
    task: dict[str, Any]


@dataclass
class Outcome:
    """What a contestant achieved.

    Attributes:
        contestant: Who.
        version: Of the simulator.
        setup: Seconds it took to prepare: import, build, compile.
        runs: Its answers, a round each, without the first.
        failure: Why it did not take part, or "".
    """

    contestant: Contestant
    version: str = ""
    setup: float = float("nan")
    runs: list[dict[str, Any]] = field(default_factory=list)
    failure: str = ""

    def median(self, key: str) -> float:
        """Return the median of a number over the rounds; NaN if there is none."""
        values = [run[key] for run in self.runs]
        return statistics.median(values) if values else float("nan")


def ratio(outcome: Outcome, base: Outcome, key: str) -> float:
    """Return the median over the rounds of how many times longer than ``base`` one took."""
    pairs = zip(outcome.runs, base.runs, strict=False)
    values = [one[key] / other[key] for one, other in pairs]
    return statistics.median(values) if values else float("nan")


class _Process:
    """A contestant at work."""

    def __init__(self, contestant: Contestant) -> None:
        self.outcome = Outcome(contestant)
        self._log: IO[str] = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        python = python_of(contestant.peer)
        self._child: subprocess.Popen[str] | None = None
        if python is None:
            self.outcome.failure = why_missing(contestant.peer)
            return
        self._child = subprocess.Popen(
            [python, str(PEERS / f"{contestant.script}.py"), json.dumps(contestant.task)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True, cwd=ROOT,
        )  # fmt: skip
        ready = self._answer()
        if ready:
            self.outcome.version, self.outcome.setup = ready["version"], ready["setup"]

    def run(self, order: dict[str, Any], counts: bool) -> None:
        """Have it do a round."""
        if self._child is None or self._child.stdin is None or self.outcome.failure:
            return
        self._child.stdin.write(json.dumps(order) + "\n")
        self._child.stdin.flush()
        answer = self._answer()
        if answer and counts:
            self.outcome.runs.append(answer)

    def _answer(self) -> dict[str, Any] | None:
        assert self._child is not None
        assert self._child.stdout is not None
        for line in self._child.stdout:
            if line.startswith("{"):  # before it is ready, a library may say what it is
                found: dict[str, Any] = json.loads(line)
                return found
        self._child.wait()
        self._log.seek(0)
        words = self._log.read().strip().splitlines() or ["no word"]
        self.outcome.failure = f"failed: {words[-1][:120]}"
        return None

    def close(self) -> None:
        """Let it end: its standard input does."""
        if self._child is not None:
            with self._child:
                pass
        self._log.close()


def contest(
    contestants: Sequence[Contestant], rounds: int = ROUNDS, warm: bool = True, **order: object
) -> list[Outcome]:
    """Let contestants do the same work in turn.

    Args:
        contestants: Who takes part; those that are missing get an outcome that says so.
        rounds: How often each works; a round more is done first if ``warm``, and left out.
        order: What each is told in every round; ``seed`` is the number of the round, from 1.

    Returns:
        An outcome each, in the same order.
    """
    processes: list[_Process] = []
    try:
        for contestant in contestants:
            processes.append(_Process(contestant))
        for number in range(0 if warm else 1, rounds + 1):
            for process in processes:
                process.run({"seed": max(number, 1), **order}, number > 0)
    finally:
        for process in processes:
            process.close()
    return [process.outcome for process in processes]
