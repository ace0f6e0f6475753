"""What the session keeps of the engine: recorder, runner, and what they were told last.

The runner is made only when it is first needed, so that the window paints before numba is loaded.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from neurocanvas.model.circuit import Circuit
from neurocanvas.model.distributions import typical
from neurocanvas.model.edits import Compound, Edit, Effect, SetParameter, SetSettings
from neurocanvas.model.elements import Settings
from neurocanvas.model.rules import why_not_recorded

if TYPE_CHECKING:
    from neurocanvas.sim.progress import Stretch
    from neurocanvas.sim.recording.recorder import Recorder
    from neurocanvas.sim.runner import Frame, Runner, Status
    from neurocanvas.sim.warm import Warmer


class Engine:
    """A recorder and, once started, a runner that follows the edits of a circuit."""

    def __init__(self) -> None:
        self.wanted = False
        self._recorder: Recorder | None = None
        self._runner: Runner | None = None
        self._prepared = False
        self._warmer: Warmer | None = None
        self._watched: tuple[tuple[str, str, int], ...] = ()
        self._settings = Settings()
        self._awaited: int | None = None
        self._begun: tuple[int, int, int] | None = None

    @property
    def recorder(self) -> Recorder:
        """What was recorded; empty until the engine has started."""
        if self._recorder is None:
            from neurocanvas.sim.recording.recorder import Recorder

            self._recorder = Recorder()
        return self._recorder

    def prepare(self) -> None:
        """Load in a thread what any circuit takes to run; the next one that comes will run."""
        self._prepared = True
        threading.Thread(target=_get_ready, name="neurocanvas-ready", daemon=True).start()

    def runner(self, circuit: Circuit) -> Runner:
        """Return the runner; the first time, make it and give it the circuit."""
        if self._runner is None:
            from neurocanvas.sim.runner import Runner

            self._runner = Runner(self.recorder)
            self.load(circuit)
        return self._runner

    @property
    def status(self) -> Status | None:
        """How it is doing, or None before the start."""
        return None if self._runner is None else self._runner.status

    @property
    def building(self) -> Stretch | None:
        """What is made ready, and how far it is, if that takes over a second."""
        return None if self._runner is None else self._runner.building

    @property
    def frame(self) -> Frame | None:
        """The newest look at all nodes, or None before the start."""
        return None if self._runner is None else self._runner.frame

    def catching_up(self) -> bool:
        """Return whether the newest edit is being taken up: the run has not gone on since."""
        if self._runner is None or self._awaited is None:
            return False
        status, serial = self._runner.status, self.recorder.serial
        if status.serial == self._awaited and status.phase != "preparing":
            return True
        if self._begun is None:
            self._begun = serial
        if status.phase == "running" and serial == self._begun:
            return True
        self.wait_no_more()
        return False

    def wait_no_more(self) -> None:
        """Count the newest edit as taken up: it takes long, kernels are compiled for it."""
        self._awaited = self._begun = None

    def run(self) -> None:
        """Run from now on (before the start: as soon as it is there); after a failure, from 0.

        What was given up before there was anything to run is built first.
        """
        self.wanted = True
        if self._runner is not None:
            if self._runner.status.phase == "failed":
                self._runner.reset()
            if self._runner.status.phase == "unbuilt":
                self._runner.build()
            self._runner.run()

    def pause(self) -> None:
        """Halt."""
        self.wanted = False
        if self._runner is not None:
            self._runner.pause()

    def load(self, circuit: Circuit) -> None:
        """Begin another document, from time 0."""
        self._settings = circuit.settings
        if self._runner is None:
            if self._prepared:
                self.runner(circuit)
            return
        self._watched = ()
        self._runner.set_speed(circuit.settings.speed)
        self._runner.load(circuit.snapshot(), circuit.kinds, keep=False)
        self._send_channels(circuit)
        if self.wanted:
            self._runner.run()

    def follow(self, circuit: Circuit, edit: Edit) -> None:
        """Tell the runner what an edit changed, and no more than that."""
        if self._runner is None:
            return
        before, self._settings = self._settings, circuit.settings
        if before.speed != circuit.settings.speed:
            self._runner.set_speed(circuit.settings.speed)
        if isinstance(edit, SetSettings) and _same_simulation(before, circuit.settings):
            return
        if edit.effect is Effect.STRUCTURE:
            self._awaited, self._begun = self._runner.status.serial, None
            self._runner.load(circuit.snapshot(), circuit.kinds, keep=True)
            self._send_channels(circuit)
        elif edit.effect is Effect.PARAMETER:
            self._send_parameters(circuit, edit)
        elif edit.effect is Effect.BENCH:
            self._send_channels(circuit)

    def watch(self, circuit: Circuit, channels: Iterable[tuple[str, str, int]]) -> None:
        """Record these (node, variable, index) beside the probes."""
        wanted = tuple(channels)
        if wanted != self._watched:
            self._watched = wanted
            if self._runner is not None:
                self._send_channels(circuit)

    def warm_up(self) -> None:
        """Make the kernels of all kinds ready, at low priority."""
        from neurocanvas.sim.warm import Warmer

        if self._warmer is None:
            self._warmer = Warmer()

    def close(self) -> None:
        """Join the threads and end what compiles in the background."""
        if self._warmer is not None:
            self._warmer.close()
        if self._runner is not None:
            self._runner.close()

    def _send_parameters(self, circuit: Circuit, edit: Edit) -> None:
        assert self._runner is not None
        bench = False
        for part in _flat(edit):
            if isinstance(part, SetParameter):
                value = typical(circuit.value(part.id, part.name))
                self._runner.set_parameter(part.id, part.name, value)
            bench = bench or part.effect is Effect.BENCH
        if bench:
            self._send_channels(circuit)

    def _send_channels(self, circuit: Circuit) -> None:
        from neurocanvas.sim.recording.recorder import Channel

        assert self._runner is not None
        probes = [(p.node, p.variable, p.index) for p in circuit.bench.probes]
        wanted = dict.fromkeys([*probes, *self._watched])
        known = [key for key in wanted if _exists(circuit, *key)]
        self._runner.set_channels([Channel(*key) for key in known])


def _get_ready() -> None:
    from neurocanvas.sim.ready import get_ready

    get_ready()


def _flat(edit: Edit) -> Iterator[Edit]:
    if isinstance(edit, Compound):
        for part in edit.edits:
            yield from _flat(part)
    else:
        yield edit


def _same_simulation(a: Settings, b: Settings) -> bool:
    return (a.dt, a.seed) == (b.dt, b.seed)


def _exists(circuit: Circuit, element_id: str, variable: str, index: int) -> bool:
    if element_id not in circuit or circuit.kind_of(element_id).placeholder:
        return False
    return why_not_recorded(circuit, circuit.element(element_id), variable, index) is None
