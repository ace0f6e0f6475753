"""What the driver does in a step, call by call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from neurocanvas.model.kinds import SourceKind
from neurocanvas.sim.program import PLASTICITY, SOURCE, Group, Ints, Program
from neurocanvas.sim.writing.inflows import SENT

GROUP, OFFSET, BEGIN, END, CONSTS, LINK, STREAM, UNIT = range(8)
"""Columns of a plan: which group; where its blocks begin in the arena; from which of its columns to
which; where its constants, its part of the index, its keys and its units begin, the last -1 where
nobody needs its spikes one by one.
"""

PIECE = 2048
"""Columns that are taken at once where several kernels work on the same: a whole number of blocks.

With their synapses, so many LIF neurons fill half a cache of the second level.
"""


@dataclass(frozen=True)
class Plan:
    """What the driver does in a step.

    Attributes:
        rows: int64 of shape (n, 8), one for each call of a kernel; see ``GROUP`` and the others.
        turns: Where each turn begins, and where the last one ends: sources; those of random
            spikes, whose trains are independent; synapses that act on any neuron; neurons with the
            synapses that lie as they do. Int64 of shape (5,).
        pieces: For each row, the number of its piece: rows of a piece take the same columns.
    """

    rows: Ints
    turns: Ints
    pieces: Ints


def plan_of(program: Program, piece: int = PIECE) -> Plan:
    """Return what the driver does in a step.

    A large neuron group and the synapses that lie as it does are taken piece by piece: what one
    kernel has just read and written is still in the cache when the next one needs it.

    Args:
        program: The circuit.
        piece: Columns of a piece, a whole number of blocks.
    """
    groups, direct = program.groups, _direct(program)
    rows: list[tuple[int, ...]] = []
    pieces: list[int] = []
    ends = [0, 0, 0, 0]
    for number in sorted(range(len(groups)), key=lambda k: _turn(program, k)):
        group = groups[number]
        if group.stage == PLASTICITY or group.direct:
            continue
        together = [*direct.get(number, []), number]
        # What acts on any neuron stays in one piece: only one thread may do it. Each call of a
        # source makes a table of what it draws from.
        size = (2 * piece, max(group.n, 1), piece)[group.stage]
        for begin in range(0, group.n, size):
            end = min(begin + size, group.n)
            rows += [_call(program, one, begin, end) for one in together]
            pieces += [len(pieces)] * len(together)
        turn = sum(_turn(program, number))
        ends[turn:] = [len(rows)] * (4 - turn)
    table = np.array(rows, dtype=np.int64).reshape(len(rows), UNIT + 1)
    return Plan(table, np.array([0, *ends]), np.array(pieces, np.int64))


@dataclass(frozen=True)
class Quick:
    """Which neurons do the synapses that act on them in their own loop.

    Attributes:
        taken: Number of a neuron group -> those of the groups that are done with it.
        index: ``Program.index``, and behind it what it says of these; see ``inflows``.
        link: Number of a neuron group -> where its part of that begins.
    """

    taken: Mapping[int, tuple[int, ...]]
    index: Ints
    link: Mapping[int, int]

    def rows(self, rows: Ints) -> tuple[Ints, Ints]:
        """Return the rows of a plan that are left, and which of all they were."""
        gone = [number for both in self.taken.values() for number in both]
        kept = np.flatnonzero(~np.isin(rows[:, GROUP], gone))
        found = rows[kept]
        for number, link in self.link.items():
            found[found[:, GROUP] == number, LINK] = link
        return found, kept


def quick(program: Program) -> Quick:
    """Return which neurons do their synapses themselves: where it makes no difference but in time.

    That is so where what can be done so is all that acts on them, and nobody else reads what they
    are or were a step ago.
    """
    taken: dict[int, tuple[int, ...]] = {}
    link, extra, at = {}, [program.index], len(program.index)
    for number, direct in _direct(program).items():
        groups = [program.groups[k] for k in direct]
        places = _entries(groups, program.index) if program.groups[number].source.takes else None
        if places is not None and not _others(program, number, groups):
            taken[number], link[number] = tuple(direct), at
            extra.append(np.array(places, np.int64))
            at += len(places)
    return Quick(taken, np.concatenate(extra), link)


def _entries(groups: Sequence[Group], index: Ints) -> list[int] | None:
    """Return what the index says of some groups; see ``inflows``.

    Args:
        groups: All that act on some neurons, in order.
        index: Where the links of each find what they read; see ``Program.index``.

    Returns:
        Places in the arena; None if these groups can't be done so.
    """
    found: list[int] = []
    sent = [-1, -1]
    for group in groups:
        inflow = group.source.inflow
        if inflow is None or sent[0] >= 0:
            return None
        numbers = (inflow.kept, inflow.current, inflow.conductance)
        constants = [group.consts + k if k >= 0 else -1 for k in numbers]
        if inflow.decays:
            found += [group.offset, *constants]
        else:
            sent = [int(index[group.link + 2]), constants[1]]
    if len(found) > SENT:
        return None
    return [*found, *[-1] * (SENT - len(found)), *sent]


def _others(program: Program, number: int, direct: Sequence[Group]) -> bool:
    """Whether others than some groups act on the neurons of a group, or look at them.

    Whoever does has a place of theirs in the index.
    """
    group, index = program.groups[number], program.index
    inside = (index >= group.offset) & (index < group.offset + group.columns * group.source.n_rows)
    for other in program.groups:
        if other.direct:
            # The distance between blocks, no place.
            inside[other.link + 1] = False
    return bool(inside.sum() > len(direct))


def _direct(program: Program) -> dict[int, list[int]]:
    """Return the groups that lie as neuron groups do, by the number of those."""
    found: dict[int, list[int]] = {}
    for number, group in enumerate(program.groups):
        if group.direct:
            post = program.links[group.elements[0]].post
            found.setdefault(program.slots[post].group, []).append(number)
    return found


def _turn(program: Program, number: int) -> tuple[int, int]:
    """Return when a group comes: sources that pour come after all others."""
    group = program.groups[number]
    pours = isinstance(group.kind, SourceKind) and group.kind.event_rate is not None
    return group.stage, int(pours or group.stage > SOURCE)


def _call(program: Program, number: int, begin: int, end: int) -> tuple[int, ...]:
    g = program.groups[number]
    return number, g.offset, begin, end, g.consts, g.link, g.stream, g.unit
