"""Runs of synapses: all that a spike reaches with one delay, whichever links it goes along.

The slices of a source unit are sorted by delay and then by link, so those of one delay lie side by
side. A spike is sent along runs: a population that projects to eight others has an eighth of the
entries in the calendar, and what one of several threads adds of a run is one piece.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from neurocanvas.sim.program import Ints, Program

Int32s = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Runs:
    """Runs of all units, in order.

    Attributes:
        unit_run: Unit u owns runs ``unit_run[u]`` to ``unit_run[u + 1]``; int64.
        first: Run r has slices ``first[r]`` to ``first[r + 1]``; int32 of shape (n_runs + 1,).
        start: And synapses ``start[r]`` to ``start[r + 1]``; uint32 of shape (n_runs + 1,).
        delay: In steps; int32 of shape (n_runs,).
    """

    unit_run: Ints
    first: Int32s
    start: npt.NDArray[np.uint32]
    delay: Int32s

    def __len__(self) -> int:
        return len(self.delay)


def runs_of(program: Program) -> Runs:
    """Return the runs of a program: each slice alone where synapses learn, slice by slice.

    Inside a run the rank of the links rises: what threads add of it, each in its columns, are
    pieces that follow each other.
    """
    s, n = program.synapses, len(program.synapses.link)
    begins = np.ones(n + 1, bool)
    if not program.learning.sources:
        begins[1:n] = s.delay[1:] != s.delay[:-1]
        begins[s.unit_slice] = True
        if s.rank.any():
            rank = s.rank[s.link]
            begins[1:n] |= (rank[1:] <= rank[:-1]) & (rank[:-1] > 0)
    first = np.flatnonzero(begins)
    if len(first) > n:
        return Runs(s.unit_slice, first.astype(np.int32), s.start, s.delay)
    unit_run = np.searchsorted(first, s.unit_slice)
    return Runs(unit_run, first.astype(np.int32), s.start[first], s.delay[first[:-1]])
