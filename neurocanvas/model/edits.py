"""Edits: every change of a circuit as frozen data with an inverse.

``edit.apply(circuit)`` changes the circuit and returns the edit that undoes it; only
``Circuit.apply`` calls it. ``edit.effect`` says what a running simulation must do about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from neurocanvas.errors import CircuitError
from neurocanvas.model import rules
from neurocanvas.model.channels import channel_count
from neurocanvas.model.distributions import Distribution, Value
from neurocanvas.model.edit_base import Compound, Edit, Effect, SetBench, put
from neurocanvas.model.elements import Link, Node, Notes, Probe, Settings
from neurocanvas.model.kind_edits import (
    SetData,
    SetFeature,
    SetIntegrator,
    SetKind,
    SetLink,
    SetOwnKind,
    SetText,
)

if TYPE_CHECKING:
    from neurocanvas.model.circuit import Circuit

Element = TypeVar("Element", Node, Link)

__all__ = [
    "AddLink",
    "AddNode",
    "Compound",
    "Edit",
    "Effect",
    "MoveNodes",
    "RemoveLink",
    "RemoveNode",
    "Rename",
    "SetBench",
    "SetData",
    "SetFeature",
    "SetIntegrator",
    "SetKind",
    "SetLink",
    "SetNotes",
    "SetOwnKind",
    "SetParameter",
    "SetSettings",
    "SetSize",
    "SetText",
    "removal",
]


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
        circuit.put_node(_with(self.node, parameters=values), self.rank)
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
        if circuit.is_linked(self.id):
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
        circuit.put_link(_with(self.link, parameters=values, features=features), self.rank)
        return RemoveLink(self.link.id)


@dataclass(frozen=True)
class RemoveLink:
    """Remove a link and its probes."""

    id: str
    effect = Effect.STRUCTURE
    text = "disconnect"

    def apply(self, circuit: Circuit) -> Edit:
        """Take out the link."""
        link, bench = circuit.link(self.id), circuit.bench
        back = AddLink(link, circuit.drop_link(self.id))
        kept = tuple(probe for probe in bench.probes if probe.node != self.id)
        if kept == bench.probes:
            return back
        circuit.bench = replace(bench, probes=kept)
        return Compound((back, SetBench(bench)), self.text)


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
        put(circuit, replace(element, parameters=values))
        return SetParameter(self.id, self.name, before)


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
        circuit.bench = replace(bench, probes=tuple(_moved(circuit, p) for p in bench.probes))
        if circuit.bench == bench:
            return back
        return Compound((back, SetBench(bench)), self.text)


def _moved(circuit: Circuit, probe: Probe) -> Probe:
    last = channel_count(circuit, circuit.element(probe.node)) - 1
    return probe if probe.index <= last else replace(probe, index=last)


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


def _with(element: Element, **checked: Any) -> Element:
    """Return an element with values that were checked: itself, if it has these very ones.

    An element that comes back is then the one it was, and who has read it knows it.
    """
    if all(getattr(element, name) is values for name, values in checked.items()):
        return element
    return replace(element, **checked)


def removal(circuit: Circuit, element_ids: Iterable[str]) -> Compound:
    """Return the edit that removes elements, the links and probes of removed nodes with them."""
    wanted = list(dict.fromkeys(element_ids))
    nodes = [i for i in wanted if isinstance(circuit.element(i), Node)]
    links = dict.fromkeys(i for i in wanted if i not in nodes)
    for node_id in nodes:
        links |= dict.fromkeys(link.id for link in circuit.links_of(node_id))
    steps: list[Any] = [RemoveLink(i) for i in links]
    gone = {*nodes, *links}
    kept = tuple(p for p in circuit.bench.probes if p.node not in gone)
    if kept != circuit.bench.probes:
        steps.append(SetBench(replace(circuit.bench, probes=kept)))
    return Compound((*steps, *(RemoveNode(i) for i in nodes)), "delete")
