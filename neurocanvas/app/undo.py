"""Edits on Qt's undo stack: a thin shell, the edits know their inverses themselves."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtGui import QUndoCommand

from neurocanvas.app import views
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.edits import (
    Compound,
    Edit,
    MoveNodes,
    Rename,
    SetBench,
    SetLink,
    SetNotes,
    SetParameter,
    SetSettings,
    SetSize,
)

_MERGED = 1
_NEVER = -1


def squash(first: Edit, second: Edit) -> Edit | None:
    """Return one edit for two that set the same thing one after the other, or None."""
    match first, second:
        case SetParameter(), SetParameter():
            return second if (first.id, first.name) == (second.id, second.name) else None
        case MoveNodes(), MoveNodes():
            return second if first.places.keys() == second.places.keys() else None
        case (Rename(), Rename()) | (SetSize(), SetSize()) | (SetLink(), SetLink()):
            return second if first.id == second.id else None  # type: ignore[attr-defined]
        case (SetBench(), SetBench()) | (SetNotes(), SetNotes()) | (SetSettings(), SetSettings()):
            return second
        case Compound(), Compound() if len(first.edits) == len(second.edits):
            parts = [squash(a, b) for a, b in zip(first.edits, second.edits, strict=True)]
            return None if None in parts else replace(second, edits=tuple(parts))
    return None


class EditCommand(QUndoCommand):
    """An edit that has been applied already, and the edit that undoes it.

    Args:
        circuit: What it changes.
        edit: As applied.
        inverse: As returned by ``Circuit.apply``.
        gesture: Commands with the same one (not None) become one step.
    """

    def __init__(self, circuit: Circuit, edit: Edit, inverse: Edit, gesture: object = None) -> None:
        super().__init__(edit.text)
        self._circuit = circuit
        self.edit = edit
        self.inverse = inverse
        self.gesture = gesture
        self._applied = True

    def id(self) -> int:
        return _NEVER if self.gesture is None else _MERGED

    def redo(self) -> None:
        # QUndoStack.push calls redo at once; the edit was applied before, so that a refused one
        # never reaches the stack.
        if not self._applied:
            self._circuit.apply(views.keeping(self.edit, self._circuit))
        self._applied = True

    def undo(self) -> None:
        self._circuit.apply(views.keeping(self.inverse, self._circuit))
        self._applied = False

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, EditCommand) or other.gesture != self.gesture:
            return False
        merged = squash(self.edit, other.edit)
        if merged is None:
            self.edit = Compound((self.edit, other.edit), self.text())
            self.inverse = Compound((other.inverse, self.inverse), self.text())
            return True
        # The first inverse alone is enough, unless one of the two took more along with it.
        if squash(other.inverse, self.inverse) is None:
            self.inverse = Compound((other.inverse, self.inverse), self.text())
        self.edit = merged
        # A drag that ends where it began leaves no step behind.
        self.setObsolete(merged == self.inverse)
        return True
