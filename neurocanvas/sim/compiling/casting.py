"""Which kernel each element of a circuit gets."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from neurocanvas.errors import SimulationError
from neurocanvas.model.channels import WEIGHT
from neurocanvas.model.elements import Link, Node, Settings, Snapshot
from neurocanvas.model.kinds import Registry
from neurocanvas.model.plasticity import PlasticityKind
from neurocanvas.sim.compiling.ledger import MODULATED, Book, Element, Role, Rows
from neurocanvas.sim.program import Floats, Ints, Names
from neurocanvas.sim.writing.codegen import KernelSource, Variant
from neurocanvas.sim.writing.kernel_source import WEIGHTS
from neurocanvas.sim.writing.plasticity_writer import source_of

LARGE = 256
"""From this size on, a node and what flows into it have groups of their own.

So the columns of a synapse lie as those of their target do; and what is alike for all columns is
kept once.
"""

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Elements:
    """The nodes and links that are simulated; placeholders and what hangs on them are left out.

    A place is a number in the nodes and links together, nodes first.

    Attributes:
        nodes, links: In the order of the circuit.
        node_rows, link_rows: What is known of them; see ``ledger``.
        numbers, ids: Number and id at each place.
        pre, post: For each link, the places of its nodes.
        node_values, link_values: Their parameters, where the rows say.
        known: All roles there are.
        registry: All kinds, for the plasticity that links carry.
    """

    nodes: Sequence[Node]
    links: Sequence[Link]
    node_rows: Rows
    link_rows: Rows
    numbers: Ints
    ids: Names
    pre: Ints
    post: Ints
    node_values: Floats
    link_values: Floats
    known: Sequence[Role]
    registry: Registry

    def of_nodes(self, name: str) -> Flags:
        """Return whether something holds for the role of each node."""
        return self._of(self.roles[: len(self.nodes)], name)

    def of_links(self, name: str) -> Flags:
        """Return whether something holds for the role of each link."""
        return self._of(self.roles[len(self.nodes) :], name)

    def _of(self, roles: Ints, name: str) -> Flags:
        used = np.flatnonzero(np.bincount(roles)).tolist()
        found = np.zeros(len(self.known), bool)
        found[used] = [getattr(self.known[k], name) for k in used]
        return np.asarray(found[roles], bool)

    @cached_property
    def roles(self) -> Ints:
        """Number of the role at each place."""
        return np.concatenate((self.node_rows["role"], self.link_rows["role"]))

    def __len__(self) -> int:
        return len(self.nodes) + len(self.links)

    def role(self, place: int) -> Role:
        """Return the role of an element."""
        return self.known[int(self.roles[place])]

    def element(self, place: int) -> Node | Link:
        """Return an element."""
        n = len(self.nodes)
        return self.nodes[place] if place < n else self.links[place - n]

    def parameters(self, places: Ints) -> tuple[Floats, Flags]:
        """Return the parameters of elements of one role, and which of them are plain numbers.

        Returns:
            The typical values in coherent units, of shape (n_parameters, n), and whether none of
            them is drawn, of shape (n,).
        """
        n, width = len(self.nodes), len(self.role(int(places[0])).names)
        rows, values = self.node_rows, self.node_values
        if places[0] >= n:
            places, rows, values = places - n, self.link_rows, self.link_values
        return values[rows["values"][places] + np.arange(width)[:, None]], rows["plain"][places]


@dataclass(frozen=True)
class Cast:
    """The elements that are simulated, and as what.

    Attributes:
        elements: Nodes and links.
        variants: All variants there are.
        variant: Which of them is that of each place's kernel.
        pool: For each link, the number of those that it may have its columns in common with; -1 for
            a link that has its own.
        modulates: Number of a link -> the parameter of its target that it changes.
        settings: Time step and seed.
        book: What the compiler remembers.
    """

    elements: Elements
    variants: Sequence[Variant]
    variant: Ints
    pool: Ints
    modulates: Mapping[int, str]
    settings: Settings
    book: Book

    def alike(self) -> list[Ints]:
        """Return the places of elements that share a kernel, kernel by kernel, each in order."""
        code = self.elements.roles * max(1, len(self.variants)) + self.variant
        # Of short integers, numpy's stable order takes a time linear in their number.
        short = code.max(initial=0) < 2**15
        order = np.argsort(code.astype(np.int16) if short else code, kind="stable")
        borders = np.flatnonzero(np.diff(code[order])) + 1
        return [part for part in np.split(order, borders) if len(part)]

    def pools(self, places: Ints) -> Ints:
        """Return the pool of each element, -1 for those that have their own columns."""
        n = len(self.elements.nodes)
        found = np.full(len(places), -1)
        found[places >= n] = self.pool[places[places >= n] - n]
        return found

    def variant_of(self, place: int) -> Variant:
        """Return which of its role's kernels an element gets."""
        return self.variants[int(self.variant[place])]

    def source(self, place: int) -> KernelSource:
        """Return the generated kernel of an element."""
        return self.elements.role(place).source(self.variant_of(place))

    def learners(self) -> list[tuple[int, Link]]:
        """Return the links that have plasticity, with their numbers."""
        numbers = np.flatnonzero(self.elements.link_rows["learns"])
        return [(k, self.elements.links[k]) for k in numbers.tolist()]

    def sources(self) -> list[KernelSource]:
        """Return the kernels of all elements, each once, without compiling anything."""
        first = [int(places[0]) for places in self.alike()]
        found = {source.name: source for source in map(self.source, sorted(first))}
        registry = self.elements.registry
        for name in sorted({name for _, link in self.learners() for name in link.features}):
            kind = registry.get(name)
            if isinstance(kind, PlasticityKind):
                found[kind.name] = source_of(kind)
        return list(found.values())


