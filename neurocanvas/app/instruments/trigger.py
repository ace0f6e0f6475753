"""The trigger of the oscilloscope: sweeps that start when a trace rises through a level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from neurocanvas.sim.recording.recorder import Channel, Recorder

LEAD = 0.1
"""Part of the screen that shows what was before the trigger."""

_PATIENCE = 2.0  # screens without a crossing after which the trace runs freely again


@dataclass(frozen=True)
class Trigger:
    """What starts a sweep.

    Attributes:
        probe: Number of the probe that is watched.
        level: Value it must rise through, in its unit.
    """

    probe: int
    level: float = 0.0


def crossings(
    times: NDArray[np.float64], values: NDArray[np.float64], level: float
) -> NDArray[np.float64]:
    """Return the times at which a trace rises through a level, on straight lines between samples.

    Args:
        times: Times of samples in ms, shape (n,).
        values: Samples, shape (n,).
        level: In the unit of the samples.
    """
    at = np.flatnonzero((values[:-1] < level) & (values[1:] >= level))
    part = (level - values[at]) / (values[at + 1] - values[at])
    return times[at] + part * (times[at + 1] - times[at])


def spike_crossings(
    recorder: Recorder, channel: Channel, since_ms: float, level: float, peak: float
) -> NDArray[np.float64]:
    """Return the times of spikes whose strokes rise through a level, from a time on.

    A spike that is reset within its step is in no sample; its stroke crosses the levels between
    the last sample before it and its peak.
    """
    until = recorder.now_ms + recorder.dt_ms
    times, values = recorder.samples(channel, since_ms, until)
    spikes, nodes, indices = recorder.spikes_between(since_ms, until)
    mine = (nodes == recorder.node_number(channel.node)) & (indices == channel.index)
    spikes = spikes[mine]
    before = np.searchsorted(times, spikes, side="right") - 1
    seen = before >= 0
    spikes, before = spikes[seen], before[seen]
    return spikes[(values[before] < level) & (level <= peak)]


class Sweeps:
    """Decides which stretch of time a triggered screen shows.

    A sweep begins at a crossing, fills the screen, and stays until the first crossing after it.
    """

    def __init__(self) -> None:
        self._start: float | None = None
        self._searched = 0.0

    def forget(self) -> None:
        """Wait for a new crossing."""
        self._start = None
        self._searched = 0.0

    def right_edge(
        self,
        recorder: Recorder,
        channel: Channel,
        level: float,
        window_ms: float,
        peak: float | None = None,
    ) -> float | None:
        """Return the time at the right edge of the screen; None while nothing triggers.

        Args:
            recorder: Where the trace is.
            channel: The trace that is watched.
            level: What it must rise through.
            window_ms: What the width shows.
            peak: Where the strokes of its spikes end; None if it has none.
        """
        now, after = recorder.now_ms, window_ms * (1 - LEAD)
        if now < self._searched:
            self.forget()
        if self._start is None or now > self._start + after:
            self._search(recorder, channel, level, window_ms, peak)
        if self._start is None or now > self._start + after + _PATIENCE * window_ms:
            return None
        return self._start + after

    def _search(
        self,
        recorder: Recorder,
        channel: Channel,
        level: float,
        window_ms: float,
        peak: float | None,
    ) -> None:
        now, after = recorder.now_ms, window_ms * (1 - LEAD)
        ended = -np.inf if self._start is None else self._start + after
        since = max(self._searched, ended, now - 2 * window_ms) - 2 * recorder.dt_ms
        found = crossings(*recorder.samples(channel, since, now + recorder.dt_ms), level)
        if peak is not None:
            strokes = spike_crossings(recorder, channel, since, level, peak)
            found = np.sort(np.concatenate([found, strokes]))
        found = found[found > ended]
        self._searched = now
        if found.size:
            whole = found[found + after <= now]
            self._start = float(whole[-1] if whole.size else found[0])
