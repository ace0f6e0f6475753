"""Who does what where several threads advance one simulation.

Each thread has columns of its own: those of neurons, of the synapses that lie as they do and of
random sources are divided by pieces, everything else is the first thread's. A thread alone writes
to its columns, so nothing is ever added in another order than by a single one. Sources whose spikes
nobody needs one by one are drawn by whoever has time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from threading import Barrier, BrokenBarrierError, Thread
from typing import Any

import numpy as np
import numpy.typing as npt

from neurocanvas.sim.bundles import LIMIT
from neurocanvas.sim.native.items import Exported
from neurocanvas.sim.native.making import made
from neurocanvas.sim.plans import BEGIN, END, GROUP, PIECE, UNIT, Plan, Quick, plan_of, quick
from neurocanvas.sim.program import NEURON, Ints, Program
from neurocanvas.sim.runs import Runs

DIVIDE = Exported("neurocanvas.sim.compiling.placing", "divide")

COLUMNS_EACH = 5_000
"""So many neurons keep a thread busy for longer than it takes to meet others."""

SHARED = 512
"""Columns of a piece where several threads share them: small ones are divided evenly."""

SENDING = 0.2
"""What the first thread does alone, sending spikes off and recording, in parts of what it takes to
draw random spikes: of these it draws less, as the others begin with them meanwhile."""

Cuts = dict[int, Ints]
"""Number of a group -> what divides its columns: thread i has those from ``[i]`` to ``[i + 1]``."""


@dataclass(frozen=True)
class Share:
    """One thread's part of the work.

    Attributes:
        plan: Its rows of the plan.
        stages: Where the stages of a step begin, and where the last one ends; int64 of shape (4,).
        quick, quick_stages: The same for a step in which neurons do their synapses themselves.
    """

    plan: Ints
    stages: Ints
    quick: Ints
    quick_stages: Ints


@dataclass(frozen=True)
class Team:
    """The parts of all threads.

    Attributes:
        shares: One for each thread.
        cuts: Which columns of each group are whose.
        splits: For each run, the synapses that divide it; uint32 of (n_runs, n_threads - 1).
        quick: Which neurons do their synapses themselves.
        common: Rows of the plan that any thread may do when it has time, and where those begin
            that each does first; int64 of shape (threads + 1,).
        mixed: Whether synapses act on any neuron: all threads wait for these before the neurons.
    """

    shares: tuple[Share, ...]
    cuts: Cuts
    splits: npt.NDArray[np.uint32]
    quick: Quick
    common: tuple[Ints, Ints]
    mixed: bool

    def __len__(self) -> int:
        return len(self.shares)


def team(program: Program, runs: Runs, threads: int, silent: Sequence[int] = ()) -> Team:
    """Share out the work of a program.

    Args:
        program: The circuit.
        runs: Of its synapses.
        threads: How many threads there may be; one where synapses learn, whose order counts.
        silent: Numbers of the sources whose spikes nobody needs one by one. Of several threads,
            whoever has time draws them: in which order makes no difference.
    """
    if program.learning.sources:
        threads = 1
    plan = plan_of(program, PIECE if threads == 1 else SHARED)
    plan.rows[np.isin(plan.rows[:, GROUP], silent), UNIT] = -1
    others, random, serial, neurons = (
        np.arange(begin, end) for begin, end in pairwise(plan.turns.tolist())
    )
    anyones = random[plan.rows[random, UNIT] < 0] if threads > 1 else random[:0]
    first = max(0.0, (1 + SENDING) / threads - SENDING)
    uneven = [first, *[(1 - first) / max(1, threads - 1)] * (threads - 1)]
    even = [1 / threads] * threads
    random_of = _divided(np.setdiff1d(random, anyones), plan, uneven)
    neurons_of, columns_of = _divided(neurons, plan, even), _divided(anyones, plan, uneven)
    sooner = quick(program)
    shares = []
    for k in range(threads):
        own = others if k == 0 else others[:0]
        parts = (np.append(own, random_of[k]), serial if k == 0 else serial[:0], neurons_of[k])
        rows = np.ascontiguousarray(plan.rows[np.concatenate(parts)])
        stages = np.cumsum([0, *map(len, parts)])
        left, kept = sooner.rows(rows)
        shares.append(Share(rows, stages, left, np.searchsorted(kept, stages)))
    cuts = _cuts(
        [np.concatenate([s.plan, plan.rows[c]]) for s, c in zip(shares, columns_of, strict=True)]
    )
    splits = _splits(program, runs, cuts, threads)
    begins = np.cumsum([0, *map(len, columns_of)])
    common = (plan.rows[anyones], begins)
    return Team(tuple(shares), cuts, splits, sooner, common, len(serial) > 0)


def _divided(rows: Ints, plan: Plan, parts: Sequence[float]) -> list[Ints]:
    """Divide rows in order so that each thread has its part of the columns, but no piece."""
    columns = plan.rows[rows, END] - plan.rows[rows, BEGIN]
    _, piece = np.unique(plan.pieces[rows], return_inverse=True)
    of_piece = np.bincount(piece, columns, 1)
    middle = np.cumsum(of_piece) - of_piece / 2
    owner = np.searchsorted(np.cumsum(parts)[:-1], middle / max(of_piece.sum(), 1))[piece]
    return [rows[owner == k] for k in range(len(parts))]


def _cuts(rows_of: Sequence[Ints]) -> Cuts:
    """Return which columns of each group are whose, from the rows that threads have."""
    found: Cuts = {}
    for k, rows in enumerate(rows_of):
        for number, end in rows[:, [GROUP, END]].tolist():
            cuts = found.setdefault(number, np.zeros(len(rows_of) + 1, np.int64))
            cuts[k + 1 :] = np.maximum(cuts[k + 1 :], end)
    return found


def _splits(program: Program, runs: Runs, cuts: Cuts, threads: int) -> npt.NDArray[np.uint32]:
    """Return the synapses that divide each run among threads, by the columns they act on."""
    s = program.synapses
    found = np.empty((len(runs), threads - 1), np.uint32)
    if threads > 1:
        borders = _borders(program, cuts, threads)
        made(DIVIDE)(s.target, s.start, s.link, runs.first, borders, found)
    return found


def _borders(program: Program, cuts: Cuts, threads: int) -> Ints:
    """Return the arena places that divide the columns of each link; (n_links, threads - 1)."""
    links, slots = program.synapses.links, program.slots
    found = np.full((len(links), threads - 1), LIMIT)
    group = np.array([slots.group[slots.place(link)] for link in links], np.int64)
    for number in np.flatnonzero(np.bincount(group)).tolist():
        own = program.groups[number]
        if own.direct:
            middle = cuts[number][1:-1]
            places = own.offset + (middle >> 6) * own.source.stride
            places = np.where(middle == 0, 0, np.where(middle == own.n, LIMIT, places))
            found[group == number] = places
    return found


def worth(program: Program, spare: int = 0) -> int:
    """Return how many threads pay for a program: they meet in each step, and more than once.

    Args:
        program: The circuit.
        spare: How many of the processors that this process may use are left to others.
    """
    columns = sum(group.n for group in program.groups if group.stage == NEURON)
    return max(1, min(processors() - spare, columns // COLUMNS_EACH))


def processors() -> int:
    """Return how many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def together(parts: Sequence[Callable[[], Any]]) -> Any:
    """Do all parts at the same time, the first in this thread; return what it returns.

    They wait for each other, so none begins before all can.
    """
    if len(parts) == 1:
        return parts[0]()
    gate = Barrier(len(parts))
    others = [Thread(target=_after, args=(gate, part), daemon=True) for part in parts[1:]]
    try:
        for other in others:
            other.start()
        gate.wait()
    except BaseException:
        gate.abort()
        raise
    found = parts[0]()
    for other in others:
        other.join()
    return found


def _after(gate: Barrier, part: Callable[[], Any]) -> None:
    """Do a part if all others are there too."""
    try:
        gate.wait()
    except BrokenBarrierError:
        return
    part()
