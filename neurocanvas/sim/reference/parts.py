"""The parts of a circuit as one system of differential equations, for the reference solution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from neurocanvas.model.elements import Node
from neurocanvas.sim.reference.groups import Floats, Group, Ints, Member, Values
from neurocanvas.sim.reference.plasticity import Plasticity

Tables = tuple[tuple[slice, Floats, Floats], ...]
"""For some elements of a source group: times in ms and values between which it interpolates."""


@dataclass(frozen=True)
class Projection:
    """The synapses of one link that carries spikes, in slices of one source neuron and one delay.

    Attributes:
        link: Id of the link.
        post: Id of its target node.
        group: Which of the synapse groups the link belongs to.
        first: (n_pre + 1,) where the slices of each source neuron begin.
        delay: (n_slices,) time from a spike to its arrival, in whole steps.
        begin: (n_slices + 1,) where the synapses of each slice begin.
        target: (n_synapses,) elements of the synapse group that a spike reaches.
        weight: (n_synapses,) initial weights in coherent units.
        release: What scales the effect of a spike when it leaves.
        learning: What changes the weights.
    """

    link: str
    post: str
    group: int
    first: Ints
    delay: Ints
    begin: Ints
    target: Ints
    weight: Floats
    release: Plasticity | None = None
    learning: Plasticity | None = None

    def slices(self, neurons: Ints) -> Ints:
        """Return the slices of source neurons, with repetition, neuron after neuron."""
        parts = [np.arange(self.first[i], self.first[i + 1]) for i in neurons]
        return np.concatenate(parts) if parts else np.empty(0, np.intp)

    def synapses(self, slices: Ints) -> Ints:
        """Return the synapses of slices, with repetition, slice after slice."""
        parts = [np.arange(self.begin[k], self.begin[k + 1]) for k in slices]
        return np.concatenate(parts) if parts else np.empty(0, np.intp)


@dataclass(frozen=True)
class Wiring:
    """How a synapse group hangs between sources and neurons.

    Attributes:
        neuron: (size,) the neuron each synapse acts on, counted over all neuron groups.
        source: (size,) what feeds each synapse, a place among all that goes out (see
            ``Layout.places_out``); empty for those that carry spikes.
        scaled: (size,) whether a modulator of the target's weights scales it.
        raises: (size,) for modulators, what each raises: a place among all that is modulated.
    """

    neuron: Ints
    source: Ints
    scaled: np.ndarray[tuple[int], np.dtype[np.bool_]]
    raises: Ints

    def fed(self, out: Floats) -> Values:
        """Return what comes in: one value per synapse, 0 where spikes do."""
        return out[self.source] if self.source.size else np.float64(0.0)


@dataclass(frozen=True)
class SpikeSource:
    """A node of sources whose spikes are known before the circuit is solved.

    Attributes:
        node: The node.
        form: ``"poisson"``, ``"count"`` or ``"listed"``.
        group: Its source group.
        member: Its place there.
        data: Its columns of numbers, sorted by the first.
    """

    node: Node
    form: str
    group: Group
    member: Member
    data: Mapping[str, Floats]


@dataclass(frozen=True)
class Layout:
    """Where everything is.

    Attributes:
        neurons, synapses, sources: Groups.
        first: Node id -> its first neuron (or source), counted over all groups of its family.
        wiring: One per synapse group.
        projections: Node id -> the projections that begin there.
        spike_sources: Nodes that emit spikes by themselves.
        breakpoints: Times in ms at which a source jumps, sorted.
        tables: For each source group, the tables its elements follow.
        length: Length of the state vector.
        weights_raised: (n_neurons,) where the changes of the weights into each neuron lie among all
            that is modulated; all at the first place, which stays 0, where none are.
        raised_count: How much is modulated.
        dt: Time step of the circuit in ms.
        seed: Seed of the circuit.
    """

    neurons: tuple[Group, ...]
    synapses: tuple[Group, ...]
    sources: tuple[Group, ...]
    first: Mapping[str, int]
    wiring: tuple[Wiring, ...]
    projections: Mapping[str, tuple[Projection, ...]]
    spike_sources: tuple[SpikeSource, ...]
    breakpoints: tuple[float, ...]
    tables: tuple[Tables, ...]
    length: int
    weights_raised: Ints
    raised_count: int
    dt: float
    seed: int

    @property
    def groups(self) -> tuple[Group, ...]:
        """All groups, in the order of the state vector."""
        return (*self.neurons, *self.synapses, *self.sources)

    @cached_property
    def neuron_count(self) -> int:
        """Number of neurons in all groups."""
        return sum(group.size for group in self.neurons)

    @cached_property
    def source_count(self) -> int:
        """Number of sources in all groups."""
        return sum(group.size for group in self.sources)

    def group_of(self, element_id: str) -> tuple[Group, Member] | None:
        """Return the group of a node or link and its place there, or None."""
        for group in self.groups:
            member = group.member(element_id)
            if member is not None:
                return group, member
        return None

    def name_of_state(self, position: int) -> tuple[str, str]:
        """Return the label of the element and the variable at a place of the state vector."""
        for group in self.groups:
            if position < group.offset + group.length:
                state, element = divmod(position - group.offset, group.size)
                return group.member_at(element).label, group.system.states[state]
        raise IndexError(position)
