"""How spikes get from where they leave to where they arrive, as compiled functions.

Spikes under way lie in a calendar: a bucket per step, each a chain of chunks of entries in the
order they left. An entry is a run of synapses with one source neuron and one delay; see ``runs``.
"""

from __future__ import annotations

import numpy as np

from neurocanvas.sim.bundles import CHUNK, COUNT, FILL, FIRST, LAST, NEXT, Pool
from neurocanvas.sim.machine import fetch, longer
from neurocanvas.sim.native.build import inner
from neurocanvas.sim.native.pointers import call_event
from neurocanvas.sim.writing.plasticity_writer import ARRIVE, FIRE, RELEASE

AHEAD = 2
"""So many entries ahead, what a spike reaches is fetched: it may lie anywhere in the memory."""
FORESEEN = 8
"""Of so many entries of the next step: of those behind them, what they reach is fetched then."""
LINE = 16
"""Targets, or weights, in a line of the cache."""
LONG = 256
"""Of a run with so many synapses and more, lines are asked for one by one while adding."""


@inner(boundscheck=False)
def grown(pool, n_chunks):  # type: ignore[no-untyped-def]
    """Return a pool with more chunks; the new ones are free."""
    old = pool.chunks.shape[0]
    chunks = longer(pool.chunks, n_chunks)
    for chunk in range(old, n_chunks):
        chunks[chunk, NEXT] = chunk + 1
    chunks[n_chunks - 1, NEXT] = pool.free[FIRST]
    pool.free[FIRST] = old
    pool.free[COUNT] += n_chunks - old
    return Pool(pool.ring, chunks, longer(pool.entries, n_chunks * CHUNK), pool.free)


@inner(boundscheck=False)
def schedule(  # type: ignore[no-untyped-def]
    ring, chunks, entries, free, bucket, begin, end, run, count
):
    """Append one entry to a bucket; there must be a free chunk."""
    chunk = ring[bucket, LAST]
    if chunk < 0 or chunks[chunk, FILL] == CHUNK:
        fresh = free[FIRST]
        free[FIRST] = chunks[fresh, NEXT]
        free[COUNT] -= 1
        chunks[fresh, NEXT], chunks[fresh, FILL] = -1, 0
        if chunk < 0:
            ring[bucket, FIRST] = fresh
        else:
            chunks[chunk, NEXT] = fresh
        ring[bucket, LAST] = fresh
        chunk = fresh
    entry = entries[chunk * CHUNK + chunks[chunk, FILL]]
    entry.begin, entry.end = begin, end
    entry.run, entry.count = run, count
    chunks[chunk, FILL] += 1


