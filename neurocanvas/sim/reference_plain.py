"""The right-hand side of a small circuit in plain floats, where numpy would only cost time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from neurocanvas.sim.lambdify import Function
from neurocanvas.sim.reference_groups import Floats, Group
from neurocanvas.sim.reference_layout import Layout

Element = tuple[Function, tuple[float, ...], tuple[int, ...]]
"""Function, parameters, and the places of the states in the state vector, of one element."""


class PlainRates:
    """Evaluates all equations element by element."""

    def __init__(self, layout: Layout) -> None:
        self._sources = [e for group in layout.sources for e in _elements(group)]
        self._neurons = [e for group in layout.neurons for e in _elements(group)]
        self._main = [p for g in layout.neurons for p in range(g.main.start, g.main.stop)]
        self._synapses: list[tuple[Element, int, int | None]] = []
        for group, wiring in zip(layout.synapses, layout.wiring, strict=True):
            for number, element in enumerate(_elements(group)):
                source = int(wiring.source[number]) if wiring.source.size else None
                self._synapses.append((element, int(wiring.neuron[number]), source))

    def __call__(self, t: float, y: Floats, free: Floats) -> Floats:
        """Return dy/dt; the arguments are those of ``Dynamics``.

        Raises:
            ArithmeticError, ValueError: A value overflows, or a function leaves its domain.
        """
        state = y.tolist()
        rates = [0.0] * len(state)
        total = self._currents(t, state, rates)
        moving = free.tolist()
        for number, (function, values, places) in enumerate(self._neurons):
            found = function(t, total[number], 0.0, *values, *[state[p] for p in places])
            for place, rate in zip(places, found, strict=True):
                rates[place] = rate
            if not moving[number]:
                rates[self._main[number]] = 0.0
        return np.array(rates)

    def _currents(self, t: float, state: list[float], rates: list[float]) -> list[float]:
        """Sum what flows into each neuron; fill in the rates of sources and synapses."""
        out = []
        for function, values, places in self._sources:
            current, *found = function(t, 0.0, 0.0, *values, *[state[p] for p in places])
            out.append(current)
            for place, rate in zip(places, found, strict=True):
                rates[place] = rate
        total = [0.0] * len(self._main)
        for (function, values, places), neuron, source in self._synapses:
            v = state[self._main[neuron]]
            fed = 0.0 if source is None else out[source]
            current, *found = function(t, v, fed, *values, *[state[p] for p in places])
            total[neuron] += current
            for place, rate in zip(places, found, strict=True):
                rates[place] = rate
        return total


def _elements(group: Group) -> Iterator[Element]:
    """Yield one entry per neuron, synapse or source of a group."""
    function = group.function(*group.advanced, plain=True)
    columns = [np.broadcast_to(value, (group.size,)).tolist() for value in group.values.values()]
    for k in range(group.size):
        places = tuple(place.start + k for place in group.places)
        yield function, tuple(column[k] for column in columns), places
