"""Edits of what a kind declares: which kind it is, expressions, lists of numbers, plasticity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model import forms, rules
from neurocanvas.model.channels import channel_variables, main_variable
from neurocanvas.model.distributions import Value
from neurocanvas.model.edit_base import Compound, Edit, Effect, SetBench, put
from neurocanvas.model.elements import Node, Probe
from neurocanvas.model.kinds import Column, Kind, Text
from neurocanvas.model.projections import Rule

if TYPE_CHECKING:
    from neurocanvas.model.circuit import Circuit

T = TypeVar("T")


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
        back = SetLink(self.id, link.kind, link.rule, link.parameters, link.texts)
        return _with_probes(circuit, self.id, back)


def _kept(
    before: Mapping[str, T], declared: Iterable[Text | Column], given: Mapping[str, T] | None
) -> dict[str, T]:
    """Return what was given, or else what is declared under the same names."""
    if given is not None:
        return dict(given)
    names = {item.name for item in declared}
    return {name: value for name, value in before.items() if name in names}


def _kept_method(node: Node, kind: Kind) -> str:
    """Return the integrator that a node asks for, none if another kind does not allow it."""
    return node.integrator if node.integrator in forms.methods(kind) else ""


@dataclass(frozen=True)
class SetKind:
    """Turn a node into another form of its kind, such as another transfer function.

    Probes on variables that the new kind does not have move to its main one.

    Attributes:
        texts, data: None keeps those that the new kind has too.
        integrator: None keeps the present one, if the new kind allows it.
    """

    id: str
    kind: str
    parameters: Mapping[str, Value]
    texts: Mapping[str, str] | None = None
    data: Mapping[str, tuple[float, ...]] | None = None
    integrator: str | None = None
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
            integrator=_kept_method(node, kind) if self.integrator is None else self.integrator,
        )
        values = rules.check_node(circuit, changed)
        circuit.put_node(replace(changed, parameters=values))
        try:
            for link in circuit.links_of(self.id):
                rules.check_link(circuit, link)
        except NeuroCanvasError:
            circuit.put_node(node)
            raise
        back = SetKind(self.id, node.kind, node.parameters, node.texts, node.data, node.integrator)
        return _with_probes(circuit, self.id, back)


def _with_probes(circuit: Circuit, element_id: str, back: Edit) -> Edit:
    """Move probes on variables that an element no longer has to its main one; none comes twice.

    Returns:
        The edit that goes back, with the probes as they were.
    """
    element, bench = circuit.element(element_id), circuit.bench
    known, main = channel_variables(circuit, element), main_variable(circuit, element)
    found: dict[tuple[str, str, int, str], Probe] = {}
    for probe in bench.probes:
        lost = probe.node == element_id and probe.variable not in known
        moved = replace(probe, variable=main) if lost else probe
        if moved.variable:
            found.setdefault((moved.node, moved.variable, moved.index, moved.instrument), moved)
    circuit.bench = replace(bench, probes=tuple(found.values()))
    return back if circuit.bench == bench else Compound((back, SetBench(bench)), back.text)


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
        put(circuit, changed)
        return SetText(self.id, self.name, before)


@dataclass(frozen=True)
class SetIntegrator:
    """Have the equations of a node integrated with a method; empty to let their form decide."""

    id: str
    method: str
    effect = Effect.STRUCTURE
    text = "set integrator"

    def apply(self, circuit: Circuit) -> Edit:
        """Store the method; refuse one that the equations do not allow."""
        node = circuit.node(self.id)
        changed = replace(node, integrator=self.method)
        rules.check_integrator(circuit, changed)
        circuit.put_node(changed)
        return SetIntegrator(self.id, node.integrator)


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
        return _with_probes(circuit, self.id, SetFeature(self.id, self.name, before))


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
