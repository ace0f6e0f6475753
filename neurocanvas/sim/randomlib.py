"""The random numbers of ``random`` for compiled kernels: the same functions, number by number."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from neurocanvas.sim.random import CHUNK, DRAW, GOLDEN, MIX_A, MIX_B, PARTS, TO_UNIT, TOTALS

_GOLDEN = np.uint64(GOLDEN)
_DRAW = np.uint64(DRAW)
_MIX_A = np.uint64(MIX_A)
_MIX_B = np.uint64(MIX_B)
_30, _27, _31, _11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_TO_PART = np.uint64(64 - (PARTS - 1).bit_length())
_FLAGS = {"error_model": "numpy", "nogil": True, "boundscheck": False}


@njit(**_FLAGS)
def mix_one(x):  # type: ignore[no-untyped-def]
    """Mix one 64-bit integer."""
    x = (x ^ (x >> _30)) * _MIX_A
    x = (x ^ (x >> _27)) * _MIX_B
    return x ^ (x >> _31)


@njit(**_FLAGS)
def counter_of(step, draw):  # type: ignore[no-untyped-def]
    """Return the mixed counter of a step and a draw."""
    return mix_one(np.uint64(step) * _GOLDEN + np.uint64(draw) * _DRAW)


@njit(**_FLAGS)
def unit_of(bits):  # type: ignore[no-untyped-def]
    """Return a number in (0, 1) from 64 mixed bits."""
    # 53 bits have no sign; a number with one is converted in one instruction.
    return (np.float64(np.int64(bits >> _11)) + 0.5) * TO_UNIT


@njit(**_FLAGS)
def uniform_of(key, mixed):  # type: ignore[no-untyped-def]
    """Return a number in (0, 1) from a stream key and a mixed counter."""
    return unit_of(mix_one(key ^ mixed))


@njit(**_FLAGS)
def normal_of(key, first, second):  # type: ignore[no-untyped-def]
    """Return a standard normal number from two counters (Box & Muller 1958)."""
    radius = math.sqrt(-2.0 * math.log(uniform_of(key, first)))
    return radius * math.cos(6.283185307179586 * uniform_of(key, second))


@njit(**_FLAGS)
def _invert(u, mean, none):  # type: ignore[no-untyped-def]
    term = none
    total = term
    k = 0
    while u > total and k < 1000:
        k += 1
        term *= mean / k
        total += term
    return k


@njit(**_FLAGS)
def poisson_of(key, step, mixed, mean):  # type: ignore[no-untyped-def]
    """Return the Poisson count of a stream in a step; ``mixed`` is the counter of draw 0."""
    if mean <= CHUNK:
        if mean <= 0.0:
            return 0
        return _invert(uniform_of(key, mixed), mean, math.exp(-mean))
    count = 0
    draw = 0
    while mean > 0.0:
        part = min(mean, CHUNK)
        count += _invert(uniform_of(key, counter_of(step, draw)), part, math.exp(-part))
        mean -= part
        draw += 1
    return count


@njit(**_FLAGS)
def poisson_table(table, mean, none):  # type: ignore[no-untyped-def]
    """Fill a table for ``poisson_by``; return how many counts it knows, 0 for large means.

    It holds the probability of each count or a smaller one, and behind these, for each part of the
    unit interval, the smallest count that a number in it may stand for (the guide of Chen & Asau
    1974, AIIE Trans. 6:163).
    """
    if mean <= 0.0 or mean > CHUNK:
        return 0
    term = none
    total = term
    known = 0
    while known < TOTALS:
        table[known] = total
        known += 1
        if term <= total * 1e-17:
            break
        term *= mean / known
        total += term
    table[known] = 2.0
    part = 0
    for count in range(known + 1):
        # Parts that begin at a probability or below it hold numbers that do not exceed it.
        last = min(int(table[count] * PARTS) + 1, PARTS)
        for place in range(part, last):
            table[TOTALS + 1 + place] = count
        part = max(part, last)
    return known


@njit(**_FLAGS)
def poisson_by(table, bits, u):  # type: ignore[no-untyped-def]
    """Return the count for a number in (0, 1) and its bits; any that is not known is the first."""
    count = int(table[TOTALS + 1 + np.int64(bits >> _TO_PART)])
    while u > table[count]:
        count += 1
    return count
