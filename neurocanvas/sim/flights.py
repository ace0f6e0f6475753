"""Compiled loops over spikes under way, for what becomes of them when a circuit is edited."""

from __future__ import annotations

import numpy as np
from numba import types

from neurocanvas.sim.bundle_types import CHUNKS, ENTRIES, POOL
from neurocanvas.sim.bundles import CHUNK, COUNT, FILL, FIRST, NEXT
from neurocanvas.sim.delivery import grown, schedule
from neurocanvas.sim.mathlib_names import LANES
from neurocanvas.sim.native.build import exported, inner

_F8, _I8 = types.Array(types.float64, 1, "A"), types.Array(types.int64, 1, "A")
_I8_2 = types.Array(types.int64, 2, "C")
_I4, _U4 = types.Array(types.int32, 1, "A"), types.Array(types.uint32, 1, "A")


@inner(boundscheck=False)
def _first_of(entry, start, first):  # type: ignore[no-untyped-def]
    """The slice that an entry begins in: it may be one of the later ones of its run."""
    k = np.int64(first[entry.run])
    while start[k + 1] <= entry.begin:
        k += 1
    return k


@exported(types.int64(POOL, _U4, _I4), boundscheck=False)
def count_flights(pool, start, first):  # type: ignore[no-untyped-def]
    """How many spikes are under way, each link that they go along by itself."""
    n = 0
    for bucket in range(pool.ring.shape[0]):
        chunk = pool.ring[bucket, FIRST]
        while chunk >= 0:
            for entry in range(chunk * CHUNK, chunk * CHUNK + pool.chunks[chunk, FILL]):
                k = _first_of(pool.entries[entry], start, first)
                while start[k] < pool.entries[entry].end:
                    n += 1
                    k += 1
            chunk = pool.chunks[chunk, NEXT]
    return n


@exported(types.void(POOL, _U4, _I4, types.int64, _I8, _I8, _F8, _I8, _I8), boundscheck=False)
def list_flights(  # type: ignore[no-untyped-def]
    pool, start, first, step, arrival, slices, counts, synapses, sizes
):
    """Write when they arrive, with which slice, how many they are, and along which synapses."""
    n, ring = 0, pool.ring.shape[0]
    for ahead in range(ring):
        chunk = pool.ring[(step + ahead) % ring, FIRST]
        while chunk >= 0:
            for entry in range(chunk * CHUNK, chunk * CHUNK + pool.chunks[chunk, FILL]):
                now = pool.entries[entry]
                k = _first_of(now, start, first)
                begin, end = np.int64(now.begin), np.int64(now.end)
                while start[k] < end:
                    arrival[n], slices[n], counts[n] = step + ahead, k, now.count
                    synapses[n] = max(begin, np.int64(start[k]))
                    sizes[n] = min(end, np.int64(start[k + 1])) - synapses[n]
                    n += 1
                    k += 1
            chunk = pool.chunks[chunk, NEXT]


@inner(boundscheck=False)
def _exact(delay, link, first, last, wanted, number):  # type: ignore[no-untyped-def]
    """The slice with some delay and link, among those of a unit; ``last`` if there is none.

    They are sorted by delay: a unit may have hundreds of them, and a million spikes be under way.
    """
    low, high = first, last
    while low < high:
        middle = (low + high) // 2
        if delay[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    while low < last and delay[low] == wanted:
        if link[low] == number:
            return low
        low += 1
    return last


@inner(boundscheck=False)
def _put(pool, bucket, begin, end, run, count):  # type: ignore[no-untyped-def]
    """Schedule a spike along some synapses; return the pool, which may have grown."""
    if begin >= end:
        return pool
    if pool.free[COUNT] == 0:
        pool = grown(pool, 2 * pool.chunks.shape[0])
    schedule(
        pool.ring, pool.chunks, pool.entries, pool.free, bucket, begin, end, run, count
    )  # fmt: skip
    return pool


@exported(
    types.Tuple((CHUNKS, ENTRIES))(
        POOL, _U4, _I4, _I4, _I8, _I4, _I8, _I8, _I8, _I8, _F8, _I8, _I8
    ),
    boundscheck=False,
)
def resume(  # type: ignore[no-untyped-def]
    pool, start, delay, link, unit_run, first_slice,
    bucket, number, unit, wanted, count, at, size,
):  # fmt: skip
    """Schedule spikes along the slice of their link and delay, or all of the link's slices.

    Args:
        at, size: Along so many synapses of the slice, from the ``at``-th on; along all if 0.
    """
    for i in range(bucket.shape[0]):
        if number[i] < 0 or unit[i] < 0:
            continue
        run = unit_run[unit[i]]
        first, last = first_slice[run], first_slice[unit_run[unit[i] + 1]]
        begin = _exact(delay, link, first, last, wanted[i], number[i])
        end = begin + 1
        if begin == last:
            begin, end = first, last
        for k in range(begin, end):
            if link[k] == number[i]:
                while k >= first_slice[run + 1]:
                    run += 1
                low, high = np.int64(start[k]) + at[i], np.int64(start[k + 1])
                if size[i] > 0:
                    high = min(high, low + size[i])
                pool = _put(pool, bucket[i], low, high, run, count[i])
    return pool.chunks, pool.entries


@inner(boundscheck=False)
def _column(place, lies, way):  # type: ignore[no-untyped-def]
    """Which of a link's columns lies at an arena place."""
    behind = np.int64(place) - lies[way, 0]
    return behind // lies[way, 1] * LANES + behind % lies[way, 1] - lies[way, 2]


@exported(
    types.Tuple((CHUNKS, ENTRIES))(
        POOL, _U4, _I4, _I4, _I8, _I4, _I4, _I8_2, _I8_2, _I8, _I8, _I8, _I8, _I8, _I8,
        _F8, _I8,
    ),
    boundscheck=False,
)  # fmt: skip
def resume_by_target(  # type: ignore[no-untyped-def]
    pool, start, target, link, unit_run, first_slice, old_target, old_lies, lies,
    way, bucket, number, unit, synapse, size, count, marks,
):  # fmt: skip
    """Schedule spikes along the synapses that reach whom they would have reached.

    Args:
        old_target: Where the synapses acted before.
        old_lies, lies: Where the columns of each link lay and lie: (offset, stride, first column).
        way: Which link of these.
        synapse, size: The first of their synapses before, and how many they are.
        marks: Zeros, one for each column that a link may have.
    """
    for i in range(bucket.shape[0]):
        if number[i] < 0 or unit[i] < 0:
            continue
        old = old_target[synapse[i] : synapse[i] + size[i]]
        for j in range(old.shape[0]):
            marks[_column(old[j], old_lies, way[i])] += 1
        for run in range(unit_run[unit[i]], unit_run[unit[i] + 1]):
            for k in range(first_slice[run], first_slice[run + 1]):
                if link[k] != number[i]:
                    continue
                begin, last = np.int64(start[k]), np.int64(start[k + 1])
                for j in range(begin, last):
                    column = _column(target[j], lies, way[i])
                    if marks[column] > 0:
                        marks[column] -= 1
                    else:
                        pool = _put(pool, bucket[i], begin, j, run, count[i])
                        begin = np.int64(j + 1)
                pool = _put(pool, bucket[i], begin, last, run, count[i])
        for j in range(old.shape[0]):
            marks[_column(old[j], old_lies, way[i])] = 0
    return pool.chunks, pool.entries
