"""The thread that drives a simulation and answers messages.

Messages are carried out between two blocks of a few milliseconds; the thread sleeps when nothing is
due and never polls. It writes samples and spikes to the recorder and replaces ``status`` and
``frame`` as a whole; the windows look when they paint, and nobody waits for anybody.

Numba is imported in the thread, with the first circuit.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from neurocanvas.errors import Cancelled, NeuroCanvasError, SimulationError
from neurocanvas.model.channels import WEIGHT
from neurocanvas.model.elements import Snapshot
from neurocanvas.model.kinds import Registry
from neurocanvas.sim import messages as m
from neurocanvas.sim.builder import Builder
from neurocanvas.sim.pacer import Pacer
from neurocanvas.sim.progress import Stretch
from neurocanvas.sim.recording.recorder import Recorder
from neurocanvas.sim.recording.rings import Channel
from neurocanvas.sim.status import Frame, Status

if TYPE_CHECKING:
    from neurocanvas.sim.simulation import Block, Simulation
    from neurocanvas.sim.viewer import Viewer

__all__ = ["Frame", "Runner", "Status"]

FRAME_S = 0.012
"""Least time between two frames: a little under a screen's."""

log = logging.getLogger(__name__)


class Runner:
    """Runs a circuit in a thread of its own.

    All methods may be called from any thread and return at once, but for ``drain`` and ``close``.

    Args:
        recorder: Where samples and spikes go.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.status = Status()
        self.frame = Frame()
        self._inbox: deque[m.Message] = deque()
        self._wake = threading.Condition()
        self._simulation: Simulation | None = None
        self._viewer: Viewer | None = None
        self._loaded: m.Load | None = None
        self._changed: dict[tuple[str, str], float] = {}
        self._channels: tuple[Channel, ...] = ()
        self._held: dict[tuple[str, int], float] = {}
        self._builder = Builder(self._send, self._overtaken)
        self._waiting: m.Load | None = None
        self._given_up: m.Load | None = None
        self._meanwhile: dict[tuple[str, str], float] = {}
        self._barriers: list[threading.Event] = []
        self._pacer = Pacer(self.status.target_speed)
        self._running = False
        self._open = True
        self._frame_at = 0.0
        self._thread = threading.Thread(target=self._work, name="neurocanvas-runner", daemon=True)
        self._thread.start()

    # -- called by others ------------------------------------------------------------------------

    def load(self, snapshot: Snapshot, kinds: Registry, *, keep: bool) -> None:
        """Simulate a circuit.

        Args:
            snapshot: The circuit now.
            kinds: Its kinds.
            keep: Carry over the state of all elements that were there before (an edit); otherwise
                begin at time 0 (another document).
        """
        self._send(m.Load(snapshot, kinds, keep))

    def set_parameter(self, element_id: str, name: str, value: float) -> None:
        """Change a parameter from the next block on; value in its unit."""
        self._send(m.SetParameter(element_id, name, value))

    def set_channels(self, channels: Iterable[Channel]) -> None:
        """Record these channels from the next block on."""
        self._send(m.SetChannels(tuple(channels)))

    def set_speed(self, ms_per_s: float) -> None:
        """Set the model time per second of the clock, in ms; 0 is as fast as it can."""
        self._send(m.SetSpeed(ms_per_s))

    def run(self) -> None:
        """Go on."""
        self._send(m.Run())

    def pause(self) -> None:
        """Halt after the present block."""
        self._send(m.Pause())

    def step(self, steps: int = 1) -> None:
        """Do some time steps while halted."""
        self._send(m.Step(steps))

    def reset(self) -> None:
        """Go back to time 0 and the initial values."""
        self._send(m.Reset())

    def hold(self, node_id: str, current: float, index: int = -1) -> None:
        """Hold a current (pA) into a neuron until it is 0 again: the hand at the bench.

        What the hand does is no part of the document and is not repeated by a headless run.
        """
        self._send(m.Hold(node_id, index, current))

    def kick(self, node_id: str, index: int = -1) -> None:
        """Make a neuron fire now (all of the node with index -1)."""
        self._send(m.Kick(node_id, index))

    @property
    def building(self) -> Stretch | None:
        """What is being made ready, and how far it is, if that takes over a second."""
        return self._builder.look()

    def cancel(self) -> None:
        """Give up the circuit that is being made ready; ``status.given_up`` will say so.

        The present circuit runs on as it is, until another edit or ``build``.
        """
        self._builder.cancel()
        self._send(m.Cancel())

    def build(self) -> None:
        """Make ready after all what was given up."""
        self._send(m.Build())

    def drain(self, timeout: float = 60.0) -> None:
        """Wait until all messages so far have been carried out.

        Raises:
            SimulationError: They were not in time.
        """
        barrier = m.Barrier(threading.Event())
        self._send(barrier)
        if self._thread.is_alive() and not barrier.reached.wait(timeout):
            raise SimulationError(f"the simulation did not answer within {timeout:g} s")

    def close(self) -> None:
        """End the thread and wait for it."""
        self._send(m.Close())
        self._thread.join()
        self._builder.close()

    def _send(self, message: m.Message) -> None:
        with self._wake:
            self._inbox.append(message)
            self._wake.notify()

    # -- the thread ------------------------------------------------------------------------------

    def _work(self) -> None:
        while self._open:
            self._answer()
            if self._open:
                self._proceed()

    def _answer(self) -> None:
        """Carry out all messages that are there."""
        while self._open:
            try:
                message = self._inbox.popleft()
            except IndexError:
                return
            try:
                self._carry_out(message)
            except NeuroCanvasError as error:
                self._tell_error(error)
            except Exception as error:
                log.exception("a message could not be carried out")
                self._tell_error(SimulationError(f"the simulation could not do this: {error}"))

    def _carry_out(self, message: m.Message) -> None:
        match message:
            case m.Load():
                self._begin_load(message)
            case m.Ready():
                self._builder.finish()
                self._end_load(message)
            case m.Cancel() | m.Build():
                self._change_mind(message)
            case m.SetParameter(element, name, value):
                self._set_parameter(element, name, value)
            case m.SetChannels(channels) if channels != self._channels:
                self._channels = channels
                self._configure()
            case m.Hold() | m.Kick():
                self._touch(message)
            case m.Barrier(reached):
                self._reach(reached)
            case m.Close():
                self._open = False
            case _:
                self._move(message)

    def _move(self, message: m.Message) -> None:
        """Carry out what concerns the clock."""
        match message:
            case m.SetSpeed(speed):
                self._pacer.set_speed(speed)
                self._tell(target_speed=speed)
            case m.Run() | m.Pause():
                self._set_running(isinstance(message, m.Run))
            case m.Step(steps):
                self._advance(steps)
            case m.Reset():
                self._reset()

    def _set_parameter(self, element: str, name: str, value: float) -> None:
        self._changed[element, name] = value
        if self._waiting is not None or self._given_up is not None:
            self._meanwhile[element, name] = value
        simulation = self._simulation
        if simulation is not None and simulation.program.parts(element, name):
            self._renew()
        elif simulation is not None:
            simulation.set_parameter(element, name, value)

    def _touch(self, message: m.Hold | m.Kick) -> None:
        """Carry out what a hand does to a neuron."""
        if isinstance(message, m.Hold):
            self._held[message.node, message.index] = message.current
            self._held = {key: current for key, current in self._held.items() if current}
        if self._simulation is None:
            return
        if isinstance(message, m.Kick):
            self._simulation.kick(message.node, message.index)
        else:
            self._simulation.hold(self._held)

    def _proceed(self) -> None:
        """Do what is due, or sleep until something is."""
        steps, wait = 0, None
        simulation = self._simulation
        if self._running and simulation is not None:
            steps, pause = self._pacer.due(
                time.perf_counter(), simulation.time_ms, simulation.dt_ms
            )
            wait = pause
        if steps:
            self._advance(steps)
            return
        with self._wake:
            if not self._inbox:
                self._wake.wait(wait)

    # -- simulating ------------------------------------------------------------------------------

    def _advance(self, steps: int) -> None:
        simulation = self._simulation
        if simulation is None or self.status.phase == "failed":
            return
        began = time.perf_counter()
        try:
            block = simulation.advance(steps)
        except NeuroCanvasError as error:
            self._fail(error)
            return
        except Exception as error:
            log.exception("the simulation broke")
            self._fail(SimulationError(f"the simulation broke: {error}"))
            return
        ended = time.perf_counter()
        self._publish(block)
        spikes = self._viewer.of_neurons(block.spikes.unit) if self._viewer is not None else 0
        self._pacer.done(began, ended, steps, simulation.time_ms, spikes)
        self._show(not self._running)

    def _fail(self, error: NeuroCanvasError) -> None:
        """Halt with an error; a reset or another document goes on from there."""
        self._running = False
        self._show(True)
        self._tell(phase="failed", error=error, true_speed=0.0)

    def _publish(self, block: Block) -> None:
        # Spikes first: who sees the samples of a block finds the spikes among them.
        if len(block.spikes) and self._viewer is not None:
            nodes, indices = self._viewer.place(block.spikes.unit)
            self.recorder.add_spikes(block.spikes.time_ms, nodes, indices)
        self.recorder.append(block.first_step, block.samples)

    def _show(self, at_once: bool) -> None:
        """Replace frame and status, at the rate of a screen."""
        now = time.perf_counter()
        if self._simulation is None or (now - self._frame_at < FRAME_S and not at_once):
            return
        self._frame_at = now
        if self._viewer is not None:
            self.frame = self._viewer.frame(self._simulation)
        self._tell(
            time_ms=self._simulation.time_ms,
            true_speed=self._pacer.true_speed() if self._running else 0.0,
            keeping_up=self._pacer.keeping_up,
            spikes_per_s=self._pacer.spikes_per_s(),
        )

    def _set_running(self, running: bool) -> None:
        if self.status.phase == "failed":
            return
        self._running = running
        self._pacer.restart()
        if self._simulation is not None:
            self._tell(phase="running" if running else "paused")
        self._show(True)

    def _tell(self, **changes: object) -> None:
        self.status = replace(self.status, **changes)  # type: ignore[arg-type]

    def _tell_error(self, error: NeuroCanvasError) -> None:
        idle = "failed" if self._simulation is None else self._idle_phase()
        self._tell(error=error, phase=idle)

    def _idle_phase(self) -> str:
        if self.status.phase == "failed":
            return "failed"
        return "running" if self._running else "paused"

    # -- compiling -------------------------------------------------------------------------------

    def _begin_load(self, load: m.Load) -> None:
        """Take up a circuit; while it takes long, the present one runs on."""
        self._given_up, self._meanwhile = None, {}
        self._tell(given_up=None)
        if not load.keep:
            # Of another document nothing goes on.
            self._simulation, self._loaded, self._changed = None, None, {}
            self._tell(phase="preparing")
        self._wait_for(load)

    def _wait_for(self, load: m.Load) -> None:
        self._waiting = load
        if self._builder.busy:
            # This one is begun when the builder has given up the one before.
            self._builder.give_way()
        else:
            self._begin(load)

    def _begin(self, load: m.Load) -> None:
        alone = self._simulation is None
        if alone:
            self._tell(phase="preparing")
        ready = self._builder.build(load, self._watched(), wait=alone)
        if ready is not None:
            self._end_load(ready)

    def _end_load(self, ready: m.Ready) -> None:
        """Go over to a circuit that is ready, unless a newer one has come meanwhile."""
        if ready.load is not self._waiting:
            if self._waiting is not None:
                self._begin(self._waiting)
            return
        self._waiting = None
        try:
            self._take(ready)
        finally:
            if self._waiting is None:
                self._release()

    def _take(self, ready: m.Ready) -> None:
        if ready.simulation is not None:
            self._go_over(ready.load, ready.simulation)
        elif isinstance(ready.error, Cancelled):
            if not self._overtaken():
                self._give_up(ready.load, ready.error)
        elif ready.error is not None:
            raise ready.error

    def _go_over(self, load: m.Load, simulation: Simulation) -> None:
        failed = self.status.phase == "failed"
        old = self._simulation if load.keep and not failed else None
        if old is not None:
            simulation.adopt(old)
        self._loaded, self._changed, meanwhile = load, {}, self._meanwhile
        if self._given_up is None:
            self._meanwhile = {}
        self._use(simulation, fresh=old is None)
        for (element, name), value in list(meanwhile.items()):
            self._set_parameter(element, name, value)
        self._tell(serial=self.status.serial + 1)
        self._builder.think_ahead(simulation.program)

    def _reach(self, reached: threading.Event) -> None:
        """Say that all messages have been carried out, a circuit that is prepared among them."""
        self._barriers.append(reached)
        if self._waiting is None:
            self._release()

    def _release(self) -> None:
        waiting, self._barriers = self._barriers, []
        for reached in waiting:
            reached.set()

    def _watched(self) -> set[str]:
        """Return what is recorded of more than its weights."""
        return {channel.node for channel in self._channels if channel.variable != WEIGHT}

    def _renew(self) -> None:
        """Compile the circuit again, as it is now: a link gets columns of its own.

        A circuit that is being prepared will do so by itself.
        """
        if self._loaded is not None and self._waiting is None:
            self._wait_for(self._loaded.changed(self._changed, keep=True))

    # -- giving up -------------------------------------------------------------------------------

    def _overtaken(self) -> bool:
        """Whether a newer circuit is there, or the end."""
        with self._wake:
            return any(isinstance(message, m.Load | m.Close) for message in self._inbox)

    def _change_mind(self, message: m.Cancel | m.Build) -> None:
        waiting = self._waiting
        if isinstance(message, m.Build):
            self._build()
        elif waiting is not None:
            self._builder.cancel()
            if self._builder.load is not waiting:
                # The builder is still about to give up the one before.
                self._waiting = None
                self._give_up(waiting, Cancelled("connecting", 0.0))
                self._release()

    def _give_up(self, load: m.Load, error: Cancelled) -> None:
        """Leave the newest circuit alone; what ran before runs on."""
        self._given_up = self._given_up or load
        phase = "unbuilt" if self._simulation is None else self._idle_phase()
        self._tell(phase=phase, given_up=error)

    def _build(self) -> None:
        """Take up again what was given up, with what was set since."""
        load = self._given_up
        if load is not None:
            self._begin_load(load.changed(self._meanwhile, keep=load.keep))

    def _use(self, simulation: Simulation, fresh: bool) -> None:
        from neurocanvas.sim.viewer import Viewer

        self._simulation = simulation
        simulation.hold(self._held)
        self._viewer = Viewer(simulation.program, self.recorder.node_number)
        if fresh:
            self.recorder.clear()
            self._pacer.restart()
        self._configure()
        self._tell(phase="running" if self._running else "paused", error=None)
        self._show(True)

    def _configure(self) -> None:
        """Have the simulation and the recorder agree on the channels."""
        simulation = self._simulation
        if simulation is not None and any(map(simulation.program.shares, self._watched())):
            self._renew()
            simulation = self._simulation
        if simulation is None:
            return
        simulation.set_channels(self._channels)
        self.recorder.configure(
            self._channels, simulation.dt_ms, simulation.step, simulation.time_offset
        )

    def _reset(self) -> None:
        if self._loaded is None:
            return
        self._tell(phase="paused", error=None)
        if self._simulation is not None and not self._changed:
            self._use(self._simulation.again(), fresh=True)
            return
        load = self._loaded.changed(self._changed, keep=False)
        ready = self._builder.build(load, self._watched(), wait=True)
        assert ready is not None
        if ready.simulation is not None:
            self._use(ready.simulation, fresh=True)
        elif not isinstance(ready.error, Cancelled):
            raise ready.error or SimulationError("the circuit could not be compiled")
        elif self._overtaken():
            self._simulation = None  # the newer circuit begins at time 0 too
        else:
            self._tell(phase=self._idle_phase())
