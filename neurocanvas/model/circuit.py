"""The circuit: a plain document over a networkx graph, changed only by edits."""

from __future__ import annotations

import operator
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar

from neurocanvas.errors import CircuitError
from neurocanvas.model import edits, rules
from neurocanvas.model.distributions import Value, typical
from neurocanvas.model.elements import Bench, Extras, Link, Node, Notes, Settings, Snapshot
from neurocanvas.model.kinds import Kind, NeuronKind, Registry, SourceKind, SynapseKind
from neurocanvas.model.projections import make_rule

if TYPE_CHECKING:
    import networkx as nx

    from neurocanvas.model.edits import Edit

Listener = Callable[["Edit"], None]
Element = TypeVar("Element", Node, Link)


class Circuit:
    """Nodes and links with all that is saved beside them.

    Reading is free; every change is an ``Edit`` given to ``apply``, which returns its inverse.

    Args:
        registry: The kinds it may use.
        seed: Seed of every random stream.
        dt: Time step in ms.

    Raises:
        CircuitError: An impossible seed or time step.
    """

    def __init__(self, registry: Registry, *, seed: int = 1, dt: float = 0.025) -> None:
        self.kinds = registry
        self.own_kinds: dict[str, Kind] = {}
        self.settings = Settings(dt=dt, seed=seed)
        rules.check_settings(self.settings)
        self.bench = Bench()
        self.notes = Notes()
        self.extras: Extras = {}
        self._nodes, self._links = _Ordered[Node](), _Ordered[Link]()
        self._labels: dict[str, str] = {}
        self._used: dict[str, int] = {}
        self._counters = {"n": 0, "l": 0}
        self._listeners: list[Listener] = []

    @cached_property
    def graph(self) -> nx.MultiDiGraph[str]:
        """Who is linked to whom, by id; the elements themselves lie beside it, in their order.

        Made of them when somebody first asks: networkx takes as long to load as a file to be read.
        """
        import networkx

        found: nx.MultiDiGraph[str] = networkx.MultiDiGraph()
        found.add_nodes_from(self._nodes.ids())
        found.add_edges_from(
            (self.link(key).pre, self.link(key).post, key) for key in self._links.ids()
        )
        return found

    @property
    def _made_graph(self) -> nx.MultiDiGraph[str] | None:
        """The graph, if it has been made and so has to follow the elements."""
        return vars(self).get("graph")

    # -- reading ---------------------------------------------------------------------------------

    def nodes(self) -> Iterator[Node]:
        """Yield all nodes, in the order added."""
        yield from self._nodes.elements()

    def links(self) -> Iterator[Link]:
        """Yield all links, in the order added."""
        yield from self._links.elements()

    def node(self, node_id: str) -> Node:
        """Return a node.

        Raises:
            CircuitError: There is none with this id.
        """
        node = self._nodes.get(node_id)
        if node is None:
            raise CircuitError(f"there is no node {node_id!r} in this circuit")
        return node

    def link(self, link_id: str) -> Link:
        """Return a link.

        Raises:
            CircuitError: There is none with this id.
        """
        link = self._links.get(link_id)
        if link is None:
            raise CircuitError(f"there is no link {link_id!r} in this circuit")
        return link

    def element(self, element_id: str) -> Node | Link:
        """Return the node or link with this id.

        Raises:
            CircuitError: There is none.
        """
        if element_id in self._links:
            return self.link(element_id)
        return self.node(element_id)

    def __contains__(self, element_id: object) -> bool:
        return element_id in self._nodes or element_id in self._links

    def __len__(self) -> int:
        return len(self._nodes)

    def link_count(self) -> int:
        """Return the number of links."""
        return len(self._links)

    def has_node(self, element_id: str) -> bool:
        """Whether there is a node with this id."""
        return element_id in self._nodes

    def find(self, label: str) -> Node | None:
        """Return the node with this label, or None."""
        node_id = self._labels.get(label)
        return None if node_id is None else self.node(node_id)

    def links_of(self, node_id: str) -> list[Link]:
        """Return all links into and out of a node, each once."""
        found = dict.fromkeys(key for _, _, key in self.graph.in_edges(node_id, keys=True))
        found |= dict.fromkeys(key for _, _, key in self.graph.out_edges(node_id, keys=True))
        return [self.link(key) for key in found]

    def is_linked(self, node_id: str) -> bool:
        """Return whether there are links into or out of a node."""
        return bool(self.graph.pred[node_id]) or bool(self.graph.succ[node_id])

    def kind_of(self, element: Node | Link | str) -> Kind:
        """Return the kind of a node or link (or of the element with this id)."""
        found = self.element(element) if isinstance(element, str) else element
        return self.kinds.get(found.kind)

    def values(self, element: Node | Link | str) -> dict[str, float]:
        """Return all parameters of an element as numbers: those set, and the others' defaults.

        A distribution is given by its mean; see ``value``.
        """
        found = self.element(element) if isinstance(element, str) else element
        given = {name: typical(value) for name, value in found.parameters.items()}
        return self.kind_of(found).defaults() | given

    def value(self, element: Node | Link | str, name: str) -> Value:
        """Return a parameter of an element: a number or a distribution.

        Raises:
            CircuitError: It has no such parameter.
        """
        found = self.element(element) if isinstance(element, str) else element
        default = self.kind_of(found).parameter(name).default
        return found.parameters.get(name, default)

    def label_of(self, element: Node | Link | str) -> str:
        """Return what to call an element in a message: ``"A"``, or ``"A -> B (ampa)"``."""
        found = self.element(element) if isinstance(element, str) else element
        if isinstance(found, Node):
            return found.label
        return f"{self.node(found.pre).label} -> {self.node(found.post).label} ({found.kind})"

    def snapshot(self) -> Snapshot:
        """Return a frozen copy that another thread may read."""
        nodes, links = self._nodes.elements(), self._links.elements()
        return Snapshot(nodes, links, self.settings, self.bench)

    # -- ids and labels --------------------------------------------------------------------------

    def new_id(self, prefix: str) -> str:
        """Return an id never used before: prefix ``"n"`` for nodes, ``"l"`` for links."""
        while True:
            self._counters[prefix] += 1
            candidate = f"{prefix}{self._counters[prefix]}"
            if candidate not in self:
                return candidate

    def free_label(self, wanted: str) -> str:
        """Return the label itself if it is free, else with the next free number behind it."""
        return self.label_maker()(wanted)

    def label_maker(self) -> Callable[[str], str]:
        """Return a function that makes labels free in this circuit, never the same one twice.

        It goes on where it stopped, so that labels for thousands of pasted nodes come quickly.
        """
        given: set[str] = set()
        numbers: dict[str, int] = {}

        def make(wanted: str) -> str:
            label = wanted
            stem = _stem(wanted)
            while label in self._labels or label in given:
                if stem not in numbers:
                    numbers[stem] = self._last_used(stem)
                numbers[stem] += 1
                label = _numbered(stem, numbers[stem])
            given.add(label)
            return label

        return make

    def _last_used(self, stem: str) -> int:
        """Return the number up to which all labels of a stem are in use, 1 if "stem 2" is free."""
        number = self._used.get(stem, 1)
        while _numbered(stem, number + 1) in self._labels:
            number += 1
        self._used[stem] = number
        return number

    def _free(self, label: str) -> None:
        """Take a label out of use."""
        del self._labels[label]
        stem = _stem(label)
        number = label[len(stem) :].strip()
        if stem in self._used and number:
            self._used[stem] = max(1, min(self._used[stem], int(number) - 1))

    # -- changing --------------------------------------------------------------------------------

    def apply(self, edit: Edit) -> Edit:
        """Carry out an edit and tell the listeners.

        Returns:
            The edit that undoes it.

        Raises:
            CircuitError: The edit is not possible; the circuit is as it was.
        """
        inverse = edit.apply(self)
        for listener in tuple(self._listeners):
            listener(edit)
        return inverse

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have ``listener(edit)`` called after every edit; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def add(
        self,
        kind: str,
        *,
        label: str = "",
        size: int = 1,
        x: float = 0.0,
        y: float = 0.0,
        integrator: str = "",
        **parameters: object,
    ) -> str:
        """Add a neuron, a source or a population.

        Args:
            kind: Name of a neuron or source kind.
            label: As shown; made from the kind's symbol if empty.
            size: How many neurons the node stands for.
            x, y: Place on the canvas.
            integrator: Method for its equations, such as ``"RK4"``; empty to choose by their form.
            parameters: Numbers in the parameter's unit, or text such as ``"0.2 nF"``.

        Returns:
            The id of the node.

        Raises:
            CircuitError: Unknown kind or parameter, a label in use, an impossible size or method.
            QuantityError: A value that is not possible.
        """
        declared = self.kinds.get(kind)
        name = label or self.free_label(declared.symbol)
        values = rules.checked_values(declared, parameters, name)
        node = Node(self.new_id("n"), kind, name, _whole(size), values, x, y, integrator=integrator)
        self.apply(edits.AddNode(node))
        return node.id

    def connect(
        self,
        pre: str,
        post: str,
        kind: str = "",
        *,
        rule: str = "all_to_all",
        rule_values: Mapping[str, object] | None = None,
        self_links: bool = False,
        **parameters: object,
    ) -> str:
        """Connect two nodes.

        Args:
            pre, post: Ids of the nodes.
            kind: Name of a synapse kind; what fits the source if empty.
            rule: Name of a connection rule.
            rule_values: Parameters of the rule, such as ``{"p": 0.1}``.
            self_links: Whether a neuron may reach itself.
            parameters: Numbers in the parameter's unit, or text such as ``"5 nS"``.

        Returns:
            The id of the link.

        Raises:
            ConnectionRefused: These two may not be connected this way.
            CircuitError: Unknown node, kind, rule or parameter.
            QuantityError: A value that is not possible.
        """
        name = kind or rules.default_link_kind(self, pre, post=post)
        declared = self.kinds.get(name)
        owner = f"{self.node(pre).label} -> {self.node(post).label} ({name})"
        values = rules.checked_values(declared, parameters, owner)
        checked_rule = make_rule(rule, rule_values, self_links)
        link = Link(self.new_id("l"), pre, post, name, values, checked_rule)
        self.apply(edits.AddLink(link))
        return link.id

    def set(self, element_id: str, **parameters: object) -> None:
        """Set parameters of a node or link; None gives one its default back.

        Raises:
            CircuitError: Unknown element or parameter.
            QuantityError: A value that is not possible.
        """
        kind = self.kind_of(element_id)
        owner = self.label_of(element_id)
        steps = []
        for name, value in parameters.items():
            parameter = kind.parameter(name)
            number = None if value is None else parameter.parse_value(value, owner)
            steps.append(edits.SetParameter(element_id, name, number))
        if steps:
            self.apply(steps[0] if len(steps) == 1 else edits.Compound(tuple(steps), "set"))

    def remove(self, *element_ids: str) -> None:
        """Remove nodes and links; links of a removed node go with it."""
        self.apply(edits.removal(self, element_ids))

    # -- for edits only --------------------------------------------------------------------------

    def put_node(self, node: Node, rank: int | None = None) -> None:
        """Insert a node, at its old rank if it had one, or replace it (only edits call this)."""
        if self._labels.get(node.label, node.id) != node.id:
            raise CircuitError(f"the label {node.label!r} is in use; labels are unique")
        before = self._nodes.get(node.id)
        if before is not None:
            self._free(before.label)
        else:
            if self._made_graph is not None:
                self._made_graph.add_node(node.id)
            self._count_id("n", node.id)
        self._nodes.put(node, rank)
        self._labels[node.label] = node.id

    def drop_node(self, node_id: str) -> int:
        """Take out a node without links and return its rank (only edits call this)."""
        self._free(self.node(node_id).label)
        if self._made_graph is not None:
            self._made_graph.remove_node(node_id)
        return self._nodes.remove(node_id)

    def put_own_kind(self, name: str, kind: Kind | None) -> None:
        """Insert, replace or take out a kind of the circuit's own (edits call this, nobody else).

        The registry is replaced, never changed: another thread may be reading it.
        """
        shared = [k for k in self.kinds if k.name not in self.own_kinds]
        if kind is None:
            self.own_kinds.pop(name, None)
        else:
            self.own_kinds[name] = kind
        self.kinds = Registry([*shared, *self.own_kinds.values()])

    def put_link(self, link: Link, rank: int | None = None) -> None:
        """Insert a link, at its old rank if it had one, or replace it (only edits call this)."""
        if link.id not in self._links:
            if self._made_graph is not None:
                self._made_graph.add_edge(link.pre, link.post, key=link.id)
            self._count_id("l", link.id)
        self._links.put(link, rank)

    def drop_link(self, link_id: str) -> int:
        """Take out a link and return its rank (only edits call this)."""
        link = self.link(link_id)
        if self._made_graph is not None:
            self._made_graph.remove_edge(link.pre, link.post, key=link_id)
        return self._links.remove(link_id)

    def _count_id(self, prefix: str, element_id: str) -> None:
        """Keep ids that came from outside from being given again once they are removed."""
        number = element_id.removeprefix(prefix)
        if element_id.startswith(prefix) and number.isdecimal() and len(number) < 12:
            self._counters[prefix] = max(self._counters[prefix], int(number))


