"""What the windows may tell the runner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from threading import Event
from typing import TYPE_CHECKING, TypeVar

from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model.elements import Link, Node, Snapshot
from neurocanvas.model.kinds import Registry
from neurocanvas.sim.recording.rings import Channel

if TYPE_CHECKING:
    from neurocanvas.sim.simulation import Simulation

Element = TypeVar("Element", Node, Link)


@dataclass(frozen=True)
class Load:
    """Simulate this circuit; ``keep`` carries over the state of what both have."""

    snapshot: Snapshot
    kinds: Registry
    keep: bool

    def changed(self, values: Mapping[tuple[str, str], float], *, keep: bool) -> Load:
        """Return the same circuit with (id, parameter) -> the values that were set since."""
        by_element: dict[str, dict[str, float]] = {}
        for (element, name), value in values.items():
            by_element.setdefault(element, {})[name] = value

        def renewed(element: Element) -> Element:
            own = by_element.get(element.id)
            return replace(element, parameters={**element.parameters, **own}) if own else element

        if not values:
            return replace(self, keep=keep)
        nodes, links = map(renewed, self.snapshot.nodes), map(renewed, self.snapshot.links)
        snapshot = replace(self.snapshot, nodes=tuple(nodes), links=tuple(links))
        return Load(snapshot, self.kinds, keep)


@dataclass(frozen=True)
class Ready:
    """This circuit can run now, or could not be made ready."""

    load: Load
    simulation: Simulation | None
    error: NeuroCanvasError | None


@dataclass(frozen=True)
class Cancel:
    """Give up the circuit that is being made ready; the present one goes on."""


@dataclass(frozen=True)
class Build:
    """Make ready after all what was given up."""


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
    | Cancel
    | Build
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
