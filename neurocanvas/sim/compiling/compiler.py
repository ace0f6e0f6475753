"""From a circuit to a program: like elements in groups, everything in plain arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from neurocanvas.errors import SimulationError
from neurocanvas.model.elements import Link, Node, Snapshot
from neurocanvas.model.expressions import Expr, Name, names
from neurocanvas.model.forms import expand
from neurocanvas.model.kinds import Kind, NeuronKind, Registry, SourceKind, SynapseKind
from neurocanvas.model.plasticity import PlasticityKind
from neurocanvas.sim.compiling.casting import LARGE, Cast, cast
from neurocanvas.sim.compiling.learning import Traces, coherent, learning, traces_of
from neurocanvas.sim.compiling.values import Coherent, coherent_values
from neurocanvas.sim.compiling.wiring import Wiring, wire
from neurocanvas.sim.evaluate import evaluate
from neurocanvas.sim.program import (
    NEURON,
    PLASTICITY,
    SOURCE,
    SYNAPSE,
    Floats,
    Group,
    Ints,
    Program,
    Slot,
)
from neurocanvas.sim.random import Keys, element_key, spread_keys, within
from neurocanvas.sim.writing.codegen import KernelSource, index_width
from neurocanvas.sim.writing.constants import constant_values
from neurocanvas.sim.writing.neuron_writer import BEFORE, OUTPUT
from neurocanvas.sim.writing.plasticity_writer import source_of


@dataclass
class _Draft:
    """A group in the making."""

    kind: Kind
    stage: int
    source: KernelSource
    direct: bool = False
    elements: list[Node | Link | Traces] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)


def compile_circuit(snapshot: Snapshot, kinds: Registry) -> Program:
    """Turn a circuit into arrays.

    Args:
        snapshot: The circuit at one moment.
        kinds: The kinds it uses; placeholders and what hangs on them are left out.

    Raises:
        SimulationError: Something that can't be simulated.
    """
    chosen = cast(snapshot, kinds)
    wiring = wire(chosen, snapshot.settings)
    return _assemble(snapshot, chosen, _drafts(chosen, wiring), wiring)


def kernel_sources(snapshot: Snapshot, kinds: Registry) -> list[KernelSource]:
    """Return the kernels a circuit needs, each once, without compiling anything."""
    return cast(snapshot, kinds).sources()


def _drafts(chosen: Cast, wiring: Wiring) -> list[_Draft]:
    """Sort elements into groups; the order of groups does not depend on that of other elements."""
    drafts: dict[tuple[object, ...], _Draft] = {}

    def put(element: Node | Link, stage: int, size: int) -> None:
        kind, variant = chosen.kinds[element.id], chosen.variants[element.id]
        own = (1, element.id) if size >= LARGE else (0, "")
        # Modulators come before what they scale.
        late = element.id not in chosen.modulates
        key = (stage, late, kind.name, tuple(element.texts.items()), variant, *own)
        if key not in drafts:
            drafts[key] = _Draft(kind, stage, chosen.source(element.id), variant.direct)
        drafts[key].elements.append(element)
        drafts[key].sizes.append(size)

    for node in chosen.nodes.values():
        is_source = isinstance(chosen.kinds[node.id], SourceKind)
        put(node, SOURCE if is_source else NEURON, node.size)
    for link in chosen.links.values():
        put(link, SYNAPSE, wiring.columns[link.id])
        for traces in _traces(link, chosen, wiring):
            kind = chosen.registry.get(traces.kind)
            assert isinstance(kind, PlasticityKind)
            draft = drafts.setdefault(
                (PLASTICITY, True, kind.name), _Draft(kind, PLASTICITY, source_of(kind))
            )
            draft.elements.append(traces)
            draft.sizes.append(traces.size)
    return [drafts[key] for key in sorted(drafts, key=repr)]


def _traces(link: Link, chosen: Cast, wiring: Wiring) -> list[Traces]:
    if not link.features or link.id not in wiring.slices:
        return []
    targets = wiring.columns[link.id]
    return traces_of(link, wiring.slices[link.id], targets, chosen.registry)


def _assemble(snapshot: Snapshot, chosen: Cast, drafts: list[_Draft], wiring: Wiring) -> Program:
    groups, total = _place(drafts)
    slots = {
        element: slot
        for number, (group, draft) in enumerate(zip(groups, drafts, strict=True))
        for element, slot in _slots(number, group, draft)
    }
    seed = snapshot.settings.seed
    elements: list[Node | Link] = [*chosen.nodes.values(), *chosen.links.values()]
    parameters = {
        e.id: coherent_values(chosen.kinds[e.id], e, slots[e.id].n, seed) for e in elements
    }
    for draft in drafts:
        for e in draft.elements:
            if isinstance(e, Traces):
                parameters[e.id] = coherent(draft.kind, e.parameters)
    arena, spans = _with_data(total, chosen)
    for group, draft in zip(groups, drafts, strict=True):
        _fill(arena, group, draft, parameters, snapshot.settings.dt)
        _point_to_data(arena, group, slots, spans)
    unit_node, unit_index = _units(groups, drafts, list(chosen.nodes))
    synapses = wiring.synapses(groups, slots, chosen, seed)
    return Program(
        nodes=chosen.nodes,
        links=chosen.links,
        groups=tuple(groups),
        slots=slots,
        arena=arena,
        index=_index(groups, drafts, slots, chosen, wiring),
        keys=_keys(groups, drafts, seed),
        synapses=synapses,
        learning=learning(synapses, chosen.links, chosen.registry, groups, slots),
        unit_node=unit_node,
        unit_index=unit_index,
        node_ids=tuple(chosen.nodes),
        parameters=parameters,
        dt=snapshot.settings.dt,
        seed=seed,
    )


def _with_data(total: int, chosen: Cast) -> tuple[Floats, dict[str, tuple[int, int]]]:
    """Return the arena with the lists of all nodes at its end, and where each node's lie.

    The columns of a node follow each other; all are sorted by the first, which holds times.
    """
    parts: list[Floats] = [np.zeros(total)]
    spans = {}
    at = total
    for node in chosen.nodes.values():
        columns = chosen.kinds[node.id].data
        if columns:
            lists = [np.asarray(node.data.get(c.name, c.default), float) for c in columns]
            order = np.argsort(lists[0], kind="stable")
            values = np.concatenate([column[order] for column in lists])
            spans[node.id] = (at, at + len(values))
            parts.append(values)
            at += len(values)
    return np.concatenate(parts), spans


def _point_to_data(
    arena: Floats,
    group: Group,
    slots: Mapping[str, Slot],
    spans: Mapping[str, tuple[int, int]],
) -> None:
    """Tell the columns of a group where their lists lie."""
    if "=from" not in group.source.rows:
        return
    for element in group.elements:
        slot = slots[element]
        places = group.places(slot.first, slot.n)
        arena[places + group.row("=from")], arena[places + group.row("=to")] = spans[element]


def _place(drafts: list[_Draft]) -> tuple[list[Group], int]:
    """Give every group its place in the arena, in the index, among keys and units."""
    groups: list[Group] = []
    at = link = stream = unit = 0
    for draft in drafts:
        n = sum(draft.sizes)
        blocks = -(-n // 64)
        consts = at + blocks * draft.source.stride
        shared = len(draft.source.constants) if draft.source.first_constant < 0 else 0
        is_unit = draft.stage in (SOURCE, NEURON)
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
                direct=draft.direct,
            )
        )
        at = consts + -(-shared // 8) * 8
        link += _index_length(draft)
        stream += n if is_unit else 0
        unit += n if is_unit else 0
    return groups, at


def _index_length(draft: _Draft) -> int:
    """Return how many places a group takes in the index."""
    if not isinstance(draft.kind, SynapseKind):
        return 0
    return 2 if draft.direct else sum(draft.sizes) * index_width(draft.kind)


def _slots(number: int, group: Group, draft: _Draft) -> Iterable[tuple[str, Slot]]:
    first = 0
    for element, size in zip(draft.elements, draft.sizes, strict=True):
        yield element.id, Slot(number, first, size)
        first += size


def _fill(
    arena: Floats,
    group: Group,
    draft: _Draft,
    parameters: Mapping[str, Mapping[str, Coherent]],
    dt: float,
) -> None:
    """Write constants and initial states of a group."""
    if group.n == 0:
        return
    columns: dict[str, Floats] = {"dt": np.array(dt)}
    for parameter in group.kind.parameters:
        values = [parameters[e.id][parameter.name] for e in draft.elements]
        columns[parameter.name] = _spread(values, draft.sizes)
    write_constants(arena, group, 0, group.n, columns)
    states = initial_states(group.kind, columns, group.n)
    kind = group.kind
    if OUTPUT in group.source.rows and not getattr(kind, "events", ""):
        assert isinstance(kind, (NeuronKind, SourceKind))
        output = expand(Name(kind.output), kind.system, lambda used: True)
        known = _STILL | columns | states
        states[OUTPUT] = np.broadcast_to(evaluate(output, known), (group.n,))
        if BEFORE in group.source.rows:
            states[BEFORE] = states[OUTPUT]
    if isinstance(kind, NeuronKind):
        states["#previous"] = states[kind.main]
    for name, value in states.items():
        _write(arena, group, 0, group.row(name), value)
    _pad(arena, group)


_STILL = {name: np.array(0.0) for name in ("t", "xi", "sample", "I")}
"""What a source's output may use, before the first step."""


