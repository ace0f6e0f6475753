"""What the runner lets others see: frozen records that it replaces as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from neurocanvas.errors import Cancelled, NeuroCanvasError

Phase = Literal["preparing", "unbuilt", "paused", "running", "failed"]


@dataclass(frozen=True)
class Status:
    """How the simulation is doing.

    Attributes:
        phase: ``"preparing"`` while the first circuit is made ready, or another document;
            ``"unbuilt"`` if that was cancelled; then paused, running or failed.
        time_ms: Model time.
        target_speed: Model time asked for per second of the clock on the wall, in ms; 0 = free.
        true_speed: Model time reached per second of the clock, in ms; 0 while it is not running.
        keeping_up: Whether the true speed is the one asked for.
        spikes_per_s: Spikes of all neurons per second of model time.
        error: Why it failed, or why the newest document could not be compiled.
        given_up: What was cancelled while the newest document was made ready: what runs, if
            anything does, is the circuit before.
        serial: How many loads have been applied.
    """

    phase: Phase = "preparing"
    time_ms: float = 0.0
    target_speed: float = 20.0
    true_speed: float = 0.0
    keeping_up: bool = True
    spikes_per_s: float = 0.0
    error: NeuroCanvasError | None = None
    given_up: Cancelled | None = None
    serial: int = 0


@dataclass(frozen=True)
class Frame:
    """A look at all nodes at one moment.

    Attributes:
        time_ms: When, in model time.
        nodes: Ids of the nodes.
        values: First variable of each node (the mean over a population; the output of a source of
            current; NaN for sources of spikes), float64 of shape (n_nodes,).
    """

    time_ms: float = 0.0
    nodes: tuple[str, ...] = ()
    values: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
