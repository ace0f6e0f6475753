"""How many steps are due: model time against the clock on the wall."""

from __future__ import annotations

from collections import deque

BLOCK_S = 0.006
"""Wall time that one block should take: short enough for messages, long enough to be cheap."""
PERIOD_S = 0.008
"""Time between two blocks that keep a pace."""
MAX_LAG_S = 0.1
"""Further behind than this, the pace begins anew from where the simulation is."""
WINDOW_S = 0.5
"""Wall time over which the speed is averaged."""
RATE_MS = 250.0
"""Model time over which the rate of spikes is averaged: some intervals of a neuron that fires."""
FIRST_COST_S = 2e-6
"""Guess of the cost of a step before the first is measured."""


class Pacer:
    """Decides how many steps to do now, and measures what came of it.

    Args:
        speed: Model ms per second of the clock; 0 means as fast as it can.
    """

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self.keeping_up = True
        self._cost = FIRST_COST_S
        self._anchor: tuple[float, float] | None = None
        self._history: deque[tuple[float, float]] = deque()
        self._spikes: deque[tuple[float, int]] = deque()

    def restart(self) -> None:
        """Begin a new pace from here (after a pause, another speed, a jump in time)."""
        self._anchor = None
        self._history.clear()
        self._spikes.clear()
        self.keeping_up = True

    def set_speed(self, speed: float) -> None:
        """Change the pace."""
        self.speed = speed
        self.restart()

    def due(self, now_s: float, time_ms: float, dt_ms: float) -> tuple[int, float]:
        """Return how many steps to do now, and how long to wait first if there are none (s)."""
        most = max(1, int(BLOCK_S / self._cost))
        if self.speed <= 0:
            return most, 0.0
        if self._anchor is None:
            self._anchor = (now_s, time_ms)
        start_s, start_ms = self._anchor
        behind_ms = start_ms + (now_s - start_s) * self.speed - time_ms
        if behind_ms > MAX_LAG_S * self.speed and behind_ms > 2 * dt_ms:
            self.keeping_up = False
            self._anchor = (now_s, time_ms)
            return most, 0.0
        steps = int(behind_ms / dt_ms)
        if steps < 1:
            return 0, max(PERIOD_S, (dt_ms - behind_ms) / self.speed)
        return min(steps, most), 0.0

    def done(self, began_s: float, ended_s: float, steps: int, time_ms: float, spikes: int) -> None:
        """Take note of a block."""
        cost = (ended_s - began_s) / steps
        self._cost += 0.2 * (cost - self._cost) if cost < 20 * self._cost else cost - self._cost
        self._history.append((ended_s, time_ms))
        while len(self._history) > 2 and self._history[0][0] < ended_s - WINDOW_S:
            self._history.popleft()
        self._spikes.append((time_ms, spikes))
        while len(self._spikes) > 2 and self._spikes[1][0] < time_ms - RATE_MS:
            self._spikes.popleft()
        if self.speed > 0:
            span = self._history[-1][0] - self._history[0][0]
            if span > WINDOW_S / 2:
                self.keeping_up = self.true_speed() > 0.93 * self.speed

    def true_speed(self) -> float:
        """Return the model time per second of the clock, in ms, of late."""
        if len(self._history) < 2:
            return self.speed
        (a_s, a_ms), (b_s, b_ms) = self._history[0], self._history[-1]
        return (b_ms - a_ms) / max(b_s - a_s, 1e-9)

    def spikes_per_s(self) -> float:
        """Return the spikes per second of model time, of late."""
        if len(self._spikes) < 2:
            return 0.0
        span_ms = self._spikes[-1][0] - self._spikes[0][0]
        spikes = sum(count for _, count in self._spikes) - self._spikes[0][1]
        return 1e3 * spikes / span_ms if span_ms > 0 else 0.0
