"""Icons: our own SVG drawings in the colours of the theme, and the badges of kinds."""

from __future__ import annotations

from functools import cache, lru_cache

from PySide6.QtCore import QByteArray, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QIcon, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from neurocanvas.app import resources, theme
from neurocanvas.app.theme import Theme, qcolor, ui_font
from neurocanvas.model.kinds import Kind, NeuronKind, SourceKind, SynapseKind
from neurocanvas.model.plasticity import PlasticityKind

_GLYPH = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="{path}" fill="none" '
    'stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/></svg>'
)
_UNKNOWN = "M5 8 H19 V18 H5 Z"
_LEARNING = "M2 12 H7 M12 7 L17 12 L12 17 L7 12 Z M17 12 H22"


@cache
def _source(name: str) -> str:
    return (resources.FOLDER / "icons" / f"{name}.svg").read_text("utf-8")


@cache
def _renderer(svg: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(svg.replace("currentColor", colour).encode()))


def pixmap(name: str, colour: str, size: int = 18) -> QPixmap:
    """Return one of our icons in a colour, sharp on the present screen."""
    return _svg_pixmap(_source(name), colour, size, _ratio())


def icon(name: str, colour: str, size: int = 18) -> QIcon:
    """Return one of our icons as a QIcon, paler where it is disabled."""
    made = QIcon(pixmap(name, colour, size))
    pale = pixmap(name, theme.current().disabled, size)
    made.addPixmap(pale, QIcon.Mode.Disabled)
    return made


def app_icon() -> QIcon:
    """Return the icon of the program."""
    made = QIcon()
    for size in (16, 32, 48, 128):
        made.addPixmap(_svg_pixmap(_source("app"), "#000000", size, 1.0))
    return made


def _ratio() -> float:
    app = QApplication.instance()
    return app.devicePixelRatio() if isinstance(app, QApplication) else 1.0


@lru_cache(maxsize=256)
def _svg_pixmap(svg: str, colour: str, size: int, ratio: float) -> QPixmap:
    result = _blank(QSize(size, size), ratio)
    painter = QPainter(result)
    _renderer(svg, colour).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return result


def _blank(size: QSize, ratio: float) -> QPixmap:
    result = QPixmap(size * ratio)
    result.setDevicePixelRatio(ratio)
    result.fill(Qt.GlobalColor.transparent)
    return result


def kind_pixmap(kind: Kind, width: int = 26, height: int = 24) -> QPixmap:
    """Return the badge of a kind: a circle with its letters, an arrow or bar, or its glyph."""
    result = _blank(QSize(width, height), _ratio())
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_kind(painter, QRectF(0, 0, width, height), kind, theme.current())
    painter.end()
    return result


def paint_kind(painter: QPainter, box: QRectF, kind: Kind, colours: Theme) -> None:
    """Paint the badge of a kind into a box."""
    if isinstance(kind, SynapseKind):
        _paint_link(painter, box, kind, colours)
    elif isinstance(kind, NeuronKind):
        paint_badge(painter, box, kind.symbol, colours)
    elif isinstance(kind, PlasticityKind):
        _paint_glyph(painter, box, kind.glyph or _LEARNING, colours.excitatory)
    else:
        path = kind.glyph if isinstance(kind, SourceKind) and kind.glyph else _UNKNOWN
        _paint_glyph(painter, box, path, colours.source)


def _paint_glyph(painter: QPainter, box: QRectF, path: str, colour: str) -> None:
    side = min(box.width(), box.height())
    square = QRectF(0, 0, side, side)
    square.moveCenter(box.center())
    _renderer(_GLYPH.format(path=path), colour).render(painter, square)


def badge_pixmap(symbol: str, width: int = 26, height: int = 24) -> QPixmap:
    """Return a circle with one to three letters."""
    result = _blank(QSize(width, height), _ratio())
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_badge(painter, QRectF(0, 0, width, height), symbol, theme.current())
    painter.end()
    return result


def paint_badge(painter: QPainter, box: QRectF, symbol: str, colours: Theme) -> None:
    """Paint a circle with one to three letters."""
    diameter = min(box.width(), box.height()) - 2.5
    circle = QRectF(0, 0, diameter, diameter)
    circle.moveCenter(box.center())
    painter.setPen(QPen(qcolor(colours.neuron_ring), 1.3))
    painter.setBrush(qcolor(colours.neuron))
    painter.drawEllipse(circle)
    share = 0.42 if len(symbol) < 3 else 0.34
    painter.setFont(ui_font(max(8, round(diameter * share)), QFont.Weight.DemiBold))
    painter.setPen(qcolor(colours.neuron_text))
    painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, symbol)


def link_colour(kind: SynapseKind, colours: Theme) -> str:
    """Return the colour of a link of this kind."""
    if kind.carries in ("current", "command") and kind.sign == 0:
        return colours.injection
    return {1: colours.excitatory, -1: colours.inhibitory}.get(kind.sign, colours.neutral)


def _paint_link(painter: QPainter, box: QRectF, kind: SynapseKind, colours: Theme) -> None:
    colour = qcolor(link_colour(kind, colours))
    y, left, right = box.center().y(), box.left() + 2, box.right() - 2
    painter.setPen(QPen(colour, 2))
    painter.setBrush(colour)
    if kind.symmetric:
        _paint_zigzag(painter, left, right, y)
        return
    if kind.gives == "modulation":
        painter.setPen(QPen(colour, 2, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(left, y), QPointF(right - 7, y))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(QPointF(right - 4, y), 3.6, 3.6)
        return
    if kind.sign < 0:
        painter.drawLine(QPointF(left, y), QPointF(right - 1, y))
        painter.setPen(QPen(colour, 2.4))
        painter.drawLine(QPointF(right - 1, y - 6), QPointF(right - 1, y + 6))
        return
    painter.drawLine(QPointF(left, y), QPointF(right - 7, y))
    painter.setPen(Qt.PenStyle.NoPen)
    head = [QPointF(right, y), QPointF(right - 8, y - 5), QPointF(right - 8, y + 5)]
    painter.drawPolygon(QPolygonF(head))


def _paint_zigzag(painter: QPainter, left: float, right: float, y: float) -> None:
    """Paint a line as resistors are drawn."""
    inner = right - left - 6
    corners = [(left, 0.0), (left + 3, 0.0)]
    corners += [(left + 3 + inner * (k + 0.5) / 6, 4.0 if k % 2 else -4.0) for k in range(6)]
    corners += [(right - 3, 0.0), (right, 0.0)]
    painter.setPen(QPen(painter.pen().color(), 1.7))
    painter.drawPolyline(QPolygonF([QPointF(x, y + dy) for x, dy in corners]))
