"""What the mouse does on the oscilloscope's screen: a class for each gesture."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication

from neurocanvas.app.instruments.scales import ROWS, Scale
from neurocanvas.app.instruments.trigger import Trigger

if TYPE_CHECKING:
    from neurocanvas.app.instruments.scope_view import ScopeView

REACH = 6
"""Pixels around a line in which it can be taken hold of."""


class Gesture(Protocol):
    """Something that begins with a press, follows the mouse and ends with the release."""

    pointer: Qt.CursorShape

    def move(self, at: QPointF) -> None:
        """Follow the mouse."""

    def finish(self) -> None:
        """The button was released."""

    def cancel(self) -> None:
        """Esc was pressed: as it was before."""


class DragCursor:
    """Moves one of the two cursors."""

    pointer = Qt.CursorShape.SplitHCursor

    def __init__(self, view: ScopeView, which: int) -> None:
        self._view = view
        self._which = which
        self._before = view.display.cursors

    def move(self, at: QPointF) -> None:
        """Put the cursor there."""
        if self._view.display.cursors is not None:
            pair = list(self._view.display.cursors)
            pair[self._which] = self._view.display.offset_at(at.x())
            self._view.set_cursors((pair[0], pair[1]))

    def finish(self) -> None:
        """Leave it there."""

    def cancel(self) -> None:
        """Put it back."""
        self._view.set_cursors(self._before)


class Measure:
    """Places both cursors: one at the press, one at the mouse."""

    pointer = Qt.CursorShape.CrossCursor

    def __init__(self, view: ScopeView, at: QPointF) -> None:
        self._view = view
        self._press = at
        self._first = view.display.offset_at(at.x())
        self._before = view.display.cursors

    def move(self, at: QPointF) -> None:
        """Move the second one, once it is a drag and not just a click."""
        if self._far(at):
            self._view.set_cursors((self._first, self._view.display.offset_at(at.x())))

    def _far(self, at: QPointF) -> bool:
        moved = abs(at.x() - self._press.x()) >= QApplication.startDragDistance()
        return moved or self._view.display.cursors != self._before

    def finish(self) -> None:
        """Leave them there."""

    def cancel(self) -> None:
        """As before."""
        self._view.set_cursors(self._before)


class Pan:
    """Moves a held screen through what was recorded."""

    pointer = Qt.CursorShape.ClosedHandCursor

    def __init__(self, view: ScopeView, at: QPointF) -> None:
        self._view = view
        self._press = at
        self._before = view.display.screen.right_ms

    def move(self, at: QPointF) -> None:
        """Keep the point that was pressed under the mouse."""
        screen = self._view.display.screen
        moved = (at.x() - self._press.x()) / screen.plot.width() * screen.window_ms
        self._view.look_at(self._before - moved)

    def finish(self) -> None:
        """Stay there."""

    def cancel(self) -> None:
        """Go back."""
        self._view.look_at(self._before)


class DragLevel:
    """Moves the level of the trigger."""

    pointer = Qt.CursorShape.SplitVCursor

    def __init__(self, view: ScopeView, trigger: Trigger, scale: Scale) -> None:
        self._view = view
        self._before = trigger
        self._scale = scale

    def move(self, at: QPointF) -> None:
        """Set the level there, to a fortieth of a division."""
        grain = self._scale.step / 40
        level = self._view.display.screen.value_at(at.y(), self._scale)
        level = min(max(level, self._scale.bottom), self._scale.top)
        self._show(replace(self._before, level=float(f"{round(level / grain) * grain:.6g}")))

    def finish(self) -> None:
        """Store it."""
        self._view.commit()

    def cancel(self) -> None:
        """As before."""
        self._show(self._before)

    def _show(self, trigger: Trigger) -> None:
        self._view.preview(replace(self._view.display.settings, trigger=trigger))


class ShiftScale:
    """Moves a scale up or down by whole divisions."""

    pointer = Qt.CursorShape.ClosedHandCursor

    def __init__(self, view: ScopeView, at: QPointF, unit: str, scale: Scale) -> None:
        self._view = view
        self._press = at
        self._unit = unit
        self._before = scale

    def move(self, at: QPointF) -> None:
        """Move by as many divisions as the mouse."""
        division = self._view.display.screen.plot.height() / ROWS
        self._show(self._before.shifted(round((at.y() - self._press.y()) / division)))

    def finish(self) -> None:
        """Store it."""
        self._view.commit()

    def cancel(self) -> None:
        """As before."""
        self._show(self._before)

    def _show(self, scale: Scale) -> None:
        self._view.preview(self._view.display.settings.with_scale(self._unit, scale))


def gesture_at(view: ScopeView, at: QPointF) -> Gesture | None:
    """Return what a press of the left button begins at this place."""
    display = view.display
    level, trace, trigger = display.trigger_y(), display.trigger_trace(), display.settings.trigger
    at_level = level is not None and abs(at.y() - level) <= REACH
    if at_level and at.x() < display.screen.plot.left() and trace and trigger:
        return DragLevel(view, trigger, display.scale_of(trace.unit))
    unit = display.unit_at(at.x())
    if unit is not None:
        return ShiftScale(view, at, unit, display.scale_of(unit))
    if not display.screen.plot.contains(at.toPoint()):
        return None
    away = [abs(x - at.x()) for x in display.cursor_places()]
    if away and min(away) <= REACH:
        return DragCursor(view, away.index(min(away)))
    return Pan(view, at) if display.held else Measure(view, at)
