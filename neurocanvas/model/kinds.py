"""Kinds: what a neuron, synapse or source is, declared once as the text of its equations.

Everything else follows from a declaration: kernel, palette entry, inspector, recordable variables,
reference solution, file format, documentation page and the generic tests.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from neurocanvas.errors import CircuitError, EquationError, QuantityError
from neurocanvas.model import equations as eq
from neurocanvas.model.expressions import Expr, names
from neurocanvas.model.quantity import DIMENSIONLESS, parse_quantity, to_text


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that people may set.

    Attributes:
        name: As in the equations.
        default: In ``unit``.
        unit: Symbol of the unit, ``"1"`` for a plain number.
        doc: One sentence: what it does.
        title: As shown in the inspector; the name if empty.
        minimum, maximum: What is possible at all; outside, a value is refused.
        strict: The minimum itself is refused too.
        slider: What the slider spans; typed values may go beyond.
    """

    name: str
    default: float
    unit: str
    doc: str
    title: str = ""
    minimum: float = -math.inf
    maximum: float = math.inf
    strict: bool = False
    slider: tuple[float, float] | None = None

    def parse(self, value: object, owner: str = "") -> float:
        """Read a number or text such as ``"0.3nA"`` and check its range.

        Args:
            value: A number in ``unit``, or text.
            owner: Label of the element, for messages.

        Raises:
            QuantityError: No number, wrong unit or out of range.
        """
        what = f"{owner}: {self.name}" if owner else self.name
        number = parse_quantity(value, self.unit, what)
        low = number < self.minimum or (self.strict and number == self.minimum)
        if low or number > self.maximum:
            shown = value if isinstance(value, str) else to_text(number, self.unit)
            raise QuantityError(f"{what} = {shown} is not possible; it must be {self.allowed()}")
        return number

    def allowed(self) -> str:
        """Say in words which values are possible: ``"above 0 pF"``."""
        parts = []
        if self.minimum > -math.inf:
            word = "above" if self.strict else "at least"
            parts.append(f"{word} {to_text(self.minimum, self.unit)}")
        if self.maximum < math.inf:
            parts.append(f"at most {to_text(self.maximum, self.unit)}")
        return " and ".join(parts) or f"a number in {self.unit}"

    def slider_range(self) -> tuple[float, float]:
        """Return what the slider spans: as declared, or around the default."""
        if self.slider is not None:
            return self.slider
        reach = abs(self.default) or 1.0
        low, high = self.default - reach, self.default + 2 * reach
        return max(low, self.minimum), min(high, self.maximum)


@dataclass(frozen=True, slots=True)
class Variable:
    """A state variable or definition that can be recorded."""

    name: str
    unit: str
    doc: str


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

    @cached_property
    def system(self) -> eq.EquationSystem:
        """The parsed equations (computed once)."""
        return eq.parse_system(self.equations, self.known_names, self.name)

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
    """

    family: ClassVar[str] = "neuron"
    inputs: ClassVar[tuple[str, ...]] = ("t", "I")

    threshold: str = ""
    reset: str = ""
    refractory: str = ""
    main: str = "v"

    @cached_property
    def spike_condition(self) -> eq.Threshold | None:
        """The parsed threshold, or None for a kind that never spikes."""
        if not self.threshold:
            return None
        return eq.parse_threshold(self.threshold, self.system.states, self.all_names, self.name)

    def check(self) -> None:
        """Read every text of the declaration; see ``Kind.check``."""
        super().check()
        _ = self.spike_condition, self.reset_statements
        if self.refractory and self.refractory not in self.defaults():
            raise self.refused(f"refractory: {self.refractory!r} is no parameter")
        if self.main not in self.recordable:
            raise self.refused(f"main: {self.main!r} is no variable")

    @cached_property
    def reset_statements(self) -> list[eq.Statement]:
        """The parsed reset."""
        return eq.parse_assignments(self.reset, self.system.states, self.all_names, self.name)

    @property
    def emits(self) -> frozenset[str]:
        """What others may receive from it."""
        if self.placeholder:
            return frozenset({"spikes", "current"})
        return frozenset({"spikes"}) if self.threshold else frozenset()


@dataclass(frozen=True)
class SynapseKind(Kind):
    """A kind of link.

    Its equations may use ``v``, the membrane potential of the target, and (where ``carries`` is
    ``"current"``) ``out``, the output of the source; they define ``I``, the current into the
    target (pA). An ``I`` that is linear in ``v`` enters as a conductance, so integrators treat it
    implicitly.

    Attributes:
        sign: +1 excitatory (arrow head), -1 inhibitory (bar), 0 neither.
        on_spike: What a spike that arrives changes: ``"g += weight"``.
        carries: What it takes from its source: ``"spikes"`` or ``"current"``.
    """

    family: ClassVar[str] = "synapse"

    sign: int = 1
    on_spike: str = ""
    carries: str = "spikes"

    @cached_property
    def known_names(self) -> frozenset[str]:
        """Parameters and inputs; ``out`` only where the link carries a current."""
        extra = {"v"} if self.carries == "spikes" else {"v", "out"}
        return frozenset(p.name for p in self.parameters) | frozenset(self.inputs) | extra

    def check(self) -> None:
        """Read every text of the declaration; see ``Kind.check``."""
        super().check()
        _ = self.spike_statements
        if "I" not in self.system.definitions:
            raise self.refused("a synapse defines I, the current into its target")

    @cached_property
    def spike_statements(self) -> list[eq.Statement]:
        """The parsed effect of a spike."""
        return eq.parse_assignments(self.on_spike, self.system.states, self.all_names, self.name)


@dataclass(frozen=True)
class SourceKind(Kind):
    """A kind of source: a current ``I(t)`` (pA), or a train of spikes.

    Attributes:
        events: How spikes are drawn, ``"poisson(rate)"`` with an expression inside; if empty, the
            equations define the output current ``I``.
        breakpoints: Parameters (ms) at which the output jumps, for the reference solver.
    """

    family: ClassVar[str] = "source"

    events: str = ""
    breakpoints: tuple[str, ...] = ()

    @property
    def emits(self) -> frozenset[str]:
        """What others may receive from it."""
        return frozenset({"spikes"}) if self.events else frozenset({"current"})

    @cached_property
    def event_rate(self) -> Expr | None:
        """The rate of Poisson events (per ms), or None for a source of current."""
        if not self.events:
            return None
        if not (self.events.startswith("poisson(") and self.events.endswith(")")):
            raise self.refused("events have the form poisson(rate)")
        rate = eq.parse_part(self.events[len("poisson(") : -1], self.name, len("poisson(") + 1)
        unknown = names(rate) - self.all_names
        if unknown:
            raise self.refused(f"events: unknown name {min(unknown)!r}")
        return rate

    def check(self) -> None:
        """Read every text of the declaration; see ``Kind.check``."""
        super().check()
        if self.event_rate is None and "I" not in self.system.definitions:
            raise self.refused("a source defines I, its output, or has events")
        for name in self.breakpoints:
            if name not in self.defaults():
                raise self.refused(f"breakpoints: {name!r} is no parameter")


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
