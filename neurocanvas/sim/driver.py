"""The one compiled loop over time.

A step, in this order: sources, arrivals, synapses, neurons (with threshold and reset),
departures, plasticity, record. Step n goes from ``n dt`` to ``(n + 1) dt``. A spike of step n
leaves at the end of the step and arrives, ``delay`` steps later, at the beginning of step
``n + 1 + delay``.

Several threads may share the work: each has columns of its own, which it alone writes to, and they
meet twice in a step, once more where synapses act on any neuron. What is added to a column is added
in one order however many they are, so the result is the same bit by bit.
"""

from __future__ import annotations

from typing import Any

from numba import types

from neurocanvas.sim import bundle_types as bundles
from neurocanvas.sim.bundles import (
    APART,
    ARRIVALS,
    CHUNK,
    FIRST,
    LEAVE,
    PARTS,
    RECORD,
    WAIT,
    Log,
    Pool,
)
from neurocanvas.sim.delivery import (
    arrive,
    arrive_among,
    clear,
    depart,
    flow,
    foresee,
    keep_counts,
    learn_from,
)
from neurocanvas.sim.machine import address, counted, longer, meet, seen, ticks
from neurocanvas.sim.native.build import exported, inner
from neurocanvas.sim.native.pointers import call_kernel, call_observer


def _signature(met: Any) -> Any:
    returned = types.Tuple((types.int64, bundles.CHUNKS, bundles.ENTRIES, bundles.SPIKES))
    return returned(
        types.int64, types.int64, met, types.int64, types.int64, types.float64,
        types.float64, bundles.WORK, bundles.WIRES, bundles.POOL, bundles.LEARNERS, bundles.FOUND,
        bundles.LOG, bundles.PROBES, bundles.STREAM,
    )  # fmt: skip


@inner(boundscheck=False)
def record(s, t, dt, arena, index, weight, probes):  # type: ignore[no-untyped-def]
    """Write the present value of every channel."""
    recorded, observed, weighed = probes.recorded, probes.observed, probes.weighed
    values = probes.samples[s]
    for c in range(recorded.shape[0]):
        values[c] = arena[recorded[c]]
    for k in range(observed.shape[0]):
        values[observed[k, 6]] = call_observer(
            probes.observers[observed[k, 0]], arena, index, observed[k, 1], observed[k, 2],
            observed[k, 3], observed[k, 4], observed[k, 5], t, dt,
        )  # fmt: skip
    for k in range(weighed.shape[0]):
        values[weighed[k, 0]] = weight[weighed[k, 1]]


@inner(boundscheck=False)
def enlist(step, units, counts, whens, first, last, log):  # type: ignore[no-untyped-def]
    """List the spikes of some units; return the list, which may have grown."""
    n = log.n[0]
    if n + last - first > log.spikes.shape[0]:
        log = Log(log.listed, longer(log.spikes, 2 * (n + last - first)), log.n)
    for i in range(first, last):
        spike = log.spikes[n]
        spike.unit, spike.count = units[i], counts[i]
        spike.step, spike.when = step, whens[i]
        n += log.listed[units[i]]
    log.n[0] = n
    return log


@inner(boundscheck=False)
def passed(clock, k, before):  # type: ignore[no-untyped-def]
    """Add the time since ``before`` to a sum, if anybody wants to know; return the time now.

    Left to LLVM to put in its places: there are so many that numba would take half a second.
    """
    if clock.shape[0] == 0:
        return before
    now = ticks()
    clock[k] += now - before
    return now


@inner(boundscheck=False, inline="always")
def passed_for(clock, part, before):  # type: ignore[no-untyped-def]
    """The same for one of ``PARTS``, whose sums come last."""
    return passed(clock, clock.shape[0] - len(PARTS) + part, before)


@inner(boundscheck=False, inline="always")
def compute(stage, whole, step, t, dt, work, units, counts, whens, n, failed):  # type: ignore[no-untyped-def]
    """Call the kernels of a stage; return how many units have fired so far.

    Where the step is not a ``whole`` one, rows of neurons need not all be as they are after it.
    A value that is not finite ends it, and is noted in ``failed``: in neurons, never in sources,
    where one thread may be a step ahead of those that ask whether another has failed.
    """
    plan, stages, kernels = work.quick, work.quick_stages, work.quick_kernels
    place = work.plan.shape[0]
    if whole:
        plan, stages, kernels, place = work.plan, work.stages, work.kernels, 0
    clock, arena, index, keys = work.ticks, work.arena, work.index, work.keys
    now = ticks() if clock.shape[0] > 0 else 0
    for c in range(stages[stage], stages[stage + 1]):
        result = call_kernel(
            kernels[plan[c, 0]], arena, index, keys, plan[c, 1], plan[c, 2], plan[c, 3],
            plan[c, 4], plan[c, 5], plan[c, 6], plan[c, 7], step, t, dt, units, counts, whens, n,
        )  # fmt: skip
        if result < 0:
            failed[0], failed[1] = plan[c, 0], -1 - result
            break
        n = result
        now = passed(clock, place + c, now)
    return n


