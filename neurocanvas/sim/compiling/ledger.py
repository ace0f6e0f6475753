"""What is known of every element of a circuit: a row an element, in columns.

Elements are frozen and shared between snapshots, so an element that is the same object as before
has not changed. A ledger reads every element once; of a circuit that was edited, only what is new.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import repeat
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from neurocanvas.model import algebra
from neurocanvas.model.distributions import Distribution, typical
from neurocanvas.model.elements import Link, Node
from neurocanvas.model.kinds import Kind, NeuronKind, Registry, SourceKind, SynapseKind
from neurocanvas.model.quantity import to_coherent
from neurocanvas.sim.compiling.connectivity import CERTAIN
from neurocanvas.sim.compiling.kept import Kept
from neurocanvas.sim.compiling.superposition import per_link, superposes
from neurocanvas.sim.compiling.values import Coherent, coherent_values, distributed
from neurocanvas.sim.program import NEURON, SOURCE, SYNAPSE, Floats, Ints, Names
from neurocanvas.sim.random import element_key, within
from neurocanvas.sim.writing.codegen import (
    KernelSource,
    KindKey,
    Variant,
    generate,
    split_current,
)

Element = TypeVar("Element", Node, Link)
Rows = npt.NDArray[np.void]
Described = tuple[tuple[Any, ...], Sequence[float]]
"""The row of an element up to where its parameters begin; and these, in coherent units."""

MODULATED = "parameter"
"""Name of the text in which a modulator says what it changes."""

NODE = np.dtype(
    [("number", "i8"), ("role", "i8"), ("size", "i8"), ("key", "u8"), ("plain", "?"),
     ("alike", "?"), ("values", "i8")]
)  # fmt: skip
"""Row of a node: number of its id, role, how many neurons, key of its random streams; whether no
parameter is drawn, whether none is that a neuron has its own of; where its parameters begin."""

LINK = np.dtype(
    [("number", "i8"), ("role", "i8"), ("pre", "i8"), ("post", "i8"), ("weight", "f8"),
     ("delay", "f8"), ("certain", "?"), ("everyone", "?"), ("learns", "?"), ("plain", "?"),
     ("alike", "?"), ("values", "i8")]
)  # fmt: skip
"""Row of a link: number of its id, role, numbers of its nodes, weight and delay in ms (the typical
ones), whether its rule leaves nothing to chance, whether everyone reaches everyone, whether it has
plasticity; then as a node's."""

EVERYONE = "all_to_all"
"""Name of the rule by which every source reaches every target."""

CHUNK = 256
"""So many elements are compared at once with those of the circuit before."""

SPARE_ROWS = 4096
"""So many rows of elements that are gone are kept at least, before they are cleared away."""


