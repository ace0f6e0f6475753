"""Event kernels of plasticity: what happens at a spike, computed from the traces' exact decay.

A trace is brought up to date only when a spike asks for it, so synapses cost nothing in between.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from neurocanvas.errors import SimulationError
from neurocanvas.model.equations import Statement
from neurocanvas.model.forms import is_constant
from neurocanvas.model.plasticity import POST, PRE, PlasticityKind
from neurocanvas.sim.writing.codegen import KindKey
from neurocanvas.sim.writing.kernel_source import (
    HEADER,
    LANES,
    OBSERVER_ARGUMENTS,
    POINTER,
    KernelSource,
    Variant,
)
from neurocanvas.sim.writing.kernel_writer import Writer, indented

EVENT_ARGUMENTS = "arena, weight, places, order, what, first, last, place, t"
RELEASE, ARRIVE, FIRE = range(3)
"""What may happen: a spike leaves its source, it arrives, the target fires."""
LAST = "#last"
"""Row with the time at which a column was brought up to date."""


class PlasticityWriter(Writer):
    """Writes the function ``event`` of a plasticity kind.

    Both sides have the same rows, so that one layout serves the columns of source neurons and those
    of target neurons.
    """

    kind: PlasticityKind

    def __init__(self, kind: PlasticityKind) -> None:
        super().__init__(kind, Variant())
        self.rows = {name: i for i, name in enumerate([LAST, *kind.system.states])}
        self.in_loop = False
        self.place = "place"
        for update in self.plan.updates:
            if not is_constant(update.slope, kind) or not is_constant(update.offset, kind):
                raise SimulationError(f"{kind.title}: traces decay with constant coefficients")

    def cell(self, distance: str) -> str:
        """Source of a number of the column at hand."""
        return f"arena[{self.place} + {distance}]"

    def finish(self) -> KernelSource:
        """Put the module together."""
        body = [*self._release(), *self._arrive(), *self._fire(), "    return 1.0"]
        lines = [*HEADER, "", "", f"def event({EVENT_ARGUMENTS}):", POINTER, *body, "", ""]
        observe, observed = self._observer()
        text = self._resolve("\n".join([*lines, *observe, ""]))
        stride = (len(self.rows) + len(self.pool.exprs)) * LANES
        text = text.replace("@STRIDE", str(stride))
        digest = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
        return KernelSource(
            f"kernel_{digest}", text, self.rows,
            len(self.rows) + len(self.pool.exprs), tuple(self.pool.exprs), len(self.rows),
            observed, self.method,
        )  # fmt: skip

    def _observer(self) -> tuple[list[str], dict[str, int]]:
        """Return the function that says what a trace is now: a spike may have been long ago."""
        observed = {name: i for i, name in enumerate(self.kind.system.states)}
        branches = []
        for name, number in observed.items():
            self._bring_up(self.kind.sides[name])
            body = [*self.lines, f"return {self.locals[name]}"]
            self.take()
            branches += [f"    if what == {number}:", *indented(body, 8)]
        head = [
            f"def observe({OBSERVER_ARGUMENTS}):",
            POINTER,
            f"    place = offset + (column >> 6) * @STRIDE + (column & {LANES - 1})",
        ]
        return [*head, *branches, "    return arena[place]"], observed

    def _release(self) -> list[str]:
        if self.kind.release_expr is None:
            return []
        self._bring_up(PRE)
        self._carry_out(self.kind.pre_statements)
        self.lines.append(f"released = {self.code(self.kind.release_expr)}")
        self._carry_out(self.kind.after_statements)
        self._store(PRE)
        return self._branch(RELEASE, [*self.take(), "return released"])

    def _arrive(self) -> list[str]:
        """Every synapse of the slice learns from its target's trace, then the own trace rises."""
        if not self.kind.changes_weights:
            return []
        self._bring_up(PRE)
        own = dict(self.locals)
        lines = [*self.lines, "for k in range(first, last):"]
        self.lines = []
        self.place = "q"
        self._bring_up(POST)
        self.assign("w", "float(weight[k])")
        self._carry_out([s for s in self.kind.pre_statements if s.target == "w"])
        self.lines.append(f"weight[k] = {self.locals['w']}")
        lines += indented(["q = places[2 * k + 1]", *self.lines], 4)
        self.lines, self.place = [], "place"
        self.locals.update(own)
        self._carry_out([s for s in self.kind.pre_statements if s.target != "w"])
        self._store(PRE)
        return self._branch(ARRIVE, [*lines, *self.take(), "return 1.0"])

    def _fire(self) -> list[str]:
        """Every synapse of the target learns from its source's trace, then the own trace rises."""
        if not self.kind.changes_weights:
            return []
        self._bring_up(POST)
        own = dict(self.locals)
        lines = [*self.lines, "for j in range(first, last):"]
        self.lines = []
        self.place = "q"
        self._bring_up(PRE)
        self.assign("w", "float(weight[k])")
        self._carry_out([s for s in self.kind.post_statements if s.target == "w"])
        self.lines.append(f"weight[k] = {self.locals['w']}")
        lines += indented(["k = order[j]", "q = places[2 * k]", *self.lines], 4)
        self.lines, self.place = [], "place"
        self.locals.update(own)
        self._carry_out([s for s in self.kind.post_statements if s.target != "w"])
        self._store(POST)
        return self._branch(FIRE, [*lines, *self.take(), "return 1.0"])

    def _branch(self, what: int, lines: list[str]) -> list[str]:
        return [f"    if what == {what}:", *indented(lines, 8)]

    def _bring_up(self, side: str) -> None:
        """Write the decay of one side's traces since they were last asked for."""
        self.lines.append(f"elapsed = t - {self.row(LAST)}")
        for update in self.plan.updates:
            if update.state in self.kind.states_of(side):
                self.assign(update.state, self.row(update.state))
                x = self.locals[update.state]
                slope, offset = self.code(update.slope), self.code(update.offset)
                code = f"{x} + ({slope} * {x} + {offset}) * elapsed * phi({slope} * elapsed)"
                self.assign(update.state, code)

    def _carry_out(self, statements: list[Statement]) -> None:
        for s in statements:
            code = self.code(s.expr)
            if s.operator == "+=":
                code = f"{self.locals[s.target]} + {code}"
            self.assign(s.target, code)

    def _store(self, side: str) -> None:
        for state in self.kind.states_of(side):
            self.lines.append(f"{self.row(state)} = {self.locals[state]}")
        self.lines.append(f"{self.row(LAST)} = t")


@lru_cache(maxsize=64)
def _generate(kind_key: KindKey) -> KernelSource:
    assert isinstance(kind_key.kind, PlasticityKind)
    return PlasticityWriter(kind_key.kind).finish()


def source_of(kind: PlasticityKind) -> KernelSource:
    """Return the event kernel of a plasticity kind."""
    return _generate(KindKey(kind))
