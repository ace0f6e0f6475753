"""Machine code on disk and in memory: to run it takes no compiler.

Numba takes over a second to come up, even to load what it has compiled before. So it works ahead,
in ``build``, and leaves an object file for each function, with a line that says what its arguments
are; LLVM's own loader has it in memory within some milliseconds.

The files are named by what is in them: by the text they are made from and, in the name of their
folder, by everything else they depend on. A file that is broken is the same as none.
"""

from __future__ import annotations

import ctypes
import hashlib
import itertools
import json
import logging
import math
import os
import shutil
import struct
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from importlib.machinery import ModuleSpec
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import numpy as np
import platformdirs

from neurocanvas.errors import SimulationError

log = logging.getLogger(__name__)

CACHE_VARIABLE = "NEUROCANVAS_CACHE"
"""Environment variable that names another cache folder."""

UNUSED_S = 30 * 86400.0
"""What nobody has used for so long is removed."""
TOUCHED_S = 86400.0
"""How old the time of the last use may become before it is written anew."""

SUFFIX = ".object"

_EVERYWHERE = (
    "neurocanvas.sim.mathlib",
    "neurocanvas.sim.randomlib",
    "neurocanvas.sim.native.build",
    "neurocanvas.sim.native.pointers",
)
"""Modules that all compiled functions depend on."""
_CHOICES = ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES", "NUMBA_OPT")
"""Environment variables that change what numba makes."""
_DIGEST = 16
_DONE = (0, -2)
"""What a function answers that has not failed: with a value, with None."""


@dataclass(frozen=True)
class Argument:
    """What a function takes or returns in one place.

    Attributes:
        dtype: Name of the numpy type; of records, their fields as (name, type, place).
        ndim: Dimensions of an array, 0 for a number.
        contiguous: Whether the array must lie in memory without gaps.
    """

    dtype: str | tuple[tuple[str, str, int], ...]
    ndim: int = 0
    contiguous: bool = True

    @property
    def type(self) -> np.dtype[Any]:
        """Its numpy type."""
        if isinstance(self.dtype, str):
            return np.dtype(self.dtype)
        names, formats, offsets = zip(*self.dtype, strict=True)
        fields: Any = {"names": list(names), "formats": list(formats), "offsets": list(offsets)}
        found: np.dtype[Any] = np.dtype(fields, align=True)
        return found

    @property
    def words(self) -> int:
        """How many words of 64 bits it is to numba."""
        return 5 + 2 * self.ndim if self.ndim else 1


@dataclass(frozen=True)
class Header:
    """What is known of a compiled function.

    Attributes:
        symbol: Its name in the object file.
        arguments: What it takes; tuples are taken apart.
        results: What it returns: nothing, one thing or several.
    """

    symbol: str
    arguments: tuple[Argument, ...]
    results: tuple[Argument, ...] = ()


class Function:
    """A compiled function, called like any other, without Python's lock.

    Args:
        header: What it takes and returns.
        address: Where it lies in memory.
    """

    def __init__(self, header: Header, address: int) -> None:
        self.header, self.address = header, address

    @cached_property
    def places(self) -> tuple[_Place, ...]:
        """Where arguments, and then results, lie among the words that are handed over."""
        all_of_it = (*self.header.arguments, *self.header.results)
        begins = itertools.accumulate((kind.words for kind in all_of_it), initial=0)
        return tuple(map(_Place, all_of_it, begins))

    @cached_property
    def words(self) -> int:
        """How many words are handed over."""
        kinds = (*self.header.arguments, *self.header.results)
        return sum(kind.words for kind in kinds) + 1

    @cached_property
    def entry(self) -> Callable[[int], int]:
        """The function as one that takes the address of its words."""
        return _memory().entry(self.header, self.address)

    def __call__(self, *values: Any) -> Any:
        """Call it with numbers, arrays and tuples of these."""
        return Caller(self)(*values)


