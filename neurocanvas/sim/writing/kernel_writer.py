"""What all kernels have in common: a loop over columns, values that stay current, constants."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from neurocanvas.errors import SimulationError
from neurocanvas.model import algebra, forms
from neurocanvas.model.expressions import COMPARISONS, Call, Expr, Name, Num, Op, names, walk
from neurocanvas.model.forms import EULER, NOISE, RK4, LinearSystem
from neurocanvas.model.kinds import Kind
from neurocanvas.sim import integrators, mathlib_names
from neurocanvas.sim.evaluate import INPUT_PROPAGATOR, PHI, PROPAGATOR
from neurocanvas.sim.integrators import Update
from neurocanvas.sim.mathlib_names import APART
from neurocanvas.sim.writing.constants import PREFIX, ConstantPool
from neurocanvas.sim.writing.kernel_source import (
    ARGUMENTS,
    HEADER,
    LANES,
    OBSERVER_ARGUMENTS,
    POINTER,
    Inflow,
    KernelSource,
    Variant,
)
from neurocanvas.sim.writing.phases import Phases
from neurocanvas.sim.writing.shared import Shared, rewrite, shared_exponentials
from neurocanvas.sim.writing.stages import STAGES, Stages

SMALL_POWERS = 8


class Writer:
    """Writes the statements of a loop body, keeping track of which values are current."""

    indent = 12

    def __init__(self, kind: Kind, variant: Variant) -> None:
        self.kind = kind
        self.variant = variant
        self.uniform = variant.uniform
        self.conductance = variant.conductance
        self.modulated = frozenset(variant.modulated)
        self.pool = ConstantPool(kind, self.modulated)
        self.rows: dict[str, int] = {}
        self.lines: list[str] = []
        self.locals: dict[str, str] = {}
        self.version: dict[str, int] = {}
        self.known: dict[tuple[str, tuple[int, ...]], str] = {}
        self.shared = shared_exponentials(kind)
        self.plan = integrators.plan(kind, variant.conductance, self.modulated, variant.method)
        self.method = self.plan.method
        self.prelude: list[str] = []
        self.noises = 0
        self.counter = 0
        self.in_loop = True
        self.inflow: Inflow | None = None
        self.takes = False

    # -- values ----------------------------------------------------------------------------------

    def row(self, name: str) -> str:
        """Source of a variable's place in the arena, for the column at ``p``."""
        return self.cell(str(self.rows[name] * LANES))

    def cell(self, distance: str) -> str:
        """Source of the number so far behind row 0 of the column.

        In a loop over a block it is in the view ``lanes``,
        whose indices the compiler knows not to be negative, or anywhere in the arena.
        """
        return f"lanes[i + {distance}]" if self.in_loop else f"arena[p + {distance}]"

    def assign(self, name: str, code: str) -> None:
        """Give a name a new value."""
        self.counter += 1
        local = f"x{self.counter}_{name}"
        self.lines.append(f"{local} = {code}")
        self.locals[name] = local
        self.version[name] = self.version.get(name, 0) + 1

    def code(self, expr: Expr) -> str:
        """Source of an expression; writes the definitions it needs first."""
        for name, definition in self.kind.system.needs([expr]).items():
            if not self.pool.is_constant(definition):
                self._define(name, definition)
        return self.print(self.extract(expr))

    def extract(self, expr: Expr) -> Expr:
        """Replace constant parts by names of the pool, and exponentials by shared ones."""
        found = self.pool.merged(rewrite(self.pool.extract(expr), self.shared, self.pool))
        used = names(found)
        for one in self.shared:
            if one.name in used:
                self._share(one)
        return found

    def _share(self, one: Shared) -> None:
        key = (one.name, (self.version.get(one.state, 0),))
        if key not in self.known:
            self.counter += 1
            local = f"e{self.counter}_{one.state}"
            self.lines.append(f"{local} = {self.print(one.definition)}")
            self.known[key] = local
        self.locals[one.name] = self.known[key]

    def _define(self, name: str, definition: Expr) -> None:
        used = sorted(forms.dependencies(definition, self.kind.system))
        key = (name, tuple(self.version.get(n, 0) for n in used))
        if key not in self.known:
            self.counter += 1
            local = f"d{self.counter}_{name}"
            code = self.print(self.extract(definition))
            self.lines.append(f"{local} = {code}")
            self.known[key] = local
        self.locals[name] = self.known[key]

    def print(self, expr: Expr) -> str:
        """Source of an expression over names that have a value already."""
        match expr:
            case Num(value):
                return repr(value)
            case Name(name) if name.startswith(PREFIX):
                return self.constant(int(name[1:]))
            case Name(name):
                return self._local(name)
            case Op():
                return self._operation(expr)
            case Call("where", (condition, yes, no)):
                return (
                    f"({self.print(yes)} if {self.print(condition)} != 0.0 else {self.print(no)})"
                )
            case Call(function, arguments):
                code = f"{mathlib_names.NAMES[function]}({', '.join(map(self.print, arguments))})"
                return self._named(code) if mathlib_names.NAMES[function] in APART else code

    def _named(self, code: str) -> str:
        """Return the name of a piece of code that has a line of its own."""
        key = (code, ())
        if key not in self.known:
            self.known[key] = self._line("u", code)
        return self.known[key]

    def _power(self, base: str, power: int) -> str:
        """Source of a small integer power, by squaring; each power of it is taken once."""
        if power == 1:
            return base
        half = self._power(base, power // 2)
        square = self._named(f"{half} * {half}")
        return square if power % 2 == 0 else self._named(f"{square} * {base}")

    def _line(self, prefix: str, code: str) -> str:
        """Write a line that gives code a name; return the name."""
        self.counter += 1
        self.lines.append(f"{prefix}{self.counter} = {code}")
        return f"{prefix}{self.counter}"

    def _operation(self, expr: Op) -> str:
        """Source of an operation; a product that is added to something is fused with it."""
        match expr:
            case Op("**", base, Num(power)) if power in range(1, SMALL_POWERS + 1):
                return self._power(self.print(base), int(power))
            case Op("+", Op("*", a, b), c) | Op("+", c, Op("*", a, b)):
                return f"mul_add({self.print(a)}, {self.print(b)}, {self.print(c)})"
            case Op("-", Op("*", a, b), c):
                return f"mul_add({self.print(a)}, {self.print(b)}, -{self.print(c)})"
            case Op("-", c, Op("*", a, b)):
                return f"mul_add(-{self.print(a)}, {self.print(b)}, {self.print(c)})"
        left, right = self.print(expr.left), self.print(expr.right)
        if expr.symbol in COMPARISONS:
            return f"(1.0 if {left} {expr.symbol} {right} else 0.0)"
        return f"({left} {expr.symbol} {right})"

    def _local(self, name: str) -> str:
        """Source of the present value of a name."""
        if name not in self.locals:
            raise SimulationError(f"{self.kind.title}: {name} has no value where it is used")
        return self.locals[name]

    def constant(self, number: int) -> str:
        """Source of a constant: hoisted out of the loop, or from the column's own row."""
        return f"c{number}" if self.uniform else self.cell(f"@{number}")

    # -- integration -----------------------------------------------------------------------------

    def integrate(self) -> None:
        """Write the step of all state variables; afterwards names hold the new values."""
        if self.plan.method == RK4:
            self.runge_kutta()
        if self.plan.method == EULER:
            self.euler()
        if self.plan.system is not None:
            self.linear_system(self.plan.system)
        for update in self.plan.updates:
            self.exponential(update)

    def exponential(self, update: Update) -> None:
        """Write x += (slope*x + offset)*dt*phi(slope*dt): exact for constant coefficients.

        What only decays takes one product.
        """
        dt = Name("dt")
        reach = algebra.multiply(dt, Call(PHI, (algebra.multiply(update.slope, dt),)))
        if update.slope == algebra.ZERO:
            reach = dt
        x = Name(update.state)
        rate = algebra.add(algebra.multiply(update.slope, x), update.offset)
        if update.offset == algebra.ZERO and self.pool.is_constant(reach):
            kept = Call("exp", (algebra.multiply(update.slope, dt),))
            code = self.code(algebra.multiply(kept, x))
        elif self.pool.is_constant(reach):
            code = self.code(algebra.add(x, algebra.multiply(rate, reach)))
        else:
            code = self._approach(update)
        self.assign(update.state, code + self.noise(update.noise, update.slope))

    def _approach(self, update: Update) -> str:
        """Source of the step of a variable whose slope is another in every step.

        All is counted in steps of time. What phi is taken of, and what would be added without it,
        have lines of their own: the loop is cut before phi is known.
        """
        dt, known = Name("dt"), self.pool.is_constant
        slope, offset = (algebra.scaled(e, dt, known) for e in (update.slope, update.offset))
        reach, x = self._line("s", self.code(slope)), self.code(Name(update.state))
        rate = self._line("r", f"mul_add({reach}, {x}, {self.code(offset)})")
        return f"mul_add({rate}, {self._named(f'{mathlib_names.NAMES[PHI]}({reach})')}, {x})"

    def linear_system(self, system: LinearSystem) -> None:
        """Write x = P x + Q b with the exact propagators of one step."""
        m = len(system.states)
        tail = (*system.matrix, Name("dt"))
        new = {}
        for i, state in enumerate(system.states):
            total: Expr = algebra.ZERO
            for j, other in enumerate(system.states):
                at = (Num(float(i)), Num(float(j)), *tail)
                total = algebra.add(total, algebra.multiply(Call(PROPAGATOR, at), Name(other)))
                part = algebra.multiply(Call(INPUT_PROPAGATOR, at), system.offsets[j])
                total = algebra.add(total, part)
            slope = system.matrix[i * m + i]
            new[state] = self.code(total) + self.noise(system.noises[i], slope)
        for state, code in new.items():
            self.assign(state, code)

    def noise(self, strength: Expr, slope: Expr) -> str:
        """Source of what noise adds in a step: its variance is strength**2*dt*phi(2*slope*dt)."""
        if strength == algebra.ZERO:
            return ""
        dt = Name("dt")
        span = algebra.multiply(
            dt, Call(PHI, (algebra.multiply(Num(2.0), algebra.multiply(slope, dt)),))
        )
        if slope == algebra.ZERO:
            span = dt
        scale = self.code(algebra.multiply(strength, Call("sqrt", (span,))))
        first, second = 2 * self.noises, 2 * self.noises + 1
        if not self.noises:
            self.lines.append(f"key = keys[stream + block * {LANES} + i]")
        self.prelude += [f"    mixed{k} = counter_of(step, {k})" for k in (first, second)]
        self.noises += 1
        return f" + ({scale}) * normal_of(key, mixed{first}, mixed{second})"

    def runge_kutta(self) -> None:
        """Write the fourth-order step, all state variables together."""
        states = self.kind.system.states
        pulled, pull = self.pull()
        stages = Stages({s: self.locals[s] for s in states}, "dt", pulled, pull)
        self.lines += stages.prepare()
        for _ in STAGES:
            if stages.slopes:
                for s in states:
                    self.assign(s, stages.point(s))
            self.assign(NOISE, "0.0")
            slopes = {s: self._slope(s) for s in states}
            stages.take(slopes, self.locals.get(pulled, ""))
        for s in states:
            self.assign(s, stages.end(s) + self.noise(self.plan.noises[s], algebra.ZERO))

    def euler(self) -> None:
        """Write x += dt*slope, with all slopes at the beginning of the step."""
        self.assign(NOISE, "0.0")
        slopes = {s: self._slope(s) for s in self.kind.system.states}
        for s, slope in slopes.items():
            noise = self.noise(self.plan.noises[s], algebra.ZERO)
            self.assign(s, f"mul_add(dt, {slope}, {self.locals[s]})" + noise)

    def pull(self) -> tuple[str, str]:
        """Return which variable conductances pull, and source of the rate; empty for none."""
        return "", ""

    def _slope(self, state: str) -> str:
        return self._line("k", self.code(self.kind.system.derivatives[state]))

    # -- assembling ------------------------------------------------------------------------------

    def load_states(self) -> None:
        """Write the reading of all state variables."""
        for state in self.kind.system.states:
            self.assign(state, self.row(state))

    def store_states(self) -> None:
        """Write the storing of all state variables."""
        for state in self.kind.system.states:
            self.lines.append(f"{self.row(state)} = {self.locals[state]}")

    def take(self) -> list[str]:
        """Return the lines so far and begin anew, forgetting all values."""
        self.in_loop = False
        lines, self.lines = self.lines, []
        self.locals, self.version, self.known = {}, {}, {}
        return lines

    def kernel(self) -> list[str]:
        """Return the lines of the function ``kernel``."""
        raise NotImplementedError

    def enter_observer(self) -> None:
        """Write what a recordable definition may use."""
        self.load_states()
        self.assign("t", "t")

    def finish(self) -> KernelSource:
        """Put the module together."""
        kernel = self.kernel()
        observe, observed = self._observer()
        shared = -1 if self.uniform else len(self.rows)
        n_rows = len(self.rows) + (0 if self.uniform else len(self.pool.exprs))
        text = "\n".join([*HEADER, "", "", *kernel, "", "", *observe, ""])
        text = self._resolve(text).replace("@STRIDE", str(n_rows * LANES))
        digest = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
        return KernelSource(
            f"kernel_{digest}", text, self.rows, n_rows,
            tuple(self.pool.exprs), shared, observed, self.method, self.inflow, self.takes,
        )  # fmt: skip

    def _resolve(self, text: str) -> str:
        """Fill in the rows of constants, which are known only when all is written."""
        for number in reversed(range(len(self.pool.exprs))):
            text = text.replace(f"@{number}]", f"{(len(self.rows) + number) * LANES}]")
        return text

    def _observer(self) -> tuple[list[str], dict[str, int]]:
        observed = {name: i for i, name in enumerate(self.kind.system.definitions)}
        self.take()
        self.enter_observer()
        # Each once, for the compiler's sake; those that cost most come last.
        for name in sorted(observed, key=self._cost):
            code = self.code(Name(name))
            self.lines += [f"if what == {observed[name]}:", f"    return {code}"]
        head = [
            f"def observe({OBSERVER_ARGUMENTS}):",
            POINTER,
            f"    p = offset + (column >> 6) * @STRIDE + (column & {LANES - 1})",
            *self.hoisted(),
        ]
        return [*head, *indented(self.take(), 4), "    return arena[p]"], observed

    def _cost(self, name: str) -> int:
        """How many functions are called for a definition."""
        needed = self.kind.system.needs([Name(name)])
        return sum(isinstance(part, Call) for expr in needed.values() for part in walk(expr))

    def hoisted(self) -> list[str]:
        """Return the lines that read shared constants before a loop."""
        if not self.uniform:
            return []
        return [f"    c{i} = arena[consts + {i}]" for i in range(len(self.pool.exprs))]

    def function(
        self,
        loop: list[str],
        tail: Sequence[str] = (),
        *,
        enter: Sequence[str] = (),
        vector: bool = True,
        whole: bool = False,
        name: str = "kernel",
    ) -> list[str]:
        """Return a function with a loop over columns.

        Args:
            loop: What is done for column ``i`` of a block.
            tail: What comes after that loop, block by block.
            enter: What comes before it.
            vector: The loop may run over columns that only fill up the last block.
            whole: It may take every block as a whole: there are many, and one more costs nothing.
            name: What it is called.
        """
        # Random streams exist for real columns only, so there the last block is not rounded up.
        padded = "((n + 7) & ~7)" if vector and not self.noises else "n"
        count = f"min({LANES}, {padded} - block * {LANES})"
        if whole and vector and not self.noises:
            count = str(LANES)
        body = _cut(loop if vector else [], count) or _plain(loop, count)
        return [
            f"def {name}({ARGUMENTS}):",
            POINTER,
            *self.hoisted(),
            *self.prelude,
            f"    for block in range(begin >> 6, (n + {LANES - 1}) >> 6):",
            "        first = offset + block * @STRIDE",
            "        lanes = lanes_at(arena, first)",
            *indented(enter, 8),
            *indented(body, 8),
            *indented(tail, 8),
            "    return found",
        ]


def _plain(loop: Sequence[str], count: str) -> list[str]:
    """Return one loop over so many lanes of a block."""
    return [f"for i in range({count}):", *indented(loop, 4)]


def _cut(loop: Sequence[str], count: str) -> list[str]:
    """Return a loop cut at exponentials, or nothing where that does not pay."""
    phases = Phases(loop, APART, LANES)
    if not phases.pays:
        return []
    loops = phases.loops("count")
    return [f"count = {count}", f"scratch = room_for({phases.size})", *loops]


def indented(lines: Sequence[str], by: int) -> list[str]:
    """Return the lines moved to the right."""
    return [" " * by + line for line in lines]
