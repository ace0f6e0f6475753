"""The words beside nodes: label, main value, potential, on a side where no link leaves."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from neurocanvas.app.canvas import geometry as geo
from neurocanvas.app.canvas import looks
from neurocanvas.app.canvas.camera import Camera, nearest
from neurocanvas.app.canvas.geometry import Ints
from neurocanvas.app.canvas.placing import ABOVE, BELOW, BELOW_LEFT, BELOW_RIGHT, LEFT
from neurocanvas.app.canvas.scene import Scene
from neurocanvas.app.theme import Theme, mono_font, ui_font

LABEL_PIXELS = 13
NOTE_PIXELS = 11
FROM_SCALE = 0.42
"""Further out, words would be too small to read."""
_LEFTWARD = (LEFT, BELOW_LEFT)
_CORNER_SHARE = 0.72
"""Where the ring of a circle is at 45 degrees, nearly."""
_SHADE = 0.72
"""Links that run below words stay visible, the words stay legible."""


@dataclass(frozen=True)
class Fonts:
    """Fonts of labels and of the lines below them at one zoom, with their sizes."""

    label: QFont
    note: QFont
    label_size: QFontMetricsF
    note_size: QFontMetricsF


def fonts(scale: float) -> Fonts:
    """Return the fonts at a zoom."""
    grown = min(scale, 1.6)
    label = ui_font(max(10, round(LABEL_PIXELS * grown)), QFont.Weight.DemiBold)
    note = mono_font(max(9, round(NOTE_PIXELS * grown)))
    return Fonts(label, note, QFontMetricsF(label), QFontMetricsF(note))


def paint(painter: QPainter, scene: Scene, rows: Ints, camera: Camera, theme: Theme) -> None:
    """Paint label and main value of nodes; the painter is in window pixels."""
    if camera.scale < FROM_SCALE or not len(rows):
        return
    used = fonts(camera.scale)
    for row in rows.tolist():
        box = label_box(scene, row, camera, used)
        painter.setFont(used.label)
        _paint_words(painter, box, looks.shown_label(scene.labels[row]), theme, theme.text)
        if scene.notes[row]:
            painter.setFont(used.note)
            box = _note_box(scene, row, box, used, 0)
            _paint_words(painter, box, scene.notes[row], theme, theme.text_dim)


def paint_values(
    painter: QPainter, scene: Scene, texts: dict[int, str], camera: Camera, theme: Theme
) -> None:
    """Paint the present potential of nodes, by row, beyond their other words."""
    if camera.scale < FROM_SCALE:
        return
    used = fonts(camera.scale)
    painter.setFont(used.note)
    for row, text in texts.items():
        above = label_box(scene, row, camera, used)
        box = _value_box(scene, row, above, text, used)
        _paint_words(painter, box, text, theme, theme.text_dim)


def label_box(scene: Scene, row: int, camera: Camera, used: Fonts) -> QRectF:
    """Return where the label of a node is in the window."""
    side = int(scene.label_sides()[row])
    x, y = scene.centre[row].tolist()
    half_x, half_y = scene.half[row].tolist()
    width = math.ceil(used.label_size.horizontalAdvance(looks.shown_label(scene.labels[row])))
    height = math.ceil(used.label_size.height())
    below = math.ceil(used.note_size.height()) if scene.notes[row] else 0
    gap = geo.RING_GAP + 1.0
    if side in (BELOW, ABOVE):
        edge = camera.to_view(x, y + (half_y + gap if side == BELOW else -half_y - gap))
        top = edge.y() if side == BELOW else edge.y() - height - below
        return QRectF(nearest(edge.x() - width / 2), nearest(top), width, height)
    leftward = side in _LEFTWARD
    corner = side in (BELOW_LEFT, BELOW_RIGHT)
    out = _CORNER_SHARE * half_x + 4.0 if corner else half_x + geo.RING_GAP + 9.0
    down = _CORNER_SHARE * half_y + 6.0 if corner else 0.0
    edge = camera.to_view(x + (-out if leftward else out), y + down)
    left = edge.x() - width if leftward else edge.x()
    top = edge.y() if corner else edge.y() - (height + below) / 2
    return QRectF(nearest(left), nearest(top), width, height)


def _note_box(scene: Scene, row: int, label: QRectF, used: Fonts, line: int) -> QRectF:
    """Return where a line below the label is, counted from 0."""
    width = math.ceil(used.note_size.horizontalAdvance(scene.notes[row]))
    return _below(scene, row, label, width, used, line)


def _value_box(scene: Scene, row: int, label: QRectF, text: str, used: Fonts) -> QRectF:
    """Below the other words; above them where these stand on the node."""
    width = math.ceil(used.note_size.horizontalAdvance(text))
    if int(scene.label_sides()[row]) == ABOVE:
        box = _below(scene, row, label, width, used, 0)
        box.moveBottom(label.top())
        return box
    return _below(scene, row, label, width, used, 1 if scene.notes[row] else 0)


def _below(scene: Scene, row: int, label: QRectF, width: float, used: Fonts, line: int) -> QRectF:
    side = int(scene.label_sides()[row])
    height = math.ceil(used.note_size.height())
    top = label.bottom() + line * height
    if side in (BELOW, ABOVE):
        left = nearest(label.center().x() - width / 2)
    else:
        left = nearest(label.right() - width if side in _LEFTWARD else label.left())
    return QRectF(left, top, width, height)


def _paint_words(painter: QPainter, box: QRectF, text: str, theme: Theme, colour: str) -> None:
    shade = QColor(theme.canvas)
    shade.setAlphaF(_SHADE)
    painter.fillRect(box.adjusted(-2, 1, 2, -1), shade)
    painter.setPen(QColor(colour))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, text)


def texts_of(scene: Scene, rows: Ints, values: np.ndarray) -> dict[int, str]:
    """Return the words for the present potential of neurons, by row; nothing for sources."""
    found = {}
    for row in rows.tolist():
        text = looks.potential_text(float(values[row]), scene.units[row])
        if text and int(scene.family[row]) == looks.NEURON:
            found[row] = text
    return found
