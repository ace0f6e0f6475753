"""How spikes get from where they leave to where they arrive, as compiled functions.

Spikes under way lie in a calendar: a bucket per step, each a chain of chunks of entries in the
order they left. An entry is a run of synapses with one source neuron and one delay; where nothing
learns, those of several links that follow each other are one.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from neurocanvas.sim.bundles import Pool
from neurocanvas.sim.machine import fetch
from neurocanvas.sim.writing.plasticity_writer import ARRIVE, FIRE, RELEASE

CHUNK = 32
"""Entries that lie side by side."""
AHEAD = 6
"""So many entries ahead, what a spike reaches is fetched: it may lie anywhere in the memory."""
ENTRY_BYTES = 20
FIRST, COUNT = 0, 1
"""Places in ``Pool.free``: the first free chunk, and how many there are."""


@njit(nogil=True, cache=True, boundscheck=False)
def _longer(array, n):  # type: ignore[no-untyped-def]
    """A copy with room for n."""
    found = np.zeros(n, array.dtype)
    found[: array.shape[0]] = array
    return found


@njit(nogil=True, cache=True, boundscheck=False)
def grown(pool, chunks):  # type: ignore[no-untyped-def]
    """Return a pool with at least so many chunks; the new ones are free."""
    old = pool.next.shape[0]
    if chunks <= old:
        return pool
    room = chunks * CHUNK
    following = _longer(pool.next, chunks)
    for chunk in range(old, chunks):
        following[chunk] = chunk + 1
    following[chunks - 1] = pool.free[FIRST]
    pool.free[FIRST] = old
    pool.free[COUNT] += chunks - old
    return Pool(
        pool.head, pool.tail, following, _longer(pool.fill, chunks), _longer(pool.begin, room),
        _longer(pool.end, room), _longer(pool.slice, room), _longer(pool.count, room), pool.free,
    )  # fmt: skip


@njit(nogil=True, cache=True, boundscheck=False, inline="always")
def schedule(pool, bucket, begin, end, k, count):  # type: ignore[no-untyped-def]
    """Append one entry to a bucket; there must be a free chunk."""
    chunk = pool.tail[bucket]
    if chunk < 0 or pool.fill[chunk] == CHUNK:
        fresh = pool.free[FIRST]
        pool.free[FIRST] = pool.next[fresh]
        pool.free[COUNT] -= 1
        pool.next[fresh] = -1
        pool.fill[fresh] = 0
        if chunk < 0:
            pool.head[bucket] = fresh
        else:
            pool.next[chunk] = fresh
        pool.tail[bucket] = fresh
        chunk = fresh
    entry = chunk * CHUNK + pool.fill[chunk]
    pool.begin[entry], pool.end[entry] = begin, end
    pool.slice[entry], pool.count[entry] = k, count
    pool.fill[chunk] += 1


@njit(nogil=True, cache=True, boundscheck=False)
def with_room(pool, unit_slice, units, first, last):  # type: ignore[no-untyped-def]
    """Return a pool that all spikes of some units fit into."""
    entries = 0
    for i in range(first, last):
        entries += unit_slice[units[i] + 1] - unit_slice[units[i]]
    needed = entries // CHUNK + min(entries, pool.head.shape[0]) + 1
    if pool.free[COUNT] >= needed:
        return pool
    old = pool.next.shape[0]
    return grown(pool, max(old + needed, old + old // 2))


@njit(nogil=True, cache=True, boundscheck=False)
def depart(  # type: ignore[no-untyped-def]
    step, begin, dt, units, counts, whens, first, last, arena, wires, pool, learning
):
    """Put what some units reach into the buckets of the steps it arrives in.

    Args:
        step, begin, dt: The step, when it began, and how long it is.
        units, counts, whens, first, last: Which units fired: from ``first`` to ``last``.
        arena, wires, pool, learning: See ``bundles``.

    Returns:
        The pool, which may have grown.
    """
    if first == last:
        return pool
    pool = with_room(pool, wires.unit_slice, units, first, last)
    ring = pool.head.shape[0]
    start, delay = wires.start, wires.delay
    release = learning.release
    learns = release.shape[0] > 0
    for i in range(first, last):
        k, end = wires.unit_slice[units[i]], wires.unit_slice[units[i] + 1]
        while k < end:
            amount = float(counts[i])
            after = k + 1
            if learns:
                if release[k] >= 0:
                    amount = 0.0
                    for _ in range(counts[i]):
                        amount += learning.events[release[k]](
                            arena, wires.weight, learning.places, learning.order, RELEASE, 0, 0,
                            learning.release_place[k], begin + whens[i] * dt,
                        )  # fmt: skip
            else:
                while after < end and delay[after] == delay[k]:
                    after += 1
            bucket = (step + 1 + delay[k]) % ring
            schedule(pool, bucket, start[k], start[after], k, amount)
            k = after
    return pool


@njit(nogil=True, cache=True, boundscheck=False)
def arrive(bucket, t, arena, wires, pool, learning):  # type: ignore[no-untyped-def]
    """Add the weights of all spikes that arrive now."""
    target, weight = wires.target, wires.weight
    learn = learning.learn
    learns = learn.shape[0] > 0
    chunk = pool.head[bucket]
    while chunk >= 0:
        last = chunk * CHUNK + pool.fill[chunk]
        for entry in range(chunk * CHUNK, last):
            ahead = min(entry + AHEAD, last - 1)
            fetch(target, pool.begin[ahead])
            fetch(weight, pool.begin[ahead])
            begin, end = np.int64(pool.begin[entry]), np.int64(pool.end[entry])
            count = pool.count[entry]
            if learns:
                k = pool.slice[entry]
                if learn[k] >= 0:
                    learning.events[learn[k]](
                        arena, weight, learning.places, learning.order, ARRIVE, begin, end,
                        learning.learn_place[k], t,
                    )  # fmt: skip
            if count == 1.0:
                for i in range(begin, end):
                    arena[target[i]] += weight[i]
            else:
                for i in range(begin, end):
                    arena[target[i]] += weight[i] * count
        chunk = pool.next[chunk]


@njit(nogil=True, cache=True, boundscheck=False)
def arrive_among(thread, bucket, arena, wires, pool):  # type: ignore[no-untyped-def]
    """Add the weights of all spikes that arrive now, as far as they are this thread's."""
    start, link, cuts = wires.start, wires.link, wires.cuts
    chunk = pool.head[bucket]
    while chunk >= 0:
        last = chunk * CHUNK + pool.fill[chunk]
        for entry in range(chunk * CHUNK, last):
            ahead = min(entry + AHEAD, last - 1)
            fetch(start, np.int64(pool.slice[ahead]))
            fetch(link, np.int64(pool.slice[ahead]))
            k = np.int64(pool.slice[entry])
            count, end = pool.count[entry], pool.end[entry]
            while start[k] < end:
                low, high = cuts[link[k], thread], cuts[link[k], thread + 1]
                if low < high:
                    _add_between(start[k], start[k + 1], low, high, count, arena, wires)
                k += 1
        chunk = pool.next[chunk]


