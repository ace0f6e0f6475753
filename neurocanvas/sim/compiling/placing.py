"""Compiled loops that put synapses where they belong; see ``ordering``."""

from __future__ import annotations

from numba import types

from neurocanvas.sim.native.build import exported

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
