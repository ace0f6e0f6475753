"""Calls by address: the driver gets kernels as an array of addresses and compiles without them.

The addresses are those of the functions themselves, as numba calls them: no wrapper lies between.
"""
# numba's decorators take away the types:
# mypy: disable-error-code="no-untyped-def, no-untyped-call"

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numba import types
from numba.extending import intrinsic

_F8, _F4 = types.Array(types.float64, 1, "C"), types.Array(types.float32, 1, "C")
_I8, _U8 = types.Array(types.int64, 1, "C"), types.Array(types.uint64, 1, "C")
_I, _F = types.int64, types.float64

KERNEL = _I(_F8, _I8, _U8, _I, _I, _I, _I, _I, _I, _I, _I, _F, _F, _I8, _I8, _F8, _I)
OBSERVER = _F(_F8, _I8, _I, _I, _I, _I, _I, _F, _F)
EVENT = _F(_F8, _F4, _I8, _I8, _I, _I, _I, _I, _F)


def _calling(form: Any) -> Any:
    """Return what a call of a function of this signature is to numba."""

    def generate(context: Any, builder: Any, signature: Any, values: Sequence[Any]) -> Any:
        kind = context.call_conv.get_function_type(form.return_type, form.args)
        pointer = builder.inttoptr(values[0], kind.as_pointer())
        # Kernels report what is wrong in what they return: the status is always the same.
        _, result = context.call_conv.call_function(
            builder, pointer, form.return_type, form.args, values[1:]
        )
        return result

    return form.return_type(types.int64, *form.args), generate


@intrinsic
def call_kernel(
    typing_context, address, arena, index, keys, offset, begin, n, consts, link, stream, unit,
    step, t, dt, out_unit, out_count, out_when, found,
):  # fmt: skip
    """Call the kernel that lies at an address."""
    return _calling(KERNEL)


@intrinsic
def call_observer(typing_context, address, arena, index, offset, column, consts, link, what, t, dt):
    """Call the observer that lies at an address."""
    return _calling(OBSERVER)


@intrinsic
def call_event(
    typing_context, address, arena, weight, places, order, what, first, last, place, t
):  # fmt: skip
    """Call the plasticity event that lies at an address."""
    return _calling(EVENT)
