"""A loop that is cut computes what it did in one piece, to the last bit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numba import njit

from neurocanvas.sim import mathlib
from neurocanvas.sim.lanes import lanes_at
from neurocanvas.sim.mathlib import exp_, exp_lanes, phi, phi_lanes
from neurocanvas.sim.mathlib_names import APART, LANES
from neurocanvas.sim.writing.phases import Phases

LINES = [
    "a = lanes[i + 0]",
    "b = lanes[i + 4]",
    "slope = (a * b) - k",
    "u1 = exp_(0.5 * a)",
    "same = u1",
    "u2 = exp_(min(b, same))",
    "u3 = exp_(slope)",
    "c = same + u2 * (u3 - a)",
    "lanes[i + 4] = c",
    "hits += 0 if c < 2.0 else 1",
    "lanes[i + 0] = b + slope",
]


@njit(**mathlib.FLAGS)
def rows_of(take_phi, z, n, rows):
    """Both functions of rows of lanes, in place."""
    if take_phi:
        phi_lanes(lanes_at(z, 0), n, rows * n)
    else:
        exp_lanes(lanes_at(z, 0), n, rows * n)


@njit(**mathlib.FLAGS)
def one_by_one(take_phi, z):
    """The same functions of one number at a time."""
    for i in range(len(z)):
        z[i] = phi(z[i]) if take_phi else exp_(z[i])


@pytest.mark.parametrize("take_phi", [True, False])
@pytest.mark.parametrize(("n", "rows"), [(LANES, 3), (LANES, 1), (24, 3), (5, 1)])
@pytest.mark.parametrize("reach", [0.34, 3.0, 800.0])
def test_a_row_gets_the_bits_of_one_number_at_a_time(take_phi, n, rows, reach):
    z = np.random.default_rng(1).uniform(-reach, reach, (rows, LANES))
    z[0, :3] = 0.0, np.nan, np.log(2) / 2
    expected = z[:, :n].flatten()
    one_by_one(take_phi, expected)
    rows_of(take_phi, z.reshape(-1), n, rows)
    np.testing.assert_array_equal(z[:, :n].flatten(), expected)


def test_functions_are_those_of_mathematics_to_a_few_units_in_the_last_place():
    z = np.concatenate([np.linspace(-40, 40, 4001), np.linspace(-0.5, 0.5, 4001)])
    exact = z.astype(np.longdouble)
    safe = np.where(z == 0, 1, exact)
    for take_phi, wanted in (
        (True, np.where(z == 0, 1, np.expm1(safe) / safe)),
        (False, np.exp(exact)),
    ):
        found = z.copy()
        one_by_one(take_phi, found)
        assert np.abs(found / wanted - 1).max() < 5e-16


def test_exponentials_end_where_numbers_do():
    found = np.array([-1e9, -708.0, 709.0, 710.0, 1e9, np.inf, -np.inf, np.nan])
    one_by_one(False, found)
    assert 0 < found[0] == found[1] == found[6] < 1e-307
    assert found[2] == pytest.approx(math.exp(709.0))
    assert np.isposinf(found[3:6]).all()
    assert np.isnan(found[7])


def run(body, count):
    """Carry out lines of a kernel in Python; return the state and how many hits there are."""
    lanes = np.random.default_rng(2).normal(size=8).tolist()
    names = {
        "lanes": lanes, "hits": 0, "k": 0.3, "count": count, "scratch": [math.nan] * 64,
        "exp_": math.exp, "exp_lanes": exp_row, "lanes_at": lambda row, first: (row, first),
    }  # fmt: skip
    exec("\n".join(body), names)  # noqa: S102
    return lanes, names["hits"]


def exp_row(place, n, total):
    """``exp_lanes`` for rows of four lanes in a list."""
    row, first = place
    for k in range(total // n):
        for i in range(n):
            row[first + 4 * k + i] = math.exp(row[first + 4 * k + i])


@pytest.mark.parametrize("count", [4, 3])
def test_what_is_cut_computes_the_same(count):
    phases = Phases(LINES, APART, lanes=4)
    assert phases.pays
    cut = phases.loops("count")
    assert sum(line.startswith("for") for line in cut) == 3  # u2 needs u1
    assert sum(line.startswith("exp_lanes") for line in cut) == 2
    whole = ["for i in range(count):", *[f"    {line}" for line in LINES]]
    assert run(cut, count) == run(whole, count)


@pytest.mark.parametrize(
    "line", ["if a > 0.0:", "a = 2.0 * a", "late = lanes[i + 4]", "late = exp_(lanes[i + 0])"]
)
def test_lines_whose_order_matters_stay_together(line):
    assert not Phases([*LINES, line], APART, lanes=4).pays


def test_without_exponentials_there_is_nothing_to_cut():
    assert not Phases(LINES[:3], APART, lanes=4).pays


@njit(**mathlib.FLAGS)
def quietened(x):
    """``quiet`` for a compiled caller."""
    return mathlib.quiet(x)


def test_what_has_died_away_is_gone_and_all_else_stays():
    kept = [3e-70, -1.0 / 3.0, 7e200, -np.inf]
    assert [quietened(x) for x in kept] == kept
    assert [quietened(x) for x in (4e-107, -5e-324)] == [0.0, 0.0]
    assert np.isnan(quietened(np.nan))
