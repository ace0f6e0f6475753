"""Whether links excite or inhibit, and which neurons do both (Dale's principle)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from neurocanvas.model.distributions import Distribution, Value
from neurocanvas.model.elements import Link
from neurocanvas.model.kinds import Kind, NeuronKind, SynapseKind

if TYPE_CHECKING:
    from neurocanvas.model.circuit import Circuit

EXCITES, INHIBITS = 1, -1
WEIGHT = "weight"


def link_signs(kind: Kind, values: Mapping[str, Value]) -> frozenset[int]:
    """Return what a link of a kind does: ``EXCITES``, ``INHIBITS``, both, or neither.

    The kind decides where it has a sign. Where its weight may be negative, the weight decides; one
    that is drawn from a distribution may do both. Gap junctions and modulators do neither.

    Args:
        kind: Its kind.
        values: The parameters that were set.
    """
    if not isinstance(kind, SynapseKind) or kind.placeholder:
        return frozenset()
    weight = _weight(kind, values)
    if kind.sign:
        return frozenset() if weight == 0.0 else frozenset({kind.sign})
    if kind.symmetric or kind.gives == "modulation" or weight is None:
        return frozenset()
    low, high = _ends(weight)
    return frozenset({EXCITES} if high > 0 else ()) | frozenset({INHIBITS} if low < 0 else ())


def _weight(kind: Kind, values: Mapping[str, Value]) -> Value | None:
    declared = kind.defaults()
    return values.get(WEIGHT, declared[WEIGHT]) if WEIGHT in declared else None


def _ends(value: Value) -> tuple[float, float]:
    """Return between which numbers the values of a distribution lie, as far as signs go."""
    if not isinstance(value, Distribution):
        return value, value
    if value.form == "normal" and value.second > 0:
        return -1.0, 1.0
    return (value.first, value.second) if value.form == "uniform" else (value.first, value.first)


def dale_violations(circuit: Circuit) -> dict[str, str]:
    """Return node id -> a sentence, for each neuron that both excites and inhibits."""
    found = {}
    for node in circuit.nodes():
        if isinstance(circuit.kind_of(node), NeuronKind):
            links = [link for link in circuit.links_of(node.id) if link.pre == node.id]
            excites, inhibits = (_first(circuit, links, s) for s in (EXCITES, INHIBITS))
            if excites is not None and inhibits is not None:
                found[node.id] = _sentence(circuit, node.label, excites, inhibits)
    return found


def _first(circuit: Circuit, links: list[Link], sign: int) -> Link | None:
    return next((k for k in links if sign in link_signs(circuit.kind_of(k), k.parameters)), None)


def _sentence(circuit: Circuit, label: str, excites: Link, inhibits: Link) -> str:
    ends = [f"{circuit.node(k.post).label} ({k.kind})" for k in (excites, inhibits)]
    if excites.id == inhibits.id:
        return f"{label} both excites and inhibits {ends[0]}: its weights have both signs"
    return f"{label} both excites {ends[0]} and inhibits {ends[1]}"