def _stem(label: str) -> str:
    """Return a label without the number behind it."""
    return label.rstrip("0123456789").rstrip() or label


def _numbered(stem: str, number: int) -> str:
    """Return a label with a number behind it."""
    behind = f" {number}"
    return stem[: rules.MAX_LABEL - len(behind)] + behind


def _whole(size: int) -> int:
    """Return a whole number of any type (numpy's too) as an int."""
    try:
        return operator.index(size)
    except TypeError:
        raise CircuitError(f"size {size!r} is not possible; a whole number is") from None


class _Ordered(Generic[Element]):
    """Elements in the order they were added; one that comes back takes its old place again."""

    def __init__(self) -> None:
        self._elements: dict[str, Element] = {}
        self._rank: dict[str, int] = {}
        self._next = 0
        # The same, sorted by rank.
        self._ranks: list[int] = []
        self._sorted: list[Element] = []

    def elements(self) -> tuple[Element, ...]:
        return tuple(self._sorted)

    def get(self, element_id: str) -> Element | None:
        return self._elements.get(element_id)

    def ids(self) -> Iterator[str]:
        """Yield the ids, those that came back last."""
        return iter(self._elements)

    def __len__(self) -> int:
        return len(self._elements)

    def __contains__(self, element_id: object) -> bool:
        return element_id in self._elements

    def put(self, element: Element, rank: int | None) -> None:
        if element.id in self._elements:
            self._sorted[self._place(element.id)] = element
        else:
            self._insert(element, self._next if rank is None else rank)
        self._elements[element.id] = element

    def _insert(self, element: Element, rank: int) -> None:
        place = bisect_right(self._ranks, rank)
        self._rank[element.id] = rank
        self._ranks.insert(place, rank)
        self._sorted.insert(place, element)
        self._next = max(self._next, rank + 1)

    def remove(self, element_id: str) -> int:
        place = self._place(element_id)
        del self._elements[element_id], self._ranks[place], self._sorted[place]
        return self._rank.pop(element_id)

    def _place(self, element_id: str) -> int:
        place = bisect_left(self._ranks, self._rank[element_id])
        while self._sorted[place].id != element_id:
            place += 1
        return place


def is_neuron(kind: Kind) -> bool:
    """Whether a kind is a neuron."""
    return isinstance(kind, NeuronKind)


def is_source(kind: Kind) -> bool:
    """Whether a kind is a source."""
    return isinstance(kind, SourceKind)


def is_synapse(kind: Kind) -> bool:
    """Whether a kind is a link between nodes."""
    return isinstance(kind, SynapseKind)