class _Place:
    """A number or an array among the words of a call.

    An array is to numba: who counts its users (nobody), whose it is (nobody's), how many elements
    of which size, where, shape and strides.
    """

    def __init__(self, kind: Argument, begin: int) -> None:
        self.kind, self.dtype = kind, kind.type
        self._at = 8 * begin
        number = "d" if kind.dtype == "float64" else "q"
        self._form = struct.Struct("q" * kind.words if kind.ndim else number)

    def put(self, words: Any, value: Any) -> None:
        """Write a value."""
        if not self.kind.ndim:
            self._form.pack_into(words, self._at, value)
            return
        if value.dtype != self.dtype or value.ndim != self.kind.ndim:
            raise TypeError(f"{self.kind} is wanted, not {value.dtype} of shape {value.shape}")
        if self.kind.contiguous and not value.flags.c_contiguous:
            raise TypeError(f"{self.kind} is wanted, not an array with gaps")
        address = _address(value)
        self._form.pack_into(
            words, self._at, 0, 0, value.size, value.itemsize, address, *value.shape,
            *value.strides,
        )  # fmt: skip

    def get(self, words: Any, given: Sequence[Any]) -> Any:
        """Return what was written: of arrays one that was given, or a new one."""
        found = self._form.unpack_from(words, self._at)
        if not self.kind.ndim:
            return found[0]
        owner, _, size, _, address, *rest = found
        shape = tuple(rest[: self.kind.ndim])
        if owner:
            return _adopted(owner, address, self.dtype, shape)
        for value in given:
            alike = isinstance(value, np.ndarray) and value.shape == shape
            if alike and value.dtype == self.dtype and (_address(value) == address or not size):
                return value
        raise TypeError(f"{self.kind} that is returned must be new or have been passed")


def _address(array: Any) -> int:
    place: int = array.__array_interface__["data"][0]
    return place


def _adopted(owner: int, address: int, dtype: np.dtype[Any], shape: tuple[int, ...]) -> Any:
    """Return an array over memory that compiled code took, and that goes with the array."""
    size = math.prod(shape) * dtype.itemsize
    buffer: Any = (ctypes.c_byte * size).from_address(address)
    weakref.finalize(buffer, _memory().free, owner)
    return np.frombuffer(buffer, dtype).reshape(shape) if size else np.empty(shape, dtype)


class Caller:
    """Calls a function again and again: what is the same as last time is not written again.

    It keeps the arguments of the last call, and is for one thread at a time.

    Args:
        function: The function.
    """

    def __init__(self, function: Function) -> None:
        self._function = function
        self._last: list[Any] = [_NOTHING] * len(function.header.arguments)
        self._words = (ctypes.c_int64 * function.words)()
        self._address = ctypes.addressof(self._words)

    def __call__(self, *values: Any) -> Any:
        """Call it with numbers, arrays and tuples of these."""
        function, last = self._function, self._last
        found = list(_leaves(values))
        if len(found) != len(last):
            raise TypeError(f"{len(found)} arguments for {function.header}")
        for i, value in enumerate(found):
            if value is not last[i]:
                function.places[i].put(self._words, value)
                last[i] = value
        status = function.entry(self._address)
        if status not in _DONE:
            raise SimulationError(f"compiled code failed: {function.header.symbol} gave {status}")
        results = [place.get(self._words, found) for place in function.places[len(last) :]]
        return tuple(results) if len(results) > 1 else results[0] if results else None


_NOTHING = object()


def _leaves(values: tuple[Any, ...]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, tuple):
            yield from _leaves(value)
        else:
            yield value


# -- on disk ---------------------------------------------------------------------------------------


def folder() -> Path:
    """Return the folder of object files, a temporary one if the user's can't be written."""
    return _folder(os.environ.get(CACHE_VARIABLE, ""))


@cache
def _folder(root: str) -> Path:
    base = Path(root) if root else platformdirs.user_cache_path("neurocanvas", appauthor=False)
    found = base / "kernels" / _fingerprint()
    try:
        found.mkdir(parents=True, exist_ok=True)
        probe = found / f".write-{os.getpid()}-{threading.get_ident()}"
        probe.touch()
        probe.unlink()
    except OSError:
        user = hashlib.blake2b(str(Path.home()).encode(), digest_size=4).hexdigest()
        found = Path(tempfile.gettempdir()) / f"neurocanvas-{user}" / _fingerprint()
        found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


