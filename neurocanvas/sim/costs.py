"""Where the time of a run goes: what was measured, and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LEGEND = "each: one column of a group in one step, one spike that leaves or arrives at a synapse"


@dataclass(frozen=True)
class Cost:
    """What one part of all steps took.

    Attributes:
        stage: Stage of a step, such as ``"neurons"`` or ``"arrivals"``.
        what: Which group of it, in the words of the canvas; empty if there is but one.
        n: How much was done: columns times steps, or events; 0 if that can't be counted.
        seconds: The time it took, on all threads together.
    """

    stage: str
    what: str
    n: int
    seconds: float


def cost_rows(costs: Sequence[Cost], model_ms: float) -> list[tuple[str, ...]]:
    """Return a table: a row of headings, one for each cost, the dearest first, and the sum.

    Args:
        costs: What was measured.
        model_ms: Over which model time.
    """
    total = sum(cost.seconds for cost in costs)
    rows: list[tuple[str, ...]] = [("stage", "group", "share", "ms per s of model", "ns each")]
    for cost in sorted(costs, key=lambda cost: -cost.seconds):
        each = _number(1e9 * cost.seconds / cost.n) if cost.n else "\u2013"
        rows.append((cost.stage, cost.what, *_shares(cost.seconds, total, model_ms), each))
    rows.append(("in all", "", *_shares(total, total, model_ms), ""))
    return rows


def cost_lines(costs: Sequence[Cost], model_ms: float) -> list[str]:
    """Return the table as lines of text, words to the left and numbers to the right."""
    rows = cost_rows(costs, model_ms)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [cell.ljust(w) for cell, w in zip(row[:2], widths[:2], strict=True)]
        cells += [cell.rjust(w) for cell, w in zip(row[2:], widths[2:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return [*lines, LEGEND]


def _shares(seconds: float, total: float, model_ms: float) -> tuple[str, str]:
    """Return the part of the whole, and the ms that a second of model takes."""
    part = seconds / total if total > 0 else 0.0
    return f"{part:.1%}", _number(1e6 * seconds / model_ms) if model_ms > 0 else "\u2013"


def _number(value: float) -> str:
    """Return a number with three digits, the small ones with fewer decimals than that takes."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
