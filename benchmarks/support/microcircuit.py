"""The numbers of the cortical microcircuit at any scale (Potjans & Diesmann 2014)."""

from __future__ import annotations

import math

from benchmarks.support.networks import POPULATIONS, POTJANS, Spec


def potjans(scale: float = 1.0) -> Spec:
    """Return the microcircuit with so large a part of its neurons and of each one's inputs.

    With fewer inputs, weights grow by the root of the part that is missing and a constant current
    makes up for the mean, as the authors' own program does it (van Albada et al. 2015).
    """
    sizes = [round(n * scale) for n in POTJANS["sizes"]]
    inputs = _inputs()
    synapses = [[round(k * scale * n) for k in row] for row, n in zip(inputs, sizes, strict=True)]
    direct = [_missing_current(t, row, scale) for t, row in enumerate(inputs)]
    rate = POTJANS["external_rate"] * scale
    return POTJANS | {
        "sizes": sizes, "synapses": synapses, "n": sum(sizes),
        "input_rates": [k * rate for k in POTJANS["external"]],
        "direct": direct, "w": POTJANS["w"] / math.sqrt(scale),
    }  # fmt: skip


def _inputs() -> list[list[float]]:
    """Return how many synapses a neuron of each population has from each, at full scale."""
    sizes = POTJANS["sizes"]
    return [
        [
            math.log1p(-p) / math.log1p(-1.0 / (n_pre * n_post)) / n_post if p else 0.0
            for p, n_pre in zip(row, sizes, strict=True)
        ]
        for row, n_post in zip(POTJANS["p"], sizes, strict=True)
    ]


def weight_factor(s: int, t: int) -> float:
    """Return the weight of a synapse in units of the smallest excitatory one, with its sign."""
    if s % 2:
        return float(POTJANS["g"])
    return 2.0 if (POPULATIONS[s], POPULATIONS[t]) == POTJANS["doubled"] else 1.0


def _missing_current(t: int, inputs: list[float], scale: float) -> float:
    """Return the mean current (pA) that a population of the smaller network lacks."""
    weights = [weight_factor(s, t) for s in range(len(inputs))]
    arriving = sum(w * k * r for w, k, r in zip(weights, inputs, POTJANS["rates"], strict=True))
    arriving += POTJANS["external"][t] * POTJANS["external_rate"]
    charge = POTJANS["w"] * POTJANS["tau_syn"] / 1000.0
    return float((1.0 - math.sqrt(scale)) * charge * arriving)
