"""The right-hand side of a whole circuit, for the reference solution.

What goes out of nodes at a moment is one array: what each source gives, then the rate that each
neuron sends, then the potential of each neuron. What modulators change is another: by which part
each thing that is modulated is raised.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple, cast

import numpy as np

from neurocanvas.model.expressions import Name
from neurocanvas.model.kinds import NeuronKind, SynapseKind
from neurocanvas.sim.reference.groups import Floats, Group, Values, bounds
from neurocanvas.sim.reference.noise import Noise
from neurocanvas.sim.reference.parts import Layout, Wiring
from neurocanvas.sim.reference.plain import PlainRates

ZERO = np.float64(0.0)
_Wired = tuple[Group, Wiring, int]
FEW = 40
"""Up to so many neurons, synapses and sources, plain floats are faster than numpy's arrays."""


class Moment(NamedTuple):
    """What acts between elements at one moment.

    Attributes:
        now: Time in ms.
        out: (n_sources + 2 n_neurons,) what goes out.
        raised: By which part all that is modulated is raised; 0 at the first place.
    """

    now: np.float64
    out: Floats
    raised: Floats


class Dynamics:
    """Evaluates the equations of a circuit at one state vector.

    Attributes:
        free: (n_neurons,) 1 where the membrane potential moves, 0 where it is held after a spike.
        arrived: For each synapse group, (size,) what arrives just now: pulses one time step long.
        noise: The present value of every noise.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.free = np.ones(layout.neuron_count)
        self.arrived = [np.zeros(group.size) for group in layout.synapses]
        self.noise = Noise(layout.groups, layout.seed, layout.dt)
        self._earliest, self._latest = -math.inf, math.inf
        self._neurons = list(zip(layout.neurons, bounds(layout.neurons), strict=True))
        self._sources = list(zip(layout.sources, bounds(layout.sources), strict=True))
        self._main = [group.main for group in layout.neurons]
        self._number = {id(group): k for k, group in enumerate(layout.groups)}
        tables = zip(layout.sources, layout.tables, strict=True)
        self._tables = {id(group): found for group, found in tables if found}
        self._senders = [(g, b) for g, b in self._neurons if cast(NeuronKind, g.kind).output]
        kinds = [cast(SynapseKind, group.kind) for group in layout.synapses]
        self._spiking = [kind.carries == "spikes" for kind in kinds]
        self._scaled = [bool(np.any(wiring.scaled)) for wiring in layout.wiring]
        wired = list(zip(layout.synapses, layout.wiring, range(len(kinds)), strict=True))
        modulates = [kind.gives == "modulation" for kind in kinds]
        self._synapses = [w for w, m in zip(wired, modulates, strict=True) if not m]
        # Modulators that follow a rate come after those that may change it.
        chosen = [w for w, m in zip(wired, modulates, strict=True) if m]
        self._early = [w for w in chosen if kinds[w[2]].carries != "rate"]
        self._late = [w for w in chosen if kinds[w[2]].carries == "rate"]
        elements = sum(group.size for group in layout.groups)
        self._small = PlainRates(layout) if elements <= FEW else None
        self.look()

    def look(self) -> None:
        """Take up what is held, arriving and random from now on."""
        if self._small is not None:
            self._small.look(self)

    def between(self, begin: float, end: float) -> None:
        """Say which piece is integrated: time stays inside, so jumps at its ends are not seen."""
        self._earliest = math.nextafter(begin, math.inf)
        self._latest = math.nextafter(end, -math.inf)
        self.look()

    def start(self) -> Floats:
        """Return the state vector at time 0."""
        y = np.zeros(self.layout.length)
        for group in (*self.layout.sources, *self.layout.neurons):
            self._put_start(group, (ZERO, ZERO, ZERO), y)
        potential = self.potentials(y)
        for group, wiring in zip(self.layout.synapses, self.layout.wiring, strict=True):
            self._put_start(group, (ZERO, potential[wiring.neuron], ZERO), y)
        return y

    def _put_start(self, group: Group, inputs: tuple[Values, ...], y: Floats) -> None:
        silent = (ZERO,) * (len(group.inputs) - len(inputs))
        values = group.starts(*inputs, *silent, *group.values.values())
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
                return self._small(float(now), y, self._samples(now))
            except (ArithmeticError, ValueError):
                pass  # an overflow or a division by zero, which numpy carries on as inf or NaN
        return self._rates(now, y)

    def _rates(self, now: np.float64, y: Floats) -> Floats:
        dy = np.empty_like(y)
        moment = self._moment(now, y, dy)
        current = self._currents(moment, y, dy)
        for (group, (begin, end)), main in zip(self._neurons, self._main, strict=True):
            given = self._given(group, (now, current[begin:end], ZERO), moment)
            rates = group.advance(*given, *[y[place] for place in group.places])
            for place, rate in zip(group.places, rates, strict=True):
                dy[place] = rate
            dy[main] *= self.free[begin:end]
        return dy

    def observe(self, group: Group, names: Iterable[str], t: float, y: Floats) -> list[Floats]:
        """Return variables or definitions of a group: (size,) each."""
        function = group.function(*[Name(name) for name in names])
        return group.call(function, self.given(group, t, y), y)

    def given(self, group: Group, t: float, y: Floats) -> tuple[Values, ...]:
        """Return what comes into a group from outside, and its parameters, as functions take it."""
        moment = self._moment(self._inside(t), y, np.empty_like(y))
        return self._given(group, self._inputs(group, moment, y), moment)

    def _inputs(self, group: Group, moment: Moment, y: Floats) -> tuple[Values, ...]:
        for candidate, (begin, end) in self._neurons:
            if candidate is group:
                current = self._currents(moment, y, np.empty_like(y))
                return moment.now, current[begin:end], ZERO
        for number, candidate in enumerate(self.layout.synapses):
            if candidate is group:
                return self._of_synapses(number, moment)
        return moment.now, ZERO, self._sampled(group, moment.now)

    def _given(
        self, group: Group, inputs: tuple[Values, ...], moment: Moment
    ) -> tuple[Values, ...]:
        noise = self.noise.values[self._number[id(group)]]
        return (*inputs, *noise, *group.parameters(moment.raised))

    def _inside(self, t: float) -> np.float64:
        return np.float64(min(max(t, self._earliest), self._latest))

    # -- between elements ------------------------------------------------------------------------

    def _moment(self, now: np.float64, y: Floats, dy: Floats) -> Moment:
        """Gather what goes out and what is modulated; put rates into ``dy`` on the way."""
        layout = self.layout
        neurons = layout.source_count + layout.neuron_count
        moment = Moment(now, np.empty(neurons + layout.neuron_count), np.zeros(layout.raised_count))
        moment.out[neurons:] = self.potentials(y)
        for group, (begin, end) in self._sources:
            inputs = (now, ZERO, self._sampled(group, now))
            moment.out[begin:end] = self._advance(group, inputs, moment, y, dy)
        self._modulate(self._early, moment, y, dy)
        moment.out[layout.source_count : neurons] = 0.0
        for group, (begin, end) in self._senders:
            # What a neuron sends does not depend on what it receives at the same moment.
            given = self._given(group, (now, ZERO, ZERO), moment)
            (rate,) = group.sends(*given, *[y[place] for place in group.places])
            moment.out[layout.source_count + begin : layout.source_count + end] = rate
        self._modulate(self._late, moment, y, dy)
        return moment

    def _modulate(
        self, modulators: Iterable[_Wired], moment: Moment, y: Floats, dy: Floats
    ) -> None:
        for group, wiring, number in modulators:
            part = self._advance(group, self._of_synapses(number, moment), moment, y, dy)
            part = np.broadcast_to(part, (group.size,))
            moment.raised[:] += np.bincount(wiring.raises, part, len(moment.raised))

    def _currents(self, moment: Moment, y: Floats, dy: Floats) -> Floats:
        """Sum what flows into each neuron; put the rates of synapses into ``dy`` on the way."""
        count = self.layout.neuron_count
        total = np.zeros(count)
        for group, wiring, number in self._synapses:
            current = self._advance(group, self._of_synapses(number, moment), moment, y, dy)
            if np.ndim(current) == 0:
                current = np.full(group.size, current)
            if self._scaled[number]:
                part = moment.raised[self.layout.weights_raised[wiring.neuron]]
                current = current * (1.0 + part * wiring.scaled)
            total += np.bincount(wiring.neuron, current, count)
        return total

    def _of_synapses(self, number: int, moment: Moment) -> tuple[Values, ...]:
        """Return the inputs of a synapse group: time, the target's potential, what comes in."""
        wiring = self.layout.wiring[number]
        potential = moment.out[self.layout.source_count + self.layout.neuron_count :]
        fed = self.arrived[number] if self._spiking[number] else moment.out[wiring.source]
        return moment.now, potential[wiring.neuron], fed

    def _sampled(self, group: Group, now: np.float64) -> Values:
        """Return the value of each element's table, 0 where there is none."""
        if id(group) not in self._tables:
            return ZERO
        found = np.zeros(group.size)
        for elements, times, values in self._tables[id(group)]:
            found[elements] = interpolated(float(now), times, values)
        return found

    def _samples(self, now: np.float64) -> list[float]:
        """Return the value of every source's table."""
        found = [0.0] * self.layout.source_count
        for group, (begin, end) in self._sources if self._tables else ():
            found[begin:end] = np.broadcast_to(self._sampled(group, now), (group.size,)).tolist()
        return found

    def _advance(
        self, group: Group, inputs: tuple[Values, ...], moment: Moment, y: Floats, dy: Floats
    ) -> Values:
        """Put the rates of a synapse or source group into ``dy`` and return what it gives."""
        given = self._given(group, inputs, moment)
        result, *rates = group.advance(*given, *[y[place] for place in group.places])
        for place, rate in zip(group.places, rates, strict=True):
            dy[place] = rate
        return cast("Values", result)


def interpolated(t: float, times: Floats, values: Floats) -> float:
    """Return a table's value at a time; the first and the last value hold outside of it.

    Args:
        t: ms.
        times: (n,) ascending; where two are the same, the value jumps.
        values: (n,).
    """
    if not times.size:
        return 0.0
    k = int(np.searchsorted(times, t, side="right")) - 1
    if k < 0 or k + 1 == times.size:
        return float(values[max(k, 0)])
    part = (t - times[k]) / (times[k + 1] - times[k])
    return float(values[k] + part * (values[k + 1] - values[k]))