@inner(boundscheck=False)
def with_room(pool, unit_run, units, first, last):  # type: ignore[no-untyped-def]
    """Return a pool that all spikes of some units fit into."""
    entries = 0
    for i in range(first, last):
        entries += unit_run[units[i] + 1] - unit_run[units[i]]
    needed = entries // CHUNK + min(entries, pool.ring.shape[0]) + 1
    if pool.free[COUNT] >= needed:
        return pool
    old = pool.chunks.shape[0]
    return grown(pool, max(old + needed, old + old // 2))


@inner(boundscheck=False)
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
    pool = with_room(pool, wires.unit_run, units, first, last)
    ring, chunks, entries, free = pool.ring, pool.chunks, pool.entries, pool.free
    start, delay, unit_run = wires.start, wires.delay, wires.unit_run
    release = learning.release
    learns = release.shape[0] > 0
    now = (step + 1) % ring.shape[0]
    for i in range(first, last):
        for run in range(unit_run[units[i]], unit_run[units[i] + 1]):
            amount = float(counts[i])
            # Where anything learns, each slice is a run of its own.
            if learns and release[run] >= 0:
                amount = 0.0
                for _ in range(counts[i]):
                    amount += call_event(
                        learning.events[release[run]], arena, wires.weight, learning.places,
                        learning.order, RELEASE, 0, 0, learning.release_place[run],
                        begin + whens[i] * dt,
                    )  # fmt: skip
            bucket = now + delay[run]
            if bucket >= ring.shape[0]:
                bucket -= ring.shape[0]
            schedule(
                ring, chunks, entries, free, bucket, start[run], start[run + 1], run, amount
            )  # fmt: skip
    return pool


@inner(boundscheck=False)
def bring(target, weight, begin, end):  # type: ignore[no-untyped-def]
    """Ask for some synapses that will be needed soon."""
    for i in range(begin, end, LINE):
        fetch(target, i)
        fetch(weight, i)


@inner(boundscheck=False)
def foresee(bucket, wires, pool):  # type: ignore[no-untyped-def]
    """Ask for what the first spikes of a step reach, while there is time until it begins."""
    chunk = pool.ring[bucket, FIRST]
    if chunk >= 0:
        first = chunk * CHUNK
        for k in range(first, first + min(FORESEEN, pool.chunks[chunk, FILL])):
            entry = pool.entries[k]
            bring(wires.target, wires.weight, np.int64(entry.begin), np.int64(entry.end))


@inner(boundscheck=False)
def add(arena, target, weight, begin, end, count, later, until):  # type: ignore[no-untyped-def]
    """Add the weights of some synapses, times a count, to what they act on.

    Those from ``later`` to ``until`` are asked for meanwhile, line by line: all at once they would
    wait for each other, and the adding for them.
    """
    # Unsigned: of each signed index is asked whether it is negative.
    i = full = np.uint64(begin)
    if end - begin >= LONG:
        full = np.uint64(begin + (end - begin) // LINE * LINE)
    while i < full:
        if later < until:
            fetch(target, later)
            fetch(weight, later)
            later += LINE
        for k in range(np.uint64(LINE)):
            arena[target[i + k]] += weight[i + k] * count
        i += np.uint64(LINE)
    bring(target, weight, later, until)
    for k in range(full, np.uint64(end)):
        arena[target[k]] += weight[k] * count


@inner(boundscheck=False)
def arrive(bucket, t, arena, wires, pool, learning):  # type: ignore[no-untyped-def]
    """Add the weights of all spikes that arrive now."""
    target, weight, entries, chunks = wires.target, wires.weight, pool.entries, pool.chunks
    learn = learning.learn
    learns = learn.shape[0] > 0
    chunk = pool.ring[bucket, FIRST]
    while chunk >= 0:
        last = chunk * CHUNK + chunks[chunk, FILL]
        for entry in range(chunk * CHUNK, last):
            later, now = entries[min(entry + AHEAD, last - 1)], entries[entry]
            begin, end, count = np.int64(now.begin), np.int64(now.end), now.count
            if learns:
                k = now.run
                if learn[k] >= 0:
                    call_event(
                        learning.events[learn[k]], arena, weight, learning.places, learning.order,
                        ARRIVE, begin, end, learning.learn_place[k], t,
                    )  # fmt: skip
            add(
                arena, target, weight, begin, end, count,
                np.int64(later.begin), np.int64(later.end),
            )  # fmt: skip
        chunk = chunks[chunk, NEXT]


@inner(boundscheck=False)
def own(thread, entry, splits):  # type: ignore[no-untyped-def]
    """Return the first of the synapses of an entry that are a thread's, and the one behind them."""
    begin, end = np.int64(entry.begin), np.int64(entry.end)
    if thread > 0:
        begin = max(begin, np.int64(splits[entry.run, thread - 1]))
    if thread < splits.shape[1]:
        end = min(end, np.int64(splits[entry.run, thread]))
    return begin, end


@inner(boundscheck=False)
def arrive_among(thread, bucket, arena, wires, pool):  # type: ignore[no-untyped-def]
    """Add the weights of all spikes that arrive now, as far as they are this thread's."""
    target, weight, splits = wires.target, wires.weight, wires.splits
    entries, chunks, others = pool.entries, pool.chunks, wires.splits.shape[1]
    chunk = pool.ring[bucket, FIRST]
    while chunk >= 0:
        last = chunk * CHUNK + chunks[chunk, FILL]
        for entry in range(chunk * CHUNK, last):
            fetch(splits, entries[min(entry + 2 * AHEAD, last - 1)].run * others)
            later, until = own(thread, entries[min(entry + AHEAD, last - 1)], splits)
            begin, end = own(thread, entries[entry], splits)
            add(arena, target, weight, begin, end, entries[entry].count, later, until)
        chunk = chunks[chunk, NEXT]


@inner(boundscheck=False)
def clear(bucket, pool):  # type: ignore[no-untyped-def]
    """Free the entries of a bucket."""
    ring, chunks, free = pool.ring, pool.chunks, pool.free
    chunk = ring[bucket, FIRST]
    while chunk >= 0:
        following = chunks[chunk, NEXT]
        chunks[chunk, NEXT] = free[FIRST]
        free[FIRST] = chunk
        free[COUNT] += 1
        chunk = following
    ring[bucket, FIRST] = -1
    ring[bucket, LAST] = -1


@inner(boundscheck=False)
def keep_counts(step, arena, stream):  # type: ignore[no-untyped-def]
    """Keep how many spikes each train of the sources has in a step."""
    counts, kept = stream.counts, stream.kept
    for k in range(kept.shape[0]):
        if kept[k, 2] == kept[k, 3]:
            continue
        row = kept[k, 4] + step % kept[k, 5] * kept[k, 6]
        for block in range(kept[k, 2] >> 6, (kept[k, 3] + 63) >> 6):
            place = np.uint64(kept[k, 0] + block * kept[k, 1])
            column = np.uint64(row + block * 64)
            for i in range(np.uint64(min(64, kept[k, 3] - block * 64))):
                counts[column + i] = arena[place + i]


@inner(boundscheck=False)
def flow(step, arena, stream):  # type: ignore[no-untyped-def]
    """Add the counts that arrive in a step to their targets."""
    counts, added = stream.counts, stream.added
    for k in range(added.shape[0]):
        left = step - 1 - added[k, 8]
        if added[k, 2] < added[k, 3] and added[k, 9] <= left < added[k, 10]:
            weight = arena[added[k, 7]]
            # What left before the first step, in a negative one, was put there on purpose.
            row = added[k, 4] + left % added[k, 5] * added[k, 6]
            for block in range(added[k, 2] >> 6, (added[k, 3] + 63) >> 6):
                place = np.uint64(added[k, 0] + block * added[k, 1])
                column = np.uint64(row + block * 64)
                for i in range(np.uint64(min(64, added[k, 3] - block * 64))):
                    arena[place + i] += weight * counts[column + i]


@inner(boundscheck=False)
def learn_from(units, whens, last, begin, dt, arena, weight, learning):  # type: ignore[no-untyped-def]
    """Let every synapse into the units that fired learn from it."""
    unit_first, targets = learning.unit_first, learning.targets
    for i in range(last):
        for j in range(unit_first[units[i]], unit_first[units[i] + 1]):
            call_event(
                learning.events[targets[j, 0]], arena, weight, learning.places, learning.order,
                FIRE, targets[j, 2], targets[j, 3], targets[j, 1], begin + whens[i] * dt,
            )  # fmt: skip
