"""The circuit as a drawing: the same curves and nodes as on the canvas, as vectors."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from neurocanvas.app.canvas import backdrop, foreground, sprites
from neurocanvas.app.canvas.activity import Activity
from neurocanvas.app.canvas.camera import Camera, fitting
from neurocanvas.app.canvas.foreground import Marks, Stage
from neurocanvas.app.canvas.scene import Scene
from neurocanvas.app.theme import Theme

MARGIN = 24.0
MOST_PIXELS = 4000.0


def picture_size(scene: Scene) -> tuple[float, float]:
    """Return width and height of a drawing of the whole circuit, in pixels at 100 %."""
    content = scene.content()
    width = max(content.width() + 2 * MARGIN, 320.0)
    height = max(content.height() + 2 * MARGIN, 200.0)
    shrunk = min(1.0, MOST_PIXELS / max(width, height))
    return float(round(width * shrunk)), float(round(height * shrunk))


def paint(painter: QPainter, scene: Scene, activity: Activity, rect: QRectF, theme: Theme) -> None:
    """Paint the whole circuit into a rectangle.

    Args:
        painter: Of a picture, a drawing or a page.
        scene: The circuit.
        activity: Fill levels of its nodes.
        rect: Where.
        theme: Colours.
    """
    inner = rect.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
    camera = fitting(scene.content(), inner, most=max(rect.width(), 1.0))
    view = camera.rect_to_scene(rect)
    detail = backdrop.detail_of(scene, view)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    backdrop.paint(painter, scene, camera, rect, theme, detail=detail)
    _paint_nodes(painter, scene, activity, camera, theme)
    stage = Stage(scene, activity, camera, theme, Marks(), detail)
    foreground.paint_tags(painter, stage)
    painter.restore()


def _paint_nodes(
    painter: QPainter, scene: Scene, activity: Activity, camera: Camera, theme: Theme
) -> None:
    painter.save()
    painter.translate(camera.x, camera.y)
    painter.scale(camera.scale, camera.scale)
    levels = activity.shown_levels()
    for row in np.arange(len(scene.node_ids)).tolist():
        x, y = scene.centre[row].tolist()
        painter.translate(x, y)
        sprites.draw_node(painter, scene.look(row), int(levels[row]), theme, camera.scale)
        painter.translate(-x, -y)
    painter.restore()
