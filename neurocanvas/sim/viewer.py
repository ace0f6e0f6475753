"""What the canvas sees of a simulation: one number a node, and the nodes of spikes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from neurocanvas.model.kinds import Kind, SourceKind
from neurocanvas.sim.program import NEURON, Floats, Ints, Program, places_of
from neurocanvas.sim.random import within
from neurocanvas.sim.simulation import Simulation
from neurocanvas.sim.status import Frame

SAMPLE = 256
"""Neurons of a population that its mean is taken over."""


class Viewer:
    """Knows where to look in the arena of one program.

    Args:
        program: The program.
        number_of: Gives a node id its number in the recorder.
    """

    def __init__(self, program: Program, number_of: Callable[[str], int]) -> None:
        self._ids = program.node_ids
        slots, n = program.slots, len(self._ids)
        group = slots.group[:n]
        self._sizes = np.minimum(slots.n[:n], SAMPLE)
        self._starts = np.cumsum(self._sizes) - self._sizes
        columns = np.repeat(slots.first[:n], self._sizes) + within(self._sizes)
        self._places = places_of(program.groups, np.repeat(group, self._sizes), columns)
        self._silent = np.array([_is_silent(g.kind) for g in program.groups], bool)[group]
        self._numbers = np.array([number_of(i) for i in self._ids], np.int32)
        self._program = program
        stages = [g.stage == NEURON for g in program.groups if g.unit >= 0]
        sizes = [g.n for g in program.groups if g.unit >= 0]
        self._is_neuron = np.repeat(np.array(stages, bool), sizes)

    def frame(self, simulation: Simulation) -> Frame:
        """Return the nodes as they are now."""
        values: Floats = np.zeros(0)
        if len(self._ids):
            values = np.add.reduceat(simulation.arena[self._places], self._starts) / self._sizes
            values[self._silent] = np.nan
        return Frame(simulation.time_ms, self._ids, values)

    def of_neurons(self, units: Ints) -> int:
        """Return how many of these spikes are those of neurons, not of sources."""
        return int(np.count_nonzero(self._is_neuron[units]))

    def place(self, units: Ints) -> tuple[Ints, Ints]:
        """Return (recorder's node number, which neuron) of units, each of shape (n,)."""
        nodes = self._numbers[self._program.unit_node[units]]
        return nodes.astype(np.int64), self._program.unit_index[units].astype(np.int64)


def _is_silent(kind: Kind) -> bool:
    return isinstance(kind, SourceKind) and bool(kind.events)
