"""Edits: every change of a circuit as frozen data with an inverse.

``edit.apply(circuit)`` changes the circuit and returns the edit that undoes it; only
``Circuit.apply`` calls it. ``edit.effect`` says what a running simulation must do about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from neurocanvas.errors import CircuitError, NeuroCanvasError
from neurocanvas.model import rules
from neurocanvas.model.distributions import Distribution, Value
from neurocanvas.model.elements import Bench, Link, Node, Notes, Probe, Settings
from neurocanvas.model.kinds import Column, Kind, Text
from neurocanvas.model.projections import Rule

if TYPE_CHECKING:
    from neurocanvas.model.circuit import Circuit

T = TypeVar("T")


class Effect(IntEnum):
    """What an edit means for a running simulation; a compound has the strongest of its parts."""

    COSMETIC = 0
    BENCH = 1
    PARAMETER = 2
    STRUCTURE = 3


class Edit(Protocol):
    """A change of a circuit."""

    @property
    def effect(self) -> Effect:
        """What a running simulation must do about it."""

    @property
    def text(self) -> str:
        """A few words for the undo menu: ``"add neuron"``."""

    def apply(self, circuit: Circuit) -> Edit:
        """Change the circuit; return the inverse."""


@dataclass(frozen=True)
class AddNode:
    """Add a node.

    Attributes:
        node: What to add.
        rank: Its place among the nodes, for one that comes back; the last if None.
    """

    node: Node
    rank: int | None = None
    effect = Effect.STRUCTURE

    @property
    def text(self) -> str:
        """Words for the undo menu."""
        return f"add {self.node.label}"

    def apply(self, circuit: Circuit) -> Edit:
        """Insert the node; refuse impossible ones."""
        if self.node.id in circuit:
            raise CircuitError(f"the id {self.node.id!r} is in use")
        values = rules.check_node(circuit, self.node)
        circuit.put_node(replace(self.node, parameters=values), self.rank)
        return RemoveNode(self.node.id)


@dataclass(frozen=True)
class RemoveNode:
    """Remove a node that has no links (see ``removal``), and its probes."""

    id: str
    effect = Effect.STRUCTURE
    text = "remove"

    def apply(self, circuit: Circuit) -> Edit:
        """Take out the node."""
        node = circuit.node(self.id)
        if circuit.links_of(self.id):
            raise CircuitError(f"{node.label} still has links; remove them first")
        bench = circuit.bench
        back = AddNode(node, circuit.drop_node(self.id))
        kept = tuple(probe for probe in bench.probes if probe.node != self.id)
        if kept == bench.probes:
            return back
        circuit.bench = replace(bench, probes=kept)
        return Compound((back, SetBench(bench)), f"add {node.label}")


@dataclass(frozen=True)
class AddLink:
    """Add a link.

    Attributes:
        link: What to add.
        rank: Its place among the links, for one that comes back; the last if None.
    """

    link: Link
    rank: int | None = None
    effect = Effect.STRUCTURE
    text = "connect"

    def apply(self, circuit: Circuit) -> Edit:
        """Insert the link; refuse what ``rules`` refuses."""
        if self.link.id in circuit:
            raise CircuitError(f"the id {self.link.id!r} is in use")
        rules.check_name("the id", self.link.id)
        values = rules.check_link(circuit, self.link)
        features = rules.check_features(circuit, self.link)
        circuit.put_link(replace(self.link, parameters=values, features=features), self.rank)
        return RemoveLink(self.link.id)


@dataclass(frozen=True)
class RemoveLink:
    """Remove a link."""

    id: str
    effect = Effect.STRUCTURE
    text = "disconnect"

    def apply(self, circuit: Circuit) -> Edit:
        """Take out the link."""
        link = circuit.link(self.id)
        return AddLink(link, circuit.drop_link(self.id))


@dataclass(frozen=True)
class SetParameter:
    """Set a parameter of a node or link, in its unit; None gives it its default back."""

    id: str
    name: str
    value: Value | None

    @property
    def effect(self) -> Effect:
        """A delay moves synapses between time slices; all else is a number in an array."""
        structural = self.name == "delay" or isinstance(self.value, Distribution)
        return Effect.STRUCTURE if structural else Effect.PARAMETER

    @property
    def text(self) -> str:
        """Words for the undo menu."""
        return f"set {self.name}"

    def apply(self, circuit: Circuit) -> Edit:
        """Store the value."""
        element = circuit.element(self.id)
        parameter = circuit.kind_of(element).parameter(self.name)
        values = dict(element.parameters)
        before = values.pop(self.name, None)
        if self.value is not None:
            values[self.name] = parameter.parse_value(self.value, circuit.label_of(element))
        _put(circuit, replace(element, parameters=values))
        return SetParameter(self.id, self.name, before)


def _put(circuit: Circuit, element: Node | Link) -> None:
    if isinstance(element, Node):
        circuit.put_node(element)
    else:
        circuit.put_link(element)


@dataclass(frozen=True)
class MoveNodes:
    """Move nodes to places on the canvas."""

    places: Mapping[str, tuple[float, float]]
    effect = Effect.COSMETIC
    text = "move"

    def apply(self, circuit: Circuit) -> Edit:
        """Store the places."""
        nodes = [circuit.node(node_id) for node_id in self.places]
        before = {node.id: (node.x, node.y) for node in nodes}
        for node in nodes:
            rules.check_place(node.label, *self.places[node.id])
        for node in nodes:
            x, y = self.places[node.id]
            circuit.put_node(replace(node, x=float(x), y=float(y)))
        return MoveNodes(before)


@dataclass(frozen=True)
class Rename:
    """Give a node another label."""

    id: str
    label: str
    effect = Effect.COSMETIC
    text = "rename"

    def apply(self, circuit: Circuit) -> Edit:
        """Store the label; refuse one that is in use."""
        node = circuit.node(self.id)
        renamed = replace(node, label=self.label)
        rules.check_node(circuit, renamed)
        circuit.put_node(renamed)
        return Rename(self.id, node.label)


@dataclass(frozen=True)
class SetSize:
    """Change how many neurons a node stands for; probes beyond the end move to the last one."""

    id: str
    size: int
    effect = Effect.STRUCTURE
    text = "set size"

    def apply(self, circuit: Circuit) -> Edit:
        """Store the size, if the rules of the node's links allow it."""
        node = circuit.node(self.id)
        resized = replace(node, size=self.size)
        rules.check_node(circuit, resized)
        circuit.put_node(resized)
        for link in circuit.links_of(self.id):
            reason = rules.why_not_rule(circuit, link)
            if reason:
                circuit.put_node(node)
                raise CircuitError(reason)
        back, bench = SetSize(self.id, node.size), circuit.bench
        circuit.bench = replace(bench, probes=tuple(map(self._moved, bench.probes)))
        if circuit.bench == bench:
            return back
        return Compound((back, SetBench(bench)), self.text)

    def _moved(self, probe: Probe) -> Probe:
        if probe.node != self.id or probe.index < self.size:
            return probe
        return replace(probe, index=self.size - 1)


