"""Links as drawn: curves with heads and labels while few show, batched thin lines beyond."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from neurocanvas.app.canvas import geometry as geo
from neurocanvas.app.canvas import looks
from neurocanvas.app.canvas.camera import Camera, nearest
from neurocanvas.app.canvas.geometry import Floats, Ints
from neurocanvas.app.canvas.primitives import draw_lines
from neurocanvas.app.canvas.scene import Scene
from neurocanvas.app.theme import Theme, mono_font

PILL_PIXELS = 11
_PILL_FROM_SCALE = 0.62
_PILL_GAP = 5.0
_HEADS_FROM_SCALE = 0.3
_BAR_WIDTH = 3.6
_DASH, _DASH_GAP = 7.0, 4.0
_MARK, _MARK_AT = 5.5, 12.0
"""Half the height of the mark of links that learn, and how far from the start of the curve it is:
there are no words."""
_PLAIN_STRIDE = 4
"""A plain curve takes every fourth of its points: five straight pieces."""
_PLAIN_SHARE, _FAR_SHARE = 0.35, 0.7
"""How far the colour of plain links is mixed with the background, at 65 % and from very far."""


def curve_path(points: Floats) -> QPainterPath:
    """Return one Bezier curve ``(4, 2)`` as a path."""
    path = QPainterPath(QPointF(*points[0]))
    path.cubicTo(QPointF(*points[1]), QPointF(*points[2]), QPointF(*points[3]))
    return path


def draw_detailed(painter: QPainter, scene: Scene, rows: Ints, theme: Theme) -> None:
    """Draw links with their heads.

    Args:
        painter: Antialiasing, scaled to the scene.
        scene: Where they are from.
        rows: Which.
        theme: Colours.
    """
    for row in rows.tolist():
        colour = QColor(looks.link_colour(theme, int(scene.group[row])))
        head, width = int(scene.head[row]), float(scene.width[row])
        draw_stroke(painter, scene.curve[row], colour, width, int(scene.stroke[row]))
        draw_head(painter, scene.tip[row], scene.arrive[row], head, colour, width)
        if scene.learns[row]:
            _draw_learning(painter, scene.curve[row], colour, theme)


def draw_stroke(
    painter: QPainter, points: Floats, colour: QColor, width: float, stroke: int = looks.SOLID
) -> None:
    """Draw the curve of one link without its head, ``looks.SOLID`` to ``looks.ZIGZAG``."""
    style = Qt.PenStyle.DashLine if stroke == looks.DASHED else Qt.PenStyle.SolidLine
    painter.setBrush(Qt.BrushStyle.NoBrush)
    pen = QPen(colour, width, style, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.MiterJoin)
    if stroke == looks.DASHED:
        pen.setDashPattern([_DASH / width, _DASH_GAP / width])
    painter.setPen(pen)
    if stroke == looks.ZIGZAG:
        corners = geo.zigzag(points).tolist()
        painter.drawPolyline(QPolygonF([QPointF(*corner) for corner in corners]))
    else:
        painter.drawPath(curve_path(points))


def _draw_learning(painter: QPainter, points: Floats, colour: QColor, theme: Theme) -> None:
    """Draw the mark of a link that changes with its spikes: a small diamond near its start."""
    # A Bezier curve sets out with three times the distance to its second point.
    speed = 3.0 * float(np.hypot(*(points[1] - points[0])))
    x, y = geo.along(points[None], np.array([min(_MARK_AT / max(speed, 1e-9), 0.3)]))[0].tolist()
    corners = [(x, y - _MARK), (x + _MARK, y), (x, y + _MARK), (x - _MARK, y)]
    painter.setPen(QPen(colour, 1.6))
    painter.setBrush(QColor(theme.canvas))
    painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))


def draw_head(
    painter: QPainter, tip: Floats, arrive: Floats, head: int, colour: QColor, width: float = 2.0
) -> None:
    """Draw the head of one link, ``geometry.ARROW`` to ``PLAIN``."""
    if head == geo.PLAIN:
        return
    size = 0.8 + 0.1 * width
    if head == geo.BAR:
        ends = geo.bars(tip[None], arrive[None], size)[0]
        painter.setPen(QPen(colour, _BAR_WIDTH, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawLine(QPointF(*ends[0]), QPointF(*ends[1]))
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    if head == geo.ARROW:
        corners = geo.arrow_heads(tip[None], arrive[None], size)[0]
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
    else:
        painter.drawEllipse(QPointF(*tip), geo.DOT_RADIUS, geo.DOT_RADIUS)


def draw_halo(painter: QPainter, scene: Scene, row: int, colour: QColor, extra: float) -> None:
    """Draw light around a link (selected or under the cursor), in scene pixels."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    width = float(scene.width[row]) + extra
    painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawPath(curve_path(scene.curve[row]))


# -- plain ---------------------------------------------------------------------------------------


