"""Kernels from source text to machine code, cached on disk.

The source of each kernel is a file in the user's cache folder, named by its own hash, in a folder
named by the hash of the libraries it calls; numba keeps the machine code beside it. So nothing
stale is ever found, and a folder that can't be read or written is only slower. What nobody has used
for a month, such as previews of equations that were being written, is removed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import logging
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
import platformdirs
from numba import njit, types
from numba.typed import List

from neurocanvas.sim import mathlib, randomlib
from neurocanvas.sim.writing.codegen import KernelSource

_F8 = types.Array(types.float64, 1, "C")
_I8 = types.Array(types.int64, 1, "C")
_U8 = types.Array(types.uint64, 1, "C")
_I, _F = types.int64, types.float64

KERNEL_SIGNATURE = _I(_F8, _I8, _U8, _I, _I, _I, _I, _I, _I, _I, _I, _F, _F, _I8, _I8, _F8, _I)
OBSERVER_SIGNATURE = _F(_F8, _I8, _I, _I, _I, _I, _I, _F, _F)
KERNEL_TYPE = types.FunctionType(KERNEL_SIGNATURE)
OBSERVER_TYPE = types.FunctionType(OBSERVER_SIGNATURE)
_F4 = types.Array(types.float32, 1, "C")
EVENT_SIGNATURE = _F(_F8, _F4, _I8, _I8, _I, _I, _I, _I, _F)
EVENT_TYPE = types.FunctionType(EVENT_SIGNATURE)

log = logging.getLogger(__name__)

USED = ".used"
"""Suffix of the file beside a kernel whose time stamp is that of its last use."""

CACHE_VARIABLE = "NEUROCANVAS_CACHE"
"""Environment variable that names another cache folder."""

UNUSED_S = 30 * 86400.0
"""Kernels that nobody has used for so long are removed."""
TOUCHED_S = 86400.0
"""How old the time of the last use may become before it is written anew."""

_compiled: dict[str, tuple[Any, Any]] = {}
_lock = threading.Lock()


def cache_folder() -> Path:
    """Return the folder for generated kernels, a temporary one if the user's can't be written."""
    root = os.environ.get(CACHE_VARIABLE)
    base = Path(root) if root else platformdirs.user_cache_path("neurocanvas", appauthor=False)
    folder = base / "kernels" / _fingerprint()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".write-{os.getpid()}-{threading.get_ident()}"
        probe.touch()
        probe.unlink()
    except OSError:
        folder = Path(tempfile.gettempdir()) / f"neurocanvas-{os.getuid()}" / _fingerprint()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _fingerprint() -> str:
    text = inspect.getsource(mathlib) + inspect.getsource(randomlib) + numba.__version__
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def compile_kernel(source: KernelSource) -> tuple[Any, Any]:
    """Return the compiled ``(kernel, observe)`` of a source, from memory, disk or the compiler."""
    with _lock:
        if source.name not in _compiled:
            _compiled[source.name] = _load(source)
        return _compiled[source.name]


def is_ready(source: KernelSource) -> bool:
    """Whether a kernel is in memory already."""
    return source.name in _compiled


def compile_all(
    sources: Iterable[KernelSource], tell: Callable[[int, int], None] | None = None
) -> None:
    """Compile several kernels, telling ``tell(done, total)`` before each and after the last."""
    todo = _missing(sources)
    for number, source in enumerate(todo):
        if tell:
            tell(number, len(todo))
        compile_kernel(source)
    if tell and todo:
        tell(len(todo), len(todo))


def _missing(sources: Iterable[KernelSource]) -> list[KernelSource]:
    unique = {source.name: source for source in sources}
    return [source for source in unique.values() if not is_ready(source)]


def _load(source: KernelSource) -> tuple[Any, Any]:
    folder = cache_folder()
    try:
        return _jit(_module(source, folder))
    except Exception:  # noqa: BLE001
        # Whatever broke the cache, a clean folder must work; if it does not, the error is real.
        _forget(source, folder)
        return _jit(_module(source, folder))


def _module(source: KernelSource, folder: Path) -> ModuleType:
    """Write the source file if need be, and import it."""
    path = folder / f"{source.name}.py"
    if not path.exists() or path.read_text(encoding="utf-8") != source.text:
        temporary = folder / f".{source.name}-{os.getpid()}.tmp"
        temporary.write_text(source.text, encoding="utf-8")
        os.replace(temporary, path)
        _prune_once(folder)
    _mark_used(path)
    name = f"neurocanvas_kernels_{source.name}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Machine code from the cache asks for the module of its source by this name.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _mark_used(path: Path) -> None:
    """Keep the time of the last use in the time stamp of a source file."""
    try:
        if time.time() - path.stat().st_mtime > TOUCHED_S:
            # Machine code is found by the time stamp of its source: not to be touched there.
            path.with_suffix(USED).touch()
    except OSError:
        log.debug("the last use of %s is not kept", path, exc_info=True)


@cache
def _prune_once(folder: Path) -> None:
    """Clear out a cache folder, and those of other versions; once in a process."""
    try:
        prune(folder)
        for other in folder.parent.iterdir():
            if other != folder and _last_use(other) < time.time() - UNUSED_S:
                shutil.rmtree(other, ignore_errors=True)
    except OSError:
        log.debug("%s is not cleared out", folder, exc_info=True)


def prune(folder: Path, unused_s: float = UNUSED_S) -> int:
    """Remove kernels that nobody has used for so many seconds; return how many.

    The mark that the whole library is there goes with them.
    """
    before = time.time() - unused_s
    old = [path for path in folder.glob("*.py") if _last_use(path) < before]
    for path in old:
        for part in (*folder.glob(f"{path.stem}.*"), *folder.glob(f"__pycache__/{path.stem}.*")):
            part.unlink(missing_ok=True)
    for mark in folder.glob("*.complete") if old else ():
        mark.unlink(missing_ok=True)
    return len(old)


def _last_use(path: Path) -> float:
    """Return when a kernel, or anything in a folder, was last written or used."""
    found = [path, *path.glob("*")] if path.is_dir() else [path, path.with_suffix(USED)]
    return max((p.stat().st_mtime for p in found if p.exists()), default=0.0)


def _jit(module: ModuleType) -> tuple[Any, Any]:
    if hasattr(module, "event"):
        event = njit(EVENT_SIGNATURE, cache=True, **mathlib.FLAGS)(module.event)
        return event, njit(OBSERVER_SIGNATURE, cache=True, **mathlib.FLAGS)(module.observe)
    kernel = njit(KERNEL_SIGNATURE, cache=True, **mathlib.FLAGS)(module.kernel)
    observe = njit(OBSERVER_SIGNATURE, cache=True, **mathlib.FLAGS)(module.observe)
    return kernel, observe


def _forget(source: KernelSource, folder: Path) -> None:
    for path in folder.glob(f"**/{source.name}*"):
        path.unlink(missing_ok=True)


def clear_cache() -> None:
    """Remove all cached kernels from disk."""
    shutil.rmtree(cache_folder(), ignore_errors=True)


# Lists are made and filled by functions that are cached as everything else is: what numba compiles
# for a list that Python itself appends to takes seconds, in every process anew.


@njit(types.ListType(KERNEL_TYPE)(), cache=True)
def _no_kernels():  # type: ignore[no-untyped-def]
    return List.empty_list(KERNEL_TYPE)


@njit(types.void(types.ListType(KERNEL_TYPE), KERNEL_TYPE), cache=True)
def _add_kernel(found, kernel):  # type: ignore[no-untyped-def]
    found.append(kernel)


@njit(types.ListType(EVENT_TYPE)(), cache=True)
def _no_events():  # type: ignore[no-untyped-def]
    return List.empty_list(EVENT_TYPE)


@njit(types.void(types.ListType(EVENT_TYPE), EVENT_TYPE), cache=True)
def _add_event(found, event):  # type: ignore[no-untyped-def]
    found.append(event)


@njit(types.ListType(OBSERVER_TYPE)(), cache=True)
def _no_observers():  # type: ignore[no-untyped-def]
    return List.empty_list(OBSERVER_TYPE)


@njit(types.void(types.ListType(OBSERVER_TYPE), OBSERVER_TYPE), cache=True)
def _add_observer(found, observer):  # type: ignore[no-untyped-def]
    found.append(observer)


def kernel_list(sources: Iterable[KernelSource]) -> Any:
    """Return a typed list of compiled kernels, in order."""
    found = _no_kernels()
    for source in sources:
        _add_kernel(found, compile_kernel(source)[0])
    return found


def event_list(sources: Iterable[KernelSource]) -> Any:
    """Return a typed list of compiled plasticity events, in order."""
    found = _no_events()
    for source in sources:
        _add_event(found, compile_kernel(source)[0])
    return found


def observer_list(sources: Iterable[KernelSource]) -> Any:
    """Return a typed list of compiled observers, in order."""
    found = _no_observers()
    for source in sources:
        _add_observer(found, compile_kernel(source)[1])
    return found
