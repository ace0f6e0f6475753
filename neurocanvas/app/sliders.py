"""Sliders over real numbers: a readable scale, and one drag as one gesture."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QWidget

from neurocanvas.app import theme
from neurocanvas.app.theme import qcolor


class Scale:
    """What a slider spans, in steps of a readable size: linear, or by factors over many decades.

    Args:
        low, high: The ends.
    """

    STEPS = 1000
    DECADES_FOR_FACTORS = 2.0

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high
        self.by_factors = low > 0 and math.log10(high / low) > self.DECADES_FOR_FACTORS

    def value(self, position: float) -> float:
        """Return the readable value at a position from 0 to STEPS."""
        part = min(max(position / self.STEPS, 0.0), 1.0)
        if self.by_factors:
            return float(f"{self.low * (self.high / self.low) ** part:.3g}")
        step = 10.0 ** math.floor(math.log10((self.high - self.low) / 200))
        rounded = round((self.low + part * (self.high - self.low)) / step) * step
        # The product above carries rounding noise such as 0.30000000000000004.
        return float(f"{min(max(rounded, self.low), self.high):.6g}")

    def position(self, value: float) -> int:
        """Return where a value lies, the nearer end if outside."""
        if math.isnan(value):
            return 0
        clipped = min(max(value, self.low), self.high)
        if self.by_factors:
            part = math.log(clipped / self.low) / math.log(self.high / self.low)
        else:
            part = (clipped - self.low) / (self.high - self.low)
        return round(part * self.STEPS)


class SpeedScale(Scale):
    """Speeds by factors from 1 ms to 1 s of model a second; the right end is as fast as it can."""

    FREE_FROM = 960
    FREE = 0.0

    def __init__(self) -> None:
        super().__init__(1.0, 1000.0)

    def value(self, position: float) -> float:
        """Return the speed at a position, in ms per second; 0 is as fast as it can."""
        if position > self.FREE_FROM:
            return self.FREE
        return float(f"{10 ** (3 * max(position, 0) / self.FREE_FROM):.2g}")

    def position(self, value: float) -> int:
        """Return where a speed lies."""
        if value <= 0:
            return self.STEPS
        part = math.log10(min(max(value, self.low), self.high)) / 3
        return round(part * self.FREE_FROM)


class Slider(QAbstractSlider):
    """A thin slider over real numbers; one drag is one gesture.

    Signals:
        moved: The new value and the gesture it belongs to.
    """

    moved = Signal(float, object)
    RADIUS = 5.5

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scale = scale
        self.dim = False
        self._gesture: object = None
        self.setRange(0, Scale.STEPS)
        self.setSingleStep(10)
        self.setPageStep(100)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(20)
        self.setMinimumWidth(40)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.valueChanged.connect(lambda _: self.update())

    def show_value(self, value: float) -> None:
        """Move the knob without telling anybody; not while it is being dragged."""
        if not self.isSliderDown():
            self.blockSignals(True)
            self.setValue(self.scale.position(value))
            self.blockSignals(False)
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._gesture = object()
            self.setSliderDown(True)
            self._move_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._move_to(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self.setSliderDown(False)
            self._gesture = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        before = self.value()
        super().keyPressEvent(event)
        if self.value() != before:
            # A key held down is one gesture; a new press is a new one.
            if not event.isAutoRepeat() or self._gesture is None:
                self._gesture = object()
            self.moved.emit(self.scale.value(self.value()), self._gesture)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Scrolling the panel must not change what it passes over.
        event.ignore()

    def _move_to(self, x: float) -> None:
        span = max(1.0, self.width() - 2 * self.RADIUS)
        position = round((x - self.RADIUS) / span * Scale.STEPS)
        position = min(max(position, 0), Scale.STEPS)
        if position != self.value():
            self.setValue(position)
            self.moved.emit(self.scale.value(position), self._gesture)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        y, span = self.height() / 2, self.width() - 2 * self.RADIUS
        x = self.RADIUS + span * self.value() / Scale.STEPS
        painter.setBrush(qcolor(colours.groove))
        painter.drawRoundedRect(QRectF(0, y - 1.5, self.width(), 3), 1.5, 1.5)
        if self.isEnabled() and not self.dim:
            painter.setBrush(qcolor(colours.accent))
            painter.drawRoundedRect(QRectF(0, y - 1.5, x, 3), 1.5, 1.5)
        active = self.underMouse() or self.hasFocus() or self.isSliderDown()
        edge = colours.accent if active and self.isEnabled() else colours.border_strong
        painter.setPen(QPen(qcolor(edge), 1.5 if active else 1))
        painter.setBrush(qcolor(colours.disabled if self.dim else colours.knob))
        radius = self.RADIUS - 0.5
        painter.drawEllipse(QRectF(x - radius, y - radius, 2 * radius, 2 * radius))
        painter.end()

    def sizeHint(self) -> QSize:
        return QSize(64, 20)
