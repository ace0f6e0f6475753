"""A run in a few lines: what was simulated, how fast, and who fired."""

from __future__ import annotations

from collections import Counter

from neurocanvas.formats.tables import Recorded
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.kinds import NeuronKind
from neurocanvas.model.quantity import format_quantity


def summary(circuit: Circuit, result: Recorded, elapsed_s: float) -> str:
    """Return model time and wall time, then the spikes of each node that can fire.

    Args:
        circuit: What was simulated.
        result: What came out.
        elapsed_s: Time on the clock on the wall.
    """
    span_ms = float(result.times[-1]) if len(result.times) else 0.0
    counts = Counter(result.spike_table().labels)
    rows: list[tuple[str, int | None, str]] = []
    for node in circuit.nodes():
        kind = circuit.kind_of(node)
        if "spikes" not in getattr(kind, "emits", ()) or kind.placeholder:
            continue
        unit = "neurons" if isinstance(kind, NeuronKind) else "trains"
        who = f"{node.label} ({node.size} {unit})" if node.size > 1 else node.label
        if node.id in result.unlisted:
            rows.append((who, None, f"not listed: about {result.unlisted[node.id]:,.0f} a second"))
            continue
        rate = _rate(counts[node.label], node.size, span_ms)
        each = " each" if rate and node.size > 1 else ""
        rows.append((who, counts[node.label], rate + each))
    head = f"{format_quantity(span_ms, 'ms')} of model in {elapsed_s:.3g} s"
    return "\n".join([head, *_aligned(rows)])


def _rate(count: int, size: int, span_ms: float) -> str:
    return format_quantity(1e3 * count / (size * span_ms), "Hz", 3) if span_ms > 0 else ""


def _aligned(rows: list[tuple[str, int | None, str]]) -> list[str]:
    if not rows:
        return []
    width = max(len(who) for who, _, _ in rows)
    digits = max((len(str(count)) for _, count, _ in rows if count is not None), default=0)
    return [f"  {who:<{width}}  {_count(count, digits)}{rate}" for who, count, rate in rows]


def _count(count: int | None, digits: int) -> str:
    if count is None:
        return ""
    return f"{count:>{digits}} {'spike ' if count == 1 else 'spikes'}  "
