"""What changes from frame to frame: nodes and their light, travelling spikes, marks and tags."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from neurocanvas.app.canvas import backdrop, labels, looks, placing, wires
from neurocanvas.app.canvas import geometry as geo
from neurocanvas.app.canvas.activity import GLOW_STEPS, Activity
from neurocanvas.app.canvas.backdrop import Detail
from neurocanvas.app.canvas.camera import Camera
from neurocanvas.app.canvas.geometry import Floats, Ints
from neurocanvas.app.canvas.picking import Hit, Part
from neurocanvas.app.canvas.primitives import draw_lines, draw_points
from neurocanvas.app.canvas.scene import Scene
from neurocanvas.app.canvas.sprites import Sprites
from neurocanvas.app.theme import Theme, probe_colour, ui_font

_NONE: Ints = np.zeros(0, dtype=np.int64)
TAG_GAP = (14.0, 0.0)
"""From the corner of a node to the middle of its first tag."""
TAG_SIZE = (22.0, 17.0)
_WARNED_AT = np.array([-0.72, 0.72])
"""Where the mark of a warning is, in half sizes of its node."""
_WARNING, _WARNED_FROM_SCALE = 9.0, 0.3
_LINK_TAG_AT = 0.8
_MOST_GLOWS = 60
_MOST_HALOS = 80
_MOST_VALUES = 40
_MOST_LIFTED = 500
_SPOT_RADIUS, _SPOT_LIGHT = 3.6, 8.0


@dataclass(frozen=True)
class Marks:
    """What is marked.

    Attributes:
        nodes, links: Rows that are selected.
        hovered: What is under the cursor.
        handle: Direction of the handle on the hovered ring, in radians clockwise from the right.
        target: Row of a node on which a link would end, -1 for none.
        allowed: Whether it may.
    """

    nodes: Ints = field(default_factory=lambda: _NONE)
    links: Ints = field(default_factory=lambda: _NONE)
    hovered: Hit = field(default_factory=Hit)
    handle: float = 0.0
    target: int = -1
    allowed: bool = True


@dataclass(frozen=True)
class Stage:
    """All that painting a frame asks for."""

    scene: Scene
    activity: Activity
    camera: Camera
    theme: Theme
    marks: Marks
    detail: Detail
    lifted: Ints = field(default_factory=lambda: _NONE)


def paint(painter: QPainter, sprites: Sprites, stage: Stage, rect: QRectF) -> None:
    """Paint all that changes within a rectangle of the window; the painter is in window pixels."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    part = stage.camera.rect_to_scene(rect)
    nodes = stage.scene.visible_nodes(part)
    if len(stage.lifted):
        links = np.intersect1d(
            stage.scene.links_at(stage.lifted), stage.scene.visible_links(part), assume_unique=True
        )
        detail = stage.detail if len(links) <= _MOST_HALOS else Detail.PLAIN
        # Of very many, some stand for all while they are dragged.
        links = links[:: 1 + len(links) // _MOST_LIFTED]
        painter.save()
        painter.setClipRect(rect)
        backdrop.paint_links(painter, stage.scene, links, stage.camera, stage.theme, detail)
        painter.restore()
        if stage.detail:
            labels.paint(painter, stage.scene, stage.lifted, stage.camera, stage.theme)
    _paint_marked_links(painter, stage)
    paint_spots(painter, stage)
    paint_nodes(painter, sprites, stage, nodes)
    _paint_warnings(painter, stage)
    _paint_rings(painter, stage)
    _paint_values(painter, stage)
    paint_tags(painter, stage)


def paint_nodes(painter: QPainter, sprites: Sprites, stage: Stage, rows: Ints) -> None:
    """Paint nodes with the glow of their spikes, from sprites."""
    scene, activity = stage.scene, stage.activity
    centre = stage.camera.places(scene.centre[rows])
    # A source only brightens: it fires all the time.
    glowing = np.flatnonzero((activity.glow[rows] > 0) & (scene.family[rows] != looks.SOURCE))
    if len(glowing) <= _MOST_GLOWS:
        for i in glowing.tolist():
            picture = sprites.glow(scene.look(int(rows[i])))
            half = picture.deviceIndependentSize().width() / 2
            painter.setOpacity(float(activity.glow[rows[i]]) / GLOW_STEPS)
            painter.drawPixmap(QPointF(centre[i, 0] - half, centre[i, 1] - half), picture)
        painter.setOpacity(1.0)
    levels = activity.shown_levels()[rows]
    sprites.draw(painter, scene.looks, scene.look_row[rows], levels, centre)


def paint_spots(painter: QPainter, stage: Stage) -> None:
    """Paint the spikes that travel along links."""
    spots = stage.camera.places(stage.activity.spots)
    if not len(spots):
        return
    if not stage.detail:
        painter.setPen(
            QPen(QColor(stage.theme.spike), 3.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        )
        draw_points(painter, spots)
        return
    grown = min(max(stage.camera.scale, 0.6), 1.5)
    groups = stage.scene.group[stage.activity.spot_links]
    painter.setPen(Qt.PenStyle.NoPen)
    for (x, y), group in zip(spots.tolist(), groups.tolist(), strict=True):
        painter.setBrush(looks.faded(looks.link_colour(stage.theme, group), 0.38))
        painter.drawEllipse(QPointF(x, y), _SPOT_LIGHT * grown, _SPOT_LIGHT * grown)
        painter.setBrush(looks.mixed(stage.theme.spike, "#ffffff", 0.65))
        painter.drawEllipse(QPointF(x, y), _SPOT_RADIUS * grown, _SPOT_RADIUS * grown)
    # They pass below the words on their link, so that these can still be read.
    if stage.detail is Detail.WORDS:
        links = np.unique(stage.activity.spot_links)
        wires.draw_pills(painter, stage.scene, links, stage.camera, stage.theme)


# -- marks ---------------------------------------------------------------------------------------


def _paint_marked_links(painter: QPainter, stage: Stage) -> None:
    marks, scene = stage.marks, stage.scene
    hovered = marks.hovered.row if marks.hovered.part is Part.LINK else -1
    if not stage.detail or len(marks.links) > _MOST_HALOS:
        _paint_plain_marks(painter, stage)
        chosen = [] if hovered < 0 else [hovered]
    else:
        chosen = list(dict.fromkeys([*marks.links.tolist(), *([hovered] if hovered >= 0 else [])]))
    if not chosen:
        return
    selected = set(marks.links.tolist())
    painter.save()
    painter.translate(stage.camera.x, stage.camera.y)
    painter.scale(stage.camera.scale, stage.camera.scale)
    for row in chosen:
        strong = row in selected
        light = looks.faded(stage.theme.selection, 0.42 if strong else 0.24)
        wires.draw_halo(painter, scene, row, light, 7.0 if strong else 5.0)
    rows = np.array(chosen, dtype=np.int64)
    wires.draw_detailed(painter, scene, rows, stage.theme)
    painter.restore()
    wires.draw_pills(painter, scene, rows, stage.camera, stage.theme)


def _paint_plain_marks(painter: QPainter, stage: Stage) -> None:
    rows = stage.marks.links
    painter.setPen(QPen(QColor(stage.theme.selection), 1))
    points = stage.camera.places(geo.polylines(stage.scene.curve[rows], 4))
    draw_lines(painter, np.concatenate([points[:, :-1], points[:, 1:]], axis=2).reshape(-1, 4))


def _paint_rings(painter: QPainter, stage: Stage) -> None:
    marks, theme = stage.marks, stage.theme
    _paint_ring(painter, stage, marks.nodes, QColor(theme.selection), 2.2)
    hovered = marks.hovered.row if marks.hovered.part in (Part.NODE, Part.RING) else -1
    gives = hovered >= 0 and int(stage.scene.family[hovered]) != looks.PLACEHOLDER
    if gives:
        alone = hovered not in marks.nodes
        colour = looks.faded(theme.selection, 0.75) if alone else QColor(theme.selection)
        if alone:
            _paint_ring(painter, stage, np.array([hovered]), colour, 1.3)
        _paint_handle(painter, stage, hovered, marks.handle)
    if len(marks.nodes) == 1 and int(marks.nodes[0]) != hovered and marks.target < 0:
        _paint_handle(painter, stage, int(marks.nodes[0]), 0.0)
    if marks.target >= 0:
        colour = QColor(theme.good if marks.allowed else theme.bad)
        _paint_ring(painter, stage, np.array([marks.target]), colour, 3.0)


def _paint_ring(painter: QPainter, stage: Stage, rows: Ints, colour: QColor, width: float) -> None:
    """Paint a ring around each of these nodes that is in view."""
    scene, scale = stage.scene, stage.camera.scale
    gap = max(geo.RING_GAP * scale, 3.0)
    half, corner = scene.half[rows] * scale + gap, scene.corner[rows] * scale + gap
    boxes = np.concatenate([stage.camera.places(scene.centre[rows]) - half, 2 * half], axis=1)
    painter.setPen(QPen(colour, width * min(max(scale, 0.7), 1.4)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for box, radius in zip(boxes.tolist(), corner.tolist(), strict=True):
        painter.drawRoundedRect(QRectF(*box), radius, radius)


def handle_place(scene: Scene, row: int, angle: float, scale: float) -> tuple[float, float]:
    """Return where the handle on the ring of a node is, in scene pixels."""
    way = np.array([[math.cos(angle), math.sin(angle)]])
    gap = max(geo.RING_GAP, 3.0 / scale)
    half, corner = scene.half[[row]] + gap, scene.corner[[row]] + gap
    reach = geo.boundary_distance(half, corner, way)[0]
    x, y = scene.centre[row] + reach * way[0]
    return float(x), float(y)


def _paint_handle(painter: QPainter, stage: Stage, row: int, angle: float) -> None:
    place = handle_place(stage.scene, row, angle, stage.camera.scale)
    radius = geo.HANDLE_RADIUS * min(max(stage.camera.scale, 0.7), 1.4)
    painter.setPen(QPen(QColor(stage.theme.selection), 2.0))
    painter.setBrush(QColor(stage.theme.canvas))
    painter.drawEllipse(stage.camera.to_view(*place), radius, radius)


def _paint_warnings(painter: QPainter, stage: Stage) -> None:
    """Paint a small triangle at nodes that both excite and inhibit."""
    if stage.camera.scale < _WARNED_FROM_SCALE:
        return
    grown = _WARNING * min(max(stage.camera.scale, 0.6), 1.4)
    painter.setFont(ui_font(max(8, round(grown * 1.05)), QFont.Weight.Bold))
    for row in stage.scene.warned:
        x, y = stage.scene.centre[row] + _WARNED_AT * stage.scene.half[row]
        middle = stage.camera.to_view(float(x), float(y))
        corners = [QPointF(0, -1.0), QPointF(1.1, 0.85), QPointF(-1.1, 0.85)]
        painter.setPen(QPen(QColor(stage.theme.canvas), 1.5))
        painter.setBrush(QColor(stage.theme.warning))
        painter.drawPolygon(QPolygonF([middle + corner * grown for corner in corners]))
        box = QRectF(middle.x() - grown, middle.y() - 0.75 * grown, 2 * grown, 1.7 * grown)
        painter.setPen(QColor(stage.theme.canvas))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "!")


# -- words and tags ------------------------------------------------------------------------------


def _paint_values(painter: QPainter, stage: Stage) -> None:
    """The present potential of what is selected or under the cursor."""
    if not stage.detail:
        return
    rows = stage.marks.nodes[:_MOST_VALUES]
    hovered = stage.marks.hovered
    if hovered.part in (Part.NODE, Part.RING) and hovered.row not in rows:
        rows = np.append(rows, hovered.row)
    texts = labels.texts_of(stage.scene, rows, stage.activity.value)
    labels.paint_values(painter, stage.scene, texts, stage.camera, stage.theme)


def paint_tags(painter: QPainter, stage: Stage) -> None:
    """Paint the numbered tags of probes, in the colours of their traces."""
    if stage.camera.scale < 0.25:
        return
    grown = min(max(stage.camera.scale, 0.75), 1.3)
    painter.setFont(ui_font(max(9, round(11 * grown)), QFont.Weight.Bold))
    scene, camera = stage.scene, stage.camera
    for row, probes in scene.probes.items():
        for place, probe in enumerate(probes):
            _paint_tag(painter, tag_box(scene, row, place, camera), probe.number, stage.theme)
    for row, probes in scene.link_probes.items():
        for place, probe in enumerate(probes):
            _paint_tag(painter, link_tag_box(scene, row, place, camera), probe.number, stage.theme)


def _paint_tag(painter: QPainter, box: QRectF, number: int, theme: Theme) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(probe_colour(number)))
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
    painter.setPen(QColor(theme.on_probe))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number))