def _spread(values: Sequence[Coherent], sizes: Sequence[int]) -> Floats:
    """Return one value a column, from a number or an array an element."""
    if not any(isinstance(value, np.ndarray) for value in values):
        return np.repeat(np.asarray(values, float), sizes)
    parts = [np.broadcast_to(v, (n,)) for v, n in zip(values, sizes, strict=True)]
    return np.concatenate(parts)


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
    inputs = {"t", "I", "v", "out", "arrived", "sample"} - kind.system.derivatives.keys()
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
    chosen: Cast,
    wiring: Wiring,
) -> Ints:
    """Return the arena places that synapse kernels read and add to, all groups in one array."""
    parts: list[Ints] = [np.zeros(0, np.int64)]
    for draft in drafts:
        if draft.stage != SYNAPSE:
            continue
        kind = draft.kind
        assert isinstance(kind, SynapseKind)
        if draft.direct:
            target = groups[slots[chosen.links[draft.elements[0].id].post].group]
            parts.append(np.array([target.offset, target.source.stride]))
            continue
        if index_width(kind) == 1 and max(draft.sizes, default=0) == 1:
            targets = [slots[chosen.links[e.id].post] for e in draft.elements]
            parts.append(_places_of_single(groups, targets))
            continue
        for e in draft.elements:
            parts.append(_link_index(chosen.links[e.id], groups, slots, chosen, wiring))
    return np.concatenate(parts)


