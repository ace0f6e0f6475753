"""Kernels of synapses: take what arrived, step, and give current and conductance to the target."""

from __future__ import annotations

import re
from collections.abc import Mapping

from neurocanvas.errors import SimulationError
from neurocanvas.model import algebra, forms
from neurocanvas.model.equations import Statement
from neurocanvas.model.expressions import Call, Expr, Name, Num, names
from neurocanvas.model.kinds import SynapseKind
from neurocanvas.sim.writing import inflows
from neurocanvas.sim.writing.kernel_source import (
    CONDUCTANCE,
    CURRENT,
    LANES,
    MAIN,
    PREVIOUS,
    SCALE,
    Inflow,
    Variant,
)
from neurocanvas.sim.writing.kernel_writer import Writer

_CONSTANT, _MULTIPLE = re.compile(r"c(\d+)"), re.compile(r"\(c(\d+) \* (\w+)\)")

AHEAD = "1.5 * {} - 0.5 * {}"
"""Where something will be in the middle of the step, if it goes on as it went."""

_DIRECT = (
    "other = index[link] + block * index[link + 1]",
    "theirs = lanes_at(arena, other)",
)
"""Where the targets of a block lie: of a direct kernel, the index holds offset and stride."""
_SENT = "sent = arena[index[link + 2]]"
"""What all columns get, where a direct kernel carries the output of one source."""


