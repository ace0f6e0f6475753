"""What is compiled for the recorder and for windows that draw traces, loaded when it is called.

The texts are in ``pyramid`` and ``raster``, which nobody imports but the process that compiles.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neurocanvas.sim.native.calls import Caller
from neurocanvas.sim.native.items import Exported
from neurocanvas.sim.native.making import made
from neurocanvas.sim.native.memory import loaded

APPEND = Exported("neurocanvas.sim.recording.pyramid", "append")
ENVELOPE = Exported("neurocanvas.sim.recording.pyramid", "envelope")
DRAW = Exported("neurocanvas.sim.recording.raster", "draw")

STRIP = 16
"""Pixel columns that are drawn together."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Pixels = NDArray[np.uint32]


def can_draw() -> bool:
    """Whether windows can draw without waiting for a compiler."""
    return all(loaded(item.name) is not None for item in (ENVELOPE, DRAW))


def appending() -> Caller:
    """Return what writes blocks into their rows, one after the other; see ``pyramid.append``."""
    return Caller(made(APPEND))


def envelope(
    samples: Floats, lo: Floats, hi: Floats, rows: Ints, begins: Ints, end: int, reserved: int,
    origin: float, width: float, joined: bool, out_lo: Floats, out_hi: Floats,
) -> None:  # fmt: skip
    """Reduce a window to minima and maxima of columns; see ``pyramid.envelope``."""
    made(ENVELOPE)(
        samples, lo, hi, rows, begins, end, reserved, origin, width, joined, out_lo, out_hi
    )


def draw(
    pixels: Pixels, first: int, lo: Floats, hi: Floats, offsets: Floats, scales: Floats,
    colours: Pixels, sub: int, pad: int, half: float,
) -> None:  # fmt: skip
    """Draw traces into some pixel columns; see ``raster.draw``."""
    n, length = lo.shape
    room = np.empty((2 * n + 2, length))
    strip = np.empty((STRIP, pixels.shape[0]), np.uint32)
    made(DRAW)(pixels, first, lo, hi, offsets, scales, colours, sub, pad, half, room, strip)