@inner(boundscheck=False, inline="always")
def draw(  # type: ignore[no-untyped-def]
    thread, threads, met, s, step, t, dt, work, units, counts, whens
):
    """Do rows that any thread may do: those kept for this one, then what others have not begun.

    Nothing but their columns comes of them, so who does which makes no difference. In each step
    every thread finds once of each part that nothing is left.
    """
    if met is not None:
        rows, clock = work.common, work.ticks
        place = work.plan.shape[0] + work.quick.shape[0]
        now = ticks() if clock.shape[0] > 0 else 0
        for k in range(thread, thread + threads):
            whose = k % threads
            first, last = work.common_first[whose], work.common_first[whose + 1]
            before = s * (last - first + threads) - first
            c = counted(met, APART * (1 + whose)) - before
            while c < last:
                call_kernel(
                    work.kernels[rows[c, 0]], work.arena, work.index, work.keys, rows[c, 1],
                    rows[c, 2], rows[c, 3], rows[c, 4], rows[c, 5], rows[c, 6], rows[c, 7],
                    step, t, dt, units, counts, whens, 0,
                )  # fmt: skip
                now = passed(clock, place + c, now)
                c = counted(met, APART * (1 + whose)) - before


@inner(boundscheck=False, inline="always")
def let_go(step, begin, dt, first, last, work, wires, pool, learning, found, log):  # type: ignore[no-untyped-def]
    """List the spikes of a step and send them off, those of sources before those of neurons.

    Args:
        first, last: Rows of ``found``, one for each thread.

    Returns:
        The pool and the list, which may have grown.
    """
    for stage in range(2):
        for k in range(first, last):
            begins = found.n[k, 0] if stage == 1 else 0
            ends = found.n[k, stage]
            if begins < ends:
                units, counts, whens = found.unit[k], found.count[k], found.when[k]
                log = enlist(step, units, counts, whens, begins, ends, log)
                pool = depart(
                    step, begin, dt, units, counts, whens, begins, ends,
                    work.arena, wires, pool, learning,
                )  # fmt: skip
    return pool, log


@inner(boundscheck=False, inline="always")
def hold(work):  # type: ignore[no-untyped-def]
    """Add what a hand holds into neurons."""
    place, current = work.held_place, work.held_current
    for k in range(place.shape[0]):
        work.arena[place[k]] += current[k]


@inner(boundscheck=False, inline="always")
def land(thread, met, bucket, t, arena, wires, pool, learning):  # type: ignore[no-untyped-def]
    """Add the weights of all spikes that arrive now, or this thread's part of it."""
    if met is not None:
        arrive_among(thread, bucket, arena, wires, pool)
    elif pool.ring[bucket, FIRST] >= 0:
        arrive(bucket, t, arena, wires, pool, learning)


@inner(boundscheck=False)
def show(pool, places):  # type: ignore[no-untyped-def]
    """Tell the other threads where the pool lies now."""
    places[0], places[1] = address(pool.chunks), address(pool.entries)
    places[2] = pool.chunks.shape[0]


@inner(boundscheck=False)
def now_seen(pool, places):  # type: ignore[no-untyped-def]
    """The pool of the first thread, which may have grown, as another one sees it."""
    chunks = seen(pool.chunks, places[0], places[2])
    return Pool(pool.ring, chunks, seen(pool.entries, places[1], places[2] * CHUNK), pool.free)


@inner(boundscheck=False, inline="always")
def keep(s, n, begin, dt, units, whens, work, wires, learning, probes):  # type: ignore[no-untyped-def]
    """Let synapses learn from the spikes of a step, and record what there is at its end."""
    if learning.unit_first.shape[0] > 0:
        learn_from(units, whens, n, begin, dt, work.arena, wires.weight, learning)
    if probes.recorded.shape[0] > 0:
        record(s, begin + dt, dt, work.arena, work.index, wires.weight, probes)


