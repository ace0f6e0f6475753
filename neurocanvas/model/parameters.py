"""What kinds declare of their numbers: parameters, variables, texts and columns of data."""

from __future__ import annotations

import math
from dataclasses import dataclass

from neurocanvas.errors import QuantityError
from neurocanvas.model.distributions import (
    Distribution,
    Value,
    is_distribution,
    parse_distribution,
    show_value,
)
from neurocanvas.model.quantity import parse_quantity, to_text

NEVER = ("never", 1e9)
"""A time (ms) that no run reaches."""


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
        word: A word that stands for a value, and that value: ``("never", 1e9)``.
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
    word: tuple[str, float] | None = None

    def parse(self, value: object, owner: str = "") -> float:
        """Read a number or text such as ``"0.3nA"`` and check its range.

        Args:
            value: A number in ``unit``, or text.
            owner: Label of the element, for messages.

        Raises:
            QuantityError: No number, wrong unit or out of range.
        """
        what = f"{owner}: {self.name}" if owner else self.name
        if self.word and isinstance(value, str) and value.strip().casefold() == self.word[0]:
            return self.word[1]
        number = parse_quantity(value, self.unit, what)
        low = number < self.minimum or (self.strict and number == self.minimum)
        if low or number > self.maximum:
            shown = value if isinstance(value, str) else to_text(number, self.unit)
            raise QuantityError(f"{what} = {shown} is not possible; it must be {self.allowed()}")
        return number

    def parse_value(self, value: object, owner: str = "") -> Value:
        """Read a number, or a distribution such as ``"normal(5 nS, 1 nS)"``.

        What a distribution draws outside the range is brought to its border when it is drawn.

        Args:
            value: A number in ``unit``, text, or a ``Distribution``.
            owner: Label of the element, for messages.

        Raises:
            QuantityError: Neither, or a typical value that is out of range.
        """
        what = f"{owner}: {self.name}" if owner else self.name
        if isinstance(value, str) and is_distribution(value):
            value = parse_distribution(value, self.unit, what)
        if not isinstance(value, Distribution):
            return self.parse(value, owner)
        self.parse(value.mean, owner)
        return value

    def allowed(self) -> str:
        """Say in words which values are possible: ``"above 0 pF"``."""
        parts = []
        if self.minimum > -math.inf:
            word = "above" if self.strict else "at least"
            parts.append(f"{word} {to_text(self.minimum, self.unit)}")
        if self.maximum < math.inf:
            parts.append(f"at most {to_text(self.maximum, self.unit)}")
        text = " and ".join(parts) or f"a number in {self.unit}"
        return f'{text}, or "{self.word[0]}"' if self.word else text

    def show(self, value: Value) -> str:
        """Write a value for a person, rounded: ``"0.3 nA"``, ``"never"``."""
        return self._worded(value) or show_value(value, self.unit)

    def default_text(self) -> str:
        """Write the default so that it reads back to the last bit."""
        return self._worded(self.default) or to_text(self.default, self.unit)

    def _worded(self, value: Value) -> str:
        return self.word[0] if self.word is not None and value == self.word[1] else ""

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


@dataclass(frozen=True, slots=True)
class Text:
    """An expression that people may set, such as a rate that follows time.

    Attributes:
        name: As in the equations.
        default: Its text.
        unit: Of its value, as the equations take it.
        doc: One sentence: what it does.
        title: As shown in the inspector.
        choices: What the text must be one of; empty for expressions.
    """

    name: str
    default: str
    unit: str
    doc: str
    title: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A list of numbers that people may paste or read from a file.

    Attributes:
        name: As in the declaration.
        unit: Of its values.
        doc: One sentence: what it holds.
        title: As shown in the inspector.
        default: What it holds as long as nothing was given.
    """

    name: str
    unit: str
    doc: str
    title: str = ""
    default: tuple[float, ...] = ()
