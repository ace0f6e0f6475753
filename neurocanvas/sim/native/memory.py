"""Compiled functions in memory: LLVM's loader, and what has been loaded."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from functools import cache

import llvmlite.binding as llvm

from neurocanvas.sim.native.calls import Function
from neurocanvas.sim.native.objects import Argument, Header, read

_SHIM = """
declare ptr @malloc(i64)
declare void @free(ptr)

define ptr @NRT_MemInfo_alloc_aligned(i64 %size, i32 %align) {
  %wide = zext i32 %align to i64
  %more = add i64 %wide, 64
  %all = add i64 %size, %more
  %info = call ptr @malloc(i64 %all)
  %none = icmp eq ptr %info, null
  br i1 %none, label %end, label %fill
fill:
  %begin = ptrtoint ptr %info to i64
  %past = add i64 %begin, %more
  %mask = sub i64 0, %wide
  %data = and i64 %past, %mask
  store i64 1, ptr %info
  %p1 = getelementptr i64, ptr %info, i64 1
  store i64 0, ptr %p1
  %p2 = getelementptr i64, ptr %info, i64 2
  store i64 0, ptr %p2
  %p3 = getelementptr i64, ptr %info, i64 3
  store i64 %data, ptr %p3
  %p4 = getelementptr i64, ptr %info, i64 4
  store i64 %size, ptr %p4
  %p5 = getelementptr i64, ptr %info, i64 5
  store i64 0, ptr %p5
  br label %end
end:
  ret ptr %info
}

define void @NRT_MemInfo_call_dtor(ptr %info) {
  call void @free(ptr %info)
  ret void
}
"""
"""Memory for arrays that compiled code makes: users, two words for who frees it otherwise, where
it is, its size, and one more word, as numba has it."""


class _Memory:
    """What is loaded: LLVM's loader and where each function lies."""

    def __init__(self) -> None:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        target = llvm.Target.from_triple(llvm.get_process_triple())
        # What is compiled here only hands arguments on: that it is done soon is all that counts.
        machine = target.create_target_machine(opt=0)
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(_SHIM), machine)
        self._engine.finalize_object()
        place = self._engine.get_function_address("NRT_MemInfo_call_dtor")
        self.free: Callable[[int], None] = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(place)

    def load(self, header: Header, code: bytes) -> Function:
        """Load an object file."""
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        return Function(header, self._engine.get_function_address(header.symbol), self)

    def entry(self, header: Header, address: int) -> Callable[[int], int]:
        """Return a function that takes its arguments from memory and hands them on.

        A call with hundreds of arguments would take Python longer than what is called.
        """
        kinds = [kind for argument in header.arguments for kind in _kinds(argument)]
        results = sum(result.words for result in header.results)
        lines = [f"%result = getelementptr i64, ptr %words, i64 {len(kinds)}"]
        lines.append(f"%fault = getelementptr i64, ptr %words, i64 {len(kinds) + results}")
        for i, kind in enumerate(kinds):
            lines.append(f"%p{i} = getelementptr i64, ptr %words, i64 {i}")
            lines.append(f"%w{i} = load {kind}, ptr %p{i}")
        words = [f"{kind} %w{i}" for i, kind in enumerate(kinds)]
        passed = ", ".join(["ptr %result", "ptr %fault", *words])
        name = f"entry_{address:x}"
        text = "\n  ".join(
            [f"define i32 @{name}(ptr %words) {{", *lines, f"%f = inttoptr i64 {address} to ptr",
             f"%status = call i32 %f({passed})", "ret i32 %status", "}"]
        )  # fmt: skip
        with _lock:
            self._engine.add_module(llvm.parse_assembly(text))
            self._engine.finalize_object()
            place = self._engine.get_function_address(name)
        return ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_int64)(place)


def _kinds(argument: Argument) -> list[str]:
    """Return what the words of an argument are to LLVM."""
    number = "double" if argument.dtype == "float64" else "i64"
    return ["i64"] * argument.words if argument.ndim else [number]


_lock = threading.RLock()
_loaded: dict[str, Function] = {}


@cache
def _memory() -> _Memory:
    return _Memory()


def loaded(name: str) -> Function | None:
    """Return a function that is in memory or on disk, None if it has to be built."""
    with _lock:
        if name not in _loaded:
            found = read(name)
            if found is None:
                return None
            _loaded[name] = _memory().load(*found)
        return _loaded[name]


def take(name: str, header: Header, code: bytes) -> Function:
    """Load a function that has just been built."""
    with _lock:
        if name not in _loaded:
            _loaded[name] = _memory().load(header, code)
        return _loaded[name]


def is_loaded(name: str) -> bool:
    """Whether a function is in memory."""
    return name in _loaded
