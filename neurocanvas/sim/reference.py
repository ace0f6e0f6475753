"""The exact solution of a circuit, to check the engine against.

The same equation text as the engine's, advanced by the adaptive Runge-Kutta method of order 8 that
stands behind ``scipy.integrate.solve_ivp`` (Hairer, Norsett & Wanner 1993, DOP853), in pieces: from
one jump (a spike that arrives, a source that switches, the end of a refractory period) to the next.
Spikes are found in the dense output and have their exact times.

What is kept of the engine: connections, random spikes (stamped at the end of their step) and delays
in whole steps. What differs: a spike takes effect exactly one delay after its own time, where the
engine waits for the next step; so the two agree to within one step per synapse passed.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.integrate import DOP853, LSODA, RK45, OdeSolver, Radau

from neurocanvas.errors import NotFinite, SimulationError
from neurocanvas.model.elements import Snapshot
from neurocanvas.model.kinds import NeuronKind, Registry, SourceKind
from neurocanvas.sim import random
from neurocanvas.sim.reference_dynamics import Dynamics
from neurocanvas.sim.reference_groups import Floats, Group, Ints, Member
from neurocanvas.sim.reference_layout import Layout, SpikeSource, build_layout
from neurocanvas.sim.reference_limits import check_noiseless, check_solvable
from neurocanvas.sim.reference_spikes import Arrivals, Thresholds, crossings
from neurocanvas.sim.result import Result, Trace

NODE_KINDS = (NeuronKind, SourceKind)

METHODS: dict[str, type[OdeSolver]] = {"DOP853": DOP853, "LSODA": LSODA, "Radau": Radau}
"""Integrators of scipy to choose from."""

MAX_STEP_MS = 1.0
"""No step is longer, so that no short input is stepped over."""

SHORT = 0.2
"""Part of a step that could be taken, below which a piece is short."""

MAX_STEPS_PER_MS = 2_000
"""More steps than this mean that the circuit is out of all proportion."""


def solve_reference(
    snapshot: Snapshot,
    kinds: Registry,
    duration_ms: float,
    record: Mapping[str, Sequence[str]],
    *,
    rtol: float = 1e-9,
    atol: float = 1e-9,
    method: str = "DOP853",
    progress: Callable[[float], None] | None = None,
) -> Result:
    """Solve a circuit to tight tolerance.

    Args:
        snapshot: The circuit.
        kinds: Its kinds.
        duration_ms: Model time, rounded to whole steps of the circuit's dt.
        record: Node or link id -> variables to record.
        rtol, atol: Tolerances of each step, relative and in the units of the variables.
        method: One of ``METHODS``.
        progress: Called with the part that is done, 0 to 1.

    Returns:
        Traces at every step of the circuit's dt, and spikes at their exact times. A sample shows
        the state before what happens at its time.

    Raises:
        NotFinite: A variable became NaN or infinite.
        SimulationError: Something that has no reference solution, such as noise, or equations that
            need absurdly small steps.
    """
    check_solvable(snapshot, kinds)
    with np.errstate(all="ignore"):
        run = _Run(build_layout(snapshot, kinds), snapshot, duration_ms, record)
        run.options = {"rtol": rtol, "atol": atol}
        run.method = METHODS[method]
        return run.go(progress)


class _Run:
    """One run: the state vector, the spikes on their way, and what has been recorded."""

    def __init__(
        self,
        layout: Layout,
        snapshot: Snapshot,
        duration_ms: float,
        record: Mapping[str, Sequence[str]],
    ) -> None:
        self.layout = layout
        self.dt = snapshot.settings.dt
        self.steps = max(1, round(duration_ms / self.dt))
        self.end = self.steps * self.dt
        self.dynamics = Dynamics(layout)
        self.thresholds = Thresholds(self.dynamics)
        self.arrivals = Arrivals(self.dynamics)
        self.owners = _owners(layout)
        self.method: type[OdeSolver] = DOP853
        self.options: dict[str, float] = {}
        self.t = 0.0
        self.y = self.dynamics.start()
        check_noiseless(self.dynamics, self.y)
        self.above = np.zeros(layout.neuron_count, bool)
        self.held_until = np.full(layout.neuron_count, -math.inf)
        self.first_step = 1e-3
        self.nodes = snapshot.nodes
        self.times = np.arange(self.steps + 1.0) * self.dt
        self.spikes: dict[str, tuple[list[int], list[float]]] = {}
        self.recorded = _channels(layout, record, self.steps + 1)
        self.sample = 0
        self._send_random_spikes(snapshot)

    # -- the course of a run ---------------------------------------------------------------------

    def go(self, progress: Callable[[float], None] | None) -> Result:
        """Run to the end."""
        self._record(self.t, lambda t: np.repeat(self.y[:, None], len(t), axis=1))
        self.above = (self._excess_now() > 0.0) & ~self.thresholds.resets
        while self.t < self.end:
            self._fire_standing()
            self._piece(self._next_jump())
            self._jump()
            if progress is not None:
                progress(self.t / self.end)
        return self._result()

    def _result(self) -> Result:
        spikes = {
            node: (np.array(indices, np.int64), np.array(times))
            for node, (indices, times) in self.spikes.items()
        }
        traces = [channel.result() for channel in self.recorded]
        return Result(self.times, traces, self.nodes, spikes, self.dt)

    def _next_jump(self) -> float:
        """The end of the piece ahead: the first thing known to happen."""
        held = np.min(self.held_until, where=self.held_until > self.t, initial=math.inf)
        jump = next((b for b in self.layout.breakpoints if b > self.t), math.inf)
        return min(self.end, self.arrivals.next_time, float(held), jump)

    def _jump(self) -> None:
        """Do what happens at the present time: arrivals, ends of refractory periods."""
        self.arrivals.deliver(self.t, self.y)
        self.dynamics.free[self.held_until <= self.t] = 1.0

    def _fire_standing(self) -> None:
        """Let all neurons with a reset fire that are free and at their threshold."""
        ready = self.thresholds.resets & (self.dynamics.free > 0.0)
        if np.any(ready):
            self._fire(np.flatnonzero(ready & (self._excess_now() >= 0.0)))

    def _fire(self, neurons: Ints) -> None:
        """Record spikes of neurons with a reset, reset them and hold them."""
        for neuron in neurons:
            self._spike(int(neuron), self.t)
        if neurons.size:
            self.thresholds.reset(neurons, self.t, self.y)
            hold = self.thresholds.refractory[neurons]
            # Without a refractory period a neuron that its reset leaves above the threshold would
            # fire without end; it fires once a step, as in the engine.
            still = self._excess_now()[neurons] >= 0.0
            hold = np.where(still, np.maximum(hold, self.dt), hold)
            self.held_until[neurons] = self.t + hold
            self.dynamics.free[neurons] = (hold <= 0.0) * 1.0

    def _spike(self, neuron: int, time: float) -> None:
        """Record a spike and send it on its way."""
        node, index = self.owners[neuron]
        indices, times = self.spikes.setdefault(node, ([], []))
        indices.append(index)
        times.append(time)
        for projection in self.layout.projections.get(node, ()):
            arrival = time + projection.delay * self.dt
            self.arrivals.add(arrival, projection, np.array([index]))

    # -- one smooth piece ------------------------------------------------------------------------

    def _piece(self, end: float) -> None:
        """Advance to the end of a smooth piece, or to the first reset or arrival inside it."""
        begin = self.t
        if end <= begin:
            return
        self.dynamics.between(begin, end)
        if not self.y.size:
            self._record(end, lambda t: np.zeros((0, len(t))))
            self.t = end
            return
        # A piece far shorter than a step of order 8 needs fewer stages; the tolerance holds anyway.
        short = self.method is DOP853 and end - begin < SHORT * self.first_step
        solver = (RK45 if short else self.method)(
            self.dynamics,
            begin,
            self.y,
            end,
            first_step=min(self.first_step, end - begin),
            max_step=MAX_STEP_MS,
            **self.options,
        )
        for count in itertools.count(1):
            wanted = getattr(solver, "h_abs", self.first_step)
            self._step(solver)
            # A step cut short by the end of the piece says nothing about the next one.
            clipped = solver.t == end and solver.step_size < 0.999 * wanted
            self.first_step = wanted if clipped else getattr(solver, "h_abs", self.first_step)
            if self.t < solver.t or solver.status != "running":
                return
            if count > MAX_STEPS_PER_MS * max(1.0, self.t - begin):
                raise self._too_hard()

    def _step(self, solver: OdeSolver) -> None:
        """Take one step of the solver and accept it up to the first event inside."""
        solver.step()
        if solver.status == "failed" or not np.all(np.isfinite(solver.y)):
            raise self._not_finite(solver)
        dense = solver.dense_output()
        grid = self.times[self.sample :]
        inside = grid[: np.searchsorted(grid, solver.t)]
        times = np.concatenate(([solver.t_old], inside[inside > solver.t_old], [solver.t]))
        stop, resetting = self._events(dense, times)
        self._record(stop, dense)
        self._finish(stop, np.array(solver.y if stop == solver.t else dense(stop)))
        self._fire(resetting)

    def _events(self, dense: Callable[[Floats], Floats], times: Floats) -> tuple[float, Ints]:
        """Take up the spikes inside a step, until a reset or an arrival ends it."""
        stop = min(float(times[-1]), self.arrivals.next_time)
        held = self.dynamics.free == 0.0
        for crossing in crossings(self.thresholds, dense, times, self.above | held):
            if crossing.time > stop:
                break
            if self.thresholds.resets[crossing.neuron]:
                return crossing.time, np.array([crossing.neuron])
            self._spike(crossing.neuron, crossing.time)
            stop = min(stop, self.arrivals.next_time)
        return stop, np.empty(0, np.intp)

    def _finish(self, t: float, y: Floats) -> None:
        self.t, self.y = t, y
        self.above = (self._excess_now() > 0.0) & ~self.thresholds.resets

    def _excess_now(self) -> Floats:
        return self.thresholds.excess(np.array([self.t]), self.y[:, None])[:, 0]

    # -- recording, random spikes, errors --------------------------------------------------------

    def _record(self, stop: float, dense: Callable[[Floats], Floats]) -> None:
        """Fill all samples up to a time, which counts as before what happens then."""
        grid = self.times
        upto = int(np.searchsorted(grid, stop + 1e-9 * self.dt, side="right"))
        if upto == self.sample:
            return
        rows = slice(self.sample, upto)
        times = np.minimum(grid[rows], stop)
        states = dense(times)
        for channel in self.recorded:
            channel.take(self.dynamics, rows, times, states)
        self.sample = upto

    def _send_random_spikes(self, snapshot: Snapshot) -> None:
        """Draw all random spikes of the run, the same ones as the engine, and send them off."""
        for source in self.layout.spike_sources:
            keys = random.stream_keys(snapshot.settings.seed, source.node.id, source.node.size)
            for step in range(self.steps):
                counts = random.poisson(keys, step, source.rate * self.dt)
                if np.any(counts):
                    self._emit(source, step, np.repeat(np.arange(source.node.size), counts))

    def _emit(self, source: SpikeSource, step: int, indices: Ints) -> None:
        found = self.spikes.setdefault(source.node.id, ([], []))
        found[0].extend(indices.tolist())
        found[1].extend([(step + 1) * self.dt] * indices.size)
        for projection in self.layout.projections.get(source.node.id, ()):
            self.arrivals.add((step + 1 + projection.delay) * self.dt, projection, indices)

    def _not_finite(self, solver: OdeSolver) -> NotFinite:
        """Name the variable that went out of bounds: the one not finite, or the fastest."""
        rates = np.where(np.isfinite(solver.y), np.abs(self.dynamics(solver.t, solver.y)), np.nan)
        position = int(np.argmax(np.nan_to_num(rates, nan=math.inf, posinf=math.inf)))
        return NotFinite(*self.layout.name_of_state(position), solver.t)

    def _too_hard(self) -> SimulationError:
        rates = np.abs(self.dynamics(self.t, self.y))
        label, variable = self.layout.name_of_state(int(np.argmax(rates)))
        return SimulationError(
            f"{label}: {variable} changes too fast to be solved exactly at {self.t:.4g} ms; "
            "smaller currents or conductances would be possible"
        )


@dataclass(frozen=True)
class _Channel:
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

    def result(self) -> Trace:
        """Return the finished trace."""
        values = self.trace[:, 0] if self.member.size == 1 else self.trace
        label = self.member.label if isinstance(self.group.kind, NODE_KINDS) else self.member.id
        return Trace(self.member.id, label, self.variable, values)


def _channels(
    layout: Layout, record: Mapping[str, Sequence[str]], n_samples: int
) -> list[_Channel]:
    """Prepare a channel for each recorded variable."""
    channels = []
    for element_id, variables in record.items():
        found = layout.group_of(element_id)
        for variable in variables:
            if found is None or variable not in found[0].kind.recordable:
                raise SimulationError(f"{element_id} has no variable {variable!r} to record")
            group, member = found
            place = _place(group, member, variable)
            trace = np.full((n_samples, member.size), math.nan)
            channels.append(_Channel(group, member, variable, place, trace))
    return channels


def _place(group: Group, member: Member, variable: str) -> slice | None:
    if variable not in group.system.states:
        return None
    begin = group.place(variable).start + member.first
    return slice(begin, begin + member.size)


def _owners(layout: Layout) -> list[tuple[str, int]]:
    """Return node id and index of each neuron."""
    return [
        (member.id, index)
        for group in layout.neurons
        for member in group.members
        for index in range(member.size)
    ]
