"""What a simulation takes over from another one: the circuit was edited while it ran."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from neurocanvas.model.elements import Link
from neurocanvas.sim.calendar import Flights, Ways
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


def ways(program: Program, flights: Flights, old: Program) -> Ways:
    """Return what has become of the links that spikes are on their way along.

    Args:
        program: Where they go on.
        flights: The spikes; of links along which none goes nothing is said.
        old: Where they come from.
    """
    rows = len(flights.links)
    used = np.flatnonzero(np.bincount(flights.link, minlength=rows)).tolist()
    used = [k for k in used if flights.links[k] in program.links]
    ids = [flights.links[k] for k in used]
    now, before = (_places(one, ids) for one in (program, old))
    found = Ways(
        np.full(rows, -1), np.full(rows, -1), np.zeros(rows, bool),
        np.ones((rows, 3), np.int64), np.ones((rows, 3), np.int64),
        max(int(one.slots.n[own].max(initial=0)) for one, own in ((program, now), (old, before))),
    )  # fmt: skip
    found.number[used] = _numbers(program, ids)
    found.unit[used] = _first_units(program, ids)
    found.alike[used] = _alike(program, old, ids)
    found.lay[used], found.lie[used] = _lies(old, before), _lies(program, now)
    return found


def _places(program: Program, ids: Sequence[str]) -> Ints:
    return np.array([program.slots.place(element) for element in ids], np.int64)


def _numbers(program: Program, ids: Sequence[str]) -> list[int]:
    """Return the numbers of links among those that spikes go along one by one, -1 for others."""
    wanted = set(ids)
    number = {link: k for k, link in enumerate(program.synapses.links) if link in wanted}
    return [number.get(link_id, -1) for link_id in ids]


def _first_units(program: Program, ids: Sequence[str]) -> Ints:
    """Return the first unit of the source node of each of some links."""
    slots, unit = program.slots, np.array([group.unit for group in program.groups], np.int64)
    pre = _places(program, [program.links[link_id].pre for link_id in ids])
    return unit[slots.group[pre]] + slots.first[pre]


def _alike(program: Program, old: Program, ids: Sequence[str]) -> list[bool]:
    """Say of links whether their synapses are as they were, with the same delays in steps."""
    if program.dt != old.dt or program.seed != old.seed:
        return [False] * len(ids)
    there = old.slots.find(program.slots)
    other = (there >= 0) & (old.slots.n[there] != program.slots.n)
    resized = set(program.slots.ids[other].tolist())
    pairs = ((program.links[link_id], old.links[link_id]) for link_id in ids)
    return [_slices_as(a, b) and not resized & {a.pre, a.post} for a, b in pairs]


def _slices_as(link: Link, old: Link) -> bool:
    """Whether all that the pairs and delays of a link follow from is what it was."""
    if link is old:
        return True
    delay, before = (one.parameters.get("delay") for one in (link, old))
    return (link.kind, link.rule, delay) == (old.kind, old.rule, before)


def _lies(program: Program, places: Ints) -> Ints:
    """Return (offset, stride, first column) of elements, by their places."""
    group = program.slots.group[places]
    offset = np.array([g.offset for g in program.groups], np.int64)
    stride = np.array([g.source.stride for g in program.groups], np.int64)
    return np.column_stack((offset[group], stride[group], program.slots.first[places]))


def _state_rows(group: Group) -> set[str]:
    """Return the rows that carry over to another program: all but what follows from the circuit."""
    return {name for name in group.source.rows if not name.startswith(FIXED)}


def _run(first: Ints, n: Ints) -> Ints:
    """Return the columns from each first, n of them."""
    return np.repeat(first, n) + within(n)
