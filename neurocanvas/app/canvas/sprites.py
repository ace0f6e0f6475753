"""Nodes as drawn: once with a painter, then as pieces of one pixmap, one per look and fill."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPixmap

from neurocanvas.app.canvas import geometry as geo
from neurocanvas.app.canvas import looks
from neurocanvas.app.canvas.geometry import Floats, Ints
from neurocanvas.app.canvas.looks import Look
from neurocanvas.app.canvas.primitives import draw_fragments
from neurocanvas.app.theme import DARK, Theme, ui_font

SYMBOL_PIXELS = 14
_REACH = 39.0
"""Half the side of a sprite in scene pixels: the stack of a population is what sticks out most."""
_COLUMNS = 16
_MOST_STRETCH = 1.6
_MOST_BYTES = 96 << 20
_SMALLEST_SYMBOL = 5.0
"""Height in window pixels below which letters are left out."""


def draw_node(painter: QPainter, look: Look, level: int, theme: Theme, scale: float = 1.0) -> None:
    """Draw a node around the origin, in scene pixels.

    Args:
        painter: Antialiasing, scaled to the scene.
        look: What it is.
        level: Fill, from ``looks.UNKNOWN_LEVEL`` over 0 to ``looks.LEVELS - 1``.
        theme: Colours.
        scale: Window pixels per scene pixel, to leave out what would be too small.
    """
    if look.family == looks.SOURCE:
        _draw_source(painter, look, level, theme)
        return
    pen = QPen(QColor(theme.neuron_ring), max(1.8, 1.1 / scale))
    if look.family == looks.PLACEHOLDER:
        pen = QPen(QColor(theme.text_faint), 1.8, Qt.PenStyle.DashLine)
        level = looks.UNKNOWN_LEVEL
    if look.stacked:
        _draw_stack(painter, pen, theme)
    painter.setPen(pen)
    painter.setBrush(looks.fill_colour(theme, level))
    painter.drawEllipse(QPointF(0, 0), geo.NEURON_RADIUS - 1, geo.NEURON_RADIUS - 1)
    if SYMBOL_PIXELS * scale >= _SMALLEST_SYMBOL:
        _draw_symbol(painter, look.symbol, looks.symbol_colour(theme, level))


def _draw_stack(painter: QPainter, pen: QPen, theme: Theme) -> None:
    back = QPen(pen)
    back.setColor(looks.mixed(pen.color().name(), theme.canvas, 0.45))
    back.setWidthF(pen.widthF() * 0.8)
    painter.setPen(back)
    painter.setBrush(looks.mixed(theme.neuron, theme.canvas, 0.35))
    for depth in (2, 1):
        middle = QPointF(depth * geo.STACK_OFFSET[0], depth * geo.STACK_OFFSET[1])
        painter.drawEllipse(middle, geo.NEURON_RADIUS - 1, geo.NEURON_RADIUS - 1)


def _draw_source(painter: QPainter, look: Look, level: int, theme: Theme) -> None:
    width, height = geo.SOURCE_HALF
    box = QRectF(-width + 1, -height + 1, 2 * width - 2, 2 * height - 2)
    share = max(level, 0) / (looks.LEVELS - 1)
    fill = looks.mixed(theme.source_fill, theme.source, 0.32 * share)
    if look.stacked:
        painter.setPen(QPen(looks.mixed(theme.source_edge, theme.canvas, 0.45), 1.4))
        painter.setBrush(looks.mixed(theme.source_fill, theme.canvas, 0.4))
        for depth in (2, 1):
            behind = box.translated(depth * geo.STACK_OFFSET[0], depth * geo.STACK_OFFSET[1])
            painter.drawRoundedRect(behind, geo.SOURCE_CORNER, geo.SOURCE_CORNER)
    painter.setPen(QPen(looks.mixed(theme.source_edge, theme.source, share), 1.8))
    painter.setBrush(fill)
    painter.drawRoundedRect(box, geo.SOURCE_CORNER, geo.SOURCE_CORNER)
    if look.glyph:
        renderer = looks.glyph_renderer(look.glyph, theme.source, 1.7)
        renderer.render(painter, QRectF(-15.5, -15.5, 31, 31))
    else:
        _draw_symbol(painter, look.symbol, QColor(theme.source))


def _draw_symbol(painter: QPainter, symbol: str, colour: QColor) -> None:
    pixels = SYMBOL_PIXELS if len(symbol) <= 4 else max(8, SYMBOL_PIXELS * 4 // len(symbol))
    font = ui_font(pixels, QFont.Weight.Bold)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    painter.setFont(font)
    painter.setPen(colour)
    radius = geo.NEURON_RADIUS
    box = QRectF(-radius, -radius, 2 * radius, 2 * radius)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, symbol)


def draw_glow(painter: QPainter, look: Look, colour: str) -> None:
    """Draw the glow of a spike around the origin: two rings of light, in scene pixels."""
    painter.setPen(Qt.PenStyle.NoPen)
    for reach, alpha in ((13.0, 0.20), (7.0, 0.26)):
        painter.setBrush(looks.faded(colour, alpha))
        if look.family == looks.SOURCE:
            width, height = geo.SOURCE_HALF[0] + reach, geo.SOURCE_HALF[1] + reach
            corner = geo.SOURCE_CORNER + reach
            painter.drawRoundedRect(QRectF(-width, -height, 2 * width, 2 * height), corner, corner)
        else:
            radius = geo.NEURON_RADIUS + reach
            painter.drawEllipse(QPointF(0, 0), radius, radius)


class Sprites:
    """Pictures of nodes at one zoom, made when first needed.

    All lie in one pixmap, so that thousands are drawn with one call.
    """

    def __init__(self) -> None:
        self._key: object = None
        self._scale = self._ratio = self._stretch = 1.0
        self._theme = DARK
        self._looks: list[Look] = []
        self._pixmap = QPixmap()
        self._glows: dict[bool, QPixmap] = {}

    def prepare(self, scale: float, ratio: float, theme: Theme, *, hurry: bool = False) -> None:
        """Use this zoom, resolution and theme from now on.

        Args:
            scale: Window pixels per scene pixel.
            ratio: Device pixels per window pixel.
            theme: Colours.
            hurry: Whether the pictures of another zoom, stretched, will do for the moment.
        """
        key = (scale, ratio, theme)
        self._stretch = 1.0
        if key == self._key:
            return
        if hurry and self._key is not None and (self._ratio, self._theme) == (ratio, theme):
            stretch = scale / self._scale
            if 1 / _MOST_STRETCH < stretch < _MOST_STRETCH:
                self._stretch = stretch
                return
        self._key, self._scale, self._ratio, self._theme = key, scale, ratio, theme
        self._forget()
        self._glows.clear()

    def _forget(self) -> None:
        self._side = 2 * math.ceil(_REACH * self._scale * self._ratio)
        self._count = 0
        self._cells = np.full((0, looks.LEVELS + 1), -1, dtype=np.int64)
        self._numbers: dict[Look, int] = {}
        self._pixmap = QPixmap()

    def draw(
        self, painter: QPainter, kinds: list[Look], look: Ints, level: Ints, centre: Floats
    ) -> None:
        """Draw nodes.

        Args:
            painter: In window pixels.
            kinds: All looks.
            look: Number of each node's look among them, ``(n,)``.
            level: Fill of each, ``(n,)``.
            centre: Middle of each in the window, ``(n, 2)``.
        """
        numbers = np.array([self._number(kind) for kind in kinds], dtype=np.int64)
        rows, columns = numbers[look], level + 1
        cells = self._cells[rows, columns]
        for _ in range(2):  # the second time only if making room threw out some that are needed
            if (cells < 0).any():
                self._add(rows[cells < 0], columns[cells < 0])
                cells = self._cells[rows, columns]
        corner = self._side * np.stack([cells % _COLUMNS, cells // _COLUMNS], axis=1)
        on_pixels = np.floor(centre * self._ratio + 0.5) / self._ratio
        shown = self._stretch / self._ratio
        draw_fragments(painter, self._pixmap, on_pixels, corner, self._side, shown)

    def _number(self, look: Look) -> int:
        if look not in self._numbers:
            self._numbers[look] = len(self._numbers)
            self._looks = list(self._numbers)
            empty = np.full((1, looks.LEVELS + 1), -1, dtype=np.int64)
            self._cells = np.concatenate([self._cells, empty])
        return self._numbers[look]

    def _add(self, rows: Ints, columns: Ints) -> None:
        missing = sorted(set(zip(rows.tolist(), columns.tolist(), strict=True)))
        if (self._count + len(missing)) * self._side**2 * 4 > _MOST_BYTES and self._count:
            self._cells[:] = -1
            self._count = 0
            self._pixmap.fill(Qt.GlobalColor.transparent)
        self._grow(self._count + len(missing))
        painter = QPainter(self._pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row, column in missing:
            self._paint_cell(painter, self._looks[row], column - 1)
            self._cells[row, column] = self._count
            self._count += 1
        painter.end()

    def _grow(self, cells: int) -> None:
        lines = -(-cells // _COLUMNS)
        if lines * self._side <= self._pixmap.height():
            return
        old, lines = self._pixmap, max(lines, 2 * self._pixmap.height() // self._side)
        self._pixmap = QPixmap(_COLUMNS * self._side, lines * self._side)
        self._pixmap.fill(Qt.GlobalColor.transparent)
        if not old.isNull():
            painter = QPainter(self._pixmap)
            painter.drawPixmap(0, 0, old)
            painter.end()

    def _paint_cell(self, painter: QPainter, look: Look, level: int) -> None:
        half = self._side / 2
        painter.resetTransform()
        painter.translate(
            self._count % _COLUMNS * self._side + half, self._count // _COLUMNS * self._side + half
        )
        painter.scale(self._scale * self._ratio, self._scale * self._ratio)
        draw_node(painter, look, level, self._theme, self._scale)

    def glow(self, look: Look) -> QPixmap:
        """Return the picture of the glow around a node."""
        boxed = look.family == looks.SOURCE
        if boxed not in self._glows:
            colour = self._theme.source if boxed else self._theme.spike
            side = 2 * math.ceil(46.0 * self._scale * self._ratio)
            picture = QPixmap(side, side)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.translate(side / 2, side / 2)
            painter.scale(self._scale * self._ratio, self._scale * self._ratio)
            draw_glow(painter, look, colour)
            painter.end()
            picture.setDevicePixelRatio(self._ratio)
            self._glows[boxed] = picture
        return self._glows[boxed]
