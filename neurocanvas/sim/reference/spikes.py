"""When neurons fire and what their spikes change in themselves, for the reference solution."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from neurocanvas.model.equations import Statement, Threshold
from neurocanvas.model.expressions import Name, names
from neurocanvas.model.kinds import NeuronKind
from neurocanvas.sim.reference.dynamics import Dynamics
from neurocanvas.sim.reference.groups import Floats, Group, Ints, Values, bounds
from neurocanvas.sim.reference.lambdify import Function

Dense = Callable[[Floats], Floats]
"""State vectors inside a step: (m,) times -> (length, m)."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class _Condition:
    """The threshold of one neuron group.

    Attributes:
        place: Where its variable lies in the state vector.
        level: What the variable must reach: one value per neuron, or a function where it changes.
    """

    place: slice
    level: Floats | Function


class Thresholds:
    """The spike conditions and resets of all neurons.

    Attributes:
        resets: (n_neurons,) whether a spike resets the neuron.
        any: Whether any neuron ever fires.
    """

    def __init__(self, dynamics: Dynamics) -> None:
        self.dynamics = dynamics
        self.count = dynamics.layout.neuron_count
        self.resets = np.zeros(self.count, bool)
        self._groups: list[tuple[Group, int, int, _Condition | None, Sequence[Change]]] = []
        for group, (begin, end) in zip(
            dynamics.layout.neurons, bounds(dynamics.layout.neurons), strict=True
        ):
            kind = cast(NeuronKind, group.kind)
            found = changes(group, kind.reset_statements)
            self.resets[begin:end] = bool(found)
            self._groups.append((group, begin, end, _condition(group), found))
        self.any = any(condition is not None for *_, condition, _ in self._groups)

    def excess(self, times: Floats, states: Floats) -> Floats:
        """Return how far each neuron is above its threshold.

        Args:
            times: (m,) ms.
            states: (length, m).

        Returns:
            (n_neurons, m), -inf where a neuron has no threshold.
        """
        found = np.full((self.count, len(times)), -math.inf)
        for group, begin, end, condition, _ in self._groups:
            if condition is not None:
                level = self._level(group, condition, times, states)
                found[begin:end] = states[condition.place] - level
        return found

    def _level(self, group: Group, condition: _Condition, times: Floats, states: Floats) -> Floats:
        """Return what the variable must reach: (size, 1), or (size, m) where it changes."""
        level = condition.level
        if isinstance(level, np.ndarray):
            return level[:, None]
        columns = [
            group.call(level, self.dynamics.given(group, t, y), y)[0]
            for t, y in zip(times, states.T, strict=True)
        ]
        return np.stack(columns, axis=1)

    def reset(self, neurons: Ints, t: float, y: Floats) -> None:
        """Carry out the reset of some neurons in the state vector."""
        for group, begin, end, _, found in self._groups:
            chosen = neurons[(neurons >= begin) & (neurons < end)] - begin
            if chosen.size:
                apply(group, found, chosen, self.dynamics.given(group, t, y), y)

    def refractory(self, neurons: Ints, t: float, y: Floats) -> Floats:
        """Return for how long each of some neurons is held after a spike, in ms."""
        found = np.zeros(neurons.size)
        for group, begin, end, _, _ in self._groups:
            chosen = (neurons >= begin) & (neurons < end)
            period = cast(NeuronKind, group.kind).refractory
            if period and np.any(chosen):
                given = self.dynamics.given(group, t, y)
                (values,) = group.call(group.function(Name(period)), given, y)
                found[chosen] = values[neurons[chosen] - begin]
        return found


def _condition(group: Group) -> _Condition | None:
    threshold = cast(NeuronKind, group.kind).spike_condition
    if threshold is None:
        return None
    level = group.function(threshold.level)
    place = group.place(threshold.variable)
    if not _is_fixed(group, threshold):
        return _Condition(place, level)
    nothing = np.zeros(group.offset + group.length)
    given = [*(np.float64(0.0) for _ in group.inputs), *group.values.values()]
    return _Condition(place, group.call(level, given, nothing)[0])


def _is_fixed(group: Group, threshold: Threshold) -> bool:
    """Whether the level depends on parameters alone, none of which is modulated."""
    needed = group.system.needs([threshold.level]).values()
    used = names(threshold.level).union(*(names(expr) for expr in needed))
    return not used & {*group.inputs, *group.system.states, *group.raised}


@dataclass(frozen=True)
class Change:
    """One statement of what a spike or an update changes."""

    target: slice
    adds: bool
    value: Function


def changes(group: Group, statements: Iterable[Statement]) -> tuple[Change, ...]:
    """Return the statements of a group as functions."""
    return tuple(
        Change(group.place(s.target), s.operator == "+=", group.function(s.expr))
        for s in statements
    )


def apply(
    group: Group, found: Sequence[Change], elements: Ints, given: Sequence[Values], y: Floats
) -> None:
    """Carry out statements, one after the other, for elements that occur once each.

    Args:
        group: The group.
        found: Its statements.
        elements: (n,) which elements.
        given: Its inputs and parameters.
        y: The state vector; changed in place.
    """
    for change in found:
        (value,) = group.call(change.value, given, y)
        old = y[change.target][elements] if change.adds else 0.0
        y[change.target.start + elements] = old + value[elements]


@dataclass(frozen=True)
class Crossing:
    """A neuron that reaches its threshold at a time in ms."""

    time: float
    neuron: int


def crossings(
    thresholds: Thresholds, solution: Dense, times: Floats, above: Flags
) -> list[Crossing]:
    """Find all upward crossings of thresholds inside a step.

    Args:
        thresholds: The conditions.
        solution: The state inside the step.
        times: (m,) ascending times at which the sign is looked at, the ends of the step included.
        above: (n_neurons,) who counts as being above at the first of them.

    Returns:
        The crossings, sorted by time.
    """
    excess = thresholds.excess(times, solution(times))
    is_above = excess > 0.0
    is_above[:, 0] = above
    neurons, points = np.nonzero(is_above[:, 1:] & ~is_above[:, :-1])
    found = [
        Crossing(_root(thresholds, solution, int(n), times[p], times[p + 1]), int(n))
        for n, p in zip(neurons, points, strict=True)
    ]
    return sorted(found, key=lambda crossing: (crossing.time, crossing.neuron))


def _root(thresholds: Thresholds, solution: Dense, neuron: int, begin: float, end: float) -> float:
    """Return the time between two points at which a neuron's excess passes 0."""

    def excess(t: float) -> float:
        return float(thresholds.excess(np.array([t]), solution(np.array([t])))[neuron, 0])

    if excess(begin) >= 0.0:
        return begin
    return float(brentq(excess, begin, end, xtol=1e-13, rtol=1e-15))
