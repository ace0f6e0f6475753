"""Kernels of neurons: integrate all columns, then look for spikes."""

from __future__ import annotations

from neurocanvas.errors import SimulationError
from neurocanvas.model import algebra
from neurocanvas.model.equations import Statement
from neurocanvas.model.expressions import Expr, Name, names
from neurocanvas.model.kinds import NeuronKind
from neurocanvas.sim import integrators
from neurocanvas.sim.integrators import CONDUCTANCE_IN, CURRENT_IN
from neurocanvas.sim.kernel_writer import LANES, Writer, indented


class NeuronWriter(Writer):
    """Neurons: integrate all columns, then look for spikes."""

    kind: NeuronKind

    def __init__(self, kind: NeuronKind, uniform: bool, conductance: bool) -> None:
        super().__init__(kind, uniform, conductance)
        if kind.main not in kind.system.states:
            raise SimulationError(f"{kind.title} has no equation for {kind.main}")
        others = [s for s in kind.system.states if s != kind.main]
        hidden = ["#previous", "#current", "#conductance"]
        if kind.refractory:
            hidden.append("#refractory")
        if self._records_input():
            hidden.append("#seen")
        self.rows = {name: i for i, name in enumerate([kind.main, *hidden, *others])}

    def _records_input(self) -> bool:
        used = set().union(*(names(e) for e in self.kind.system.definitions.values()), set())
        return "I" in used

    def kernel(self) -> list[str]:
        """Return the lines of the function ``kernel``."""
        main = self.kind.main
        self.load_states()
        before = self.locals[main]
        self._take_input()
        self.assign("t", "t")
        self.integrate()
        if self.kind.refractory:
            self._hold(before)
        self.lines.append(f"{self.row('#previous')} = {before}")
        self.store_states()
        loop = self.take()
        # The tail is written before the loop is framed: both fill the pool of constants.
        tail = self._spikes()
        return self.function(loop, tail)

    def _take_input(self) -> None:
        self.assign(CURRENT_IN, self.row("#current"))
        self.lines.append(f"{self.row('#current')} = 0.0")
        if self.conductance:
            self.assign(CONDUCTANCE_IN, self.row("#conductance"))
            self.lines.append(f"{self.row('#conductance')} = 0.0")
        self.assign("I", self.print(integrators.total_current(self.kind, self.conductance)))
        if "#seen" in self.rows:
            self.lines.append(f"{self.row('#seen')} = {self.locals['I']}")

    def _slope(self, state: str) -> str:
        """As the base, with the current that follows the potential inside the step."""
        self.assign("I", self.print(integrators.total_current(self.kind, self.conductance)))
        return super()._slope(state)

    def _hold(self, before: str) -> None:
        """Let the potential move only in the part of the step that is not refractory.

        A spike lies inside a step, and so does the end of its refractory period. The time left is
        negative where that end came before the step began, still in the step of the spike.
        """
        left, main = self.row("#refractory"), self.kind.main
        moved = self.locals[main]
        part = f"{before} + (1.0 - min(left / dt, 1.0)) * ({moved} - {before})"
        self.lines.append(f"left = {left}")
        self.assign(main, f"{moved} if left == 0.0 else {part}")
        self.lines.append(f"{left} = max(left - dt, 0.0)")

    def _spikes(self) -> list[str]:
        condition = self.kind.spike_condition
        if condition is None:
            return []
        if not integrators.is_constant(condition.level, self.kind):
            raise SimulationError(f"{self.kind.title}: the threshold must consist of parameters")
        level = self.code(condition.level)
        watched = self.row(condition.variable)
        crossing = condition.variable == self.kind.main and not self.kind.reset
        skip = f"v < {level} or before >= {level}" if crossing else f"v < {level}"
        effect = [f"level = {level}", *self._when(condition.variable), *self._reset()]
        return [
            "    for column in range(n):",
            f"        p = offset + (column >> 6) * @STRIDE + (column & {LANES - 1})",
            f"        v = {watched}",
            f"        before = {self.row('#previous')}",
            f"        if {skip}:",
            "            continue",
            "        if v != v:",
            "            return -1 - column",
            *indented(effect, 8),
            "        out_unit[found] = unit + column",
            "        out_count[found] = 1",
            "        out_when[found] = when",
            "        found += 1",
        ]

    def _when(self, variable: str) -> list[str]:
        """Interpolate the crossing inside the step: 0 at its beginning, 1 at its end."""
        if variable != self.kind.main:
            return ["when = 1.0"]
        return [
            "when = (level - before) / (v - before) if v > before else 1.0",
            "when = min(max(when, 0.0), 1.0)",
        ]

    def _reset(self) -> list[str]:
        self.take()
        self.load_states()
        self.assign("t", "t")
        if "#seen" in self.rows:
            self.assign("I", self.row("#seen"))
        for statement in self.kind.reset_statements:
            self.assign(statement.target, self.code(_new_value(statement)))
            self.lines.append(f"{self.row(statement.target)} = {self.locals[statement.target]}")
        if self.kind.refractory:
            period = self.code(Name(self.kind.refractory))
            self.lines.append(f"{self.row('#refractory')} = {period} - (1.0 - when) * dt")
        return self.take()

    def enter_observer(self) -> None:
        """Add the input current, where definitions use it."""
        super().enter_observer()
        if "#seen" in self.rows:
            self.assign("I", self.row("#seen"))


def _new_value(statement: Statement) -> Expr:
    if statement.operator == "+=":
        return algebra.add(Name(statement.target), statement.expr)
    return statement.expr
