"""The screen of the oscilloscope as a widget: painting, mouse and wheel."""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from neurocanvas.app import theme
from neurocanvas.app.instruments import scales, scope_paint
from neurocanvas.app.instruments.display import Display
from neurocanvas.app.instruments.scope_gestures import Gesture, Measure, gesture_at
from neurocanvas.app.instruments.scope_state import ScopeSettings
from neurocanvas.app.instruments.trace_image import TraceImage
from neurocanvas.app.theme import Theme, qcolor

EMPTY = "Right-click a neuron and choose Add probe"
WAITING = "Preparing to draw\u2026"
_NOTCH = 120  # what a wheel reports per notch


class ScopeView(QWidget):
    """Traces on a screen with a time axis that counts back from now.

    Signals:
        committed: Settings were changed by hand.
        state_changed: The screen was held or let go; cursors came or went.
        autoscale_wanted: The screen was double-clicked.

    Args:
        display: What it shows.
    """

    committed = Signal()
    state_changed = Signal()
    autoscale_wanted = Signal()

    def __init__(self, display: Display, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Screen of the oscilloscope")
        self.display = display
        self.words = ""  # what an empty screen says, where it is not how to add a probe
        self._image = TraceImage()
        self._backdrop: tuple[object, QPixmap] = (None, QPixmap())
        self._hover: QPointF | None = None
        self._gesture: Gesture | None = None
        self._turned = 0

    def refresh(self) -> None:
        """Look at the recorder and repaint."""
        self.display.update()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(560, 240)

    def minimumSizeHint(self) -> QSize:
        return QSize(180, 90)

    # -- changes made by hand --------------------------------------------------------------------

    def preview(self, settings: ScopeSettings) -> None:
        """Show settings that are not stored yet."""
        self.display.show(self.display.traces, settings)
        self.refresh()

    def commit(self) -> None:
        """Have the settings stored as they are shown."""
        self.committed.emit()

    def set_held(self, held: bool) -> None:
        """Hold the screen, or let it follow the simulation again."""
        if held != self.display.held:
            self.look_at(self.display.screen.right_ms if held else None)

    def look_at(self, right_ms: float | None) -> None:
        """Hold the screen with this time at its right edge; None follows again."""
        self.display.hold(right_ms)
        self.state_changed.emit()
        self.update()

    def set_cursors(self, cursors: tuple[float, float] | None) -> None:
        """Place the two cursors, in ms from the right edge; None takes them away."""
        self.display.cursors = cursors
        self.state_changed.emit()
        self.update()

    def zoom_time(self, steps: int, x: float | None = None) -> None:
        """Show a longer (steps > 0) or shorter time; a held screen keeps the time at x in place."""
        display, screen = self.display, self.display.screen
        window = scales.next_time_base(display.settings.window_ms, steps)
        if window == display.settings.window_ms:
            return
        part = 1.0 if x is None else (x - screen.plot.left()) / screen.plot.width()
        about = screen.left_ms + part * screen.window_ms
        self.preview(replace(display.settings, window_ms=window))
        if display.held:
            self.look_at(about + (1 - part) * window)
        self.commit()

    def zoom_scale(self, unit: str, steps: int, y: float) -> None:
        """Show more (steps > 0) or less of a unit, with the value at y about where it was."""
        scale = self.display.scale_of(unit)
        about = self.display.screen.value_at(y, scale)
        settings = self.display.settings.with_scale(unit, scale.zoomed(steps, about))
        self.preview(settings)
        self.commit()

    # -- painting --------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        plot = self.display.screen.plot
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._paint_backdrop(colours))
        if not self.display.traces:
            scope_paint.message(painter, plot, self.words or EMPTY, colours)
            return
        image = self._image.update(self.display.recorder, self.display.frame())
        painter.drawImage(plot.topLeft(), image)
        if self.display.recorder.waiting:
            scope_paint.message(painter, plot, WAITING, colours)
        self._paint_trigger(painter)
        self._paint_cursors(painter, colours)
        if self.display.held:
            words = f"held at {scales.duration(self.display.screen.right_ms, 6)}"
            scope_paint.pill(painter, words, QPointF(plot.topLeft()), plot, colours)
        if self._gesture is None:
            self._paint_read_out(painter, colours)

    def _paint_backdrop(self, colours: Theme) -> QPixmap:
        """Return grid and axes, painted anew only when something of them has changed."""
        display, screen = self.display, self.display.screen
        shown = [(display.scale_of(unit), unit) for unit in display.units[:2]]
        ticks = display.time_ticks()
        place = replace(screen, column=0)  # time moves, the backdrop does not
        key = (self.size(), place, colours, shown, ticks, [self._axis_colour(k) for k in (0, 1)])
        if self._backdrop[0] != key:
            pixmap = QPixmap(self.size() * screen.ratio)
            pixmap.setDevicePixelRatio(screen.ratio)
            pixmap.fill(qcolor(colours.scope))
            painter = QPainter(pixmap)
            scope_paint.grid(painter, screen.plot, colours)
            scope_paint.time_axis(painter, screen.plot, ticks, colours.scope_text)
            for k, (scale, unit) in enumerate(shown):
                colour = self._axis_colour(k) or colours.scope_text
                scope_paint.value_axis(painter, screen.plot, scale, unit, colour, right=k == 1)
            painter.end()
            self._backdrop = (key, pixmap)
        return self._backdrop[1]

    def _axis_colour(self, which: int) -> str:
        """Return the colour of a trace that has an axis of two for itself, else ""."""
        units = self.display.units
        if len(units) < 2:
            return ""
        own = [trace.colour for trace in self.display.traces if trace.unit == units[which]]
        return own[0] if len(own) == 1 else ""

    def _paint_trigger(self, painter: QPainter) -> None:
        trace, y = self.display.trigger_trace(), self.display.trigger_y()
        trigger = self.display.settings.trigger
        if trace is not None and y is not None and trigger is not None:
            level = scales.number(trigger.level)
            unit = "" if trace.unit == "1" else f" {trace.unit}"
            words = f"trigger {trace.number} \u2191 {level}{unit}"
            scope_paint.trigger(painter, self.display.screen.plot, y, words, trace.colour)

    def _paint_cursors(self, painter: QPainter, colours: Theme) -> None:
        plot, places = self.display.screen.plot, self.display.cursor_places()
        seen = [x for x in places if plot.left() <= x <= plot.right() + 1]
        for x in seen:
            scope_paint.cursor(painter, plot, x, colours)
        if seen:
            middle = QPointF(sum(places) / 2, plot.top() + 18)
            scope_paint.pill(painter, self.display.cursor_text(), middle, plot, colours)

    def _paint_read_out(self, painter: QPainter, colours: Theme) -> None:
        read = None if self._hover is None else self.display.nearest(self._hover)
        if read is not None:
            trace, point, time_ms, value = read
            time = self.display.time_text(time_ms)
            words = f"{time}  {trace.name} {trace.value_text(value)}"
            plot = self.display.screen.plot
            scope_paint.cross_hair(painter, plot, point, words, trace.colour, colours)

    # -- mouse, wheel and keys -------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._gesture = gesture_at(self, event.position())
            self._show_pointer(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover = event.position()
        if self._gesture is not None:
            self._gesture.move(event.position())
        self._show_pointer(event.position())
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._gesture is not None:
            gesture, self._gesture = self._gesture, None
            gesture.finish()
            self._show_pointer(event.position())
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._gesture = None
            self.autoscale_wanted.emit()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self._gesture is not None:
            gesture, self._gesture = self._gesture, None
            gesture.cancel()
        elif self.display.cursors is not None:
            self.set_cursors(None)
        else:
            self.set_held(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.accept()
        across = abs(event.angleDelta().x()) > abs(event.angleDelta().y())
        self._turned += event.angleDelta().x() if across else event.angleDelta().y()
        notches = math.trunc(self._turned / _NOTCH)
        self._turned -= notches * _NOTCH
        if not notches:
            return
        at, keys = event.position(), event.modifiers()
        unit = self.display.unit_at(at.x())
        if unit is None and keys & Qt.KeyboardModifier.ControlModifier:
            unit = self._unit_near(at)
        if unit is not None:
            self.zoom_scale(unit, -notches, at.y())
        elif across or keys & Qt.KeyboardModifier.ShiftModifier:
            screen = self.display.screen
            self.look_at(screen.right_ms - notches * screen.window_ms / scales.COLUMNS)
        else:
            self.zoom_time(-notches, at.x())

    def _unit_near(self, at: QPointF) -> str | None:
        found = self.display.nearest(at)
        if found is not None:
            return found[0].unit
        return next(iter(self.display.units), None)

    def _show_pointer(self, at: QPointF) -> None:
        gesture = self._gesture or gesture_at(self, at)
        # A screen that follows is mostly looked at: no cross before a drag has begun.
        idle = gesture is None or (isinstance(gesture, Measure) and self._gesture is None)
        self.setCursor(Qt.CursorShape.ArrowCursor if idle or not gesture else gesture.pointer)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.display.resize(self.size(), self.devicePixelRatioF())
        self.refresh()
