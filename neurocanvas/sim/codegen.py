"""From equations to the source text of kernels.

A group keeps its columns (one per neuron, source or synapse target) in blocks of ``LANES``; inside a
block each variable has a row of ``LANES`` numbers, so every access is a constant distance from the
column's place and the loop over a block vectorizes without any check for overlap. Row 0 holds what
others look at: the potential of a neuron, the output of a source, the weights that have just
arrived at a synapse.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from neurocanvas.errors import SimulationError
from neurocanvas.model import algebra
from neurocanvas.model.equations import Statement
from neurocanvas.model.expressions import COMPARISONS, Call, Expr, Name, Num, Op, names
from neurocanvas.model.kinds import Kind, NeuronKind, SourceKind, SynapseKind
from neurocanvas.sim import integrators, mathlib_names
from neurocanvas.sim.constants import PREFIX, ConstantPool
from neurocanvas.sim.evaluate import PHI
from neurocanvas.sim.integrators import CONDUCTANCE_IN, CURRENT_IN, RK4, Update
from neurocanvas.sim.random import CHUNK

LANES = 64
MAIN, PREVIOUS, CURRENT, CONDUCTANCE = 0, 1, 2, 3
"""Rows of a neuron group that others read or add to."""
SMALL_POWERS = 8

ARGUMENTS = (
    "arena, index, keys, offset, n, consts, link, stream, unit, step, t, dt, "
    "out_unit, out_count, out_when, found"
)
OBSERVER_ARGUMENTS = "arena, index, offset, column, consts, link, what, t, dt"


@dataclass(frozen=True)
class KernelSource:
    """The generated source of one kind in one variant, and how its columns are laid out.

    Attributes:
        name: A valid identifier, unique for this text.
        text: Python source with the functions ``kernel`` and ``observe``.
        rows: Row number of each variable.
        n_rows: Rows in a block, constants included.
        constants: Expressions of parameters and ``dt``, in pool order.
        first_constant: Row of the first constant, or -1 where all columns share one set.
        observed: Name of each recordable definition -> its number for ``observe``.
        method: Which integrator it uses.
    """

    name: str
    text: str
    rows: dict[str, int]
    n_rows: int
    constants: tuple[Expr, ...]
    first_constant: int
    observed: dict[str, int]
    method: str

    @property
    def stride(self) -> int:
        """Numbers in one block."""
        return self.n_rows * LANES


@lru_cache(maxsize=512)
def generate(kind_key: KindKey, uniform: bool, conductance: bool) -> KernelSource:
    """Return the kernel of a kind (cached: a kind's text never changes)."""
    kind = kind_key.kind
    match kind:
        case NeuronKind():
            writer: _Writer = _NeuronWriter(kind, uniform, conductance)
        case SynapseKind():
            writer = _SynapseWriter(kind, uniform, conductance)
        case SourceKind():
            writer = _SourceWriter(kind, uniform, conductance)
        case _:
            raise SimulationError(f"{kind.title} can't be simulated")
    return writer.finish()


class KindKey:
    """A kind as a dictionary key, by its name and equations."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self._key = repr(kind)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KindKey) and other._key == self._key


class _Writer:
    """Writes the statements of a loop body, keeping track of which values are current."""

    indent = 12

    def __init__(self, kind: Kind, uniform: bool, conductance: bool) -> None:
        self.kind = kind
        self.uniform = uniform
        self.conductance = conductance
        self.pool = ConstantPool(kind)
        self.rows: dict[str, int] = {}
        self.lines: list[str] = []
        self.locals: dict[str, str] = {}
        self.version: dict[str, int] = {}
        self.known: dict[tuple[str, tuple[int, ...]], str] = {}
        self.method = integrators.plan(kind, conductance).method
        self.counter = 0

    # -- values ----------------------------------------------------------------------------------

    def row(self, name: str) -> str:
        """Source of a variable's place in the arena, for the column at ``p``."""
        return f"arena[p + {self.rows[name] * LANES}]" if self.rows[name] else "arena[p]"

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
            if not integrators.is_constant(definition, self.kind):
                self._define(name, definition)
        return self.print(self.pool.extract(expr))

    def _define(self, name: str, definition: Expr) -> None:
        used = sorted(integrators.dependencies(definition, self.kind.system))
        key = (name, tuple(self.version.get(n, 0) for n in used))
        if key not in self.known:
            self.counter += 1
            local = f"d{self.counter}_{name}"
            self.lines.append(f"{local} = {self.print(self.pool.extract(definition))}")
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
                return self.locals[name]
            case Op("**", base, Num(power)) if power in range(1, SMALL_POWERS + 1):
                return _product(self.print(base), int(power))
            case Op(symbol, left, right) if symbol in COMPARISONS:
                return f"(1.0 if {self.print(left)} {symbol} {self.print(right)} else 0.0)"
            case Op(symbol, left, right):
                return f"({self.print(left)} {symbol} {self.print(right)})"
            case Call("where", (condition, yes, no)):
                return f"({self.print(yes)} if {self.print(condition)} != 0.0 else {self.print(no)})"
            case Call(function, arguments):
                return f"{mathlib_names.NAMES[function]}({', '.join(map(self.print, arguments))})"

    def constant(self, number: int) -> str:
        """Source of a constant: hoisted out of the loop, or from the column's own row."""
        return f"c{number}" if self.uniform else f"arena[p + @{number}]"

    # -- integration -----------------------------------------------------------------------------

    def integrate(self) -> None:
        """Write the step of all state variables; afterwards names hold the new values."""
        plan = integrators.plan(self.kind, self.conductance)
        if plan.method == RK4:
            self.runge_kutta()
        for update in plan.updates:
            self.exponential(update)

    def exponential(self, update: Update) -> None:
        """x += (slope*x + offset) * (exp(slope*dt) - 1)/slope, exact for constant coefficients."""
        dt = Name("dt")
        reach = algebra.multiply(dt, Call(PHI, (algebra.multiply(update.slope, dt),)))
        if update.slope == algebra.ZERO:
            reach = dt
        x = Name(update.state)
        rate = algebra.add(algebra.multiply(update.slope, x), update.offset)
        self.assign(update.state, self.code(algebra.add(x, algebra.multiply(rate, reach))))

    def runge_kutta(self) -> None:
        """Write the classical fourth-order step, all state variables together."""
        states = self.kind.system.states
        start = {s: self.locals[s] for s in states}
        slopes: list[dict[str, str]] = []
        for factor in (0.0, 0.5, 0.5, 1.0):
            if slopes:
                last = slopes[-1]
                for s in states:
                    self.assign(s, f"{start[s]} + {factor} * dt * {last[s]}")
            slopes.append({s: self._slope(s) for s in states})
        for s in states:
            k1, k2, k3, k4 = (k[s] for k in slopes)
            self.assign(s, f"{start[s]} + dt * ({k1} + 2.0 * ({k2} + {k3}) + {k4}) * {1 / 6!r}")

    def _slope(self, state: str) -> str:
        code = self.code(self.kind.system.derivatives[state])
        self.counter += 1
        self.lines.append(f"k{self.counter} = {code}")
        return f"k{self.counter}"

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
        text = "\n".join([*_HEADER, "", "", *kernel, "", "", *observe, ""])
        text = self._resolve(text).replace("@STRIDE", str(n_rows * LANES))
        digest = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
        return KernelSource(
            f"{self.kind.name}_{digest}", text, self.rows, n_rows,
            tuple(self.pool.exprs), shared, observed, self.method,
        )  # fmt: skip

    def _resolve(self, text: str) -> str:
        """Fill in the rows of constants, which are known only when all is written."""
        for number in reversed(range(len(self.pool.exprs))):
            text = text.replace(f"@{number}]", f"{(len(self.rows) + number) * LANES}]")
        return text

    def _observer(self) -> tuple[list[str], dict[str, int]]:
        observed = {name: i for i, name in enumerate(self.kind.system.definitions)}
        branches = []
        for name, number in observed.items():
            self.take()
            self.enter_observer()
            code = self.code(Name(name))
            body = [*self.take(), f"return {code}"]
            branches += [f"    if what == {number}:", *_indented(body, 8)]
        head = [
            f"def observe({OBSERVER_ARGUMENTS}):",
            f"    p = offset + (column >> 6) * @STRIDE + (column & {LANES - 1})",
            *self.hoisted(),
        ]
        return [*head, *branches, "    return arena[p]"], observed

    def hoisted(self) -> list[str]:
        """Return the lines that read shared constants before a loop."""
        if not self.uniform:
            return []
        return [f"    c{i} = arena[consts + {i}]" for i in range(len(self.pool.exprs))]

    def function(self, loop: list[str], tail: list[str], vector: bool = True) -> list[str]:
        """Return ``kernel`` with a loop over columns and what comes after it."""
        padded = "((n + 7) & ~7)" if vector else "n"
        return [
            f"def kernel({ARGUMENTS}):",
            *self.hoisted(),
            f"    for block in range((n + {LANES - 1}) >> 6):",
            "        first = offset + block * @STRIDE",
            f"        for i in range(min({LANES}, {padded} - block * {LANES})):",
            "            p = first + i",
            *_indented(loop, 12),
            *tail,
            "    return found",
        ]


class _NeuronWriter(_Writer):
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
        left = self.row("#refractory")
        main = self.kind.main
        self.lines.append(f"left = {left}")
        self.assign(main, f"{before} if left > 0.5 else {self.locals[main]}")
        self.lines.append(f"{left} = left - 1.0 if left > 0.5 else 0.0")

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
            *_indented(effect, 8),
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
            steps = Call("floor", (Op("+", Op("/", Name(self.kind.refractory), Name("dt")), Num(0.5)),))
            self.lines.append(f"{self.row('#refractory')} = {self.code(steps)}")
        return self.take()

    def enter_observer(self) -> None:
        """Add the input current, where definitions use it."""
        super().enter_observer()
        if "#seen" in self.rows:
            self.assign("I", self.row("#seen"))


class _SynapseWriter(_Writer):
    """Synapses: take what arrived, step, and add current and conductance to the target.

    The target receives the mean of the values before and after the step: a trapezoid, second order.
    """

    kind: SynapseKind

    def __init__(self, kind: SynapseKind, uniform: bool, conductance: bool) -> None:
        super().__init__(kind, uniform, conductance)
        self.rows = {name: i for i, name in enumerate(["#arrived", *kind.system.states])}

    def kernel(self) -> list[str]:
        """Return the lines of the function ``kernel``."""
        states = self.kind.system.states
        self._enter()
        self.load_states()
        self._arrive()
        before = {s: self.locals[s] for s in states}
        self.integrate()
        for s in states:
            self.assign(s, f"quiet({self.locals[s]})")
        self.store_states()
        for s in states:
            self.assign(s, f"0.5 * ({before[s]} + {self.locals[s]})")
        self._give()
        return self.function(self.take(), [], vector=False)

    def _enter(self) -> None:
        self.assign("t", "t")
        step = 2 if self.kind.carries == "current" else 1
        self.lines.append(f"q = index[link + {step} * (block * {LANES} + i)]")
        self.assign("v", "arena[q]")
        if self.kind.carries == "current":
            self.assign("out", f"arena[index[link + 2 * (block * {LANES} + i) + 1]]")

    def _arrive(self) -> None:
        if self.kind.carries != "spikes":
            return
        self.lines += [f"arrived = {self.row('#arrived')}", f"{self.row('#arrived')} = 0.0"]
        for statement in self.kind.spike_statements:
            gain = _gain(statement, self.kind)
            code = f"{self.locals[statement.target]} + ({self.code(gain)}) * arrived"
            self.assign(statement.target, code)

    def _give(self) -> None:
        conductance, current = split_current(self.kind)
        if current != algebra.ZERO:
            self.lines.append(f"arena[q + {CURRENT * LANES}] += {self.code(current)}")
        if conductance != algebra.ZERO:
            self.lines.append(f"arena[q + {CONDUCTANCE * LANES}] += {self.code(conductance)}")

    def enter_observer(self) -> None:
        """Add the target's potential."""
        super().enter_observer()
        step = 2 if self.kind.carries == "current" else 1
        self.lines.append(f"q = index[link + {step} * column]")
        self.assign("v", "arena[q]")
        if self.kind.carries == "current":
            self.assign("out", "arena[index[link + 2 * column + 1]]")


def split_current(kind: SynapseKind) -> tuple[Expr, Expr]:
    """Split a synapse's I into conductance and current: ``I = current - conductance*v``.

    What the conductance itself owes to v (as in a voltage-dependent block) stays in it and is taken
    at the beginning of the step.

    Raises:
        SimulationError: The kind defines no ``I``.
    """
    if "I" not in kind.system.definitions:
        raise SimulationError(f"{kind.title} defines no current I into its target")
    split = algebra.linear_in(kind.system.definitions["I"], "v")
    if split is None:
        return algebra.ZERO, kind.system.definitions["I"]
    return algebra.negate(split[0]) if split[0] != algebra.ZERO else algebra.ZERO, split[1]


class _SourceWriter(_Writer):
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
        self.lines.append(f"arena[p] = {self.code(Name('I'))}")
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


def _new_value(statement: Statement) -> Expr:
    if statement.operator == "+=":
        return algebra.add(Name(statement.target), statement.expr)
    return statement.expr


def _gain(statement: Statement, kind: SynapseKind) -> Expr:
    """Return c in ``state += c*weight``: arrivals are summed before they act.

    Raises:
        SimulationError: The effect is not proportional to the weight.
    """
    split = algebra.linear_in(statement.expr, "weight")
    if statement.operator != "+=" or split is None or split[1] != algebra.ZERO:
        raise SimulationError(f"{kind.title}: a spike adds a multiple of weight, state += weight*...")
    return split[0]


def _product(base: str, power: int) -> str:
    """Source of a small integer power, by squaring."""
    if power == 1:
        return base
    half = _product(base, power // 2)
    square = f"({half} * {half})"
    return square if power % 2 == 0 else f"({square} * {base})"


def _indented(lines: list[str], by: int) -> list[str]:
    return [" " * by + line for line in lines]


_HEADER = (
    '"""Generated from the equations of a kind; not meant to be edited."""',
    "",
    "import math",
    "",
    f"from neurocanvas.sim.mathlib import {', '.join(sorted(mathlib_names.COMPILED.values()))}, quiet",
    "from neurocanvas.sim.randomlib import counter_of, poisson_of, uniform_of",
)