@dataclass(frozen=True)
class SetLink:
    """Change the kind or the connection rule of a link, keeping its id and its plasticity.

    Attributes:
        texts: Expressions and choices; None keeps those that the new kind has too.
    """

    id: str
    kind: str
    rule: Rule
    parameters: Mapping[str, Value]
    texts: Mapping[str, str] | None = None
    effect = Effect.STRUCTURE
    text = "change link"

    def apply(self, circuit: Circuit) -> Edit:
        """Store the change; refuse what ``rules`` refuses."""
        link = circuit.link(self.id)
        texts = _kept(link.texts, circuit.kinds.get(self.kind).texts, self.texts)
        changed = replace(
            link, kind=self.kind, rule=self.rule, parameters=self.parameters, texts=texts
        )
        values = rules.check_link(circuit, changed)
        circuit.put_link(replace(changed, parameters=values))
        return SetLink(self.id, link.kind, link.rule, link.parameters, link.texts)


def _kept(
    before: Mapping[str, T], declared: Iterable[Text | Column], given: Mapping[str, T] | None
) -> dict[str, T]:
    """Return what was given, or else what is declared under the same names."""
    if given is not None:
        return dict(given)
    names = {item.name for item in declared}
    return {name: value for name, value in before.items() if name in names}


@dataclass(frozen=True)
class SetKind:
    """Turn a node into another form of its kind, such as another transfer function.

    Attributes:
        texts, data: None keeps those that the new kind has too.
    """

    id: str
    kind: str
    parameters: Mapping[str, Value]
    texts: Mapping[str, str] | None = None
    data: Mapping[str, tuple[float, ...]] | None = None
    effect = Effect.STRUCTURE
    text = "change kind"

    def apply(self, circuit: Circuit) -> Edit:
        """Store the kind, if the node's links fit it too."""
        node = circuit.node(self.id)
        kind = circuit.kinds.get(self.kind)
        changed = replace(
            node,
            kind=self.kind,
            parameters=self.parameters,
            texts=_kept(node.texts, kind.texts, self.texts),
            data=_kept(node.data, kind.data, self.data),
        )
        values = rules.check_node(circuit, changed)
        circuit.put_node(replace(changed, parameters=values))
        try:
            for link in circuit.links_of(self.id):
                rules.check_link(circuit, link)
        except NeuroCanvasError:
            circuit.put_node(node)
            raise
        return SetKind(self.id, node.kind, node.parameters, node.texts, node.data)


@dataclass(frozen=True)
class SetText:
    """Set an expression or a choice of a node or link; None gives it its default back."""

    id: str
    name: str
    value: str | None
    effect = Effect.STRUCTURE
    text = "set expression"

    def apply(self, circuit: Circuit) -> Edit:
        """Store the text; refuse one that can't be read."""
        element = circuit.element(self.id)
        texts = dict(element.texts)
        before = texts.pop(self.name, None)
        if self.value is not None:
            texts[self.name] = self.value
        changed = replace(element, texts=texts)
        rules.check_texts(circuit, changed)
        _put(circuit, changed)
        return SetText(self.id, self.name, before)


