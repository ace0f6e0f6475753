"""Quantities with units: the only place where prefixes and conversions live.

Inside, one coherent set of units holds everywhere: ms, mV, pA, nS, pF (pF mV / ms = pA = nS mV), so
equations carry no conversion factors. Frequencies are shown and stored in Hz and enter equations
per millisecond. A bare number is always in the unit its parameter declares.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache

from neurocanvas.errors import QuantityError

DIMENSIONLESS = "1"
"""The unit of a plain number."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that parameters may declare.

    Attributes:
        symbol: As shown, for example ``"mV"``.
        base: SI symbol without prefix, ``"V"``; empty if no prefixes are taken.
        si_factor: How many of ``base`` one of this unit is.
        coherent_factor: What a value is multiplied by on its way into equations.
    """

    symbol: str
    base: str = ""
    si_factor: float = 1.0
    coherent_factor: float = 1.0


_UNITS = {
    unit.symbol: unit
    for unit in (
        Unit("ms", "s", 1e-3),
        Unit("mV", "V", 1e-3),
        Unit("pA", "A", 1e-12),
        Unit("nS", "S", 1e-9),
        Unit("pF", "F", 1e-12),
        Unit("Hz", "Hz", 1.0, 1e-3),
        Unit("mM", "M", 1e-3),
        Unit("fC", "C", 1e-15),
        Unit("deg", coherent_factor=math.pi / 180),
    )
}
_PREFIXES = frozenset("afpnumkMGT\u00b5\u03bc")
_ATOM = r"(?:ms|mV|pA|nS|pF|fC|mM)[23]?"
_FACTORS = rf"{_ATOM}(?: {_ATOM})*"
_DERIVED = re.compile(rf"(?:1|{_FACTORS})(?:/(?:{_ATOM}|\({_FACTORS}\)))?", re.ASCII)
"""Units that are products and quotients of coherent ones: "nS/mV", "1/(ms mM)"."""
_NUMBER = re.compile(r"([+\-\u2212]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+\-\u2212]?\d+))?", re.ASCII)


def unit_of(symbol: str) -> Unit:
    """Return the unit with this symbol; unknown ones take bare numbers only (``"nS/mV"``)."""
    return _UNITS.get(symbol) or Unit(symbol)


def is_unit(symbol: str) -> bool:
    """Whether a parameter may have this unit: one with prefixes, or made of coherent ones."""
    return symbol in _UNITS or _DERIVED.fullmatch(symbol) is not None


def parse_with_unit(text: str, what: str = "the value") -> tuple[float, str]:
    """Read text that says itself which unit it is in: ``"0.2 nF"`` is 200 in ``"pF"``.

    Args:
        text: A number, then a unit with any prefix, or none for a plain number.
        what: Name of the thing for the error text.

    Returns:
        The value, and the symbol of the unit it is in.

    Raises:
        QuantityError: It is no number, or its unit is none that equations know.
    """
    stripped = text.strip()
    match = _NUMBER.match(stripped)
    suffix = stripped[match.end() :].strip() if match else ""
    if match is None or not suffix or is_unit(suffix):
        unit = suffix or DIMENSIONLESS
        return parse_quantity(text, unit, what), unit
    for unit, known in _UNITS.items():
        if _scale_to_si(suffix, known.base) is not None:
            return parse_quantity(text, unit, what), unit
    units = ", ".join((*_UNITS, "nS/mV"))
    raise QuantityError(f"{what}: {_shown(suffix)} is no unit of equations; {units} and so on are")


def parse_quantity(value: object, unit: str, what: str = "the value") -> float:
    """Read a number, or text such as ``"0.3nA"``, as a value in the given unit.

    Args:
        value: A real number (taken to be in ``unit``) or text with or without a unit.
        unit: Symbol of the unit of the result.
        what: Name of the thing for the error text, such as ``"A: C_m"``.

    Raises:
        QuantityError: It is no finite number, or its unit measures something else.
    """
    if isinstance(value, str):
        number = _parse_text(value, unit, what)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        number = _as_float(value, unit, what)
    elif hasattr(value, "__float__") and not isinstance(value, bool):
        number = float(value)
    else:
        raise QuantityError(
            f"{what}: {_shown(value)} is no number; {_example(unit)} would be right"
        )
    if not math.isfinite(number):
        reason = f"{_shown(value)} is not finite or too large"
        raise QuantityError(f"{what}: {reason}; {_example(unit)} would be right")
    return number


def _as_float(value: int | float, unit: str, what: str) -> float:
    try:
        return float(value)
    except OverflowError:
        raise QuantityError(f"{what}: the number is too large for any unit of {unit}") from None


def _parse_text(text: str, unit: str, what: str) -> float:
    """Split number and unit ourselves, leave prefixes and scaling to QuantiPhy."""
    stripped = text.strip()
    match = _NUMBER.match(stripped)
    if match is None:
        raise QuantityError(f"{what}: {_shown(text)} is no number; {_example(unit)} would be right")
    suffix = stripped[match.end() :].strip()
    digits, exponent = match.group(1), match.group(2) or "0"
    digits, exponent = digits.replace("\u2212", "-"), exponent.replace("\u2212", "-")
    if suffix in ("", unit):
        return float(f"{digits}e{exponent}")
    target = unit_of(unit)
    scale = _scale_to_si(suffix, target.base)
    if scale is None:
        wanted = "a plain number" if unit == DIMENSIONLESS else f"in {unit}"
        raise QuantityError(
            f"{what}: {_shown(text)} is not {wanted}; {_example(unit)} would be right"
        )
    # The point is moved in the text, so that "1.005 nA" is 1005 pA to the last bit.
    shift = round(math.log10(scale / target.si_factor))
    return float(f"{digits}e{_clamped(exponent) + shift}")


def _clamped(exponent: str) -> int:
    """Return an exponent as a number; beyond a thousand, all are alike to a float."""
    return int(exponent) if len(exponent) < 10 else (-1000 if exponent[0] == "-" else 1000)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}\u2026"


@cache
def _scale_to_si(suffix: str, base: str) -> float | None:
    """Factor of a prefixed unit such as ``"nA"``, or None if it does not measure ``base``."""
    if not base or not suffix.endswith(base):
        return None
    prefix = suffix[: -len(base)]
    if not prefix:
        return 1.0  # asked of QuantiPhy, "1 M" would be a million
    if prefix in _PREFIXES:
        from quantiphy import Quantity  # not before the first paint

        return float(Quantity(f"1{prefix}{base}", binary=False).real)
    return None


def _example(unit: str) -> str:
    return "a number such as 0.5" if unit == DIMENSIONLESS else f'a value such as "20 {unit}"'


def to_text(value: float, unit: str) -> str:
    """Write a value so that it reads back to the last bit: ``"-54.3 mV"``."""
    number = repr(float(value)).removesuffix(".0")
    return number if unit == DIMENSIONLESS else f"{number} {unit}"


def format_quantity(value: float, unit: str, digits: int = 4) -> str:
    """Write a value for a person, with the prefix that reads best: ``"12 µS"``, ``"−70 mV"``.

    Args:
        value: In ``unit``.
        unit: Symbol of the unit.
        digits: Significant digits.
    """
    known = unit_of(unit)
    if not known.base or not math.isfinite(value):
        number = f"{value:.{digits}g}"
        return _minus(number if unit == DIMENSIONLESS else f"{number} {unit}")
    if value == 0 or known.symbol in ("mV", "Hz", "mM"):
        return _minus(f"{value:.{digits}g} {unit}")
    if known.symbol == "ms":
        scaled, shown = (value / 1e3, "s") if abs(value) >= 1e3 else (value, "ms")
        return _minus(f"{scaled:.{digits}g} {shown}".replace("e+0", "e"))
    from quantiphy import Quantity

    quantity = Quantity(value * known.si_factor, known.base)
    text = quantity.render(prec=digits - 1, form="si", strip_zeros=True)
    return _minus(text.replace(" u", " \u00b5"))


def _minus(text: str) -> str:
    return text.replace("-", "\u2212") if text.startswith("-") else text


def to_coherent(value: float, unit: str) -> float:
    """Convert a value in its declared unit to the coherent set used by the equations."""
    return value * unit_of(unit).coherent_factor
