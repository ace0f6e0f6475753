"""Scalar functions that generated kernels call; all vectorize when inlined.

The compiler has no freedom: nothing is reassociated, and multiply and add are fused where the text
says ``mul_add`` and nowhere else. So a value depends neither on the place of a neuron in its group
nor on which of a kind's kernels it is in.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from neurocanvas.sim.lanes import lanes_at
from neurocanvas.sim.mathlib_names import LANES

FLAGS: dict[str, Any] = {
    "fastmath": {"nsz"},
    "error_model": "numpy",
    "nogil": True,
    "boundscheck": False,
}
"""How these functions are compiled. NaN keeps its meaning."""

VERSION = 8
"""Raised whenever a function here changes, so that cached kernels are made anew."""


@intrinsic
def _bits_of(typing_context, x):  # type: ignore[no-untyped-def]
    """The bit pattern of a float64 as int64."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic
def _from_bits(typing_context, x):  # type: ignore[no-untyped-def]
    """The float64 of a bit pattern."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), generate


@intrinsic
def _mul_add(typing_context, a, b, c):  # type: ignore[no-untyped-def]
    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        double = ir.DoubleType()
        form = ir.FunctionType(double, [double] * 3)
        fused = builder.module.declare_intrinsic("llvm.fmuladd", [double], form)
        return builder.call(fused, arguments)

    return types.float64(types.float64, types.float64, types.float64), generate


@njit(**FLAGS)
def mul_add(a: float, b: float, c: float) -> float:
    """a*b + c, rounded once where the machine can."""
    result: float = _mul_add(a, b, c)
    return result


# Adding 1.5 * 2**52 rounds to the nearest integer, which then stands in the lowest mantissa bits.
_ROUND = 6755399441055744.0
_LOG2_E = 1.4426950408889634
# ln 2 in two parts (Cody & Waite 1980, p. 60): the first has 11 trailing zero bits.
_LN2_HIGH = 0.693147180369123816490
_LN2_LOW = 1.90821492927058770002e-10


# The polynomial of (exp(r) - 1)/r through the Chebyshev nodes of |r| <= 0.34658.
_Q2, _Q3, _Q4 = 0.1666666666666667, 0.04166666666657313, 0.00833333333332614
_Q5, _Q6, _Q7 = 0.0013888888932493439, 0.00019841269874804214, 2.4801504340856006e-05
_Q8, _Q9, _Q10 = 2.7557255421023506e-06, 2.7626359798074195e-07, 2.5105208339987698e-08


@njit(**FLAGS)
def _reduced(x: float, most: float) -> tuple[float, float, float]:
    """k*ln(2) + r = x with a whole number k; returns 2**k, k and r.

    Arguments above ``most`` count as that; from 709.5 on, 2**k is infinite.
    """
    # Written so that NaN stays what it is, and that each is one instruction.
    bounded = -708.0 if x < -708.0 else x
    bounded = most if most < bounded else bounded
    shifted = mul_add(bounded, _LOG2_E, _ROUND)
    k = shifted - _ROUND
    r = mul_add(k, -_LN2_LOW, mul_add(k, -_LN2_HIGH, bounded))
    return _from_bits((_bits_of(shifted) + 1023) << 52), k, r


@njit(**FLAGS)
def _grown(r: float) -> float:
    """(exp(r) - 1)/r to 2e-17 for |r| <= ln(2)/2: the polynomial through its Chebyshev nodes.

    Summed in pairs (Estrin 1960): the terms do not wait for each other.
    """
    r2 = r * r
    r4 = r2 * r2
    p01, p23 = mul_add(r, 0.5000000000000006, 1.0), mul_add(r, _Q3, _Q2)
    p45, p67 = mul_add(r, _Q5, _Q4), mul_add(r, _Q7, _Q6)
    low, middle = mul_add(r2, p23, p01), mul_add(r2, p67, p45)
    high = mul_add(r2, _Q10, mul_add(r, _Q9, _Q8))
    result: float = mul_add(r4 * r4, high, mul_add(r4, middle, low))
    return result


@njit(**FLAGS)
def exp_(x: float) -> float:
    """exp(x) to 4e-16 relative: 2**k times a polynomial on |r| <= ln(2)/2.

    Below -708 it stays at 3e-308 and above 709.4 it is infinite, where float64 itself ends at -745
    and 709.8.
    """
    scale, _, r = _reduced(x, 710.0)
    result: float = mul_add(r, _grown(r), 1.0) * scale
    return result


@njit(**FLAGS)
def linoid(x: float) -> float:
    """x/(1 - exp(-x)), 1 at 0."""
    scale, k, r = _reduced(-x, 709.0)
    grown = _grown(r)
    # Near 0, r is -x itself and cancels.
    far = -mul_add(scale * r, grown, scale - 1.0)
    result: float = (1.0 if k == 0.0 else x) / (grown if k == 0.0 else far)
    return result


@njit(**FLAGS)
def linoid_of(x: float, e: float) -> float:
    """x/(1 - e) where e is exp(-x), by its series near 0."""
    square = x * x
    series = mul_add(x, mul_add(x, mul_add(square, -1.0 / 720.0, 1.0 / 12.0), 0.5), 1.0)
    result: float = series if abs(x) < 1e-2 else x / (1.0 - e)
    return result


@njit(**FLAGS)
def phi(z: float) -> float:
    """(exp(z) - 1)/z, 1 at 0."""
    scale, k, r = _reduced(z, 709.0)
    grown = _grown(r)
    result: float = grown if k == 0.0 else mul_add(scale * r, grown, scale - 1.0) / z
    return result


_NEAR = 0.3465
"""Below ln(2)/2: ``phi`` is its polynomial."""


@njit(**FLAGS)
def _far(z, n):  # type: ignore[no-untyped-def]
    """How many of a row are beyond the polynomial of ``phi``."""
    far = 0
    for i in range(n):
        far += 0 if abs(z[i]) < _NEAR else 1
    return far


@njit(**FLAGS)
def phi_lanes(z, n, total):  # type: ignore[no-untyped-def]
    """``phi`` of rows of n lanes, in place: by its polynomial alone where that will do for a row.

    A lane gets the same bits either way.
    """
    rows, span = total // n, n
    if rows > 1 and n == LANES and _far(z, total) == 0:
        # Rows that are full are one long row.
        rows, span = 1, total
    for row in range(rows):
        here = lanes_at(z, row * LANES)
        if span > n or _far(here, n) == 0:
            for i in range(span):
                here[i] = _grown(here[i])
        else:
            for i in range(n):
                here[i] = phi(here[i])


@njit(**FLAGS)
def exp_lanes(z, n, total):  # type: ignore[no-untyped-def]
    """``exp_`` of rows of n lanes, in place."""
    rows, span = (1, total) if n == LANES else (total // n, n)
    for row in range(rows):
        here = lanes_at(z, row * LANES)
        for i in range(span):
            here[i] = exp_(here[i])


@njit(**FLAGS)
def phi3_series(z: float) -> float:
    """(exp(z) - 1 - z - z**2/2)/z**3 for z between -1 and 1."""
    p: float = 2.8114572543455206e-15
    p = mul_add(p, z, 4.779477332387385e-14)
    p = mul_add(p, z, 7.647163731819816e-13)
    p = mul_add(p, z, 1.1470745597729725e-11)
    p = mul_add(p, z, 1.6059043836821613e-10)
    p = mul_add(p, z, 2.08767569878681e-09)
    p = mul_add(p, z, 2.505210838544172e-08)
    p = mul_add(p, z, 2.755731922398589e-07)
    p = mul_add(p, z, 2.7557319223985893e-06)
    p = mul_add(p, z, 2.48015873015873e-05)
    p = mul_add(p, z, 0.0001984126984126984)
    p = mul_add(p, z, 0.001388888888888889)
    p = mul_add(p, z, 0.008333333333333333)
    p = mul_add(p, z, 0.041666666666666664)
    p = mul_add(p, z, 0.16666666666666666)
    return p


@njit(**FLAGS)
def tanh_(x: float) -> float:
    """tanh(x), by its series near 0."""
    square = x * x
    tail = mul_add(square, -17.0 / 315.0, 2.0 / 15.0)
    series: float = x * mul_add(-square, mul_add(-square, tail, 1.0 / 3.0), 1.0)
    far = 1.0 - 2.0 / (exp_(2.0 * x) + 1.0)
    return series if abs(x) < 2e-2 else far


_TINY = 1e-90


@njit(**FLAGS)
def quiet(x: float) -> float:
    """x, or 0 where it has become too small to matter: subnormal numbers are slow.

    Numbers above 1e-74 stay what they are, those below 1e-106 are gone.
    """
    return (x + _TINY) - _TINY
