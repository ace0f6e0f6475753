"""A circuit in motion: a program, its clock and the spikes under way."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from neurocanvas.errors import NotFinite, SimulationError
from neurocanvas.model.forms import expand
from neurocanvas.model.kinds import NeuronKind, SynapseKind
from neurocanvas.model.quantity import to_coherent
from neurocanvas.sim.adopting import learned, take_states, ways
from neurocanvas.sim.bundles import SPIKE, Found, Learners, Log, Stream, Wires, Work, meeting
from neurocanvas.sim.calendar import Calendar
from neurocanvas.sim.compiling.initial import write_constants
from neurocanvas.sim.compiling.values import Coherent
from neurocanvas.sim.evaluate import evaluate
from neurocanvas.sim.flows import Flows
from neurocanvas.sim.kernels import DRIVE, DRIVE_TOGETHER, addresses, flowing_of, main_of
from neurocanvas.sim.listing import unlisted
from neurocanvas.sim.native.calls import Caller
from neurocanvas.sim.native.making import made
from neurocanvas.sim.program import PLASTICITY, Floats, Group, Ints, Program, aligned
from neurocanvas.sim.reading import Finder, Reading
from neurocanvas.sim.recording.rings import Channel
from neurocanvas.sim.runs import runs_of
from neurocanvas.sim.teams import team, together

KICK_MV = 5.0
"""How far above its threshold a kicked neuron is set, so that it is still there after a step."""

SLICES_AT_ONCE = 65_536
"""Of so many slices the synapses are numbered at once: a small part of a large network's memory."""


@dataclass(frozen=True)
class Spikes:
    """Spikes in the order they happened.

    Attributes:
        unit: Which unit of the program fired.
        step: In which step.
        time_ms: When, interpolated inside the step.
    """

    unit: Ints
    step: Ints
    time_ms: Floats

    def __len__(self) -> int:
        return len(self.unit)


@dataclass(frozen=True)
class Block:
    """What some steps gave.

    Attributes:
        first_step, steps: Which steps were done.
        samples: (n_channels, steps): column s is the state at the end of step ``first_step + s``,
            NaN for what is not there. A view of an array of shape (steps, n_channels): the values
            of a step lie side by side.
        spikes: All spikes of these steps.
    """

    first_step: int
    steps: int
    samples: Floats
    spikes: Spikes


