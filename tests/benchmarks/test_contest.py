"""Who can't take part in a contest is named, and why; the others work on."""

from __future__ import annotations

import sys

import pytest

from benchmarks.support import contest as contests
from benchmarks.support.contest import Contestant, contest
from benchmarks.support.environments import OWN
from benchmarks.support.ratios import table

COUNTER = """
import sys; sys.path.insert(0, {peers!r})
from _worker import serve, timed
def prepare(task):
    print("what a library has to say")
    def run(seed):
        answer = {{"seed": seed, "spikes": task["spikes"]}}
        with timed(answer):
            sum(range(1000))
        return answer
    return run
serve("1.0", prepare)
"""


@pytest.fixture
def peers(tmp_path, monkeypatch):
    counter = COUNTER.format(peers=str(contests.PEERS))
    (tmp_path / "counter.py").write_text(counter, "utf-8")
    (tmp_path / "broken.py").write_text("raise SystemExit('no such model')\n", "utf-8")
    monkeypatch.setattr(contests, "PEERS", tmp_path)
    return tmp_path


def test_contestants_take_turns_and_those_who_cannot_are_named(peers):
    outcomes = contest(
        [
            Contestant("works", OWN, "counter", {"spikes": 3}),
            Contestant("breaks", OWN, "broken", {}),
            Contestant("is not there", "nobody", "counter", {}),
        ],
        rounds=2,
    )
    works, breaks, absent = outcomes
    assert [run["seed"] for run in works.runs] == [1, 2]  # and one before, which does not count
    assert works.version == "1.0"
    assert works.median("cpu") >= 0
    assert breaks.failure == "failed: no such model"
    assert absent.failure == "missing: make bench-venv"

    section = table("T", outcomes, {}, ("us", 1e6))
    assert [row[0] for row in section.rows] == ["works", "breaks", "is not there"]
    assert section.rows[2][2] == "missing: make bench-venv"


def test_the_interpreter_of_our_own_is_this_one():
    assert contests.python_of(OWN) == sys.executable