class SynapseWriter(Writer):
    """Synapses: take what arrived, step, and add current and conductance to the target.

    The target receives the mean of the values before and after the step: a trapezoid, second order.
    What a link carries of a neuron that moves, its rate or its potential, is extrapolated to the
    middle of the step as in the method of Adams and Bashforth: second order too.
    """

    kind: SynapseKind

    def __init__(self, kind: SynapseKind, variant: Variant) -> None:
        super().__init__(kind, variant)
        seen = ["#seen"] if _uses_arrived(kind) else []
        self.landing = _landing(kind)
        """The state that weights arrive in at once; empty where they have a row of their own."""
        others = [state for state in kind.system.states if state != self.landing]
        names = [self.landing or "#arrived", *seen, *others]
        self.rows = {name: i for i, name in enumerate(names)}

    def kernel(self) -> list[str]:
        """Return the lines of the function ``kernel``."""
        states = self.kind.system.states
        self._enter()
        self.load_states()
        self._arrive()
        before = {s: self.locals[s] for s in states}
        self.integrate()
        self.store_states()
        self._give(before)
        hush = inflows.hush([self.row(state) for state in states])
        if self.variant.direct:
            sent = () if self.kind.carries == "spikes" else (_SENT,)
            return self.function(self.take(), hush, enter=(*_DIRECT, *sent), whole=True)
        return self.function(self.take(), hush, vector=False)

    def target(self, row: int) -> str:
        """Source of a place of the column's target: right behind, or wherever the index says."""
        if self.variant.direct and self.in_loop:
            return f"theirs[i + {row * LANES}]"
        return f"arena[q + {row * LANES}]"

    def _enter(self) -> None:
        self.assign("t", "t")
        width = index_width(self.kind)
        at = f"link + {width} * (block * {LANES} + i)"
        if not self.variant.direct:
            self.lines.append(f"q = index[{at}]")
        self.assign("v", self.target(MAIN))
        if _follows_potential(self.kind):
            here, earlier = self.target(MAIN), self.target(PREVIOUS)
            self.assign("v", AHEAD.format(here, earlier))
        if self.kind.carries != "spikes" and self.variant.direct:
            self.assign("out", "sent")
        elif self.kind.carries != "spikes":
            self.lines.append(f"o = index[{at} + 1]")
            earlier = f"arena[o + {PREVIOUS * LANES}]"
            self.assign(
                "out", AHEAD.format("arena[o]", earlier) if self.variant.ahead else "arena[o]"
            )
        if self.kind.gives == "modulation":
            self.lines.append(f"place = index[{at} + {width - 1}]")

    def _arrive(self) -> None:
        if self.kind.carries != "spikes" or self.landing:
            return
        self.assign("arrived", self.row("#arrived"))
        self.lines.append(f"{self.row('#arrived')} = 0.0")
        if "#seen" in self.rows:
            self.lines.append(f"{self.row('#seen')} = {self.locals['arrived']}")
        for statement in self.kind.spike_statements:
            gain = self.code(_gain(statement, self.kind))
            code = f"{self.locals[statement.target]} + ({gain}) * {self._times(statement)}"
            self.assign(statement.target, code)

    def _times(self, statement: Statement) -> str:
        """Source of how many times what one spike adds is added: as often as spikes arrived.

        Where a spike adds a*x + b to x itself, the second finds another x than the first: n of them
        add (1 + (1 + a) + ... + (1 + a)**(n - 1)) times as much as one.
        """
        arrived = self.locals["arrived"]
        split = algebra.linear_in(statement.expr, statement.target)
        if not self.kind.counts or split is None or split[0] == algebra.ZERO:
            return arrived
        if not self.pool.is_constant(split[0]):
            return arrived
        slope = self.code(split[0])
        several = f"((1.0 + {slope}) ** {arrived} - 1.0) / {slope}"
        return f"({several} if {arrived} != 0.0 and {slope} != 0.0 else {arrived})"

    def _give(self, before: Mapping[str, str]) -> None:
        """Write what the target gets: the mean of what it would get before and after the step."""
        conductance, current = split_current(self.kind)
        parts = {CURRENT: current, CONDUCTANCE: conductance}
        given = {row: expr for row, expr in parts.items() if expr != algebra.ZERO}
        gains = {row: self._gain_of_mean(expr) for row, expr in given.items()}
        known = [(row, *gain) for row, gain in gains.items() if gain]
        if given and len(known) == len(given) and not self.variant.scaled:
            for row, gain, state in known:
                place = self.target(row)
                self.lines.append(f"{place} = mul_add({gain}, {before[state]}, {place})")
            self.inflow = self._inflow({row: gain for row, gain, _ in known})
            return
        for s in self.kind.system.states:
            self.assign(s, f"0.5 * ({before[s]} + {self.locals[s]})")
        if self.kind.gives == "modulation":
            self.lines.append(f"arena[place] += {self.code(Name('M'))}")
        scale = f" * (1.0 + {self.target(SCALE)})" if self.variant.scaled else ""
        for row, expr in given.items():
            code = self.code(expr)
            self.lines.append(f"{self.target(row)} += ({code}){scale}")
            found = _MULTIPLE.fullmatch(code)
            alike = self.variant.direct and self.uniform and not self.kind.system.states
            if alike and found and found[2] == self.locals.get("out") and [*given] == [CURRENT]:
                self.inflow = None if scale else Inflow(-1, int(found[1]), -1)

    def _inflow(self, gains: Mapping[int, str]) -> Inflow | None:
        """Return what neurons have to know to do these synapses in their own loop.

        Args:
            gains: Row of the target -> source of the constant that says how much goes there.
        """
        alone = self.variant.direct and self.uniform and len(self.rows) == 1
        if not (alone and self.landing and self.kind.carries == "spikes"):
            return None
        (update,) = self.plan.updates
        kept = self.code(Call("exp", (algebra.multiply(update.slope, Name("dt")),)))
        found = [_CONSTANT.fullmatch(code) for code in (kept, *gains.values())]
        numbers = [int(match[1]) for match in found if match]
        if len(numbers) < len(found):
            return None
        of_row = dict(zip(gains, numbers[1:], strict=True))
        return Inflow(numbers[0], of_row.get(CURRENT, -1), of_row.get(CONDUCTANCE, -1))

    def _gain_of_mean(self, expr: Expr) -> tuple[str, str] | None:
        """Return a constant and the state that, before the step, it is to be multiplied with.

        The mean of what is proportional to a state that only decays is so too. None for all else.
        """
        for update in self.plan.updates:
            only_decays = update.offset == algebra.ZERO == update.noise
            split = algebra.linear_in(expr, update.state)
            if not only_decays or split is None or split[1] != algebra.ZERO:
                continue
            kept = Call("exp", (algebra.multiply(update.slope, Name("dt")),))
            mean = algebra.multiply(Num(0.5), algebra.add(algebra.ONE, kept))
            gain = algebra.multiply(split[0], mean)
            if self.pool.is_constant(gain):
                return self.code(gain), update.state
        return None

    def enter_observer(self) -> None:
        """Add the target's potential."""
        super().enter_observer()
        width = index_width(self.kind)
        place, source = f"index[link + {width} * column]", f"index[link + {width} * column + 1]"
        if self.variant.direct:
            block, lane = "(column >> 6)", f"(column & {LANES - 1})"
            place = f"index[link] + {block} * index[link + 1] + {lane}"
            source = "index[link + 2]"
        self.lines.append(f"q = {place}")
        self.assign("v", "arena[q]")
        if self.kind.carries != "spikes":
            self.assign("out", f"arena[{source}]")
        else:
            self.assign("arrived", self.row("#seen") if "#seen" in self.rows else "0.0")


