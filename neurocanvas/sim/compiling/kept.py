"""Synapses of a program before that serve again: an edit leaves most of a large network as it was.

What an edit adds or takes away moves the columns of whole groups, so the synapses of a large source
node are those of before, each target so many places further on. To copy them takes a tenth of the
time that drawing and sorting them takes, or less.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from neurocanvas.sim.compiling.ordering import Int32s, Order
from neurocanvas.sim.program import Ints, Synapses

AT_ONCE = 1 << 16
"""Slices of which the targets are moved at once: there may be a hundred million synapses."""


@dataclass(frozen=True)
class Piece:
    """The synapses of one source node, and all that they follow from.

    Attributes:
        made_of: Links and their kinds, by rank: the same objects make the same synapses.
        shape: What else they follow from: numbers that are alike where they are.
        links: Number of each link among those that carry spikes.
        places: Arena place of the first column that each link acts on.
        unit, units: First unit of the source node, and how many it has.
    """

    made_of: tuple[object, ...]
    shape: tuple[float, ...]
    links: Ints
    places: Ints
    unit: int
    units: int

    def is_like(self, other: Piece) -> bool:
        """Whether its synapses are those of another piece, moved."""
        return (
            self.shape == other.shape
            and len(self.made_of) == len(other.made_of)
            and all(a is b for a, b in zip(self.made_of, other.made_of, strict=True))
        )


class Kept:
    """Remembers the pieces of programs as long as somebody has their synapses."""

    def __init__(self) -> None:
        self._known: list[tuple[weakref.ref[Synapses], Mapping[str, Piece]]] = []

    def remember(self, synapses: Synapses, pieces: Mapping[str, Piece]) -> None:
        """Remember what the synapses of some large source nodes follow from.

        Args:
            synapses: All of a program; nobody writes to them.
            pieces: Id of a source node -> its piece.
        """
        self._known = [(there, known) for there, known in self._known if there() is not None]
        if pieces:
            self._known.append((weakref.ref(synapses), pieces))

    def find(self, source: str, piece: Piece) -> tuple[Synapses, Piece] | None:
        """Return synapses that have a piece like this one, newest first, and where they have it."""
        for there, known in reversed(self._known):
            synapses, before = there(), known.get(source)
            if synapses is not None and before is not None and piece.is_like(before):
                return synapses, before
        return None


def take(order: Order, piece: Piece, synapses: Synapses, before: Piece) -> None:
    """Put the synapses of a piece in order, as they were before.

    Args:
        order: Takes them.
        piece: The piece as it is to be.
        synapses, before: Synapses with a piece like it, and where they have it.
    """
    owned = synapses.unit_slice[before.unit : before.unit + before.units + 1]
    first, last = owned[[0, -1]].tolist()
    starts = synapses.start[first : last + 1].astype(np.int64)
    numbers, moves = (np.zeros(len(synapses.links), np.int32) for _ in range(2))
    numbers[before.links], moves[before.links] = piece.links, piece.places - before.places
    link = synapses.link[first:last]
    every = slice(*starts[[0, -1]].tolist())
    at, target, weight = order.room(every.stop - every.start)
    weight[:] = synapses.weight[every]
    if len(alike := np.unique(piece.places - before.places)) == 1:
        np.add(synapses.target[every], np.int32(alike[0]), out=target)
    else:
        _move(target, synapses.target[every], starts - starts[0], moves[link])
    start = (starts[:-1] - starts[0] + at).astype(np.uint32)
    order.take(piece.unit, np.diff(owned), start, synapses.delay[first:last], numbers[link])


def _move(target: Int32s, before: Int32s, starts: Ints, moves: Int32s) -> None:
    """Write targets that have moved, those of each slice by so much."""
    for at in range(0, len(starts) - 1, AT_ONCE):
        some = starts[at : at + AT_ONCE + 1]
        own = slice(int(some[0]), int(some[-1]))
        far = np.repeat(moves[at : at + AT_ONCE], np.diff(some))
        np.add(before[own], far, out=target[own])
