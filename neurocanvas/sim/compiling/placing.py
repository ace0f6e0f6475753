"""Compiled loops that put synapses where they belong; see ``ordering``."""

from __future__ import annotations

import numpy as np
from numba import types

from neurocanvas.sim.bundles import LIMIT
from neurocanvas.sim.native.build import exported, inner

_I4, _U4 = types.Array(types.int32, 1, "A"), types.Array(types.uint32, 1, "A")
_F4 = types.Array(types.float32, 1, "A")
_I8_2, _I4_2 = types.Array(types.int64, 2, "C"), types.Array(types.int32, 2, "C")


@exported(
    types.void(_I4, _I4, types.int64, types.int64, types.int64, _I8_2, _I8_2, _I4_2),
    boundscheck=False,
)
def count(  # type: ignore[no-untyped-def]
    unit, delay, first, least, link, synapses, slices, seen
):
    """Count synapses, and links with any, for each unit and delay."""
    for i in range(unit.shape[0]):
        p, d = unit[i] - first, delay[i] - least
        synapses[p, d] += 1
        if seen[p, d] != link:
            seen[p, d] = link
            slices[p, d] += 1


@exported(
    types.void(
        _I4,
        _I4,
        _I4,
        _F4,
        types.int64,
        types.int64,
        types.int64,
        _I8_2,
        _I8_2,
        _I4_2,
        _I4,
        _F4,
        _U4,
        _I4,
        _I4,
    ),
    boundscheck=False,
)
def put(  # type: ignore[no-untyped-def]
    unit, delay, target, weight, first, least, link, at, slices, seen,
    targets, weights, start, delays, links,
):  # fmt: skip
    """Write the synapses of one link, and where those of each unit and delay begin."""
    for i in range(unit.shape[0]):
        p, d = unit[i] - first, delay[i] - least
        k = at[p, d]
        if seen[p, d] != link:
            seen[p, d] = link
            s = slices[p, d]
            start[s], delays[s], links[s] = k, delay[i], link
            slices[p, d] = s + 1
        targets[k], weights[k] = target[i], weight[i]
        at[p, d] = k + 1


@inner(boundscheck=False)
def _before(target, first, last, place):  # type: ignore[no-untyped-def]
    """Return the first of some synapses, sorted by target, that is not before a place."""
    while first < last:
        middle = (first + last) >> 1
        if target[middle] < place:
            first = middle + 1
        else:
            last = middle
    return first


@exported(
    types.void(
        types.Array(types.int32, 1, "C"), types.Array(types.uint32, 1, "C"),
        types.Array(types.int32, 1, "C"), types.Array(types.int32, 1, "C"),
        types.Array(types.int64, 2, "C"), types.Array(types.uint32, 2, "C"),
    ),
    boundscheck=False,
)  # fmt: skip
def divide(target, start, link, first_slice, borders, splits):  # type: ignore[no-untyped-def]
    """Write the first synapse of each run behind each border of the links.

    The slices of a run are sorted by which thread they are whose, and each by target.
    """
    for r in range(splits.shape[0]):
        for thread in range(splits.shape[1]):
            found = np.int64(start[first_slice[r]])
            for k in range(first_slice[r], first_slice[r + 1]):
                place = borders[link[k], thread]
                if place <= 0:
                    break
                last = np.int64(start[k + 1])
                found = last if place >= LIMIT else _before(target, found, last, place)
                if found < last:
                    break
            splits[r, thread] = found
