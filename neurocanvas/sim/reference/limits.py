"""Which circuits have no reference solution, and why: said in words instead of solved wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from neurocanvas.errors import SimulationError
from neurocanvas.model import forms
from neurocanvas.model.expressions import Name, names
from neurocanvas.model.forms import dependencies
from neurocanvas.model.kinds import NeuronKind, SourceKind, SynapseKind
from neurocanvas.sim import integrators
from neurocanvas.sim.reference.groups import Group
from neurocanvas.sim.reference.parts import Layout, Projection


def check_solvable(layout: Layout) -> None:
    """Refuse a circuit with parts that only the engine carries out.

    Raises:
        SimulationError: Naming the first such element and what it is about it.
    """
    for group in layout.groups:
        for reason in _reasons(group, layout):
            raise _refused(group.members[0].label, reason)
    for way in (way for ways in layout.projections.values() for way in ways):
        for reason in _of_plasticity(way):
            member = layout.synapses[way.group].member(way.link)
            raise _refused(member.label if member is not None else way.link, reason)


def _refused(label: str, reason: str) -> SimulationError:
    return SimulationError(f"{label} has no reference solution: {reason}")


def _reasons(group: Group, layout: Layout) -> Iterator[str]:
    match group.kind:
        case NeuronKind():
            yield from _of_neuron(group)
        case SynapseKind():
            yield from _of_synapse(group, layout)
        case SourceKind():
            yield from _of_source(group)


def _of_neuron(group: Group) -> Iterator[str]:
    kind = cast(NeuronKind, group.kind)
    if kind.output and "I" in dependencies(Name(kind.output), kind.system):
        yield "what it sends depends on what it receives at the same moment"
    if kind.interval in group.raised:
        yield "the interval of its updates is modulated"


def _of_synapse(group: Group, layout: Layout) -> Iterator[str]:
    kind = cast(SynapseKind, group.kind)
    if any("arrived" in names(statement.expr) for statement in kind.spike_statements):
        yield "what a spike changes depends on the spikes that arrive with it"
    if kind.gives == "modulation" and kind.carries == "rate":
        sent = [dependencies(g.output, g.system) & g.raised.keys() for g in layout.neurons]
        if any(sent):
            yield "it follows rates that modulation changes"


def _of_source(group: Group) -> Iterator[str]:
    kind = cast(SourceKind, group.kind)
    rule = kind.event_rule
    if rule is not None and dependencies(rule[1], kind.system) & {*kind.system.states, "xi"}:
        yield "when its spikes come depends on variables of its own"


def _of_plasticity(way: Projection) -> Iterator[str]:
    for feature in (way.release, way.learning):
        if feature is None:
            continue
        plan = integrators.plan(feature.kind)
        constant = all(
            forms.is_constant(expr, feature.kind)
            for update in plan.updates
            for expr in (update.slope, update.offset)
        )
        states = feature.kind.system.states
        if len(plan.updates) != len(states) or not constant:
            yield f"the traces of {feature.kind.title} do not decay each by itself"
