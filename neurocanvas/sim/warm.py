"""Makes the kernels of the whole library ready beforehand, so that no edit waits for a compiler."""

from __future__ import annotations

import hashlib
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from neurocanvas.model.kinds import Kind, NeuronKind, SynapseKind
from neurocanvas.model.plasticity import PlasticityKind

if TYPE_CHECKING:
    from neurocanvas.sim.native.items import Item
    from neurocanvas.sim.native.making import Making
    from neurocanvas.sim.writing.codegen import KernelSource, Variant

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
            self._process = _in_background(code)

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


def _in_background(program: str) -> subprocess.Popen[bytes] | None:
    """Start a process that neither says nor reads anything; None where none can be started."""
    from neurocanvas.sim.native.making import in_python

    quiet = subprocess.DEVNULL
    flags = BELOW_NORMAL | NO_WINDOW if sys.platform == "win32" else 0
    try:
        return subprocess.Popen(
            in_python(program), stdin=quiet, stdout=quiet, stderr=quiet, creationflags=flags
        )
    except OSError:
        log.exception("the kernels of the library are compiled only when they are needed")
        return None


class Ahead:
    """Has compiled what a circuit that runs may be asked for: to be looked at, edited, recorded.

    Nobody waits for it, and a circuit that comes later has other wishes.
    """

    def __init__(self) -> None:
        self._begun: list[tuple[Making, threading.Thread]] = []

    def prepare(self, sources: Iterable[KernelSource]) -> None:
        """Begin with the kernels of a circuit."""
        from neurocanvas.sim.calendar import GOING_ON
        from neurocanvas.sim.kernels import LOOKING, observer_of
        from neurocanvas.sim.native.making import Making
        from neurocanvas.sim.native.memory import is_loaded

        unique = {source.name: source for source in sources}
        items: list[Item] = [*LOOKING, *GOING_ON, *map(observer_of, unique.values())]
        todo = [item for item in items if not is_loaded(item.name)]
        for making, _ in self._begun:
            making.cancel()
        self._begun = [begun for begun in self._begun if begun[1].is_alive()]
        if todo:
            making = Making(todo)
            thread = threading.Thread(
                target=self._work, args=(making,), name="neurocanvas-ahead", daemon=True
            )
            self._begun.append((making, thread))
            thread.start()

    def close(self) -> None:
        """End it at once."""
        for making, _ in self._begun:
            making.kill()
        for _, thread in self._begun:
            thread.join()
        self._begun = []

    def _work(self, making: Making) -> None:
        try:
            making.run()
        except Exception:
            # It is compiled when it is wanted, and then its error is said.
            log.exception("not everything could be compiled ahead")


def warm_library(names: Sequence[str] | None = None) -> None:
    """Compile what is not on disk yet of the library, one after the other.

    Args:
        names: Which kinds; all if None.
    """
    from neurocanvas.sim.native import build, objects

    if hasattr(os, "nice"):
        os.nice(NICENESS)
    parent = os.getppid()
    for item in _items(names):
        if os.getppid() != parent:
            return  # the program it works for was killed
        if objects.read(item.name) is None:
            objects.write(item.name, *build.of_item(item))
    if names is None:
        _mark().touch()


def _items(names: Sequence[str] | None) -> list[Item]:
    """Return what is compiled of some kinds: what runs first, then what is recorded of them."""
    from neurocanvas import library
    from neurocanvas.sim.calendar import GOING_ON
    from neurocanvas.sim.compiling.ordering import PLACING
    from neurocanvas.sim.kernels import DRIVE_TOGETHER, LOOKING, RUNNING, main_of, observer_of
    from neurocanvas.sim.teams import DIVIDE

    registry = library.registry()
    kinds = list(registry) if names is None else [registry.get(name) for name in names]
    sources = [source for kind in kinds for source in _sources(kind)]
    found: list[Item] = [*map(main_of, sources), *map(observer_of, sources)]
    if names is not None:
        return found
    # Large circuits come last: they take their time to be built in any case.
    return [*RUNNING, *LOOKING, *GOING_ON, *found, *PLACING, DRIVE_TOGETHER, DIVIDE]


def _sources(kind: Kind) -> list[KernelSource]:
    """Return the kernels of a kind that most circuits ask for."""
    from neurocanvas.sim.writing.codegen import KindKey, generate
    from neurocanvas.sim.writing.plasticity_writer import source_of

    if isinstance(kind, PlasticityKind):
        return [source_of(kind)]
    return [generate(KindKey(kind), variant) for variant in _variants(kind)]


def _mark() -> Path:
    """The empty file that says that the library as it is now has been compiled."""
    from neurocanvas import library
    from neurocanvas.sim.native import objects

    text = "".join(repr(kind) for kind in library.registry())
    digest = hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
    return objects.folder() / f"library-{digest}.complete"


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
