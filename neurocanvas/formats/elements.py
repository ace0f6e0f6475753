"""Nodes and links to plain JSON objects and back; circuit files and fragments share this."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

import msgspec

from neurocanvas.errors import CircuitError
from neurocanvas.formats.records import (
    LinkRecord,
    NodeRecord,
    Raw,
    RuleRecord,
    unknown_keys,
)
from neurocanvas.model import rules
from neurocanvas.model.distributions import Distribution, Value
from neurocanvas.model.elements import Link, Node
from neurocanvas.model.kinds import Kind, NeuronKind, Parameter, Registry, SynapseKind
from neurocanvas.model.projections import RULES, Rule, make_rule
from neurocanvas.model.quantity import DIMENSIONLESS, to_text

PARAMETERS = "parameters"

Optional = Mapping[str, tuple[object, object]]
"""Key -> (value, default): what equals its default is not written."""


def number_json(value: float) -> int | float:
    """Return a number without a point where it is whole; reads back to the same float."""
    whole = abs(value) < 1e15 and value == int(value) and str(value) != "-0.0"
    return int(value) if whole else float(value)


def quantity_json(value: Value, unit: str) -> str | int | float:
    """Return a value as files say it: text with its unit, or a plain number without one."""
    if isinstance(value, Distribution):
        return value.text(unit)
    return number_json(value) if unit == DIMENSIONLESS else to_text(value, unit)


def values_json(declared: Iterable[Parameter], values: Mapping[str, Value]) -> Raw:
    """Return the values that differ from their default, in the order of the declaration."""
    return {
        p.name: quantity_json(values[p.name], p.unit)
        for p in declared
        if p.name in values and values[p.name] != p.default
    }


def place_json(value: float) -> int | float:
    """Return a coordinate, rounded to a tenth of a pixel."""
    return number_json(round(value, 1) + 0.0)


def _parameters_json(kind: Kind, element: Node | Link) -> Raw:
    """Return the parameters; those of an unknown kind as they came."""
    if kind.placeholder:
        raw = element.extras.get(PARAMETERS, {})
        return dict(raw) if isinstance(raw, Mapping) else {}
    return values_json(kind.parameters, element.parameters)


def assemble(
    record: type[msgspec.Struct],
    required: Raw,
    optional: Optional,
    extras: Mapping[str, object],
) -> Raw:
    """Put a JSON object together.

    Args:
        record: The record of this object; an unknown key can't have the name of a known one.
        required: What always stands there.
        optional: What stands there if it differs from its default.
        extras: Unknown keys; they come last.
    """
    changed = {key: value for key, (value, default) in optional.items() if value != default}
    known = record.__struct_fields__
    return required | changed | {key: v for key, v in extras.items() if key not in known}


def node_json(node: Node, kind: Kind) -> Raw:
    """Return a node as a JSON object with its keys in a fixed order."""
    optional: Optional = {
        "label": (node.label, node.id),
        "size": (node.size, 1),
        "x": (place_json(node.x), 0),
        "y": (place_json(node.y), 0),
        PARAMETERS: (_parameters_json(kind, node), {}),
    }
    return assemble(NodeRecord, {"id": node.id, "kind": node.kind}, optional, node.extras)


def link_json(link: Link, kind: Kind) -> Raw:
    """Return a link as a JSON object with its keys in a fixed order."""
    required = {"id": link.id, "pre": link.pre, "post": link.post, "kind": link.kind}
    parameters, rule = _parameters_json(kind, link), _rule_json(link.rule)
    optional: Optional = {PARAMETERS: (parameters, {}), "rule": (rule, {})}
    return assemble(LinkRecord, required, optional, link.extras)


def _rule_json(rule: Rule) -> Raw:
    values = values_json(RULES[rule.name].parameters, rule.values)
    optional: Optional = {
        "name": (rule.name, Rule().name),
        "values": (values, {}),
        "self_links": (rule.self_links, False),
    }
    return assemble(RuleRecord, {}, optional, rule.extras)


def build_node(record: NodeRecord, raw: Raw, kinds: Registry) -> Node:
    """Build a node from its record.

    Args:
        record: What the file says of it.
        raw: The same as it stood in the file, for the keys that the record does not know.
        kinds: Where its kind is declared, if only as a placeholder.

    Raises:
        NeuroCanvasError: Unknown parameters or impossible values.
    """
    label = record.label or record.id
    values, extras = _parameters(record, raw, NodeRecord, kinds, label)
    x, y = float(record.x), float(record.y)
    return Node(record.id, record.kind, label, record.size, values, x, y, extras)


def build_link(record: LinkRecord, raw: Raw, kinds: Registry, owner: str) -> Link:
    """Build a link from its record; see ``build_node``.

    Args:
        owner: What to call the link in messages.
    """
    values, extras = _parameters(record, raw, LinkRecord, kinds, owner)
    rule = make_rule(record.rule.name, record.rule.values, record.rule.self_links)
    others = unknown_keys(raw.get("rule", {}), RuleRecord)
    rule = replace(rule, extras=others) if others else rule
    return Link(record.id, record.pre, record.post, record.kind, values, rule, extras)


def _parameters(
    record: NodeRecord | LinkRecord,
    raw: Raw,
    shape: type[NodeRecord] | type[LinkRecord],
    kinds: Registry,
    owner: str,
) -> tuple[dict[str, Value], Raw]:
    """Return checked parameters and the unknown keys; a placeholder's parameters are such too."""
    extras = unknown_keys(raw, shape)
    kind = kinds.get(record.kind)
    if isinstance(kind, SynapseKind) != (shape is LinkRecord):
        return {}, extras  # the circuit refuses it in words when it is added
    if not kind.placeholder:
        return rules.checked_values(kind, record.parameters, owner), extras
    return {}, (extras | {PARAMETERS: record.parameters} if record.parameters else extras)


def add_placeholders(
    kinds: Registry, nodes: Iterable[NodeRecord], links: Iterable[LinkRecord]
) -> list[str]:
    """Add what nodes and links use and the registry does not have.

    Returns:
        A line for each kind that nobody here knows.

    Raises:
        CircuitError: The name is no possible name of a kind.
    """
    report = []
    for family, word, elements in ((NeuronKind, "nodes", nodes), (SynapseKind, "links", links)):
        counts = Counter(element.kind for element in elements if element.kind not in kinds)
        for name, count in counts.items():
            kinds.add(_placeholder(name, family))
            report.append(
                f"unknown kind {name!r}: {count} of the {word} shown and kept, but not simulated"
            )
    return report


def _placeholder(name: str, family: type[NeuronKind] | type[SynapseKind]) -> Kind:
    if not name or len(name) > rules.MAX_LABEL or not name.isprintable():
        raise CircuitError(f"{name!r} is no name of a kind")
    doc = "A kind that this version does not know: kept as it is, never simulated."
    kind = family(name, name, "?", doc, source="", parameters=(), equations="", placeholder=True)
    return replace(kind, sign=0) if isinstance(kind, SynapseKind) else kind
