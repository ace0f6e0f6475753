"""What a simulation takes over from another one: the circuit was edited while it ran."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from neurocanvas.sim.calendar import Flights
from neurocanvas.sim.heirs import heirs
from neurocanvas.sim.program import Floats, Group, Ints, Program
from neurocanvas.sim.random import within
from neurocanvas.sim.writing.kernel_source import FIXED


def take_states(program: Program, arena: Floats, old: Program, old_arena: Floats) -> None:
    """Copy the state variables of all columns that another program has too.

    Args:
        program, arena: What begins; its states are overwritten.
        old, old_arena: What was before.
    """
    mine, theirs = program.slots, old.slots
    there = theirs.find(mine)
    here = np.flatnonzero(there >= 0)
    here = here[heirs(program, arena, old, old_arena, here, there[here])]
    there = there[here]
    n_groups = max(1, len(old.groups))
    pair = mine.group[here] * n_groups + theirs.group[there]
    for code in np.flatnonzero(np.bincount(pair)).tolist():
        group, source = program.groups[code // n_groups], old.groups[code % n_groups]
        if group.kind.name == source.kind.name:
            i, j = here[pair == code], there[pair == code]
            n = np.minimum(mine.n[i], theirs.n[j])
            columns, before = _run(mine.first[i], n), _run(theirs.first[j], n)
            _take_columns(group, arena, columns, source, old_arena, before)


def _take_columns(
    group: Group, arena: Floats, columns: Ints, source: Group, old_arena: Floats, before: Ints
) -> None:
    mine, theirs = group.places_of(columns), source.places_of(before)
    for name in _state_rows(group) & _state_rows(source):
        values = old_arena[theirs + source.row(name)]
        if group.pooled:
            # Several links may have come together here.
            np.add.at(arena, mine + group.row(name), values)
        else:
            arena[mine + group.row(name)] = values


def learned(program: Program, old: Program) -> Iterator[tuple[Ints, Ints]]:
    """Yield, link by link, which synapses learn and did so before: as many of them as there were.

    Yields:
        Their numbers in the program and in the old one.
    """
    if not program.learning.sources or not old.learning.sources:
        return
    for link_id in program.synapses.links:
        before = old.links.get(link_id)
        if before is not None and before.features and program.links[link_id].features:
            mine, theirs = program.synapses.of_link(link_id), old.synapses.of_link(link_id)
            if len(mine) == len(theirs):
                yield mine, theirs


def first_units(program: Program, flights: Flights) -> dict[str, int]:
    """Return the first unit of the source node of each link that spikes go along."""
    used = np.flatnonzero(np.bincount(flights.link)).tolist()
    links = [program.links.get(flights.links[k]) for k in used]
    there = [link for link in links if link is not None]
    slots, unit = program.slots, np.array([group.unit for group in program.groups], np.int64)
    pre = np.array([slots.place(link.pre) for link in there], np.int64)
    units = unit[slots.group[pre]] + slots.first[pre]
    return {link.id: first for link, first in zip(there, units.tolist(), strict=True)}


def _state_rows(group: Group) -> set[str]:
    """Return the rows that carry over to another program: all but what follows from the circuit."""
    return {name for name in group.source.rows if not name.startswith(FIXED)}


def _run(first: Ints, n: Ints) -> Ints:
    """Return the columns from each first, n of them."""
    return np.repeat(first, n) + within(n)
