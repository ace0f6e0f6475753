"""The kernels of a circuit: generated text to functions in memory, built where they are missing."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from neurocanvas.sim.native import objects
from neurocanvas.sim.native.items import Text
from neurocanvas.sim.native.making import made
from neurocanvas.sim.native.objects import Function
from neurocanvas.sim.writing.codegen import KernelSource

Addresses = npt.NDArray[np.int64]


def main_of(source: KernelSource) -> Text:
    """Return what is compiled of a source for a step, or for a spike if it is plasticity's."""
    function = "event" if "\ndef event(" in source.text else "kernel"
    return Text(source.name, source.text, function)


def observer_of(source: KernelSource) -> Text:
    """Return what is compiled of a source for recording its definitions."""
    return Text(source.name, source.text, "observe")


def is_ready(source: KernelSource) -> bool:
    """Whether a kernel is in memory already."""
    return objects.is_loaded(main_of(source).name)


def addresses(items: Iterable[Text]) -> Addresses:
    """Return where functions lie in memory, int64 of shape (n,)."""
    return np.array([made(item).address for item in items], np.int64)


def observer(source: KernelSource) -> Function:
    """Return a compiled observer."""
    return made(observer_of(source))
