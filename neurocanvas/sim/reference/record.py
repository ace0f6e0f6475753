"""What is recorded of the reference solution."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from neurocanvas.errors import SimulationError
from neurocanvas.model.channels import WEIGHT
from neurocanvas.model.kinds import NeuronKind, SourceKind
from neurocanvas.sim.reference.arrivals import Arrivals, Way
from neurocanvas.sim.reference.dynamics import Dynamics
from neurocanvas.sim.reference.groups import Floats, Group, Member
from neurocanvas.sim.reference.parts import Layout
from neurocanvas.sim.reference.plasticity import Traces
from neurocanvas.sim.result import Trace

NODE_KINDS = (NeuronKind, SourceKind)


@dataclass(frozen=True)
class RecordedVariable:
    """A recorded variable of one node or link.

    Attributes:
        place: Where it lies in the state vector; None for a definition.
        trace: (n_steps + 1, size), filled as the run goes on.
    """

    group: Group
    member: Member
    variable: str
    place: slice | None
    trace: Floats

    def take(self, dynamics: Dynamics, rows: slice, times: Floats, states: Floats) -> None:
        """Fill rows from states of shape (length, n_rows)."""
        if self.place is not None:
            self.trace[rows] = states[self.place].T
            return
        for row, t, y in zip(range(rows.start, rows.stop), times, states.T, strict=True):
            (values,) = dynamics.observe(self.group, [self.variable], float(t), y)
            self.trace[row] = values[self.member.elements]

    def result(self, times: Floats) -> Trace:
        """Return the finished trace."""
        values = self.trace[:, 0] if self.member.size == 1 else self.trace
        label = self.member.label if isinstance(self.group.kind, NODE_KINDS) else self.member.id
        return Trace(self.member.id, label, self.variable, values)


@dataclass(frozen=True)
class RecordedLink:
    """The weights of one link, or a trace of the plasticity that it carries.

    Attributes:
        way: The link in this run.
        traces: Those of one side; None for the weights.
        name: Of the trace.
        variable: As it was asked for.
        trace: (n_steps + 1, n) weights, filled as the run goes on.
    """

    way: Way
    traces: Traces | None
    name: str
    variable: str
    trace: Floats

    def take(self, dynamics: Dynamics, rows: slice, times: Floats, states: Floats) -> None:
        """Fill rows of weights, which nothing changes between them."""
        if self.traces is None:
            self.trace[rows] = self.way.weight

    def result(self, times: Floats) -> Trace:
        """Return the finished trace."""
        link = self.way.projection.link
        found = self.trace if self.traces is None else self.traces.course(self.name, times)
        return Trace(link, link, self.variable, found[:, 0] if found.shape[1] == 1 else found)


def recorded(
    layout: Layout, arrivals: Arrivals, record: Mapping[str, Sequence[str]], n_samples: int
) -> list[RecordedVariable | RecordedLink]:
    """Prepare a channel for each recorded variable."""
    channels: list[RecordedVariable | RecordedLink] = []
    for element_id, variables in record.items():
        found = layout.group_of(element_id)
        for variable in variables:
            way = arrivals.way(element_id)
            learned = None if way is None else _of_link(way, variable, n_samples)
            if learned is not None:
                channels.append(learned)
                continue
            if found is None or variable not in found[0].kind.recordable:
                raise SimulationError(f"{element_id} has no variable {variable!r} to record")
            group, member = found
            place = _place(group, member, variable)
            trace = np.full((n_samples, member.size), math.nan)
            channels.append(RecordedVariable(group, member, variable, place, trace))
    return channels


def _of_link(way: Way, variable: str, n_samples: int) -> RecordedLink | None:
    """Return the channel of a weight or a trace, None for any other variable."""
    if variable == WEIGHT:
        shape = (n_samples, len(way.weight))
        return RecordedLink(way, None, "", variable, np.full(shape, math.nan))
    feature, _, name = variable.partition(".")
    traces = way.traces(feature, name) if name else None
    if traces is None:
        return None
    traces.keep()
    return RecordedLink(way, traces, name, variable, np.empty((0, traces.columns)))


def _place(group: Group, member: Member, variable: str) -> slice | None:
    if variable not in group.system.states:
        return None
    begin = group.place(variable).start + member.first
    return slice(begin, begin + member.size)


def owners(layout: Layout) -> list[tuple[str, int]]:
    """Return node id and index of each neuron."""
    return [
        (member.id, index)
        for group in layout.neurons
        for member in group.members
        for index in range(member.size)
    ]