@dataclass(frozen=True)
class SetData:
    """Give a node a list of numbers, such as spike times."""

    id: str
    columns: Mapping[str, tuple[float, ...]]
    effect = Effect.STRUCTURE
    text = "set data"

    def apply(self, circuit: Circuit) -> Edit:
        """Store the columns; refuse ones that do not fit the kind or each other."""
        node = circuit.node(self.id)
        changed = replace(node, data=dict(self.columns))
        rules.check_data(circuit, changed)
        circuit.put_node(changed)
        return SetData(self.id, node.data)


@dataclass(frozen=True)
class SetFeature:
    """Give a link a kind of plasticity with these parameters, or take it away (None)."""

    id: str
    name: str
    values: Mapping[str, float] | None
    effect = Effect.STRUCTURE

    @property
    def text(self) -> str:
        """Words for the undo menu."""
        return f"set {self.name}"

    def apply(self, circuit: Circuit) -> Edit:
        """Store the feature; refuse what the link can't carry."""
        link = circuit.link(self.id)
        features = dict(link.features)
        before = features.pop(self.name, None)
        if self.values is not None:
            features[self.name] = dict(self.values)
        changed = replace(link, features=features)
        checked = rules.check_features(circuit, changed)
        circuit.put_link(replace(changed, features=checked))
        return SetFeature(self.id, self.name, before)


@dataclass(frozen=True)
class SetOwnKind:
    """Add a kind to the circuit, replace one of its own, or take it away (None)."""

    name: str
    kind: Kind | None
    effect = Effect.STRUCTURE
    text = "own equations"

    def apply(self, circuit: Circuit) -> Edit:
        """Store the kind; refuse one that is in use and would no longer fit."""
        before = circuit.own_kinds.get(self.name)
        rules.check_own_kind(circuit, self.name, self.kind)
        circuit.put_own_kind(self.name, self.kind)
        try:
            rules.check_uses(circuit, self.name)
        except NeuroCanvasError:
            circuit.put_own_kind(self.name, before)
            raise
        return SetOwnKind(self.name, before)


@dataclass(frozen=True)
class SetSettings:
    """Change time step, seed, speed or duration."""

    settings: Settings
    text = "change settings"
    effect = Effect.STRUCTURE

    def apply(self, circuit: Circuit) -> Edit:
        """Store the settings; refuse impossible ones."""
        rules.check_settings(self.settings)
        before = circuit.settings
        circuit.settings = self.settings
        return SetSettings(before)


@dataclass(frozen=True)
class SetBench:
    """Change instruments and probes."""

    bench: Bench
    effect = Effect.BENCH
    text = "change probes"

    def apply(self, circuit: Circuit) -> Edit:
        """Store the bench; refuse probes on what is not there."""
        rules.check_bench(circuit, self.bench)
        before = circuit.bench
        circuit.bench = self.bench
        return SetBench(before)


@dataclass(frozen=True)
class SetNotes:
    """Change title and lesson."""

    notes: Notes
    effect = Effect.COSMETIC
    text = "change notes"

    def apply(self, circuit: Circuit) -> Edit:
        """Store the notes."""
        before = circuit.notes
        circuit.notes = self.notes
        return SetNotes(before)


@dataclass(frozen=True)
class Compound:
    """Several edits as one: all of them, or none."""

    edits: tuple[Any, ...]
    text: str = "change"

    @property
    def effect(self) -> Effect:
        """The strongest effect of the parts."""
        return max((edit.effect for edit in self.edits), default=Effect.COSMETIC)

    def apply(self, circuit: Circuit) -> Edit:
        """Carry out the parts in order; if one is refused, take back those before it."""
        done: list[Edit] = []
        try:
            for edit in self.edits:
                done.append(edit.apply(circuit))
        except Exception:
            for inverse in reversed(done):
                inverse.apply(circuit)
            raise
        return Compound(tuple(reversed(done)), self.text)


def removal(circuit: Circuit, element_ids: Iterable[str]) -> Compound:
    """Return the edit that removes elements, the links and probes of removed nodes with them."""
    wanted = list(dict.fromkeys(element_ids))
    nodes = [i for i in wanted if isinstance(circuit.element(i), Node)]
    links = dict.fromkeys(i for i in wanted if i not in nodes)
    for node_id in nodes:
        links |= dict.fromkeys(link.id for link in circuit.links_of(node_id))
    steps: list[Any] = [RemoveLink(i) for i in links]
    kept = tuple(p for p in circuit.bench.probes if p.node not in nodes)
    if kept != circuit.bench.probes:
        steps.append(SetBench(replace(circuit.bench, probes=kept)))
    return Compound((*steps, *(RemoveNode(i) for i in nodes)), "delete")
