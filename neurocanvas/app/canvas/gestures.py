"""What the mouse does on the canvas, one class per gesture.

A gesture changes what is seen while the button is down, never the circuit; when the button is
released it gives the session one edit. Esc, and any edit from elsewhere, cancels it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from neurocanvas.app.canvas import geometry as geo
from neurocanvas.app.canvas import picking
from neurocanvas.app.canvas.geometry import Ints
from neurocanvas.app.canvas.picking import Hit
from neurocanvas.app.theme import qcolor
from neurocanvas.model.edits import MoveNodes

if TYPE_CHECKING:
    from neurocanvas.app.canvas.view import CanvasView

DRAG_FROM = 4.0
"""Window pixels the mouse must go before a press becomes a drag."""

Modifier = Qt.KeyboardModifier
Keys = Qt.KeyboardModifier


class Gesture:
    """A press that is under way.

    Args:
        view: The canvas.
        at: Where the button went down, in window pixels.
        keys: Shift, Ctrl and friends.
    """

    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, view: CanvasView, at: QPointF, keys: Keys) -> None:
        self.view = view
        self.start = at
        self.at = at
        self.keys = keys
        self.dragging = False

    def move(self, at: QPointF, keys: Keys) -> None:
        """Follow the mouse."""
        self.at, self.keys = at, keys
        gone = at - self.start
        if not self.dragging and abs(gone.x()) + abs(gone.y()) >= DRAG_FROM:
            self.dragging = True
            self.begin()
        if self.dragging:
            self.drag()

    def begin(self) -> None:
        """The press has become a drag."""

    def drag(self) -> None:
        """The mouse is at ``self.at``."""

    def finish(self) -> None:
        """The button was released at ``self.at``."""

    def cancel(self) -> None:
        """Leave everything as it was."""

    def paint(self, painter: QPainter) -> None:
        """Paint over the canvas, in window pixels."""


class Pan(Gesture):
    """Shift the view."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, view: CanvasView, at: QPointF, keys: Keys) -> None:
        super().__init__(view, at, keys)
        self._camera = view.camera

    def drag(self) -> None:
        gone = self.at - self.start
        self.view.look(self._camera.panned(gone.x(), gone.y()))

    def cancel(self) -> None:
        self.view.look(self._camera)


class MoveSelection(Gesture):
    """Press a node: select it; drag: move all that is selected."""

    def __init__(self, view: CanvasView, at: QPointF, keys: Keys, hit: Hit) -> None:
        super().__init__(view, at, keys)
        self._hit = hit
        self._rows: Ints = np.zeros(0, dtype=np.int64)
        self._was_selected = hit.id in view.session.selection
        if keys & (Modifier.ShiftModifier | Modifier.ControlModifier):
            self._toggle_or_add(bool(keys & Modifier.ControlModifier))
        elif not self._was_selected:
            view.session.select([hit.id])

    def _toggle_or_add(self, toggle: bool) -> None:
        selection = list(self.view.session.selection)
        if not self._was_selected:
            self.view.session.select([*selection, self._hit.id])
        elif toggle:
            self.view.session.select([i for i in selection if i != self._hit.id])

    def begin(self) -> None:
        scene = self.view.scene
        self._rows, _ = scene.rows(self.view.session.selection)
        if self._hit.row not in self._rows:
            self._rows = np.array([self._hit.row], dtype=np.int64)
        self._before = scene.centre[self._rows].copy()
        self._lead = scene.centre[self._hit.row].copy()
        self.view.lift(self._rows)

    def drag(self) -> None:
        gone = (self.at - self.start) / self.view.camera.scale
        step = np.array([gone.x(), gone.y()])
        if self.view.snap != bool(self.keys & Modifier.ShiftModifier):
            step = geo.snapped(self._lead + step) - self._lead
        self.view.scene.move(self._rows, self._before + step)
        self.view.update()

    def finish(self) -> None:
        if not self.dragging:
            plain = not self.keys & (Modifier.ShiftModifier | Modifier.ControlModifier)
            if self._was_selected and plain:
                self.view.session.select([self._hit.id])
            return
        scene = self.view.scene
        ids = [scene.node_ids[row] for row in self._rows.tolist()]
        after = scene.centre[self._rows].copy()
        self.cancel()
        if not np.array_equal(after, self._before):
            places = dict(zip(ids, map(tuple, after.tolist()), strict=True))
            self.view.attempt(MoveNodes(places))

    def cancel(self) -> None:
        if self.dragging:
            self.view.scene.move(self._rows, self._before)
            self.view.lift(np.zeros(0, dtype=np.int64))


class PressLink(Gesture):
    """Press a link: select it."""

    def __init__(self, view: CanvasView, at: QPointF, keys: Keys, hit: Hit) -> None:
        super().__init__(view, at, keys)
        selection = list(view.session.selection)
        if keys & Modifier.ControlModifier and hit.id in selection:
            view.session.select([i for i in selection if i != hit.id])
        elif keys & (Modifier.ShiftModifier | Modifier.ControlModifier):
            view.session.select([*selection, hit.id])
        else:
            view.session.select([hit.id])


class RubberBand(Gesture):
    """Drag over empty canvas: select what is inside; Shift adds, Ctrl toggles."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, view: CanvasView, at: QPointF, keys: Keys) -> None:
        super().__init__(view, at, keys)
        self._before = view.session.selection

    def _rect(self) -> QRectF:
        return QRectF(self.start, self.at).normalized()

    def _wanted(self) -> list[str]:
        view = self.view
        nodes, links = picking.inside(view.scene, view.camera.rect_to_scene(self._rect()))
        found = [view.scene.node_ids[row] for row in nodes.tolist()]
        found += [view.scene.link_ids[row] for row in links.tolist()]
        if self.keys & Modifier.ControlModifier:
            before, new = set(self._before), set(found)
            return [i for i in self._before if i not in new] + [i for i in found if i not in before]
        return [*self._before, *found] if self.keys & Modifier.ShiftModifier else found

    def drag(self) -> None:
        self.view.mark(self._wanted())

    def finish(self) -> None:
        if self.dragging:
            self.view.session.select(self._wanted())
        elif not self.keys & (Modifier.ShiftModifier | Modifier.ControlModifier):
            self.view.session.select([])
        self.view.mark(self.view.session.selection)

    def cancel(self) -> None:
        self.view.mark(self._before)

    def paint(self, painter: QPainter) -> None:
        if self.dragging:
            colours = self.view.theme
            painter.setPen(QPen(QColor(colours.selection), 1))
            painter.setBrush(qcolor(colours.selection_fill))
            painter.drawRect(self._rect())


def grab(view: CanvasView, at: QPointF, keys: Keys) -> Gesture:
    """Return the gesture that a press of the left button begins, by what is under it."""
    from neurocanvas.app.canvas.connecting import Connect

    hit = view.pick(at)
    if hit.part is picking.Part.RING:
        return Connect(view, at, keys, hit)
    if hit.part is picking.Part.NODE:
        return MoveSelection(view, at, keys, hit)
    if hit.part is picking.Part.LINK:
        return PressLink(view, at, keys, hit)
    return RubberBand(view, at, keys)


def ring_angle(view: CanvasView, hit: Hit, at: QPointF) -> float:
    """Return where on the ring of a node the handle is: near the cursor while it is on the ring."""
    if hit.part is not picking.Part.RING:
        return 0.0
    x, y = view.camera.to_scene(at)
    middle = view.scene.centre[hit.row]
    return float(np.arctan2(y - middle[1], x - middle[0]))
