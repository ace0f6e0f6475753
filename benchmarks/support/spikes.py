"""Statistics of spike trains, by which networks of different simulators are compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BIN_MS = 5.0
SAMPLE = 500
"""Neurons of which correlations are computed."""
ENOUGH = 5
"""Spikes that a neuron must have to tell how irregular it is."""


@dataclass(frozen=True)
class Statistics:
    """Of one run.

    Attributes:
        rate: Mean rate in Hz.
        cv: Mean coefficient of variation of the intervals.
        correlation: Mean correlation of the spike counts of two neurons.
    """

    rate: float
    cv: float
    correlation: float


def statistics(
    senders: npt.ArrayLike, times: npt.ArrayLike, n: int, begin: float, end: float
) -> Statistics:
    """Return the statistics of a population.

    Args:
        senders, times: A spike each: which of the n neurons, and when (ms).
        n: Number of neurons.
        begin, end: What is looked at, ms.
    """
    who, when = np.asarray(senders, np.int64), np.asarray(times, float)
    inside = (when >= begin) & (when < end)
    who, when = who[inside], when[inside]
    rate = len(who) / n / (end - begin) * 1000.0
    return Statistics(rate, _cv(who, when), _correlation(who, when, n, begin, end))


def _cv(who: npt.NDArray[np.int64], when: npt.NDArray[np.float64]) -> float:
    order = np.lexsort((when, who))
    who, when = who[order], when[order]
    same = np.diff(who) == 0
    intervals, owner = np.diff(when)[same], who[1:][same]
    count = np.bincount(owner, minlength=1)
    enough = count >= ENOUGH - 1
    count = np.maximum(count, 1)
    mean = np.bincount(owner, intervals) / count
    square = np.bincount(owner, intervals**2) / count
    sd = np.sqrt(np.maximum(0.0, square - mean**2))
    return float(np.mean(sd[enough] / mean[enough])) if enough.any() else float("nan")


def _correlation(
    who: npt.NDArray[np.int64], when: npt.NDArray[np.float64], n: int, begin: float, end: float
) -> float:
    """Return the mean over all pairs of some neurons that fire, evenly chosen."""
    chosen = np.unique(np.linspace(0, n - 1, min(n, SAMPLE)).astype(np.int64))
    row = np.full(n, -1)
    row[chosen] = np.arange(len(chosen))
    own = row[who] >= 0
    bins = int((end - begin) / BIN_MS)
    counts = np.zeros((len(chosen), bins))
    column = np.minimum(((when[own] - begin) / BIN_MS).astype(np.int64), bins - 1)
    np.add.at(counts, (row[who[own]], column), 1.0)
    counts = counts[counts.std(axis=1) > 0]
    if len(counts) < 2:
        return float("nan")
    matrix = np.corrcoef(counts)
    return float(matrix[np.triu_indices(len(counts), 1)].mean())
