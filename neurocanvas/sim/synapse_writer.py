"""Kernels of synapses: take what arrived, step, and give current and conductance to the target."""

from __future__ import annotations

from neurocanvas.errors import SimulationError
from neurocanvas.model import algebra
from neurocanvas.model.equations import Statement
from neurocanvas.model.expressions import Expr
from neurocanvas.model.kinds import SynapseKind
from neurocanvas.sim.kernel_writer import CONDUCTANCE, CURRENT, LANES, Writer


class SynapseWriter(Writer):
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


def _gain(statement: Statement, kind: SynapseKind) -> Expr:
    """Return c in ``state += c*weight``: arrivals are summed before they act.

    Raises:
        SimulationError: The effect is not proportional to the weight.
    """
    split = algebra.linear_in(statement.expr, "weight")
    if statement.operator != "+=" or split is None or split[1] != algebra.ZERO:
        raise SimulationError(
            f"{kind.title}: a spike adds a multiple of weight, state += weight*..."
        )
    return split[0]
