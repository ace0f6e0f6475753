"""Kinds of a circuit's own: how one is begun, and how one replaces another while it is in use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from neurocanvas.errors import QuantityError
from neurocanvas.model import forms
from neurocanvas.model.declarations import MAX_TITLE
from neurocanvas.model.distributions import typical
from neurocanvas.model.edits import Compound, SetBench, SetIntegrator, SetOwnKind, SetParameter
from neurocanvas.model.elements import Bench, Link, Node, Probe
from neurocanvas.model.equations import MAX_NAME
from neurocanvas.model.kinds import Kind, NeuronKind, Registry

if TYPE_CHECKING:
    from neurocanvas.model.circuit import Circuit

PREFIX = "own_"
"""Begins the names that are made for own kinds; no kind of the library has it."""


# -- making --------------------------------------------------------------------------------------


def name_for(title: str, taken: Iterable[str]) -> str:
    """Return a name for a kind with this title that is not taken: ``"own_my_neuron"``."""
    words = "_".join(re.findall(r"[a-z0-9]+", title.lower()))[:MAX_NAME].strip("_")
    stem = PREFIX + (words or "kind")
    known = set(taken)
    numbers = (f"{stem}_{number}" for number in range(2, len(known) + 3))
    return next(name for name in (stem, *numbers) if name not in known)


def copy_of(
    kind: NeuronKind, taken: Iterable[str], title: str = "", symbol: str = ""
) -> NeuronKind:
    """Return a kind as the starting point for a kind of one's own.

    Expressions that people could set become plain definitions.

    Args:
        kind: What is copied.
        taken: Names of kinds that the copy can't have.
        title, symbol: What it is called; made from what is copied if empty.
    """
    title = title or f"My {kind.title}"[:MAX_TITLE]
    lines = [line.strip() for line in dedent(kind.equations).strip().splitlines()]
    lines += [f"{text.name} = {text.default}" for text in kind.texts if not text.choices]
    return replace(
        kind,
        name=name_for(title, taken),
        title=title,
        symbol=symbol or kind.symbol,
        hint="",
        source=f"Begun as a copy of {kind.title}: {kind.source}" if kind.source else "",
        equations="\n".join(lines),
        texts=(),
        group="",
        variant="",
    )


# -- replacing -----------------------------------------------------------------------------------


def replacing(circuit: Circuit, kind: Kind) -> Compound:
    """Return the edit that gives a circuit this kind of its own, in the place of an older one.

    Elements of the kind keep their values, but for those of parameters that are gone or have
    another unit, and integrators that the new equations do not allow. Probes on variables that are
    gone move to the first variable.
    """
    old = circuit.own_kinds.get(kind.name)
    bench = circuit.bench
    probes = _moved_probes(circuit, kind) if old else bench.probes
    lost = probes != bench.probes
    steps: list[Any] = [*_dropped_values(circuit, old, kind)] if old else []
    steps += _dropped_methods(circuit, kind)
    if lost:
        steps.append(SetBench(replace(bench, probes=_kept_probes(circuit, kind))))
    steps.append(SetOwnKind(kind.name, kind))
    if lost:
        steps.append(SetBench(replace(bench, probes=probes)))
    return Compound(tuple(steps), "own equations")


def _dropped_values(circuit: Circuit, old: Kind, kind: Kind) -> Iterator[SetParameter]:
    units = {p.name: p.unit for p in kind.parameters}
    before = {p.name: p.unit for p in old.parameters}
    elements: list[Node | Link] = [*circuit.nodes(), *circuit.links()]
    for element in elements:
        if element.kind != kind.name:
            continue
        for name, value in element.parameters.items():
            if units.get(name) != before[name] or not _fits(kind, name, typical(value)):
                yield SetParameter(element.id, name, None)


def _dropped_methods(circuit: Circuit, kind: Kind) -> list[SetIntegrator]:
    """Return the edits that take away integrators which the new equations do not allow."""
    asking = [node for node in circuit.nodes() if node.kind == kind.name and node.integrator]
    known = forms.methods(kind) if asking else ()
    return [SetIntegrator(node.id, "") for node in asking if node.integrator not in known]


def _fits(kind: Kind, name: str, value: float) -> bool:
    try:
        kind.parameter(name).parse(value)
    except QuantityError:
        return False
    return True


def _kept_probes(circuit: Circuit, kind: Kind) -> tuple[Probe, ...]:
    return tuple(p for p in circuit.bench.probes if not _loses(circuit, kind, p))


def _loses(circuit: Circuit, kind: Kind, probe: Probe) -> bool:
    return circuit.node(probe.node).kind == kind.name and probe.variable not in kind.recordable


def _moved_probes(circuit: Circuit, kind: Kind) -> tuple[Probe, ...]:
    """Return all probes, those that lost their variable on the first one; none twice."""
    bench: Bench = circuit.bench
    first = kind.main if isinstance(kind, NeuronKind) else next(iter(kind.recordable), "")
    found: dict[tuple[str, str, int, str], Probe] = {}
    for probe in (*_kept_probes(circuit, kind), *bench.probes):
        moved = replace(probe, variable=first) if _loses(circuit, kind, probe) else probe
        if moved.variable:
            key = (moved.node, moved.variable, moved.index, moved.instrument)
            found.setdefault(key, moved)
    return tuple(sorted(found.values(), key=lambda p: _place(bench, p)))


def _place(bench: Bench, probe: Probe) -> int:
    return next(i for i, p in enumerate(bench.probes) if p.number == probe.number)


def with_kinds(registry: Registry, kinds: Iterable[Kind]) -> Registry:
    """Return a registry of its kinds and these; of two with one name, the new one."""
    merged = {kind.name: kind for kind in registry} | {kind.name: kind for kind in kinds}
    return Registry(merged.values())
