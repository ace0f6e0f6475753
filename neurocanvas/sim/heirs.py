"""Who takes over what several links had in common, when a circuit was edited while it runs.

Links whose effects add up may have their columns in common. When they part, what is in the columns
goes on in one place, and the others begin at zero; when links come together, what each has is
added. So the current into their target does not jump.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from neurocanvas.sim.program import Floats, Group, Ints, Program


def heirs(
    program: Program, arena: Floats, old: Program, old_arena: Floats, here: Ints, there: Ints
) -> npt.NDArray[np.bool_]:
    """Return which elements take over the columns that they had, bool of shape (n,).

    Args:
        program, arena: What begins, with its initial values.
        old, old_arena: What was before.
        here, there: Places in ``program`` and ``old`` of the elements that both have, shape (n,).
    """
    takes = np.ones(len(here), bool)
    for number, group in enumerate(old.groups):
        if group.several:
            former = np.flatnonzero(old.slots.group[there] == number)
            takes[former] = False
            if len(former):
                now = program.slots.group[here[former]]
                takes[former[_heir(program, arena, group, old_arena, now)]] = True
    return takes


def _heir(program: Program, arena: Floats, group: Group, old_arena: Floats, now: Ints) -> int:
    """Return which of some links takes over the columns they had in common.

    Those go on as they were: with the same equations and parameters, if possible where nobody
    looks at one link alone, and with most of the links.

    Args:
        program, arena: What begins.
        group, old_arena: The group that they were in.
        now: The group that each is in.
    """

    def worth(k: int) -> tuple[bool, bool, bool, int]:
        own = program.groups[now[k]]
        same = own.source.name == group.source.name
        alike = same and bool((_constants(own, arena) == _constants(group, old_arena)).all())
        most = int(np.count_nonzero(now == now[k]))
        return own.kind.name == group.kind.name, alike, own.pooled, most

    return max(range(len(now)), key=worth)


def _constants(group: Group, arena: Floats) -> Floats:
    """Return what the parameters of a group come to, the same for all its columns."""
    return arena[group.consts : group.consts + len(group.source.constants)]
