"""Connection rules to pairs of neurons, reproducible by seed and independent of other links."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from neurocanvas.model.elements import Link
from neurocanvas.model.projections import Rule
from neurocanvas.sim.random import generator

Indices = npt.NDArray[np.int64]
Pairs = tuple[Indices, Indices]
Random = np.random.Generator


def pairs(link: Link, n_pre: int, n_post: int, seed: int) -> tuple[Indices, Indices]:
    """Return which source neuron reaches which target neuron.

    Args:
        link: With its rule; its id keys the random numbers.
        n_pre, n_post: Sizes of the nodes.
        seed: Seed of the circuit.

    Returns:
        ``(pre, post)``, each int64 of shape (n,), sorted by source, then target.
    """
    random = generator(seed, link.id, "pairs")
    # A single neuron that is linked to itself was drawn so on purpose.
    no_self = link.pre == link.post and not link.rule.self_links and n_pre > 1
    if no_self and link.rule.name == "fixed_in_degree":
        pre, post = _fixed_in_degree(link.rule, n_pre - 1, n_post, random)
        pre = pre + (pre >= post)
    else:
        pre, post = _DRAW[link.rule.name](link.rule, n_pre, n_post, random)
    if no_self:
        keep = pre != post
        pre, post = pre[keep], post[keep]
    order = np.lexsort((post, pre))
    return pre[order], post[order]


def _all_to_all(rule: Rule, n_pre: int, n_post: int, random: Random) -> Pairs:
    return np.repeat(np.arange(n_pre), n_post), np.tile(np.arange(n_post), n_pre)


def _one_to_one(rule: Rule, n_pre: int, n_post: int, random: Random) -> Pairs:
    n = min(n_pre, n_post)
    return np.arange(n), np.arange(n)


def _probability(rule: Rule, n_pre: int, n_post: int, random: Random) -> Pairs:
    """Draw the gaps between connected pairs, so that the work grows with what is connected."""
    p, total = rule.value("p"), n_pre * n_post
    if p <= 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    chosen: list[Indices] = []
    at = -1
    while at < total:
        n = int((total - at) * p * 1.05 + 20)
        places = at + np.cumsum(random.geometric(p, size=n))
        chosen.append(places[places < total])
        at = int(places[-1])
    flat = np.concatenate(chosen)
    return flat // n_post, flat % n_post


def _fixed_in_degree(rule: Rule, n_pre: int, n_post: int, random: Random) -> Pairs:
    n = round(rule.value("n"))
    post = np.repeat(np.arange(n_post), n)
    return random.integers(0, n_pre, size=n * n_post), post


_DRAW = {
    "all_to_all": _all_to_all,
    "one_to_one": _one_to_one,
    "probability": _probability,
    "fixed_in_degree": _fixed_in_degree,
}
