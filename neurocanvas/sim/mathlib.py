"""Scalar functions that generated kernels call; all vectorize when inlined.

Each is compiled with just enough freedom to fuse multiply and add: nothing may be reassociated, so
that a value does not depend on the place of a neuron in its group. Kernels have not even that: of
``a*b + c*d`` either product could be the one that is fused, and which one is would depend on what
stands around. They say themselves what is fused, with ``madd``.
"""

from __future__ import annotations

import math
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

FLAGS: dict[str, Any] = {
    "fastmath": {"contract", "nsz"},
    "error_model": "numpy",
    "nogil": True,
    "boundscheck": False,
}
"""How these functions are compiled. NaN keeps its meaning."""

KERNEL_FLAGS: dict[str, Any] = {**FLAGS, "fastmath": {"nsz"}}
"""How kernels are compiled."""

VERSION = 3
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
def madd(typing_context, a, b, c):  # type: ignore[no-untyped-def]
    """a*b + c, with one rounding where the processor can do so."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        double = ir.DoubleType()
        kind = ir.FunctionType(double, [double] * 3)
        function = builder.module.declare_intrinsic("llvm.fmuladd", [double], kind)
        return builder.call(function, arguments)

    return types.float64(types.float64, types.float64, types.float64), generate


# Adding 1.5 * 2**52 rounds to the nearest integer, which then stands in the lowest mantissa bits.
_ROUND = 6755399441055744.0
_LOG2_E = 1.4426950408889634
# ln 2 in two parts (Cody & Waite 1980, p. 60): the first has 11 trailing zero bits.
_LN2_HIGH = 0.693147180369123816490
_LN2_LOW = 1.90821492927058770002e-10


@njit(**FLAGS)
def exp_(x: float) -> float:
    """exp(x) to 4e-16 relative: 2**k times the Taylor polynomial on |r| <= ln(2)/2.

    Below -708 it is 0 and above 709 infinite, where float64 itself ends at -745 and 709.8.
    """
    bounded = -708.0 if x < -708.0 else x
    bounded = 709.0 if bounded > 709.0 else bounded
    shifted = bounded * _LOG2_E + _ROUND
    k = shifted - _ROUND
    r = bounded - k * _LN2_HIGH
    r = r - k * _LN2_LOW
    p = 1.6059043836821613e-10
    p = p * r + 2.08767569878681e-09
    p = p * r + 2.505210838544172e-08
    p = p * r + 2.755731922398589e-07
    p = p * r + 2.7557319223985893e-06
    p = p * r + 2.48015873015873e-05
    p = p * r + 0.0001984126984126984
    p = p * r + 0.001388888888888889
    p = p * r + 0.008333333333333333
    p = p * r + 0.041666666666666664
    p = p * r + 0.16666666666666666
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    result = p * _from_bits((_bits_of(shifted) + 1023) << 52)
    result = 0.0 if x < -708.0 else result
    return math.inf if x > 709.0 else result


@njit(**FLAGS)
def linoid(x: float) -> float:
    """x/(1 - exp(-x)), by its series near 0."""
    series = 1.0 + x * (0.5 + x * (1.0 / 12.0 - x * x * (1.0 / 720.0)))
    far = x / (1.0 - exp_(-x))
    return series if abs(x) < 1e-2 else far


@njit(**FLAGS)
def phi(z: float) -> float:
    """(exp(z) - 1)/z, by its series near 0."""
    series = 1.0 + z * (0.5 + z * (1.0 / 6.0 + z * (1.0 / 24.0 + z * (1.0 / 120.0))))
    far = (exp_(z) - 1.0) / z
    return series if abs(z) < 1e-3 else far


@njit(**FLAGS)
def phi3_series(z: float) -> float:
    """(exp(z) - 1 - z - z**2/2)/z**3 for z between -1 and 1."""
    p = 2.8114572543455206e-15
    p = p * z + 4.779477332387385e-14
    p = p * z + 7.647163731819816e-13
    p = p * z + 1.1470745597729725e-11
    p = p * z + 1.6059043836821613e-10
    p = p * z + 2.08767569878681e-09
    p = p * z + 2.505210838544172e-08
    p = p * z + 2.755731922398589e-07
    p = p * z + 2.7557319223985893e-06
    p = p * z + 2.48015873015873e-05
    p = p * z + 0.0001984126984126984
    p = p * z + 0.001388888888888889
    p = p * z + 0.008333333333333333
    p = p * z + 0.041666666666666664
    p = p * z + 0.16666666666666666
    return p


@njit(**FLAGS)
def tanh_(x: float) -> float:
    """tanh(x), by its series near 0."""
    square = x * x
    series = x * (1.0 - square * (1.0 / 3.0 - square * (2.0 / 15.0 - square * (17.0 / 315.0))))
    far = 1.0 - 2.0 / (exp_(2.0 * x) + 1.0)
    return series if abs(x) < 2e-2 else far


@njit(**FLAGS)
def quiet(x: float) -> float:
    """x, or 0 where it has become too small to matter: subnormal numbers are slow."""
    return x if abs(x) > 1e-100 else 0.0
