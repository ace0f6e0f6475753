"""Drag from the ring of a node: a new link, seen before it is made, or the reason why not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from neurocanvas.app.canvas import geometry as geo
from neurocanvas.app.canvas import looks, wires
from neurocanvas.app.canvas.geometry import Boxes, Curves
from neurocanvas.app.canvas.gestures import Gesture, Keys
from neurocanvas.app.canvas.picking import Hit
from neurocanvas.app.theme import ui_font
from neurocanvas.model import drive
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.distributions import typical
from neurocanvas.model.edits import AddLink, Compound, SetParameter
from neurocanvas.model.elements import Link
from neurocanvas.model.kinds import Kind
from neurocanvas.model.projections import default_rule
from neurocanvas.model.quantity import format_quantity
from neurocanvas.model.rules import default_link_kind, why_not

if TYPE_CHECKING:
    from neurocanvas.app.canvas.view import CanvasView

_BUBBLE_PAD = 7.0


class Connect(Gesture):
    """Drag a link from a node to another.

    Released on a node that takes it, it becomes a link; on empty canvas it offers neurons to place
    there and connects to the one chosen; on a node that refuses it, nothing happens.
    """

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, view: CanvasView, at: QPointF, keys: Keys, hit: Hit) -> None:
        super().__init__(view, at, keys)
        self._source = hit
        self._kind = self._kind_for(hit.id, None)
        self._target = Hit()
        self.reason: str | None = None
        self._left_home = False

    def drag(self) -> None:
        target = self.view.pick_node(self.at)
        self._left_home = self._left_home or target.row != self._source.row
        # On the way out the cursor is still on the ring it came from: no link to itself yet.
        self._target = target if self._left_home else Hit()
        self.reason = None
        self._kind = self._kind_for(self._source.id, self._target.id or None)
        if self._target:
            circuit = self.view.session.circuit
            self.reason = why_not(circuit, self._source.id, self._target.id, self._kind)
        self.view.point_at(self._target.row, self.reason is None)

    def finish(self) -> None:
        self.view.point_at(-1, True)
        if not self.dragging or self.reason is not None:
            return
        if self._target:
            self._connect_to(self._target.id)
        elif self._left_home:
            self.view.offer_kinds(self.at, self._place_and_connect, self._fits)

    def cancel(self) -> None:
        self.view.point_at(-1, True)

    def _connect_to(self, target: str) -> None:
        circuit = self.view.session.circuit
        sizes = circuit.node(self._source.id).size, circuit.node(target).size
        link = Link(
            circuit.new_id("l"), self._source.id, target, self._kind, rule=default_rule(*sizes)
        )
        fitted = drive.fitting(circuit, self._source.id, circuit.kind_of(target))
        edit = Compound((AddLink(link), *fitted), AddLink.text) if fitted else AddLink(link)
        if self.view.attempt(edit):
            self.view.session.select([link.id])
            self._say_fitted(fitted, circuit.label_of(target))

    def _say_fitted(self, fitted: Sequence[SetParameter], target: str) -> None:
        """Tell the person which current was chosen, as it was not typed by anybody."""
        if fitted:
            amounts = [format_quantity(typical(e.value or 0.0), drive.CURRENT) for e in fitted]
            values = ", ".join(f"{e.name} {a}" for e, a in zip(fitted, amounts, strict=True))
            owner = self.view.session.circuit.label_of(self._source.id)
            self.view.session.message.emit(f"{owner}: {values}, enough for {target} to fire")

    def _kind_for(self, source: str, target: str | None) -> str:
        """The chosen synapse where it fits, else what does."""
        session = self.view.session
        return default_link_kind(session.circuit, source, session.synapse_kind, target)

    def _fits(self, kind: Kind) -> bool:
        """Whether the source may be linked to a new node of a kind."""
        trial, source, target = self._trial(kind)
        chosen = default_link_kind(trial, source, self.view.session.synapse_kind, target)
        return why_not(trial, source, target, chosen) is None

    def _trial(self, kind: Kind) -> tuple[Circuit, str, str]:
        """A circuit of the source and a node of a kind, to ask what would connect them."""
        circuit = self.view.session.circuit
        trial = Circuit(self.view.session.offered())
        source = trial.add(circuit.node(self._source.id).kind)
        return trial, source, trial.add(kind.name)

    def _place_and_connect(self, kind: str, x: float, y: float) -> None:
        circuit = self.view.session.circuit
        if self._source.id not in circuit:
            return
        trial, source, target = self._trial(self.view.session.offered().get(kind))
        name = default_link_kind(trial, source, self.view.session.synapse_kind, target)
        node = self.view.new_node(kind, x, y)
        link = Link(circuit.new_id("l"), self._source.id, node.id, name)
        added = self.view.session.placing(node)
        fitted = drive.fitting(circuit, self._source.id, self.view.session.offered().get(kind))
        edit = Compound((added, AddLink(link), *fitted), f"add {node.label}")
        if self.view.attempt(edit):
            self.view.session.select([node.id])
            self._say_fitted(fitted, node.label)

    # -- what is seen ----------------------------------------------------------------------------

    def _curve(self) -> Curves:
        """The curve as it would be: to the target if it is taken, else to the cursor."""
        scene = self.view.scene
        source = scene.boxes.take(np.array([self._source.row]))
        loop = np.array([False])
        if self._target and self.reason is None:
            target = scene.boxes.take(np.array([self._target.row]))
            loop = np.array([self._target.row == self._source.row])
            pre = np.append(scene.pre, self._source.row)
            bow = geo.bows(pre, np.append(scene.post, self._target.row))[-1:]
        else:
            place = np.array([self.view.camera.to_scene(self.at)])
            target = Boxes(place, np.zeros((1, 2)) + 0.5, np.zeros(1) + 0.5)
            bow = np.zeros(1)
        return geo.link_curves(source, target, bow, loop, np.array([self._head()]))

    def _head(self) -> int:
        return looks.link_head(self.view.session.circuit.kinds.get(self._kind), {})

    def paint(self, painter: QPainter) -> None:
        if not self.dragging:
            return
        theme, camera = self.view.theme, self.view.camera
        kind = self.view.session.circuit.kinds.get(self._kind)
        refused = self.reason is not None
        name = theme.bad if refused else looks.link_colour(theme, looks.link_group(kind, {}))
        colour = looks.faded(name, 1.0 if self._target and not refused else 0.75)
        curve = self._curve()
        painter.save()
        painter.translate(camera.x, camera.y)
        painter.scale(camera.scale, camera.scale)
        stroke = looks.DASHED if refused else looks.link_stroke(kind)
        wires.draw_stroke(painter, curve.points[0], colour, 2.2, stroke)
        wires.draw_head(painter, curve.tip[0], curve.arrive[0], self._head(), colour)
        painter.restore()
        if refused:
            paint_bubble(painter, self.reason or "", self.at, self.view, theme.bad)
        elif not self._target:
            paint_bubble(painter, kind.title, self.at, self.view, theme.border_strong)


def paint_bubble(painter: QPainter, text: str, at: QPointF, view: CanvasView, edge: str) -> None:
    """Paint a few words beside the cursor: what would be made, or why it can't be."""
    font = ui_font(12)
    metrics = QFontMetricsF(font)
    size = metrics.boundingRect(QRectF(0, 0, 300, 200), int(Qt.TextFlag.TextWordWrap), text)
    width, height = size.width() + 2 * _BUBBLE_PAD, size.height() + 2 * _BUBBLE_PAD
    left = min(at.x() + 16, view.width() - width - 6)
    top = at.y() + 18 if at.y() + 24 + height < view.height() else at.y() - height - 12
    box = QRectF(max(left, 6.0), top, width, height)
    painter.setPen(QPen(QColor(edge), 1.2))
    painter.setBrush(QColor(view.theme.window))
    painter.drawRoundedRect(box, 6, 6)
    painter.setPen(QColor(view.theme.text))
    painter.setFont(font)
    inner = box.adjusted(_BUBBLE_PAD, _BUBBLE_PAD, -_BUBBLE_PAD + 1, -_BUBBLE_PAD + 1)
    painter.drawText(inner, int(Qt.TextFlag.TextWordWrap), text)
