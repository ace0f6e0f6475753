"""The random numbers of ``random`` for compiled kernels: the same functions, number by number."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from neurocanvas.sim.random import CHUNK, DRAW, GOLDEN, MIX_A, MIX_B, TO_UNIT

_GOLDEN = np.uint64(GOLDEN)
_DRAW = np.uint64(DRAW)
_MIX_A = np.uint64(MIX_A)
_MIX_B = np.uint64(MIX_B)
_30, _27, _31, _11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
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
def uniform_of(key, mixed):  # type: ignore[no-untyped-def]
    """Return a number in (0, 1) from a stream key and a mixed counter."""
    return (np.float64(mix_one(key ^ mixed) >> _11) + 0.5) * TO_UNIT


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
