"""Nodes and links to plain JSON objects and back; circuit files and fragments share this."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

import msgspec

from neurocanvas.errors import CircuitError
from neurocanvas.formats.records import (
    LinkRecord,
    NodeRecord,
    Raw,
    RuleRecord,
    brief,
    unknown_keys,
)
from neurocanvas.model import rules
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.distributions import Distribution, Value
from neurocanvas.model.elements import Link, Node
from neurocanvas.model.kinds import Column, Kind, NeuronKind, Parameter, Registry, SynapseKind
from neurocanvas.model.plasticity import PlasticityKind
from neurocanvas.model.projections import RULES, Rule, make_rule
from neurocanvas.model.quantity import DIMENSIONLESS, parse_quantity, to_text

PARAMETERS, TEXTS, DATA, FEATURES = "parameters", "texts", "data", "features"
OF_KIND = (PARAMETERS, TEXTS, DATA, FEATURES)
"""Keys that only the declaration of a kind gives a meaning."""

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


def _of_kind_json(kind: Kind, element: Node | Link) -> dict[str, Raw]:
    """Return what is set of what the kind declares; that of an unknown kind as it came."""
    if kind.placeholder:
        return {key: _raw(element, key) for key in OF_KIND}
    texts = {t.name: element.texts.get(t.name, t.default) for t in kind.texts}
    return {
        PARAMETERS: values_json(kind.parameters, element.parameters),
        TEXTS: {t.name: texts[t.name] for t in kind.texts if texts[t.name] != t.default},
        DATA: _data_json(kind.data, element) if isinstance(element, Node) else {},
    }


def _raw(element: Node | Link, key: str) -> Raw:
    """Return what a file said under a key and nobody here understood."""
    found = element.extras.get(key, {})
    return dict(found) if isinstance(found, Mapping) else {}


def _data_json(columns: Iterable[Column], node: Node) -> Raw:
    given = {c.name: tuple(node.data.get(c.name, c.default)) for c in columns}
    return {
        c.name: [number_json(value) for value in given[c.name]]
        for c in columns
        if given[c.name] != c.default
    }


def _features_json(link: Link, kinds: Registry) -> Raw:
    known = {
        name: values_json(kinds.get(name).parameters, link.features[name])
        for name in sorted(link.features)
    }
    return known | _raw(link, FEATURES)


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


def node_json(node: Node, kinds: Registry) -> Raw:
    """Return a node as a JSON object with its keys in a fixed order."""
    own = _of_kind_json(kinds.get(node.kind), node)
    optional: Optional = {
        "label": (node.label, node.id),
        "size": (node.size, 1),
        "x": (place_json(node.x), 0),
        "y": (place_json(node.y), 0),
        PARAMETERS: (own[PARAMETERS], {}),
        TEXTS: (own[TEXTS], {}),
        DATA: (own[DATA], {}),
        "integrator": (node.integrator, ""),
    }
    return assemble(NodeRecord, {"id": node.id, "kind": node.kind}, optional, node.extras)


def link_json(link: Link, kinds: Registry) -> Raw:
    """Return a link as a JSON object with its keys in a fixed order."""
    required = {"id": link.id, "pre": link.pre, "post": link.post, "kind": link.kind}
    own = _of_kind_json(kinds.get(link.kind), link)
    optional: Optional = {
        PARAMETERS: (own[PARAMETERS], {}),
        TEXTS: (own[TEXTS], {}),
        "rule": (_rule_json(link.rule), {}),
        FEATURES: (_features_json(link, kinds), {}),
    }
    return assemble(LinkRecord, required, optional, link.extras)


def _rule_json(rule: Rule) -> Raw:
    values = values_json(RULES[rule.name].parameters, rule.values)
    optional: Optional = {
        "name": (rule.name, Rule().name),
        "values": (values, {}),
        "self_links": (rule.self_links, False),
    }
    return assemble(RuleRecord, {}, optional, rule.extras)


def build_node(record: NodeRecord, raw: Raw, kinds: Registry, **own: Any) -> Node:
    """Build a node from its record.

    Args:
        record: What the file says of it.
        raw: The same as it stood in the file, for the keys that the record does not know.
        kinds: Where its kind is declared, if only as a placeholder.
        own: Its id, label or place, if they are to be others than in the file.

    Raises:
        NeuroCanvasError: Unknown parameters or impossible values.
    """
    label, kind = record.label or record.id, kinds.get(record.kind)
    given: Raw = {"id": record.id, "label": label, "x": float(record.x), "y": float(record.y)}
    given |= own
    extras = unknown_keys(raw, NodeRecord)
    if kind.placeholder or isinstance(kind, (SynapseKind, PlasticityKind)):
        extras |= _as_it_came(raw, OF_KIND)
    else:
        given["parameters"] = rules.checked_values(kind, record.parameters, label)
        given["texts"] = _texts(record.texts, label)
        given["data"] = _data(kind, record.data, label) if record.data else {}
    # Made once, as all of it is known: to make a frozen element takes longer than to read one.
    return Node(
        kind=record.kind, size=record.size, integrator=record.integrator, extras=extras, **given
    )


def build_link(record: LinkRecord, raw: Raw, kinds: Registry, owner: str, **own: str) -> Link:
    """Build a link from its record; see ``build_node``.

    Args:
        owner: What to call the link in messages.
        own: Its id or the ids of its nodes, if they are to be others than in the file.
    """
    kind, extras = kinds.get(record.kind), unknown_keys(raw, LinkRecord)
    given: Raw = {"id": record.id, "pre": record.pre, "post": record.post} | own
    if kind.placeholder or not isinstance(kind, SynapseKind):
        extras |= _as_it_came(raw, OF_KIND)
    else:
        features = {name: _object(v, f"{owner}: {name}") for name, v in record.features.items()}
        unknown = {name: values for name, values in features.items() if name not in kinds}
        extras |= {FEATURES: unknown} if unknown else {}
        known = {name: v for name, v in features.items() if name in kinds}
        given["features"] = known or rules.no_values()
        given["parameters"] = rules.checked_values(kind, record.parameters, owner)
        given["texts"] = _texts(record.texts, owner)
    return Link(kind=record.kind, rule=_rule(record.rule, raw), extras=extras, **given)


_PLAIN_RULE = Rule()


def _rule(record: RuleRecord, raw: Raw) -> Rule:
    """Return the rule of a link from its record."""
    if not raw.get("rule"):
        return _PLAIN_RULE
    rule = make_rule(record.name, record.values, record.self_links)
    others = unknown_keys(raw["rule"], RuleRecord)
    return replace(rule, extras=others) if others else rule


def _as_it_came(raw: Raw, keys: Iterable[str]) -> Raw:
    return {key: raw[key] for key in keys if raw.get(key)}


def _texts(given: Raw, owner: str) -> dict[str, str]:
    for name, text in given.items():
        if not isinstance(text, str):
            raise _impossible(f"{owner}: {name}", text, "text in quotes")
    return dict(given)


def _data(kind: Kind, given: Raw, owner: str) -> dict[str, tuple[float, ...]]:
    """Return the lists as numbers; those that the kind does not have are refused by the circuit."""
    units = {column.name: column.unit for column in kind.data}
    found = {}
    for name, values in given.items():
        if not isinstance(values, list):
            raise _impossible(f"{owner}: {name}", values, "a list: [...]")
        known = enumerate(values, 1) if name in units else ()
        found[name] = tuple(
            parse_quantity(value, units[name], f"{owner}: {name}: item {number}")
            for number, value in known
        )
    return found


def _object(value: object, what: str) -> Raw:
    if not isinstance(value, dict):
        raise _impossible(what, value, "an object: {...}")
    return dict(value)


def _impossible(what: str, value: object, right: str) -> CircuitError:
    return CircuitError(f"{what}: {brief(value)} is not possible; {right} would be right")


def add_placeholders(
    kinds: Registry, nodes: Iterable[NodeRecord], links: Iterable[LinkRecord]
) -> list[str]:
    """Add what nodes and links use and the registry does not have.

    Returns:
        A line for each kind that nobody here knows.

    Raises:
        CircuitError: The name is no possible name of a kind.
    """
    found: dict[tuple[type[NeuronKind] | type[SynapseKind], str], list[str]] = {}
    for node in nodes:
        if node.kind not in kinds:
            who = f"node {brief(node.label or node.id)}"
            found.setdefault((NeuronKind, node.kind), []).append(who)
    for link in links:
        if link.kind not in kinds:
            found.setdefault((SynapseKind, link.kind), []).append(f"link {brief(link.id)}")
    report = []
    for (family, name), all_of_it in found.items():
        likely = _likely(kinds, name, family)
        kinds.add(_placeholder(name, family))
        others = f" and {len(all_of_it) - 1} more" if len(all_of_it) > 1 else ""
        report.append(
            f"unknown kind {name!r} of {all_of_it[0]}{others}: shown and kept, but not simulated"
            + (f"; perhaps {likely!r} is meant" if likely else "")
        )
    return report


def _likely(kinds: Registry, name: str, family: type[NeuronKind] | type[SynapseKind]) -> str:
    """Return the known kind that a name was probably meant for, or nothing."""
    links = family is SynapseKind
    known = [
        kind.name
        for kind in kinds
        if isinstance(kind, SynapseKind) == links and not isinstance(kind, PlasticityKind)
    ]
    return next(iter(get_close_matches(name, known, 1)), "")


def unknown_features(kinds: Registry, links: Iterable[LinkRecord]) -> list[str]:
    """Return a line for each plasticity that nobody here knows."""
    counts = Counter(name for link in links for name in link.features if name not in kinds)
    return [
        f"unknown plasticity {brief(name)}: kept at {count} of the links, but not simulated"
        for name, count in counts.items()
    ]


def not_simulated(circuit: Circuit) -> bool:
    """Whether a circuit holds kinds or plasticity that nobody here knows."""
    used = {node.kind for node in circuit.nodes()} | {link.kind for link in circuit.links()}
    if any(circuit.kinds.get(name).placeholder for name in used):
        return True
    return any(FEATURES in link.extras for link in circuit.links())


def _placeholder(name: str, family: type[NeuronKind] | type[SynapseKind]) -> Kind:
    if not name or len(name) > rules.MAX_LABEL or not name.isprintable():
        raise CircuitError(f"{name!r} is no name of a kind")
    doc = "A kind that this version does not know: kept as it is, never simulated."
    kind = family(name, name, "?", doc, source="", parameters=(), equations="", placeholder=True)
    return replace(kind, sign=0) if isinstance(kind, SynapseKind) else kind
