"""Scales of the oscilloscope: time bases, values per division, and the words on the axes."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, replace

from neurocanvas.model.quantity import DIMENSIONLESS

COLUMNS = 10
"""Divisions from left to right."""

ROWS = 7
"""Divisions from bottom to top: at 20 mV each, an action potential fits with its overshoot."""

TIME_BASES = (5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4)
"""What the whole width may show, in ms."""

NEGLIGIBLE = 1e-4
"""Part of its size by which a value may vary and still be called constant."""
LEAST_STEP = 0.02
"""Part of a constant value that a division shows: the value is read, not its last digits."""
MINUS = "\u2212"
_PREFIXES = {
    "pA": ("pA", "nA", "\u00b5A", "mA"), "nS": ("nS", "\u00b5S", "mS", "S"),
    "fC": ("fC", "pC", "nC"), "pF": ("pF", "nF", "\u00b5F"),
}  # fmt: skip
_LONG = 10_000.0  # numbers from here on are written with another prefix
_STEPS = (1.0, 2.0, 5.0)
_SMALLEST, _LARGEST = 1e-9, 1e12  # per division, in any unit


def number(value: float) -> str:
    """Write a number for an axis: short, with a true minus sign."""
    return f"{value:.10g}".replace("-", MINUS)


def next_time_base(window_ms: float, steps: int) -> float:
    """Return the time base some steps wider (or, below zero, narrower)."""
    at = bisect_left(TIME_BASES, window_ms)
    return TIME_BASES[min(max(at + steps, 0), len(TIME_BASES) - 1)]


def round_up(value: float) -> float:
    """Return the smallest of 1, 2, 5, 10, 20, ... (and their tenths) that is not below a value."""
    value = min(max(value, _SMALLEST), _LARGEST)
    decade = 10.0 ** math.floor(math.log10(value) + 1e-9)
    found = next((s for s in _STEPS if s * decade >= value * (1 - 1e-9)), 10.0)
    return float(f"{found * decade:.3g}")


def neighbour(step: float, steps: int) -> float:
    """Return the value per division some places up or down the row 1, 2, 5, 10, ..."""
    place = round(3 * math.log10(round_up(step))) + steps
    decade, rest = divmod(place, 3)
    return min(max(float(f"{_STEPS[rest] * 10.0**decade:.3g}"), _SMALLEST), _LARGEST)


@dataclass(frozen=True)
class Scale:
    """What the height of the screen shows of one unit.

    Attributes:
        bottom: Value at the lower edge.
        step: Value per division.
    """

    bottom: float
    step: float

    @property
    def top(self) -> float:
        """Value at the upper edge."""
        return self.bottom + ROWS * self.step

    @classmethod
    def around(cls, low: float, high: float) -> Scale:
        """Return the closest round scale that shows all from ``low`` to ``high``."""
        if not (math.isfinite(low) and math.isfinite(high)):
            return cls(-3.0, 1.0)
        size = max(abs(low), abs(high))
        if size == 0.0:
            return cls(-3.0, 1.0)
        constant = high - low < NEGLIGIBLE * size
        step = round_up(max(LEAST_STEP * size if constant else (high - low) / ROWS, _SMALLEST))
        while True:
            spare = ROWS - (math.ceil(high / step) - math.floor(low / step))
            if spare >= 0 or step >= _LARGEST:
                return cls((math.floor(low / step) - spare // 2) * step, step)
            step = neighbour(step, 1)

    def zoomed(self, steps: int, about: float) -> Scale:
        """Return a finer (steps < 0) or coarser scale with a value about where it was."""
        step = neighbour(self.step, steps)
        part = (about - self.bottom) / (ROWS * self.step)
        return Scale(round((about - part * ROWS * step) / step) * step, step)

    def shifted(self, divisions: int) -> Scale:
        """Return the scale moved up by whole divisions."""
        return replace(self, bottom=self.bottom + divisions * self.step)

    def ticks(self) -> list[float]:
        """Return the values of the lines between divisions, from below."""
        return [float(f"{self.bottom + k * self.step:.10g}") for k in range(ROWS + 1)]


def usual_scale(unit: str, name: str = "") -> Scale | None:
    """Return the scale to begin with, or None where only the data can tell.

    Args:
        unit: Symbol of the unit.
        name: Of the variable: gates are plain numbers between 0 and 1.
    """
    if unit == "mV":
        return Scale(-80.0, 20.0)
    if unit == DIMENSIONLESS and name in ("m", "h", "n"):
        return Scale(0.0, 0.2)
    return None


def shown_in(scale: Scale, unit: str) -> tuple[str, float]:
    """Return the unit in which the numbers of an axis are short, and what to multiply them by."""
    largest = max(abs(scale.bottom), abs(scale.top))
    steps = _PREFIXES.get(unit, (unit,))
    k = next((k for k in range(len(steps)) if largest * 1e-3**k < _LONG), len(steps) - 1)
    return steps[k], 1e-3**k


def per_division(scale: Scale, unit: str) -> str:
    """Write the value of a division: ``"20 mV/div"``."""
    shown, factor = shown_in(scale, unit)
    step = number(float(f"{scale.step * factor:.6g}"))
    return f"{step}/div" if unit == DIMENSIONLESS else f"{step} {shown}/div"


def duration(ms: float, digits: int = 4) -> str:
    """Write a length of time: ``"50 ms"``, ``"2 s"``, ``"500 µs"``."""
    if abs(ms) >= 1000:
        return f"{ms / 1e3:.{digits}g} s".replace("-", MINUS)
    return f"{ms:.{digits}g} ms".replace("-", MINUS)


def time_ticks(window_ms: float, zero: float = 1.0) -> list[tuple[float, str]]:
    """Return places and words of a time axis that counts from a place on the screen.

    Args:
        window_ms: What the width shows.
        zero: Where time zero is, from 0 (left) to 1 (right); 1 is called "now".

    Returns:
        (place from 0 to 1, words), from left to right.
    """
    unit, scale = ("s", 1e3) if window_ms >= 2000 else ("ms", 1.0)
    start = round(zero * COLUMNS) % 2  # so that zero has words
    found = []
    for k in range(start, COLUMNS + 1, 2):
        time = (k / COLUMNS - zero) * window_ms / scale
        words = "now" if zero == 1.0 and k == COLUMNS else number(float(f"{time:.6g}"))
        found.append((k / COLUMNS, f"{words} {unit}" if k == start else words))
    return found


def clock_ticks(left_ms: float, window_ms: float) -> list[tuple[float, str]]:
    """Return places and words of a time axis that shows model time, as when the screen is held."""
    digits = max(0, 1 - math.floor(math.log10(window_ms / COLUMNS)))
    found: list[tuple[float, str]] = []
    for k in range(0, COLUMNS + 1, 2):
        time = left_ms + k / COLUMNS * window_ms
        if time < 0:
            continue  # the model began at 0
        words = f"{time:.{digits}f}"
        found.append((k / COLUMNS, words if found else f"{words} ms"))
    return found
