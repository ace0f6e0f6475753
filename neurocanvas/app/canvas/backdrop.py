"""What stands still: background, grid, links and labels, painted into a pixmap that scrolls.

A frame in which only fills change copies the pixmap; a pan scrolls it and paints the strips that
come into view; a zoom that would take too long shows the old picture scaled until the hand rests,
and then until the exact one is ready: it is painted aside, a slice of its links at a time. So is
the picture of a large circuit whose structure has changed; new links are drawn at once.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from PySide6.QtCore import QPoint, QRect, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QRegion, QTransform

from neurocanvas.app.canvas import geometry as geo
from neurocanvas.app.canvas import labels, wires
from neurocanvas.app.canvas.camera import Camera
from neurocanvas.app.canvas.geometry import Ints
from neurocanvas.app.canvas.primitives import draw_points
from neurocanvas.app.canvas.scene import Scene
from neurocanvas.app.theme import Theme

DETAILED_NODES = 300
DETAILED_LINKS = 400
"""With more than that in view, links are thin lines and words are left out."""
WORDED_LINKS = 120
"""With more links in view, words on them would cover the drawing."""
QUICK_S = 0.010
"""A backdrop that takes longer to paint is scaled, not painted, while the wheel turns."""
SLICE_S = 0.004
"""So long a picture that is being made aside may hold up the window."""
MOST_NEW = 2000
"""Of more new links than this, the exact picture is waited for."""
LEAST_SLICE = 100
"""Links that a slice has at least."""
_DOTS_APART = 17.0
"""The least distance of two dots of the grid, in window pixels."""
_EMPTY: Ints = np.zeros(0, dtype=np.int64)


class Detail(IntEnum):
    """How much is drawn of what is in view."""

    PLAIN = 0
    """Links as thin lines, no words."""
    CURVES = 1
    """Links with their heads, labels of nodes."""
    WORDS = 2
    """Words on links too."""


def detail_of(scene: Scene, view: QRectF) -> Detail:
    """Return how much can be drawn of a part of the scene, by how much is in it."""
    nodes, links = len(scene.visible_nodes(view)), len(scene.visible_links(view))
    if nodes > DETAILED_NODES or links > DETAILED_LINKS:
        return Detail.PLAIN
    return Detail.WORDS if links <= WORDED_LINKS else Detail.CURVES


def paint(
    painter: QPainter,
    scene: Scene,
    camera: Camera,
    rect: QRectF,
    theme: Theme,
    *,
    detail: Detail,
    grid: bool = True,
    lifted: Ints = _EMPTY,
) -> None:
    """Paint background, grid, links and labels.

    Args:
        painter: In window pixels.
        scene: What to paint.
        camera: From scene to window.
        rect: The part of the window to paint.
        theme: Colours.
        detail: How much of it.
        grid: Whether to paint background and grid.
        lifted: Rows of nodes that are left out with their links, because they are being dragged.
    """
    painter.save()
    painter.setClipRect(rect)
    if grid:
        _paint_grid(painter, camera, rect, theme)
    part = camera.rect_to_scene(rect)
    links = scene.visible_links(part)
    nodes = scene.visible_nodes(part)
    if len(lifted):
        links = np.setdiff1d(links, scene.links_at(lifted), assume_unique=True)
        nodes = np.setdiff1d(nodes, lifted, assume_unique=True)
    paint_links(painter, scene, links, camera, theme, detail)
    if detail:
        labels.paint(painter, scene, nodes, camera, theme)
    painter.restore()


def paint_links(
    painter: QPainter, scene: Scene, rows: Ints, camera: Camera, theme: Theme, detail: Detail
) -> None:
    """Paint links with what they carry; the painter is in window pixels."""
    if detail is Detail.PLAIN:
        wires.draw_plain(painter, scene, rows, camera, theme)
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(camera.x, camera.y)
    painter.scale(camera.scale, camera.scale)
    wires.draw_detailed(painter, scene, rows, theme)
    painter.restore()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if detail is Detail.WORDS:
        wires.draw_pills(painter, scene, rows, camera, theme)


def _paint_grid(painter: QPainter, camera: Camera, rect: QRectF, theme: Theme) -> None:
    painter.fillRect(rect, QColor(theme.canvas))
    apart = geo.GRID * camera.scale
    while apart < _DOTS_APART:
        apart *= 2.0
    first_x = camera.x % apart + apart * math.floor((rect.left() - camera.x % apart) / apart)
    first_y = camera.y % apart + apart * math.floor((rect.top() - camera.y % apart) / apart)
    x = np.arange(first_x, rect.right() + apart, apart)
    y = np.arange(first_y, rect.bottom() + apart, apart)
    # The tiny share keeps a dot that falls on a whole pixel from falling just short of it.
    dots = np.floor(np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2) + 1e-6) + 0.5
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(QColor(theme.canvas_dot), 1.6 if camera.scale < 1.5 else 2.2))
    draw_points(painter, dots)


@dataclass(frozen=True)
class _Shown:
    """What the pixmap holds."""

    camera: Camera
    theme: Theme
    version: int
    detail: Detail


class _Making:
    """A picture of thin lines that is painted aside, slice by slice.

    Args:
        wanted: What it will show.
        scene: Whose links.
        whole: The window.
        like: A pixmap of the right size.
        slice_: How many links are painted at a time.
    """

    def __init__(
        self, wanted: _Shown, scene: Scene, whole: QRect, like: QPixmap, slice_: int
    ) -> None:
        self.wanted = wanted
        self.pixmap = QPixmap(like.size())
        self.pixmap.setDevicePixelRatio(like.devicePixelRatio())
        self._scene, self._rect, self._slice = scene, QRectF(whole), slice_
        rows = scene.visible_links(wanted.camera.rect_to_scene(self._rect))
        # Group after group, as they are painted at once: what lies on top stays on top.
        self._rows: Ints = rows[np.argsort(scene.group[rows], kind="stable")]
        self._done = 0
        painter = QPainter(self.pixmap)
        _paint_grid(painter, wanted.camera, self._rect, wanted.theme)
        painter.end()

    def advance(self) -> bool:
        """Paint the next slice; returns whether it was the last one."""
        rows = self._rows[self._done : self._done + self._slice]
        painter = QPainter(self.pixmap)
        painter.setClipRect(self._rect)
        wires.draw_plain(painter, self._scene, rows, self.wanted.camera, self.wanted.theme)
        painter.end()
        self._done += len(rows)
        return self._done >= len(self._rows)


def _rects(region: QRegion) -> Iterator[QRect]:
    """The rectangles of a region (which Qt's type information does not know to be iterable)."""
    return iter(region)  # type: ignore[call-overload]


class Backdrop:
    """The pixmap of what stands still.

    Args:
        scene: What it shows.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._pixmap = QPixmap()
        self._shown: _Shown | None = None
        self._cost = 0.0
        self._making: _Making | None = None
        self._outdated = False
        self.lifted: Ints = _EMPTY

    @property
    def detail(self) -> Detail:
        """How much is drawn of what is in view."""
        return Detail.PLAIN if self._shown is None else self._shown.detail

    def invalidate(self) -> None:
        """Paint all of it anew the next time."""
        self._shown = self._making = None

    def outdate(self) -> None:
        """After a change of the structure, let the old picture do until the exact one is made.

        New links are drawn onto it. Where painting is quick, the exact one comes at once.
        """
        shown, new = self._shown, self._scene.new_links
        self._making = None
        if shown is None or self._cost <= QUICK_S or shown.detail is not Detail.PLAIN:
            self.invalidate()
            return
        self._outdated = True
        if 0 < len(new) <= MOST_NEW:
            painter = QPainter(self._pixmap)
            painter.setClipRect(QRectF(QPoint(0, 0), self._pixmap.deviceIndependentSize()))
            wires.draw_plain(painter, self._scene, new, shown.camera, shown.theme)
            painter.end()

    def advance(self) -> bool:
        """Go on with the exact picture where one is being made; returns whether there is more."""
        making = self._making
        if making is None or not making.advance():
            return making is not None
        # The view may have been shifted meanwhile: from here on that is a scroll.
        self._pixmap, self._shown, self._making = making.pixmap, making.wanted, None
        self._outdated = False
        return False

    def lift(self, nodes: Ints) -> None:
        """Leave out nodes and their links until they are put back with an empty list."""
        self.lifted = nodes
        self.invalidate()

    def paint(
        self, painter: QPainter, region: QRegion, camera: Camera, size: QSize, ratio: float,
        theme: Theme, *, hurry: bool,
    ) -> bool:  # fmt: skip
        """Copy the backdrop to the window, bringing it up to date first.

        Args:
            painter: Of the window.
            region: What to copy.
            camera: From scene to window.
            size: Of the window.
            ratio: Device pixels per window pixel.
            theme: Colours.
            hurry: Whether an old picture, scaled, will do for the moment.

        Returns:
            Whether the picture is exact.
        """
        whole = QRect(QPoint(0, 0), size)
        if self._may_scale(camera, theme) and (hurry or self._begun(camera, whole, theme)):
            self._paint_scaled(painter, whole, camera, theme)
            return False
        self._bring_up_to_date(camera, whole, ratio, theme)
        for rect in _rects(region):
            source = QRectF(rect.x() * ratio, rect.y() * ratio,
                            rect.width() * ratio, rect.height() * ratio)  # fmt: skip
            painter.drawPixmap(QRectF(rect), self._pixmap, source)
        return True

    def _begun(self, camera: Camera, whole: QRect, theme: Theme) -> bool:
        """Begin the exact picture aside; returns False where it is better made at once."""
        making = self._making
        if making is not None and making.wanted.camera.scale == camera.scale:
            return True
        detail = detail_of(self._scene, camera.rect_to_scene(QRectF(whole)))
        fits = self._pixmap.deviceIndependentSize().toSize() == whole.size()
        if detail is not Detail.PLAIN or len(self.lifted) or not fits:
            self.invalidate()
            return False
        wanted = _Shown(camera, theme, self._scene.version, detail)
        links = len(self._scene.link_ids)
        slice_ = max(round(links * SLICE_S / self._cost), LEAST_SLICE)
        self._making = _Making(wanted, self._scene, whole, self._pixmap, slice_)
        return True

    def _may_scale(self, camera: Camera, theme: Theme) -> bool:
        shown = self._shown
        if shown is None or shown.theme != theme or self._cost <= QUICK_S:
            return False
        scaled = shown.version == self._scene.version and shown.camera.scale != camera.scale
        return self._outdated or scaled

    def _paint_scaled(self, painter: QPainter, whole: QRect, camera: Camera, theme: Theme) -> None:
        assert self._shown is not None
        old = self._shown.camera
        ratio = camera.scale / old.scale
        painter.save()
        painter.fillRect(whole, QColor(theme.canvas))
        moved = QTransform(ratio, 0, 0, ratio, camera.x - old.x * ratio, camera.y - old.y * ratio)
        painter.setTransform(moved, True)
        painter.drawPixmap(0, 0, self._pixmap)
        painter.restore()

    def _bring_up_to_date(self, camera: Camera, whole: QRect, ratio: float, theme: Theme) -> None:
        device = QSize(math.ceil(whole.width() * ratio), math.ceil(whole.height() * ratio))
        if self._pixmap.size() != device or self._pixmap.devicePixelRatio() != ratio:
            self._pixmap = QPixmap(device)
            self._pixmap.setDevicePixelRatio(ratio)
            self.invalidate()
        version, shown = self._scene.version, self._shown
        if shown and (shown.camera, shown.theme, shown.version) == (camera, theme, version):
            return  # Most frames: what moves is not on the backdrop.
        detail = detail_of(self._scene, camera.rect_to_scene(QRectF(whole)))
        wanted = _Shown(camera, theme, version, detail)
        if not self._scroll(wanted, whole, ratio):
            begin = time.perf_counter()
            self._render(wanted, whole)
            self._cost = time.perf_counter() - begin
        self._shown, self._outdated = wanted, False

    def _scroll(self, wanted: _Shown, whole: QRect, ratio: float) -> bool:
        """Try to get there by scrolling; returns whether that was possible."""
        shown = self._shown
        if shown is None or (shown.theme, shown.version, shown.detail, shown.camera.scale) != (
            wanted.theme, wanted.version, wanted.detail, wanted.camera.scale,
        ):  # fmt: skip
            return False
        dx = round((wanted.camera.x - shown.camera.x) * ratio)
        dy = round((wanted.camera.y - shown.camera.y) * ratio)
        if abs(dx) * 2 > self._pixmap.width() or abs(dy) * 2 > self._pixmap.height():
            return False
        self._pixmap.scroll(dx, dy, self._pixmap.rect())
        # Only what scrolled into view is new; words that straddle the edge come with it.
        across, down = math.ceil(abs(dx) / ratio) + 1, math.ceil(abs(dy) / ratio) + 1
        if dx:
            left = 0 if dx > 0 else whole.width() - across
            self._render(wanted, QRect(left, 0, across, whole.height()))
        if dy:
            top = 0 if dy > 0 else whole.height() - down
            self._render(wanted, QRect(0, top, whole.width(), down))
        return True

    def _render(self, wanted: _Shown, rect: QRect) -> None:
        painter = QPainter(self._pixmap)
        paint(
            painter, self._scene, wanted.camera, QRectF(rect), wanted.theme,
            detail=wanted.detail, lifted=self.lifted,
        )  # fmt: skip
        painter.end()
