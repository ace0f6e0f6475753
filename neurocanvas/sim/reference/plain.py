"""The right-hand side of a small circuit in plain floats, where numpy would only cost time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from neurocanvas.model.kinds import NeuronKind, SynapseKind
from neurocanvas.sim.reference.groups import Floats, Group
from neurocanvas.sim.reference.lambdify import Function
from neurocanvas.sim.reference.parts import Layout

if TYPE_CHECKING:
    from neurocanvas.sim.reference.dynamics import Dynamics


@dataclass(frozen=True)
class _Element:
    """One neuron, synapse or source.

    Attributes:
        advance: Gives what each stage evaluates.
        sends: Gives the rate that a neuron sends; None where nobody takes it.
        values: Its parameters.
        places: Of its states in the state vector.
        raised: For each parameter that is modulated, its number and where its change lies.
        group, number: Number of its group among all, and its own there.
    """

    advance: Function
    sends: Function | None
    values: tuple[float, ...]
    places: tuple[int, ...]
    raised: tuple[tuple[int, int], ...]
    group: int
    number: int

    def now(self, raised: Sequence[float]) -> Sequence[float]:
        """Return its parameters as they are now."""
        if not self.raised:
            return self.values
        values = list(self.values)
        for k, place in self.raised:
            values[k] *= 1.0 + raised[place]
        return values


@dataclass(frozen=True)
class _Synapse:
    """A synapse and where it hangs; ``source`` is None where spikes come in.

    Attributes:
        scale: Where the change of its weight lies; None for one that nothing modulates.
        raises: What it raises, for a modulator.
    """

    element: _Element
    neuron: int
    source: int | None
    arrivals: int
    scale: int | None
    raises: int | None
    late: bool


class PlainRates:
    """Evaluates all equations element by element."""

    def __init__(self, layout: Layout) -> None:
        n, m = len(layout.neurons), len(layout.synapses)
        self._neurons = [e for k, g in enumerate(layout.neurons) for e in _elements(g, k)]
        self._sources = [e for k, g in enumerate(layout.sources, n + m) for e in _elements(g, k)]
        self._main = [p for g in layout.neurons for p in range(g.main.start, g.main.stop)]
        found = [s for k in range(m) for s in _synapses(layout, k, n + k)]
        self._synapses = [s for s in found if s.raises is None]
        self._early = [s for s in found if s.raises is not None and not s.late]
        self._late = [s for s in found if s.raises is not None and s.late]
        self._senders = [k for k, e in enumerate(self._neurons) if e.sends is not None]
        self._unraised = [0.0] * layout.raised_count
        self._noise: list[list[list[float]]] = [[] for _ in layout.groups]
        self._arrived: list[list[float]] = []
        self._free: list[float] = []
        # What belongs to the evaluation that is under way.
        self._t = 0.0
        self._state: list[float] = []
        self._rates: list[float] = []
        self._raised: list[float] = []
        self._out: list[float] = []

    def look(self, dynamics: Dynamics) -> None:
        """Take up what is held, arriving and random from now on."""
        self._noise = [[v.tolist() for v in values] for values in dynamics.noise.values]
        self._arrived = [values.tolist() for values in dynamics.arrived]
        self._free = dynamics.free.tolist()

    def __call__(self, t: float, y: Floats, samples: Sequence[float]) -> Floats:
        """Return dy/dt.

        Args:
            t: ms.
            y: The state vector.
            samples: (n_sources,) the value of each source's table.

        Raises:
            ArithmeticError, ValueError: A value overflows, or a function leaves its domain.
        """
        self._t, self._state = t, y.tolist()
        self._rates = [0.0] * len(self._state)
        self._raised = self._unraised.copy()
        self._send(samples)
        total = self._currents()
        for number, element in enumerate(self._neurons):
            self._put(element, self._found(element, element.advance, total[number], 0.0))
            if not self._free[number]:
                self._rates[self._main[number]] = 0.0
        return np.array(self._rates)

    def _found(
        self, element: _Element, function: Function, second: float, third: float
    ) -> Sequence[float]:
        """Evaluate a function of an element, given its inputs beside time."""
        noise = [values[element.number] for values in self._noise[element.group]]
        states = [self._state[p] for p in element.places]
        return function(self._t, second, third, *noise, *element.now(self._raised), *states)

    def _put(self, element: _Element, rates: Sequence[float]) -> None:
        for place, rate in zip(element.places, rates, strict=True):
            self._rates[place] = rate

    def _send(self, samples: Sequence[float]) -> None:
        """Gather all that goes out, and what modulators raise."""
        self._out = out = []
        for element, sample in zip(self._sources, samples, strict=True):
            given, *found = self._found(element, element.advance, 0.0, sample)
            out.append(given)
            self._put(element, found)
        n = len(out)
        potentials = [self._state[place] for place in self._main]
        out += [0.0] * len(potentials) + potentials
        self._modulate(self._early)
        for number in self._senders:
            element = self._neurons[number]
            (out[n + number],) = self._found(element, cast(Function, element.sends), 0.0, 0.0)
        self._modulate(self._late)

    def _modulate(self, modulators: Sequence[_Synapse]) -> None:
        for synapse in modulators:
            self._raised[cast(int, synapse.raises)] += self._gives(synapse)

    def _currents(self) -> list[float]:
        """Sum what flows into each neuron."""
        total = [0.0] * len(self._main)
        for synapse in self._synapses:
            current = self._gives(synapse)
            if synapse.scale is not None:
                current *= 1.0 + self._raised[synapse.scale]
            total[synapse.neuron] += current
        return total

    def _gives(self, synapse: _Synapse) -> float:
        """Return what a synapse gives; fill in its rates."""
        element = synapse.element
        if synapse.source is None:
            fed = self._arrived[synapse.arrivals][element.number]
        else:
            fed = self._out[synapse.source]
        v = self._state[self._main[synapse.neuron]]
        given, *found = self._found(element, element.advance, v, fed)
        self._put(element, found)
        return given


def _elements(group: Group, number: int) -> Iterator[_Element]:
    """Yield one entry per neuron, synapse or source of a group."""
    advance = group.function(*group.advanced, plain=True)
    sends = None
    if isinstance(group.kind, NeuronKind) and group.kind.output:
        sends = group.function(group.output, plain=True)
    columns = [np.broadcast_to(value, (group.size,)).tolist() for value in group.values.values()]
    names = list(group.values)
    for k in range(group.size):
        yield _Element(
            advance=advance,
            sends=sends,
            values=tuple(column[k] for column in columns),
            places=tuple(place.start + k for place in group.places),
            raised=tuple((names.index(n), s.start + k) for n, s in group.raised.items()),
            group=number,
            number=k,
        )


def _synapses(layout: Layout, number: int, among_all: int) -> Iterator[_Synapse]:
    group, wiring = layout.synapses[number], layout.wiring[number]
    kind = cast(SynapseKind, group.kind)
    for k, element in enumerate(_elements(group, among_all)):
        neuron = int(wiring.neuron[k])
        yield _Synapse(
            element=element,
            neuron=neuron,
            source=int(wiring.source[k]) if wiring.source.size else None,
            arrivals=number,
            scale=int(layout.weights_raised[neuron]) if wiring.scaled[k] else None,
            raises=int(wiring.raises[k]) if wiring.raises.size else None,
            late=kind.carries == "rate",
        )
