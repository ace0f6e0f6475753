"""Copy and paste of parts of a circuit, through the system's clipboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from neurocanvas.errors import CircuitError
from neurocanvas.model.edits import AddLink, AddNode, Compound

if TYPE_CHECKING:
    from neurocanvas.app.session import Session

FRAGMENT_MIME = "application/x-neurocanvas-fragment"
SHIFT = 32.0
"""How far beside the original a copy lands, in scene pixels."""


def copy(session: Session) -> None:
    """Put what is selected on the clipboard, as a fragment and as text."""
    if not session.selection:
        return
    text = _fragment(session)
    data = QMimeData()
    data.setData(FRAGMENT_MIME, text.encode())
    data.setText(text)
    QGuiApplication.clipboard().setMimeData(data)


def paste(session: Session, at: tuple[float, float] | None) -> None:
    """Insert the clipboard's fragment; its middle at ``at``, else beside where it was.

    Raises:
        NeuroCanvasError: The clipboard holds no part of a circuit.
    """
    text = clipboard_fragment()
    if text is None:
        raise CircuitError("the clipboard holds no part of a circuit; copy one first")
    _insert(session, text, at)


def duplicate(session: Session) -> None:
    """Insert a copy of what is selected beside it; the clipboard stays as it is."""
    if session.selection:
        _insert(session, _fragment(session), None)


def clipboard_fragment() -> str | None:
    """Return the fragment on the clipboard, or None."""
    data = QGuiApplication.clipboard().mimeData()
    if data is None:
        return None
    if data.hasFormat(FRAGMENT_MIME):
        return bytes(data.data(FRAGMENT_MIME).data()).decode("utf-8", "replace")
    text = data.text()
    return text if text.lstrip().startswith("{") else None


def _fragment(session: Session) -> str:
    from neurocanvas.formats import fragment

    return fragment.to_fragment(session.circuit, session.selection)


def _insert(session: Session, text: str, at: tuple[float, float] | None) -> None:
    from neurocanvas.formats import fragment

    edit = fragment.paste_edit(session.circuit, text, SHIFT, SHIFT)
    if at is not None:
        x, y = _middle(edit)
        edit = fragment.paste_edit(session.circuit, text, at[0] - x + SHIFT, at[1] - y + SHIFT)
    session.do(edit)
    session.select(_added(edit))


def _middle(edit: Compound) -> tuple[float, float]:
    places = [(e.node.x, e.node.y) for e in edit.edits if isinstance(e, AddNode)] or [(0.0, 0.0)]
    xs, ys = zip(*places, strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def _added(edit: Compound) -> list[str]:
    nodes = [e.node.id for e in edit.edits if isinstance(e, AddNode)]
    return nodes + [e.link.id for e in edit.edits if isinstance(e, AddLink)]
