"""One document at the bench: circuit, undo, engine, recorder, selection.

The windows talk to the session; it alone talks to the runner. An edit goes one way::

    widget -> session.do(edit) -> circuit.apply -> session tells the runner what changed
                                                -> session.edited -> widgets show it
                                                -> session.settled -> and what can wait

An edit of the structure is taken up by the runner within some tens of milliseconds, in Python: for
so long the windows leave the interpreter to it. There is nothing new to be drawn meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QUndoStack

from neurocanvas import library
from neurocanvas.app import engine, probes, views
from neurocanvas.app.check import ReferenceCheck
from neurocanvas.app.coarse import CoarseStep
from neurocanvas.app.opening import Opening
from neurocanvas.app.undo import EditCommand
from neurocanvas.app.user_kinds import UserKinds
from neurocanvas.errors import CircuitError
from neurocanvas.model.arranging import arrange
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.edits import AddNode, Compound, Edit, SetOwnKind, SetSettings, removal
from neurocanvas.model.elements import Node
from neurocanvas.model.kinds import Kind, Registry, SynapseKind
from neurocanvas.model.own_kinds import with_kinds
from neurocanvas.model.rules import DEFAULT_SYNAPSE

if TYPE_CHECKING:
    from neurocanvas.sim.progress import Stretch
    from neurocanvas.sim.recording.recorder import Recorder
    from neurocanvas.sim.runner import Frame, Runner, Status

TICK_MS = 16
"""Period of the clock that redraws: 60 Hz."""

PATIENCE_S = 0.1
"""So long, at most, the windows wait for the runner after an edit: then kernels are compiled."""

UNTITLED = "Untitled"


class Session(QObject):
    """A circuit with its undo stack, its running simulation and what is selected.

    Args:
        circuit: The document; an empty one if None.
        path: The file it came from.

    Signals:
        edited: The circuit has changed; what must be right at once is brought up to date.
        tick: Every 16 ms while there is something to see: instruments look for what is new.
        tock: Half-way between two ticks: the canvas does. Together they would hold up the hand.
        settled: The run goes on after one edit or several (at once, if nothing runs): whatever
            takes long, or nobody misses for a moment, is brought up to date.
    """

    document_replaced = Signal()
    edited = Signal(object)
    settled = Signal()
    selection_changed = Signal()
    tick = Signal()
    tock = Signal()
    status_changed = Signal(object)
    running_changed = Signal(bool)
    message = Signal(str)
    reported = Signal(object)
    synapse_kind_changed = Signal(str)
    path_changed = Signal()
    equations_wanted = Signal(str)
    lesson_wanted = Signal()

    def __init__(
        self,
        circuit: Circuit | None = None,
        path: Path | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.circuit = circuit if circuit is not None else _empty_circuit()
        self.path = path
        self.user_kinds = UserKinds(self)
        self.selection: tuple[str, ...] = ()
        self._engine = engine.Engine()
        self._synapse_kind = DEFAULT_SYNAPSE
        self._status: Status | None = None
        self.check = ReferenceCheck(self)
        self.opening = Opening(self)
        self.coarse = CoarseStep(self)
        self._unsubscribe = self.circuit.subscribe(self._on_edit)
        self._timer = QTimer(self, interval=TICK_MS // 2, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_timer)
        self._tock_is_next = False
        self._unsettled: float | None = None

    # -- the engine ------------------------------------------------------------------------------

    @property
    def recorder(self) -> Recorder:
        """What the simulation recorded."""
        return self._engine.recorder

    @property
    def runner(self) -> Runner:
        """The thread that simulates; started when first asked for."""
        return self._engine.runner(self.circuit)

    def start(self) -> None:
        """Start the engine with this document (the window does so after its first paint)."""
        self._engine.runner(self.circuit)

    def prepare(self) -> None:
        """Have the engine loaded while the first document is being read, and start with it."""
        self._engine.prepare()

    def warm_up(self) -> None:
        """Compile what the open circuit does not need yet, so that no later edit waits for it."""
        self._engine.warm_up()

    @property
    def status(self) -> Status | None:
        """How the simulation is doing, or None before the engine has started."""
        return self._engine.status

    @property
    def frame(self) -> Frame | None:
        """The newest look at the main variable of all nodes, or None before the start."""
        return self._engine.frame

    @property
    def running(self) -> bool:
        """Whether it runs, or will as soon as it is ready."""
        return self._engine.wanted

    def run(self) -> None:
        """Let the simulation run."""
        self._engine.run()
        self.running_changed.emit(True)

    def pause(self) -> None:
        """Halt the simulation where it is."""
        self._engine.pause()
        self.running_changed.emit(False)

    def toggle_run(self) -> None:
        """Run if it is paused, pause if it runs."""
        if self.running:
            self.pause()
        else:
            self.run()

    def step(self) -> None:
        """Pause, and advance by one time step."""
        if self.running:
            self.pause()
        self.runner.step()

    @property
    def building(self) -> Stretch | None:
        """What of the circuit is made ready, and how far it is, if that takes over a second."""
        return self._engine.building

    def cancel_building(self) -> None:
        """Give up what is made ready: the simulation goes on as it is, the edit stays."""
        self.runner.cancel()

    def build(self) -> None:
        """Make ready after all what was given up."""
        self.runner.build()

    def reset(self) -> None:
        """Put the simulation back to time 0 with its initial values."""
        self.runner.reset()

    def set_speed(self, ms_per_s: float) -> None:
        """Set how much model time one second on the wall shows, in ms; 0 is as fast as it can."""
        settings = replace(self.circuit.settings, speed=float(ms_per_s))
        if settings != self.circuit.settings:
            self.do(SetSettings(settings))

    def set_watch(self, channels: Iterable[tuple[str, str, int]]) -> None:
        """Record these (node, variable, index) too, beside the probes: values a panel shows."""
        self._engine.watch(self.circuit, channels)

    def set_visible(self, visible: bool) -> None:
        """Let the clock tick while there is something to see."""
        if visible:
            self._timer.start()
        else:
            self._timer.stop()
            self._settle()

    def _on_timer(self) -> None:
        self._poll()
        if self._unsettled is not None:
            waited = time.perf_counter() - self._unsettled
            if waited < PATIENCE_S and self._engine.catching_up():
                return
            self._settle()
        tock, self._tock_is_next = self._tock_is_next, not self._tock_is_next
        (self.tock if tock else self.tick).emit()

    @property
    def settling(self) -> bool:
        """Whether the engine is taking up an edit, and ``settled`` is still to come."""
        return self._unsettled is not None

    def _settle(self) -> None:
        if self._unsettled is not None:
            self._unsettled = None
            self._engine.wait_no_more()
            self.settled.emit()

    def _poll(self) -> None:
        status = self._engine.status
        if status is not None and status is not self._status:
            self._status = status
            if status.phase in ("failed", "unbuilt") and self.running:
                self.pause()
            self.status_changed.emit(status)

    # -- editing ---------------------------------------------------------------------------------

    def do(self, edit: Edit, gesture: object = None) -> None:
        """Carry out an edit as one step of undo; how things are shown is none (see ``views``).

        Args:
            edit: What to change.
            gesture: Edits with the same one (not None) become a single step.

        Raises:
            NeuroCanvasError: The edit is not possible; nothing has changed.
        """
        looks_only = views.is_view(edit, self.circuit)
        inverse = self.circuit.apply(edit)
        if looks_only:
            return
        self.undo_stack.push(EditCommand(self.circuit, edit, inverse, gesture))

    def undo(self) -> None:
        """Take back the last step; the simulation runs on."""
        self.undo_stack.undo()

    def redo(self) -> None:
        """Do again what was taken back."""
        self.undo_stack.redo()

    @property
    def modified(self) -> bool:
        """Whether there are changes that are not saved."""
        return not self.undo_stack.isClean()

    def _on_edit(self, edit: Edit) -> None:
        """Tell engine and windows of an edit, whoever made it."""
        self._engine.follow(self.circuit, edit)
        if self._unsettled is None and self._timer.isActive() and self._engine.catching_up():
            self._unsettled = time.perf_counter()
        left = tuple(i for i in self.selection if i in self.circuit)
        changed, self.selection = left != self.selection, left
        self.edited.emit(edit)
        if changed:
            self.selection_changed.emit()
        if not self.settling:
            self.settled.emit()

    # -- kinds -----------------------------------------------------------------------------------

    def offered(self) -> Registry:
        """Return the kinds that can be placed: those of the circuit, and those of the user."""
        return with_kinds(self.circuit.kinds, self._patterns())

    def _patterns(self) -> list[Kind]:
        """Return the kinds of the user that the circuit has nothing of the same name for."""
        return [kind for kind in self.user_kinds.kinds if kind.name not in self.circuit.kinds]

    def placing(self, node: Node) -> Edit:
        """Return the edit that adds a node; a kind of the user's comes along into the circuit."""
        pattern = next((kind for kind in self._patterns() if kind.name == node.kind), None)
        if pattern is None:
            return AddNode(node)
        return Compound((SetOwnKind(pattern.name, pattern), AddNode(node)), f"add {node.label}")

    # -- selection -------------------------------------------------------------------------------

    def select(self, ids: Iterable[str]) -> None:
        """Select these elements and no others; ids that do not exist are left out."""
        wanted = tuple(dict.fromkeys(i for i in ids if i in self.circuit))
        if wanted != self.selection:
            self.selection = wanted
            self.selection_changed.emit()

    def select_all(self) -> None:
        """Select every node and link."""
        nodes = [node.id for node in self.circuit.nodes()]
        self.select([*nodes, *(link.id for link in self.circuit.links())])

    @property
    def synapse_kind(self) -> str:
        """The kind of synapse that a new link gets."""
        return self._synapse_kind

    @synapse_kind.setter
    def synapse_kind(self, name: str) -> None:
        if not isinstance(self.circuit.kinds.get(name), SynapseKind):
            raise CircuitError(f"{name} is no synapse")
        if name != self._synapse_kind:
            self._synapse_kind = name
            self.synapse_kind_changed.emit(name)

    def remove_selection(self) -> None:
        """Delete what is selected; links of deleted nodes go with them."""
        if self.selection:
            self.do(removal(self.circuit, self.selection))

    def copy(self) -> None:
        """Put what is selected on the clipboard; see ``clipboard.copy``."""
        from neurocanvas.app import clipboard

        clipboard.copy(self)

    def cut(self) -> None:
        """Put what is selected on the clipboard and delete it."""
        if self.selection:
            self.copy()
            self.remove_selection()

    def paste(self, at: tuple[float, float] | None = None) -> None:
        """Insert what is on the clipboard, its middle at a place of the canvas if that is free.

        Raises:
            NeuroCanvasError: The clipboard holds no part of a circuit.
        """
        from neurocanvas.app import clipboard

        clipboard.paste(self, at)

    def duplicate(self) -> None:
        """Insert a copy of what is selected beside it."""
        from neurocanvas.app import clipboard

        clipboard.duplicate(self)

    # -- probes ----------------------------------------------------------------------------------

    def add_probe(
        self, node_id: str, variable: str = "v", index: int = 0, instrument: str = "scope"
    ) -> int:
        """Show a variable of a node in an instrument.

        Returns:
            The number of the probe: the lowest that is free, or the one it has already.
        """
        edit, number = probes.adding(self.circuit, node_id, variable, index, instrument)
        if edit is not None:
            self.do(edit)
        return number

    def remove_probe(self, number: int) -> None:
        """Take a probe away."""
        self.do(probes.removing(self.circuit, number))

    # -- documents -------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """What to call the document: its file name, or "Untitled"."""
        return self.path.name if self.path is not None else UNTITLED

    def new(self) -> None:
        """Begin an empty document; what is unsaved in the old one is lost (the window asks)."""
        self._replace(_empty_circuit(), None)

    def open(self, path: str | Path) -> None:
        """Open a file; on failure the present document stays.

        Raises:
            NeuroCanvasError: The file can't be read; the text says where and why.
        """
        from neurocanvas.formats import native

        path = Path(path)
        circuit, report = native.load(path, library.registry(), make=Circuit)
        self.take(circuit, path, report)

    def take(self, circuit: Circuit, path: Path, report: Sequence[str]) -> None:
        """Go over to a circuit that was read from a file; the report says what is unknown of it.

        One that was written without places is drawn apart, as if it had been saved so.
        """
        arrange(circuit)
        self._replace(circuit, path)
        if report:
            self.reported.emit(tuple(report))

    def save(self, path: str | Path | None = None) -> None:
        """Write the document to its file, or to another one from now on.

        Raises:
            NeuroCanvasError: It can't be written; the old file is as it was.
        """
        from neurocanvas.formats import native

        target = Path(path) if path is not None else self.path
        if target is None:
            raise CircuitError("the document has no file yet; choose one with Save As")
        native.save(self.circuit, target)
        self.path = target
        self.undo_stack.setClean()
        self.path_changed.emit()
        self.message.emit(f"Saved {target.name}")

    def _replace(self, circuit: Circuit, path: Path | None) -> None:
        self.opening.stop()
        self._unsubscribe()
        self.circuit, self.path = circuit, path
        self._unsubscribe = circuit.subscribe(self._on_edit)
        self.selection = ()
        self.undo_stack.clear()
        self._engine.load(circuit)
        if self._synapse_kind not in circuit.kinds:
            self._synapse_kind = DEFAULT_SYNAPSE
        self.document_replaced.emit()
        self._settle()
        self.selection_changed.emit()
        self.path_changed.emit()

    def close(self) -> None:
        """Stop the clock, a file or a check that is under way, and the engine's thread."""
        self._timer.stop()
        self.opening.close()
        self.check.close()
        self._engine.close()
        # The stack owns its commands in C++, Python owns what they were made of: left to the
        # garbage collector, which knows no order, the stack may delete what is gone already.
        self.undo_stack.blockSignals(True)
        self.undo_stack.clear()


def _empty_circuit() -> Circuit:
    return Circuit(library.registry())
