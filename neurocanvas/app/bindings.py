"""What a row of the inspector reads and writes: one value of one or several elements."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from neurocanvas.app.session import Session
from neurocanvas.app.sliders import Scale, SpeedScale
from neurocanvas.errors import QuantityError
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.distributions import Distribution, Value, typical
from neurocanvas.model.edits import (
    Compound,
    Edit,
    SetFeature,
    SetLink,
    SetParameter,
    SetSettings,
    SetSize,
)
from neurocanvas.model.elements import Link
from neurocanvas.model.kinds import Parameter
from neurocanvas.model.plasticity import PlasticityKind
from neurocanvas.model.projections import RULES, Rule, make_rule
from neurocanvas.model.rules import MAX_SIZE

PER_SYNAPSE = ("weight", "delay")
"""Parameters of a link that each synapse has its own of; the others belong to a target neuron."""


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
        drawn: What has a value of its own where a distribution is set, such as ``"neuron"``; empty
            where only numbers are possible.
        scale: Of the slider, where it is another than the parameter's.
    """

    parameter: Parameter
    read: Callable[[], Sequence[Value]]
    edit: Callable[[Value | None], Edit]
    owner: str = ""
    whole: bool = False
    resettable: bool = True
    drawn: str = ""
    scale: Scale | None = None

    def common(self) -> Value | None:
        """Return the common value, None if they differ."""
        values = list(self.read())
        return values[0] if values and all(v == values[0] for v in values) else None

    def value(self) -> float:
        """Return the common value, that of a distribution by its mean; NaN if they differ."""
        common = self.common()
        return math.nan if common is None else typical(common)

    def text(self) -> str:
        """Return the common value as shown, ``"mixed"`` if they differ."""
        value = self.common()
        if value is None:
            return "mixed"
        if self.whole:
            return f"{typical(value):.0f}"
        return self.parameter.show(value)

    def changed(self) -> bool:
        """Whether any of the values differs from the default."""
        return self.resettable and any(v != self.parameter.default for v in self.read())

    def parse(self, text: str) -> Value:
        """Read what was typed.

        Raises:
            QuantityError: It is not possible; the text says what would be.
        """
        if self.drawn:
            return self.parameter.parse_value(text, self.owner)
        number = self.parameter.parse(text, self.owner)
        if self.whole and not number.is_integer():
            raise QuantityError(f"{self.parameter.name} = {text} is no whole number")
        return number

    def around(self, mean: float) -> Value:
        """Return a value for a slider at a place: where there is a distribution, it moves along."""
        before = self.common()
        if self.whole:
            return float(round(mean))
        return moved(before, mean) if isinstance(before, Distribution) else mean


def moved(value: Distribution, mean: float) -> Distribution:
    """Return a distribution of the same form and width about another mean."""
    if value.form != "uniform":
        return replace(value, first=mean)
    shift = mean - value.mean
    return replace(value, first=value.first + shift, second=value.second + shift)


def parameters(session: Session, ids: tuple[str, ...]) -> list[Binding]:
    """Return a binding for each parameter of elements that are all of one kind."""
    circuit = session.circuit
    owner = circuit.label_of(ids[0]) if len(ids) == 1 else ""
    return [_parameter(circuit, ids, p, owner) for p in circuit.kind_of(ids[0]).parameters]


def _parameter(circuit: Circuit, ids: tuple[str, ...], parameter: Parameter, owner: str) -> Binding:
    def read() -> list[Value]:
        stored = [circuit.element(i).parameters for i in ids if i in circuit]
        return [values.get(parameter.name, parameter.default) for values in stored]

    def edit(value: Value | None) -> Edit:
        number = None if value == parameter.default else value
        return together([SetParameter(i, parameter.name, number) for i in ids])

    single = isinstance(circuit.element(ids[0]), Link) and parameter.name in PER_SYNAPSE
    return Binding(parameter, read, edit, owner, drawn="synapse" if single else "neuron")


def together(edits: Sequence[Edit]) -> Edit:
    """Return edits of several elements as one step."""
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

    def edit(value: Value | None) -> Edit:
        return together([SetSize(i, 1 if value is None else round(typical(value))) for i in ids])

    owner = circuit.label_of(ids[0]) if len(ids) == 1 else ""
    return Binding(SIZE, read, edit, owner, whole=True)


