"""Units without dynamics in the reference solution: updated on the grid of time steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from neurocanvas.model.kinds import NeuronKind
from neurocanvas.sim.reference.dynamics import Dynamics
from neurocanvas.sim.reference.groups import Floats, Group, Ints
from neurocanvas.sim.reference.spikes import Change, apply, changes


@dataclass(frozen=True)
class _Updated:
    """A group of such units: what an update does, and after how many steps each is updated."""

    group: Group
    found: Sequence[Change]
    every: Ints


class Updates:
    """All updates of a circuit.

    All units are updated at once, from what holds just before: the outputs of the others are those
    of the step that ends.
    """

    def __init__(self, dynamics: Dynamics) -> None:
        self.dynamics = dynamics
        self._groups = [
            _Updated(group, changes(group, kind.update_statements), _every(group, dynamics))
            for group in dynamics.layout.neurons
            if (kind := cast(NeuronKind, group.kind)).update_statements and group.size
        ]
        self._periods = sorted({int(n) for u in self._groups for n in u.every})

    def after(self, step: int) -> int | None:
        """Return the first step after this one at whose end anything is updated."""
        due = [(step // period + 1) * period for period in self._periods]
        return min(due, default=None)

    def carry_out(self, step: int, t: float, y: Floats) -> bool:
        """Update what is due when so many steps have been done; return whether anything was."""
        due = [(u, np.flatnonzero(step % u.every == 0)) for u in self._groups]
        given = [self.dynamics.given(u.group, t, y) for u, _ in due]
        for (u, elements), values in zip(due, given, strict=True):
            if elements.size:
                apply(u.group, u.found, elements, values, y)
        return any(elements.size for _, elements in due)


def _every(group: Group, dynamics: Dynamics) -> Ints:
    """Return after how many whole steps each unit is updated; at least one."""
    name = cast(NeuronKind, group.kind).interval
    interval = np.broadcast_to(group.values[name] if name else np.float64(0.0), (group.size,))
    return np.maximum(np.floor(interval / dynamics.layout.dt + 0.5), 1).astype(np.intp)