@dataclass(frozen=True, eq=False)
class Role:
    """What elements of one kind with the same expressions have in common.

    Attributes:
        number: Its place among the roles of its book.
        kind: The kind, with these expressions.
        texts: The expressions, as they were given.
        method: The integrator that is asked for; empty to choose by the form of the equations.
    """

    number: int
    kind: Kind
    texts: tuple[tuple[str, str], ...]
    method: str
    _sources: dict[Variant, KernelSource] = field(default_factory=dict)

    def source(self, variant: Variant) -> KernelSource:
        """Return the generated kernel of a variant."""
        if variant not in self._sources:
            self._sources[variant] = generate(KindKey(self.kind), variant)
        return self._sources[variant]

    @cached_property
    def stage(self) -> int:
        """When in a step its elements act."""
        if isinstance(self.kind, SynapseKind):
            return SYNAPSE
        return SOURCE if isinstance(self.kind, SourceKind) else NEURON

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of its parameters."""
        return tuple(self.kind.coherent_defaults)

    @cached_property
    def placeholder(self) -> bool:
        """Whether it is never simulated."""
        return self.kind.placeholder

    @cached_property
    def neuron(self) -> bool:
        """Whether it takes currents."""
        return isinstance(self.kind, NeuronKind)

    @cached_property
    def synapse(self) -> bool:
        """Whether it may join two nodes."""
        return isinstance(self.kind, SynapseKind)

    @cached_property
    def spikes(self) -> bool:
        """Whether it is a synapse that spikes arrive at."""
        return isinstance(self.kind, SynapseKind) and self.kind.carries == "spikes"

    @cached_property
    def counts(self) -> bool:
        """Whether spikes arrive as ones, whatever the weight."""
        return isinstance(self.kind, SynapseKind) and self.kind.counts

    @cached_property
    def symmetric(self) -> bool:
        """Whether it acts both ways."""
        return isinstance(self.kind, SynapseKind) and self.kind.symmetric

    @cached_property
    def modulates(self) -> bool:
        """Whether it changes a parameter instead of giving a current."""
        return isinstance(self.kind, SynapseKind) and self.kind.gives == "modulation"

    @cached_property
    def weighs(self) -> bool:
        """Whether its weight could be modulated.

        A current that is injected, or a clamp, is no such synapse.
        """
        return not self.modulates and "weight" in self.names

    @cached_property
    def injects(self) -> bool:
        """Whether it is a synapse that gives a current."""
        return isinstance(self.kind, SynapseKind) and self.kind.gives == "current"

    @cached_property
    def conducts(self) -> bool:
        """Whether it brings what a source gives into a neuron."""
        kind = self.kind
        carries = isinstance(kind, SynapseKind) and kind.carries in ("current", "command")
        return carries and not self.symmetric

    @cached_property
    def counts_spikes(self) -> bool:
        """Whether it is a source that draws how many spikes each of its trains has in a step."""
        return isinstance(self.kind, SourceKind) and self.kind.event_rate is not None

    @cached_property
    def follows(self) -> bool:
        """Whether it carries what may move smoothly."""
        return isinstance(self.kind, SynapseKind) and self.kind.carries in ("rate", "v")

    @cached_property
    def smooth(self) -> bool:
        """Whether it is a neuron with dynamics, not a unit whose output jumps."""
        return isinstance(self.kind, NeuronKind) and not self.kind.update_statements

    @cached_property
    def opens(self) -> bool:
        """Whether it is a synapse that opens conductances."""
        kind = self.kind
        return isinstance(kind, SynapseKind) and split_current(kind)[0] != algebra.ZERO

    @cached_property
    def superposes(self) -> bool:
        """Whether it is a synapse of which many into one neuron act as one."""
        return isinstance(self.kind, SynapseKind) and superposes(self.kind)

    @cached_property
    def common(self) -> npt.NDArray[np.bool_]:
        """Which of its parameters must agree where many act as one."""
        assert isinstance(self.kind, SynapseKind)
        free = per_link(self.kind)
        return np.array([name not in free for name in self.names], bool)

    @cached_property
    def listed(self) -> bool:
        """Whether its elements come with lists of numbers."""
        return bool(self.kind.data)


class Ledger(Generic[Element]):
    """The rows of all nodes, or of all links.

    What was written into ``values`` is never written over: who has read it may keep it.

    Args:
        dtype: ``NODE`` or ``LINK``.
        describe: Reads an element.
    """

    def __init__(
        self,
        dtype: np.dtype[np.void],
        describe: Callable[[Element], Described],
    ) -> None:
        self._describe: Callable[[Element], Described] = describe
        self._elements: list[Element] = []
        self._row_of: dict[int, int] = {}
        self._rows: Rows = np.zeros(256, dtype)
        self.values: Floats = np.zeros(1024)
        self._used = 0
        self._last: tuple[tuple[Element, ...], Ints] = ((), np.zeros(0, np.int64))

    def __len__(self) -> int:
        return len(self._elements)

    def rows(self, elements: tuple[Element, ...]) -> Rows:
        """Return the rows of these elements, in this order; those not seen before are read."""
        found = self._find(elements)
        unknown = np.flatnonzero(found < 0)
        if len(unknown):
            found[unknown] = self._read([elements[k] for k in unknown.tolist()])
        if len(self) > 2 * len(elements) + SPARE_ROWS:
            found = self._clear_away(found)
        self._last = (elements, found)
        # Many times faster than ``self._rows[found]``.
        return self._rows.take(found)

    def _find(self, elements: tuple[Element, ...]) -> Ints:
        """Return in which rows these are, -1 for none; most are where they were the last time."""
        before, known = self._last
        head = _count_same(before, elements)
        tail = _count_same_at_end(before[head:], elements[head:])
        middle = elements[head : len(elements) - tail]
        # An element that has a row is kept alive by it, so its address belongs to nothing else.
        numbers = map(self._row_of.get, map(id, middle), repeat(-1))
        looked_up = np.fromiter(numbers, np.int64, len(middle))
        return np.concatenate((known[:head], looked_up, known[len(known) - tail :]))

    def _read(self, elements: Sequence[Element]) -> Ints:
        """Give elements rows; return which."""
        rows: list[tuple[Any, ...]] = []
        values: list[float] = []
        first, used = len(self), self._used
        for element in elements:
            read: Described = self._describe(element)
            rows.append((*read[0], used + len(values)))
            values += read[1]
        self._elements += elements
        self._row_of.update(zip(map(id, elements), range(first, len(self)), strict=True))
        self._rows = _with_room(self._rows, len(self))
        self._rows[first : len(self)] = rows
        self._used += len(values)
        self.values = _with_room(self.values, self._used)
        self.values[used : self._used] = values
        return np.arange(first, len(self))

    def _clear_away(self, kept: Ints) -> Ints:
        """Keep these rows alone, in this order; return where they are now."""
        ends = np.append(self._rows["values"][1 : len(self)], self._used)
        begins = self._rows["values"][kept]
        counts = ends[kept] - begins
        values = self.values[np.repeat(begins, counts) + within(counts)]
        self.values, self._used = np.concatenate((values, np.zeros(1024))), len(values)
        rows = self._rows.take(kept)
        rows["values"] = np.cumsum(counts) - counts
        self._rows = np.concatenate((rows, np.zeros(256, rows.dtype)))
        self._elements = [self._elements[k] for k in kept.tolist()]
        self._row_of = {id(element): row for row, element in enumerate(self._elements)}
        return np.arange(len(kept))


def _with_room(array: npt.NDArray[Any], n: int) -> npt.NDArray[Any]:
    """Return the array if it has n items, else a larger one that begins with them."""
    if n <= len(array):
        return array
    return np.concatenate((array, np.zeros(max(n, 2 * len(array)) - len(array), array.dtype)))


def _count_same(a: Sequence[object], b: Sequence[object]) -> int:
    """Return how many chunks' worth of objects two sequences begin with in common."""
    k, most = 0, min(len(a), len(b)) - CHUNK
    # Of what is the same object, a comparison looks at nothing else; and equal elements have equal
    # rows.
    while k <= most and a[k : k + CHUNK] == b[k : k + CHUNK]:
        k += CHUNK
    return k