def rule_parameters(session: Session, ids: tuple[str, ...]) -> list[Binding]:
    """Return a binding for each parameter of the connection rule that links share."""
    circuit = session.circuit
    rules = {circuit.link(i).rule.name for i in ids}
    if len(rules) != 1:
        return []
    rule = RULES[rules.pop()]
    return [_rule_parameter(circuit, ids, p, p.name in rule.whole) for p in rule.parameters]


def _rule_parameter(
    circuit: Circuit, ids: tuple[str, ...], parameter: Parameter, whole: bool
) -> Binding:
    def read() -> list[float]:
        found = [circuit.link(i).rule for i in ids if i in circuit]
        return [r.values.get(parameter.name, parameter.default) for r in found]

    def edit(value: Value | None) -> Edit:
        number = None if value is None else typical(value)
        return together([_with_rule_value(circuit.link(i), parameter, number) for i in ids])

    return Binding(parameter, read, edit, "", whole=whole)


def _with_rule_value(link: Link, parameter: Parameter, value: float | None) -> SetLink:
    values = {k: v for k, v in link.rule.values.items() if k != parameter.name}
    if value is not None and value != parameter.default:
        values[parameter.name] = value
    rule = make_rule(link.rule.name, values, link.rule.self_links)
    return with_rule(link, replace(rule, extras=link.rule.extras))


def with_rule(link: Link, rule: Rule) -> SetLink:
    """Return the edit that gives a link another connection rule."""
    return SetLink(link.id, link.kind, rule, link.parameters)


def feature_parameters(
    session: Session, ids: tuple[str, ...], feature: PlasticityKind
) -> list[Binding]:
    """Return a binding for each parameter of a plasticity that links carry."""
    circuit = session.circuit
    owner = f"{circuit.label_of(ids[0])}: {feature.name}" if len(ids) == 1 else feature.name
    return [_feature_parameter(circuit, ids, feature.name, p, owner) for p in feature.parameters]


def _feature_parameter(
    circuit: Circuit, ids: tuple[str, ...], feature: str, parameter: Parameter, owner: str
) -> Binding:
    def read() -> list[float]:
        carried = [circuit.link(i).features.get(feature, {}) for i in ids if i in circuit]
        return [values.get(parameter.name, parameter.default) for values in carried]

    def edit(value: Value | None) -> Edit:
        return together([_with_feature_value(circuit.link(i), feature, parameter, value)
                         for i in ids])  # fmt: skip

    return Binding(parameter, read, edit, owner)


def _with_feature_value(
    link: Link, feature: str, parameter: Parameter, value: Value | None
) -> SetFeature:
    before = link.features.get(feature, {})
    values = {k: v for k, v in before.items() if k != parameter.name}
    if value is not None and value != parameter.default:
        values[parameter.name] = typical(value)
    return SetFeature(link.id, feature, values)


DT = Parameter(
    "dt", 0.025, "ms", "Time step of the simulation: shorter is more exact and slower.",
    "Time step", minimum=1e-4, maximum=10.0, slider=(0.005, 1.0),
)  # fmt: skip
SEED = Parameter(
    "seed", 1.0, "1", "Number that all random draws follow from; the same seed, the same spikes.",
    "Random seed", minimum=0.0, maximum=2.0**53, slider=(1.0, 100.0),
)  # fmt: skip
SPEED = Parameter(
    "speed", 20.0, "ms", "Model time that one second on the wall shows; free is as fast as it can.",
    "Speed, per second", minimum=0.0, slider=(1.0, 1000.0), word=("free", SpeedScale.FREE),
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
    return replace(_setting(session, SPEED, False), scale=SpeedScale())


def _setting(session: Session, parameter: Parameter, whole: bool) -> Binding:
    def read() -> list[float]:
        return [float(getattr(session.circuit.settings, parameter.name))]

    def edit(value: Value | None) -> Edit:
        number = parameter.default if value is None else typical(value)
        change: dict[str, Any] = {parameter.name: round(number) if whole else number}
        return SetSettings(replace(session.circuit.settings, **change))

    return Binding(parameter, read, edit, "", whole=whole, resettable=False)
