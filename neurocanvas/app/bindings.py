"""What a row of the inspector reads and writes: one value of one or several elements."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from neurocanvas.app.session import Session
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.distributions import typical
from neurocanvas.model.edits import Compound, Edit, SetLink, SetParameter, SetSettings, SetSize
from neurocanvas.model.elements import Link
from neurocanvas.model.kinds import Parameter
from neurocanvas.model.projections import RULES, Rule, make_rule
from neurocanvas.model.quantity import format_quantity
from neurocanvas.model.rules import MAX_SIZE


@dataclass(frozen=True)
class Binding:
    """A value that can be shown and changed.

    Attributes:
        parameter: Its declaration: title, unit, default, range.
        read: Returns the value of each element it belongs to, in the parameter's unit.
        edit: Returns the edit that gives all of them a value; None means the default.
        owner: Label of the element, for messages.
        whole: Whether only whole numbers make sense.
        resettable: Whether the default is something to go back to.
    """

    parameter: Parameter
    read: Callable[[], Sequence[float]]
    edit: Callable[[float | None], Edit]
    owner: str = ""
    whole: bool = False
    resettable: bool = True

    def value(self) -> float:
        """Return the common value, NaN if they differ."""
        values = list(self.read())
        return values[0] if values and all(v == values[0] for v in values) else math.nan

    def text(self) -> str:
        """Return the common value as shown, ``"mixed"`` if they differ."""
        value = self.value()
        if math.isnan(value):
            return "mixed"
        if self.whole:
            return f"{value:.0f}"
        return format_quantity(value, self.parameter.unit)

    def changed(self) -> bool:
        """Whether any of the values differs from the default."""
        return self.resettable and any(v != self.parameter.default for v in self.read())


def parameters(session: Session, ids: tuple[str, ...]) -> list[Binding]:
    """Return a binding for each parameter of elements that are all of one kind."""
    circuit = session.circuit
    owner = circuit.label_of(ids[0]) if len(ids) == 1 else ""
    return [_parameter(circuit, ids, p, owner) for p in circuit.kind_of(ids[0]).parameters]


def _parameter(circuit: Circuit, ids: tuple[str, ...], parameter: Parameter, owner: str) -> Binding:
    def read() -> list[float]:
        stored = [circuit.element(i).parameters for i in ids if i in circuit]
        return [typical(values.get(parameter.name, parameter.default)) for values in stored]

    def edit(value: float | None) -> Edit:
        number = None if value == parameter.default else value
        return _together([SetParameter(i, parameter.name, number) for i in ids])

    return Binding(parameter, read, edit, owner)


def _together(edits: list[SetParameter] | list[SetSize] | list[SetLink]) -> Edit:
    return edits[0] if len(edits) == 1 else Compound(tuple(edits), edits[0].text)


SIZE = Parameter(
    "size", 1.0, "1", "How many neurons the node stands for; each its own, all alike.", "Size",
    minimum=1.0, maximum=float(MAX_SIZE), slider=(1.0, 1000.0),
)  # fmt: skip


def size(session: Session, ids: tuple[str, ...]) -> Binding:
    """Return the binding of the size of nodes."""
    circuit = session.circuit

    def read() -> list[float]:
        return [float(circuit.node(i).size) for i in ids if i in circuit]

    def edit(value: float | None) -> Edit:
        return _together([SetSize(i, 1 if value is None else round(value)) for i in ids])

    owner = circuit.label_of(ids[0]) if len(ids) == 1 else ""
    return Binding(SIZE, read, edit, owner, whole=True)


def rule_parameters(session: Session, ids: tuple[str, ...]) -> list[Binding]:
    """Return a binding for each parameter of the connection rule that links share."""
    circuit = session.circuit
    rules = {circuit.link(i).rule.name for i in ids}
    if len(rules) != 1:
        return []
    return [_rule_parameter(circuit, ids, p) for p in RULES[rules.pop()].parameters]


def _rule_parameter(circuit: Circuit, ids: tuple[str, ...], parameter: Parameter) -> Binding:
    def read() -> list[float]:
        found = [circuit.link(i).rule for i in ids if i in circuit]
        return [r.values.get(parameter.name, parameter.default) for r in found]

    def edit(value: float | None) -> Edit:
        return _together([_with_rule_value(circuit.link(i), parameter, value) for i in ids])

    whole = parameter.unit == "1" and float(parameter.default).is_integer()
    return Binding(parameter, read, edit, "", whole=whole)


def _with_rule_value(link: Link, parameter: Parameter, value: float | None) -> SetLink:
    values = {k: v for k, v in link.rule.values.items() if k != parameter.name}
    if value is not None and value != parameter.default:
        values[parameter.name] = value
    return with_rule(link, make_rule(link.rule.name, values, link.rule.self_links))


def with_rule(link: Link, rule: Rule) -> SetLink:
    """Return the edit that gives a link another connection rule."""
    return SetLink(link.id, link.kind, rule, link.parameters)


DT = Parameter(
    "dt", 0.025, "ms", "Time step of the simulation: shorter is more exact and slower.",
    "Time step", minimum=1e-4, maximum=10.0, slider=(0.005, 1.0),
)  # fmt: skip
SEED = Parameter(
    "seed", 1.0, "1", "Number that all random draws follow from; the same seed, the same spikes.",
    "Random seed", minimum=0.0, maximum=2.0**53, slider=(1.0, 100.0),
)  # fmt: skip
SPEED = Parameter(
    "speed", 20.0, "ms", "Model time that one second on the wall shows; 0 is as fast as it can.",
    "Speed, per second", minimum=0.0, slider=(1.0, 1000.0),
)  # fmt: skip
DURATION = Parameter(
    "duration", 500.0, "ms", "Model time of a run without a window, if nothing else is asked for.",
    "Duration of a run", minimum=0.0, strict=True, slider=(10.0, 10_000.0),
)  # fmt: skip


def settings(session: Session) -> list[Binding]:
    """Return the bindings of the circuit's settings."""
    return [_setting(session, p, p is SEED) for p in (DT, SEED, DURATION)]


def speed(session: Session) -> Binding:
    """Return the binding of how much model time a second on the wall shows."""
    return _setting(session, SPEED, False)


def _setting(session: Session, parameter: Parameter, whole: bool) -> Binding:
    def read() -> list[float]:
        return [float(getattr(session.circuit.settings, parameter.name))]

    def edit(value: float | None) -> Edit:
        number = parameter.default if value is None else value
        change: dict[str, Any] = {parameter.name: round(number) if whole else number}
        return SetSettings(replace(session.circuit.settings, **change))

    return Binding(parameter, read, edit, "", whole=whole, resettable=False)