def link_tag_box(scene: Scene, row: int, place: int, camera: Camera) -> QRectF:
    """Return where the tag of a link's probe is in the window: between its words and its head."""
    grown = min(max(camera.scale, 0.75), 1.3)
    width, height = TAG_SIZE[0] * grown, TAG_SIZE[1] * grown
    x, y = camera.places(geo.along(scene.curve[row][None], np.array([_LINK_TAG_AT]))[0])
    return QRectF(x - width / 2 + place * (width + 3), y - height / 2, width, height)


def tag_box(scene: Scene, row: int, place: int, camera: Camera) -> QRectF:
    """Return where the tag of a node's probe is in the window, counted from 0 outward."""
    grown = min(max(camera.scale, 0.75), 1.3)
    width, height = TAG_SIZE[0] * grown, TAG_SIZE[1] * grown
    x, y = scene.centre[row].tolist()
    corner = scene.tag_corner(row)
    across = 1.0 if corner in (placing.UPPER_RIGHT, placing.LOWER_RIGHT) else -1.0
    down = -1.0 if corner in (placing.UPPER_RIGHT, placing.UPPER_LEFT) else 1.0
    middle = camera.to_view(
        x + across * (scene.half[row, 0] + TAG_GAP[0]), y + down * (scene.half[row, 1] + TAG_GAP[1])
    )
    left = middle.x() - width / 2 + across * place * (width + 3)
    return QRectF(left, middle.y() - height / 2, width, height)


def node_area(scene: Scene, rows: Ints, camera: Camera) -> Floats:
    """Return what nodes with light, tags and words cover: ``(n, 4)`` left, top, right, bottom."""
    reach = np.array([58.0, 50.0, 58.0, 50.0]) * camera.scale + np.array([60.0, 40.0, 60.0, 40.0])
    margin = np.array([-1.0, -1.0, 1.0, 1.0]) * reach
    centre = camera.places(scene.centre[rows])
    area = np.concatenate([centre, centre], axis=1) + margin
    return area
