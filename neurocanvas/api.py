"""The public face, gathered in one place; ``import neurocanvas as nc`` shows it."""

from __future__ import annotations

from neurocanvas import library
from neurocanvas.model import circuit as _model
from neurocanvas.model.quantity import parse_quantity


class Circuit(_model.Circuit):
    """A neural circuit over the kinds of the library.

    Args:
        seed: Seed of every random stream.
        dt: Time step in ms, or text such as ``"0.1 ms"``.
    """

    def __init__(self, *, seed: int = 1, dt: float | str = 0.025) -> None:
        super().__init__(library.registry(), seed=seed, dt=parse_quantity(dt, "ms", "dt"))
