"""Values that differ from neuron to neuron: ``"normal(5 nS, 1 nS)"``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from neurocanvas.errors import QuantityError
from neurocanvas.model.quantity import format_quantity, parse_quantity, to_text

FORMS = {
    "normal": ("mean", "standard deviation"),
    "lognormal": ("mean", "standard deviation"),
    "uniform": ("lowest", "highest"),
}
"""What the two numbers of each form are; those of a lognormal are of the values themselves."""

_CALL = re.compile(r"\s*([a-z]+)\s*\(([^,]*),([^,]*)\)\s*\Z")
_BEGIN = re.compile(r"\s*[^\W\d]\w*\s*\(")
"""A name and a bracket; units have brackets too: ``"0.5 1/(ms mM)"``."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """A value drawn anew for each neuron or synapse, always alike for the same seed.

    Attributes:
        form: One of ``FORMS``.
        first, second: Its two numbers, in the unit of the parameter.
    """

    form: str
    first: float
    second: float

    @property
    def mean(self) -> float:
        """The expected value."""
        return (self.first + self.second) / 2 if self.form == "uniform" else self.first

    def text(self, unit: str) -> str:
        """Write it so that it reads back to the last bit."""
        return f"{self.form}({to_text(self.first, unit)}, {to_text(self.second, unit)})"

    def shown(self, unit: str, digits: int = 4) -> str:
        """Write it for a person."""
        first, second = (format_quantity(x, unit, digits) for x in (self.first, self.second))
        return f"{self.form}({first}, {second})"


Value = float | Distribution
"""What a parameter of a node or link may be set to."""


def is_distribution(text: object) -> bool:
    """Whether text looks like a distribution rather than a number."""
    return isinstance(text, str) and _BEGIN.match(text) is not None


def parse_distribution(text: str, unit: str, what: str) -> Distribution:
    """Read a distribution.

    Args:
        text: Such as ``"uniform(1 ms, 2 ms)"``.
        unit: Unit of its numbers.
        what: Name of the thing, for the error text.

    Raises:
        QuantityError: It has another form, or numbers that make no sense.
    """
    match = _CALL.match(text)
    if match is None or match.group(1) not in FORMS:
        known = ", ".join(f"{name}({', '.join(words)})" for name, words in FORMS.items())
        raise QuantityError(f"{what}: {text!r} is no distribution; there are {known}")
    form = match.group(1)
    first, second = (parse_quantity(match.group(k), unit, what) for k in (2, 3))
    if form == "uniform" and first > second:
        raise QuantityError(f"{what}: {text!r}: the lowest value comes first")
    if form != "uniform" and second < 0:
        raise QuantityError(f"{what}: {text!r}: a standard deviation is not negative")
    if form == "lognormal" and first <= 0:
        raise QuantityError(f"{what}: {text!r}: the mean of a lognormal is above 0")
    return Distribution(form, first, second)


def value_text(value: Value, unit: str) -> str:
    """Write a number or a distribution so that it reads back to the last bit."""
    return value.text(unit) if isinstance(value, Distribution) else to_text(value, unit)


def show_value(value: Value, unit: str, digits: int = 4) -> str:
    """Write a number or a distribution for a person."""
    if isinstance(value, Distribution):
        return value.shown(unit, digits)
    return format_quantity(value, unit, digits)


def typical(value: Value) -> float:
    """Return a number as it is, a distribution's mean."""
    return value.mean if isinstance(value, Distribution) else value
