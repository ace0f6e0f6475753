"""Quantities: text to numbers and back, to the last bit."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import UNITS, finite

from neurocanvas.errors import QuantityError
from neurocanvas.model.quantity import format_quantity, parse_quantity, to_coherent, to_text


@given(finite, st.sampled_from(UNITS))
def test_text_reads_back_to_the_same_number(value, unit):
    back = parse_quantity(to_text(value, unit), unit)
    assert back == value
    assert str(back) == str(value)  # -0.0 too


PREFIXES = {
    "a": -18,
    "f": -15,
    "p": -12,
    "n": -9,
    "u": -6,
    "µ": -6,
    "m": -3,
    "": 0,
    "k": 3,
    "M": 6,
    "G": 9,
    "T": 12,
}
DECLARED = {
    "ms": ("s", -3),
    "mV": ("V", -3),
    "pA": ("A", -12),
    "nS": ("S", -9),
    "pF": ("F", -12),
    "Hz": ("Hz", 0),
    "mM": ("M", -3),
}


@given(
    st.decimals(min_value=-9999, max_value=9999, places=4),
    st.sampled_from(sorted(PREFIXES)),
    st.sampled_from(sorted(DECLARED)),
)
def test_a_prefix_moves_the_point_and_nothing_else(number: Decimal, prefix: str, unit: str):
    base, power = DECLARED[unit]
    exact = Fraction(number) * Fraction(10) ** (PREFIXES[prefix] - power)
    for text in (f"{number}{prefix}{base}", f" {number} {prefix}{base} "):
        assert parse_quantity(text, unit) == float(exact)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("0.3nA", "pA", 300.0),
        ("2 ms", "ms", 2.0),
        ("1s", "ms", 1000.0),
        ("-70", "mV", -70.0),
        ("\u221270 mV", "mV", -70.0),
        ("1e3 pA", "pA", 1000.0),
        (".5", "1", 0.5),
        ("1 kHz", "Hz", 1000.0),
        ("1 M", "mM", 1000.0),
        ("1 uM", "mM", 1e-3),
        ("10 aA", "pA", 1e-5),
        ("3 nS/mV", "nS/mV", 3.0),
        (5, "mV", 5.0),
        (np.float32(0.5), "mV", 0.5),
        (np.int64(3), "mV", 3.0),
    ],
)
def test_values_as_people_write_them(text, unit, value):
    assert parse_quantity(text, unit) == value


@pytest.mark.parametrize(
    ("given_value", "unit", "words"),
    [
        ("fast", "ms", "'fast' is no number; a value such as \"20 ms\""),
        ("", "ms", "'' is no number"),
        ("20 mV", "ms", "'20 mV' is not in ms; a value such as \"20 ms\""),
        ("20 xs", "ms", "is not in ms"),
        ("2 mV", "1", "not a plain number; a number such as 0.5"),
        ("1e999", "mV", "not finite or too large"),
        ("nan", "mV", "no number"),
        ("inf", "mV", "no number"),
        (float("nan"), "mV", "not finite"),
        (float("inf"), "mV", "not finite"),
        (10**400, "mV", "too large"),
        (True, "mV", "True is no number"),
        (None, "mV", "None is no number"),
        ([1], "mV", "no number"),
        ({"a": 1}, "mV", "no number"),
        (1 + 2j, "mV", "no number"),
        ("1__0 mV", "mV", "is not in mV"),
        ("\uff11 mV", "mV", "no number"),  # a full-width digit
        ("1 mV\x00", "mV", "is not in mV"),
        ("x" * 10_000, "mV", "no number"),
        ("1" * 10_000, "mV", "too large"),
    ],
)
def test_what_is_no_value_is_refused_in_one_short_line(given_value, unit, words):
    with pytest.raises(QuantityError, match=words) as caught:
        parse_quantity(given_value, unit, "A: C_m")
    text = str(caught.value)
    assert text.startswith("A: C_m: ")
    assert "\n" not in text
    assert len(text) < 200


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (12000.0, "nS", "12 µS"),
        (-70.0, "mV", "\u221270 mV"),
        (300.0, "pA", "300 pA"),
        (1500.0, "ms", "1.5 s"),
        (0.5, "1", "0.5"),
        (0.0, "pA", "0 pA"),
    ],
)
def test_values_as_people_read_them(value, unit, text):
    assert format_quantity(value, unit) == text


@given(st.floats(-1e12, 1e12), st.sampled_from(["ms", "mV", "pA", "nS", "pF", "Hz", "mM"]))
def test_what_is_shown_can_be_typed_again(value, unit):
    shown = format_quantity(value, unit, digits=6)
    assert parse_quantity(shown, unit) == pytest.approx(value, rel=1e-5, abs=1e-12)


def test_rates_enter_equations_per_millisecond():
    assert to_coherent(50.0, "Hz") == 0.05
    assert to_coherent(50.0, "mV") == 50.0
