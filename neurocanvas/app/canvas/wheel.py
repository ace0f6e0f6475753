"""Wheel, touchpad and pinch: what zooms and what pans.

A mouse wheel zooms at the cursor; two fingers on a touchpad pan, as everywhere on such devices;
with Ctrl both zoom. Shift turns the wheel sideways.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QInputDevice, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture

if TYPE_CHECKING:
    from neurocanvas.app.canvas.screen import CanvasScreen

_NOTCH = 120.0
"""What Qt calls one notch of a wheel, in eighths of a degree."""
_ZOOM_PER_NOTCH = 1.16


def turn(view: CanvasScreen, event: QWheelEvent) -> None:
    """Zoom or pan as the wheel asks for."""
    keys, pixels, angle = event.modifiers(), event.pixelDelta(), event.angleDelta()
    if keys & Qt.KeyboardModifier.ControlModifier:
        _zoom(view, pixels.y() if angle.isNull() else angle.y(), event.position())
    elif _is_touchpad(event):
        step = pixels if not pixels.isNull() else angle / 2
        view.look(view.camera.panned(step.x(), step.y()))
    elif keys & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.AltModifier):
        view.look(view.camera.panned((angle.y() or angle.x()) / 2, 0))
    else:
        _zoom(view, angle.y(), event.position())


def _is_touchpad(event: QWheelEvent) -> bool:
    device = event.pointingDevice()
    pad = device is not None and device.type() == QInputDevice.DeviceType.TouchPad
    return pad or event.phase() != Qt.ScrollPhase.NoScrollPhase


def _zoom(view: CanvasScreen, angle: float, at: QPointF) -> None:
    if angle:
        view.zoom(_ZOOM_PER_NOTCH ** (angle / _NOTCH), at)


def pinch(view: CanvasScreen, event: QEvent) -> bool:
    """Zoom as two fingers ask for; returns whether the event was such a gesture."""
    if isinstance(event, QNativeGestureEvent):
        if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
            return False
        view.zoom(1.0 + event.value(), event.position())
        return True
    if isinstance(event, QGestureEvent):
        gesture = event.gesture(Qt.GestureType.PinchGesture)
        if isinstance(gesture, QPinchGesture):
            middle = view.mapFromGlobal(gesture.centerPoint())
            view.zoom(gesture.scaleFactor(), QPointF(middle))
            return True
    return False