def _follows_potential(kind: SynapseKind) -> bool:
    """Whether conductance or current depend on v other than linearly."""
    parts = split_current(kind)
    return any("v" in forms.dependencies(part, kind.system) for part in parts)


def _landing(kind: SynapseKind) -> str:
    """Return the state that spikes add their weight to, if they do nothing else; else empty."""
    system = kind.system
    statements = kind.spike_statements
    if kind.carries != "spikes" or kind.counts or len(statements) != 1:
        return ""
    exprs = [*system.definitions.values(), *system.derivatives.values()]
    if any("arrived" in names(expr) for expr in exprs):
        return ""
    adds = statements[0].operator == "+=" and statements[0].expr == Name("weight")
    return statements[0].target if adds and statements[0].target in system.states else ""


def _uses_arrived(kind: SynapseKind) -> bool:
    """Whether definitions use what arrived in a step, so that who looks later must know it."""
    return any("arrived" in names(expr) for expr in kind.system.definitions.values())


def index_width(kind: SynapseKind) -> int:
    """How many arena places a column reads: its target, its source, what it modulates."""
    return 1 + (kind.carries != "spikes") + (kind.gives == "modulation")


def split_current(kind: SynapseKind) -> tuple[Expr, Expr]:
    """Split a synapse's I into conductance and current: ``I = current - conductance*v``.

    What the conductance itself owes to v (as in a voltage-dependent block) stays in it and is taken
    in the middle of the step, as far as the last step lets foresee.

    Raises:
        SimulationError: The kind defines no ``I``.
    """
    if kind.gives == "modulation":
        return algebra.ZERO, algebra.ZERO
    if "I" not in kind.system.definitions:
        raise SimulationError(f"{kind.title} defines no current I into its target")
    split = algebra.linear_in(kind.system.definitions["I"], "v")
    if split is None:
        return algebra.ZERO, kind.system.definitions["I"]
    return algebra.negate(split[0]) if split[0] != algebra.ZERO else algebra.ZERO, split[1]


def _gain(statement: Statement, kind: SynapseKind) -> Expr:
    """Return c in ``state += c*weight``: arrivals are summed before they act.

    Raises:
        SimulationError: The effect is not proportional to the weight.
    """
    if kind.counts and statement.operator == "+=":
        return statement.expr
    split = algebra.linear_in(statement.expr, "weight")
    if statement.operator != "+=" or split is None or split[1] != algebra.ZERO:
        raise SimulationError(
            f"{kind.title}: a spike adds a multiple of weight, state += weight*..."
        )
    return split[0]
