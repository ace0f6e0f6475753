"""From a circuit to a program: like elements in groups, everything in plain arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from neurocanvas.errors import SimulationError
from neurocanvas.model import algebra
from neurocanvas.model.elements import Link, Node, Snapshot
from neurocanvas.model.expressions import Expr, names
from neurocanvas.model.kinds import Kind, NeuronKind, Registry, SourceKind, SynapseKind
from neurocanvas.model.quantity import to_coherent
from neurocanvas.sim.codegen import KernelSource, KindKey, generate, split_current
from neurocanvas.sim.constants import constant_values
from neurocanvas.sim.evaluate import evaluate
from neurocanvas.sim.integrators import expand
from neurocanvas.sim.program import NEURON, SOURCE, SYNAPSE, Floats, Group, Ints, Program, Slot
from neurocanvas.sim.random import Keys, stream_keys
from neurocanvas.sim.wiring import Wiring, wire

LARGE = 256
"""From this size on, a node has a group of its own, whose constants are shared by all columns."""


@dataclass
class _Draft:
    """A group in the making."""

    kind: Kind
    stage: int
    source: KernelSource
    elements: list[Node | Link] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)


def compile_circuit(snapshot: Snapshot, kinds: Registry) -> Program:
    """Turn a circuit into arrays.

    Args:
        snapshot: The circuit at one moment.
        kinds: The kinds it uses; placeholders and what hangs on them are left out.

    Raises:
        SimulationError: A kind that can't be simulated.
    """
    nodes = {n.id: n for n in snapshot.nodes if not kinds.get(n.kind).placeholder}
    links = {
        k.id: k
        for k in snapshot.links
        if k.pre in nodes and k.post in nodes and not kinds.get(k.kind).placeholder
    }
    wiring = wire(nodes, links, kinds, snapshot.settings)
    drafts = _drafts(nodes, links, kinds, wiring)
    return _assemble(snapshot, nodes, links, drafts, kinds, wiring)


def kernel_sources(snapshot: Snapshot, kinds: Registry) -> list[KernelSource]:
    """Return the kernels a circuit needs, each once, without compiling anything."""
    nodes = {n.id: n for n in snapshot.nodes if not kinds.get(n.kind).placeholder}
    links = {k.id: k for k in snapshot.links if k.pre in nodes and k.post in nodes}
    implicit = _implicit_targets(links.values(), kinds)
    wanted = {(n.kind, n.size >= LARGE, n.id in implicit) for n in nodes.values()}
    for link in links.values():
        kind = kinds.get(link.kind)
        if not kind.placeholder:
            wanted.add((link.kind, _is_large(kind, nodes[link.post]), False))
    found = {}
    for name, uniform, conductance in sorted(wanted):
        source = _source(kinds.get(name), uniform, conductance)
        found[source.name] = source
    return list(found.values())


def _implicit_targets(links: Iterable[Link], kinds: Registry) -> set[str]:
    """Return the nodes that receive conductances, not only currents."""
    opens: dict[str, bool] = {}
    found = set()
    for link in links:
        if link.kind not in opens:
            kind = kinds.get(link.kind)
            opens[link.kind] = (
                isinstance(kind, SynapseKind)
                and not kind.placeholder
                and split_current(kind)[0] != algebra.ZERO
            )
        if opens[link.kind]:
            found.add(link.post)
    return found


def _source(kind: Kind, uniform: bool, conductance: bool) -> KernelSource:
    return generate(KindKey(kind), uniform, conductance and isinstance(kind, NeuronKind))


def _is_large(kind: Kind, post: Node) -> bool:
    return isinstance(kind, SynapseKind) and kind.carries == "spikes" and post.size >= LARGE


def _drafts(
    nodes: Mapping[str, Node], links: Mapping[str, Link], kinds: Registry, wiring: Wiring
) -> list[_Draft]:
    """Sort elements into groups; the order of groups does not depend on that of other elements."""
    implicit = _implicit_targets(links.values(), kinds)
    drafts: dict[tuple[object, ...], _Draft] = {}

    def put(element: Node | Link, kind: Kind, stage: int, size: int, large: bool, g: bool) -> None:
        own = (1, element.id) if large else (0, "")
        key = (stage, kind.name, g, *own)
        if key not in drafts:
            drafts[key] = _Draft(kind, stage, _source(kind, large, g))
        drafts[key].elements.append(element)
        drafts[key].sizes.append(size)

    for node in nodes.values():
        kind = kinds.get(node.kind)
        stage = SOURCE if isinstance(kind, SourceKind) else NEURON
        takes_g = stage == NEURON and node.id in implicit
        put(node, kind, stage, node.size, node.size >= LARGE, takes_g)
    for link in links.values():
        kind = kinds.get(link.kind)
        large = _is_large(kind, nodes[link.post])
        put(link, kind, SYNAPSE, wiring.columns[link.id], large, False)
    return [drafts[key] for key in sorted(drafts, key=repr)]


def _assemble(
    snapshot: Snapshot,
    nodes: Mapping[str, Node],
    links: Mapping[str, Link],
    drafts: list[_Draft],
    kinds: Registry,
    wiring: Wiring,
) -> Program:
    groups, total = _place(drafts)
    slots = {
        element: slot
        for number, (group, draft) in enumerate(zip(groups, drafts, strict=True))
        for element, slot in _slots(number, group, draft)
    }
    elements: list[Node | Link] = [*nodes.values(), *links.values()]
    parameters = {e.id: coherent_values(kinds.get(e.kind), e.parameters) for e in elements}
    arena = np.zeros(total)
    for group, draft in zip(groups, drafts, strict=True):
        _fill(arena, group, draft, parameters, snapshot.settings.dt)
    unit_node, unit_index = _units(groups, drafts, list(nodes))
    return Program(
        nodes=nodes,
        links=links,
        groups=tuple(groups),
        slots=slots,
        arena=arena,
        index=_index(groups, drafts, slots, links, wiring),
        keys=_keys(groups, drafts, snapshot.settings.seed),
        synapses=wiring.synapses(groups, slots, links, parameters),
        unit_node=unit_node,
        unit_index=unit_index,
        node_ids=tuple(nodes),
        parameters=parameters,
        dt=snapshot.settings.dt,
        seed=snapshot.settings.seed,
    )


def coherent_values(kind: Kind, given: Mapping[str, float]) -> dict[str, float]:
    """Return all parameters of an element in coherent units, defaults where nothing is set."""
    return {p.name: to_coherent(given.get(p.name, p.default), p.unit) for p in kind.parameters}


def _place(drafts: list[_Draft]) -> tuple[list[Group], int]:
    """Give every group its place in the arena, in the index, among keys and units."""
    groups: list[Group] = []
    at = link = stream = unit = 0
    for draft in drafts:
        n = sum(draft.sizes)
        blocks = -(-n // 64)
        consts = at + blocks * draft.source.stride
        shared = len(draft.source.constants) if draft.source.first_constant < 0 else 0
        is_unit = draft.stage != SYNAPSE
        ids = tuple(e.id for e in draft.elements)
        groups.append(
            Group(
                kind=draft.kind,
                source=draft.source,
                stage=draft.stage,
                n=n,
                offset=at,
                consts=consts,
                link=link,
                stream=stream,
                unit=unit if is_unit else -1,
                elements=ids,
            )
        )
        at = consts + -(-shared // 8) * 8
        link += 0 if is_unit else n * _index_width(draft.kind)
        stream += n if is_unit else 0
        unit += n if is_unit else 0
    return groups, at


def _index_width(kind: Kind) -> int:
    """How many arena places a synapse column reads: its target, and its source if it carries."""
    return 2 if isinstance(kind, SynapseKind) and kind.carries == "current" else 1


def _slots(number: int, group: Group, draft: _Draft) -> Iterable[tuple[str, Slot]]:
    first = 0
    for element, size in zip(draft.elements, draft.sizes, strict=True):
        yield element.id, Slot(number, first, size)
        first += size


def _fill(
    arena: Floats,
    group: Group,
    draft: _Draft,
    parameters: Mapping[str, Mapping[str, float]],
    dt: float,
) -> None:
    """Write constants and initial states of a group."""
    if group.n == 0:
        return
    columns: dict[str, Floats] = {"dt": np.array(dt)}
    for parameter in group.kind.parameters:
        values = [parameters[e.id][parameter.name] for e in draft.elements]
        columns[parameter.name] = np.repeat(values, draft.sizes)
    write_constants(arena, group, 0, group.n, columns)
    for name, value in initial_states(group.kind, columns, group.n).items():
        _write(arena, group, 0, group.row(name), value)
    _pad(arena, group)


def write_constants(
    arena: Floats, group: Group, first: int, n: int, parameters: Mapping[str, Floats]
) -> None:
    """Compute the constants of some columns from their parameters and store them."""
    values = constant_values(group.source.constants, parameters, n)
    if group.source.first_constant < 0:
        arena[group.consts : group.consts + len(values)] = values[:, 0]
        return
    for number, row in enumerate(values):
        _write(arena, group, first, (group.source.first_constant + number) * 64, row)


def _write(arena: Floats, group: Group, first: int, row: int, values: Floats) -> None:
    arena[group.places(first, len(values)) + row] = values


def _pad(arena: Floats, group: Group) -> None:
    """Fill the unused columns of the last block as the last used one, so they stay finite."""
    last = group.places(group.n - 1, 1)[0]
    spare = group.places(group.n, group.columns - group.n)
    for row in range(group.source.n_rows):
        arena[spare + row * 64] = arena[last + row * 64]


def initial_states(kind: Kind, parameters: Mapping[str, Floats], n: int) -> dict[str, Floats]:
    """Return the initial value of every state variable, each of shape (n,).

    An initial value may use parameters, definitions and the initial values of other variables.

    Raises:
        SimulationError: Initial values that need each other.
    """
    inputs = {"t", "I", "v", "out"} - kind.system.derivatives.keys()
    known: dict[str, Floats] = {name: np.zeros(n) for name in inputs} | dict(parameters)
    waiting: dict[str, Expr] = {
        state: expand(expr, kind.system, lambda used: True)
        for state, expr in kind.initial_values.items()
    }
    while waiting:
        ready = [s for s, expr in waiting.items() if not names(expr) & waiting.keys()]
        if not ready:
            loop = ", ".join(waiting)
            raise SimulationError(f"{kind.title}: the initial values need each other: {loop}")
        for state in ready:
            known[state] = np.broadcast_to(evaluate(waiting.pop(state), known), (n,)).copy()
    return {state: known[state] for state in kind.system.states}


def _index(
    groups: list[Group],
    drafts: list[_Draft],
    slots: Mapping[str, Slot],
    links: Mapping[str, Link],
    wiring: Wiring,
) -> Ints:
    """Return the arena places that synapse kernels read and add to, all groups in one array."""
    parts: list[Ints] = [np.zeros(0, np.int64)]
    for group, draft in zip(groups, drafts, strict=True):
        if group.stage != SYNAPSE:
            continue
        for element in draft.elements:
            link = links[element.id]
            post = places_of(groups, slots, link.post)
            if _index_width(group.kind) == 1:
                parts.append(post)
            else:
                pre = places_of(groups, slots, link.pre)
                i, j = wiring.pairs[link.id]
                parts.append(np.column_stack((post[j], pre[i])).ravel())
    return np.concatenate(parts)


def places_of(groups: list[Group], slots: Mapping[str, Slot], element: str) -> Ints:
    """Return the arena places of an element's columns (row 0)."""
    slot = slots[element]
    return groups[slot.group].places(slot.first, slot.n)


def _keys(groups: list[Group], drafts: list[_Draft], seed: int) -> Keys:
    parts = [np.zeros(0, np.uint64)]
    for group, draft in zip(groups, drafts, strict=True):
        if group.stage != SYNAPSE:
            parts += [
                stream_keys(seed, e.id, size)
                for e, size in zip(draft.elements, draft.sizes, strict=True)
            ]
    return np.concatenate(parts)


def _units(
    groups: list[Group], drafts: list[_Draft], node_ids: list[str]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    number = {node_id: i for i, node_id in enumerate(node_ids)}
    nodes, index = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
    for group, draft in zip(groups, drafts, strict=True):
        if group.stage != SYNAPSE:
            for element, size in zip(draft.elements, draft.sizes, strict=True):
                nodes.append(np.full(size, number[element.id], np.int32))
                index.append(np.arange(size, dtype=np.int32))
    return np.concatenate(nodes), np.concatenate(index)