class Simulation:
    """Advances a program.

    Args:
        program: The compiled circuit.
        duration_ms: For how long it will run, if that is known.
        threads: How many threads advance it: one where synapses learn. The result is the same bit
            by bit.
    """

    def __init__(self, program: Program, duration_ms: float = math.inf, threads: int = 1) -> None:
        self.program = program
        self._duration_ms = duration_ms
        self.step = 0
        self.time_offset = 0.0
        self.arena = aligned(program.arena)
        self._target = program.synapses.target.view(np.uint32)
        # Nobody writes to a program's weights; those of a hundred million synapses are kept once.
        learns = bool(program.learning.sources)
        self.weight = program.synapses.weight.copy() if learns else program.synapses.weight
        self._changed: dict[str, dict[str, Coherent]] = {}
        self.runs = runs_of(program)
        self.calendar = Calendar(program.synapses, self.runs)
        self.flows = Flows(program)
        self.unlisted = unlisted(program, duration_ms)
        silent = list(self.flows.silent(set(self.unlisted)))
        self.team = team(program, self.runs, threads, silent)
        drive = made(DRIVE if len(self.team) == 1 else DRIVE_TOGETHER)
        self._drivers = [Caller(drive) for _ in self.team.shares]
        self._kernels = addresses(
            main_of(group.source) for group in program.groups if group.stage != PLASTICITY
        )
        self._quick_kernels = self._kernels.copy()
        for number in self.team.quick.taken:
            source = program.groups[number].source
            self._quick_kernels[number] = made(flowing_of(source)).address
        self._events = addresses(map(main_of, program.learning.sources))
        units, n = len(program.unit_node), len(self.team)
        room = (2 * n if n > 1 else 1, units)
        self._found = Found(
            np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room),
            np.zeros((room[0], 2), np.int64), np.zeros(3, np.int64), np.full((n, 2), -1, np.int64),
        )  # fmt: skip
        hidden = [program.node_ids.index(node) for node in self.unlisted]
        listed = np.isin(program.unit_node, hidden, invert=True).astype(np.int64)
        none = np.zeros(0, np.int64)
        self._log = Log(listed, np.zeros(0, SPIKE), np.zeros(1, np.int64))
        self._streams = self._shared_streams()
        self.clocks: list[Ints] = [none] * len(self.team)
        """Ticks of the processor's clock that each thread has spent on what; see ``profile``."""
        self.driven_s, self.driven_steps = 0.0, 0
        self._held: tuple[Ints, Floats] = (np.zeros(0, np.int64), np.zeros(0))
        self._finder = Finder(program, self.flows.links)
        self._reading = Reading(self._finder, ())

    # -- clock -----------------------------------------------------------------------------------

    @property
    def dt_ms(self) -> float:
        """Time step."""
        return self.program.dt

    @property
    def time_ms(self) -> float:
        """Model time now."""
        return self.time_offset + self.step * self.program.dt

    # -- recording -------------------------------------------------------------------------------

    def set_channels(self, channels: Sequence[Channel]) -> None:
        """Choose what the samples of a block hold, one row per channel; see ``reading``."""
        self._reading = Reading(self._finder, channels)

    @property
    def channels(self) -> tuple[Channel, ...]:
        """What the samples of a block hold."""
        return self._reading.channels

    def count(self, element_id: str, variable: str) -> int:
        """Return of how many things a variable can be recorded."""
        return self._finder.count(element_id, variable)

    def synapses_of(self, link_id: str) -> Ints:
        """Return the numbers of a link's synapses: by source neuron, delay and target."""
        return self.program.synapses.of_link(link_id)

    def look(self) -> Floats:
        """Return the present value of every channel, float64 of shape (n_channels,)."""
        return self._reading.look(self.arena, self.weight, self.time_ms)

    def values(self, element_id: str, variable: str) -> Floats | None:
        """Return a state variable of an element now, shape (size,), None if there is none.

        Of a link that has its columns in common with others it is the sum of all these.
        """
        slot = self.program.slots.get(element_id)
        if slot is None:
            return None
        group = self.program.groups[slot.group]
        if variable not in group.source.rows:
            return None
        return self.arena[group.places(slot.first, slot.n) + group.row(variable)]

    # -- advancing -------------------------------------------------------------------------------

    def advance(self, n_steps: int) -> Block:
        """Do some steps.

        Args:
            n_steps: How many.

        Returns:
            Samples and spikes of these steps.

        Raises:
            NotFinite: A variable became NaN or infinite; the steps before are done.
        """
        first = self.step
        samples = np.empty((n_steps, len(self.channels)))
        done = self._drive(n_steps, samples)
        samples[:, self._reading.absent] = np.nan
        spikes = self._take_log()
        if done < n_steps:
            self._fail()
        self._check_finite()
        return Block(first, n_steps, samples.T, spikes)

    def _shared_streams(self) -> list[Stream]:
        return self.flows.streams(self.team.cuts, len(self.team))

    def _drive(self, n_steps: int, samples: Floats) -> int:
        e, runs = self.program.learning, self.runs
        threads = len(self.team)
        met = meeting(threads) if threads > 1 else 0
        wires = Wires(
            self._target, self.weight, runs.start, runs.delay, runs.unit_run, self.team.splits
        )
        learners = Learners(
            self._events, e.release, e.release_place, e.learn, e.learn_place, e.places,
            e.unit_first, e.targets, e.order,
        )  # fmt: skip
        probes = self._reading.probes(samples)

        # All is made ready before any of them begins: they wait for each other.
        parts = [
            driver.ready(
                k, threads, met, self.step, n_steps,
                self.time_offset, self.dt_ms, self._work(k), wires, self.calendar.pool, learners,
                self._found, self._log, probes, self._streams[k],
            )
            for k, driver in enumerate(self._drivers)
        ]  # fmt: skip
        began = time.perf_counter()
        done, chunks, entries, spikes = together(parts)
        self.driven_s += time.perf_counter() - began
        self.driven_steps += int(done)
        self.calendar.pool = self.calendar.pool._replace(chunks=chunks, entries=entries)
        self._log = self._log._replace(spikes=spikes)
        self.step += done
        return int(done)

    def _work(self, thread: int) -> Work:
        """Return what a thread computes in a step."""
        p, share = self.program, self.team.shares[thread]
        held = self._held if thread == 0 else (self._held[0][:0], self._held[1][:0])
        # A hand adds to what flows in, as others may.
        whole = len(self._held[0]) > 0
        return Work(
            self._kernels, share.plan, share.stages, share.quick, share.quick_stages,
            self._quick_kernels, *self.team.common, int(self.team.mixed), int(whole), self.arena,
            self.team.quick.index, p.keys, *held, self.clocks[thread],
        )  # fmt: skip

    def _take_log(self) -> Spikes:
        """Return what was listed, and empty the list."""
        n = int(self._log.n[0])
        self._log.n[0] = 0
        listed = self._log.spikes[:n]
        unit, count, step, when = (
            listed[name].copy() for name in ("unit", "count", "step", "when")
        )
        time = self.time_offset + (step + when) * self.dt_ms
        if count.max(initial=1) == 1:
            return Spikes(unit, step, time)
        return Spikes(np.repeat(unit, count), np.repeat(step, count), np.repeat(time, count))

    # -- failing ---------------------------------------------------------------------------------

    def _fail(self) -> None:
        failed = self._found.failed
        number, column = failed[failed[:, 0] >= 0][0].tolist()
        failed[:] = -1
        group = self.program.groups[number]
        name = next(iter(group.kind.system.states), "v")
        raise NotFinite(self._label(group, column), name, self.time_ms)

    def _check_finite(self) -> None:
        # One sum finds any NaN or infinity; where it is matters only if there is one.
        with np.errstate(over="ignore", invalid="ignore"):
            if np.isfinite(self.arena.sum()):
                return
        for group in self.program.groups:
            places = group.places(0, group.n)
            for state in group.kind.system.states:
                bad = np.flatnonzero(~np.isfinite(self.arena[places + group.row(state)]))
                if len(bad):
                    raise NotFinite(self._label(group, int(bad[0])), state, self.time_ms)

    def _label(self, group: Group, column: int) -> str:
        """Say which element a column of a group is, in the words of the canvas."""
        p = self.program
        for element in group.elements:
            slot = p.slots[element]
            if slot.first <= column < slot.first + slot.n:
                break
        if element in p.links:
            link = p.links[element]
            return f"{p.nodes[link.pre].label} -> {p.nodes[link.post].label} ({link.kind})"
        node = p.nodes[element]
        return node.label if node.size == 1 else f"{node.label}[{column - slot.first}]"

    # -- changing --------------------------------------------------------------------------------

    def set_parameter(self, element_id: str, name: str, value: float) -> None:
        """Change a parameter between two steps.

        Args:
            element_id: A node or link; unknown ones are ignored (they may be placeholders).
            name: Name of the parameter.
            value: In the parameter's unit.

        Raises:
            SimulationError: A delay, which takes a recompilation.
        """
        if element_id not in self.program.slots:
            return
        slot = self.program.slots[element_id]
        group = self.program.groups[slot.group]
        if name == "delay" and isinstance(group.kind, SynapseKind):
            raise SimulationError("a delay changes by recompiling")
        if self.program.parts(element_id, name):
            label = self._label(group, 0)
            raise SimulationError(f"{label}: {name} is that of other links too; recompile to part")
        values = self._parameters_of(element_id)
        values[name] = to_coherent(value, group.kind.parameter(name).unit)
        self._changed[element_id] = values
        if name == "weight" and isinstance(group.kind, SynapseKind) and not group.kind.counts:
            self._set_weight(element_id, value)
        if slot.n:
            columns = {k: np.asarray(v) for k, v in values.items()}
            columns["dt"] = np.asarray(self.dt_ms)
            write_constants(self.arena, group, slot.first, slot.n, columns)

    def _parameters_of(self, element_id: str) -> dict[str, Coherent]:
        """Return the present parameters of an element in coherent units."""
        return self._changed.get(element_id) or dict(self.program.parameters[element_id])

    def _set_weight(self, link_id: str, value: float) -> None:
        """Change all synapses of a link: those of its slices."""
        s = self.program.synapses
        if link_id in self.flows.links:
            self.arena[self.flows.links[link_id].weight] = np.float32(value)
            return
        if self.weight is s.weight:
            self.weight = self.weight.copy()
        slices = np.flatnonzero(s.link == s.links.index(link_id))
        for some in np.array_split(slices, 1 + len(slices) // SLICES_AT_ONCE):
            self.weight[s.of_slices(some)] = value

    def hold(self, currents: Mapping[tuple[str, int], float]) -> None:
        """Hold currents into neurons until told otherwise: the hand at the bench.

        Args:
            currents: (node id, which neuron) -> pA; an index of -1 means all neurons of the node.
        """
        places: list[int] = []
        values: list[float] = []
        for (node_id, index), current in currents.items():
            found = self._neurons(node_id, index)
            if found is not None:
                group, columns = found
                own = group.places_of(columns) + group.row("#current")
                places += own.tolist()
                values += [current] * len(own)
        self._held = (np.array(places, np.int64), np.array(values, float))

    def kick(self, node_id: str, index: int = -1) -> None:
        """Push neurons over their threshold, so that they fire in the next step or very soon.

        A cell with a reset is set just above its threshold; one whose spikes come out of its
        equations is brought halfway there, from where it fires by itself.
        """
        found = self._neurons(node_id, index)
        if found is None:
            return
        group, columns = found
        condition = group.kind.spike_condition if isinstance(group.kind, NeuronKind) else None
        if condition is None or not isinstance(group.kind, NeuronKind):
            return
        values = self._seen_by(node_id, group, columns)
        level = evaluate(expand(condition.level, group.kind.system, lambda used: True), values)
        places = group.places_of(columns) + group.row(condition.variable)
        if group.kind.reset:
            self.arena[places] = level + KICK_MV
        else:
            self.arena[places] += (level - self.arena[places]) / 2

    def _seen_by(self, node_id: str, group: Group, columns: Ints) -> dict[str, Floats]:
        """Return what equations of some columns of a node may use now; it has no input."""
        own = columns - self.program.slots[node_id].first
        given = {k: np.asarray(v) for k, v in self._parameters_of(node_id).items()}
        values = {k: v[own] if v.ndim else v for k, v in given.items()}
        places = group.places_of(columns)
        values |= {s: self.arena[places + group.row(s)] for s in group.kind.system.states}
        return values | {"t": np.array(self.time_ms), "I": np.array(0.0)}

    def _neurons(self, node_id: str, index: int) -> tuple[Group, Ints] | None:
        """Return group and columns of one neuron of a node, or of all (-1)."""
        slot = self.program.slots.get(node_id)
        if slot is None or not -1 <= index < slot.n:
            return None
        group = self.program.groups[slot.group]
        columns = np.arange(slot.n) if index < 0 else np.array([index])
        return (group, slot.first + columns) if isinstance(group.kind, NeuronKind) else None

    def again(self) -> Simulation:
        """Return a simulation of the same program that begins anew, on as many threads.

        A program is never written to.
        """
        return Simulation(self.program, self._duration_ms, len(self.team))

    def adopt(self, old: Simulation) -> None:
        """Go on where another simulation stands: of all elements that both have, by id.

        Potentials, gates, synaptic conductances, spikes under way, the clock and the random streams
        carry over; what is new begins with its initial values.
        """
        self.step = old.step
        self.time_offset = old.time_ms - old.step * self.dt_ms
        take_states(self.program, self.arena, old.program, old.arena)
        for mine, theirs in learned(self.program, old.program):
            self.weight[mine] = old.weight[theirs]
        same_dt = self.dt_ms == old.dt_ms
        self.flows.adopt(old.flows, self.step, same_dt)
        flights = old.calendar.flights(old.step)
        flights = flights.joined(old.flows.flights(old.step, self.flows.links if same_dt else ()))
        if not same_dt:
            flights = flights.moved(self.step, old.dt_ms / self.dt_ms)
        self.flows.put(flights, self.step)
        self._streams = self._shared_streams()
        if not len(flights):
            return
        reach = int(flights.step.max()) - self.step
        if reach + 2 > self.calendar.ring:
            self.calendar = Calendar(self.program.synapses, self.runs, reach)
        found = ways(self.program, flights, old.program)
        self.calendar.put(flights, found, old.program.synapses)
