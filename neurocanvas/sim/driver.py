"""The one compiled loop over time.

A step, in this order: sources, arrivals, synapses, neurons (with threshold and reset),
departures, plasticity, record. Step n goes from ``n dt`` to ``(n + 1) dt``. A spike of step n
leaves at the end of the step and arrives, ``delay`` steps later, at the beginning of step
``n + 1 + delay``.

Several threads may share the work: each has columns of its own, which it alone writes to, and they
meet three times in a step. What is added to a column is added in one order however many they are,
so the result is the same bit by bit.
"""

from __future__ import annotations

from numba import njit, types

from neurocanvas.sim import bundles
from neurocanvas.sim.bundles import Log
from neurocanvas.sim.delivery import _longer, arrive, arrive_among, clear, depart, learn_from
from neurocanvas.sim.machine import meet, ticks

PARTS = ("arrivals", "spikes leave", "plasticity", "recording", "waiting")
"""What takes time beside the kernels."""
ARRIVALS, LEAVE, LEARN, RECORD, WAIT = range(5)

_SIGNATURE = types.Tuple((types.int64, bundles.POOL, bundles.LOG))(
    types.int64, types.int64, bundles.INTEGERS, types.int64, types.int64, types.float64,
    types.float64, bundles.WORK, bundles.WIRES, bundles.POOL, bundles.LEARNERS, bundles.FOUND,
    bundles.LOG, bundles.PROBES,
)  # fmt: skip


@njit(nogil=True, cache=True, boundscheck=False)
def record(column, t, dt, arena, index, weight, probes):  # type: ignore[no-untyped-def]
    """Write the present value of every channel."""
    recorded, observed, weighed = probes.recorded, probes.observed, probes.weighed
    samples = probes.samples
    for c in range(recorded.shape[0]):
        if recorded[c] >= 0:
            samples[c, column] = arena[recorded[c]]
    for k in range(observed.shape[0]):
        samples[observed[k, 6], column] = probes.observers[observed[k, 0]](
            arena, index, observed[k, 1], observed[k, 2], observed[k, 3], observed[k, 4],
            observed[k, 5], t, dt,
        )  # fmt: skip
    for k in range(weighed.shape[0]):
        samples[weighed[k, 0], column] = weight[weighed[k, 1]]


@njit(nogil=True, cache=True, boundscheck=False)
def enlist(step, units, counts, whens, first, last, log):  # type: ignore[no-untyped-def]
    """List the spikes of some units; return the list, which may have grown."""
    n = log.n[0]
    if n + last - first > log.unit.shape[0]:
        room = 2 * (n + last - first)
        log = Log(
            log.listed, _longer(log.unit, room), _longer(log.count, room),
            _longer(log.step, room), _longer(log.when, room), log.n,
        )  # fmt: skip
    for i in range(first, last):
        log.unit[n], log.count[n] = units[i], counts[i]
        log.step[n], log.when[n] = step, whens[i]
        n += log.listed[units[i]]
    log.n[0] = n
    return log


@njit(_SIGNATURE, nogil=True, cache=True, boundscheck=False)
def drive(  # type: ignore[no-untyped-def]
    thread, threads, met, first_step, n_steps, time_offset, dt,
    work, wires, pool, learning, found, log, probes,
):  # fmt: skip
    """Advance a program.

    Args:
        thread, threads: Which of how many threads this is.
        met: int64 of shape (1,), where they meet; see ``machine.meet``.
        first_step, n_steps: Which steps.
        time_offset, dt: Step n begins at ``time_offset + n*dt`` ms.
        work: What this thread computes in a step.
        wires, pool, learning, found, log, probes: See ``bundles``; shared by all threads.

    Returns:
        How many steps were done, fewer than asked for if a value was not finite; the pool and the
        list of spikes, which may have grown.
    """
    arena, plan, kernels, clock = work.arena, work.plan, work.kernels, work.ticks
    timed = clock.shape[0] > 0
    rest = plan.shape[0]
    ring = pool.head.shape[0]
    row = thread
    units, counts, whens = found.unit[row], found.count[row], found.when[row]
    for s in range(n_steps):
        step = first_step + s
        begin, t = time_offset + step * dt, time_offset + (step + 0.5) * dt
        if threads > 1:
            row = (step & 1) * threads + thread
            units, counts, whens = found.unit[row], found.count[row], found.when[row]
        if thread == 0:
            for k in range(work.held_place.shape[0]):
                arena[work.held_place[k]] += work.held_current[k]
        n = 0
        now = ticks() if timed else 0
        for stage in range(3):
            for c in range(work.stages[stage], work.stages[stage + 1]):
                result = kernels[plan[c, 0]](
                    arena, work.index, work.keys, plan[c, 1], plan[c, 2], plan[c, 3], plan[c, 4],
                    plan[c, 5], plan[c, 6], plan[c, 7], step, t, dt, units, counts, whens, n,
                )  # fmt: skip
                if result < 0:
                    found.failed[thread, 0], found.failed[thread, 1] = plan[c, 0], -1 - result
                    break
                n = result
                if timed:
                    now = _passed(clock, c, now)
            if stage == 0:
                found.n[row, 0] = n
                if threads == 1:
                    arrive(step % ring, begin, arena, wires, pool, learning)
                else:
                    meet(met, threads)
                    arrive_among(thread, step % ring, arena, wires, pool)
                if timed:
                    now = _passed(clock, rest + ARRIVALS, now)
            elif stage == 1:
                if threads > 1:
                    meet(met, threads)
        found.n[row, 1] = n
        if threads > 1:
            meet(met, threads)
            if timed:
                now = _passed(clock, rest + WAIT, now)
        for k in range(threads):
            if found.failed[k, 0] >= 0:
                return s, pool, log
        if thread > 0:
            continue
        clear(step % ring, pool)
        for which in range(2):
            for k in range(row, row + threads):
                first, last = (0, found.n[k, 0]) if which == 0 else (found.n[k, 0], found.n[k, 1])
                log = enlist(step, found.unit[k], found.count[k], found.when[k], first, last, log)
                pool = depart(
                    step, begin, dt, found.unit[k], found.count[k], found.when[k], first, last,
                    arena, wires, pool, learning,
                )  # fmt: skip
        if timed:
            now = _passed(clock, rest + LEAVE, now)
        if learning.unit_first.shape[0] > 0:
            learn_from(units, whens, n, begin, dt, arena, wires.weight, learning)
            if timed:
                now = _passed(clock, rest + LEARN, now)
        record(s, begin + dt, dt, arena, work.index, wires.weight, probes)
        if timed:
            now = _passed(clock, rest + RECORD, now)
    return n_steps, pool, log


@njit(nogil=True, cache=True, boundscheck=False, inline="always")
def _passed(clock, k, before):  # type: ignore[no-untyped-def]
    """Add the time since ``before`` to a sum; return the time now."""
    now = ticks()
    clock[k] += now - before
    return now
