"""Kernels of sources: an output current at mid-step, or Poisson events."""

from __future__ import annotations

from neurocanvas.model import algebra
from neurocanvas.model.expressions import Call, Expr, Name
from neurocanvas.model.kinds import SourceKind
from neurocanvas.sim.kernel_writer import LANES, Writer
from neurocanvas.sim.random import CHUNK


class SourceWriter(Writer):
    """Sources: an output current at mid-step, or Poisson events."""

    kind: SourceKind

    def __init__(self, kind: SourceKind, uniform: bool, conductance: bool) -> None:
        super().__init__(kind, uniform, conductance)
        self.rows = {name: i for i, name in enumerate(["#out", *kind.system.states])}

    def kernel(self) -> list[str]:
        """Return the lines of the function ``kernel``."""
        self.assign("t", "t")
        self.load_states()
        if self.kind.event_rate is not None:
            return self._events(self.kind.event_rate)
        self.integrate()
        self.store_states()
        self.lines.append(f"{self.cell('0')} = {self.code(Name('I'))}")
        return self.function(self.take(), [], vector=False)

    def _events(self, rate: Expr) -> list[str]:
        mean = self.code(algebra.multiply(rate, Name("dt")))
        none = self.code(Call("exp", (algebra.negate(algebra.multiply(rate, Name("dt"))),)))
        self.lines += [
            f"column = block * {LANES} + i",
            "key = keys[stream + column]",
            f"if {mean} <= {CHUNK!r} and uniform_of(key, mixed) <= {none}:",
            "    continue",
            f"count = poisson_of(key, step, mixed, {mean})",
            "if count > 0:",
            "    out_unit[found] = unit + column",
            "    out_count[found] = count",
            "    out_when[found] = 1.0",
            "    found += 1",
        ]
        lines = self.function(self.take(), [], vector=False)
        return [lines[0], "    mixed = counter_of(step, 0)", *lines[1:]]
