"""What the oscilloscope shows of the recorder: which stretch of time, on which scales, what reads.

No painting and no mouse here: ``scope_view`` has those.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QSize

from neurocanvas.app.instruments import scales
from neurocanvas.app.instruments.scales import Scale
from neurocanvas.app.instruments.scope_screen import Screen, column_after, column_of, plot_rect
from neurocanvas.app.instruments.scope_state import ScopeSettings
from neurocanvas.app.instruments.trace_image import Frame, Stroke
from neurocanvas.app.instruments.traces import Trace
from neurocanvas.app.instruments.trigger import LEAD, Sweeps
from neurocanvas.app.theme import qcolor
from neurocanvas.sim.recording.recorder import Recorder

_FIT_S = 0.4  # how often a scale that nobody set looks whether the data still fit
_NO_DATA = Scale(-3.0, 1.0)
_PROBED = 64  # columns in which the range of a screen is searched
_LEAST_FOR_JUMPS = 8  # samples from which on a jump can be told from the rest
_ROOMY = 0.2  # a scale that nobody set shrinks when less than this part of it is used

Reading = tuple[Trace, QPointF, float, float]
"""A trace, a point on it in pixels, and that point's time (ms) and value."""


class Display:
    """The view of the moment.

    Args:
        recorder: Where the samples are.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.traces: tuple[Trace, ...] = ()
        self.units: tuple[str, ...] = ()  # in the order of the traces; two of them have an axis
        self.settings = ScopeSettings()
        self.cursors: tuple[float, float] | None = None  # ms from the right edge
        self.sweeping = False
        self._held_ms: float | None = None  # time at the right edge
        self._fitted: dict[str, Scale] = {}
        self._fitted_at = -math.inf
        self.settled = True  # no scale is waiting to be fitted
        self._sweeps = Sweeps()
        self._size, self._ratio = QSize(1, 1), 1.0
        self.screen = self._empty_screen()

    def show(self, traces: Sequence[Trace], settings: ScopeSettings) -> None:
        """Show these traces with these settings from now on."""
        if (settings.trigger, settings.window_ms) != (
            self.settings.trigger, self.settings.window_ms,
        ):  # fmt: skip
            self._sweeps.forget()
        if tuple(traces) != self.traces:
            self._fitted_at = -math.inf
        if self.cursors is not None and settings.window_ms != self.settings.window_ms:
            # They keep their places on the screen; on a held one, on the data.
            part = 1.0 if self.held else settings.window_ms / self.settings.window_ms
            self.cursors = (self.cursors[0] * part, self.cursors[1] * part)
        self.traces = tuple(traces)
        self.units = tuple(dict.fromkeys(trace.unit for trace in traces))
        self.settings = settings

    def resize(self, size: QSize, ratio: float) -> None:
        """Have so many pixels, of which each is so many of the display's."""
        self._size, self._ratio = size, ratio

    def update(self) -> None:
        """Look at the recorder: find the stretch of time to show, and fit scales that are free."""
        self.screen = self._screen_now()
        self._fit_scales()

    # -- time ------------------------------------------------------------------------------------

    def _empty_screen(self) -> Screen:
        plot = plot_rect(self._size, len(self.units) > 1)
        window, recorder = self.settings.window_ms, self.recorder
        return Screen(plot, self._ratio, window, recorder.dt_ms, recorder.origin_ms, 0)

    def _screen_now(self) -> Screen:
        screen = self._empty_screen()
        sweep = None if self.held else self._sweep_edge()
        self.sweeping = sweep is not None
        right = self._held_ms if self.held else sweep
        if right is None:
            return replace(screen, column=column_after(self.recorder.end, screen))
        return replace(screen, column=column_of(right, screen))

    def _sweep_edge(self) -> float | None:
        trace, trigger = self.trigger_trace(), self.settings.trigger
        if trace is None or trigger is None:
            return None
        window = self.settings.window_ms
        return self._sweeps.right_edge(
            self.recorder, trace.channel, trigger.level, window, trace.peak
        )

    @property
    def held(self) -> bool:
        """Whether the screen stands still while the simulation goes on."""
        return self._held_ms is not None

    def hold(self, right_ms: float | None) -> None:
        """Stand still with this time at the right edge; None follows the simulation again."""
        if right_ms is not None:
            now = self.recorder.now_ms
            first = self.recorder.origin_ms + 0.5 * self.settings.window_ms
            right_ms = min(max(right_ms, min(first, now)), max(now, self.screen.right_ms))
            if self.held and self.cursors is not None:  # they stay on the data
                moved = right_ms - self.screen.right_ms
                self.cursors = (self.cursors[0] - moved, self.cursors[1] - moved)
        self._held_ms = right_ms
        self.update()

    @property
    def zero_ms(self) -> float:
        """What the time axis counts from: now, the trigger, or (when held) the start."""
        if self.held:
            return 0.0
        if self.sweeping:
            return self.screen.left_ms + LEAD * self.screen.window_ms
        return self.screen.right_ms

    def time_ticks(self) -> list[tuple[float, str]]:
        """Return places from 0 to 1 and words of the time axis."""
        window = self.settings.window_ms
        if self.held:
            return scales.clock_ticks(self.screen.left_ms, window)
        return scales.time_ticks(window, LEAD if self.sweeping else 1.0)

    def time_text(self, time_ms: float) -> str:
        """Write a time as the time axis counts."""
        if self.held:
            return scales.duration(time_ms, 6)
        return f"{time_ms - self.zero_ms:.1f} ms".replace("-", scales.MINUS)

    # -- values ----------------------------------------------------------------------------------

    def scale_of(self, unit: str) -> Scale:
        """Return the scale of a unit: set by hand, the usual one, or one that fits the data."""
        fixed = self.settings.scales.get(unit) or self._usual_scale(unit)
        return fixed or self._fitted.get(unit, _NO_DATA)

    def _usual_scale(self, unit: str) -> Scale | None:
        names = {trace.variable for trace in self.traces if trace.unit == unit}
        usual = {scales.usual_scale(unit, name) for name in names}
        return usual.pop() if len(usual) == 1 else None

    def _free_units(self) -> list[str]:
        """Units whose scale only the data can tell."""
        free = (u for u in self.units if u not in self.settings.scales)
        return [unit for unit in free if self._usual_scale(unit) is None]

    def data_range(self, unit: str) -> tuple[float, float] | None:
        """Return the smallest and largest value of a unit on the screen, or None."""
        channels = [trace.channel for trace in self.traces if trace.unit == unit]
        screen = self.screen
        width = screen.samples * screen.columns / _PROBED
        first = (screen.column - screen.columns) * screen.samples
        lo, hi = self.recorder.lines(channels, first, width, _PROBED)
        for row, trace in enumerate(t for t in self.traces if t.unit == unit):
            steady = self._steady_range(trace) if trace.abrupt else None
            if steady is not None:
                lo[row], hi[row] = steady
        if np.isnan(lo).all():
            return None
        return float(np.nanmin(lo)), float(np.nanmax(hi))

    def _steady_range(self, trace: Trace) -> tuple[float, float] | None:
        """Return the range of a trace without jumps that last a single sample."""
        screen = self.screen
        _, values = self.recorder.samples(trace.channel, screen.left_ms, screen.right_ms)
        if values.size < _LEAST_FOR_JUMPS:
            return None
        one, two, three = values[:-2], values[1:-1], values[2:]
        middle = np.maximum(np.minimum(one, two), np.minimum(np.maximum(one, two), three))
        return float(middle.min()), float(middle.max())

    def autoscaled(self) -> ScopeSettings:
        """Return the settings with scales that fit what is on the screen."""
        settings = self.settings
        for unit in self.units:
            found = self.data_range(unit)
            if found is not None:
                settings = settings.with_scale(unit, Scale.around(*found))
        return settings

    def _fit_scales(self) -> None:
        """Let scales that nobody set, and that have no usual one, follow their data."""
        now = time.monotonic()
        self.settled = now - self._fitted_at >= _FIT_S or not self._free_units()
        if not self.settled:
            return
        self._fitted_at = now
        for unit in self._free_units():
            found = self.data_range(unit)
            if found is None:
                continue
            low, high = found
            old = self._fitted.get(unit)
            if (
                old is None
                or not old.bottom <= low <= high <= old.top
                or high - low < _ROOMY * (old.top - old.bottom)
            ):
                self._fitted[unit] = Scale.around(low, high)

    def unit_at(self, x: float) -> str | None:
        """Return the unit of the axis at an x; None on the screen itself."""
        if x < self.screen.plot.left():
            return self.units[0] if self.units else None
        if x > self.screen.plot.right() + 2:
            return self.units[1] if len(self.units) > 1 else None
        return None

    def trigger_trace(self) -> Trace | None:
        """Return the trace that triggers."""
        trigger = self.settings.trigger
        if trigger is None:
            return None
        return next((trace for trace in self.traces if trace.number == trigger.probe), None)

    def trigger_y(self) -> float | None:
        """Return the y of the trigger's level, kept on the screen."""
        trace, trigger = self.trigger_trace(), self.settings.trigger
        if trace is None or trigger is None:
            return None
        plot = self.screen.plot
        y = self.screen.y_of(trigger.level, self.scale_of(trace.unit))
        return float(min(max(y, plot.top()), plot.top() + plot.height()))

    # -- reading ---------------------------------------------------------------------------------

    def frame(self) -> Frame:
        """Return what the picture of the traces must show."""
        screen, strokes = self.screen, []
        scale_of = {unit: self.scale_of(unit) for unit in self.units}
        for trace in self.traces:
            scale = scale_of[trace.unit]
            per_unit = screen.rows / (scale.top - scale.bottom)
            offset = screen.rows + scale.bottom * per_unit
            colour = qcolor(trace.colour).rgb()
            strokes.append(Stroke(trace.channel, colour, offset, per_unit, trace.peak))
        return Frame(
            tuple(strokes), screen.columns, screen.rows, screen.samples, screen.column, screen.ratio
        )

    def offset_at(self, x: float) -> float:
        """Return the place of an x in ms from the right edge."""
        offset = self.screen.time_at(x) - self.screen.right_ms
        return min(max(offset, -self.screen.window_ms), 0.0)

    def cursor_places(self) -> list[float]:
        """Return the x of the cursors; empty if there are none."""
        right = self.screen.right_ms
        return [self.screen.x_of(right + offset) for offset in self.cursors or ()]

    def cursor_text(self) -> str:
        """Return what the cursors measure: ``"Δt 180.0 ms 5.56 Hz"``."""
        if self.cursors is None:
            return ""
        apart = abs(self.cursors[1] - self.cursors[0])
        digits = 1 if self.screen.window_ms >= 100 else 2 if self.screen.window_ms >= 10 else 3
        rate = f" {1000 / apart:.3g} Hz" if apart > 0 else ""
        return f"\u0394t {apart:.{digits}f} ms{rate}"

    def value_at(self, trace: Trace, time_ms: float) -> float:
        """Return the value of a trace at a time, on the straight line between samples."""
        dt = self.recorder.dt_ms
        times, values = self.recorder.samples(trace.channel, time_ms - dt, time_ms + 1.001 * dt)
        if not times.size or not times[0] - 1e-9 <= time_ms <= times[-1] + 1e-9:
            return math.nan
        return float(np.interp(time_ms, times, values))

    def nearest(self, at: QPointF) -> Reading | None:
        """Return the trace nearest to a place, and the point of it there.

        Within the pixel column it takes the sample that is nearest in height, so that the peak of
        a spike can be read.
        """
        screen = self.screen
        if not screen.plot.contains(at.toPoint()):
            return None
        best: Reading | None = None
        closest = math.inf
        for trace in self.traces:
            scale = self.scale_of(trace.unit)
            times, values = self._samples_at(trace, screen.time_at(at.x()))
            away = np.abs(np.array([screen.y_of(float(v), scale) for v in values]) - at.y())
            if np.isnan(away).all() or np.nanmin(away) >= closest:
                continue
            k = int(np.nanargmin(away))
            closest = float(away[k])
            point = QPointF(at.x(), screen.y_of(float(values[k]), scale))
            best = (trace, point, float(times[k]), float(values[k]))
        return best

    def _samples_at(self, trace: Trace, time_ms: float) -> tuple[np.ndarray, np.ndarray]:
        """Samples in the pixel column of a time, or a value between two samples."""
        screen = self.screen
        half = 0.5 * screen.samples * screen.dt_ms
        times, values = self.recorder.samples(trace.channel, time_ms - half, time_ms + half)
        if screen.samples < 1 or not times.size:
            return np.array([time_ms]), np.array([self.value_at(trace, time_ms)])
        return times, values
