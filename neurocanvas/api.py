"""The public face, gathered in one place; ``import neurocanvas as nc`` shows it."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any

from neurocanvas import library
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.formats import native
from neurocanvas.formats.samples import Sample
from neurocanvas.formats.samples import samples as _samples
from neurocanvas.model import circuit as _model
from neurocanvas.model.kinds import Registry
from neurocanvas.model.quantity import parse_quantity

if TYPE_CHECKING:
    from neurocanvas.sim.simulate import simulate

__all__ = ["Circuit", "NeuroCanvasError", "Sample", "kinds", "load", "samples", "save", "simulate"]


class Circuit(_model.Circuit):
    """A neural circuit over the kinds of the library.

    Args:
        seed: Seed of every random stream.
        dt: Time step in ms, or text such as ``"0.1 ms"``.
        kinds: The kinds it may use; those of the library if None.
    """

    def __init__(
        self, *, seed: int = 1, dt: float | str = 0.025, kinds: Registry | None = None
    ) -> None:
        registry = library.registry() if kinds is None else kinds
        super().__init__(registry, seed=seed, dt=parse_quantity(dt, "ms", "dt"))


def load(path: str | os.PathLike[str]) -> Circuit:
    """Read a circuit from a ``.neuro`` file.

    What this version does not know is kept, and named in a warning.

    Raises:
        FileError: Naming the file, the element, the value and what would be right.
    """
    circuit, report = native.load(path, library.registry(), make=_over)
    assert isinstance(circuit, Circuit)
    for line in report:
        warnings.warn(f"{os.fspath(path)}: {line}", stacklevel=2)
    return circuit


def _over(registry: Registry) -> Circuit:
    return Circuit(kinds=registry)


def save(circuit: _model.Circuit, path: str | os.PathLike[str]) -> None:
    """Write a circuit to a ``.neuro`` file; if that fails, an old file is as it was.

    Raises:
        FileError: It can't be written.
    """
    native.save(circuit, path)


def kinds() -> Registry:
    """Return a registry of all kinds of the library."""
    return library.registry()


def samples() -> list[Sample]:
    """Return the circuits that come with the program: (name, title, path)."""
    return list(_samples())


def __getattr__(name: str) -> Any:
    # What simulates brings numba with it, which those who only read or write files don't need.
    if name == "simulate":
        from neurocanvas.sim.simulate import simulate

        return simulate
    raise AttributeError(f"module 'neurocanvas.api' has no attribute {name!r}")
