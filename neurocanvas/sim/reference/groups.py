"""All elements of one kind as one vectorized group, for the reference solution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from neurocanvas.errors import SimulationError
from neurocanvas.model.equations import EquationSystem
from neurocanvas.model.expressions import Expr, Name, Num, names
from neurocanvas.model.kinds import Kind, NeuronKind, SourceKind, SynapseKind
from neurocanvas.sim.reference.lambdify import Function, lambdify

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Values = Floats | np.float64


@dataclass(frozen=True)
class Member:
    """One node or link in a group: which elements of the group are its own."""

    id: str
    label: str
    first: int
    size: int

    @property
    def elements(self) -> slice:
        """Its place in arrays of the group."""
        return slice(self.first, self.first + self.size)


@dataclass(frozen=True)
class Group:
    """All elements of one kind (and with the same expressions of their own).

    Attributes:
        kind: Their kind.
        inputs: Names of what comes from outside, the first arguments of every function: three that
            depend on the family, then one for each independent noise.
        members: The nodes or links, in order.
        size: Number of neurons, synapses or sources.
        offset: Where its states begin in the state vector.
        values: Parameters in coherent units: one number if all are alike, else one per element.
        rates: The time derivative of each state variable, each noise under a name of its own.
        raised: Parameter that is modulated -> where its changes lie among all that is modulated.
    """

    kind: Kind
    inputs: tuple[str, ...]
    members: tuple[Member, ...]
    size: int
    offset: int
    values: Mapping[str, Values]
    rates: tuple[Expr, ...]
    raised: Mapping[str, slice] = field(default_factory=dict)

    @property
    def system(self) -> EquationSystem:
        """The equations of the kind."""
        return self.kind.system

    @property
    def length(self) -> int:
        """How much of the state vector it takes."""
        return self.size * len(self.system.states)

    def place(self, state: str) -> slice:
        """Return where a state variable lies in the state vector."""
        begin = self.offset + self.system.states.index(state) * self.size
        return slice(begin, begin + self.size)

    @cached_property
    def places(self) -> tuple[slice, ...]:
        """Where each state variable lies in the state vector."""
        return tuple(self.place(state) for state in self.system.states)

    @cached_property
    def main(self) -> slice:
        """Where the membrane potential of a neuron group lies in the state vector."""
        main = getattr(self.kind, "main", "")
        if main not in self.system.states:
            raise SimulationError(f"{self.kind.name}: {main!r} must have a differential equation")
        return self.place(main)

    def parameters(self, raised: Floats) -> tuple[Values, ...]:
        """Return all parameters as they are now.

        Args:
            raised: (n,) by which part everything that is modulated is raised.
        """
        if not self.raised:
            return tuple(self.values.values())
        now = dict(self.values)
        for name, place in self.raised.items():
            now[name] = now[name] * (1.0 + raised[place])
        return tuple(now.values())

    def function(self, *results: Expr, plain: bool = False) -> Function:
        """Return a function of inputs, parameters and states: of arrays, or of plain floats."""
        arguments = (*self.inputs, *self.values, *self.system.states)
        return lambdify(arguments, self.system.needs(results), results, plain=plain)

    def call(self, function: Function, given: Sequence[Values], y: Floats) -> list[Floats]:
        """Evaluate a function of this group at one state.

        Args:
            function: From ``function``.
            given: Inputs and parameters.
            y: The state vector.

        Returns:
            One array of (size,) per result.
        """
        found = function(*given, *[y[place] for place in self.places])
        return [np.broadcast_to(np.asarray(value, float), (self.size,)) for value in found]

    def with_weight(self, given: Sequence[Values], weights: Floats) -> tuple[Values, ...]:
        """Return inputs and parameters with other weights, (size,), where there are any."""
        if "weight" not in self.values:
            return tuple(given)
        place = len(self.inputs) + list(self.values).index("weight")
        return (*given[:place], weights, *given[place + 1 :])

    @property
    def result(self) -> Expr | None:
        """What a synapse or a source gives; None for neurons."""
        match self.kind:
            case SynapseKind():
                return Name(self.kind.result)
            case SourceKind():
                return Num(0.0) if self.kind.events else Name(self.kind.output)
        return None

    @property
    def output(self) -> Expr:
        """What a neuron sends along links that carry a rate."""
        name = self.kind.output if isinstance(self.kind, NeuronKind) else ""
        return Name(name) if name else Num(0.0)

    @property
    def still(self) -> bool:
        """Whether nothing ever moves by itself: units without dynamics."""
        return all(rate == Num(0.0) for rate in self.rates)

    @property
    def advanced(self) -> tuple[Expr, ...]:
        """What each stage evaluates: what a synapse or source gives, then all rates."""
        return self.rates if self.result is None else (self.result, *self.rates)

    @cached_property
    def advance(self) -> Function:
        """The function of arrays that gives ``advanced``."""
        return self.function(*self.advanced)

    @cached_property
    def sends(self) -> Function:
        """The function of arrays that gives ``output``."""
        return self.function(self.output)

    @cached_property
    def starts(self) -> Function:
        """The values of all state variables at the start; takes inputs and parameters."""
        initial = self.kind.initial_values
        needed = self.system.needs(initial.values())
        ordered = _in_order(initial | needed, self.kind.name)
        return lambdify((*self.inputs, *self.values), ordered, [Name(s) for s in initial])

    def member(self, element_id: str) -> Member | None:
        """Return the member with this id, or None."""
        return next((m for m in self.members if m.id == element_id), None)

    def member_at(self, element: int) -> Member:
        """Return the member that an element belongs to."""
        return next(m for m in self.members if element < m.first + m.size)


def bounds(groups: Sequence[Group]) -> list[tuple[int, int]]:
    """Return where each group begins and ends, counted over all of them."""
    found, begin = [], 0
    for group in groups:
        found.append((begin, begin + group.size))
        begin += group.size
    return found


def _in_order(wanted: Mapping[str, Expr], kind: str) -> dict[str, Expr]:
    """Order initial values and definitions so that each comes after those it needs."""
    ordered: dict[str, Expr] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in ordered or name not in wanted:
            return
        if name in path:
            loop = " -> ".join((*path, name))
            raise SimulationError(f"{kind}: initial values need each other: {loop}")
        for needed in sorted(names(wanted[name])):
            visit(needed, (*path, name))
        ordered[name] = wanted[name]

    for name in wanted:
        visit(name, ())
    return ordered
