"""What the driver works on: named tuples of arrays, so that each goes as one argument.

Numba takes a named tuple apart when it is passed and puts it together for free: in compiled code
there is no tuple, only its arrays.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

CHUNK = 32
"""Entries that lie side by side."""
LIMIT = 1 << 31
"""No target lies so far behind."""
FIRST, COUNT = 0, 1
"""Places in ``Pool.free``: the first free chunk, and how many there are."""
LAST = 1
"""Place in ``Pool.ring``, beside the first chunk of a bucket."""
NEXT, FILL = 0, 1
"""Places in ``Pool.chunks``."""

PARTS = ("arrivals", "spikes leave", "learning and recording", "waiting")
"""What takes time beside the kernels."""
ARRIVALS, LEAVE, RECORD, WAIT = range(4)

Array = Any
"""A numpy array; its type is in ``bundle_types``."""

APART = 8
"""So far apart lie counters that different threads change: in other lines of the cache."""


def meeting(threads: int) -> npt.NDArray[np.int64]:
    """Return the counters of some threads, for one call of the driver.

    The first says how often anyone has met the others; each of the following, ``APART`` numbers
    behind the one before, how often anyone has looked for a row among the common ones of a thread.
    """
    return np.zeros(APART * (1 + threads), np.int64)


class Work(NamedTuple):
    """What is computed in a step.

    Attributes:
        kernels: Where the kernel of each group lies in memory.
        plan: A row for each call; see ``plans``.
        stages: Where the rows of sources, of synapses that act on any neuron and of neurons begin,
            and where the last end.
        quick, quick_stages, quick_kernels: The same for a step in which neurons do their synapses
            themselves.
        common: Rows that any thread may do: sources whose spikes nobody needs one by one.
        common_first: Where those begin that each thread does first, and where the last end.
        mixed: 1 if synapses act on any neuron, for which all threads wait, otherwise 0.
        whole: 1 if neurons do their synapses themselves in no step, otherwise 0.
        arena, index, keys: See ``Program``.
        held_place, held_current: Currents (pA) that a hand holds into neurons, and where they go.
        ticks: Time that each row of both plans and of the common ones and then each of ``PARTS``
            took, in ticks of the processor's clock; empty where nobody wants to know.
    """

    kernels: Any
    plan: Array
    stages: Array
    quick: Array
    quick_stages: Array
    quick_kernels: Any
    common: Array
    common_first: Array
    mixed: int
    whole: int
    arena: Array
    index: Array
    keys: Array
    held_place: Array
    held_current: Array
    ticks: Array


class Wires(NamedTuple):
    """All spiking connections that spikes go along one by one; see ``Synapses`` and ``Runs``.

    Attributes:
        target: Arena places, unsigned: compiled code asks of a signed one whether it is negative.
        weight: What is added there.
        start, delay, unit_run: Where each run begins, its delay, and the runs of each unit.
        splits: For each run, the synapses that divide it among threads; (n_runs, threads - 1).
    """

    target: Array
    weight: Array
    start: Array
    delay: Array
    unit_run: Array
    splits: Array


class Stream(NamedTuple):
    """Counts of Poisson trains on their way; see ``flows``.

    Attributes:
        counts: float32; a ring for each source, of ``depth`` rows of n.
        kept: Rows (offset, stride, begin, end, first, depth, n): the columns of a source whose
            counts are kept, and where the ring lies.
        added: Rows (offset, stride, begin, end, first, depth, n, weight, delay, since, until): the
            columns of a target that they are added to, times the weight at an arena place, if they
            left in the steps from ``since`` to ``until``.
    """

    counts: Array
    kept: Array
    added: Array


class Pool(NamedTuple):
    """Spikes under way: a ring of buckets, one per step, each a chain of chunks of entries.

    Attributes:
        ring: First and last chunk of each bucket, -1 if empty; (n_buckets, 2).
        chunks: Of each chunk, the one that follows, and how many entries it has; (n_chunks, 2).
        entries: ``ENTRY``, so many for each chunk.
        free: First free chunk, and how many are free.
    """

    ring: Array
    chunks: Array
    entries: Array
    free: Array


class Learners(NamedTuple):
    """What plasticity needs at a spike; see ``Learning``."""

    events: Any
    release: Array
    release_place: Array
    learn: Array
    learn_place: Array
    places: Array
    unit_first: Array
    targets: Array
    order: Array


class Found(NamedTuple):
    """Room for the spikes of a step, a row for each thread; of several, in two versions in turn.

    Attributes:
        unit, count, when: Which units fired, how often, and when inside the step.
        n: How many of them are sources, and how many there are.
        pool: Where the chunks and the entries of the pool lie now, and how many chunks there are.
        failed: Group and column of a value that is not finite, in a row for each thread; -1.
    """

    unit: Array
    count: Array
    when: Array
    n: Array
    pool: Array
    failed: Array


class Log(NamedTuple):
    """Spikes that are listed.

    Attributes:
        listed: For each unit, 1 if its spikes are listed, otherwise 0.
        spikes: The list, ``SPIKE``.
        n: How many there are, of shape (1,).
    """

    listed: Array
    spikes: Array
    n: Array


class Probes(NamedTuple):
    """What is recorded at the end of every step.

    Attributes:
        observers, observed: Where functions lie in memory, and rows (observer, offset, column,
            consts, link, what, channel) for definitions.
        recorded: uint64, arena place of each channel; any place for those that are not there or
            are overwritten, by what is observed and by weights. Unsigned, so that no place is
            looked at from the end.
        weighed: Rows (channel, synapse) of weights.
        samples: (n_steps, n_channels): what a step gives lies side by side.
    """

    observers: Any
    observed: Array
    recorded: Array
    weighed: Array
    samples: Array


ENTRY = np.dtype(
    [("begin", np.uint32), ("end", np.uint32), ("run", np.int64), ("count", np.float64)],
    align=True,
)
"""Spikes that arrive together: the first of their synapses and the one behind the last; the run
that these are in; and how many left together, times what plasticity let them release."""
SPIKE = np.dtype(
    [("unit", np.int64), ("count", np.int64), ("step", np.int64), ("when", np.float64)],
    align=True,
)
"""Which unit fired, how often, in which step, and when inside it."""
