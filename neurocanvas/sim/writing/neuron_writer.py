"""Kernels of neurons: integrate all columns, then look for spikes."""

from __future__ import annotations

from collections.abc import Sequence

from neurocanvas.errors import SimulationError
from neurocanvas.model import algebra, forms
from neurocanvas.model.expressions import Call, Expr, Name, Num, Op, names
from neurocanvas.model.forms import CONDUCTANCE_IN, CURRENT_IN
from neurocanvas.model.kinds import NeuronKind
from neurocanvas.sim.evaluate import PHI
from neurocanvas.sim.integrators import Update
from neurocanvas.sim.mathlib_names import APART, NAMES
from neurocanvas.sim.writing import inflows
from neurocanvas.sim.writing.kernel_source import WEIGHTS, Variant
from neurocanvas.sim.writing.spike_writer import HELD, MARGIN, MARGIN_BEFORE, SpikeWriter, new_value

OUTPUT, BEFORE = "#out", "#out_before"
"""Rows that hold what links between rate units carry, and what it was a step ago.

They follow each other, as those of the potential do: links look ahead from both.
"""


PER_DT = "    per_dt = 1.0 / dt"
CHEAP = 2
"""So many exponentials are no more work than two synapses."""


class NeuronWriter(SpikeWriter):
    """Neurons: integrate all columns, then look for spikes."""

    kind: NeuronKind

    def __init__(self, kind: NeuronKind, variant: Variant) -> None:
        super().__init__(kind, variant)
        if kind.main not in kind.system.states:
            raise SimulationError(f"{kind.title} has no equation for {kind.main}")
        self.speed = ""
        """Source of the mean speed of the potential in a step, where that has been written."""
        others = [s for s in kind.system.states if s != kind.main]
        names = [kind.main, *self._hidden(kind), *others]
        self.rows = {name: i for i, name in enumerate(names)}

    def _hidden(self, kind: NeuronKind) -> list[str]:
        """Return the rows beside the state variables; those that synapses add to come first."""
        hidden = ["#previous", "#current", "#conductance"]
        if WEIGHTS in self.modulated:
            hidden.append(f"#mod_{WEIGHTS}")
        for name in sorted(self.modulated - {WEIGHTS}):
            hidden += [f"#mod_{name}", f"#now_{name}"]
        if self.held:
            hidden.append("#refractory")
        if self._records_input(kind):
            hidden.append("#seen")
        if kind.output and kind.output != kind.main:
            hidden += [OUTPUT, BEFORE]
        return [*hidden, *self.memory()]

    @staticmethod
    def _records_input(kind: NeuronKind) -> bool:
        later = [*kind.system.definitions.values(), *(s.expr for s in kind.reset_statements)]
        used = set().union(*(names(e) for e in later), set())
        return "I" in used

    def kernel(self) -> list[str]:
        """Return the lines of the function ``kernel``; and of another, for neurons that take in."""
        loop = self._loop()
        self.takes = self._may_take(loop)
        # The tail is written before the loop is framed: both fill the pool of constants.
        tail = self.spikes()
        enter = ["hits = 0"] if self.seeks else []
        alone = self.function(loop, tail, enter=enter, whole=self.uniform)
        return [*alone, "", "", *self._flowing(tail)] if self.takes else alone

    def _flowing(self, tail: Sequence[str]) -> list[str]:
        """Return the lines of the function that does synapses too; see ``inflows``."""
        # What comes afterwards has the names that it has where there is no such function.
        before, self.counter = self.counter, 0
        loop = self._loop(flowing_in=True)
        self.counter = before
        self.prelude += inflows.prelude()
        enter = ["hits = 0", *inflows.entered()]
        tail = [*inflows.left(), *tail]
        return self.function(loop, tail, enter=enter, whole=True, name=inflows.NAME)

    def _may_take(self, loop: Sequence[str]) -> bool:
        """Whether synapses may be done in the loop: it is cheap, so that they cost as much."""
        calls = sum(loop_line.count(f"{name}(") for loop_line in loop for name in APART)
        return self.uniform and self.seeks and not self.noises and calls <= CHEAP

    def _loop(self, *, flowing_in: bool = False) -> list[str]:
        """Return what is done for each column.

        Args:
            flowing_in: Together with its synapses.
        """
        main = self.kind.main
        self.in_loop, self.speed = True, ""
        self._take_modulation()
        self.load_states()
        before = {state: self.locals[state] for state in self.kind.system.states}
        self._take_input(flowing_in)
        self.remember(before)
        if self.moving:
            self.assign("t", "t - 0.5 * dt")
            self.margin(MARGIN_BEFORE)
        self.assign("t", "t")
        self.integrate()
        if self.held:
            self._hold(before[main])
        self._update()
        previous = f"{inflows.EARLIER}[i]" if flowing_in else self.row("#previous")
        self.lines.append(f"{previous} = {before[main]}")
        self.store_states()
        if self.moving:
            self.assign("t", "t + 0.5 * dt")
            self.margin(MARGIN)
        if OUTPUT in self.rows:
            self.lines.append(f"{self.row(BEFORE)} = {self.row(OUTPUT)}")
            self.lines.append(f"{self.row(OUTPUT)} = {self.code(Name(self.kind.output))}")
        self.look(before[main])
        return self.take()

    def _take_modulation(self) -> None:
        """Write parameters as they are now: raised by what modulators have added."""
        if WEIGHTS in self.modulated:
            self.lines.append(f"{self.row(f'#mod_{WEIGHTS}')} = 0.0")
        for name in sorted(self.modulated - {WEIGHTS}):
            base = self.constant(self.pool.number(Name(name)))
            self.assign(name, f"{base} * (1.0 + {self.row(f'#mod_{name}')})")
            self.lines.append(f"{self.row(f'#mod_{name}')} = 0.0")
            self.lines.append(f"{self.row(f'#now_{name}')} = {self.locals[name]}")

    def _update(self) -> None:
        """Write the assignments of a unit without dynamics, every step or every interval."""
        if not self.kind.update_statements:
            return
        due = "True"
        if self.kind.interval:
            steps = Op("/", Name(self.kind.interval), Name("dt"))
            whole = self.code(Call("max", (Call("floor", (Op("+", steps, Num(0.5)),)), Num(1.0))))
            due = f"(step + 1) % int({whole}) == 0"
        self.lines.append(f"due = {due}")
        for statement in self.kind.update_statements:
            old = self.locals[statement.target]
            new = self.code(new_value(statement))
            self.assign(statement.target, f"({new}) if due else {old}")

    def _take_input(self, flowing_in: bool) -> None:
        if flowing_in:
            self.lines += inflows.taken()
        self._take_row(CURRENT_IN, "current", flowing_in)
        if self.conductance:
            self._take_row(CONDUCTANCE_IN, "conductance", flowing_in)
        self.assign("I", self.print(forms.total_current(self.kind, self.conductance)))
        if "#seen" in self.rows:
            self.lines.append(f"{self.row('#seen')} = {self.locals['I']}")

    def _take_row(self, name: str, field: str, flowing_in: bool) -> None:
        """Write what has come in, and empty the row that it was added to."""
        if flowing_in:
            self.assign(name, inflows.total(field))
            return
        self.assign(name, self.row(f"#{field}"))
        self.lines.append(f"{self.row(f'#{field}')} = 0.0")

    def exponential(self, update: Update) -> None:
        """As the base; of a potential that may be held, its mean speed in the step is written."""
        last = self.plan.updates[-1].state == update.state == self.kind.main
        if not (self.held and last) or update.noise != algebra.ZERO:
            super().exponential(update)
            return
        phi: Expr = Call(PHI, (algebra.multiply(update.slope, Name("dt")),))
        if update.slope == algebra.ZERO:
            phi = algebra.ONE
        if self.pool.is_constant(phi):
            rate = algebra.add(algebra.multiply(update.slope, Name(update.state)), update.offset)
            self.speed = self.code(algebra.scaled(rate, phi, self.pool.is_constant))
        else:
            slope, x = self._line("s", self.code(update.slope)), self.code(Name(update.state))
            speed = self._line("r", f"mul_add({slope}, {x}, {self.code(update.offset)})")
            dt = self.code(Name("dt"))
            self.speed = f"{speed} * {self._named(f'{NAMES[PHI]}({slope} * {dt})')}"

    def _hold(self, before: str) -> None:
        """Let the potential move only in the part of the step that is not refractory.

        A spike lies inside a step, and so does the end of its refractory period. The time left is
        negative where that end came before the step began, still in the step of the spike.
        """
        left, main = self.row("#refractory"), self.kind.main
        moved = self.locals[main]
        self.lines.append(f"left = {left}")
        if HELD in self.rows:
            self.lines.append(f"{self.row(HELD)} = left")
        # In one line each, so that nothing is kept where the loop is cut.
        free = "max(left - dt, 0.0) - (left - dt)"
        if not self.speed:
            # A division for each column would cost more than all the rest.
            if PER_DT not in self.prelude:
                self.prelude.append(PER_DT)
            free, self.speed = f"({free}) * per_dt", f"{moved} - {before}"
        self.assign(main, f"mul_add({free}, {self.speed}, {before})")
        self.lines.append(f"{left} = max(left - dt, 0.0)")

    def enter_observer(self) -> None:
        """Add the input current, where definitions use it."""
        super().enter_observer()
        self.see_modulated()
        if "#seen" in self.rows:
            self.assign("I", self.row("#seen"))