@njit(nogil=True, cache=True, boundscheck=False)
def _add_between(begin, end, low, high, count, arena, wires):  # type: ignore[no-untyped-def]
    """Add the weights of those synapses of a slice whose targets lie between two places."""
    target, weight = wires.target, wires.weight
    first, last = np.int64(begin), np.int64(end)
    if low > 0:
        first = _border(target, first, last, low)
    if high < target_limit():
        last = _border(target, first, last, high)
    for i in range(first, last):
        arena[target[i]] += weight[i] * count


@njit(nogil=True, cache=True, boundscheck=False, inline="always")
def target_limit():  # type: ignore[no-untyped-def]
    """No target lies so far behind."""
    return 1 << 31


@njit(nogil=True, cache=True, boundscheck=False)
def _border(target, first, last, place):  # type: ignore[no-untyped-def]
    """The first of some synapses, sorted by target, whose target is not before a place."""
    while first < last:
        middle = (first + last) >> 1
        if target[middle] < place:
            first = middle + 1
        else:
            last = middle
    return first


@njit(nogil=True, cache=True, boundscheck=False)
def clear(bucket, pool):  # type: ignore[no-untyped-def]
    """Free the entries of a bucket."""
    first = pool.head[bucket]
    if first < 0:
        return
    chunk = first
    freed = 1
    while pool.next[chunk] >= 0:
        chunk = pool.next[chunk]
        freed += 1
    pool.next[chunk] = pool.free[FIRST]
    pool.free[FIRST] = first
    pool.free[COUNT] += freed
    pool.head[bucket] = -1
    pool.tail[bucket] = -1


@njit(nogil=True, cache=True, boundscheck=False)
def learn_from(units, whens, last, begin, dt, arena, weight, learning):  # type: ignore[no-untyped-def]
    """Let every synapse into the units that fired learn from it."""
    unit_first, targets = learning.unit_first, learning.targets
    for i in range(last):
        for j in range(unit_first[units[i]], unit_first[units[i] + 1]):
            learning.events[targets[j, 0]](
                arena, weight, learning.places, learning.order, FIRE, targets[j, 2], targets[j, 3],
                targets[j, 1], begin + whens[i] * dt,
            )  # fmt: skip
