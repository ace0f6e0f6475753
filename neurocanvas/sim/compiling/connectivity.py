"""Connection rules to pairs of neurons, reproducible by seed and independent of other links."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from neurocanvas.model.elements import Link
from neurocanvas.model.projections import Rule
from neurocanvas.sim.random import generator

Indices = npt.NDArray[np.int64]
Neurons = npt.NDArray[np.int32]
Pairs = tuple[Neurons, Neurons]
Reals = npt.NDArray[np.float64]
Random = np.random.Generator
Shape = tuple[int, int]


PIECE = 1 << 20
"""So many pairs are taken apart at once: a link may have 10^8, and every copy of them counts."""

ONE = np.zeros(1, np.int32)
ONE.setflags(write=False)
"""The index of the only neuron of a node: most links of a drawn circuit need no more."""


def pairs(link: Link, n_pre: int, n_post: int, seed: int) -> Pairs:
    """Return which source neuron reaches which target neuron.

    Args:
        link: With its rule; its id keys the random numbers.
        n_pre, n_post: Sizes of the nodes.
        seed: Seed of the circuit.

    Returns:
        ``(pre, post)``, each int32 of shape (n,), sorted by source, then target.
    """
    if n_pre == n_post == 1 and link.rule.name in CERTAIN:
        return ONE, ONE
    random = generator(seed, link.id, "pairs")
    # A single neuron that is linked to itself was drawn so on purpose.
    no_self = link.pre == link.post and not link.rule.self_links and n_pre > 1
    if link.rule.name in _BY_NUMBER:
        # Of the others there is one less: counts stay exact.
        flat = _BY_NUMBER[link.rule.name](link.rule, n_pre, n_post, no_self, random)
        return _apart(flat, n_post)
    pre, post = _apart(_BY_PAIR[link.rule.name](link.rule, n_pre, n_post, random), n_post)
    keep = pre != post if no_self else slice(None)
    return pre[keep], post[keep]


def _apart(flat: Indices, n_post: int) -> Pairs:
    """Sort pairs that are given as ``pre*n_post + post``, and take them apart piece by piece."""
    if np.any(flat[1:] < flat[:-1]):
        flat.sort()
    pre, post = np.empty(len(flat), np.int32), np.empty(len(flat), np.int32)
    for at in range(0, len(flat), PIECE):
        piece = slice(at, at + PIECE)
        quotient = flat[piece] // n_post
        pre[piece] = quotient
        post[piece] = flat[piece] - quotient * n_post
    return pre, post


def _all_to_all(rule: Rule, n_pre: int, n_post: int, random: Random) -> Indices:
    return np.arange(n_pre * n_post)


def _one_to_one(rule: Rule, n_pre: int, n_post: int, random: Random) -> Indices:
    return np.arange(min(n_pre, n_post)) * (n_post + 1)


def _probability(rule: Rule, n_pre: int, n_post: int, random: Random) -> Indices:
    return _chosen(n_pre * n_post, rule.value("p"), random)


def _chosen(total: int, p: float, random: Random) -> Indices:
    """Choose each of ``range(total)`` with probability p.

    The gaps between those chosen are drawn, so that the work grows with their number.
    """
    if p <= 0:
        return np.empty(0, np.int64)
    if p >= 1:
        return np.arange(total)
    chosen: list[Indices] = []
    at = -1
    while at < total:
        n = int((total - at) * p * 1.05 + 20)
        # Gaps beyond the end may be so long that their sum would overflow.
        gaps = np.minimum(random.geometric(p, size=n), total + 1)
        places = at + np.cumsum(gaps)
        chosen.append(places[places < total])
        at = int(places[-1])
    return np.concatenate(chosen)


# -- by number -----------------------------------------------------------------------------------


def _fixed_in_degree(rule: Rule, n_pre: int, n_post: int, no_self: bool, random: Random) -> Indices:
    post = _repeated(n_post, round(rule.value("n")))
    return _flat(_partners(post, n_pre, no_self, random), post, n_post)


def _fixed_out_degree(
    rule: Rule, n_pre: int, n_post: int, no_self: bool, random: Random
) -> Indices:
    pre = _repeated(n_pre, round(rule.value("n")))
    return _flat(pre, _partners(pre, n_post, no_self, random), n_post)


def _repeated(n: int, times: int) -> Indices:
    """Return 0, 0, ..., 1, 1, ...: as ``np.repeat``, but without holding Python's lock."""
    found = np.empty((n, times), np.int64)
    found[:] = np.arange(n)[:, None]
    return found.reshape(-1)


def _fixed_total(rule: Rule, n_pre: int, n_post: int, no_self: bool, random: Random) -> Indices:
    pre = random.integers(0, n_pre, size=round(rule.value("n")))
    return _flat(pre, _partners(pre, n_post, no_self, random), n_post)


def _flat(pre: Indices, post: Indices, n_post: int) -> Indices:
    """Return ``pre*n_post + post``, in the place of ``pre``: a link may have 10^8 of them."""
    pre *= n_post
    pre += post
    return pre


def _partners(own: Indices, n: int, no_self: bool, random: Random) -> Indices:
    """Draw one of n neurons for each of ``own``, evenly; with ``no_self``, another than itself."""
    if not no_self:
        return random.integers(0, n, size=len(own))
    others = random.integers(0, n - 1, size=len(own))
    return others + (others >= own)


