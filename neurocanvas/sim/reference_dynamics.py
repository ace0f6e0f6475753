"""The right-hand side of a whole circuit, for the reference solution."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import cast

import numpy as np

from neurocanvas.model.expressions import Name
from neurocanvas.sim.reference_groups import Floats, Group, Values
from neurocanvas.sim.reference_layout import Layout
from neurocanvas.sim.reference_plain import PlainRates

ZERO = np.float64(0.0)
FEW = 40
"""Up to so many neurons, synapses and sources, plain floats are faster than numpy's arrays."""


class Dynamics:
    """Evaluates the equations of a circuit at one state vector.

    Attributes:
        free: (n_neurons,) 1 where the membrane potential moves, 0 where it is held after a spike.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.free = np.ones(layout.neuron_count)
        self._earliest, self._latest = -math.inf, math.inf
        self._neurons = list(zip(layout.neurons, bounds(layout.neurons), strict=True))
        self._synapses = list(zip(layout.synapses, layout.wiring, strict=True))
        self._sources = list(zip(layout.sources, bounds(layout.sources), strict=True))
        self._main = [group.main for group in layout.neurons]
        elements = sum(group.size for group in layout.groups)
        self._small = PlainRates(layout) if elements <= FEW else None

    def between(self, begin: float, end: float) -> None:
        """Say which piece is integrated: time stays inside, so jumps at its ends are not seen."""
        self._earliest = math.nextafter(begin, math.inf)
        self._latest = math.nextafter(end, -math.inf)

    def start(self) -> Floats:
        """Return the state vector at time 0."""
        y = np.zeros(self.layout.length)
        for group in (*self.layout.sources, *self.layout.neurons):
            self._put_start(group, (ZERO, ZERO, ZERO), y)
        potential = self.potentials(y)
        for group, wiring in self._synapses:
            self._put_start(group, (ZERO, potential[wiring.neuron], ZERO), y)
        return y

    def _put_start(self, group: Group, inputs: tuple[Values, ...], y: Floats) -> None:
        values = group.starts(*inputs, *group.values.values())
        for place, value in zip(group.places, values, strict=True):
            y[place] = value

    def potentials(self, y: Floats) -> Floats:
        """Return the main variable of all neurons: (n_neurons,)."""
        return np.concatenate([y[place] for place in self._main]) if self._main else y[:0]

    def __call__(self, t: float, y: Floats) -> Floats:
        """Return dy/dt."""
        now = self._inside(t)
        if self._small is not None:
            try:
                return self._small(float(now), y, self.free)
            except (ArithmeticError, ValueError):
                pass  # an overflow or a division by zero, which numpy carries on as inf or NaN
        return self._rates(now, y)

    def _rates(self, now: np.float64, y: Floats) -> Floats:
        dy = np.empty_like(y)
        current = self._currents(now, y, dy)
        for (group, (begin, end)), main in zip(self._neurons, self._main, strict=True):
            arguments = (*group.values.values(), *[y[place] for place in group.places])
            rates = group.advance(now, current[begin:end], ZERO, *arguments)
            for place, rate in zip(group.places, rates, strict=True):
                dy[place] = rate
            dy[main] *= self.free[begin:end]
        return dy

    def currents(self, t: float, y: Floats) -> Floats:
        """Return the sum of all that flows into each neuron: (n_neurons,) in pA."""
        return self._currents(self._inside(t), y, np.empty_like(y))

    def observe(self, group: Group, names: Iterable[str], t: float, y: Floats) -> list[Floats]:
        """Return variables or definitions of a group: (size,) each."""
        function = group.function(*[Name(name) for name in names])
        return group.call(function, self.inputs(group, t, y), y)

    def inputs(self, group: Group, t: float, y: Floats) -> tuple[Values, ...]:
        """Return what comes into a group from outside, as its functions take it."""
        now = self._inside(t)
        for candidate, (begin, end) in self._neurons:
            if candidate is group:
                return now, self.currents(t, y)[begin:end], ZERO
        for candidate, wiring in self._synapses:
            if candidate is group:
                out = self._outputs(now, y, np.empty_like(y))
                return now, self.potentials(y)[wiring.neuron], wiring.fed(out)
        return now, ZERO, ZERO

    def _inside(self, t: float) -> np.float64:
        return np.float64(min(max(t, self._earliest), self._latest))

    def _currents(self, now: np.float64, y: Floats, dy: Floats) -> Floats:
        """Sum the currents; put the rates of sources and synapses into ``dy`` on the way."""
        count = self.layout.neuron_count
        total = np.zeros(count)
        out = self._outputs(now, y, dy)
        potential = self.potentials(y)
        for group, wiring in self._synapses:
            current = _advance(group, (now, potential[wiring.neuron], wiring.fed(out)), y, dy)
            if np.ndim(current) == 0:
                current = np.full(group.size, current)
            total += np.bincount(wiring.neuron, current, count)
        return total

    def _outputs(self, now: np.float64, y: Floats, dy: Floats) -> Floats:
        """Return what each current source gives: (n_sources,) in pA; put its rates into ``dy``."""
        out = np.empty(self.layout.source_count)
        for group, (begin, end) in self._sources:
            out[begin:end] = _advance(group, (now, ZERO, ZERO), y, dy)
        return out


def _advance(group: Group, inputs: tuple[Values, ...], y: Floats, dy: Floats) -> Values:
    """Put the rates of a synapse or source group into ``dy`` and return its current."""
    arguments = (*inputs, *group.values.values(), *[y[place] for place in group.places])
    current, *rates = group.advance(*arguments)
    for place, rate in zip(group.places, rates, strict=True):
        dy[place] = rate
    return cast("Values", current)


def bounds(groups: Iterable[Group]) -> list[tuple[int, int]]:
    """Return where each group begins and ends, counted over all of them."""
    found, begin = [], 0
    for group in groups:
        found.append((begin, begin + group.size))
        begin += group.size
    return found
