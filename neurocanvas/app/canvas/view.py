"""The canvas: where circuits are drawn by hand; ``screen`` shows them, this half is interaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from neurocanvas.app import preferences
from neurocanvas.app.canvas import foreground, gestures, hand, menus, picking, wheel
from neurocanvas.app.canvas import geometry as geo
from neurocanvas.app.canvas.camera import Camera
from neurocanvas.app.canvas.drops import Drops
from neurocanvas.app.canvas.gestures import Gesture
from neurocanvas.app.canvas.keys import Keyboard
from neurocanvas.app.canvas.picking import Hit, Part
from neurocanvas.app.canvas.popup import KindPopup, placeable
from neurocanvas.app.canvas.rename import LabelEditor
from neurocanvas.app.canvas.screen import CanvasScreen
from neurocanvas.app.canvas.tooltips import tooltip
from neurocanvas.app.session import Session
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model.edits import Edit
from neurocanvas.model.elements import Node
from neurocanvas.model.kinds import Kind, SourceKind

SNAP_SETTING = "canvas/snap"
_ON = "on"


class CanvasView(CanvasScreen):
    """Shows the circuit of a session and lets it be drawn and changed.

    Signals:
        inspect_requested: Id of an element whose parameters somebody wants to see.

    Args:
        session: Whose circuit it shows.
    """

    inspect_requested = Signal(str)
    touching_changed = Signal(bool)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.gesture: Gesture | None = None
        self.touching = False
        self.popup: KindPopup | None = None
        self.snap = preferences.text(SNAP_SETTING) == _ON
        self._keyboard = Keyboard(self)
        self._drops = Drops(self)
        self._space_held = False
        self._space_used = False
        self.setObjectName("canvas")
        self.setAccessibleName("Circuit canvas")
        self.setAccessibleDescription(
            "Draw a circuit: double-click places a neuron, drag from its ring to connect."
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.grabGesture(Qt.GestureType.PinchGesture)

    # -- for tests and the window ----------------------------------------------------------------

    def node_position(self, node_id: str) -> QPoint:
        """Return where the middle of a node is in the window."""
        x, y = self.scene.centre[self.scene.node_row[node_id]].tolist()
        return self.camera.to_view(x, y).toPoint()

    def ring_position(self, node_id: str) -> QPoint:
        """Return where the handle on the ring of a node is in the window."""
        row = self.scene.node_row[node_id]
        place = foreground.handle_place(self.scene, row, 0.0, self.camera.scale)
        return self.camera.to_view(*place).toPoint()

    def link_position(self, link_id: str) -> QPoint:
        """Return where the middle of a link is in the window."""
        curve = self.scene.curve[[self.scene.link_row[link_id]]]
        x, y = geo.along(curve, np.array([0.5]))[0].tolist()
        return self.camera.to_view(x, y).toPoint()

    def scene_position(self, x: float, y: float) -> QPoint:
        """Return where a place of the scene is in the window."""
        return self.camera.to_view(x, y).toPoint()

    def pick(self, at: QPointF) -> Hit:
        """Return what is at a point of the window."""
        return picking.pick(self.scene, *self.camera.to_scene(at), self.camera.scale)

    def pick_node(self, at: QPointF) -> Hit:
        """Return the node at a point of the window, its ring counted as part of it."""
        return picking.pick_node(self.scene, *self.camera.to_scene(at), self.camera.scale)

    def paste_place(self) -> tuple[float, float]:
        """Return where a paste goes, in scene pixels: under the cursor, else the middle."""
        cursor = QPointF(self.mapFromGlobal(QCursor.pos()))
        inside = self.rect().contains(cursor.toPoint())
        return self.camera.to_scene(cursor if inside else QPointF(self.rect().center()))

    # -- editing ---------------------------------------------------------------------------------

    def attempt(self, edit: Edit, gesture: object = None) -> bool:
        """Give the session an edit; a refusal is shown in words. Returns whether it was done."""
        return self.guarded(lambda: self.session.do(edit, gesture))

    def guarded(self, action: Callable[[], object]) -> bool:
        """Do something that may be refused, and say so at the cursor if it is."""
        try:
            action()
        except NeuroCanvasError as error:
            self.session.message.emit(str(error))
            QToolTip.showText(QCursor.pos() + QPoint(12, 12), str(error), self)
            return False
        return True

    def new_node(self, kind: str, x: float, y: float) -> Node:
        """Return a node as it would be placed, with a free label and id."""
        circuit = self.session.circuit
        if self.snap:
            x, y = geo.snapped((x, y)).tolist()
        declared = self.session.offered().get(kind)
        # The letters of a neuron stand in its circle; a source shows a drawing and needs a name.
        source = isinstance(declared, SourceKind)
        name = declared.title.partition(",")[0] if source else declared.symbol
        label = circuit.free_label(name)
        return Node(circuit.new_id("n"), kind, label, x=x, y=y)

    def place(self, kind: str, scene_pos: QPointF | tuple[float, float]) -> str:
        """Place a new node and select it.

        Returns:
            Its id; empty if it was refused.
        """
        x, y = scene_pos if isinstance(scene_pos, tuple) else (scene_pos.x(), scene_pos.y())
        node = self.new_node(kind, x, y)
        if not self.attempt(self.session.placing(node)):
            return ""
        self.session.select([node.id])
        return node.id

    def offer_kinds(
        self,
        at: QPointF,
        then: Callable[[str, float, float], object],
        fits: Callable[[Kind], bool] | None = None,
    ) -> None:
        """Let somebody choose a kind at a point of the window, and do something with it."""
        x, y = self.camera.to_scene(at)
        popup = KindPopup(placeable(self.session.offered(), fits), self)
        popup.chosen.connect(lambda name: self.guarded(lambda: then(name, x, y)))
        popup.closed.connect(self._popup_closed)
        self.popup = popup
        popup.open_at(self.mapToGlobal(at.toPoint()))

    def _popup_closed(self) -> None:
        self.popup = None
        self.setFocus(Qt.FocusReason.PopupFocusReason)
        self.update()

    def rename(self, node_id: str) -> None:
        """Let the label of a node be typed where it stands."""
        LabelEditor(self, self.scene.node_row[node_id])

    def rename_selected(self) -> None:
        """Rename the selected node, if it is one."""
        if len(self.marks.nodes) == 1:
            self.rename(self.scene.node_ids[int(self.marks.nodes[0])])

    def inspect_selected(self) -> None:
        """Ask for the parameters of what is selected."""
        if self.session.selection:
            self.inspect_requested.emit(self.session.selection[0])

    def set_snap(self, snap: bool) -> None:
        """Let nodes snap to the grid, or not; remembered."""
        self.snap = snap
        preferences.put(SNAP_SETTING, _ON if snap else "")

    def set_touching(self, touching: bool) -> None:
        """Have a press on a neuron reach the neuron itself, or select and move it as usual."""
        if touching != self.touching:
            self.touching = touching
            self.touching_changed.emit(touching)
            self.update()

    def toggle_touching(self) -> None:
        """Begin touching, or end it."""
        self.set_touching(not self.touching)

    def escape(self) -> None:
        """Cancel what is under way, else stop touching, else select nothing."""
        if self.gesture is not None:
            self._cancel_gesture()
        elif self.touching:
            self.set_touching(False)
        else:
            self.session.select([])

    # -- gestures --------------------------------------------------------------------------------

    def _begin(self, gesture: Gesture) -> None:
        self._cancel_gesture()
        self.gesture = gesture
        self.setCursor(gesture.cursor)

    def _cancel_gesture(self) -> None:
        if self.gesture is not None:
            gesture, self.gesture = self.gesture, None
            gesture.cancel()
            self._after_gesture()

    def _after_gesture(self) -> None:
        self.unsetCursor()
        self.update()

    def _on_edited(self, edit: Edit) -> None:
        # An edit from elsewhere (undo by key, another window) moves the ground under a gesture.
        self._cancel_gesture()
        super()._on_edited(edit)

    def _on_replaced(self) -> None:
        self._cancel_gesture()
        if self.popup is not None:
            self.popup.close()
        for editor in self.findChildren(LabelEditor):
            editor.abandon()
        super()._on_replaced()

    def _use(self, camera: Camera) -> None:
        for editor in self.findChildren(LabelEditor):
            editor.keep()
        super()._use(camera)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at, keys = event.position(), event.modifiers()
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() == Qt.MouseButton.MiddleButton or (
            event.button() == Qt.MouseButton.LeftButton and self._space_held
        ):
            self._space_used = True
            self._begin(gestures.Pan(self, at, keys))
        elif event.button() == Qt.MouseButton.LeftButton:
            hit = self.pick_node(at) if self.touching else Hit()
            touched = hand.touchable(self, hit)
            self._begin(
                hand.Touch(self, at, keys, hit) if touched else gestures.grab(self, at, keys)
            )
        else:
            self._cancel_gesture()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.gesture is None:
            self._hover(event.position())
            return
        self.gesture.move(event.position(), event.modifiers())
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.gesture is None:
            return
        self.gesture.move(event.position(), event.modifiers())
        # Taken away first: what it does at the end must not count as an edit from elsewhere.
        gesture, self.gesture = self.gesture, None
        gesture.finish()
        self._after_gesture()
        self._hover(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._cancel_gesture()
        hit = self.pick(event.position())
        if hit:
            self.session.select([hit.id])
            self.inspect_requested.emit(hit.id)
        else:
            self.offer_kinds(event.position(), lambda kind, x, y: self.place(kind, (x, y)))

    def _hover(self, at: QPointF) -> None:
        hit = self.pick(at)
        angle = gestures.ring_angle(self, hit, at)
        if hit == self.marks.hovered and angle == self.marks.handle:
            return
        self.marks = replace(self.marks, hovered=hit, handle=angle)
        if hit.part is Part.RING:
            self.setCursor(Qt.CursorShape.CrossCursor)
        elif self._space_held:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self.unsetCursor()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.marks = replace(self.marks, hovered=Hit())
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        wheel.turn(self, event)
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._cancel_gesture()
        at = QPointF(event.pos())
        hit = self.pick(at)
        if hit and hit.id not in self.session.selection:
            self.session.select([hit.id])
        menus.build(self, hit, at).popup(event.globalPos())

    # -- dragging in from the palette ------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._drops.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._drops.move(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drops.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drops.drop(event)

    # -- keys, focus, tooltips -------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.ShortcutOverride and self._keyboard.handles(event):
            # Ours while the canvas has the focus, even where the window has the same key.
            event.accept()
            return True
        if kind == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            hit = self.pick(QPointF(event.pos()))
            text = tooltip(self.session.circuit, hit.id) if hit else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        if kind in (QEvent.Type.NativeGesture, QEvent.Type.Gesture) and wheel.pinch(self, event):
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._space_held, self._space_used = True, False
                self.setCursor(Qt.CursorShape.OpenHandCursor)
        elif not self._keyboard.press(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Space:
            super().keyReleaseEvent(event)
        elif self._space_held and not event.isAutoRepeat():
            self._space_held = False
            self.unsetCursor()
            # Space alone runs or pauses; held with the mouse it has shifted the view.
            if not self._space_used:
                self.session.toggle_run()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._space_held = False

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._cancel_gesture()

    def hint(self) -> tuple[str, bool]:
        return (hand.HINT, True) if self.touching else super().hint()

    def paint_over(self, painter: QPainter) -> None:
        self._drops.paint(painter)
        if self.gesture is not None:
            self.gesture.paint(painter)
