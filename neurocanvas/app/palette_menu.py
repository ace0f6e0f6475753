"""The menu of a part of the palette: what can be done with the equations behind it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QMenu, QWidget

from neurocanvas.app.parts import Part
from neurocanvas.app.session import Session
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model.edits import SetOwnKind
from neurocanvas.model.kinds import Kind, NeuronKind


def build(parent: QWidget, session: Session, part: Part) -> QMenu | None:
    """Return the menu of a part, None if there is nothing to do; it deletes itself."""
    kind = part.kind
    if kind is None:
        return None
    own, kept = kind.name in session.circuit.own_kinds, kind.name in session.user_kinds
    if not (own or kept or isinstance(kind, NeuronKind)):
        return None
    menu = QMenu(parent)
    menu.aboutToHide.connect(menu.deleteLater)
    if isinstance(kind, NeuronKind):
        words = "Edit equations\u2026" if own or kept else "Copy as own equations\u2026"
        _add(menu, session, words, lambda: session.equations_wanted.emit(kind.name))
    if own:
        _add(menu, session, "Save as user kind", lambda: session.user_kinds.save(kind))
        action = _add(menu, session, "Take out of this circuit", lambda: _take_out(session, kind))
        action.setEnabled(not _is_used(session, kind))
    if kept:
        _add(menu, session, "Forget this user kind", lambda: session.user_kinds.remove(kind.name))
    return menu


def _add(menu: QMenu, session: Session, words: str, call: Callable[[], object]):
    """Add an entry; what is refused is said in the status bar."""

    def attempt(_checked: bool = False) -> None:
        try:
            call()
        except NeuroCanvasError as error:
            session.message.emit(str(error))

    action = menu.addAction(words)
    action.triggered.connect(attempt)
    return action


def _take_out(session: Session, kind: Kind) -> None:
    session.do(SetOwnKind(kind.name, None))


def _is_used(session: Session, kind: Kind) -> bool:
    circuit = session.circuit
    used = {node.kind for node in circuit.nodes()} | {link.kind for link in circuit.links()}
    return kind.name in used
