"""Makes the kernels of the whole library ready beforehand, so that no edit waits for a compiler."""

from __future__ import annotations

import hashlib
import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from neurocanvas.model.kinds import Kind, NeuronKind, SynapseKind
from neurocanvas.model.plasticity import PlasticityKind

if TYPE_CHECKING:
    from neurocanvas.sim.writing.codegen import Variant

NICENESS = 10
"""How far the process that warms up stands behind everything else."""

BELOW_NORMAL = 0x00004000
NO_WINDOW = 0x08000000
"""The same on Windows, where a process of the background opens a console unless told not to."""

log = logging.getLogger(__name__)


class Warmer:
    """A process that fills the cache on disk, and ends when it has or when told to.

    A compiler holds Python's lock for long stretches: in a thread it would make the running circuit
    stumble. What it leaves on disk loads in some hundredths of a second.

    Args:
        names: Which kinds of the library; all if None.
    """

    def __init__(self, names: Sequence[str] | None = None) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        if names is not None or not _is_warm():
            wanted = "None" if names is None else repr(list(names))
            code = f"from neurocanvas.sim.warm import warm_library; warm_library({wanted})"
            self._process = _in_background([sys.executable, "-c", code])

    def wait(self, timeout: float | None = None) -> None:
        """Wait until everything is there.

        Raises:
            subprocess.TimeoutExpired: It is not, after so many seconds.
        """
        if self._process is not None:
            self._process.wait(timeout)

    def close(self) -> None:
        """End the process; what it has compiled so far stays."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def _in_background(command: list[str]) -> subprocess.Popen[bytes] | None:
    """Start a process that neither says nor reads anything; None where none can be started."""
    quiet = subprocess.DEVNULL
    flags = BELOW_NORMAL | NO_WINDOW if sys.platform == "win32" else 0
    try:
        return subprocess.Popen(
            command, stdin=quiet, stdout=quiet, stderr=quiet, creationflags=flags
        )
    except OSError:
        log.exception("the kernels of the library are compiled only when they are needed")
        return None


def warm_library(names: Sequence[str] | None = None) -> None:
    """Compile the kernels of the library that are not on disk yet, one after the other.

    Args:
        names: Which kinds; all if None.
    """
    from neurocanvas import library
    from neurocanvas.sim.kernels import compile_kernel
    from neurocanvas.sim.writing.codegen import KindKey, generate
    from neurocanvas.sim.writing.plasticity_writer import source_of

    if hasattr(os, "nice"):
        os.nice(NICENESS)
    registry, parent = library.registry(), os.getppid()
    for kind in registry if names is None else map(registry.get, names):
        if isinstance(kind, PlasticityKind):
            compile_kernel(source_of(kind))
            continue
        for variant in _variants(kind):
            if os.getppid() != parent:
                return  # the program it works for was killed
            compile_kernel(generate(KindKey(kind), variant))
    if names is None:
        _mark().touch()


def _mark() -> Path:
    """The empty file that says that the library as it is now has been compiled."""
    from neurocanvas import library
    from neurocanvas.sim.kernels import cache_folder

    text = "".join(repr(kind) for kind in library.registry())
    digest = hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
    return cache_folder() / f"library-{digest}.complete"


def _is_warm() -> bool:
    return _mark().exists()


def _variants(kind: Kind) -> list[Variant]:
    """Return the kernels of a kind that most circuits ask for."""
    from neurocanvas.sim.writing.codegen import Variant

    found = [Variant()]
    if isinstance(kind, NeuronKind):
        found.append(Variant(conductance=True))
    if isinstance(kind, SynapseKind) and kind.carries in ("rate", "v"):
        found.append(Variant(ahead=True))
    return found
