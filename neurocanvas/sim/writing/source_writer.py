"""Kernels of sources: an output current at mid-step, or Poisson events."""

from __future__ import annotations

from neurocanvas.model import algebra
from neurocanvas.model.expressions import Call, Expr, Name
from neurocanvas.model.kinds import SourceKind
from neurocanvas.sim.random import CHUNK, TABLE
from neurocanvas.sim.writing.kernel_source import LANES, Variant
from neurocanvas.sim.writing.kernel_writer import Writer

SELDOM = 0.15
"""Below this mean a processor foresees that there is no spike."""
BORDER = 1e-6
"""Part of a step, or of the way from one spike to the next, that rounding may make of nothing."""


class SourceWriter(Writer):
    """Sources: an output current at mid-step, or Poisson events."""

    kind: SourceKind

    def __init__(self, kind: SourceKind, variant: Variant) -> None:
        super().__init__(kind, variant)
        extra = []
        if kind.data:
            extra = ["=from", "=to", "#cursor"]
        self.rows = {name: i for i, name in enumerate(["#out", *extra, *kind.system.states])}

    def kernel(self) -> list[str]:
        """Return the lines of the function ``kernel``."""
        self.assign("t", "t")
        self.load_states()
        if self.kind.event_rule is not None:
            form, expr = self.kind.event_rule
            lines = {"poisson": self._poisson, "count": self._count, "listed": self._listed}
            return lines[form](expr)
        if self.kind.table:
            self._sample("t")
            self.lines.append(f"{self.row('#cursor')} = float(k)")
        self.integrate()
        self.store_states()
        self.lines.append(f"{self.cell('0')} = {self.code(Name(self.kind.output))}")
        return self.function(self.take(), vector=False)

    def enter_observer(self) -> None:
        """Interpolate the table at the time of the sample."""
        super().enter_observer()
        if self.kind.table:
            self._sample(self.locals["t"])

    # -- spikes ----------------------------------------------------------------------------------

    def _poisson(self, rate: Expr) -> list[str]:
        mean_expr = algebra.multiply(rate, Name("dt"))
        mean = self.code(mean_expr)
        none = self.code(Call("exp", (algebra.negate(mean_expr),)))
        self.prelude.append("    mixed = counter_of(step, 0)")
        if self.uniform and self.pool.is_constant(mean_expr):
            return self._poisson_alike(mean, none)
        self.lines += [
            f"column = block * {LANES} + i",
            "key = keys[stream + column]",
            f"mean = {mean}",
            f"{self.cell('0')} = 0.0",
            f"if mean <= {CHUNK!r} and uniform_of(key, mixed) <= {none}:",
            "    continue",
            "count = poisson_of(key, step, mixed, mean)",
            f"{self.cell('0')} = count",
        ]
        self._emit("1.0")
        return self.function(self.take(), vector=False)

    def _poisson_alike(self, mean: str, none: str) -> list[str]:
        """Counts where all trains have one rate: the same as ``poisson_of``, from one table."""
        outputs = ("keys", "out_unit", "out_count", "out_when")
        self.prelude += [
            *[f"    {name} = lanes_at({name}, 0)" for name in outputs],
            f"    table = room_for({TABLE})",
            f"    known = poisson_table(table, {mean}, {none})",
            f"    silent = {none} if 0.0 < {mean} < {SELDOM} else 0.0",
        ]
        self.lines = [
            f"key = keys[stream + block * {LANES} + i]",
            "bits = mix_one(key ^ mixed)",
            "u = unit_of(bits)",
            "lanes[i] = 0.0",
            "if u <= silent:",
            "    continue",
            "count = poisson_by(table, bits, u) if known > 0 else 0",
            "if count >= known:",
            f"    count = poisson_of(key, step, mixed, {mean})",
            "lanes[i] = count",
            "if unit >= 0:",
            # Whether there is a spike is anyone's guess: to ask would take longer than to write.
            # There is room, as never more are found than have been looked at.
            f"    out_unit[found] = unit + block * {LANES} + i",
            "    out_count[found] = count",
            "    out_when[found] = 1.0",
            "    found += 1 if count > 0 else 0",
        ]
        return self.function(self.take(), vector=False)

    def _count(self, number: Expr) -> list[str]:
        """A spike whenever the expression passes a whole number.

        On the border of two steps it belongs to the first, however its time was rounded; at the
        very beginning of time it belongs to the first of all.
        """
        self.assign("t", "t - 0.5 * dt")
        self.lines.append(f"before = {self.code(number)}")
        self.assign("t", "t + 0.5 * dt")
        self.lines += [
            f"after = {self.code(number)}",
            f"reached = math.floor(after + {BORDER})",
            f"passed = math.floor(before + {BORDER})",
            "if step == 0:",
            f"    passed = max(math.ceil(before - {BORDER}) - 1, 0)",
            "count = int(reached - passed)",
        ]
        when = "(reached - before) / (after - before) if after > before else 1.0"
        self._emit(f"min(max({when}, 0.0), 1.0)")
        return self.function(self.take(), vector=False)

    def _listed(self, column: Expr) -> list[str]:
        """The spikes of a sorted list that lie in this step; those before it are passed over."""
        self.lines += [
            f"place = int({self.row('=from')}) + int({self.row('#cursor')})",
            f"last = int({self.row('=to')})",
            "while place < last and arena[place] < t - 0.75 * dt:",
            "    place += 1",
            "count = 0",
            # A time on the border of two steps belongs to the first, however it was rounded.
            f"while place < last and arena[place] <= t + (0.5 + {BORDER}) * dt:",
            "    place += 1",
            "    count += 1",
            f"{self.row('#cursor')} = float(place - int({self.row('=from')}))",
        ]
        self._emit("min(max((arena[place - 1] - t) / dt + 0.5, 0.0), 1.0)")
        return self.function(self.take(), vector=False)

    def _emit(self, when: str) -> None:
        self.lines += [
            # The counts of a sea of spikes flow to where they act without being listed.
            "if count > 0 and unit >= 0:",
            f"    out_unit[found] = unit + block * {LANES} + i",
            "    out_count[found] = count",
            f"    out_when[found] = {when}",
            "    found += 1",
        ]

    # -- tables ----------------------------------------------------------------------------------

    def _sample(self, t: str) -> None:
        """Interpolate the table at a time; its first and last value hold outside."""
        self.lines += [
            f"first_place = int({self.row('=from')})",
            f"rows = (int({self.row('=to')}) - first_place) // 2",
            f"k = int({self.row('#cursor')})",
            f"while k + 1 < rows and arena[first_place + k + 1] <= {t}:",
            "    k += 1",
            "sampled = 0.0",
            "if rows > 0:",
            "    sampled = arena[first_place + rows + k]",
            "    left = arena[first_place + k]",
            f"    if k + 1 < rows and {t} > left:",
            "        step_up = arena[first_place + rows + k + 1] - sampled",
            f"        sampled += step_up * ({t} - left) / (arena[first_place + k + 1] - left)",
        ]
        self.assign("sample", "sampled")
