"""Counter-based random numbers: a pure function of (seed, element, neuron, step, draw).

Nothing is stored, so the noise of a neuron depends neither on the rest of the circuit nor on blocks
or threads. The mixing function is variant 13 of Stafford's, as in SplitMix64 (Steele, Lea & Flood
2014, OOPSLA, fig. 11); the stream key and the mixed counter are combined before a second mixing.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]

GOLDEN = 0x9E3779B97F4A7C15
MIX_A = 0xBF58476D1CE4E5B9
MIX_B = 0x94D049BB133111EB
DRAW = 0xD1B54A32D192ED03
TO_UNIT = 2.0**-53
_MASK = (1 << 64) - 1


def element_key(seed: int, element_id: str, purpose: str = "") -> int:
    """Return the 64-bit key of an element's random streams."""
    text = f"{seed}\0{element_id}\0{purpose}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


def stream_keys(seed: int, element_id: str, n: int, purpose: str = "") -> Keys:
    """Return one key for each of the ``n`` neurons of an element, uint64 of shape (n,)."""
    key = np.array([element_key(seed, element_id, purpose)], np.uint64)
    return spread_keys(key, np.array([n]))


def spread_keys(keys: Keys, sizes: npt.NDArray[np.int64]) -> Keys:
    """Return one stream key for each neuron of several elements, uint64 of shape (sum(sizes),).

    Args:
        keys: Key of each element; see ``element_key``.
        sizes: How many neurons each has.
    """
    index = (within(sizes) + 1).astype(np.uint64)
    return mix(np.repeat(keys, sizes) + index * np.uint64(GOLDEN))


def within(sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return 0, 1, .. for each of several runs, int64 of shape (sum(sizes),)."""
    starts = np.cumsum(sizes) - sizes
    return np.arange(sizes.sum()) - np.repeat(starts, sizes)


def mix(x: Keys) -> Keys:
    """Mix 64-bit integers, elementwise."""
    x = np.asarray(x, dtype=np.uint64)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(MIX_A)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(MIX_B)
    return x ^ (x >> np.uint64(31))


def counter(step: int, draw: int = 0) -> np.uint64:
    """Return the mixed counter of a step and of the draw within it."""
    value = np.uint64((step * GOLDEN + draw * DRAW) & _MASK)
    return np.uint64(mix(np.asarray([value]))[0])


def uniform(keys: Keys, step: int, draw: int = 0) -> npt.NDArray[np.float64]:
    """Return numbers in (0, 1), one per key: the same as the kernels see in this step."""
    bits = mix(np.asarray(keys, dtype=np.uint64) ^ counter(step, draw))
    return ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * TO_UNIT


def normal(keys: Keys, step: int, number: int = 0) -> npt.NDArray[np.float64]:
    """Return standard normal numbers, one per key: the same as noise ``number`` of the kernels."""
    radius = np.sqrt(-2.0 * np.log(uniform(keys, step, 2 * number)))
    angle = 2.0 * np.pi * uniform(keys, step, 2 * number + 1)
    return np.asarray(radius * np.cos(angle))


def generator(seed: int, element_id: str, purpose: str) -> np.random.Generator:
    """Return a numpy generator for building (connections, distributions), keyed the same way."""
    return np.random.Generator(np.random.Philox(key=element_key(seed, element_id, purpose)))


CHUNK = 64.0
"""Largest mean that one inversion handles; larger ones are sums of chunks."""

TOTALS, PARTS = 160, 256
TABLE = TOTALS + PARTS + 1
"""Numbers in a table of counts, and in how many parts it takes the unit interval."""


def poisson(keys: Keys, step: int, mean: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return Poisson counts, one per key: the same as the kernels draw in this step.

    Args:
        keys: uint64 of shape (n,).
        step: Number of the step.
        mean: Expected counts, shape (n,).
    """
    counts = np.zeros(len(keys), dtype=np.int64)
    left = np.array(mean, dtype=float)
    draw = 0
    while np.any(left > 0):
        part = np.minimum(left, CHUNK)
        chosen = np.flatnonzero(part > 0)
        u = uniform(keys[chosen], step, draw)
        counts[chosen] += [
            _invert(float(x), float(m)) for x, m in zip(u, part[chosen], strict=True)
        ]
        left -= part
        draw += 1
    return counts


def _invert(u: float, mean: float) -> int:
    """Return the smallest k whose cumulative probability exceeds u (Devroye 1986, p. 505)."""
    term = float(np.exp(-mean))
    total, k = term, 0
    while u > total and k < 1000:
        k += 1
        term *= mean / k
        total += term
    return k