def cast(snapshot: Snapshot, book: Book, watched: Collection[str] = ()) -> Cast:
    """Choose the kernels for a circuit.

    Args:
        snapshot: The circuit at one moment.
        book: What is known already; what is new is added.
        watched: Links whose variables somebody wants to see, beside those with probes.

    Raises:
        SimulationError: A modulator of something that its target does not have.
    """
    elements = _elements(snapshot, book)
    modulators = np.flatnonzero(elements.of_links("modulates"))
    modulates = {k: _modulated(elements, k) for k in modulators.tolist()}
    variants, variant = _variants(elements, modulates)
    probed = {probe.node for probe in snapshot.bench.probes if probe.variable != WEIGHT}
    pool = _pools(elements, variant, _numbers(book, probed.union(watched)))
    return Cast(elements, variants, variant, pool, modulates, snapshot.settings, book)


def _numbers(book: Book, ids: Collection[str]) -> Ints:
    known = [book.numbers[element] for element in ids if element in book.numbers]
    return np.array(known, np.int64)


def _pools(elements: Elements, variant: Ints, watched: Ints) -> Ints:
    """Return which links may have their columns in common; see ``Cast.pool``.

    They are those into one large node that differ in nothing but the weight and the delay of their
    synapses, where the effects of spikes add up.
    """
    n, rows = len(elements.nodes), elements.link_rows
    pool = np.full(len(rows), -1)
    fits = elements.node_rows["size"][elements.post] >= LARGE
    fits &= elements.of_links("superposes") & rows["alike"] & ~rows["learns"]
    fits &= ~np.isin(rows["number"], watched)
    links = np.flatnonzero(fits)
    roles, found = rows["role"][links], 0
    for role in np.flatnonzero(np.bincount(roles)).tolist():
        own = links[roles == role]
        values = elements.parameters(own + n)[0][elements.known[role].common]
        table = np.column_stack((elements.post[own], variant[own + n], *values))
        number = np.unique(table, axis=0, return_inverse=True)[1].ravel()
        pool[own] = found + number
        found += int(number.max()) + 1
    return pool


def _elements(snapshot: Snapshot, book: Book) -> Elements:
    node_rows, link_rows = book.nodes.rows(snapshot.nodes), book.links.rows(snapshot.links)
    placeholder = np.array([role.placeholder for role in book.roles], bool)
    nodes, node_rows = _kept(snapshot.nodes, node_rows, ~placeholder[node_rows["role"]])
    place_of = book.places(node_rows)
    there = (place_of[link_rows["pre"]] >= 0) & (place_of[link_rows["post"]] >= 0)
    links, link_rows = _kept(snapshot.links, link_rows, there & ~placeholder[link_rows["role"]])
    pre, post = place_of[link_rows["pre"]], place_of[link_rows["post"]]
    numbers = np.concatenate((node_rows["number"], link_rows["number"]))
    ids, values = book.ids.take(numbers), (book.nodes.values, book.links.values)
    return Elements(
        nodes, links, node_rows, link_rows, numbers, ids, pre, post, *values,
        book.roles, book.registry,
    )  # fmt: skip


def _kept(
    elements: tuple[Element, ...], rows: Rows, kept: Flags
) -> tuple[tuple[Element, ...], Rows]:
    if kept.all():
        return elements, rows
    return tuple(e for e, keep in zip(elements, kept.tolist(), strict=True) if keep), rows.compress(
        kept
    )


