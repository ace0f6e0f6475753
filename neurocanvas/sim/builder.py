"""From a circuit to a simulation that can run: here, or in a thread where that takes long.

What has to be compiled for it is compiled in processes of their own; see ``native.making``.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import numpy as np

from neurocanvas.errors import Cancelled, NeuroCanvasError, SimulationError
from neurocanvas.model.projections import expected_synapses
from neurocanvas.sim import messages as m
from neurocanvas.sim.progress import Progress, Stretch, Tell
from neurocanvas.sim.warm import Ahead

if TYPE_CHECKING:
    from neurocanvas.sim.compiling.casting import Cast
    from neurocanvas.sim.compiling.compiler import Compiler
    from neurocanvas.sim.program import Program
    from neurocanvas.sim.simulation import Simulation

LONG = 200_000
"""More synapses than these take so long to connect that nobody should wait for them."""

log = logging.getLogger(__name__)


class Builder:
    """Makes circuits ready, one at a time: what it knows of the last one serves for the next.

    Args:
        send: Takes what has been built in a thread.
        interrupted: Whether something has come that makes a building needless.

    Attributes:
        load: The circuit that was begun last.
    """

    def __init__(self, send: Callable[[m.Ready], None], interrupted: Callable[[], bool]) -> None:
        self._send, self._interrupted = send, interrupted
        self.load: m.Load | None = None
        self._compiler: Compiler | None = None
        self._thread: threading.Thread | None = None
        self._cancelled = threading.Event()
        self._stopping = False
        self._progress = Progress()
        self._ahead = Ahead()

    @property
    def busy(self) -> bool:
        """Whether a thread is building; what it sends has to be handed to ``finish``."""
        return self._thread is not None

    def look(self) -> Stretch | None:
        """Return what is being done and how far it is, if that takes over a second."""
        found = self._progress.look()
        if found is not None and self._stopping:
            return Stretch(f"stopping: {found.what}", found.part, math.nan)
        return found

    def cancel(self) -> None:
        """End what is being built, as soon as it tells how far it is."""
        self._stopping = True
        self._cancelled.set()

    def give_way(self) -> None:
        """End what is being built because a newer circuit is to be built next."""
        self._cancelled.set()

    def close(self) -> None:
        """End what is being built and wait for it."""
        self.cancel()
        self._ahead.close()
        self.finish()

    def think_ahead(self, program: Program) -> None:
        """Have compiled what a circuit that runs may be asked for."""
        self._ahead.prepare(group.source for group in program.groups)

    def finish(self) -> None:
        """Wait for the thread that has sent what it built."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def build(self, load: m.Load, watched: Collection[str], *, wait: bool) -> m.Ready | None:
        """Make a circuit ready.

        Args:
            load: The circuit.
            watched: Links whose variables somebody wants to see.
            wait: Build it here, however long that takes.

        Returns:
            What came out, or None if a thread will send it.
        """
        if self.busy:
            return self._build_beside(load, watched)
        self.load = load
        self._cancelled.clear()
        self._stopping = False
        wanted = self._is_wanted if wait else self._goes_on
        progress = self._progress = Progress(wanted, whole=True)
        try:
            chosen = self._cast(load, watched)
        except NeuroCanvasError as error:
            return m.Ready(load, None, error)
        if not takes_long(chosen):
            progress.end()
            return _ready(load, chosen, None)
        if wait:
            return _told(load, chosen, progress, wanted)
        self._thread = threading.Thread(
            target=lambda: self._send(_told(load, chosen, progress, wanted)),
            name="neurocanvas-builder",
            daemon=True,
        )
        self._thread.start()
        return None

    def _cast(self, load: m.Load, watched: Collection[str]) -> Cast:
        """Choose the kernels of a circuit; what it has in common with the last one is known."""
        from neurocanvas.sim.compiling.compiler import Compiler

        if self._compiler is None:
            self._compiler = Compiler()
        return self._compiler.cast(load.snapshot, load.kinds, watched)

    def _build_beside(self, load: m.Load, watched: Collection[str]) -> m.Ready:
        """Build here what can't wait, with a compiler that knows nothing yet."""
        from neurocanvas.sim.compiling.compiler import Compiler

        try:
            chosen = Compiler().cast(load.snapshot, load.kinds, watched)
        except NeuroCanvasError as error:
            return m.Ready(load, None, error)
        return _ready(load, chosen, None)

    def _goes_on(self) -> bool:
        return not self._cancelled.is_set()

    def _is_wanted(self) -> bool:
        """Whether to go on here, where whatever comes has to wait."""
        return self._goes_on() and not self._interrupted()


def takes_long(chosen: Cast) -> bool:
    """Whether a circuit has many synapses to be connected, or kernels to be compiled."""
    from neurocanvas.sim.kernels import all_ready

    return not all_ready(chosen.sources()) or expected(chosen) > LONG


def expected(chosen: Cast) -> float:
    """Return about how many synapses the links make that are more than one between two neurons."""
    e = chosen.elements
    size = e.node_rows["size"]
    pre, post = size[e.pre], size[e.post]
    several = np.flatnonzero((pre * post > 1) | ~e.link_rows["certain"])
    sizes = zip(several.tolist(), pre[several].tolist(), post[several].tolist(), strict=True)
    return sum(expected_synapses(e.links[k].rule, n_pre, n_post) for k, n_pre, n_post in sizes)


def _told(load: m.Load, chosen: Cast, progress: Progress, wanted: Callable[[], bool]) -> m.Ready:
    """Build what was chosen and tell how far it is; see ``_ready``."""
    try:
        ready = _ready(load, chosen, progress)
    finally:
        progress.end()
    if ready.simulation is not None and not wanted():
        # It was given up after the last word.
        return m.Ready(load, None, Cancelled("connecting the circuit", 1.0))
    return ready


def _ready(load: m.Load, chosen: Cast, tell: Tell | None) -> m.Ready:
    """Build what was chosen; an error is handed on with it."""
    try:
        return m.Ready(load, _built(chosen, tell), None)
    except NeuroCanvasError as error:
        # Whoever keeps the error would keep what was being built, and what it was taken over from.
        return m.Ready(load, None, error.with_traceback(None))
    except Exception as error:
        log.exception("a circuit could not be built")
        return m.Ready(load, None, SimulationError(f"the circuit could not be compiled: {error}"))


def _built(chosen: Cast, tell: Tell | None) -> Simulation:
    from neurocanvas.sim.compiling.compiler import assemble
    from neurocanvas.sim.kernels import compile_all
    from neurocanvas.sim.simulation import Simulation
    from neurocanvas.sim.teams import worth

    if tell is not None:
        compile_all(chosen.sources(), lambda done, total: tell("preparing kernels", done, total))
    program = assemble(chosen, tell)
    # One processor is left to the windows.
    return Simulation(program, threads=worth(program, spare=1))
