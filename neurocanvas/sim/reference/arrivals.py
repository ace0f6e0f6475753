"""Spikes on their way and what they do where they arrive, for the reference solution."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np

from neurocanvas.model import algebra
from neurocanvas.model.equations import Statement
from neurocanvas.model.expressions import Expr, names
from neurocanvas.model.kinds import SynapseKind
from neurocanvas.sim.reference.dynamics import Dynamics
from neurocanvas.sim.reference.groups import Floats, Group, Ints
from neurocanvas.sim.reference.lambdify import Function
from neurocanvas.sim.reference.parts import Projection
from neurocanvas.sim.reference.plasticity import Learner, Traces
from neurocanvas.sim.reference.spikes import Change, apply, changes

SAME = 1e-9
"""Part of a time step within which two times are the same."""


@dataclass(frozen=True)
class _Effect:
    """What a spike changes in the synapses of one group.

    Attributes:
        counts: Spikes arrive as ones, however strong the synapse.
        pulses: What arrives acts for one time step.
        found: The statements.
        slopes: For each, a of what it adds, a*x + b, to x itself; None where that is not so.
    """

    counts: bool
    pulses: bool
    found: tuple[Change, ...]
    slopes: tuple[Function | None, ...]


class Way:
    """A projection in a run: its weights as they are now, and its plasticity."""

    def __init__(self, projection: Projection, group: Group) -> None:
        self.projection = projection
        self.weight = projection.weight.copy()
        member = group.member(projection.link)
        assert member is not None
        self.first_target = member.first
        slices = len(projection.delay)
        self.release = self.learning = None
        if projection.release is not None:
            self.release = Learner(projection.release, slices, member.size)
        if projection.learning is not None:
            same = projection.learning is projection.release
            self.learning = (
                self.release if same else Learner(projection.learning, slices, member.size)
            )
        self._slice = np.repeat(np.arange(slices), np.diff(projection.begin))

    def leave(self, neuron: int, time: float) -> tuple[Ints, Floats]:
        """Let a spike of a source neuron leave; return its slices and how much goes along each."""
        slices = self.projection.slices(np.array([neuron]))
        if self.release is None:
            return slices, np.ones(slices.size)
        return slices, self.release.release(slices, time)

    def traces(self, feature: str, name: str) -> Traces | None:
        """Return the traces of a property that hold a variable, None if there are none."""
        for learner in (self.release, self.learning):
            if learner is not None and learner.plasticity.kind.name == feature:
                for side in (learner.pre, learner.post):
                    if name in side:
                        return side
        return None

    def learn(self, slices: Ints, time: float) -> None:
        """Let the synapses of slices, which may repeat, learn from an arrival."""
        if self.learning is None:
            return
        for piece in slices.tolist():
            part = slice(self.projection.begin[piece], self.projection.begin[piece + 1])
            targets = self.projection.target[part] - self.first_target
            self.learning.arrive(piece, part, targets, time, self.weight)

    def fire(self, target: int, time: float) -> None:
        """Let the synapses onto a target neuron learn from its spike."""
        if self.learning is not None:
            reached = np.flatnonzero(self.projection.target == self.first_target + target)
            self.learning.fire(target, reached, self._slice[reached], time, self.weight)


class Arrivals:
    """Spikes on their way, by time of arrival, and the pulses that have arrived."""

    def __init__(self, dynamics: Dynamics) -> None:
        self.dynamics = dynamics
        self.dt = dynamics.layout.dt
        self._heap: list[tuple[float, int, Way, Ints, Floats]] = []
        self._pulses: list[tuple[float, int, int, Ints, Floats]] = []
        self._serial = 0
        layout = dynamics.layout
        self._effects = [_effect(group) for group in layout.synapses]
        self._open = [np.zeros(group.size, int) for group in layout.synapses]
        self._out: dict[str, list[Way]] = {}
        self._into: dict[str, list[Way]] = {}
        for node, ways in layout.projections.items():
            made = [Way(way, layout.synapses[way.group]) for way in ways]
            self._out[node] = made
            for way in made:
                if way.learning is not None:
                    self._into.setdefault(way.projection.post, []).append(way)

    @property
    def next_time(self) -> float:
        """Time of the next arrival or end of a pulse, infinite if there is none."""
        return min(
            self._heap[0][0] if self._heap else math.inf,
            self._pulses[0][0] if self._pulses else math.inf,
        )

    def weights(self, link_id: str) -> Floats:
        """Return the present weights of a link, sorted by source neuron, delay and target."""
        way = self.way(link_id)
        assert way is not None
        return way.weight

    def way(self, link_id: str) -> Way | None:
        """Return a link that carries spikes as it is in this run, None for any other."""
        ways = (way for found in self._out.values() for way in found)
        return next((way for way in ways if way.projection.link == link_id), None)

    def send(self, node: str, neurons: Ints, time: float) -> None:
        """Send spikes of source neurons (with repetition) on their way at a time in ms."""
        for way in self._out.get(node, ()):
            parts = [way.leave(neuron, time) for neuron in neurons.tolist()]
            slices = np.concatenate([part[0] for part in parts])
            amounts = np.concatenate([part[1] for part in parts])
            delays = way.projection.delay[slices]
            for delay in np.unique(delays).tolist():
                chosen = delays == delay
                self._serial += 1
                entry = (time + delay * self.dt, self._serial, way, slices[chosen], amounts[chosen])
                heapq.heappush(self._heap, entry)

    def fire(self, node: str, neuron: int, time: float) -> None:
        """Let all that learns from a neuron's spike do so."""
        for way in self._into.get(node, ()):
            way.fire(neuron, time)

    def deliver(self, t: float, y: Floats) -> None:
        """Carry out in the state vector all that arrives up to time t, and end old pulses."""
        until = t + SAME * self.dt
        while self._pulses and self._pulses[0][0] <= until:
            _, _, number, elements, amounts = heapq.heappop(self._pulses)
            self._end_pulse(number, elements, amounts)
        reached: dict[int, list[tuple[Ints, Floats, Floats]]] = {}
        for way, slices, amounts in self._due(until):
            way.learn(slices, t)
            synapses = way.projection.synapses(slices)
            lengths = way.projection.begin[slices + 1] - way.projection.begin[slices]
            part = way.projection.target[synapses], way.weight[synapses], amounts.repeat(lengths)
            reached.setdefault(way.projection.group, []).append(part)
        for number, parts in reached.items():
            elements, weights, amounts = (np.concatenate(c) for c in zip(*parts, strict=True))
            self._strike(number, elements, weights, amounts, t, y)

    def _due(self, until: float) -> Iterator[tuple[Way, Ints, Floats]]:
        while self._heap and self._heap[0][0] <= until:
            _, _, way, slices, amounts = heapq.heappop(self._heap)
            yield way, slices, amounts

    def _strike(
        self, number: int, elements: Ints, weights: Floats, amounts: Floats, t: float, y: Floats
    ) -> None:
        """Apply spikes to synapses of a group; several onto one synapse come one by one."""
        effect = self._effects[number]
        if effect.pulses:
            strength = amounts if effect.counts else weights * amounts
            self._begin_pulse(number, elements, strength, t)
        if not effect.found:
            return
        order = np.argsort(elements, kind="stable")
        runs = np.flatnonzero(np.diff(elements[order], prepend=-1))
        rank = np.arange(order.size) - np.repeat(runs, np.diff(np.append(runs, order.size)))
        for k in range(int(rank.max(initial=-1)) + 1):
            chosen = order[rank == k]
            self._apply(number, elements[chosen], weights[chosen], amounts[chosen], t, y)

    def _apply(
        self, number: int, elements: Ints, weights: Floats, amounts: Floats, t: float, y: Floats
    ) -> None:
        """Apply one spike each to some synapses."""
        group, effect = self.dynamics.layout.synapses[number], self._effects[number]
        given = self.dynamics.given(group, t, y)
        if not effect.counts:
            column = np.zeros(group.size)
            column[elements] = weights * amounts
            apply(group, effect.found, elements, group.with_weight(given, column), y)
            return
        for change, slope in zip(effect.found, effect.slopes, strict=True):
            (value,) = group.call(change.value, given, y)
            times = amounts if change.adds else np.ones(elements.size)
            if slope is not None and change.adds:
                times = _several(group.call(slope, given, y)[0][elements], amounts)
            old = y[change.target][elements] if change.adds else 0.0
            y[change.target.start + elements] = old + value[elements] * times

    def _begin_pulse(self, number: int, elements: Ints, strength: Floats, t: float) -> None:
        np.add.at(self.dynamics.arrived[number], elements, strength)
        np.add.at(self._open[number], elements, 1)
        self._serial += 1
        entry = (t + self.dt, self._serial, number, elements, strength)
        heapq.heappush(self._pulses, entry)

    def _end_pulse(self, number: int, elements: Ints, strength: Floats) -> None:
        np.add.at(self.dynamics.arrived[number], elements, -strength)
        np.add.at(self._open[number], elements, -1)
        # What rounding leaves of pulses that are over would stay for ever.
        self.dynamics.arrived[number][self._open[number] == 0] = 0.0


def _several(slope: Floats, amounts: Floats) -> Floats:
    """Return how many times what one spike adds is added by part of a spike, or by several.

    Where a spike adds a*x + b to x, n of them add ((1 + a)**n - 1)/a times as much as one.
    """
    safe = np.where(slope == 0.0, 1.0, slope)
    return np.where(slope == 0.0, amounts, ((1.0 + slope) ** amounts - 1.0) / safe)


def _effect(group: Group) -> _Effect:
    kind = cast(SynapseKind, group.kind)
    statements = kind.spike_statements
    used: list[Expr] = [*kind.system.definitions.values(), *kind.system.derivatives.values()]
    pulses = any("arrived" in names(expr) for expr in used)
    slopes = tuple(_slope(group, statement) for statement in statements)
    return _Effect(kind.counts, pulses, changes(group, statements), slopes)


def _slope(group: Group, statement: Statement) -> Function | None:
    split = algebra.linear_in(statement.expr, statement.target)
    if split is None or split[0] == algebra.ZERO:
        return None
    return group.function(split[0])
