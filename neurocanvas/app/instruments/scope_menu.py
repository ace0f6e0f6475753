"""The context menu of the oscilloscope, and what of it leaves the program: table and picture."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from neurocanvas.app.instruments import scales
from neurocanvas.app.instruments.display import Display
from neurocanvas.app.instruments.traces import Trace

if TYPE_CHECKING:
    from neurocanvas.app.instruments.oscilloscope import Oscilloscope


def context_menu(scope: Oscilloscope, trace: Trace | None) -> QMenu:
    """Return the menu for a place.

    Args:
        scope: Whose menu.
        trace: The trace at that place, if any.
    """
    menu = QMenu(scope)
    if trace is not None:
        _add_for_trace(menu, scope, trace)
    _add_switches(menu, scope)
    add_time_bases(menu.addMenu("Time base"), scope)
    menu.addAction("Autoscale").triggered.connect(scope.autoscale)
    menu.addAction("Usual scales").triggered.connect(scope.reset_scales)
    menu.addSeparator()
    _add_exports(menu, scope)
    return menu


def _add_for_trace(menu: QMenu, scope: Oscilloscope, trace: Trace) -> None:
    name = f"{trace.name} \u00b7 {trace.variable}"
    remove = menu.addAction(f"Remove probe {trace.number} ({name})")
    remove.triggered.connect(lambda: scope.remove_probe(trace.number))
    trigger = menu.addAction(f"Trigger on {trace.title}")
    trigger.triggered.connect(lambda: scope.set_trigger(trace.number))
    menu.addSeparator()


def _add_switches(menu: QMenu, scope: Oscilloscope) -> None:
    hold = _checkable(menu, "Hold", scope.display.held)
    hold.toggled.connect(scope.set_held)
    cursors = _checkable(menu, "Cursors", scope.display.cursors is not None)
    cursors.toggled.connect(scope.show_cursors)
    if scope.display.settings.trigger is not None:
        menu.addAction("No trigger").triggered.connect(lambda: scope.set_trigger(None))


def _add_exports(menu: QMenu, scope: Oscilloscope) -> None:
    copy = menu.addAction("Copy data as CSV")
    copy.triggered.connect(scope.copy_csv)
    copy.setEnabled(bool(scope.display.traces))
    menu.addAction("Save picture\u2026").triggered.connect(scope.ask_save_picture)


def _checkable(menu: QMenu, text: str, on: bool) -> QAction:
    action = menu.addAction(text)
    action.setCheckable(True)
    action.setChecked(on)
    return action


def add_time_bases(menu: QMenu, scope: Oscilloscope) -> None:
    """Fill a menu with the time bases."""
    for window in scales.TIME_BASES:
        step = scales.duration(window / scales.COLUMNS)
        text = f"{step}/div  ({scales.duration(window)})"
        action = _checkable(menu, text, window == scope.display.settings.window_ms)
        action.triggered.connect(lambda _checked, w=window: scope.set_window(w))


def add_triggers(menu: QMenu, scope: Oscilloscope) -> None:
    """Fill a menu with what may trigger."""
    trigger = scope.display.settings.trigger
    _checkable(menu, "Off", trigger is None).triggered.connect(lambda: scope.set_trigger(None))
    for trace in scope.display.traces:
        on = trigger is not None and trigger.probe == trace.number
        action = _checkable(menu, f"{trace.title} rises", on)
        action.triggered.connect(lambda _checked, n=trace.number: scope.set_trigger(n))


def csv_text(display: Display) -> str:
    """Return the samples on the screen as a table: ``time_ms`` and a column for each trace."""
    screen, recorder = display.screen, display.recorder
    columns, rows = [], np.empty(0)
    for trace in display.traces:
        times, values = recorder.samples(trace.channel, screen.left_ms, screen.right_ms)
        numbers = np.rint((times - recorder.origin_ms) / screen.dt_ms)
        columns.append(dict(zip(numbers, values, strict=True)))
        rows = np.union1d(rows, numbers)
    out = io.StringIO()
    names = [f"{trace.name}.{trace.variable}" for trace in display.traces]
    out.write(",".join(["time_ms", *map(_quoted, names)]) + "\n")
    for number in rows:
        cells = [column.get(number) for column in columns]
        time = f"{recorder.origin_ms + number * screen.dt_ms:.10g}"
        out.write(",".join([time, *("" if c is None else f"{c:.10g}" for c in cells)]) + "\n")
    return out.getvalue()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if any(c in name for c in ',"\n') else name
