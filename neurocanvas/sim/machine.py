"""What the processor offers beyond arithmetic: fetching ahead, its clock, meeting others."""

from __future__ import annotations

import sys
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

from neurocanvas.sim.native.build import inner

_POINTER = ir.PointerType(ir.IntType(8))
_I32, _I64 = ir.IntType(32), ir.IntType(64)


def _place(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    """The address of an element of an array."""
    data = context.make_array(kind)(context, builder, array).data
    return builder.gep(data, [index])


def _call(builder: Any, kind: Any, name: str, arguments: list[Any]) -> Any:
    """Call a function that is there when the code is loaded; see ``objects``."""
    form = ir.FunctionType(kind, [argument.type for argument in arguments])
    return builder.call(cgutils.get_or_insert_function(builder.module, form, name), arguments)


@intrinsic
def longer(typing_context, array, rows):  # type: ignore[no-untyped-def]
    """A copy of an array with more rows, instead of it; what the new ones hold is anything.

    What numba makes of ``np.empty`` or an assignment of slices can say which sizes are not
    possible, and takes four seconds to compile for that.
    """

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        kind = signature.return_type
        made, old = (context.make_array(kind)(context, builder, *a) for a in ((), arguments[:1]))
        shape = cgutils.unpack_tuple(builder, old.shape, kind.ndim)
        # The strides of an empty array may be 0.
        strides = [old.itemsize]
        for length in reversed(shape[1:]):
            strides.insert(0, builder.mul(strides[0], length))
        size = builder.mul(arguments[1], strides[0])
        memory = _call(builder, _POINTER, "NRT_MemInfo_alloc_aligned", [size, _I32(64)])
        words = builder.bitcast(memory, _I64.as_pointer())
        data = builder.inttoptr(builder.load(builder.gep(words, [_I64(3)])), made.data.type)
        cgutils.raw_memcpy(builder, data, old.data, shape[0], strides[0])
        populate_array(
            made, data, cgutils.pack_array(builder, [arguments[1], *shape[1:]]),
            cgutils.pack_array(builder, strides), old.itemsize, memory,
        )  # fmt: skip
        with builder.if_then(cgutils.is_not_null(builder, old.meminfo)):
            # It was made here too, and nobody else has it.
            _call(builder, ir.VoidType(), "NRT_MemInfo_call_dtor", [old.meminfo])
        return made._getvalue()

    return array(array, types.intp), generate


@intrinsic
def address(typing_context, array):  # type: ignore[no-untyped-def]
    """Where the elements of an array lie."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        made = context.make_array(signature.args[0])(context, builder, *arguments)
        return builder.ptrtoint(made.data, _I64)

    return types.int64(array), generate


@intrinsic
def seen(typing_context, like, where, rows):  # type: ignore[no-untyped-def]
    """An array of the type of another, of so many rows that lie at an address; not its owner."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        kind = signature.return_type
        old = context.make_array(kind)(context, builder, arguments[0])
        made = context.make_array(kind)(context, builder)
        shape = cgutils.unpack_tuple(builder, old.shape, kind.ndim)
        data = builder.inttoptr(arguments[1], made.data.type)
        shape = cgutils.pack_array(builder, [arguments[2], *shape[1:]])
        populate_array(made, data, shape, old.strides, old.itemsize, None)
        return made._getvalue()

    return like(like, types.int64, types.int64), generate


@intrinsic
def fetch(typing_context, array, index):  # type: ignore[no-untyped-def]
    """Ask for an element of an array that will be needed soon; an index beyond its end is fine."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        address = _place(context, builder, signature.args[0], *arguments)
        form = ir.FunctionType(ir.VoidType(), [_POINTER, _I32, _I32, _I32])
        name = "llvm.prefetch.p0"
        ask = cgutils.get_or_insert_function(builder.module, form, name)
        # To be read, wanted in all caches, data.
        builder.call(ask, [builder.bitcast(address, _POINTER), _I32(0), _I32(3), _I32(1)])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


@intrinsic
def ticks(typing_context):  # type: ignore[no-untyped-def]
    """The processor's clock: it counts at a constant rate."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        form = ir.FunctionType(_I64, [])
        read = cgutils.get_or_insert_function(builder.module, form, "llvm.readcyclecounter")
        return builder.call(read, [])

    return types.int64(), generate


@intrinsic
def counted(typing_context, array, index):  # type: ignore[no-untyped-def]
    """Add one to an element that other threads change too; return what it was."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        address = _place(context, builder, signature.args[0], *arguments)
        return builder.atomic_rmw("add", address, _I64(1), "seq_cst")

    return types.int64(array, types.intp), generate


@intrinsic
def _look(typing_context, array, index):  # type: ignore[no-untyped-def]
    """An element as other threads have left it."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        address = _place(context, builder, signature.args[0], *arguments)
        return builder.load_atomic(address, "seq_cst", 8)

    return types.int64(array, types.intp), generate


_give_way = types.ExternalFunction(
    "SwitchToThread" if sys.platform == "win32" else "sched_yield", types.int32()
)
PATIENCE = 2000
"""How often a thread looks before it lets others have its processor."""


@inner(boundscheck=False)
def meet(counter, threads):  # type: ignore[no-untyped-def]
    """Wait until all threads are here.

    Args:
        counter: int64, shared by them; the first says how often anyone has come here.
        threads: How many they are.
    """
    mine = counted(counter, 0)
    wanted = (mine // threads + 1) * threads
    looks = 0
    while _look(counter, 0) < wanted:
        looks += 1
        if looks > PATIENCE:
            _give_way()
