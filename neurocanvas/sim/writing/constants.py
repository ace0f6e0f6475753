"""Parameter-only parts of equations, computed once per parameter change instead of per step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from neurocanvas.model import algebra
from neurocanvas.model.expressions import Call, Expr, Name, Num, Op
from neurocanvas.model.forms import expand, is_constant
from neurocanvas.model.kinds import Kind
from neurocanvas.sim.evaluate import evaluate

PREFIX = "#"
"""Marks names that stand for a constant: ``#3`` is number 3 of the pool."""


class ConstantPool:
    """Collects the constant parts of a kind's expressions.

    Both variants of a kernel (one set of values for all neurons, or one per neuron) read the same
    pool, so what is left to compute per step is the same and gives the same bits.

    Args:
        kind: The kind whose parameters, and the time step ``dt``, are constant.
        modulated: Parameters that are not, because something modulates them.
    """

    def __init__(self, kind: Kind, modulated: frozenset[str] = frozenset()) -> None:
        self.kind = kind
        self.modulated = modulated
        self.exprs: list[Expr] = []

    def extract(self, expr: Expr) -> Expr:
        """Return the expression with its largest constant parts replaced by pool names."""
        if isinstance(expr, Num):
            return expr
        if self.is_constant(expr):
            return Name(f"{PREFIX}{self.number(expr)}")
        match expr:
            case Op("/", left, right) if self.is_constant(right):
                # A product is several times faster than a quotient.
                return Op("*", self.extract(left), self.extract(algebra.divide(algebra.ONE, right)))
            case Op(symbol, left, right):
                return Op(symbol, self.extract(left), self.extract(right))
            case Call(function, arguments):
                return Call(function, tuple(map(self.extract, arguments)))
        return expr

    def is_constant(self, expr: Expr) -> bool:
        """Whether an expression depends on constant parameters and the time step only."""
        return is_constant(expr, self.kind, self.modulated)

    def number(self, expr: Expr) -> int:
        """Return the number of a constant in the pool, adding it if need be."""
        full = expand(expr, self.kind.system, lambda used: True)
        if full not in self.exprs:
            self.exprs.append(full)
        return self.exprs.index(full)


def constant_values(
    exprs: tuple[Expr, ...], parameters: Mapping[str, Any], n: int
) -> npt.NDArray[np.float64]:
    """Evaluate a pool.

    Args:
        exprs: Expressions of parameters and ``dt``.
        parameters: Name -> number or array of shape (n,), in coherent units.
        n: Number of columns.

    Returns:
        Array of shape (len(exprs), n).
    """
    values = np.empty((len(exprs), n))
    for row, expr in zip(values, exprs, strict=True):
        row[:] = evaluate(expr, parameters)
    return values