def _count_same_at_end(a: Sequence[object], b: Sequence[object]) -> int:
    """Return how many chunks' worth of objects two sequences end with in common."""
    k, most = 0, min(len(a), len(b)) - CHUNK
    i, j = len(a), len(b)
    while k <= most and a[i - k - CHUNK : i - k] == b[j - k - CHUNK : j - k]:
        k += CHUNK
    return k


class Draws:
    """The parameters of elements that have any drawn, as long as the circuit has them.

    Args:
        seed: Seed of the circuit.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._known: dict[str, tuple[Node | Link, int, dict[str, Coherent]]] = {}
        self._used: dict[str, tuple[Node | Link, int, dict[str, Coherent]]] = {}

    def values(self, kind: Kind, element: Node | Link, n: int) -> Mapping[str, Coherent]:
        """Return the parameters of n columns, to be read alone; see ``coherent_values``."""
        found = self._known.get(element.id)
        if found is None or found[0] is not element or found[1] != n:
            found = element, n, coherent_values(kind, element, n, self._seed)
        self._used[element.id] = found
        return found[2]

    def forget_others(self) -> None:
        """Keep only what was asked for since the last time."""
        self._known, self._used = self._used, {}


class Book:
    """What a compiler remembers from one circuit to the next: roles, two ledgers, draws, synapses.

    Roles are only ever added.

    Args:
        registry: The kinds.
        seed: Seed of all random streams.
    """

    def __init__(self, registry: Registry, seed: int) -> None:
        self.registry, self.seed = registry, seed
        self.roles: list[Role] = []
        self.nodes: Ledger[Node] = Ledger(NODE, self._node)
        self.links: Ledger[Link] = Ledger(LINK, self._link)
        self.draws = Draws(seed)
        self.kept = Kept()
        self._by_text: dict[tuple[str, tuple[tuple[str, str], ...], str], Role] = {}
        self.numbers: dict[str, int] = {}
        self.ids: Names = np.zeros(1024, object)

    def serves(self, registry: Registry, seed: int) -> bool:
        """Whether all it knows holds with these kinds and this seed too."""
        names = {key[0] for key in self._by_text}
        same = all(
            name in registry and registry.get(name) is self.registry.get(name) for name in names
        )
        return same and seed == self.seed

    def number(self, element_id: str) -> int:
        """Return the number that stands for an id, from now on."""
        number = self.numbers.get(element_id)
        if number is None:
            number = self.numbers[element_id] = len(self.numbers)
            self.ids = _with_room(self.ids, number + 1)
            self.ids[number] = element_id
        return number

    def places(self, nodes: Rows) -> Ints:
        """Return, for every number there is, the place of its node among these; -1 for none."""
        found = np.full(len(self.numbers), -1)
        found[nodes["number"]] = np.arange(len(nodes))
        return found

    def _role(self, element: Node | Link) -> Role:
        method = element.integrator if isinstance(element, Node) else ""
        key = (element.kind, tuple(element.texts.items()), method)
        role = self._by_text.get(key)
        if role is None:
            kind = self.registry.get(element.kind)
            # A modulator's choice is no part of its kernel.
            own = {name: text for name, text in key[1] if name != MODULATED}
            role = Role(len(self.roles), kind.with_texts(own) if own else kind, *key[1:])
            self.roles.append(role)
            self._by_text[key] = role
        return role

    def _node(self, node: Node) -> Described:
        role = self._role(node)
        key, number = element_key(self.seed, node.id), self.number(node.id)
        plain, alike = _drawn(node, role.kind)
        values = list(_typical_values(role.kind, node).values())
        return (number, role.number, node.size, key, plain, alike), values

    def _link(self, link: Link) -> Described:
        role = self._role(link)
        plain, alike = _drawn(link, role.kind)
        values = _typical_values(role.kind, link)
        weight = 1.0 if role.counts else values.get("weight", 0.0)
        described = (
            self.number(link.id), role.number, self.number(link.pre), self.number(link.post),
            weight, values.get("delay", 0.0), link.rule.name in CERTAIN,
            link.rule.name == EVERYONE, bool(link.features), plain, alike,
        )  # fmt: skip
        return described, list(values.values())


def _drawn(element: Node | Link, kind: Kind) -> tuple[bool, bool]:
    """Return whether no parameter is drawn, and whether none is that a column has its own of."""
    given = element.parameters.values()
    if not any(isinstance(value, Distribution) for value in given):
        return True, True
    return False, kind.placeholder or not distributed(element.parameters, kind.moving_parameters)


def _typical_values(kind: Kind, element: Node | Link) -> Mapping[str, float]:
    """Return all parameters in coherent units, distributions by their mean."""
    if not element.parameters or kind.placeholder:
        return kind.coherent_defaults
    found = dict(kind.coherent_defaults)
    for name, value in element.parameters.items():
        found[name] = to_coherent(typical(value), kind.parameter(name).unit)
    return found
