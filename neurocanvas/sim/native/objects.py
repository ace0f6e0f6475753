"""Compiled functions on disk: to load one takes no compiler.

Numba takes over a second to come up, even to load what it has compiled before. So it works ahead,
in ``build``, and leaves an object file for each function, with a line that says what its arguments
are; LLVM's own loader has it in memory within some milliseconds (``memory``).

The files are named by what is in them: by the text they are made from and, in the name of their
folder, by everything else they depend on. A file that is broken is the same as none.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from functools import cache
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding as llvm
import numpy as np
import platformdirs

log = logging.getLogger(__name__)

CACHE_VARIABLE = "NEUROCANVAS_CACHE"
"""Environment variable that names another cache folder."""

UNUSED_S = 30 * 86400.0
"""What nobody has used for so long is removed."""
TOUCHED_S = 86400.0
"""How old the time of the last use may become before it is written anew."""

SUFFIX = ".object"

_EVERYWHERE = (
    "neurocanvas.sim.lanes",
    "neurocanvas.sim.mathlib",
    "neurocanvas.sim.mathlib_names",
    "neurocanvas.sim.random",
    "neurocanvas.sim.randomlib",
    "neurocanvas.sim.native.build",
    "neurocanvas.sim.native.pointers",
)
"""Modules that all compiled functions depend on."""
_CHOICES = ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES", "NUMBA_OPT")
"""Environment variables that change what numba makes."""
_DIGEST = 16


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
    parts = [_numba(), llvmlite.__version__, llvm.get_process_triple()]
    parts += [llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()]
    parts += [os.environ.get(name, "") for name in _CHOICES]
    parts += [source_of(name) for name in _EVERYWHERE]
    return digest("\n".join(parts), 6)


def _numba() -> str:
    """Return what numba says of its version; importing it, or looking it up, takes its time."""
    spec = find_spec("numba")
    places = spec.submodule_search_locations if spec else None
    files = [Path(place) / "_version.py" for place in places or ()]
    found = [path.read_text(encoding="utf-8") for path in files if path.exists()]
    return found[0] if found else _looked_up("numba")


def _looked_up(package: str) -> str:
    """Return the version of an installed package."""
    from importlib.metadata import version

    return version(package)


def digest(text: str, size: int = 8) -> str:
    """Return a name for a text."""
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()


def source_of(module: str) -> str:
    """Return the text of a module, without importing it."""
    spec: ModuleSpec | None = find_spec(module)
    loader: Any = spec.loader if spec else None
    return loader.get_source(module) or "" if loader else ""


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