def _modulated(elements: Elements, number: int) -> str:
    """Return what a modulator changes."""
    link, place = elements.links[number], int(elements.post[number])
    kind = elements.role(len(elements.nodes) + number).kind
    target, target_kind = elements.nodes[place], elements.role(place).kind
    chosen = link.texts.get(MODULATED) or next(t.default for t in kind.texts if t.name == MODULATED)
    if chosen != WEIGHTS and chosen not in target_kind.defaults():
        known = ", ".join([WEIGHTS, *target_kind.defaults()])
        raise SimulationError(
            f"{kind.title}: {target.label} has no parameter {chosen!r} to modulate; it has {known}"
        )
    return chosen


def _variants(elements: Elements, modulates: Mapping[int, str]) -> tuple[list[Variant], Ints]:
    """Return all variants, and which of them each place has."""
    changed: dict[int, set[str]] = {}
    for link, name in modulates.items():
        changed.setdefault(int(elements.post[link]), set()).add(name)
    scaled = np.zeros(len(elements.nodes), bool)
    scaled[[place for place, names in changed.items() if WEIGHTS in names]] = True
    of_nodes, node_variant = _node_variants(elements, changed)
    of_links, link_variant = _link_variants(elements, scaled)
    return [*of_nodes, *of_links], np.concatenate((node_variant, link_variant + len(of_nodes)))


def _node_variants(
    elements: Elements, changed: Mapping[int, set[str]]
) -> tuple[list[Variant], Ints]:
    rows = elements.node_rows
    names = sorted({(), *(tuple(sorted(changes)) for changes in changed.values())})
    modulated = np.full(len(rows), names.index(()))
    for place, changes in changed.items():
        modulated[place] = names.index(tuple(sorted(changes)))
    methods = sorted({role.method for role in elements.known})
    of_role = np.array([methods.index(role.method) for role in elements.known], np.int64)
    takes_g = elements.of_nodes("neuron") & _opened(elements)
    uniform = rows["alike"] & (rows["size"] >= LARGE)
    found, number = _numbered(uniform, takes_g, modulated, of_role[rows["role"]])
    return [Variant(bool(u), bool(g), names[m], method=methods[k]) for u, g, m, k in found], number


def _numbered(*columns: npt.NDArray[Any]) -> tuple[list[list[int]], Ints]:
    """Return the different rows of a table, given by its columns, and the number of each row."""
    code = np.zeros(len(columns[0]), np.int64)
    sizes = [int(column.max(initial=0)) + 1 for column in columns]
    for column, size in zip(columns, sizes, strict=True):
        code = code * size + column
    used = np.flatnonzero(np.bincount(code))
    number = np.zeros(math.prod(sizes), np.int64)
    number[used] = np.arange(len(used))
    return np.column_stack(np.unravel_index(used, sizes)).tolist(), number[code]


def _link_variants(elements: Elements, scaled: Flags) -> tuple[list[Variant], Ints]:
    """Return the variants of links; ``scaled`` are the nodes whose weights are modulated."""
    weighed = scaled[elements.post] & elements.of_links("weighs")
    size, rows = elements.node_rows["size"], elements.link_rows
    spikes = elements.of_links("spikes")
    # Of one source, too, the k-th column acts on the k-th neuron.
    broad = elements.of_links("conducts") & rows["everyone"] & (size[elements.pre] == 1)
    large = (spikes | broad) & (size[elements.post] >= LARGE)
    # What carries no spikes has weights of its own in its columns, not only in its synapses.
    uniform = large & np.where(spikes, rows["alike"], rows["plain"])
    direct = large & elements.of_links("injects")
    found, number = _numbered(uniform, weighed, direct, _looks_ahead(elements))
    variants = [
        Variant(bool(u), scaled=bool(s), direct=bool(d), ahead=bool(a)) for u, s, d, a in found
    ]
    return variants, number


def _looks_ahead(elements: Elements) -> Flags:
    """Return which links carry what moves smoothly: no jumps of units without dynamics."""
    sends = elements.of_nodes("smooth")
    both = sends[elements.pre] & (sends[elements.post] | ~elements.of_links("symmetric"))
    return elements.of_links("follows") & both


def _opened(elements: Elements) -> Flags:
    """Return which nodes receive conductances, not only currents."""
    opens = elements.of_links("opens")
    found = np.zeros(len(elements.nodes), bool)
    found[elements.post[opens]] = True
    found[elements.pre[opens & elements.of_links("symmetric")]] = True
    return found
