"""Distributions that reach beyond the range of their parameter: said, never silent."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from neurocanvas.model.distributions import Distribution
from neurocanvas.model.elements import Link, Node, Snapshot
from neurocanvas.model.kinds import Kind, Parameter, Registry, SynapseKind
from neurocanvas.model.projections import expected_synapses
from neurocanvas.sim.compiling.values import PER_SYNAPSE, draw
from neurocanvas.sim.quiet import Quiet

COUNTED = 100_000
"""So many values are drawn to see how many are brought back; of more, the part is estimated."""

DEFINITE = ("one_to_one", "fixed_in_degree", "fixed_out_degree", "fixed_total_number")
"""Connection rules that make just as many synapses as is expected of them."""


def clipping_warnings(snapshot: Snapshot, kinds: Registry) -> list[str]:
    """Say which values of a circuit are brought back into their range when they are drawn.

    Args:
        snapshot: The circuit.
        kinds: Its kinds.

    Returns:
        One line for each parameter, naming the element, the distribution and the range.
    """
    return ClippingWatch().warnings(snapshot, kinds)


class ClippingWatch:
    """Looks after the distributions of a circuit that is edited: only at elements that have any."""

    def __init__(self) -> None:
        self._quiet = Quiet()

    def warnings(self, snapshot: Snapshot, kinds: Registry) -> list[str]:
        """Return what ``clipping_warnings`` returns."""
        others: tuple[Node | Link, ...]
        others = (*self._quiet.others(snapshot.nodes), *self._quiet.others(snapshot.links))
        drawn = [e for e in others if Distribution in map(type, e.parameters.values())]
        self._quiet.remember(snapshot, drawn)
        if not drawn:
            return []
        nodes, seed = {node.id: node for node in snapshot.nodes}, snapshot.settings.seed
        return [line for e in drawn for line in _lines(e, kinds.get(e.kind), nodes, seed)]


def _lines(element: Node | Link, kind: Kind, nodes: Mapping[str, Node], seed: int) -> Iterator[str]:
    if kind.placeholder:
        return
    for name, value in element.parameters.items():
        if not isinstance(value, Distribution):
            continue
        if isinstance(element, Node):
            label, n, definite = element.label, element.size, True
        else:
            pre, post = nodes[element.pre], nodes[element.post]
            label = f"{pre.label} -> {post.label} ({element.kind})"
            n, definite = _values_of(element, kind, name, pre.size, post.size)
        found = _outside(value, kind.parameter(name), element.id, n, seed)
        if found:
            yield _sentence(label, kind.parameter(name), value, found, n, definite)


def _values_of(link: Link, kind: Kind, name: str, n_pre: int, n_post: int) -> tuple[int, bool]:
    """Return how many values a parameter of a link has, and whether that is more than a guess."""
    spikes = isinstance(kind, SynapseKind) and kind.carries == "spikes"
    if spikes and name not in PER_SYNAPSE:
        return n_post, True
    all_of_others = link.rule.name == "all_to_all" and link.pre != link.post
    expected = max(1, round(expected_synapses(link.rule, n_pre, n_post)))
    return expected, all_of_others or link.rule.name in DEFINITE


def _outside(
    value: Distribution, parameter: Parameter, element_id: str, n: int, seed: int
) -> float:
    """Return which part of the values is brought back into the range, as far as is counted."""
    below = value.second <= parameter.maximum
    if value.form == "uniform" and _inside(value.first, parameter) and below:
        return 0.0
    if value.form == "lognormal" and parameter.maximum == math.inf and parameter.minimum <= 0:
        return 0.0
    counted = min(n, COUNTED)
    return draw(value, parameter, element_id, counted, seed)[1] / counted


def _inside(lowest: float, parameter: Parameter) -> bool:
    return lowest > parameter.minimum if parameter.strict else lowest >= parameter.minimum


def _sentence(
    label: str, parameter: Parameter, value: Distribution, part: float, n: int, definite: bool
) -> str:
    many = (
        f"{round(part * n)} of {n}"
        if definite and n <= COUNTED
        else f"about {100 * part:.2g} % of all"
    )
    how = "drawn again" if parameter.strict else "clipped"
    text = value.text(parameter.unit)
    return (
        f"{label}: {many} values of {parameter.name} = {text} are {how}; "
        f"it must be {parameter.allowed()}"
    )
