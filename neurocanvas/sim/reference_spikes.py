"""When neurons fire and what spikes change, for the reference solution."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from neurocanvas.model.equations import Statement, Threshold
from neurocanvas.model.expressions import names
from neurocanvas.model.kinds import NeuronKind, SynapseKind
from neurocanvas.sim.lambdify import Function
from neurocanvas.sim.reference_dynamics import Dynamics, bounds
from neurocanvas.sim.reference_groups import Floats, Group, Ints, Values
from neurocanvas.sim.reference_layout import Projection

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
        refractory: (n_neurons,) for how long it is held after a spike, in ms.
    """

    def __init__(self, dynamics: Dynamics) -> None:
        self.dynamics = dynamics
        self.count = dynamics.layout.neuron_count
        self.resets = np.zeros(self.count, bool)
        self.refractory = np.zeros(self.count)
        self._groups: list[tuple[Group, int, int, _Condition | None, Sequence[_Change]]] = []
        for group, (begin, end) in zip(
            dynamics.layout.neurons, bounds(dynamics.layout.neurons), strict=True
        ):
            kind = cast(NeuronKind, group.kind)
            changes = _changes(group, kind.reset_statements)
            self.resets[begin:end] = bool(changes)
            if kind.refractory:
                self.refractory[begin:end] = group.values[kind.refractory]
            self._groups.append((group, begin, end, _condition(group), changes))

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
            group.call(level, self.dynamics.inputs(group, t, y), y)[0]
            for t, y in zip(times, states.T, strict=True)
        ]
        return np.stack(columns, axis=1)

    def reset(self, neurons: Ints, t: float, y: Floats) -> None:
        """Carry out the reset of some neurons in the state vector."""
        for group, begin, end, _, changes in self._groups:
            chosen = neurons[(neurons >= begin) & (neurons < end)] - begin
            if chosen.size:
                _apply(self.dynamics, group, changes, chosen, t, y)


def _condition(group: Group) -> _Condition | None:
    threshold = cast(NeuronKind, group.kind).spike_condition
    if threshold is None:
        return None
    level = group.function(threshold.level)
    place = group.place(threshold.variable)
    if not _is_fixed(group, threshold):
        return _Condition(place, level)
    nothing = np.zeros(group.offset + group.length)
    inputs = [np.float64(0.0) for _ in group.inputs]
    return _Condition(place, group.call(level, inputs, nothing)[0])


def _is_fixed(group: Group, threshold: Threshold) -> bool:
    """Whether the level depends on parameters alone."""
    needed = group.system.needs([threshold.level]).values()
    used = names(threshold.level).union(*(names(expr) for expr in needed))
    return not used & {*group.inputs, *group.system.states}


@dataclass(frozen=True)
class _Change:
    """One statement of what a spike changes."""

    target: slice
    adds: bool
    value: Function


def _changes(group: Group, statements: Iterable[Statement]) -> tuple[_Change, ...]:
    return tuple(
        _Change(group.place(s.target), s.operator == "+=", group.function(s.expr))
        for s in statements
    )


def _apply(
    dynamics: Dynamics,
    group: Group,
    changes: Sequence[_Change],
    elements: Ints,
    t: float,
    y: Floats,
) -> None:
    """Carry out statements, one after the other, for elements that occur once each."""
    inputs: tuple[Values, ...] = dynamics.inputs(group, t, y)
    for change in changes:
        (value,) = group.call(change.value, inputs, y)
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


class Arrivals:
    """Spikes on their way, by time of arrival."""

    def __init__(self, dynamics: Dynamics) -> None:
        self.dynamics = dynamics
        self._heap: list[tuple[float, int, Projection, Ints]] = []
        self._serial = 0
        self._changes = [
            _changes(group, cast(SynapseKind, group.kind).spike_statements)
            for group in dynamics.layout.synapses
        ]

    @property
    def next_time(self) -> float:
        """Time of the next arrival, infinite if there is none."""
        return self._heap[0][0] if self._heap else math.inf

    def add(self, time: float, projection: Projection, neurons: Ints) -> None:
        """Send spikes of source neurons (with repetition) to arrive at a time in ms."""
        self._serial += 1
        heapq.heappush(self._heap, (time, self._serial, projection, neurons))

    def deliver(self, t: float, y: Floats) -> None:
        """Carry out in the state vector all that arrives up to time t."""
        reached: dict[int, list[Ints]] = {}
        while self._heap and self._heap[0][0] <= t:
            _, _, projection, neurons = heapq.heappop(self._heap)
            reached.setdefault(projection.group, []).append(projection.reached(neurons))
        for number, parts in reached.items():
            self._strike(number, np.concatenate(parts), t, y)

    def _strike(self, number: int, elements: Ints, t: float, y: Floats) -> None:
        """Apply spikes to synapses of a group; several onto one synapse come one by one."""
        group = self.dynamics.layout.synapses[number]
        unique, counts = np.unique(elements, return_counts=True)
        while unique.size:
            _apply(self.dynamics, group, self._changes[number], unique, t, y)
            counts = counts - 1
            unique, counts = unique[counts > 0], counts[counts > 0]
