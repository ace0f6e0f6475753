"""The science: neuron, synapse and source kinds, one file each, found by their place."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

from neurocanvas.library import neurons, plasticity, sources, synapses
from neurocanvas.model.kinds import Kind, Registry


def registry() -> Registry:
    """Return a new registry of all kinds of the library: neurons, synapses, sources, plasticity."""
    packages = (neurons, synapses, sources, plasticity)
    return Registry(kind for package in packages for kind in _kinds(package))


def _kinds(package: ModuleType) -> Iterator[Kind]:
    """Yield ``KINDS`` of every module in a package, sorted by their ``ORDER`` in the palette."""
    modules = [
        importlib.import_module(f"{package.__name__}.{info.name}")
        for info in pkgutil.iter_modules(package.__path__)
    ]
    for module in sorted(modules, key=lambda m: (m.ORDER, m.__name__)):
        yield from module.KINDS
