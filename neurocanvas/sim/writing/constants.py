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

    def merged(self, expr: Expr) -> Expr:
        """Return an expression whose constants are extracted, with one of them in each product."""
        match expr:
            case Op("*", left, right):
                return self._product(self.merged(left), self.merged(right))
            case Op(symbol, left, right):
                return Op(symbol, self.merged(left), self.merged(right))
            case Call(function, arguments):
                return Call(function, tuple(map(self.merged, arguments)))
        return expr

    def _product(self, left: Expr, right: Expr) -> Expr:
        (one, a), (two, b) = self._parted(left), self._parted(right)
        if one is None and two is None:
            return Op("*", left, right)
        value = algebra.multiply(one or algebra.ONE, two or algebra.ONE)
        constant = value if isinstance(value, Num) else Name(f"{PREFIX}{self.number(value)}")
        rest = [part for part in (a, b) if part is not None]
        whole = Op("*", *rest) if len(rest) > 1 else rest[0] if rest else algebra.ONE
        return algebra.multiply(constant, whole)

    def _parted(self, expr: Expr) -> tuple[Expr | None, Expr | None]:
        """Split an expression into a constant factor and the rest, None where there is none."""
        if (value := self._known(expr)) is not None:
            return value, None
        match expr:
            case Op("*", left, right) if (value := self._known(left)) is not None:
                return value, right
            case Op("*", left, right) if (value := self._known(right)) is not None:
                return value, left
        return None, expr

    def _known(self, expr: Expr) -> Expr | None:
        """Return what an extracted constant stands for."""
        match expr:
            case Num():
                return expr
            case Name(name) if name.startswith(PREFIX):
                return self.exprs[int(name[len(PREFIX) :])]
        return None

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
