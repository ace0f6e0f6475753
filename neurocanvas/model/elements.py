"""What a circuit is made of: frozen records of nodes, links, settings and the bench."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from neurocanvas.model.distributions import Value
from neurocanvas.model.projections import Rule

Extras = Mapping[str, object]
"""Keys of a file that this version does not know; they survive a round trip."""


@dataclass(frozen=True)
class Node:
    """A neuron, a source, or a population of ``size`` alike ones.

    Attributes:
        id: Unique in the circuit, never reused; random streams are keyed by it.
        kind: Name of its kind.
        label: As shown; unique in the circuit.
        size: How many neurons it stands for.
        parameters: Values that were set, in the parameter's unit; the others have their default.
        x, y: Place of the centre on the canvas, in scene pixels; y grows downward.
        texts: Expressions that were set; the others have their default.
        data: Lists of numbers that were given.
        integrator: The method that its equations are integrated with (``forms.METHODS``); empty
            to let their form decide.
    """

    id: str
    kind: str
    label: str
    size: int = 1
    parameters: Mapping[str, Value] = field(default_factory=dict)
    x: float = 0.0
    y: float = 0.0
    extras: Extras = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    integrator: str = ""


@dataclass(frozen=True)
class Link:
    """A connection between two nodes, trivial for single neurons.

    Attributes:
        id: Unique in the circuit, never reused.
        pre, post: Ids of the nodes.
        kind: Name of its synapse kind.
        parameters: Values that were set, in the parameter's unit.
        rule: Which neurons it connects.
        texts: Expressions or choices that were set; the others have their default.
        features: Plasticity it carries: name -> parameters that were set.
    """

    id: str
    pre: str
    post: str
    kind: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    rule: Rule = field(default_factory=Rule)
    extras: Extras = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    features: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """How the circuit is simulated.

    Attributes:
        dt: Time step in ms.
        seed: Seed of every random stream.
        speed: Model time per second of the clock on the wall, in ms; 0 means as fast as it can.
        duration: Model time of a headless run if nothing else is asked for, in ms.
        dale: Whether to warn of neurons that both excite and inhibit.
    """

    dt: float = 0.025
    seed: int = 1
    speed: float = 20.0
    duration: float = 500.0
    dale: bool = False
    extras: Extras = field(default_factory=dict)


@dataclass(frozen=True)
class Probe:
    """A numbered, coloured tag on a node or link: what an instrument shows.

    Attributes:
        number: From 1; gives the tag its number and its colour.
        node: Id of the node or link.
        variable: Name of a recordable variable; see ``model.channels``.
        index: Which neuron of the node; of a link, which of its targets or synapses.
        instrument: Id of the instrument that shows it.
    """

    number: int
    node: str
    variable: str = "v"
    index: int = 0
    instrument: str = "scope"
    extras: Extras = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Instrument:
    """A display below the canvas with its settings (plain JSON values)."""

    id: str = "scope"
    kind: str = "oscilloscope"
    settings: Extras = field(default_factory=dict)
    extras: Extras = field(default_factory=dict)


@dataclass(frozen=True)
class Bench:
    """The instruments and probes around a circuit."""

    instruments: tuple[Instrument, ...] = (Instrument(),)
    probes: tuple[Probe, ...] = ()
    extras: Extras = field(default_factory=dict)


@dataclass(frozen=True)
class Notes:
    """The words that come with a circuit."""

    title: str = ""
    lesson: str = ""
    extras: Extras = field(default_factory=dict)


@dataclass(frozen=True)
class Snapshot:
    """A circuit at one moment, free to cross threads.

    Attributes:
        nodes, links: In the order they were added.
    """

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    settings: Settings
    bench: Bench = field(default_factory=Bench)