@inner(boundscheck=False, inline="always")
def gather(met, threads, clock):  # type: ignore[no-untyped-def]
    """Wait until all threads are here."""
    if met is not None:
        before = ticks() if clock.shape[0] > 0 else 0
        meet(met, threads)
        passed_for(clock, WAIT, before)


@inner(boundscheck=False, inline="always")
def shared(thread, threads, met, pool, places, clock):  # type: ignore[no-untyped-def]
    """Wait until all threads are here; return the pool of the first one."""
    if met is not None:
        if thread == 0:
            show(pool, places)
        gather(met, threads, clock)
        if thread > 0:
            return now_seen(pool, places)
    return pool


@inner(boundscheck=False, inline="always")
def count_failures(failures, threads):  # type: ignore[no-untyped-def]
    """How many threads have found a value that is not finite."""
    n = 0
    for k in range(threads):
        n += failures[k, 0] >= 0
    return n


@inner(boundscheck=False, inline="always")
def receive(  # type: ignore[no-untyped-def]
    thread, threads, met, bucket, step, begin, work, wires, pool, learning, found, stream
):
    """Meet the others, keep what leaves by count, and add what arrives now; return the pool."""
    clock = work.ticks
    pool = shared(thread, threads, met, pool, found.pool, clock)
    before = ticks() if clock.shape[0] > 0 else 0
    if stream.kept.shape[0] > 0:
        keep_counts(step, work.arena, stream)
    if stream.added.shape[0] > 0:
        flow(step, work.arena, stream)
    land(thread, met, bucket, begin, work.arena, wires, pool, learning)
    passed_for(clock, ARRIVALS, before)
    return pool


@exported(_signature(bundles.INTEGERS), boundscheck=False)
def drive(  # type: ignore[no-untyped-def]
    thread, threads, met, first_step, n_steps, time_offset, dt,
    work, wires, pool, learning, found, log, probes, stream,
):  # fmt: skip
    """Advance a program.

    Args:
        thread, threads: Which of how many threads this is.
        met: Where they meet and share out work; see ``bundles.meeting``. None if it is one alone.
        first_step, n_steps: Which steps.
        time_offset, dt: Step n begins at ``time_offset + n*dt`` ms.
        work: What this thread computes in a step.
        wires, pool, learning, found, log, probes: See ``bundles``; shared by all threads.
        stream: The counts that this thread keeps and adds.

    Returns:
        How many steps were done, fewer than asked for if a value was not finite; chunks and
        entries of the pool, and the spikes of the list, which may have grown.
    """
    clock, failures, buckets = work.ticks, found.failed, pool.ring.shape[0]
    row, failed = thread, failures[thread]
    units, counts, whens = found.unit[row], found.count[row], found.when[row]
    for s in range(n_steps):
        step = first_step + s
        bucket, begin, t = step % buckets, time_offset + step * dt, time_offset + (step + 0.5) * dt
        if threads > 1:
            row = (step & 1) * threads + thread
            units, counts, whens = found.unit[row], found.count[row], found.when[row]
        hold(work)
        n = 0
        # One loop, not three calls one after the other: each of them would be compiled.
        for stage in range(3):
            if stage == 1:
                found.n[row, 0] = n
                draw(thread, threads, met, s, step, t, dt, work, units, counts, whens)
                pool = receive(
                    thread, threads, met, bucket, step, begin,
                    work, wires, pool, learning, found, stream,
                )  # fmt: skip
            elif stage == 2 and work.mixed > 0:
                gather(met, threads, clock)
            whole = s == n_steps - 1 or work.whole > 0
            n = compute(stage, whole, step, t, dt, work, units, counts, whens, n, failed)
        found.n[row, 1] = n
        gather(met, threads, clock)
        now = ticks() if clock.shape[0] > 0 else 0
        if count_failures(failures, threads) > 0:
            return s, pool.chunks, pool.entries, log.spikes
        if thread > 0:
            continue
        clear(bucket, pool)
        if n > 0 or threads > 1:
            pool, log = let_go(
                step, begin, dt, row, row + threads, work, wires, pool, learning, found, log
            )
        foresee((step + 1) % buckets, wires, pool)
        now = passed_for(clock, LEAVE, now)
        keep(s, n, begin, dt, units, whens, work, wires, learning, probes)
        passed_for(clock, RECORD, now)
    return n_steps, pool.chunks, pool.entries, log.spikes


drive_alone = exported(_signature(types.none), name="drive_alone", boundscheck=False)(drive.py_func)
"""The same for one thread: compiled sooner, which who starts the program waits for."""
