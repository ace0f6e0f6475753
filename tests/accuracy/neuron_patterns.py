"""What spike trains look like, in numbers; and one neuron under steps of current, solved twice."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np

import neurocanvas as nc

AGREEMENT_MS = 0.005
"""How far spikes of the engine at 0.1 ms may lie from those of the reference, where nothing is
chaotic: a twentieth of a step after dozens of spikes."""


def preset(kind, title):
    """The values of a published set, as keywords; none where there is no title."""
    return dict(nc.kinds().get(kind).presets[title]) if title else {}


@cache
def train(kind, title, steps, duration, dt=0.1, reference=True, **values):
    """Spikes of one neuron with a published set of values, in ms.

    Args:
        steps: Tuples (amplitude in pA, start, stop in ms), added up.
        values: Parameters that differ from the set.
    """
    circuit = nc.Circuit(dt=dt)
    node = circuit.add(kind, label="A", **(preset(kind, title) | values))
    for amplitude, start, stop in steps:
        source = circuit.add("step_current", amplitude=amplitude, start=start, stop=stop)
        circuit.connect(source, node)
    return nc.simulate(circuit, duration, record={}, reference=reference).spikes("A")


def step(amplitude, start=0.0, stop=1e9):
    """One step of current, as ``train`` takes it."""
    return ((float(amplitude), start, stop),)


def bursts(spikes, gap):
    """Sizes of groups of spikes with intervals below ``gap`` ms inside."""
    edges = np.flatnonzero(np.diff(spikes) >= gap) + 1
    return [len(group) for group in np.split(spikes, edges)]


def adaptation_index(spikes, skip=0):
    """Mean relative lengthening of the intervals; 0 for a steady train, negative if it speeds up.

    Naud et al. 2008, Biol. Cybern. 99:335, section 2.3.
    """
    intervals = np.diff(spikes)[skip:]
    return float(np.mean([(b - a) / (b + a) for a, b in pairwise(intervals)]))


def variation(spikes):
    """Coefficient of variation of the intervals."""
    intervals = np.diff(spikes)
    return float(np.std(intervals) / np.mean(intervals))
