"""What a circuit allows: one place that mouse, paste, loader and Python face all ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from neurocanvas.errors import CircuitError, ConnectionRefused
from neurocanvas.model.elements import Link, Node
from neurocanvas.model.kinds import Kind, NeuronKind, Parameter, SourceKind, SynapseKind

if TYPE_CHECKING:
    from neurocanvas.model.circuit import Circuit

MAX_SIZE = 1_000_000
MAX_LABEL = 80
INJECTION = "injection"
"""The synapse kind that carries a source's current into a neuron."""
DEFAULT_SYNAPSE = "ampa"


def why_not(circuit: Circuit, pre: str, post: str, kind: str) -> str | None:
    """Say why two nodes may not be connected by a link of this kind.

    Returns:
        None if they may, else a sentence for the person who tries.
    """
    source, target = circuit.node(pre), circuit.node(post)
    from_kind, to_kind = circuit.kind_of(source), circuit.kind_of(target)
    link_kind = circuit.kinds.get(kind)
    if not isinstance(link_kind, SynapseKind):
        return f"{link_kind.title} is no synapse; choose one in the palette"
    if not isinstance(to_kind, NeuronKind):
        if isinstance(to_kind, SourceKind):
            return f"{target.label} is a source and takes no input"
        return f"{target.label} is of the unknown kind {target.kind!r} and can't be connected"
    if not isinstance(from_kind, (NeuronKind, SourceKind)):
        return f"{source.label} is of the unknown kind {source.kind!r} and can't be connected"
    return _why_not_carried(source, from_kind, link_kind)


def _why_not_carried(source: Node, from_kind: NeuronKind | SourceKind, link: SynapseKind) -> str | None:
    if link.carries in from_kind.emits:
        return None
    if link.carries == "spikes":
        return f"{source.label} gives a current, not spikes; connect it without a synapse"
    if isinstance(from_kind, NeuronKind):
        return f"{source.label} is a neuron; choose a synapse, {link.title} carries a source's current"
    return f"{source.label} gives spikes; choose a synapse for it"


def why_not_rule(circuit: Circuit, link: Link) -> str | None:
    """Say why the connection rule of a link does not fit its two nodes, or None."""
    source, target = circuit.node(link.pre), circuit.node(link.post)
    if link.rule.name == "one_to_one" and source.size != target.size:
        return (
            f"one to one needs equal sizes, but {source.label} has {source.size} "
            f"and {target.label} has {target.size}"
        )
    return None


def check_link(circuit: Circuit, link: Link) -> None:
    """Refuse a link that may not be.

    Raises:
        ConnectionRefused: With the reason.
    """
    reason = why_not(circuit, link.pre, link.post, link.kind) or why_not_rule(circuit, link)
    if reason:
        raise ConnectionRefused(reason)


def check_node(circuit: Circuit, node: Node) -> None:
    """Refuse a node with an impossible kind, size, label or parameter.

    Raises:
        CircuitError: With the reason.
        QuantityError: A parameter out of range.
    """
    kind = circuit.kinds.get(node.kind)
    if isinstance(kind, SynapseKind):
        raise CircuitError(f"{kind.title} is a synapse; connect two neurons with it")
    if not isinstance(node.size, int) or not 1 <= node.size <= MAX_SIZE:
        raise CircuitError(f"{node.label}: size {node.size} is not possible; 1 to {MAX_SIZE} is")
    if not node.label or len(node.label) > MAX_LABEL or not node.label.isprintable():
        raise CircuitError(f"the label {node.label!r} is not possible; 1 to {MAX_LABEL} characters are")
    checked_values(kind, node.parameters, node.label)


def checked_values(kind: Kind, values: Mapping[str, object], owner: str) -> dict[str, float]:
    """Read parameter values against a kind's declaration.

    Raises:
        CircuitError: A parameter the kind does not have.
        QuantityError: A value that is not possible.
    """
    return {name: _parameter(kind, name, owner).parse(value, owner) for name, value in values.items()}


def _parameter(kind: Kind, name: str, owner: str) -> Parameter:
    try:
        return kind.parameter(name)
    except CircuitError as error:
        raise CircuitError(f"{owner}: {error}") from None


def default_link_kind(circuit: Circuit, pre: str, chosen: str = DEFAULT_SYNAPSE) -> str:
    """Return the synapse kind that fits a source node: the chosen one, or plain injection."""
    emits = getattr(circuit.kind_of(pre), "emits", frozenset())
    return INJECTION if emits == {"current"} else chosen
