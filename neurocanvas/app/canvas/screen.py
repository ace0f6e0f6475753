"""The showing half of the canvas: scene, camera, activity and marks, painted as one layer.

A plain QWidget with its own camera rather than a QGraphicsView: nothing is an item, so a graphics
scene would only add its bookkeeping. ``backdrop`` keeps what stands still in a pixmap, ``sprites``
the pictures of nodes, so a frame copies both.

Milliseconds of the window's thread per frame, 1500 x 940 px, two cores with a load of 12
(processor time, median and worst of ``python -m benchmarks.canvas``):

====================================  =================  =================  ==============
1000 nodes, 5000 random links         all in view        half (4400 links)  at 100 %
====================================  =================  =================  ==============
pan                                   5.8 (5.9)          12 (15)            7.9 (9.3)
drag 5 nodes                          6.8 (7.3)          7.1 (7.9)          5.2 (6.3)
drag all nodes                        9.7 (14)           15 (19)            11 (13)
a frame after a zoom                  6.9 (15)           7.4 (12)           8.5 (11)
all painted at once                   33 (40)            57 (84)            51 (60)
====================================  =================  =================  ==============

A sample with 10 links running: 2.4 ms a frame, nothing at all while it is paused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QRegion, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from neurocanvas.app import theme as themes
from neurocanvas.app.canvas import chrome, foreground, pictures
from neurocanvas.app.canvas.activity import Activity, Changes
from neurocanvas.app.canvas.backdrop import Backdrop
from neurocanvas.app.canvas.camera import ZOOM_STEP, Camera, fitting
from neurocanvas.app.canvas.foreground import Marks, Stage
from neurocanvas.app.canvas.geometry import Ints
from neurocanvas.app.canvas.minimap import Minimap
from neurocanvas.app.canvas.picking import Part
from neurocanvas.app.canvas.scene import Scene
from neurocanvas.app.canvas.sprites import Sprites
from neurocanvas.app.session import Session
from neurocanvas.app.theme import Theme
from neurocanvas.model.edits import Edit

SETTLE_MS = 120
"""This long after the last turn of the wheel, what was scaled is painted as it should be."""
MINIMAP_MS = 120
_FIT_MARGIN = 44.0
_MOST_RECTS = 24
"""Beyond this many changed places, all is painted: a clip of many pieces costs more."""
_SPOT_REACH = 14.0


class CanvasScreen(QWidget):
    """Shows the circuit of a session, alive.

    Args:
        session: Whose circuit it shows.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._scene = Scene(session.circuit)
        self._late = False
        self.activity = Activity(self._scene)
        self.camera = Camera()
        self.marks = Marks()
        self.backdrop = Backdrop(self._scene)
        self._sprites = Sprites()
        self._untouched = True
        self._shown_values: tuple[float, ...] = ()
        self._settling = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settling.timeout.connect(self.update)
        self._making = QTimer(self, singleShot=True, interval=0)
        self._making.timeout.connect(self.make_exact)
        self.minimap = Minimap(self)
        self._map_timer = QTimer(self, singleShot=True, interval=MINIMAP_MS)
        self._map_timer.timeout.connect(self.minimap.refresh)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        session.tock.connect(self._on_tock)
        session.edited.connect(self._on_edited)
        session.settled.connect(self._on_settled)
        session.document_replaced.connect(self._on_replaced)
        session.selection_changed.connect(self._on_selection)
        themes.changed.connect(self._on_theme)

    @property
    def theme(self) -> Theme:
        """The colours in use."""
        return themes.current()

    @property
    def scene(self) -> Scene:
        """What is shown, as the circuit is now."""
        if self._late:
            self._catch_up()
        return self._scene

    # -- following the session -------------------------------------------------------------------

    def _on_edited(self, edit: Edit) -> None:
        if self.session.settling:
            # First the engine: what is drawn waits for it, unless somebody asks for the scene.
            self._late = True
            self.setUpdatesEnabled(False)
            return
        scene = self._scene
        routes, changes = scene.routes, scene.changes
        if not scene.follow(edit):
            self._catch_up()
            return
        if scene.routes != routes or (scene.changes != changes and self.backdrop.detail):
            self.backdrop.invalidate()
        self._on_selection()
        self.minimap.follow()

    def _catch_up(self) -> None:
        """Show the circuit as it is after changes of its structure."""
        self._late = False
        self._scene.show(self.session.circuit)
        self.backdrop.outdate()
        self._on_selection()
        self.minimap.follow()

    def _on_settled(self) -> None:
        if self._late:
            self._catch_up()
        self.setUpdatesEnabled(True)

    def _on_replaced(self) -> None:
        self._late = False
        self._scene.show(self.session.circuit)
        self.activity.clear()
        self.backdrop.invalidate()
        self.marks = Marks()
        self.fit()

    def _on_selection(self) -> None:
        if not self._late:
            self.mark(self.session.selection)

    def _on_theme(self, _theme: object) -> None:
        self.backdrop.invalidate()
        self.update()
        self.minimap.refresh()

    def mark(self, ids: Iterable[str]) -> None:
        """Show elements as selected, whatever is selected in the session."""
        nodes, links = self.scene.rows(ids)
        hovered = self.marks.hovered if self._still_there() else Marks().hovered
        self.marks = replace(self.marks, nodes=nodes, links=links, hovered=hovered)
        self.update()

    def _still_there(self) -> bool:
        hovered = self.marks.hovered
        ids = self.scene.link_ids if hovered.part is Part.LINK else self.scene.node_ids
        return 0 <= hovered.row < len(ids) and ids[hovered.row] == hovered.id

    def point_at(self, row: int, allowed: bool) -> None:
        """Show a node as the one on which a link would end; -1 for none."""
        self.marks = replace(self.marks, target=row, allowed=allowed)
        self.update()

    def lift(self, rows: Ints) -> None:
        """Paint nodes and their links apart from the backdrop while they are dragged."""
        self.backdrop.lift(rows)
        self.update()

    # -- the frame -------------------------------------------------------------------------------

    def _on_tock(self) -> None:
        if not self.isVisible():
            return
        frame = self.session.frame
        recorder = self.session.recorder if frame is not None else None
        changes = self.activity.update(frame, recorder)
        words = self._changed_values()
        if changes or len(words):
            self._update_changed(changes, words)
            if self.minimap.isVisible() and not self._map_timer.isActive():
                self._map_timer.start()

    def _changed_values(self) -> Ints:
        """Rows of the nodes whose value stands beside them, if any of those values changed."""
        rows = self.marks.nodes
        if self.marks.hovered.part in (Part.NODE, Part.RING):
            rows = np.append(rows, self.marks.hovered.row)
        values = tuple(np.round(self.activity.value[rows], 1).tolist())
        same = len(values) == len(self._shown_values) and all(
            a == b or (a != a and b != b) for a, b in zip(values, self._shown_values, strict=True)
        )
        self._shown_values = values
        return rows[:0] if same else rows

    def _update_changed(self, changes: Changes, words: Ints) -> None:
        """Ask for a repaint of what changed; of everything if that is much."""
        nodes = np.concatenate([changes.nodes, words])
        if len(nodes) + len(changes.spots) > 8 * _MOST_RECTS:
            self.update()
            return
        spots = self.camera.places(changes.spots)
        areas = np.concatenate([
            foreground.node_area(self.scene, nodes, self.camera),
            np.concatenate([spots - _SPOT_REACH, spots + _SPOT_REACH], axis=1),
        ])  # fmt: skip
        left, top, right, bottom = areas.T
        seen = (right > 0) & (bottom > 0) & (left < self.width()) & (top < self.height())
        areas = areas[seen]
        if len(areas) > _MOST_RECTS:
            self.update()
            return
        region = QRegion()
        for x1, y1, x2, y2 in areas.tolist():
            region += QRect(int(x1), int(y1), int(x2 - x1) + 2, int(y2 - y1) + 2)
        if not region.isEmpty():
            self.update(region)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._late:
            # Qt paints what had to be painted before updates were switched off: all from one scene.
            self._catch_up()
        painter = QPainter(self)
        try:
            self._paint(painter, event.region())
        finally:
            # Qt aborts if an error leaves a painter active on a widget that goes on.
            painter.end()

    def _paint(self, painter: QPainter, region: QRegion) -> None:
        theme, ratio = self.theme, self.devicePixelRatioF()
        hurry = self._settling.isActive()
        exact = self.backdrop.paint(
            painter, region, self.camera, self.size(), ratio, theme, hurry=hurry
        )
        if not exact and not hurry:
            self._making.start()
        self._sprites.prepare(self.camera.scale, ratio, theme, hurry=hurry)
        rect = QRectF(region.boundingRect())
        foreground.paint(painter, self._sprites, self.stage(), rect)
        chrome.paint(painter, self, rect)
        self.paint_over(painter)

    def make_exact(self) -> None:
        """Paint a slice of the exact picture aside, and show it once it is there."""
        if self.backdrop.advance():
            self._making.start()
        else:
            self.update()

    def stage(self) -> Stage:
        """Return all that the foreground is painted from."""
        if self.activity.version != self.scene.version:
            self.activity.update(None, None)
        return Stage(
            self.scene, self.activity, self.camera, self.theme, self.marks,
            self.backdrop.detail, self.backdrop.lifted,
        )  # fmt: skip

    def render_to(self, painter: QPainter, rect: QRectF) -> None:
        """Paint the whole circuit into a rectangle of a picture, drawing or page."""
        pictures.paint(painter, self.scene, self.stage().activity, rect, self.theme)

    def hint(self) -> tuple[str, bool]:
        """Return the words at the bottom, and whether they must be seen whatever lies there."""
        return chrome.HINT, False

    def paint_over(self, painter: QPainter) -> None:
        """Paint what is under way on top; for the half that knows about it."""

    # -- camera ----------------------------------------------------------------------------------

    def look(self, camera: Camera) -> None:
        """Look at the scene through another camera, chosen by a person."""
        self._untouched = False
        self._use(camera)

    def _use(self, camera: Camera) -> None:
        self.camera = camera.on_pixels(self.devicePixelRatioF())
        self.minimap.follow()
        self.update()

    def zoom(self, factor: float, anchor: QPointF | None = None) -> None:
        """Zoom around a point of the window (its middle by default)."""
        self._settling.start()
        self.look(self.camera.zoomed(factor, anchor or QRectF(self.rect()).center()))

    def zoom_in(self) -> None:
        """Zoom in by one step."""
        self.zoom(ZOOM_STEP)

    def zoom_out(self) -> None:
        """Zoom out by one step."""
        self.zoom(1 / ZOOM_STEP)

    def zoom_to_full(self) -> None:
        """Zoom to 100 %."""
        self.zoom(1.0 / self.camera.scale)

    def fit(self) -> None:
        """Show all of the circuit."""
        inner = QRectF(self.rect()).adjusted(
            _FIT_MARGIN, _FIT_MARGIN * 0.6, -_FIT_MARGIN, -_FIT_MARGIN
        )
        self._use(fitting(self.scene.content(), inner))
        self._untouched = True

    def centre_on(self, x: float, y: float) -> None:
        """Bring a place of the scene to the middle of the window."""
        middle = QRectF(self.rect()).center()
        scale = self.camera.scale
        self.look(Camera(scale, middle.x() - x * scale, middle.y() - y * scale))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Until somebody has panned or zoomed, the circuit stays fitted.
        if self._untouched:
            self.fit()
        else:
            grown = event.size() - event.oldSize()
            self._use(self.camera.panned(grown.width() / 2, grown.height() / 2))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._untouched:
            self.fit()
