"""Compiled loops over spikes under way, for what becomes of them when a circuit is edited."""

from __future__ import annotations

import numpy as np
from numba import types

from neurocanvas.sim.bundle_types import CHUNKS, ENTRIES, POOL
from neurocanvas.sim.bundles import CHUNK, COUNT, FILL, FIRST, NEXT
from neurocanvas.sim.delivery import grown, schedule
from neurocanvas.sim.native.build import exported, inner

_F8, _I8 = types.Array(types.float64, 1, "A"), types.Array(types.int64, 1, "A")
_I4, _U4 = types.Array(types.int32, 1, "A"), types.Array(types.uint32, 1, "A")


@inner(boundscheck=False)
def _first_of(entry, start, first):  # type: ignore[no-untyped-def]
    """The slice that an entry begins with: it may be one of the later ones of its run."""
    k = np.int64(first[entry.run])
    while start[k] < entry.begin:
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


@exported(types.void(POOL, _U4, _I4, types.int64, _I8, _I8, _F8), boundscheck=False)
def list_flights(pool, start, first, step, arrival, slices, counts):  # type: ignore[no-untyped-def]
    """Write when they arrive, with which slice, and how many they are."""
    n, ring = 0, pool.ring.shape[0]
    for ahead in range(ring):
        chunk = pool.ring[(step + ahead) % ring, FIRST]
        while chunk >= 0:
            for entry in range(chunk * CHUNK, chunk * CHUNK + pool.chunks[chunk, FILL]):
                now = pool.entries[entry]
                k = _first_of(now, start, first)
                while start[k] < now.end:
                    arrival[n], slices[n], counts[n] = step + ahead, k, now.count
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


@exported(
    types.Tuple((CHUNKS, ENTRIES))(POOL, _U4, _I4, _I4, _I8, _I4, _I8, _I8, _I8, _I8, _F8),
    boundscheck=False,
)
def resume(  # type: ignore[no-untyped-def]
    pool, start, delay, link, unit_run, first_slice, bucket, number, unit, wanted, count
):
    """Schedule spikes along the slice of their link and delay, or all of the link's slices."""
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
                if pool.free[COUNT] == 0:
                    pool = grown(pool, 2 * pool.chunks.shape[0])
                schedule(
                    pool.ring, pool.chunks, pool.entries, pool.free,
                    bucket[i], start[k], start[k + 1], run, count[i],
                )  # fmt: skip
    return pool.chunks, pool.entries