def draw_plain(painter: QPainter, scene: Scene, rows: Ints, camera: Camera, theme: Theme) -> None:
    """Draw many links as thin lines.

    Args:
        painter: In window pixels, clipped to a rectangle (which makes this several times faster).
        scene: Where they are from.
        rows: Which.
        camera: From scene to window.
        theme: Colours.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    group, clip = scene.group[rows], painter.clipBoundingRect().adjusted(-1, -1, 1, 1)
    # From far away lines lie close: paler, they leave the nodes in front.
    share = max(_PLAIN_SHARE, _FAR_SHARE - (_FAR_SHARE - _PLAIN_SHARE) * camera.scale / 0.65)
    for number in np.unique(group).tolist():
        chosen = rows[group == number]
        colour = looks.mixed(looks.link_colour(theme, number), theme.canvas, share)
        painter.setPen(QPen(colour, 0))
        points = camera.places(geo.polylines(scene.curve[chosen], _PLAIN_STRIDE))
        pieces = np.concatenate([points[:, :-1], points[:, 1:]], axis=2)
        draw_lines(painter, _meeting(pieces.reshape(-1, 4), clip))
        if camera.scale >= _HEADS_FROM_SCALE:
            draw_lines(painter, _meeting(_plain_heads(scene, chosen, camera), clip))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)


def _meeting(lines: Floats, clip: QRectF) -> Floats:
    """Return the lines ``(n, 4)`` whose boxes meet a rectangle: Qt takes longer to find out."""
    x, y = lines[:, 0::2], lines[:, 1::2]
    seen = (x.max(axis=1) >= clip.left()) & (x.min(axis=1) <= clip.right())
    seen &= (y.max(axis=1) >= clip.top()) & (y.min(axis=1) <= clip.bottom())
    return lines[seen]


def _plain_heads(scene: Scene, rows: Ints, camera: Camera) -> Floats:
    """Heads as lines ``(n, 4)``: two strokes of an arrow, one bar; dots are left out."""
    tip, arrive, head = scene.tip[rows], scene.arrive[rows], scene.head[rows]
    bar, arrow = head == geo.BAR, head == geo.ARROW
    bars = camera.places(geo.bars(tip[bar], arrive[bar]))
    arrows = camera.places(geo.arrow_heads(tip[arrow], arrive[arrow]))
    return np.concatenate([
        bars.reshape(-1, 4),
        arrows[:, [0, 1]].reshape(-1, 4),
        arrows[:, [0, 2]].reshape(-1, 4),
    ])  # fmt: skip


# -- labels --------------------------------------------------------------------------------------


def draw_pills(painter: QPainter, scene: Scene, rows: Ints, camera: Camera, theme: Theme) -> None:
    """Draw the words on links, where there is room for them; the painter is in window pixels."""
    if camera.scale < _PILL_FROM_SCALE:
        return
    font = pill_font(camera)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    for row in rows.tolist():
        box = pill_box(scene, row, camera, metrics)
        if box is not None:
            _draw_pill(painter, box, scene.text(row), theme)


def pill_font(camera: Camera) -> QFont:
    """Return the font of the words on links."""
    return mono_font(max(9, round(PILL_PIXELS * min(camera.scale, 1.3))))


def pill_box(scene: Scene, row: int, camera: Camera, metrics: QFontMetricsF) -> QRectF | None:
    """Return where the words on a link stand in the window, None if it has none or no room."""
    text = scene.text(row)
    if not text:
        return None
    width = metrics.horizontalAdvance(text) + 1.1 * metrics.height()
    height = metrics.height() + 5
    x, y = camera.places(geo.along(scene.curve[row][None], np.array([0.5]))[0])
    if scene.pre[row] == scene.post[row]:
        x, y = _beside(scene, int(scene.pre[row]), camera, (x, y), (width, height))
    else:
        ends = scene.curve[row, 3] - scene.curve[row, 0]
        if np.hypot(*ends) * camera.scale < width + 14:
            return None
    return QRectF(
        nearest(x - width / 2) + 0.5, nearest(y - height / 2) + 0.5, round(width), round(height)
    )


def _draw_pill(painter: QPainter, box: QRectF, text: str, theme: Theme) -> None:
    painter.setPen(QPen(QColor(theme.border), 1))
    painter.setBrush(QColor(theme.pill))
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
    painter.setPen(QColor(theme.pill_text))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _beside(
    scene: Scene, node: int, camera: Camera, at: tuple[float, float], size: tuple[float, float]
) -> tuple[float, float]:
    """Return where words of some size do not lie under a node: so far out from it as needed."""
    centre = camera.places(scene.centre[node])
    away = np.subtract(at, centre)
    far = float(np.hypot(*away))
    direction = away / max(far, 1e-9)
    reach = float(np.abs(direction) @ np.array(size)) / 2
    radius = float(np.abs(direction) @ scene.half[node]) * camera.scale
    out = max(far, radius + reach + _PILL_GAP)
    x, y = (centre + direction * out).tolist()
    return x, y
