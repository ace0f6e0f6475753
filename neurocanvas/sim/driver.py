"""The one compiled loop over time.

A step, in this order: sources, arrivals, synapses, neurons (with threshold and reset),
departures, plasticity, record. Step n goes from ``n dt`` to ``(n + 1) dt``. A spike of step n
leaves at the end of the step and arrives, ``delay`` steps later, at the beginning of step
``n + 1 + delay``.

Spikes under way lie in a calendar: a bucket per step, each a list of (slice, count) in the order
they left, where a slice is the run of synapses with one source neuron, delay and link.
"""

from __future__ import annotations

from numba import types

from neurocanvas.sim.calendar import (
    CHUNK,
    FAILED_COLUMN,
    FAILED_GROUP,
    FREE_COUNT,
    FREE_HEAD,
    LOGGED,
)
from neurocanvas.sim.native.build import exported, inner
from neurocanvas.sim.native.pointers import call_event, call_kernel, call_observer
from neurocanvas.sim.writing.plasticity_writer import ARRIVE, FIRE, RELEASE

_F8, _I8 = types.Array(types.float64, 1, "C"), types.Array(types.int64, 1, "C")
_I8_2 = types.Array(types.int64, 2, "C")
_F8_2 = types.Array(types.float64, 2, "C")
_U8 = types.Array(types.uint64, 1, "C")


_TARGET = types.Array(types.int32, 1, "C")
_WEIGHT = types.Array(types.float32, 1, "C")
_SIGNATURE = types.int64(
    types.int64, types.int64, types.float64, types.float64,
    _I8, _I8_2, types.int64, _F8, _I8, _U8,
    _TARGET, _WEIGHT, _I8, _I8, _I8,
    _I8, _I8, _I8, _I8, _I8, _F8, _I8,
    _I8, _I8, _F8,
    _I8, _I8, _I8, _I8, _F8,
    _I8, _I8_2, _I8, _F8_2,
    _I8, _I8, _I8, _I8, _I8, _I8, _I8, _I8_2, _I8, _I8_2, _I8, _F8,
)  # fmt: skip


@inner(boundscheck=False, inline="always")
def schedule(  # type: ignore[no-untyped-def]
    bucket, k, count, head, tail, chunk_next, fill, entry_slice, entry_count, state,
):  # fmt: skip
    """Append one entry to a bucket; there must be a free chunk."""
    chunk = tail[bucket]
    if chunk < 0 or fill[chunk] == CHUNK:
        fresh = state[FREE_HEAD]
        state[FREE_HEAD] = chunk_next[fresh]
        state[FREE_COUNT] -= 1
        chunk_next[fresh] = -1
        fill[fresh] = 0
        if chunk < 0:
            head[bucket] = fresh
        else:
            chunk_next[chunk] = fresh
        tail[bucket] = fresh
        chunk = fresh
    entry = chunk * CHUNK + fill[chunk]
    entry_slice[entry] = k
    entry_count[entry] = count
    fill[chunk] += 1


@inner(boundscheck=False)
def depart(  # type: ignore[no-untyped-def]
    step, found, begin, dt, out_unit, out_count, out_when, ring, slice_delay, unit_slice,
    head, tail, chunk_next, fill, entry_slice, entry_count, state,
    arena, weight, events, release, release_place, places, order,
):  # fmt: skip
    """Put every slice of the units that fired into the bucket of the step it arrives in.

    All spikes of a step in one call: what numba does for each of so many arguments at every call
    would cost more than the work.
    """
    scaled = release.shape[0] > 0
    for i in range(found):
        unit = out_unit[i]
        for k in range(unit_slice[unit], unit_slice[unit + 1]):
            amount = float(out_count[i])
            if scaled and release[k] >= 0:
                amount = 0.0
                for _ in range(out_count[i]):
                    amount += call_event(
                        events[release[k]], arena, weight, places, order, RELEASE, 0, 0, release_place[k],
                        begin + out_when[i] * dt,
                    )  # fmt: skip
            schedule(
                (step + 1 + slice_delay[k]) % ring, k, amount,
                head, tail, chunk_next, fill, entry_slice, entry_count, state,
            )  # fmt: skip


@inner(boundscheck=False)
def arrive(  # type: ignore[no-untyped-def]
    bucket, t, arena, target, weight, start,
    head, tail, chunk_next, fill, entry_slice, entry_count, state,
    events, learn, learn_place, places, order,
):  # fmt: skip
    """Add the weights of all spikes that arrive now, and free their entries."""
    chunk = head[bucket]
    while chunk >= 0:
        for entry in range(chunk * CHUNK, chunk * CHUNK + fill[chunk]):
            k = entry_slice[entry]
            count = entry_count[entry]
            if learn.shape[0] > 0 and learn[k] >= 0:
                call_event(
                    events[learn[k]], arena, weight, places, order, ARRIVE, start[k], start[k + 1], learn_place[k], t
                )
            if count == 1.0:
                for i in range(start[k], start[k + 1]):
                    arena[target[i]] += weight[i]
            else:
                for i in range(start[k], start[k + 1]):
                    arena[target[i]] += weight[i] * count
        following = chunk_next[chunk]
        chunk_next[chunk] = state[FREE_HEAD]
        state[FREE_HEAD] = chunk
        state[FREE_COUNT] += 1
        chunk = following
    head[bucket] = -1
    tail[bucket] = -1


