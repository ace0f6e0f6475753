"""Pointers that generated kernels work with: into arrays, onto the stack, to what lies apart."""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic, lower_builtin, models, register_model

_DOMAIN = "lanes that lie apart"


class Apart(types.CPointer):  # type: ignore[misc]
    """A pointer to numbers that none of another number of its kind points to.

    The compiler may take a store through the one and a load through the other in any order, and
    does not ask in each block whether they overlap.

    Args:
        dtype: Of what it points to.
        number: Which one: below ``MOST``.
    """

    MOST = 3

    def __init__(self, dtype: Any, number: int) -> None:
        super().__init__(dtype)
        self.number = number
        self.name: str = f"{dtype}* apart: {number}"

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells it from other types."""
        return *super().key, self.number

    def mark(self, instruction: Any) -> None:
        """Tell the compiler what a load or a store has to do with, and what not."""
        module = instruction.module
        domain = module.add_metadata([_DOMAIN])
        scopes = [module.add_metadata([f"{_DOMAIN}: {k}", domain]) for k in range(self.MOST)]
        others = [scope for k, scope in enumerate(scopes) if k != self.number]
        instruction.set_metadata("alias.scope", module.add_metadata([scopes[self.number]]))
        instruction.set_metadata("noalias", module.add_metadata(others))


register_model(Apart)(models.PointerModel)


@lower_builtin(operator.getitem, Apart, types.Integer)
def _get(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
    pointer, index = arguments
    found = builder.load(builder.gep(pointer, [index]))
    signature.args[0].mark(found)
    return found


@lower_builtin(operator.setitem, Apart, types.Integer, types.Any)
def _set(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
    pointer, index, value = arguments
    signature.args[0].mark(builder.store(value, builder.gep(pointer, [index])))


@intrinsic
def lanes_at(typing_context, arena, first):  # type: ignore[no-untyped-def]
    """A pointer into an array, or on from a pointer.

    What it costs to make a slice is more than what a loop over a block takes.
    """

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        data = arguments[0]
        if isinstance(arena, types.Array):
            data = context.make_array(arena)(context, builder, data).data
        return builder.gep(data, [arguments[1]])

    return types.CPointer(arena.dtype)(arena, types.int64), generate


@intrinsic(prefer_literal=True)
def apart(typing_context, pointer, number):  # type: ignore[no-untyped-def]
    """The same pointer, to numbers that no pointer with another number here points to."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return arguments[0]

    return Apart(pointer.dtype, number.literal_value)(pointer, number), generate


def _room(builder: Any, n: int) -> Any:
    with builder.goto_entry_block():
        found = builder.alloca(ir.DoubleType(), size=ir.Constant(ir.IntType(64), n))
        found.align = 64
    return found


@intrinsic(prefer_literal=True)
def room_for(typing_context, size):  # type: ignore[no-untyped-def]
    """A pointer to so many numbers on the stack."""
    n = size.literal_value

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return _room(builder, n)

    return types.CPointer(types.float64)(size), generate


@intrinsic(prefer_literal=True)
def zeros_for(typing_context, size):  # type: ignore[no-untyped-def]
    """The same, and they are zero."""
    n = size.literal_value

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        found = _room(builder, n)
        cgutils.memset(builder, found, ir.Constant(ir.IntType(64), 8 * n), 0)
        return found

    return types.CPointer(types.float64)(size), generate


@njit(nogil=True, error_model="numpy", boundscheck=False)
def stated(arena, place):  # type: ignore[no-untyped-def]
    """The number at a place, 0 where there is none."""
    return arena[place] if place >= 0 else 0.0
