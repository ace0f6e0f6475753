"""Which kernel each element of a circuit gets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from neurocanvas.errors import SimulationError
from neurocanvas.model import algebra
from neurocanvas.model.elements import Link, Node, Snapshot
from neurocanvas.model.kinds import Kind, NeuronKind, Registry, SynapseKind
from neurocanvas.model.plasticity import PlasticityKind
from neurocanvas.sim.compiling.values import distributed
from neurocanvas.sim.writing.codegen import KernelSource, KindKey, Variant, generate, split_current
from neurocanvas.sim.writing.kernel_writer import WEIGHTS
from neurocanvas.sim.writing.plasticity_writer import source_of

LARGE = 256
"""From this size on, a node and what flows into it have groups of their own.

So the columns of a synapse lie as those of their target do; and what is alike for all columns is
kept once.
"""

MODULATED = "parameter"
"""Name of the text in which a modulator says what it changes."""


@dataclass(frozen=True)
class Cast:
    """The elements that are simulated, and as what.

    Attributes:
        nodes, links: Without placeholders and what hangs on them.
        kinds: Element id -> its kind, with the element's own expressions.
        variants: Element id -> which of its kind's kernels.
        modulates: Link id -> the parameter of its target that it changes.
        registry: All kinds, for the plasticity that links carry.
    """

    nodes: Mapping[str, Node]
    links: Mapping[str, Link]
    kinds: Mapping[str, Kind]
    variants: Mapping[str, Variant]
    modulates: Mapping[str, str]
    registry: Registry

    def source(self, element_id: str) -> KernelSource:
        """Return the generated kernel of an element."""
        return generate(KindKey(self.kinds[element_id]), self.variants[element_id])

    def sources(self) -> list[KernelSource]:
        """Return the kernels of all elements, each once, without compiling anything."""
        wanted: dict[object, str] = {}
        for element in _all(self.nodes, self.links):
            key = (element.kind, tuple(element.texts.items()), self.variants[element.id])
            wanted.setdefault(key, element.id)
        found = {}
        for element_id in wanted.values():
            source = self.source(element_id)
            found[source.name] = source
        for name in sorted({name for link in self.links.values() for name in link.features}):
            kind = self.registry.get(name)
            if isinstance(kind, PlasticityKind):
                found[kind.name] = source_of(kind)
        return list(found.values())


def cast(snapshot: Snapshot, registry: Registry) -> Cast:
    """Choose the kernels for a circuit.

    Raises:
        SimulationError: A modulator of something that its target does not have.
    """
    nodes = {n.id: n for n in snapshot.nodes if not registry.get(n.kind).placeholder}
    links = {
        k.id: k
        for k in snapshot.links
        if k.pre in nodes and k.post in nodes and not registry.get(k.kind).placeholder
    }
    kinds = {e.id: _kind(e, registry) for e in _all(nodes, links)}
    modulates = {
        k.id: _modulated(k, kinds[k.id], nodes[k.post], kinds[k.post])
        for k in links.values()
        if _gives(kinds[k.id]) == "modulation"
    }
    variants = _variants(nodes, links, kinds, modulates)
    return Cast(nodes, links, kinds, variants, modulates, registry)


def _all(nodes: Mapping[str, Node], links: Mapping[str, Link]) -> Iterable[Node | Link]:
    yield from nodes.values()
    yield from links.values()


def _kind(element: Node | Link, registry: Registry) -> Kind:
    kind = registry.get(element.kind)
    return kind.with_texts(_own(element)) if element.texts else kind


def _own(element: Node | Link) -> Mapping[str, str]:
    """Return the element's own expressions; a modulator's choice is no part of its kernel."""
    return {name: text for name, text in element.texts.items() if name != MODULATED}


def _gives(kind: Kind) -> str:
    return kind.gives if isinstance(kind, SynapseKind) else ""


def _modulated(link: Link, kind: Kind, target: Node, target_kind: Kind) -> str:
    chosen = link.texts.get(MODULATED) or next(t.default for t in kind.texts if t.name == MODULATED)
    if chosen != WEIGHTS and chosen not in target_kind.defaults():
        known = ", ".join([WEIGHTS, *target_kind.defaults()])
        raise SimulationError(
            f"{kind.title}: {target.label} has no parameter {chosen!r} to modulate; it has {known}"
        )
    return chosen


def _variants(
    nodes: Mapping[str, Node],
    links: Mapping[str, Link],
    kinds: Mapping[str, Kind],
    modulates: Mapping[str, str],
) -> dict[str, Variant]:
    changed: dict[str, set[str]] = {}
    for link_id, name in modulates.items():
        changed.setdefault(links[link_id].post, set()).add(name)
    implicit = _implicit_targets(links.values(), kinds)
    found = {}
    for node in nodes.values():
        takes_g = isinstance(kinds[node.id], NeuronKind) and node.id in implicit
        modulated = tuple(sorted(changed.get(node.id, ())))
        moving = kinds[node.id].moving_parameters
        alike = node.size >= LARGE and not distributed(node.parameters, moving)
        found[node.id] = Variant(alike, takes_g, modulated, method=node.integrator)
    for link in links.values():
        kind = kinds[link.id]
        spikes = isinstance(kind, SynapseKind) and kind.carries == "spikes"
        # A current that is injected, or a clamp, is no synapse whose weight could be modulated.
        weighs = link.id not in modulates and "weight" in kind.defaults()
        scaled = WEIGHTS in changed.get(link.post, ()) and weighs
        large = spikes and nodes[link.post].size >= LARGE
        alike = large and not distributed(link.parameters, kind.moving_parameters)
        direct = large and _gives(kind) == "current"
        ahead = _looks_ahead(link, kinds)
        found[link.id] = Variant(alike, scaled=scaled, direct=direct, ahead=ahead)
    return found


def _looks_ahead(link: Link, kinds: Mapping[str, Kind]) -> bool:
    """Whether a link carries what moves smoothly: no jumps of units without dynamics."""
    kind, ends = kinds[link.id], (kinds[link.pre], kinds[link.post])
    if not isinstance(kind, SynapseKind) or kind.carries not in ("rate", "v"):
        return False
    sources = ends if kind.symmetric else ends[:1]
    return all(isinstance(k, NeuronKind) and not k.update_statements for k in sources)


def _implicit_targets(links: Iterable[Link], kinds: Mapping[str, Kind]) -> set[str]:
    """Return the nodes that receive conductances, not only currents."""
    opens: dict[str, bool] = {}
    found = set()
    for link in links:
        if link.kind not in opens:
            kind = kinds[link.id]
            opens[link.kind] = (
                isinstance(kind, SynapseKind) and split_current(kind)[0] != algebra.ZERO
            )
        if opens[link.kind]:
            found.add(link.post)
            kind = kinds[link.id]
            if isinstance(kind, SynapseKind) and kind.symmetric:
                found.add(link.pre)
    return found
