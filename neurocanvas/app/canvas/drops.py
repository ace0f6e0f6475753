"""Parts dragged in from the palette: a ghost under the cursor, then a node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QPainter

from neurocanvas.app.canvas import geometry as geo
from neurocanvas.app.canvas import looks, sprites
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model.kinds import Kind, SynapseKind

if TYPE_CHECKING:
    from neurocanvas.app.canvas.view import CanvasView

KIND_MIME = "application/x-neurocanvas-kind"
_GHOST_OPACITY = 0.65


class Drops:
    """Takes kinds that are dragged over the canvas.

    Args:
        view: The canvas.
    """

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self._kind: Kind | None = None
        self._at = QPointF()

    def enter(self, event: QDragEnterEvent) -> None:
        """Take hold of a kind of the palette; anything else is left to others."""
        self._kind = self._kind_in(event)
        if self._kind is None:
            event.ignore()
            return
        self.move(event)

    def move(self, event: QDragMoveEvent) -> None:
        """Follow the cursor."""
        if self._kind is not None:
            self._at = event.position()
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._view.update()

    def leave(self) -> None:
        """Forget the ghost."""
        self._kind = None
        self._view.update()

    def drop(self, event: QDropEvent) -> None:
        """Place the node, or choose the synapse for new links."""
        kind = self._kind_in(event)
        self.leave()
        if kind is None:
            event.ignore()
            return
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        view = self._view
        if isinstance(kind, SynapseKind):
            view.session.synapse_kind = kind.name
            view.session.message.emit(f"New links are {kind.title}; drag from a ring to connect.")
        else:
            x, y = view.camera.to_scene(event.position())
            view.place(kind.name, QPointF(x, y))
        view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _kind_in(self, event: QDropEvent) -> Kind | None:
        data = event.mimeData()
        if not data.hasFormat(KIND_MIME):
            return None
        name = bytes(data.data(KIND_MIME).data()).decode("utf-8", "replace")
        try:
            return self._view.session.offered().get(name)
        except NeuroCanvasError:
            return None

    def paint(self, painter: QPainter) -> None:
        """Paint the ghost of what would be placed; the painter is in window pixels."""
        if self._kind is None or isinstance(self._kind, SynapseKind):
            return
        view = self._view
        at = self._at
        if view.snap:
            at = view.camera.to_view(*geo.snapped(view.camera.to_scene(at)).tolist())
        painter.save()
        painter.setOpacity(_GHOST_OPACITY)
        painter.translate(at)
        painter.scale(view.camera.scale, view.camera.scale)
        look = looks.look_of(self._kind, 1)
        sprites.draw_node(painter, look, looks.UNKNOWN_LEVEL, view.theme, view.camera.scale)
        painter.restore()
