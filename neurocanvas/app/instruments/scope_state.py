"""What an oscilloscope remembers: settings that are saved, and the view of the moment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from neurocanvas.app.instruments.scales import TIME_BASES, Scale
from neurocanvas.app.instruments.trigger import Trigger

DEFAULT_WINDOW = 200.0


@dataclass(frozen=True)
class ScopeSettings:
    """What is stored in the document.

    Attributes:
        window_ms: What the width shows.
        scales: Unit -> scale that was set by hand.
        trigger: What starts a sweep; None while it runs freely.
    """

    window_ms: float = DEFAULT_WINDOW
    scales: Mapping[str, Scale] = field(default_factory=dict)
    trigger: Trigger | None = None

    def to_json(self) -> dict[str, object]:
        """Return plain values for the file; None for what is as it was made."""
        scales = {unit: [scale.bottom, scale.step] for unit, scale in self.scales.items()}
        trigger = self.trigger
        return {
            "window_ms": None if self.window_ms == DEFAULT_WINDOW else self.window_ms,
            "scales": scales or None,
            "trigger": None if trigger is None else [trigger.probe, trigger.level],
        }

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> ScopeSettings:
        """Read plain values; whatever makes no sense is as if it were not there."""
        window = values.get("window_ms")
        known = window if _is_number(window) and window in TIME_BASES else DEFAULT_WINDOW
        pair = _pair(values.get("trigger"))
        trigger = None if pair is None else Trigger(int(pair[0]), pair[1])
        scales = values.get("scales")
        pairs = scales.items() if isinstance(scales, Mapping) else ()
        read = {str(unit): _pair(value) for unit, value in pairs}
        good = {u: Scale(*p) for u, p in read.items() if p is not None and 1e-9 <= p[1] <= 1e12}
        return cls(float(known), good, trigger)

    def with_scale(self, unit: str, scale: Scale) -> ScopeSettings:
        """Return them with another scale for a unit."""
        return replace(self, scales={**self.scales, unit: scale})


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _pair(value: object) -> tuple[float, float] | None:
    if isinstance(value, (list, tuple)) and len(value) == 2 and all(_is_number(v) for v in value):
        return float(value[0]), float(value[1])
    return None