# -- by distance ---------------------------------------------------------------------------------


def _gaussian_ring(rule: Rule, n_pre: int, n_post: int, random: Random) -> Indices:
    return _by_distance(rule, (n_pre, 1), (n_post, 1), (n_pre, n_post), random)


def _gaussian_grid(rule: Rule, n_pre: int, n_post: int, random: Random) -> Indices:
    return _by_distance(rule, _sheet(n_pre), _sheet(n_post), (n_pre, n_post), random)


def _sheet(n: int) -> Shape:
    """Return columns and rows of the squarest sheet for n neurons; the last row may have gaps."""
    columns = math.isqrt(n - 1) + 1
    return columns, -(-n // columns)


def _by_distance(
    rule: Rule, source: Shape, target: Shape, sizes: tuple[int, int], random: Random
) -> Indices:
    """Draw pairs with a probability that falls with distance as a Gaussian.

    Places of the target's sheet are numbered from the one that a source neuron faces. Seen so, the
    farther ones are so for all source neurons, and can be chosen with one probability that is a
    little too high for each of them; what is chosen is then kept with the missing factor.

    Args:
        source, target: Columns and rows of the sheets; a ring has one row.
        sizes: How many neurons there are on them.
    """
    sigma, p_max, periodic = rule.value("sigma"), rule.value("p_max"), rule.value("periodic") > 0.5
    nearest = _nearest(target)
    order = np.argsort(nearest, kind="stable")
    found: list[Indices] = []
    for first, last in _bands(nearest[order], sigma, p_max * sizes[0]):
        too_high = p_max * _falloff(nearest[order[first]], sigma)
        flat = _chosen(sizes[0] * (last - first), float(too_high), random)
        pre, offset = flat // (last - first), order[first + flat % (last - first)]
        post = _faced(pre, offset, source, target)
        there = post < sizes[1]
        pre, post = pre[there], post[there]
        p = p_max * _falloff(_distance(pre, post, source, target, periodic), sigma)
        kept = random.random(len(pre)) * too_high < p
        found.append(_flat(pre[kept], post[kept], sizes[1]))
    return np.concatenate(found)


def _falloff(distance: Reals, sigma: float) -> Reals:
    return np.asarray(np.exp(-0.5 * (distance / sigma) ** 2))


def _bands(nearest: Reals, sigma: float, weight: float) -> Iterator[tuple[int, int]]:
    """Cut sorted distances where the Gaussian falls by a fifth, until nothing more is expected."""
    start, n = 0, len(nearest)
    while start < n:
        # exp(-(e**2 - d**2)/(2 sigma**2)) = 0.8
        end = math.sqrt(nearest[start] ** 2 - 2 * sigma**2 * math.log(0.8))
        stop = int(np.searchsorted(nearest, end, side="right"))
        if weight * (n - start) * _falloff(nearest[start], sigma) < 1:
            stop = n
        yield start, max(stop, start + 1)
        start = max(stop, start + 1)


def _nearest(target: Shape) -> Reals:
    """Return how near a place of a sheet can be, by its offset from the place that is faced."""
    across, down = (_nearest_along(n) for n in target)
    return np.hypot(across[None, :], down[:, None]).ravel()


def _nearest_along(n: int) -> Reals:
    steps = np.minimum(np.arange(n), n - np.arange(n))
    return np.maximum(steps - 0.5, 0.0) / n


def _faced(pre: Indices, offset: Indices, source: Shape, target: Shape) -> Indices:
    """Return the target neuron at an offset from the place that a source neuron faces."""
    column = _facing(pre % source[0], source[0], target[0]) + offset % target[0]
    row = _facing(pre // source[0], source[1], target[1]) + offset // target[0]
    return np.asarray(row % target[1] * target[0] + column % target[0])


def _facing(place: Indices, n_from: int, n_to: int) -> Indices:
    """Return which of ``n_to`` equal parts of a line the middle of one of ``n_from`` lies in."""
    return np.asarray((2 * place + 1) * n_to // (2 * n_from))


def _distance(pre: Indices, post: Indices, source: Shape, target: Shape, periodic: bool) -> Reals:
    """Return distances, in parts of the side of the sheet."""
    across = np.abs((pre % source[0] + 0.5) / source[0] - (post % target[0] + 0.5) / target[0])
    down = np.abs((pre // source[0] + 0.5) / source[1] - (post // target[0] + 0.5) / target[1])
    if periodic:
        across, down = np.minimum(across, 1 - across), np.minimum(down, 1 - down)
    return np.asarray(np.hypot(across, down))


_BY_PAIR = {
    "all_to_all": _all_to_all,
    "one_to_one": _one_to_one,
    "probability": _probability,
    "gaussian_ring": _gaussian_ring,
    "gaussian_grid": _gaussian_grid,
}
_BY_NUMBER = {
    "fixed_in_degree": _fixed_in_degree,
    "fixed_out_degree": _fixed_out_degree,
    "fixed_total_number": _fixed_total,
}
CERTAIN = ("all_to_all", "one_to_one")
"""Rules without chance."""
