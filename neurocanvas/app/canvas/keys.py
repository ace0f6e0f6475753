"""What keys do while the canvas has the focus."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from neurocanvas.app.canvas import geometry as geo
from neurocanvas.model.edits import MoveNodes

if TYPE_CHECKING:
    from neurocanvas.app.canvas.view import CanvasView

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
}  # fmt: skip
_NUDGE_PAUSE_S = 0.8
"""Arrow keys pressed within this time are one step of undo."""
_SMALL_NUDGE = 2.0
_CTRL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class Keyboard:
    """Keys of the canvas.

    Args:
        view: The canvas.
    """

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self._nudge: object = None
        self._nudged_at = 0.0
        session = view.session
        self._plain: dict[int, Callable[[], object]] = {
            Qt.Key.Key_Delete: lambda: view.guarded(session.remove_selection),
            Qt.Key.Key_Backspace: lambda: view.guarded(session.remove_selection),
            Qt.Key.Key_F2: view.rename_selected,
            Qt.Key.Key_Escape: view.escape,
            Qt.Key.Key_Plus: view.zoom_in,
            Qt.Key.Key_Equal: view.zoom_in,
            Qt.Key.Key_Minus: view.zoom_out,
            Qt.Key.Key_0: view.zoom_to_full,
            Qt.Key.Key_F: view.fit,
            Qt.Key.Key_T: view.toggle_touching,
            Qt.Key.Key_Return: view.inspect_selected,
            Qt.Key.Key_Enter: view.inspect_selected,
        }
        self._control: dict[int, Callable[[], object]] = {
            Qt.Key.Key_A: session.select_all,
            Qt.Key.Key_C: lambda: view.guarded(session.copy),
            Qt.Key.Key_X: lambda: view.guarded(session.cut),
            Qt.Key.Key_V: lambda: view.guarded(lambda: session.paste(view.paste_place())),
            Qt.Key.Key_D: lambda: view.guarded(session.duplicate),
            Qt.Key.Key_Plus: view.zoom_in,
            Qt.Key.Key_Equal: view.zoom_in,
            Qt.Key.Key_Minus: view.zoom_out,
            Qt.Key.Key_0: view.fit,
        }

    def handles(self, event: QEvent) -> bool:
        """Whether a key means something here, so that no shortcut of the window takes it."""
        if not isinstance(event, QKeyEvent):
            return False
        return self._action(event) is not None or event.key() == Qt.Key.Key_Space

    def press(self, event: QKeyEvent) -> bool:
        """Do what a key stands for; returns whether it stands for anything."""
        action = self._action(event)
        if action is None:
            return False
        action()
        return True

    def _action(self, event: QKeyEvent) -> Callable[[], object] | None:
        keys = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        arrow = _ARROWS.get(Qt.Key(event.key()))
        if arrow is not None and keys in (_NONE, _SHIFT):
            if not self._view.session.selection:
                return None
            return lambda: self.nudge(*arrow, far=bool(keys & _SHIFT))
        if keys == _CTRL:
            return self._control.get(event.key())
        if keys in (_NONE, _SHIFT):
            return self._plain.get(event.key())
        return None

    def nudge(self, across: int, down: int, far: bool) -> None:
        """Move what is selected a little, or by one step of the grid."""
        view = self._view
        rows, _ = view.scene.rows(view.session.selection)
        if not len(rows):
            return
        now = time.monotonic()
        if self._nudge is None or now - self._nudged_at > _NUDGE_PAUSE_S:
            self._nudge = object()
        self._nudged_at = now
        step = geo.SNAP if far else _SMALL_NUDGE
        places = {
            view.scene.node_ids[row]: (x + across * step, y + down * step)
            for row, (x, y) in zip(rows.tolist(), view.scene.centre[rows].tolist(), strict=True)
        }
        view.attempt(MoveNodes(places), self._nudge)


_NONE = Qt.KeyboardModifier.NoModifier
