"""The four stages of a Runge-Kutta step, with what conductances pull taken exactly.

A conductance G pulls the potential with the rate G/C. In the classical method a strong one (many
synapses at once, a voltage clamp) makes the step overshoot and blow up, as soon as dt*G/C passes
2.8. Here this linear part is solved exactly and only the rest is interpolated: the exponential
time differencing of fourth order of Cox & Matthews 2002, J. Comput. Phys. 176:430, eq. 26 to 29.
Without conductances it is the classical method.
"""

from __future__ import annotations

from collections.abc import Mapping

STAGES = (0.0, 0.5, 0.5, 1.0)


class Stages:
    """Writes the points at which the slopes are taken, and where they lead.

    Args:
        start: State variable -> source of its value at the beginning of the step.
        h: Source of the length of the step.
        pulled: The state variable that conductances pull; empty if there are none.
        pull: Source of the rate with which they do.
    """

    def __init__(self, start: Mapping[str, str], h: str, pulled: str = "", pull: str = "") -> None:
        self.start = start
        self.h = h
        self.pulled = pulled if pull else ""
        self.pull = pull
        self.slopes: list[Mapping[str, str]] = []
        self.points: list[str] = []

    def prepare(self) -> list[str]:
        """Return the lines with the weights of the stages; the length must be known."""
        if not self.pulled:
            return []
        return [
            f"pulled = -{self.pull} * {self.h}",
            "grown = phi(0.5 * pulled)",
            f"half = 0.5 * {self.h} * grown",
            # exp(z) - 1 by way of exp(z/2): one exponential for both.
            "whole = grown * (0.25 * pulled * grown + 1.0)",
            "far = ((whole - 1.0) / pulled - 0.5) / pulled",
            "third = phi3_series(pulled) if abs(pulled) < 1.0 else far",
            "second = pulled * third + 0.5",
            "first_part = pulled * second + 1.0 - 3.0 * second + 4.0 * third",
            "middle_part = 2.0 * second - 4.0 * third",
            "last_part = 4.0 * third - second",
        ]

    def point(self, state: str) -> str:
        """Source of a state variable at the next stage."""
        number = len(self.slopes)
        start, slope = self.start[state], self.slopes[-1][state]
        if state != self.pulled:
            return f"mul_add({STAGES[number]} * {self.h}, {slope}, {start})"
        if number == 1:
            return f"{start} + half * {slope}"
        if number == 2:
            return f"{start} + half * ({slope} + {self.pull} * ({self.points[0]} - {start}))"
        first, second = self.points
        ahead = f"2.0 * ({slope} + {self.pull} * {second})"
        back = f"({self.slopes[0][state]} + {self.pull} * {start}) - {self.pull} * {first}"
        return f"{first} + half * ({ahead} - {back})"

    def take(self, slopes: Mapping[str, str], point: str) -> None:
        """Note the slopes of a stage, and where the pulled variable stood."""
        if self.slopes:
            self.points.append(point)
        self.slopes.append(slopes)

    def end(self, state: str) -> str:
        """Source of a state variable at the end of the step."""
        start = self.start[state]
        k1, k2, k3, k4 = (k[state] for k in self.slopes)
        if state != self.pulled:
            return f"mul_add({self.h} * ({k1} + 2.0 * ({k2} + {k3}) + {k4}), {1 / 6!r}, {start})"
        first, second, third = self.points
        middle = f"{k2} + {k3} + {self.pull} * ({first} + {second} - 2.0 * {start})"
        last = f"{k4} + {self.pull} * ({third} - {start})"
        weighted = f"first_part * {k1} + middle_part * ({middle}) + last_part * ({last})"
        return f"{start} + {self.h} * ({weighted})"
