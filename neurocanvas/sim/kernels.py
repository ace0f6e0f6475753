"""The kernels of a circuit: generated text to compiled functions, in memory, from disk or made."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from neurocanvas.sim.native.items import Exported, Item, Text
from neurocanvas.sim.native.making import Making, longest_first, made, missing
from neurocanvas.sim.recording.compiled import APPEND, DRAW, ENVELOPE
from neurocanvas.sim.writing.codegen import KernelSource
from neurocanvas.sim.writing.inflows import NAME

Addresses = npt.NDArray[np.int64]

DRIVE = Exported("neurocanvas.sim.driver", "drive_alone")
"""The loop over steps."""
DRIVE_TOGETHER = Exported("neurocanvas.sim.driver", "drive")
"""The same for several threads."""
RUNNING = (DRIVE, APPEND)
"""What every run needs beside its kernels."""
LOOKING = (ENVELOPE, DRAW)
"""What a window needs to show what was recorded."""


def main_of(source: KernelSource) -> Text:
    """Return what is compiled of a source for a step, or for a spike if it is plasticity's."""
    function = "event" if "\ndef event(" in source.text else "kernel"
    return Text(source.name, source.text, function)


def flowing_of(source: KernelSource) -> Text:
    """Return what is compiled of neurons for a step in which they do their synapses too."""
    return Text(source.name, source.text, NAME)


def steps_of(sources: Iterable[KernelSource]) -> list[Text]:
    """Return all that is compiled of some sources for their steps and spikes."""
    found = list(sources)
    return [*map(main_of, found), *(flowing_of(source) for source in found if source.takes)]


def observer_of(source: KernelSource) -> Text:
    """Return what is compiled of a source for recording its definitions."""
    return Text(source.name, source.text, "observe")


def all_ready(sources: Iterable[KernelSource]) -> bool:
    """Whether nothing has to be compiled to run some kernels; what is on disk is loaded."""
    return not missing([*steps_of(sources), *RUNNING])


def compile_all(
    sources: Iterable[KernelSource],
    tell: Callable[[int, int], None] | None = None,
    also: Iterable[Item] = RUNNING,
) -> None:
    """Have kernels ready in memory, and what else it takes.

    Args:
        sources: The kernels.
        tell: Told (done, total) from time to time where something has to be compiled; may raise
            to end it.
        also: What else is wanted.
    """
    Making(longest_first([*steps_of(sources), *also])).run(tell)


def addresses(items: Iterable[Text]) -> Addresses:
    """Return where functions lie in memory, int64 of shape (n,)."""
    return np.array([made(item).address for item in items], np.int64)
