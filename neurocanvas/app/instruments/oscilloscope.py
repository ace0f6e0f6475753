"""The oscilloscope: traces of the probed variables against time before now.

A frame is one pixmap (grid, axes, words; painted when they change) and one image of all traces on
it, in which only the columns that are new are drawn (``trace_image``), from minima and maxima that
the recorder keeps. ``benchmarks/scope.py``, two shared cores, 1000 x 420 pixels, ms a frame:

=======================================  ==========  ===========
design                                   8 x 10,000  128 x 50,000
=======================================  ==========  ===========
PlotDataItem of pyqtgraph as it comes            61         1572
PlotDataItem reduced to peaks and clipped         9         1795
this image in a ViewBox of pyqtgraph            1.8          1.3
this instrument with its legend                 0.9          2.5
the same, all columns drawn anew                  9           78
=======================================  ==========  ===========

The axes stand still, so they are painted here: pyqtgraph's would bring its import (0.3 s) and no
more. All columns are drawn anew when the screen is resized or zoomed, or another sweep begins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from neurocanvas.app.instruments import scales, scope_menu
from neurocanvas.app.instruments.base import Instrument
from neurocanvas.app.instruments.display import Display
from neurocanvas.app.instruments.legend import Entry, Legend
from neurocanvas.app.instruments.scope_state import ScopeSettings
from neurocanvas.app.instruments.scope_view import ScopeView
from neurocanvas.app.instruments.traces import Trace, missing_of, traces_of
from neurocanvas.app.instruments.trigger import Trigger
from neurocanvas.app.theme import Theme, mono_font
from neurocanvas.model.edits import Edit

if TYPE_CHECKING:
    from neurocanvas.app.session import Session

MOST_MISSING = 6  # lines about probes that have nothing to show
_LEGEND_TICKS = 12  # numbers that change faster than five times a second can't be read
_LEAST_INFO = 90  # pixels: the time base can be read in any case
_CURSORS_AT = (-0.66, -0.3)  # where cursors first stand, in parts of the screen from its right


class Oscilloscope(Instrument):
    """Shows the probes of the document that belong to it.

    Args:
        session: The document at the bench.
        instrument_id: Its id in ``Bench.instruments``.
    """

    def __init__(
        self, session: Session, instrument_id: str = "scope", parent: QWidget | None = None
    ) -> None:
        super().__init__(session, instrument_id, "oscilloscope", "Oscilloscope", parent)
        self.display = Display(session.recorder)
        self.view = ScopeView(self.display)
        self.legend = Legend()
        self._seen: tuple[object, ...] | None = None
        self._legend_age = 0
        self._legend_late = False
        self._add_controls()
        self.body.addWidget(self.view, 1)
        self.body.addWidget(self.legend)
        self.view.committed.connect(self._on_committed)
        self.view.state_changed.connect(self._show_state)
        self.view.autoscale_wanted.connect(self.autoscale)
        self.legend.chosen.connect(self._on_chosen)
        self.legend.menu_wanted.connect(self._on_legend_menu)
        self.load()

    def _add_controls(self) -> None:
        self.hold_button = self.add_button(
            "hold", "Hold: the screen stands still, the simulation goes on; drag to look back",
            checkable=True,
        )  # fmt: skip
        self.hold_button.toggled.connect(self.set_held)
        self.autoscale_button = self.add_button(
            "autoscale", "Autoscale: fit the scales to the traces (double-click does it too)"
        )
        self.autoscale_button.clicked.connect(self.autoscale)
        self.cursor_button = self.add_button(
            "cursors", "Cursors: measure a time (or drag across the screen)", checkable=True
        )
        self.cursor_button.toggled.connect(self.show_cursors)
        self.trigger_button = self.add_button(
            "trigger", "Trigger: start every sweep where a trace rises through a level"
        )
        self._give_menu(self.trigger_button, scope_menu.add_triggers)
        self.info = QToolButton(self)
        self.info.setProperty("flat", True)
        self.info.setFont(mono_font())
        self.info.setMinimumWidth(_LEAST_INFO)
        self.info.setToolTip("Time base (the wheel over the screen changes it too)")
        self._give_menu(self.info, scope_menu.add_time_bases)
        self.title_row.addWidget(self.info)

    def _give_menu(self, button: QToolButton, fill: Callable[[QMenu, Oscilloscope], None]) -> None:
        menu = QMenu(button)
        menu.aboutToShow.connect(menu.clear)
        menu.aboutToShow.connect(lambda: fill(menu, self))
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setStyleSheet("QToolButton::menu-indicator { image: none; }")

    # -- what the base asks for ------------------------------------------------------------------

    def is_stale(self) -> bool:
        """Whether the recorder has anything new, or scales or readings lag behind."""
        news = self._latest() != self._seen
        return news or self._legend_late or not self.display.settled

    def refresh(self) -> None:
        """Show what is new in the recorder."""
        latest = self._latest()
        news, self._seen = latest != self._seen, latest
        if news or not self.display.settled:
            self.view.refresh()
        self._legend_age += 1
        self._legend_late = news
        if not news or self._legend_age >= _LEGEND_TICKS:
            self._show_readings()

    def _latest(self) -> tuple[object, ...]:
        """What changes when there is anything new to be drawn, or when drawing becomes possible."""
        recorder = self.session.recorder
        return *recorder.serial, recorder.waiting

    def apply_settings(self, settings: Mapping[str, object]) -> None:
        """Take over time base, scales and trigger from the document."""
        self.display.show(self.display.traces, ScopeSettings.from_json(settings))
        self._show_state()
        self.view.refresh()

    def document_changed(self, edit: Edit | None) -> None:
        """Show the probes that are there now."""
        if edit is None:
            self.display.recorder = self.session.recorder
            self.display.cursors = None
            self.display.hold(None)
        traces = traces_of(self.session.circuit, self.instrument_id)
        missing = missing_of(self.session.circuit, self.instrument_id)
        self.view.words = "\n".join(missing[:MOST_MISSING])
        if edit is None or traces != self.display.traces:
            self.display.show(traces, self.display.settings)
            self._show_readings()
            self._show_state()
            self.view.refresh()

    def restyle(self, colours: Theme) -> None:
        """Paint in other colours."""
        self.view.update()
        self.legend.update()

    # -- commands --------------------------------------------------------------------------------

    @property
    def traces(self) -> tuple[Trace, ...]:
        """What it shows."""
        return self.display.traces

    def set_window(self, window_ms: float) -> None:
        """Show so much time across the screen."""
        self.view.preview(replace(self.display.settings, window_ms=window_ms))
        self._on_committed()

    def set_held(self, held: bool) -> None:
        """Hold the screen, or let it follow the simulation again."""
        self.view.set_held(held)

    def autoscale(self) -> None:
        """Fit all scales to what is on the screen."""
        self.view.preview(self.display.autoscaled())
        self._on_committed()

    def reset_scales(self) -> None:
        """Go back to the usual scales."""
        self.view.preview(replace(self.display.settings, scales={}))
        self._on_committed()

    def show_cursors(self, on: bool) -> None:
        """Place two cursors, or take them away."""
        if on != (self.display.cursors is not None):
            window = self.display.settings.window_ms
            places = (_CURSORS_AT[0] * window, _CURSORS_AT[1] * window)
            self.view.set_cursors(places if on else None)

    def set_trigger(self, number: int | None, level: float | None = None) -> None:
        """Start every sweep where a trace rises through a level; None runs freely.

        Args:
            number: Of the probe.
            level: In the unit of the trace; 0 for potentials, else the middle of the scale.
        """
        trigger = None
        if number is not None:
            trigger = Trigger(number, self._usual_level(number) if level is None else level)
        self.view.preview(replace(self.display.settings, trigger=trigger))
        self._on_committed()

    def _usual_level(self, number: int) -> float:
        trace = next((t for t in self.traces if t.number == number), None)
        if trace is None or trace.unit == "mV":
            return 0.0
        scale = self.display.scale_of(trace.unit)
        return float(f"{(scale.bottom + scale.top) / 2:.6g}")

    def remove_probe(self, number: int) -> None:
        """Take a probe away."""
        self.session.remove_probe(number)

    def copy_csv(self) -> None:
        """Put the samples on the screen on the clipboard as a table."""
        QGuiApplication.clipboard().setText(scope_menu.csv_text(self.display))
        self.session.message.emit("Copied the traces on the screen as CSV")

    def ask_save_picture(self) -> None:
        """Ask for a file and save a picture of the instrument."""
        path, _ = QFileDialog.getSaveFileName(
            self, "Save picture", "oscilloscope.png", "PNG picture (*.png)"
        )
        if path:
            self.save_picture(path)

    def save_picture(self, path: str) -> None:
        """Save a picture of the instrument."""
        saved = self.grab().save(path)
        words = f"Saved {path}" if saved else f"The picture could not be written to {path}"
        self.session.message.emit(words)

    # -- reading ---------------------------------------------------------------------------------

    def read_at(self, x: float) -> tuple[float, dict[int, float]]:
        """Return what can be read at an x of the screen (in pixels of ``view``).

        Returns:
            The model time in ms, and the values by probe number (NaN where nothing was recorded).
        """
        time_ms = self.display.screen.time_at(x)
        return time_ms, {t.number: self.display.value_at(t, time_ms) for t in self.traces}

    def spike_times_on_screen(self, number: int) -> np.ndarray:
        """Return the times (ms of model time) of the spikes on the screen.

        Args:
            number: Of the probe on the node that spikes.
        """
        trace = next(trace for trace in self.traces if trace.number == number)
        return self._spikes([trace])[number]

    def _spikes(self, traces: list[Trace]) -> dict[int, np.ndarray]:
        screen, recorder = self.display.screen, self.session.recorder
        times, nodes, indices = recorder.spikes_between(screen.left_ms, screen.right_ms)
        found = {}
        for trace in traces:
            mine = nodes == recorder.node_number(trace.channel.node)
            found[trace.number] = times[mine & (indices == trace.channel.index)]
        return found

    # -- showing ---------------------------------------------------------------------------------

    def _show_readings(self) -> None:
        self._legend_age, self._legend_late = 0, False
        recorder, screen = self.session.recorder, self.display.screen
        spikes = self._spikes([trace for trace in self.traces if trace.spikes])
        column_ms = screen.window_ms / screen.columns  # the last one is not full yet
        span_ms = min(screen.right_ms, recorder.now_ms + column_ms)
        span_ms -= max(screen.left_ms, recorder.origin_ms)
        entries = []
        for trace in self.traces:
            value = recorder.latest(trace.channel)
            count = spikes[trace.number].size if trace.number in spikes else 0
            rate = f"{1000 * count / max(span_ms, 1.0):.3g} Hz" if count > 1 else ""
            entries.append(Entry(trace, "" if np.isnan(value) else trace.value_text(value), rate))
        self.legend.show_entries(entries)
        self._show_info()

    def _show_info(self) -> None:
        parts = [f"{scales.duration(self.display.settings.window_ms / scales.COLUMNS)}/div"]
        for unit in self.display.units[:2]:
            parts.append(scales.per_division(self.display.scale_of(unit), unit))
        self.info.setText(" \u00b7 ".join(parts))

    def _show_state(self) -> None:
        """Have the buttons say what is on."""
        for button, on in (
            (self.hold_button, self.display.held),
            (self.cursor_button, self.display.cursors is not None),
        ):
            button.blockSignals(True)
            button.setChecked(on)
            button.blockSignals(False)
        self.trigger_button.setProperty("lit", self.display.settings.trigger is not None)
        self.dress_buttons()
        self._show_info()

    def _on_committed(self) -> None:
        self._show_state()
        self.store(self.display.settings.to_json())

    def _on_chosen(self, number: int) -> None:
        trace = next(trace for trace in self.traces if trace.number == number)
        self.session.select([trace.channel.node])

    def _on_legend_menu(self, number: int, at: QPointF) -> None:
        trace = next(trace for trace in self.traces if trace.number == number)
        self._pop_up(trace, at.toPoint())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = self.view.mapFrom(self, event.pos())
        inside = self.view.rect().contains(at)
        read = self.display.nearest(QPointF(at)) if inside else None
        if self.legend.geometry().contains(event.pos()):
            return  # an entry has answered already
        self._pop_up(None if read is None else read[0], event.globalPos())

    def _pop_up(self, trace: Trace | None, at: QPoint) -> None:
        menu = scope_menu.context_menu(self, trace)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)
