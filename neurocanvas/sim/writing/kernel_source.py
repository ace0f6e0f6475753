"""What a generated kernel is: its text, how its columns are laid out, which variant of a kind's.

A group keeps its columns (one per neuron, source or synapse target) in blocks of ``LANES``; inside
a block each variable has a row of ``LANES`` numbers, so every access is a constant distance from
the column's place and the loop over a block vectorizes without any check for overlap. Row 0 holds
what others look at or add to: the potential of a neuron, the output of a source, what weights
arrive in at a synapse.
"""

from __future__ import annotations

from dataclasses import dataclass

from neurocanvas.model.expressions import Expr
from neurocanvas.sim import mathlib_names
from neurocanvas.sim.mathlib_names import APART

LANES = mathlib_names.LANES
MAIN, PREVIOUS, CURRENT, CONDUCTANCE, SCALE = 0, 1, 2, 3, 4
"""Rows of a neuron group that others read or add to; the last where synapses are modulated."""
WEIGHTS = "weights"
"""Stands for all synapses into a neuron, among the things that a modulator may change."""
FIXED = "="
"""Begins the names of rows that are not part of the state: they follow from the circuit."""
ARGUMENTS = (
    "arena, index, keys, offset, begin, n, consts, link, stream, unit, step, t, dt, "
    "out_unit, out_count, out_when, found"
)
POINTER = "    arena = lanes_at(arena, 0)"
"""First line of kernels: a pointer asks at no access whether an index is negative."""
OBSERVER_ARGUMENTS = "arena, index, offset, column, consts, link, what, t, dt"


@dataclass(frozen=True)
class Inflow:
    """What acts on neurons so simply that they can do it in their own loop.

    Either a synapse whose one variable only decays, and that gives its target multiples of it; or
    what gives all its targets one and the same multiple of what its source gives.

    Attributes:
        kept: Number of the constant that says what part of the variable is left after a step; -1
            where there is no variable.
        current, conductance: Numbers of those that it is multiplied with; -1 where it gives none.
    """

    kept: int
    current: int
    conductance: int

    @property
    def decays(self) -> bool:
        """Whether there is a variable."""
        return self.kept >= 0


@dataclass(frozen=True)
class KernelSource:
    """The generated source of one kind in one variant, and how its columns are laid out.

    Attributes:
        name: A valid identifier, unique for this text: kinds with the same equations share one.
        text: Python source with the functions ``kernel`` and ``observe``.
        rows: Row number of each variable.
        n_rows: Rows in a block, constants included.
        constants: Expressions of parameters and ``dt``, in pool order.
        first_constant: Row of the first constant, or -1 where all columns share one set.
        observed: Name of each recordable definition -> its number for ``observe``.
        method: Which integrator it uses.
        inflow: What neurons have to know to do these synapses in their own loop, if they can.
        takes: Whether there is a kernel of these neurons that does so.
    """

    name: str
    text: str
    rows: dict[str, int]
    n_rows: int
    constants: tuple[Expr, ...]
    first_constant: int
    observed: dict[str, int]
    method: str
    inflow: Inflow | None = None
    takes: bool = False

    @property
    def stride(self) -> int:
        """Numbers in one block."""
        return self.n_rows * LANES


_FUNCTIONS = ", ".join(sorted([*mathlib_names.COMPILED.values(), *APART.values()]))
HEADER = (
    '"""Generated from the equations of a kind; not meant to be edited."""',
    "",
    "import math",
    "",
    f"from neurocanvas.sim.mathlib import {_FUNCTIONS}",
    "from neurocanvas.sim.lanes import apart, lanes_at, room_for, stated, zeros_for",
    "from neurocanvas.sim.mathlib import mul_add, phi3_series, quiet",
    "from neurocanvas.sim.randomlib import counter_of, mix_one, normal_of, uniform_of, unit_of",
    "from neurocanvas.sim.randomlib import poisson_by, poisson_of, poisson_table",
)


@dataclass(frozen=True)
class Variant:
    """Which of a kind's kernels.

    Attributes:
        uniform: All columns share one set of constants.
        conductance: Conductances are part of a neuron's input.
        modulated: Parameters that modulators change; ``WEIGHTS`` stands for all synapses into it.
        scaled: What a synapse gives is scaled by a modulator of its target.
        method: The integrator that a node asks for; empty to choose by the form of the equations.
        ahead: A synapse takes the output of its source as it will be in the middle of the step.
    """

    uniform: bool = False
    conductance: bool = False
    modulated: tuple[str, ...] = ()
    scaled: bool = False
    direct: bool = False
    method: str = ""
    ahead: bool = False
