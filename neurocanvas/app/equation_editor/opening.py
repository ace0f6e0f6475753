"""Opens editors for a window, and carries out what is decided in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from neurocanvas.app.session import Session
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.library.neurons.lif import LIF
from neurocanvas.model.edits import AddNode, Compound, Edit
from neurocanvas.model.elements import Node
from neurocanvas.model.kinds import Kind, NeuronKind
from neurocanvas.model.own_kinds import copy_of, replacing

if TYPE_CHECKING:
    from neurocanvas.app.equation_editor.dialog import EquationDialog

FILTER = "Equations (*.json);;All files (*)"
TITLE, SYMBOL = "My neuron", "dv"


def new_kind(taken: Iterable[str]) -> NeuronKind:
    """Return what a new kind begins as: a neuron that works, to be changed."""
    return replace(copy_of(LIF, taken, TITLE, SYMBOL), doc="", source="")


class Editors:
    """All open editors of a window: one for each kind, and one for a new one.

    Args:
        session: The document.
        window: Their parent.
        place: Returns where a new node goes on the canvas.
    """

    def __init__(
        self, session: Session, window: QWidget, place: Callable[[], tuple[float, float]]
    ) -> None:
        self._session, self._window, self._place = session, window, place
        self.dialogs: dict[str, EquationDialog] = {}
        session.equations_wanted.connect(self.open)
        session.document_replaced.connect(self.close_all)

    def open(self, name: str) -> EquationDialog:
        """Open the editor of a kind, or bring it to the front.

        Args:
            name: Of a kind of the circuit or of the user, which is changed; of one of the library,
                which is copied; empty for a new one.
        """
        dialog = self.dialogs.get(name)
        if dialog is None:
            dialog = self._made(name)
            self.dialogs[name] = dialog
            dialog.destroyed.connect(lambda *_: self.dialogs.pop(name, None))
            dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        return dialog

    def may_close(self) -> bool:
        """Ask what becomes of changes in all editors; returns whether they may be closed."""
        for dialog in list(self.dialogs.values()):
            if not dialog.may_close():
                return False
            dialog.settle()
        return True

    def close_all(self, *_: object) -> None:
        """Close all editors; the document they belong to is gone."""
        for dialog in list(self.dialogs.values()):
            dialog.settle()
            dialog.close()
        self.dialogs.clear()

    def _made(self, name: str) -> EquationDialog:
        # Nothing before the first paint needs it.
        from neurocanvas.app.equation_editor.dialog import EquationDialog

        session = self._session
        circuit, offered = session.circuit, session.offered()
        taken = [kind.name for kind in offered]
        kind = offered.get(name or LIF.name)
        own = name in circuit.own_kinds or name in session.user_kinds
        assert isinstance(kind, NeuronKind)
        begun = kind if own else copy_of(kind, taken) if name else new_kind(taken)
        dt = circuit.settings.dt
        dialog = EquationDialog(begun, offered, None if own else taken, dt, self._window)
        placed = not own
        dialog.done_with.connect(lambda found: self._take(dialog, found, placed))
        dialog.kept.connect(lambda found: self._keep(dialog, found))
        dialog.exported.connect(lambda found: self._export(dialog, found))
        dialog.import_wanted.connect(lambda: self._import(dialog))
        return dialog

    # -- what was decided ------------------------------------------------------------------------

    def _take(self, dialog: EquationDialog, kind: Kind, placed: bool) -> None:
        """Give the circuit the kind; a new one comes with a node of it."""
        edit: Edit = replacing(self._session.circuit, kind)
        node = self._node(kind) if placed else None
        if node is not None and isinstance(edit, Compound):
            edit = Compound((*edit.edits, AddNode(node)), edit.text)
        if self._attempt(dialog, lambda: self._session.do(edit)):
            if node is not None:
                self._session.select([node.id])
            dialog.finish()

    def _node(self, kind: Kind) -> Node:
        circuit = self._session.circuit
        x, y = self._place()
        return Node(circuit.new_id("n"), kind.name, circuit.free_label(kind.symbol), x=x, y=y)

    def _keep(self, dialog: EquationDialog, kind: Kind) -> None:
        if self._attempt(dialog, lambda: self._session.user_kinds.save(kind)):
            dialog.settle()
            self._session.message.emit(f"{kind.title} is in the palette of every circuit now")

    def _export(self, dialog: EquationDialog, kind: Kind) -> None:
        from PySide6.QtWidgets import QFileDialog

        from neurocanvas.formats import own_kinds

        proposal = str(Path.home() / f"{kind.name}{own_kinds.SUFFIX}")
        name, _ = QFileDialog.getSaveFileName(dialog, "Export equations", proposal, FILTER)
        if not name:
            return
        path = Path(name)
        path = path if path.suffix else path.with_suffix(own_kinds.SUFFIX)
        if self._attempt(dialog, lambda: own_kinds.save_kind(kind, path)):
            self._session.message.emit(f"Wrote {path.name}")

    def _import(self, dialog: EquationDialog) -> None:
        from PySide6.QtWidgets import QFileDialog

        from neurocanvas.formats import own_kinds

        name, _ = QFileDialog.getOpenFileName(dialog, "Import equations", str(Path.home()), FILTER)
        if name:
            self._attempt(dialog, lambda: self._show(dialog, own_kinds.load_kind(name)))

    def _show(self, dialog: EquationDialog, kind: Kind) -> None:
        if not isinstance(kind, NeuronKind):
            raise NeuroCanvasError(f"{kind.title} is no neuron; this editor writes neurons")
        dialog.show_kind(kind)

    def _attempt(self, dialog: EquationDialog, action: Callable[[], object]) -> bool:
        """Do something that may be refused, and say so in the dialog if it is."""
        try:
            action()
        except NeuroCanvasError as error:
            dialog.say_trouble(str(error))
            return False
        return True
