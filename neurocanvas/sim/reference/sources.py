"""Spikes that are known before a circuit is solved: random, counted or listed ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np
from scipy.optimize import brentq

from neurocanvas.model.expressions import Expr
from neurocanvas.model.kinds import SourceKind
from neurocanvas.sim import random
from neurocanvas.sim.reference.groups import Floats, Ints
from neurocanvas.sim.reference.parts import SpikeSource

Volley = tuple[float, Ints]
"""Spikes at one time in ms: which neurons fire, with repetition."""

BORDER = 1e-6
"""Part of the way from one spike to the next that rounding may make of nothing."""
EARLY = 0.25
"""Listed spikes so much of a step before the beginning count as at the beginning."""


def volleys(source: SpikeSource, seed: int, dt_ms: float, steps: int) -> Iterator[Volley]:
    """Yield the spikes of a node, in order of time.

    Args:
        source: The node.
        seed: Seed of the circuit.
        dt_ms: Time step: random spikes are the engine's own, stamped at the end of their step.
        steps: How many steps there are.
    """
    if source.form == "poisson":
        return _poisson(source, seed, dt_ms, steps)
    if source.form == "count":
        return iter(_counted(source, dt_ms, steps))
    return _listed(source, dt_ms, steps)


def _poisson(source: SpikeSource, seed: int, dt_ms: float, steps: int) -> Iterator[Volley]:
    keys = random.stream_keys(seed, source.node.id, source.node.size)
    rates = _Rule(source)
    mean = rates(0.5 * dt_ms) * dt_ms
    for step in range(steps):
        if rates.varies:
            mean = rates((step + 0.5) * dt_ms) * dt_ms
        counts = random.poisson(keys, step, mean)
        if np.any(counts):
            yield (step + 1) * dt_ms, np.repeat(np.arange(source.node.size), counts)


def _counted(source: SpikeSource, dt_ms: float, steps: int) -> list[Volley]:
    """Find the times at which an expression passes whole numbers upward."""
    rule = _Rule(source)
    grid = np.arange(steps + 1) * dt_ms
    levels = np.stack([rule(t) for t in grid])
    reached = np.floor(levels + BORDER)
    # What is whole at the very beginning passes there.
    reached[0] = np.maximum(np.ceil(levels[0] - BORDER) - 1, 0)
    found = []
    for step, neuron in zip(*np.nonzero(np.diff(reached, axis=0) > 0), strict=True):
        for number in np.arange(reached[step, neuron] + 1, reached[step + 1, neuron] + 1):
            time = rule.passes(float(number), int(neuron), float(grid[step]), dt_ms)
            found.append((time, np.array([neuron])))
    return sorted(found, key=lambda volley: (volley[0], int(volley[1][0])))


def _listed(source: SpikeSource, dt_ms: float, steps: int) -> Iterator[Volley]:
    times = next(iter(source.data.values()))
    last = steps * dt_ms
    everyone = np.arange(source.node.size)
    for time in times[(times >= -EARLY * dt_ms) & (times <= last * (1 + BORDER))].tolist():
        yield min(max(time, 0.0), last), everyone


class _Rule:
    """The expression that spikes follow, for all neurons of a node."""

    def __init__(self, source: SpikeSource) -> None:
        rule = cast(SourceKind, source.group.kind).event_rule
        assert rule is not None
        self._group, self._member = source.group, source.member
        self._function = source.group.function(rule[1])
        self._start = np.zeros(source.group.offset + source.group.length)
        self.varies = "t" in source.group.inputs and _mentions_time(source, rule[1])

    def __call__(self, t: float) -> Floats:
        """Return its values at a time in ms, (size,)."""
        group = self._group
        silent = (np.float64(0.0),) * (len(group.inputs) - 1)
        given = (np.float64(t), *silent, *group.values.values())
        return group.call(self._function, given, self._start)[0][self._member.elements]

    def passes(self, level: float, neuron: int, begin: float, dt_ms: float) -> float:
        """Return the time inside a step at which one neuron's value passes a level."""

        def above(t: float) -> float:
            return float(self(t)[neuron]) - level

        end = begin + dt_ms
        if above(begin) >= 0.0:
            return begin
        return end if above(end) <= 0.0 else float(brentq(above, begin, end, xtol=1e-12))


def _mentions_time(source: SpikeSource, rule: Expr) -> bool:
    from neurocanvas.model.forms import dependencies

    return "t" in dependencies(rule, source.group.system)
