"""Parts dragged in from the palette: a ghost under the cursor, then a node; or onto a link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QPainter

from neurocanvas.app import features
from neurocanvas.app.canvas import geometry as geo
from neurocanvas.app.canvas import looks, sprites, wires
from neurocanvas.app.canvas.connecting import paint_bubble
from neurocanvas.app.canvas.picking import Hit, Part, pick
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model.kinds import Kind, SynapseKind
from neurocanvas.model.plasticity import PlasticityKind

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
        self._link = Hit()
        self.reason = ""

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
            if isinstance(self._kind, PlasticityKind):
                self._look_for_link(self._kind)
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._view.update()

    def _look_for_link(self, kind: PlasticityKind) -> None:
        view = self._view
        hit = pick(view.scene, *view.camera.to_scene(self._at), view.camera.scale)
        self._link = hit if hit.part is Part.LINK else Hit()
        circuit = view.session.circuit
        reason = "drop it onto a link"
        if self._link:
            reason = features.why_not(circuit, circuit.link(hit.id), kind) or ""
        self.reason = reason

    def leave(self) -> None:
        """Forget the ghost."""
        self._kind, self._link, self.reason = None, Hit(), ""
        self._view.update()

    def drop(self, event: QDropEvent) -> None:
        """Place the node, choose the synapse for new links, or let the link below learn."""
        kind = self._kind_in(event)
        self._at = event.position()
        if isinstance(kind, PlasticityKind):
            self._look_for_link(kind)
        link, reason = self._link, self.reason
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
        elif isinstance(kind, PlasticityKind):
            if reason:
                view.session.message.emit(f"{kind.title}: {reason}")
            elif view.attempt(features.adding(view.session.circuit, link.id, kind.name)):
                view.session.select([link.id])
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
        if isinstance(self._kind, PlasticityKind):
            self._paint_over_link(painter, self._kind)
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

    def _paint_over_link(self, painter: QPainter, kind: PlasticityKind) -> None:
        """Light up the link that would learn; say what would happen, or why it can't."""
        view, refused = self._view, bool(self.reason)
        colour = view.theme.bad if self._link and refused else view.theme.good
        if self._link:
            painter.save()
            painter.translate(view.camera.x, view.camera.y)
            painter.scale(view.camera.scale, view.camera.scale)
            wires.draw_halo(painter, view.scene, self._link.row, looks.faded(colour, 0.4), 7.0)
            painter.restore()
        words = self.reason if self._link and refused else f"{kind.title}: {self.reason}"
        words = words if refused else kind.title
        edge = colour if self._link else view.theme.border_strong
        paint_bubble(painter, words, self._at, view, edge)