@inner(boundscheck=False)
def learn_from(  # type: ignore[no-untyped-def]
    found, begin, dt, out_unit, out_when, unit_first, learners,
    arena, weight, events, places, order,
):  # fmt: skip
    """Let every synapse into the units that fired learn from it."""
    for k in range(found):
        unit = out_unit[k]
        for j in range(unit_first[unit], unit_first[unit + 1]):
            call_event(
                events[learners[j, 0]], arena, weight, places, order, FIRE, learners[j, 2], learners[j, 3],
                learners[j, 1], begin + out_when[k] * dt,
            )  # fmt: skip


@inner(boundscheck=False)
def record(  # type: ignore[no-untyped-def]
    column, t, dt, arena, index, weight, observers, observed, recorded, weighed, samples
):
    """Write the present value of every channel."""
    for c in range(recorded.shape[0]):
        if recorded[c] >= 0:
            samples[c, column] = arena[recorded[c]]
    for k in range(observed.shape[0]):
        samples[observed[k, 6], column] = call_observer(
            observers[observed[k, 0]], arena, index, observed[k, 1], observed[k, 2], observed[k, 3], observed[k, 4],
            observed[k, 5], t, dt,
        )  # fmt: skip
    for k in range(weighed.shape[0]):
        samples[weighed[k, 0], column] = weight[weighed[k, 1]]


@exported(_SIGNATURE, boundscheck=False)
def drive(  # type: ignore[no-untyped-def]
    first_step, n_steps, time_offset, dt,
    kernels, plan, before, arena, index, keys,
    target, weight, start, slice_delay, unit_slice,
    head, tail, chunk_next, fill, entry_slice, entry_count, state,
    out_unit, out_count, out_when,
    listed, log_unit, log_count, log_step, log_when,
    observers, observed, recorded, samples,
    events, release, release_place, learn, learn_place, places, unit_first, learners, order,
    weighed, held_place, held_current,
):  # fmt: skip
    """Advance a program.

    Args:
        first_step, n_steps: Which steps.
        time_offset, dt: Step n begins at ``time_offset + n*dt`` ms.
        kernels: One for each group.
        plan, before: See ``Program.plan``.
        arena, index, keys: See ``Program``.
        target, weight, start, slice_delay, unit_slice: See ``Synapses``.
        head, tail: First and last entry of each bucket, -1 if empty.
        chunk_next, fill, entry_slice, entry_count: The pool of chunks; free ones are chained too.
        state: See the names above.
        out_unit, out_count, out_when: Room for the spikes of one step.
        listed: For each unit, 1 if its spikes are logged, otherwise 0.
        log_unit, log_count, log_step, log_when: Room for the spikes of this call.
        observers, observed: Functions and rows (observer, offset, column, consts, link, what,
            channel) for recorded definitions.
        recorded: Arena place of each channel, -1 for those that are observed.
        samples: (n_channels, n_steps); column s is the end of step ``first_step + s``.
        events, release, release_place, learn, learn_place, places, unit_first, learners, order: See
            ``Learning``.
        weighed: Rows (channel, synapse) of recorded weights.
        held_place, held_current: Currents (pA) that a hand holds into neurons, and where they go.

    Returns:
        How many steps were done: fewer than asked for if room ran out or a value was not finite.
    """
    ring = head.shape[0]
    n_slices = slice_delay.shape[0]
    needed = n_slices // CHUNK + min(n_slices, ring) + 1
    for s in range(n_steps):
        if state[FREE_COUNT] < needed or state[LOGGED] + out_unit.shape[0] > log_unit.shape[0]:
            return s
        step = first_step + s
        t = time_offset + (step + 0.5) * dt
        for k in range(held_place.shape[0]):
            arena[held_place[k]] += held_current[k]
        found = 0
        for c in range(before):
            found = call_kernel(
                kernels[plan[c, 0]], arena, index, keys, plan[c, 1], plan[c, 2], plan[c, 3], plan[c, 4], plan[c, 5],
                plan[c, 6], plan[c, 7], step, t, dt, out_unit, out_count, out_when, found,
            )  # fmt: skip
        arrive(
            step % ring, time_offset + step * dt, arena, target, weight, start,
            head, tail, chunk_next, fill, entry_slice, entry_count, state,
            events, learn, learn_place, places, order,
        )  # fmt: skip
        for c in range(before, plan.shape[0]):
            result = call_kernel(
                kernels[plan[c, 0]], arena, index, keys, plan[c, 1], plan[c, 2], plan[c, 3], plan[c, 4], plan[c, 5],
                plan[c, 6], plan[c, 7], step, t, dt, out_unit, out_count, out_when, found,
            )  # fmt: skip
            if result < 0:
                state[FAILED_GROUP] = plan[c, 0]
                state[FAILED_COLUMN] = -1 - result
                return s
            found = result
        at = state[LOGGED]
        for k in range(found):
            log_unit[at], log_count[at] = out_unit[k], out_count[k]
            log_step[at], log_when[at] = step, out_when[k]
            at += listed[out_unit[k]]
        state[LOGGED] = at
        depart(
            step, found, time_offset + step * dt, dt, out_unit, out_count, out_when,
            ring, slice_delay, unit_slice,
            head, tail, chunk_next, fill, entry_slice, entry_count, state,
            arena, weight, events, release, release_place, places, order,
        )  # fmt: skip
        if unit_first.shape[0] > 0:
            learn_from(
                found, time_offset + step * dt, dt, out_unit, out_when, unit_first, learners,
                arena, weight, events, places, order,
            )  # fmt: skip
        record(
            s, time_offset + (step + 1) * dt, dt, arena, index, weight,
            observers, observed, recorded, weighed, samples,
        )  # fmt: skip
    return n_steps
