"""Copy and paste of parts of a circuit, through the system's clipboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from neurocanvas.errors import CircuitError
from neurocanvas.model.edits import AddLink, AddNode, Compound

if TYPE_CHECKING:
    from neurocanvas.app.session import Session

FRAGMENT_MIME = "application/x-neurocanvas-fragment"
CLEAR = np.array([72.0, 92.0])
"""Nodes nearer to each other than this, across and down, cover each other or their labels."""
STEP = 28.0
"""What a copy is moved by until it covers nothing: two steps of the grid, in scene pixels."""
MOST_STEPS = 400
_AT_ONCE = 24
"""So many places are tried at once."""
Place = tuple[float, float]
Floats = NDArray[np.float64]
_WAYS = np.array([(1.0, 0.0), (0.0, 1.0), (1.0, 1.0)])


def copy(session: Session) -> None:
    """Put what is selected on the clipboard, as a fragment and as text.

    Raises:
        NeuroCanvasError: Only links are selected.
    """
    if not session.selection:
        return
    text = _fragment(session)
    data = QMimeData()
    data.setData(FRAGMENT_MIME, text.encode())
    data.setText(text)
    QGuiApplication.clipboard().setMimeData(data)


def paste(session: Session, at: Place | None) -> None:
    """Insert the clipboard's fragment, its middle at ``at``, else where it was, or beside that.

    Raises:
        NeuroCanvasError: The clipboard holds no part of a circuit.
    """
    text = clipboard_fragment()
    if text is None:
        raise CircuitError("the clipboard holds no part of a circuit; copy one first")
    _insert(session, text, at)


def duplicate(session: Session) -> None:
    """Insert a copy of what is selected beside it; the clipboard stays as it is.

    Raises:
        NeuroCanvasError: Only links are selected.
    """
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

    if not any(session.circuit.has_node(i) for i in session.selection):
        raise CircuitError("a link is copied with the two nodes it connects; select those too")
    return fragment.to_fragment(session.circuit, session.selection)


def _insert(session: Session, text: str, at: Place | None) -> None:
    from neurocanvas.formats import fragment

    def shift(places: Sequence[Place]) -> Place:
        if not places:
            return fragment.stays(places)
        pasted, wanted = np.array(places, dtype=float), (0.0, 0.0)
        if at is not None:
            wanted = tuple((np.array(at) - (pasted.min(axis=0) + pasted.max(axis=0)) / 2).tolist())
        nodes = list(session.circuit.nodes())
        there = np.array([[node.x for node in nodes], [node.y for node in nodes]], dtype=float)
        return free_shift(pasted, there.T, wanted)

    edit = fragment.paste_edit(session.circuit, text, shift)
    session.do(edit)
    session.select(_added(edit))


def free_shift(pasted: Floats, there: Floats, wanted: Place) -> Place:
    """Return how far to move a part so that it covers nothing that is there.

    Args:
        pasted: Places of its nodes, shape (n, 2).
        there: Places of the nodes there are, shape (m, 2).
        wanted: Where to begin: the shift that is best if nothing is in the way.

    Returns:
        The wanted shift, or the shortest one beyond it to the right, downward or both.
    """
    low, high = pasted.min(axis=0) - CLEAR, pasted.max(axis=0) + CLEAR
    x, y = there.T.copy()
    lengths = np.arange(MOST_STEPS, dtype=float)
    shifts = np.array(wanted) + STEP * (lengths[:, None, None] * _WAYS).reshape(-1, 2)
    for begin in range(0, len(shifts), _AT_ONCE):
        some = shifts[begin : begin + _AT_ONCE]
        (left, top), (right, bottom) = (low + some).T[..., None], (high + some).T[..., None]
        inside = (x > left) & (x < right) & (y > top) & (y < bottom)
        free = np.flatnonzero(~inside.any(axis=1))
        if len(free):
            across, down = shifts[begin + int(free[0])].tolist()
            return across, down
    return wanted


def _added(edit: Compound) -> list[str]:
    nodes = [e.node.id for e in edit.edits if isinstance(e, AddNode)]
    return nodes + [e.link.id for e in edit.edits if isinstance(e, AddLink)]
