"""The exact solution of a circuit, to check the engine against.

The same equation text as the engine's, advanced by the adaptive Runge-Kutta method of order 8 that
stands behind ``scipy.integrate.solve_ivp`` (Hairer, Norsett & Wanner 1993, DOP853), in pieces: from
one jump (a spike that arrives, a source that switches, the end of a refractory period) to the next.
Where a piece is stiff, as under a voltage clamp, LSODA takes over. Spikes are found in the dense
output and have their exact times.

What is kept of the engine: connections, drawn parameters, random spikes (stamped at the end of
their step), white noise (the same numbers, each held for a step), delays in whole steps, pulses one
step long, and the grid on which units without dynamics are updated. What differs: a spike takes
effect exactly one delay after its own time, where the engine waits for the next step; so the two
agree to within one step per synapse passed.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import DOP853, LSODA, RK45, OdeSolver, Radau

from neurocanvas.errors import NotFinite, SimulationError
from neurocanvas.model.elements import Snapshot
from neurocanvas.model.kinds import Registry
from neurocanvas.sim.clipping import clipping_warnings
from neurocanvas.sim.reference.arrivals import SAME, Arrivals
from neurocanvas.sim.reference.dynamics import Dynamics
from neurocanvas.sim.reference.groups import Floats, Ints
from neurocanvas.sim.reference.layout import build_layout
from neurocanvas.sim.reference.limits import check_solvable
from neurocanvas.sim.reference.parts import Layout
from neurocanvas.sim.reference.record import owners, recorded
from neurocanvas.sim.reference.sources import volleys
from neurocanvas.sim.reference.spikes import Thresholds, crossings
from neurocanvas.sim.reference.updates import Updates
from neurocanvas.sim.result import Result

METHODS: dict[str, type[OdeSolver]] = {"DOP853": DOP853, "LSODA": LSODA, "Radau": Radau}
"""Integrators of scipy to choose from."""

MAX_STEP_MS = 1.0
"""No step is longer, so that no short input is stepped over."""

SHORT = 0.2
"""Part of a step that could be taken, below which a piece is short."""

STIFF_STEPS_PER_MS = 300
"""More steps than this mean that the equations are stiff."""

UPSWING_MS = 1e-6
"""Where a solver gives up so short a time before a reset, the neuron fires."""

MAX_STEPS_PER_MS = 2_000
"""More steps than this mean that the circuit is out of all proportion."""

FEW_STEPS = 20
"""Steps of the solver between two words of progress."""


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
        progress: Called with the part that is done, 0 to 1; may raise to end the run.

    Returns:
        Traces at every step of the circuit's dt, and spikes at their exact times. A sample shows
        the state before what happens at its time, but after the updates of units without dynamics.

    Raises:
        NotFinite: A variable became NaN or infinite.
        SimulationError: Something that has no reference solution, or equations that need absurdly
            small steps.
    """
    with np.errstate(all="ignore"):
        layout = build_layout(snapshot, kinds, duration_ms)
        check_solvable(layout)
        run = _Run(layout, snapshot, duration_ms, record)
        run.options = {"rtol": rtol, "atol": atol}
        run.method = METHODS[method]
        run.progress = progress
        run.warnings = clipping_warnings(snapshot, kinds)
        return run.go()


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
        self.warnings: Sequence[str] = ()
        self.steps = max(1, round(duration_ms / self.dt))
        self.end = self.steps * self.dt
        self.dynamics = Dynamics(layout)
        self.thresholds = Thresholds(self.dynamics)
        self.arrivals = Arrivals(self.dynamics)
        self.updates = Updates(self.dynamics)
        self.owners = owners(layout)
        self.method: type[OdeSolver] = DOP853
        self.options: dict[str, float] = {}
        self.progress: Callable[[float], None] | None = None
        self.t = 0.0
        self.y = self.dynamics.start()
        self.above = np.zeros(layout.neuron_count, bool)
        self.held_until = np.full(layout.neuron_count, -math.inf)
        self.first_step = 1e-3
        self.nodes = snapshot.nodes
        self.times = np.arange(self.steps + 1.0) * self.dt
        self.spikes: dict[str, tuple[list[int], list[float]]] = {}
        self.recorded = recorded(layout, self.arrivals, record, self.steps + 1)
        self.sample = 0
        still = all(group.still for group in layout.groups)
        self.still = still and not self.thresholds.any

    # -- the course of a run ---------------------------------------------------------------------

    def go(self) -> Result:
        """Run to the end."""
        self._send_known_spikes()
        self.dynamics.noise.draw(0)
        self._record(self.t, lambda t: np.repeat(self.y[:, None], len(t), axis=1))
        self.above = (self._excess_now() > 0.0) & ~self.thresholds.resets
        self._jump()
        while self.t < self.end:
            self._fire_standing()
            self._piece(self._next_jump())
            self._jump()
            self._tell()
        return self._result()

    def _tell(self) -> None:
        if self.progress is not None:
            self.progress(min(self.t / self.end, 1.0))

    def _result(self) -> Result:
        spikes = {}
        for node, (indices, times) in self.spikes.items():
            order = np.argsort(times, kind="stable")
            spikes[node] = np.array(indices, np.int64)[order], np.array(times)[order]
        traces = [channel.result(self.times) for channel in self.recorded]
        return Result(self.times, traces, self.nodes, spikes, self.dt, self.warnings)

    @property
    def _step(self) -> int:
        """How many steps of the grid are done."""
        return int(self.t / self.dt + 0.5 * SAME + 1e-6)

    def _next_jump(self) -> float:
        """The end of the piece ahead: the first thing known to happen."""
        now = self.t + SAME * self.dt
        held = np.min(self.held_until, where=self.held_until > now, initial=math.inf)
        jump = next((b for b in self.layout.breakpoints if b > now), math.inf)
        return min(self.end, self.arrivals.next_time, float(held), jump, self._next_grid())

    def _next_grid(self) -> float:
        """The end of the next step after which something on the grid changes."""
        step = self._step
        found = step + 1 if self.dynamics.noise.groups else self.updates.after(step)
        return math.inf if found is None or found > self.steps else float(self.times[found])

    def _jump(self) -> None:
        """Do what happens at the present time: updates, arrivals, ends of refractory periods."""
        step = self._step
        if abs(self.t - step * self.dt) <= SAME * self.dt and step > 0:
            self._update(step)
            self.dynamics.noise.draw(step)
        self.arrivals.deliver(self.t, self.y)
        self.dynamics.free[self.held_until <= self.t + SAME * self.dt] = 1.0
        self.dynamics.look()

    def _update(self, step: int) -> None:
        """Carry out the updates that end a step; its sample shows them, as the engine's does."""
        if not self.updates.carry_out(step, self.t, self.y):
            return
        rows = slice(step, step + 1)
        for channel in self.recorded:
            channel.take(self.dynamics, rows, np.array([self.t]), self.y[:, None])

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
            hold = self.thresholds.refractory(neurons, self.t, self.y)
            self.thresholds.reset(neurons, self.t, self.y)
            # Without a refractory period a neuron that its reset leaves above the threshold would
            # fire without end; it fires once a step, as in the engine.
            still = self._excess_now()[neurons] >= 0.0
            hold = np.where(still, np.maximum(hold, self.dt), hold)
            self.held_until[neurons] = self.t + hold
            self.dynamics.free[neurons] = (hold <= 0.0) * 1.0
            self.dynamics.look()

    def _spike(self, neuron: int, time: float) -> None:
        """Record a spike and send it on its way."""
        node, index = self.owners[neuron]
        self._emit(node, np.array([index]), time)
        self.arrivals.fire(node, index, time)

    def _emit(self, node: str, indices: Ints, time: float) -> None:
        found = self.spikes.setdefault(node, ([], []))
        found[0].extend(indices.tolist())
        found[1].extend([time] * indices.size)
        self.arrivals.send(node, indices, time)

    def _send_known_spikes(self) -> None:
        """Send off the spikes of all sources that emit them by themselves."""
        for source in self.layout.spike_sources:
            for time, indices in volleys(source, self.layout.seed, self.dt, self.steps):
                self._emit(source.node.id, indices, time)
                self._tell()

    # -- one smooth piece ------------------------------------------------------------------------

    def _piece(self, end: float) -> None:
        """Advance to the end of a smooth piece, or to the first reset or arrival inside it."""
        begin = self.t
        if end <= begin + SAME * self.dt:
            self.t = max(end, begin)
            return
        self.dynamics.between(begin, end)
        if self.still:
            self._record(end, lambda t: np.repeat(self.y[:, None], len(t), axis=1))
            self.t = end
            return
        solver = self._solver(begin, end)
        for count in itertools.count(1):
            wanted = getattr(solver, "h_abs", self.first_step)
            fired = self._advance(solver)
            # A step cut short by the end of the piece says nothing about the next one.
            clipped = solver.t == end and solver.step_size < 0.999 * wanted
            self.first_step = wanted if clipped else getattr(solver, "h_abs", self.first_step)
            if fired or self.t < solver.t or solver.status != "running":
                return
            if count % FEW_STEPS == 0:
                self._tell()
            steps_per_ms = count / max(1.0, self.t - begin)
            if steps_per_ms > STIFF_STEPS_PER_MS and isinstance(solver, (DOP853, RK45)):
                self.method = LSODA
                return
            if steps_per_ms > MAX_STEPS_PER_MS:
                raise self._too_hard()

    def _solver(self, begin: float, end: float) -> OdeSolver:
        # A piece far shorter than a step of order 8 needs fewer stages; the tolerance holds anyway.
        short = self.method is DOP853 and end - begin < SHORT * self.first_step
        return (RK45 if short else self.method)(
            self.dynamics,
            begin,
            self.y,
            end,
            first_step=min(self.first_step, end - begin),
            max_step=MAX_STEP_MS,
            **self.options,
        )

    def _advance(self, solver: OdeSolver) -> bool:
        """Take one step of the solver and accept it up to the first event inside.

        Returns:
            Whether a neuron was reset, so that the solver can't go on from where it is.
        """
        solver.step()
        if solver.status == "failed" and np.any(blown := self._blowing_up()):
            self._fire(np.flatnonzero(blown))
            return True
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
        return bool(resetting.size)

    def _blowing_up(self) -> NDArray[np.bool_]:
        """Say which neurons reach their threshold sooner than time can be told apart.

        An exponential upswing is over in less than the last digit of the time; no solver steps
        through it.
        """
        speed = self.dynamics.potentials(self.dynamics(self.t, self.y))
        near = (speed > 0.0) & (-self._excess_now() < UPSWING_MS * speed)
        return near & self.thresholds.resets & (self.dynamics.free > 0.0)

    def _events(self, dense: Callable[[Floats], Floats], times: Floats) -> tuple[float, Ints]:
        """Take up the spikes inside a step, until a reset or an arrival ends it."""
        stop = min(float(times[-1]), max(self.arrivals.next_time, self.t))
        held = self.dynamics.free == 0.0
        for crossing in crossings(self.thresholds, dense, times, self.above | held):
            if crossing.time > stop:
                break
            if self.thresholds.resets[crossing.neuron]:
                return crossing.time, np.array([crossing.neuron])
            self._record(crossing.time, dense)  # what it teaches is not seen before it fires
            self._spike(crossing.neuron, crossing.time)
            stop = min(stop, self.arrivals.next_time)
        return stop, np.empty(0, np.intp)

    def _finish(self, t: float, y: Floats) -> None:
        self.t, self.y = t, y
        self.above = (self._excess_now() > 0.0) & ~self.thresholds.resets

    def _excess_now(self) -> Floats:
        return self.thresholds.excess(np.array([self.t]), self.y[:, None])[:, 0]

    # -- recording and errors --------------------------------------------------------------------

    def _record(self, stop: float, dense: Callable[[Floats], Floats]) -> None:
        """Fill all samples up to a time, which counts as before what happens then."""
        grid = self.times
        upto = int(np.searchsorted(grid, stop + SAME * self.dt, side="right"))
        if upto == self.sample:
            return
        rows = slice(self.sample, upto)
        times = np.minimum(grid[rows], stop)
        states = dense(times)
        for channel in self.recorded:
            channel.take(self.dynamics, rows, times, states)
        self.sample = upto

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
