"""Kernels of neurons, second part: find spikes, and carry out what they change.

Where the exact form of the upswing is unknown (RK4), a step in which a neuron with a reset fires,
or comes much nearer to its threshold, is taken again in small parts: up to the threshold, through
the reset and a refractory period, and on to the end of the step. A part is never longer than it
takes v, at its present speed, to come a small way nearer to the threshold; so an upswing that blows
up, faster than any time step, is followed to its end, and spike trains are as accurate as what lies
between the spikes.
"""

from __future__ import annotations

from neurocanvas.errors import SimulationError
from neurocanvas.model import algebra, forms
from neurocanvas.model.equations import Statement
from neurocanvas.model.expressions import Expr, Name
from neurocanvas.model.forms import CONDUCTANCE_IN, CURRENT_IN, NOISE, RK4
from neurocanvas.model.kinds import NeuronKind
from neurocanvas.sim.writing.kernel_source import LANES, WEIGHTS, Variant
from neurocanvas.sim.writing.kernel_writer import Writer, indented
from neurocanvas.sim.writing.stages import STAGES, Stages

PARTS_OF_STEP = 4
PARTS_OF_RISE = 48
"""Parts of the time step, and of the way to the threshold, at least: 1e-4 ms at steps of 0.1 ms."""
MOST_PARTS = 4 * (PARTS_OF_STEP + PARTS_OF_RISE)
ENTERED, OPENED, HELD = "#entered", "#opened", "#held"
"""Rows for what the step began with: current, conductance, refractory time left."""


MARGIN, MARGIN_BEFORE = "#margin", "#margin_before"
"""Rows for how far a variable is above a level that follows others, now and a step ago."""


def row_before(state: str) -> str:
    """Return the row for the value that a state variable began the step with."""
    return f"#before_{state}"


