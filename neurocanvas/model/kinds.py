"""Kinds: what a neuron, synapse or source is, declared once as the text of its equations.

Everything else follows from a declaration: kernel, palette entry, inspector, recordable variables,
reference solution, file format, documentation page and the generic tests.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

from neurocanvas.errors import CircuitError, EquationError
from neurocanvas.model import algebra
from neurocanvas.model import equations as eq
from neurocanvas.model.expressions import Expr, names
from neurocanvas.model.parameters import Column, Parameter, Text, Variable
from neurocanvas.model.quantity import DIMENSIONLESS, to_coherent

__all__ = [
    "Column",
    "Kind",
    "NeuronKind",
    "Parameter",
    "Registry",
    "SourceKind",
    "SynapseKind",
    "Text",
    "Variable",
]

EVENT_FORMS = ("poisson", "count", "listed")
SERIES = "k"
"""Counts the members of a series of breakpoints."""
LARGEST_DRIVE = 1e9
"""More than any neuron takes, in pA."""
EVERYTHING = frozenset({"spikes", "current", "rate", "v", "command"})
"""What links of a kind that is not known may have carried."""


_WHILE_IT_RUNS = (
    "threshold", "reset", "refractory", "update", "interval", "events", "on_spike",
)  # fmt: skip
"""Fields of declarations, beside the equations, whose text is carried out in a step."""


@dataclass(frozen=True)
class Kind:
    """What all kinds declare.

    Attributes:
        name: Identifier in files and on the command line, ``"hodgkin_huxley"``.
        title: As shown in the palette.
        symbol: One to three letters drawn on the canvas.
        doc: What it is, in a sentence or a few.
        source: The paper, with page or figure, and where the declaration deviates from it.
        parameters: What people may set.
        equations: The text; see ``model.equations``.
        variables: Units and words for state variables and definitions.
        initial: State variable -> expression of its value at the start (0 where missing).
        hint: A short grey word in the palette, such as a year.
        glyph: An SVG path in a box of 24 by 24 for the palette and the canvas.
        placeholder: It stands for a kind of a file that this program does not know: shown and
            saved as it came, but never simulated.
        presets: Published sets of values: title -> parameter values.
        group: Kinds with the same group are forms of one thing, such as the transfer functions of
            a rate unit: one entry in the palette, a choice in the inspector.
        variant: Which form this is: ``"rectifier"``.
        texts: Expressions that people may set; each is a definition of its name.
        data: Lists of numbers that people may give.
        extras: Keys of a file that this version does not know; they survive a round trip.
    """

    family: ClassVar[str] = ""
    inputs: ClassVar[tuple[str, ...]] = ("t",)

    name: str
    title: str
    symbol: str
    doc: str
    source: str
    parameters: tuple[Parameter, ...]
    equations: str
    variables: tuple[Variable, ...] = ()
    initial: Mapping[str, str] = field(default_factory=dict)
    hint: str = ""
    glyph: str = ""
    placeholder: bool = False
    presets: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    group: str = ""
    variant: str = ""
    texts: tuple[Text, ...] = ()
    data: tuple[Column, ...] = ()
    extras: Mapping[str, object] = field(default_factory=dict)

    @cached_property
    def system(self) -> eq.EquationSystem:
        """The parsed equations (computed once)."""
        return eq.parse_system(self._equations(), self.known_names, self.name)

    def _equations(self) -> str:
        """The text with a definition for every expression that people may set."""
        lines = [f"{text.name} = {text.default}" for text in self.texts if not text.choices]
        return "\n".join([self.equations, *lines])

    def with_texts(self, texts: Mapping[str, str]) -> Kind:
        """Return this kind with other expressions.

        Args:
            texts: Name -> text; those that are missing keep their default.
        """
        if not texts:
            return self
        changed = tuple(replace(t, default=texts.get(t.name, t.default)) for t in self.texts)
        return replace(self, texts=changed)

    @cached_property
    def known_names(self) -> frozenset[str]:
        """Names that equations may use without defining them."""
        return frozenset(p.name for p in self.parameters) | frozenset(self.inputs)

    @cached_property
    def all_names(self) -> frozenset[str]:
        """Names that spike statements may use."""
        return self.known_names | self.system.derivatives.keys() | self.system.definitions.keys()

    @cached_property
    def initial_values(self) -> dict[str, Expr]:
        """State variable -> expression of its value at the start."""
        for name in self.initial.keys() - set(self.system.states):
            raise self.refused(f"initial {name}: {name} is no state variable")
        found = {}
        for state in self.system.states:
            found[state] = eq.parse_part(self.initial.get(state, "0"), self.name)
            unknown = names(found[state]) - self.all_names
            if unknown:
                raise self.refused(f"initial {state}: unknown name {min(unknown)!r}")
        return found

    def refused(self, reason: str) -> EquationError:
        """Return an error about this declaration as a whole."""
        return EquationError(reason, 1, 1, self.name)

    def check(self) -> None:
        """Read every text of the declaration; for kinds that come from outside.

        Raises:
            EquationError: With the first thing that is wrong.
        """
        _ = self.system, self.initial_values

    def parameter(self, name: str) -> Parameter:
        """Return the declaration of a parameter.

        Raises:
            CircuitError: There is none of that name.
        """
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        known = ", ".join(p.name for p in self.parameters) or "none"
        raise CircuitError(f"{self.title} has no parameter {name!r}; it has {known}")

    def defaults(self) -> dict[str, float]:
        """Return all parameters with their default values."""
        return {p.name: p.default for p in self.parameters}

    @cached_property
    def coherent_defaults(self) -> dict[str, float]:
        """All parameters with their default values in coherent units."""
        return {p.name: to_coherent(p.default, p.unit) for p in self.parameters}

    @cached_property
    def moving_parameters(self) -> frozenset[str]:
        """Parameters that matter after the start: not those of initial values alone."""
        texts = [self._equations(), *(getattr(self, name, "") for name in _WHILE_IT_RUNS)]
        used = set(re.findall(r"\w+", " ".join(texts)))
        return frozenset(p.name for p in self.parameters if p.name in used)

    @cached_property
    def recordable(self) -> dict[str, Variable]:
        """All that can be recorded, by name: state variables first, then definitions."""
        declared = {v.name: v for v in self.variables}
        found = (*self.system.states, *self.system.definitions)
        return {n: declared.get(n, Variable(n, DIMENSIONLESS, "")) for n in found}


@dataclass(frozen=True)
class NeuronKind(Kind):
    """A kind of neuron. Its equations may use ``I``, the sum of all currents that flow in (pA).

    Attributes:
        threshold: The spike condition, ``"v > V_th"``. Without a reset, a spike is the upward
            crossing; with one, it happens whenever the condition holds.
        reset: What a spike changes: ``"v = V_reset"``.
        refractory: Parameter holding for how long (ms) ``v`` stays where the reset put it.
        main: The variable that is shown first (the membrane potential).
        output: The variable that links between rate units carry; empty for a kind that spikes.
        accepts: What ``I`` is: ``"current"`` (pA), or ``"rate"`` (a plain number).
        update: Assignments carried out after every step: a unit without dynamics.
        interval: Parameter holding how often (ms) the update is carried out instead.
        drive: Constant current (pA) that makes it fire again and again with its default values:
            what a source begins with where it is connected to it; 0 where that is not known.
    """

    family: ClassVar[str] = "neuron"
    inputs: ClassVar[tuple[str, ...]] = ("t", "I", "xi")

    threshold: str = ""
    reset: str = ""
    refractory: str = ""
    main: str = "v"
    output: str = ""
    accepts: str = "current"
    update: str = ""
    interval: str = ""
    drive: float = 0.0

    @cached_property
    def spike_condition(self) -> eq.Threshold | None:
        """The parsed threshold, or None for a kind that never spikes."""
        if not self.threshold:
            return None
        return eq.parse_threshold(self.threshold, self.system.states, self.all_names, self.name)

    def check(self) -> None:
        """Read every text of the declaration; see ``Kind.check``."""
        super().check()
        _ = self.spike_condition, self.reset_statements, self.update_statements
        if self.output and self.output not in self.recordable:
            raise self.refused(f"output: {self.output!r} is no variable")
        if self.interval and self.interval not in self.defaults():
            raise self.refused(f"interval: {self.interval!r} is no parameter")
        if self.refractory and self.refractory not in self.defaults():
            raise self.refused(f"refractory: {self.refractory!r} is no parameter")
        if self.main not in self.recordable:
            raise self.refused(f"main: {self.main!r} is no variable")
        if not abs(self.drive) < LARGEST_DRIVE:
            raise self.refused(f"drive: {self.drive:g} pA is no current that a neuron could take")

    @cached_property
    def reset_statements(self) -> list[eq.Statement]:
        """The parsed reset."""
        return eq.parse_assignments(self.reset, self.system.states, self.all_names, self.name)

    @cached_property
    def update_statements(self) -> list[eq.Statement]:
        """The parsed update."""
        return eq.parse_assignments(self.update, self.system.states, self.all_names, self.name)

    @property
    def emits(self) -> frozenset[str]:
        """What others may receive from it: ``"spikes"``, ``"rate"``, ``"v"``."""
        if self.placeholder:
            return EVERYTHING
        found = {"v"} if self.accepts == "current" else set()
        if self.threshold:
            found.add("spikes")
        if self.output:
            found.add("rate")
        return frozenset(found)


@dataclass(frozen=True)
class SynapseKind(Kind):
    """A kind of link.

    Its equations may use ``v``, the membrane potential of the target, and what it takes from its
    source: ``arrived``, the weights of the spikes that arrive in this step, or ``out``, the present
    output of the source. They define ``I``, the current into the target (pA, or a plain number for
    rate units). An ``I`` that is linear in ``v`` enters as a conductance, so integrators treat it
    implicitly. What lasts one time step, as a delta pulse does, may use its length ``dt`` (ms).

    Attributes:
        sign: +1 excitatory (arrow head), -1 inhibitory (bar), 0 neither.
        on_spike: What a spike that arrives changes: ``"g += weight"``.
        carries: What it takes from its source: ``"spikes"``, ``"current"``, ``"rate"``, ``"v"``
            (its membrane potential) or ``"command"`` (the potential a clamp wants).
        gives: What its target must accept: ``"current"`` or ``"rate"``; or ``"modulation"``, with
            ``M`` defined instead of ``I``: the part by which it raises a parameter of the target.
        symmetric: It acts both ways, as a gap junction does.
    """

    family: ClassVar[str] = "synapse"

    sign: int = 1
    on_spike: str = ""
    carries: str = "spikes"
    gives: str = "current"
    symmetric: bool = False

    @cached_property
    def known_names(self) -> frozenset[str]:
        """Parameters and inputs."""
        extra = {"v", "dt", "arrived" if self.carries == "spikes" else "out"}
        return frozenset(p.name for p in self.parameters) | frozenset(self.inputs) | extra

    def check(self) -> None:
        """Read every text of the declaration; see ``Kind.check``."""
        super().check()
        _ = self.spike_statements
        if self.result not in self.system.definitions:
            words = "the current into" if self.result == "I" else "the change of a parameter of"
            raise self.refused(f"a synapse defines {self.result}, {words} its target")

    @property
    def result(self) -> str:
        """Name of what it gives its target: ``I``, or ``M`` for a modulator."""
        return "M" if self.gives == "modulation" else "I"

    @cached_property
    def counts(self) -> bool:
        """Whether spikes arrive as ones: nothing that happens at a spike mentions ``weight``."""
        used = {n for s in self.spike_statements for n in names(s.expr)}
        if any("arrived" in names(e) for e in self.system.definitions.values()):
            return False
        return "weight" not in used

    @cached_property
    def spike_statements(self) -> list[eq.Statement]:
        """The parsed effect of a spike."""
        return eq.parse_assignments(self.on_spike, self.system.states, self.all_names, self.name)


@dataclass(frozen=True)
class SourceKind(Kind):
    """A kind of source: a current ``I(t)`` (pA), or a train of spikes.

    Attributes:
        events: How spikes come about; if empty, the equations define the output. One of
            ``"poisson(rate)"``, random with an expression for the rate (per ms);
            ``"count(n)"``, at each time at which the expression n passes a whole number upward;
            ``"listed(times)"``, at the times in a column of data.
        breakpoints: Expressions of parameters for the times (ms) at which the output jumps, for
            the reference solver; one with ``k`` stands for a series, k = 0, 1, 2 and so on:
            ``"start + k*period"``.
        output: Name of the definition that goes out.
        gives: What that is: ``"current"``, or ``"command"`` for a voltage clamp.
        table: ``(times, values)``, columns of data of which ``sample`` is the interpolated value.
    """

    family: ClassVar[str] = "source"
    inputs: ClassVar[tuple[str, ...]] = ("t", "xi")

    events: str = ""
    breakpoints: tuple[str, ...] = ()
    output: str = "I"
    gives: str = "current"
    table: tuple[str, ...] = ()

    @cached_property
    def known_names(self) -> frozenset[str]:
        """Parameters and inputs; ``sample`` where there is a table."""
        extra = {"sample"} if self.table else set()
        return frozenset(p.name for p in self.parameters) | frozenset(self.inputs) | extra

    @property
    def emits(self) -> frozenset[str]:
        """What others may receive from it."""
        return EVERYTHING if self.placeholder else frozenset({self.event_form or self.gives})

    @property
    def event_form(self) -> str:
        """``"spikes"`` for a source of spikes, else empty."""
        return "spikes" if self.events else ""

    @cached_property
    def event_rule(self) -> tuple[str, Expr] | None:
        """How spikes come about, such as ``("poisson", rate)``; None for a source of current."""
        if not self.events:
            return None
        form, _, inside = self.events.partition("(")
        if form not in EVENT_FORMS or not inside.endswith(")"):
            known = ", ".join(EVENT_FORMS)
            raise self.refused(f"events are one of {known}, as poisson(rate)")
        expr = eq.parse_part(inside[:-1], self.name, len(form) + 2)
        allowed = {c.name for c in self.data} if form == "listed" else self.all_names
        unknown = names(expr) - allowed
        if unknown:
            raise self.refused(f"events: unknown name {min(unknown)!r}")
        return form, expr

    @property
    def event_rate(self) -> Expr | None:
        """The rate of Poisson events (per ms), or None for any other source."""
        rule = self.event_rule
        return rule[1] if rule is not None and rule[0] == "poisson" else None

    @cached_property
    def breakpoint_series(self) -> tuple[tuple[Expr, Expr], ...]:
        """The parsed breakpoints as (distance, first): the times are first + k*distance."""
        known = {p.name for p in self.parameters} | {SERIES}
        found = []
        for text in self.breakpoints:
            expr = eq.parse_part(text, self.name)
            unknown = names(expr) - known
            if unknown:
                raise self.refused(f"breakpoints: {min(unknown)!r} is no parameter")
            series = algebra.linear_in(expr, SERIES)
            if series is None:
                raise self.refused(f"breakpoints: {text} is not linear in {SERIES}")
            found.append(series)
        return tuple(found)

    def jumps(self, values: Mapping[str, float], until_ms: float) -> list[float]:
        """Return the times at which the output jumps, sorted, from 0 up to a time.

        Args:
            values: All parameters in coherent units.
            until_ms: Where to stop.
        """
        found = set()
        for distance, first in self.breakpoint_series:
            time, step = algebra.number(first, values), algebra.number(distance, values)
            count = (until_ms - time) / step if step > 0 else 0.0
            found |= {time + k * step for k in range(math.floor(max(count, 0.0)) + 1)}
        return sorted(time for time in found if 0 <= time <= until_ms)

    def check(self) -> None:
        """Read every text of the declaration; see ``Kind.check``."""
        super().check()
        if self.event_rule is None and self.output not in self.system.definitions:
            raise self.refused(f"a source defines {self.output}, its output, or has events")
        if self.event_rule is not None and self.system.states:
            state = next(iter(self.system.states))
            raise self.refused(f"d{state}/dt: a source of spikes has no differential equations")
        _ = self.breakpoint_series


class Registry:
    """The kinds that a circuit may use, by name; iterates in the order added."""

    def __init__(self, kinds: Iterable[Kind] = ()) -> None:
        self._kinds: dict[str, Kind] = {}
        for kind in kinds:
            self.add(kind)

    def add(self, kind: Kind) -> None:
        """Add a kind.

        Raises:
            CircuitError: The name is taken.
        """
        if kind.name in self._kinds:
            raise CircuitError(f"a kind named {kind.name!r} exists already")
        self._kinds[kind.name] = kind

    def get(self, name: str) -> Kind:
        """Return the kind of this name.

        Raises:
            CircuitError: There is none.
        """
        if name not in self._kinds:
            raise CircuitError(f"no kind is named {name!r}; known are {', '.join(self._kinds)}")
        return self._kinds[name]

    def __contains__(self, name: object) -> bool:
        return name in self._kinds

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._kinds.values())

    def __len__(self) -> int:
        return len(self._kinds)
