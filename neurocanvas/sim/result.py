"""What a headless run gives back: traces and spikes as read-only arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from neurocanvas.errors import SimulationError
from neurocanvas.model.elements import Node
from neurocanvas.sim.costs import Cost

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Array = TypeVar("Array", bound=npt.NDArray[Any])


@dataclass(frozen=True)
class Trace:
    """One recorded variable of one node.

    Attributes:
        node: Id of the node (or link).
        label: Its label.
        variable: Name of the variable.
        values: (n_steps + 1,) for a single neuron, (n_steps + 1, size) for a population.
    """

    node: str
    label: str
    variable: str
    values: Floats


@dataclass(frozen=True)
class SpikeTable:
    """All spikes, sorted by time.

    Attributes:
        labels: Label of the node of each spike.
        indices: Which neuron of the node, int64 of shape (n,).
        times: In ms, float64 of shape (n,).
    """

    labels: Sequence[str]
    indices: Ints
    times: Floats


class Result:
    """Traces and spikes of a run.

    Args:
        times: (n_steps + 1,) ms: sample k is the state at ``k*dt``, sample 0 the initial state.
        traces: What was recorded.
        nodes: All nodes, in order.
        spikes: Node id -> (which neuron, times in ms), in order of time.
        dt_ms: Time step.
        warnings: What to know of the run: values that were brought back into their range.
        unlisted: Nodes whose spikes were too many to list -> how many a second.

    Attributes:
        unlisted: As above.
        costs: Where the time went, if that was measured.
    """

    def __init__(
        self,
        times: Floats,
        traces: Sequence[Trace],
        nodes: Sequence[Node],
        spikes: Mapping[str, tuple[Ints, Floats]],
        dt_ms: float,
        warnings: Sequence[str] = (),
        unlisted: Mapping[str, float] | None = None,
    ) -> None:
        self.times = _frozen(times)
        self.traces = tuple(traces)
        self.dt_ms = dt_ms
        self.warnings = tuple(warnings)
        self.nodes = tuple(nodes)
        self.costs: tuple[Cost, ...] = ()
        self.unlisted = dict(unlisted or {})
        self._spikes = {k: (_frozen(i), _frozen(t)) for k, (i, t) in spikes.items()}
        for trace in self.traces:
            _frozen(trace.values)

    def __getitem__(self, key: tuple[str, str]) -> Floats:
        """Return a trace by (label or id, variable).

        Raises:
            SimulationError: It was not recorded.
        """
        name, variable = key
        for trace in self.traces:
            if variable == trace.variable and name in (trace.node, trace.label):
                return trace.values
        known = ", ".join(f"{t.label}.{t.variable}" for t in self.traces) or "nothing"
        raise SimulationError(f"{name}.{variable} was not recorded; {known} was")

    def spikes(self, name: str) -> Floats:
        """Return the spike times of a node in ms, of all its neurons together, sorted.

        Args:
            name: Label or id.

        Raises:
            SimulationError: There is no such node.
        """
        return self.spikes_by_neuron(name)[1]

    def spikes_by_neuron(self, name: str) -> tuple[Ints, Floats]:
        """Return (which neuron, times in ms) of a node's spikes, sorted by time.

        Raises:
            SimulationError: There is no such node, or its spikes are too many to list.
        """
        empty = np.zeros(0, np.int64), np.zeros(0)
        for node in self.nodes:
            if name in (node.id, node.label):
                if node.id in self.unlisted:
                    raise SimulationError(unlisted_words(node.label, self.unlisted[node.id]))
                return self._spikes.get(node.id, empty)
        raise SimulationError(f"there is no node {name!r} in this circuit")

    def spike_table(self) -> SpikeTable:
        """Return all spikes of all nodes, sorted by time."""
        nodes = [n for n in self.nodes if n.id in self._spikes]
        labels = [label for n in nodes for label in [n.label] * len(self._spikes[n.id][1])]
        indices = np.concatenate([np.zeros(0, np.int64), *(self._spikes[n.id][0] for n in nodes)])
        times = np.concatenate([np.zeros(0), *(self._spikes[n.id][1] for n in nodes)])
        order = np.argsort(times, kind="stable")
        return SpikeTable(
            [labels[i] for i in order], _frozen(indices[order]), _frozen(times[order])
        )

    def __repr__(self) -> str:
        total = sum(len(t) for _, t in self._spikes.values())
        return f"<Result: {self.times[-1]:g} ms, {len(self.traces)} traces, {total} spikes>"


def _frozen(array: Array) -> Array:
    array.setflags(write=False)
    return array


def unlisted_words(label: str, rate: float) -> str:
    """Say that the spikes of a node are not listed."""
    return f"the spikes of {label} are not listed: they are about {rate:,.0f} a second"