class SpikeWriter(Writer):
    """The part of a neuron's kernel that comes after the integration of all columns."""

    kind: NeuronKind

    def __init__(self, kind: NeuronKind, variant: Variant) -> None:
        super().__init__(kind, variant)
        resets = any(s.target == kind.main for s in kind.reset_statements)
        quiet = all(n == algebra.ZERO for n in self.plan.noises.values())
        condition = kind.spike_condition
        on_main = condition is not None and condition.variable == kind.main
        fixed = condition is not None and forms.is_constant(condition.level, kind)
        self.moving = condition is not None and not (on_main and fixed)
        """Whether the threshold is more than a level of the potential that parameters give."""
        self.resolved = (
            self.method == RK4 and resets and quiet and on_main and fixed
            and not kind.update_statements
        )  # fmt: skip
        """Whether the step of a spike is taken again in small parts."""
        self.seeks = False
        """Whether the loop has asked already if a block is worth a look."""
        self.held = bool(kind.refractory) or (resets and on_main and not self.resolved)
        """Whether v moves in a part of the step only, after a spike."""

    def memory(self) -> list[str]:
        """Return the rows that spikes are found by, and their step is taken again from."""
        if self.moving:
            return [MARGIN, MARGIN_BEFORE]
        if not self.resolved:
            return []
        others = [row_before(s) for s in self.kind.system.states if s != self.kind.main]
        rows = [ENTERED, *([OPENED] if self.conductance else []), *others]
        return [*rows, HELD] if self.held else rows

    def remember(self, before: dict[str, str]) -> None:
        """Write the storing of what the step began with, where it may be taken again."""
        if not self.resolved:
            return
        self.lines.append(f"{self.row(ENTERED)} = {self.locals[CURRENT_IN]}")
        if self.conductance:
            self.lines.append(f"{self.row(OPENED)} = {self.locals[CONDUCTANCE_IN]}")
        for state, value in before.items():
            if state != self.kind.main:
                self.lines.append(f"{self.row(row_before(state))} = {value}")

    def margin(self, row: str) -> None:
        """Write how far above its level a variable is, where the level is not just a number.

        Raises:
            SimulationError: The level follows white noise, which has no value.
        """
        condition = self.kind.spike_condition
        if not self.moving or condition is None:
            return
        if NOISE in forms.dependencies(condition.level, self.kind.system):
            raise SimulationError(f"{self.kind.title}: a threshold can't follow {NOISE}")
        over = algebra.subtract(Name(condition.variable), condition.level)
        self.lines.append(f"{self.row(row)} = {self.code(over)}")

    def see_modulated(self) -> None:
        """Write the reading of parameters as the last step saw them."""
        for name in sorted(self.modulated - {WEIGHTS}):
            self.assign(name, self.row(f"#now_{name}"))

    def _slope(self, state: str) -> str:
        """As the base, with the current that follows the potential inside the step."""
        self.assign("I", self.print(forms.total_current(self.kind, self.conductance)))
        return super()._slope(state)

    def pull(self) -> tuple[str, str]:
        """Return the potential, and the rate with which conductances pull it."""
        gain = forms.input_gain(self.kind)
        if not self.conductance or gain == algebra.ZERO:
            return "", ""
        self.assign("pull", f"({self.code(gain)}) * {self.locals[CONDUCTANCE_IN]}")
        return self.kind.main, self.locals["pull"]

    # -- looking for spikes ----------------------------------------------------------------------

    def look(self, before: str) -> None:
        """Write into the loop whether any column of the block is one to look at afterwards.

        Most blocks have none, and this way of asking vectorizes.

        Args:
            before: What the potential was at the beginning of the step.
        """
        condition = self.kind.spike_condition
        if condition is None:
            return
        self.seeks = not self.moving and not self.modulated
        if self.seeks:
            v, level = self.locals[condition.variable], self.code(condition.level)
            self.lines.append(f"hits += 0 if {self._skip(v, before, level)} else 1")

    def _skip(self, v: str, before: str, level: str) -> str:
        """Source of the condition for a column without a spike."""
        if self.resolved:
            return f"{v} < {level} and ({v} - {before}) * {PARTS_OF_RISE}.0 < {level} - {before}"
        if not self.kind.reset:
            return f"{v} < {level} or {before} >= {level}"
        return f"{v} < {level}"

    def spikes(self) -> list[str]:
        """Return the lines that look through the columns of a block for spikes."""
        condition = self.kind.spike_condition
        if condition is None:
            return []
        self.see_modulated()
        level = "0.0" if self.moving else self.code(condition.level)
        now, earlier = (MARGIN, MARGIN_BEFORE) if self.moving else (self.kind.main, "#previous")
        before_level = self.lines
        self.lines = []
        effect = self._again() if self.resolved else self._at_the_end()
        # Synapses that look ahead must not take the reset for a fall.
        was, jumps = self.row("#previous"), bool(self.kind.reset)
        return [
            *(["if hits == 0:", "    continue"] if self.seeks else []),
            f"for column in range(block * {LANES}, min(n, (block + 1) * {LANES})):",
            f"    p = first + (column & {LANES - 1})",
            *indented(before_level, 4),
            f"    v = {self.row(now)}",
            f"    before = {self.row(earlier)}",
            f"    if {self._skip('v', 'before', level)}:",
            "        continue",
            "    if v != v:",
            "        return -1 - column",
            f"    level = {level}",
            *indented(effect, 4),
            "    out_unit[found] = unit + column",
            "    out_count[found] = 1",
            "    out_when[found] = when",
            "    found += 1",
            *([f"    {was} = {self.row(self.kind.main)}"] if jumps else []),
        ]

    def _at_the_end(self) -> list[str]:
        """Return the lines of a spike whose time is interpolated and whose reset ends the step."""
        return [
            "when = (level - before) / (v - before) if v > before else 1.0",
            "when = min(max(when, 0.0), 1.0)",
            *self._reset(),
        ]

    def _reset(self) -> list[str]:
        self.take()
        self.enter_observer()
        for statement in self.kind.reset_statements:
            self.assign(statement.target, self.code(new_value(statement)))
            self.lines.append(f"{self.row(statement.target)} = {self.locals[statement.target]}")
        if self.held:
            period = self.code(Name(self.kind.refractory)) if self.kind.refractory else "0.0"
            self.lines.append(f"{self.row('#refractory')} = {period} - (1.0 - when) * dt")
        return self.take()

    # -- the step of a spike, again --------------------------------------------------------------

    def _again(self) -> list[str]:
        """Return the lines that take the step again in parts, with the spike where it belongs."""
        states, main = self.kind.system.states, self.kind.main
        start = {s: self.row("#previous" if s == main else row_before(s)) for s in states}
        idle = [f"idle = {self.row(HELD)}"] if self.held else []
        left = [f"{self.row('#refractory')} = max(idle, 0.0)"] if self.held else []
        return [
            *[f"y_{s} = {value}" for s, value in start.items()],
            "passed = 0.0",
            "when = -1.0",
            f"reach = max((level - y_{main}) * {1 / PARTS_OF_RISE!r}, 1e-9)",
            *idle,
            f"for part in range({MOST_PARTS}):",
            *indented(self._fire(), 4),
            "    if passed >= dt:",
            "        break",
            *indented(self._part(), 4),
            *[f"{self.row(s)} = y_{s}" for s in states],
            *left,
            "if when < 0.0:",
            "    continue",
        ]

    def _fire(self) -> list[str]:
        """Return the lines of the reset, which happens once in a step."""
        self._begin_part()
        for statement in self.kind.reset_statements:
            self.assign(statement.target, self.code(new_value(statement)))
        changed = {s.target: self.locals[s.target] for s in self.kind.reset_statements}
        if self.kind.refractory:
            self.lines.append(f"idle = {self.code(Name(self.kind.refractory))}")
        body = self.take()
        ready = " and idle <= 0.0" if self.held else ""
        return [
            f"if when < 0.0 and y_{self.kind.main} >= level{ready}:",
            "    when = min(passed / dt, 1.0)",
            *indented(body, 4),
            *[f"    y_{s} = {value}" for s, value in changed.items()],
            f"    reach = max(abs(level - y_{self.kind.main}) * {1 / PARTS_OF_RISE!r}, reach)",
        ]

    def _begin_part(self) -> None:
        """Give all names their value at the beginning of a part."""
        self.take()
        self.see_modulated()
        self.assign("t", "t")
        self.assign(NOISE, "0.0")
        self.assign(CURRENT_IN, self.row(ENTERED))
        if self.conductance:
            self.assign(CONDUCTANCE_IN, self.row(OPENED))
        for state in self.kind.system.states:
            self.locals[state] = f"y_{state}"
        self.assign("I", self.print(forms.total_current(self.kind, self.conductance)))

    def _part(self) -> list[str]:
        """Return the lines of one part: a fourth-order step, cut where v reaches the level."""
        states, main = self.kind.system.states, self.kind.main
        self._begin_part()
        stages = Stages({s: f"y_{s}" for s in states}, "h", *self.pull())
        for _ in STAGES:
            if stages.slopes:
                for s in states:
                    self.assign(s, stages.point(s))
            slopes = {s: self._moving_slope(s) for s in states}
            stages.take(slopes, self.locals[main])
            if len(stages.slopes) == 1:
                self._length(slopes[main])
                self.lines += stages.prepare()
        ends = {}
        for s in states:
            self.assign(s, stages.end(s))
            ends[s] = self.locals[s]
        self.lines += [
            "cut = 1.0",
            f"if when < 0.0 and y_{main} < level and {ends[main]} >= level:",
            f"    cut = (level - y_{main}) / ({ends[main]} - y_{main})",
            *[f"y_{s} = y_{s} + cut * ({end} - y_{s})" for s, end in ends.items()],
            "if cut < 1.0:",
            f"    y_{main} = level",
            "passed = dt if h == rest and cut == 1.0 else passed + cut * h",
        ]
        if self.held:
            self.lines.append("idle -= h")
        return self.take()

    def _moving_slope(self, state: str) -> str:
        """As ``_slope``; the potential does not move while it is refractory."""
        slope = self._slope(state)
        if self.held and state == self.kind.main:
            self.lines.append(f"{slope} = {slope} if idle <= 0.0 else 0.0")
        return slope

    def _length(self, speed: str) -> None:
        """Write how long the part is, from the speed of v at its beginning."""
        self.lines += [
            "rest = dt - passed",
            f"h = min(rest, dt * {1 / PARTS_OF_STEP!r})",
            f"if {speed} * h > reach:",
            f"    h = reach / {speed}",
        ]
        if self.held:
            self.lines += ["if idle > 0.0:", "    h = min(rest, idle)"]


def new_value(statement: Statement) -> Expr:
    """Return what a statement gives its target."""
    if statement.operator == "+=":
        return algebra.add(Name(statement.target), statement.expr)
    return statement.expr