@cache
def _fingerprint() -> str:
    """Name everything that all compiled functions depend on: processor, compiler, libraries."""
    parts = [version("numba"), version("llvmlite"), llvm.get_process_triple()]
    parts += [llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()]
    parts += [os.environ.get(name, "") for name in _CHOICES]
    parts += [source_of(name) for name in _EVERYWHERE]
    return digest("\n".join(parts), 6)


def digest(text: str, size: int = 8) -> str:
    """Return a name for a text."""
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()


def source_of(module: str) -> str:
    """Return the text of a module, without importing it."""
    spec: ModuleSpec | None = find_spec(module)
    loader: Any = spec.loader if spec else None
    return loader.get_source(module) or version("neurocanvas") if loader else ""


def write(name: str, header: Header, code: bytes) -> None:
    """Keep a compiled function for later, whole or not at all; without it, all is only slower."""
    line = json.dumps(asdict(header)).encode() + b"\n"
    checked = hashlib.blake2b(line + code, digest_size=_DIGEST).digest()
    path = folder() / (name + SUFFIX)
    temporary = path.with_name(f".{name}-{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        temporary.write_bytes(checked + line + code)
        os.replace(temporary, path)
    except OSError:
        log.warning("%s can't be kept", path, exc_info=True)
    else:
        _prune_once(folder())


def read(name: str) -> tuple[Header, bytes] | None:
    """Return a compiled function that was kept, None if it was not or is broken."""
    path = folder() / (name + SUFFIX)
    try:
        content = path.read_bytes()
        checked, content = content[:_DIGEST], content[_DIGEST:]
        if hashlib.blake2b(content, digest_size=_DIGEST).digest() != checked:
            return None
        line, _, code = content.partition(b"\n")
        found = json.loads(line)
        header = Header(
            found["symbol"], *(tuple(map(_argument, found[k])) for k in ("arguments", "results"))
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None
    _mark_used(path)
    return header, code


def _argument(found: dict[str, Any]) -> Argument:
    dtype = found["dtype"]
    known = dtype if isinstance(dtype, str) else tuple(map(tuple, dtype))
    return Argument(known, found["ndim"], found["contiguous"])


def _mark_used(path: Path) -> None:
    """Keep the time of the last use in the time stamp of a file."""
    try:
        if time.time() - path.stat().st_mtime > TOUCHED_S:
            path.touch()
    except OSError:
        log.debug("the last use of %s is not kept", path, exc_info=True)


@cache
def _prune_once(folder: Path) -> None:
    """Clear out a folder, and those of other versions; once in a process."""
    try:
        prune(folder)
        for other in folder.parent.iterdir():
            if other != folder and _last_use(other) < time.time() - UNUSED_S:
                shutil.rmtree(other, ignore_errors=True)
    except OSError:
        log.debug("%s is not cleared out", folder, exc_info=True)


def prune(folder: Path, unused_s: float = UNUSED_S) -> int:
    """Remove what nobody has used for so many seconds, temporary files too; return how many.

    The mark that the whole library is there goes with them.
    """
    before = time.time() - unused_s
    old = [path for path in folder.iterdir() if path.is_file() and _last_use(path) < before]
    for path in old:
        path.unlink(missing_ok=True)
    for mark in folder.glob("*.complete") if old else ():
        mark.unlink(missing_ok=True)
    return len(old)


def _last_use(path: Path) -> float:
    """Return when a file, or anything in a folder, was last written or used."""
    found = [path, *path.iterdir()] if path.is_dir() else [path]
    return max((p.stat().st_mtime for p in found if p.exists()), default=0.0)


# -- in memory -------------------------------------------------------------------------------------


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
        self.free = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(place)

    def load(self, header: Header, code: bytes) -> Function:
        """Load an object file."""
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        return Function(header, self._engine.get_function_address(header.symbol))

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
