"""Where the values of channels lie in a program, and what they are now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from neurocanvas.model.channels import WEIGHT
from neurocanvas.model.plasticity import POST, PRE, PlasticityKind
from neurocanvas.sim.bundles import Probes
from neurocanvas.sim.compiling.learning import trace_id
from neurocanvas.sim.kernels import addresses, observer_of
from neurocanvas.sim.native.making import made
from neurocanvas.sim.program import Floats, Flow, Group, Program, Slot
from neurocanvas.sim.recording.rings import Channel
from neurocanvas.sim.writing.codegen import KernelSource


class Finder:
    """Finds what can be read of a program.

    Of a node: a variable of one of its neurons. Of a link: a variable of one of its columns; ``w``,
    the weight of one of its synapses; or a trace of its plasticity, ``"stdp.x"``.

    Args:
        program: The program.
        flowing: Its links whose counts flow, by id; see ``flows``.
    """

    def __init__(self, program: Program, flowing: Mapping[str, Flow]) -> None:
        self.program, self.flowing = program, flowing

    def count(self, element_id: str, variable: str) -> int:
        """Return of how many things a variable can be recorded."""
        if variable == WEIGHT and element_id in self.flowing:
            return self.flowing[element_id].n
        if variable == WEIGHT and element_id in self.program.synapses.links:
            return len(self.program.synapses.of_link(element_id))
        found = self.find(Channel(element_id, variable))
        return 0 if found is None else found[2].n

    def find(self, channel: Channel) -> tuple[Group, str, Slot] | None:
        """Return group, variable and slot of a channel; traces lie in groups of their own."""
        feature, _, trace = channel.variable.partition(".")
        names = [trace_id(channel.node, feature, side) for side in (PRE, POST)] if trace else []
        for element in names or [channel.node]:
            slot = self.program.slots.get(element)
            if slot is not None:
                group = self.program.groups[slot.group]
                if not trace or trace in _own_traces(group, element):
                    return group, trace or channel.variable, slot
        return None


class Reading:
    """Where the values of some channels lie; what is not there gives NaN.

    Args:
        finder: Finds them.
        channels: Which ones.
    """

    def __init__(self, finder: Finder, channels: Sequence[Channel]) -> None:
        self.channels, self._finder, n = tuple(channels), finder, len(channels)
        self._places = np.full(n, -1, np.int64)
        rows: list[tuple[int, ...]] = []
        weighed: list[tuple[int, int]] = []
        sources: dict[str, KernelSource] = {}
        for number, channel in enumerate(channels):
            if channel.variable == WEIGHT and self._is_weight(number, channel, weighed):
                continue
            found = finder.find(channel)
            if found is None or not 0 <= channel.index < found[2].n:
                continue
            group, variable, slot = found
            column = slot.first + channel.index
            if variable in group.source.observed:
                sources.setdefault(group.source.name, group.source)
                observer = list(sources).index(group.source.name)
                what = group.source.observed[variable]
                where = (group.offset, column, group.consts, group.link)
                rows.append((observer, *where, what, number))
            elif variable in group.source.rows:
                self._places[number] = group.places(column, 1)[0] + group.row(variable)
        self._observed = np.array(rows, np.int64).reshape(len(rows), 7)
        self._observers = addresses(map(observer_of, sources.values()))
        self._observe = [made(observer_of(source)) for source in sources.values()]
        self._weighed = np.array(weighed, np.int64).reshape(len(weighed), 2)
        there = self._places >= 0
        there[self._observed[:, -1]] = there[self._weighed[:, 0]] = True
        self.absent = np.flatnonzero(~there)
        """Numbers of the channels that are not there."""
        # Compiled code copies for every channel, whether it is there or not: asking takes longer.
        copied = self._places if there.any() else self._places[:0]
        self._copied = np.maximum(copied, 0).astype(np.uint64)

    def _is_weight(self, number: int, channel: Channel, weighed: list[tuple[int, int]]) -> bool:
        """Take up the weight of one synapse of a link; return whether it is a link with weights."""
        finder, link = self._finder, channel.node
        if link in finder.flowing:
            if 0 <= channel.index < finder.flowing[link].n:
                self._places[number] = finder.flowing[link].weight
            return True
        if link in finder.program.synapses.links:
            synapses = finder.program.synapses.of_link(link)
            if channel.index < len(synapses):
                weighed.append((number, int(synapses[channel.index])))
            return True
        return False

    def probes(self, samples: Floats) -> Probes:
        """Return what the driver fills.

        Args:
            samples: (n_steps, n_channels); columns of absent channels are not to be read.
        """
        return Probes(self._observers, self._observed, self._copied, self._weighed, samples)

    def look(self, arena: Floats, weight: npt.NDArray[np.float32], time_ms: float) -> Floats:
        """Return the present value of every channel, float64 of shape (n_channels,)."""
        program = self._finder.program
        values = np.full(len(self.channels), np.nan)
        known = self._places >= 0
        values[known] = arena[self._places[known]]
        values[self._weighed[:, 0]] = weight[self._weighed[:, 1]]
        for observer, offset, column, consts, link, what, number in self._observed.tolist():
            values[number] = self._observe[observer](
                arena, program.index, offset, column, consts, link, what, time_ms, program.dt
            )
        return values


def _own_traces(group: Group, element: str) -> tuple[str, ...]:
    """Return the traces that belong to the side an element stands for."""
    kind = group.kind
    return kind.states_of(element.rsplit("/", 1)[-1]) if isinstance(kind, PlasticityKind) else ()
