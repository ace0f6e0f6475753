"""What the windows may tell the runner."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event

from neurocanvas.model.elements import Snapshot
from neurocanvas.model.kinds import Registry
from neurocanvas.sim.recording.rings import Channel


@dataclass(frozen=True)
class Load:
    """Simulate this circuit; ``keep`` carries over the state of what both have."""

    snapshot: Snapshot
    kinds: Registry
    keep: bool


@dataclass(frozen=True)
class Ready:
    """The kernels of this circuit are there, or could not be made."""

    load: Load
    error: Exception | None


@dataclass(frozen=True)
class SetParameter:
    """Change a parameter, value in its unit."""

    element: str
    name: str
    value: float


@dataclass(frozen=True)
class SetChannels:
    """Record these channels."""

    channels: tuple[Channel, ...]


@dataclass(frozen=True)
class SetSpeed:
    """Model ms per second of the clock; 0 is as fast as it can."""

    speed: float


@dataclass(frozen=True)
class Run:
    """Go on."""


@dataclass(frozen=True)
class Pause:
    """Halt."""


@dataclass(frozen=True)
class Step:
    """Do some steps while halted."""

    steps: int = 1


@dataclass(frozen=True)
class Reset:
    """Back to time 0 and the initial values."""


@dataclass(frozen=True)
class Hold:
    """Hold a current (pA) into a neuron of a node, all of them with index -1; 0 lets go."""

    node: str
    index: int
    current: float


@dataclass(frozen=True)
class Kick:
    """Push a neuron of a node, or all of them (-1), over the threshold."""

    node: str
    index: int


@dataclass(frozen=True)
class Barrier:
    """Say when all messages before this one have been carried out."""

    reached: Event


@dataclass(frozen=True)
class Close:
    """End the thread."""


Message = (
    Load
    | Ready
    | SetParameter
    | SetChannels
    | SetSpeed
    | Run
    | Pause
    | Step
    | Reset
    | Hold
    | Kick
    | Barrier
    | Close
)