def _places_of_single(groups: list[Group], slots: Sequence[Slot]) -> Ints:
    """Return the arena places of single columns, all at once."""
    number, first = np.array([(slot.group, slot.first) for slot in slots], np.int64).T
    offset = np.array([g.offset for g in groups])[number]
    stride = np.array([g.source.stride for g in groups])[number]
    return np.asarray(offset + (first >> 6) * stride + (first & 63))


def _link_index(
    link: Link, groups: list[Group], slots: Mapping[str, Slot], chosen: Cast, wiring: Wiring
) -> Ints:
    """Return, column by column, the places of target, source and modulated parameter."""
    kind = chosen.kinds[link.id]
    assert isinstance(kind, SynapseKind)
    post = places_of(groups, slots, link.post)
    columns = [post]
    if kind.carries != "spikes":
        pre = places_of(groups, slots, link.pre) + _output_row(groups[slots[link.pre].group], kind)
        i, j = wiring.pairs[link.id]
        columns = [post[j], pre[i]]
        if kind.symmetric:
            columns = [np.concatenate((post[j], pre[i])), np.concatenate((pre[i], post[j]))]
    if kind.gives == "modulation":
        row = groups[slots[link.post].group].row(f"#mod_{chosen.modulates[link.id]}")
        columns.append(columns[0] + row)
    return np.column_stack(columns).ravel()


def _output_row(group: Group, kind: SynapseKind) -> int:
    """Return how far behind row 0 lies what a link takes from a column of its source."""
    if kind.carries == "rate" and isinstance(group.kind, NeuronKind):
        return group.row(OUTPUT if OUTPUT in group.source.rows else group.kind.output)
    return 0


def places_of(groups: list[Group], slots: Mapping[str, Slot], element: str) -> Ints:
    """Return the arena places of an element's columns (row 0)."""
    slot = slots[element]
    return groups[slot.group].places(slot.first, slot.n)


def _keys(groups: list[Group], drafts: list[_Draft], seed: int) -> Keys:
    """Return the random stream key of every unit; see ``random.stream_keys``."""
    owned = [d for g, d in zip(groups, drafts, strict=True) if g.unit >= 0]
    sizes = [n for d in owned for n in d.sizes]
    elements = [element_key(seed, e.id) for d in owned for e in d.elements]
    return spread_keys(np.array(elements, np.uint64), np.array(sizes, np.int64))


def _units(
    groups: list[Group], drafts: list[_Draft], node_ids: list[str]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    number = {node_id: i for i, node_id in enumerate(node_ids)}
    owned = [d for g, d in zip(groups, drafts, strict=True) if g.unit >= 0]
    sizes = np.array([n for d in owned for n in d.sizes], np.int64)
    nodes = np.array([number[e.id] for d in owned for e in d.elements], np.int32)
    return np.repeat(nodes, sizes), within(sizes).astype(np.int32)
