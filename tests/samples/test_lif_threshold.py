"""Integrate and fire at threshold: 0, 20 and 40 spikes a second from the closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest

import neurocanvas as nc

C_M, TAU_M, CLIMB, T_REF = 200.0, 20.0, 15.0, 2.0
"""pF, ms, mV from rest to threshold, ms: the defaults of the kind."""
CELLS = {"20 per second": 20.0, "40 per second": 40.0}
INTERVALS = {"20 per second": 50.0, "40 per second": 25.0}


def needed(rate_hz: float) -> float:
    """Current that makes the cell fire at a rate, in pA: the formula of the lesson."""
    rise = 1000 / rate_hz - T_REF
    return C_M / TAU_M * CLIMB / (1 - math.exp(-rise / TAU_M))


def rate(current: float) -> float:
    reach = current * TAU_M / C_M
    return 1000 / (T_REF + TAU_M * math.log(reach / (reach - CLIMB)))


@pytest.fixture
def circuit(load) -> nc.Circuit:
    return load("02_lif_threshold")


def test_the_currents_are_those_of_the_closed_form(circuit) -> None:
    values = [circuit.values(f"n{i}")["amplitude"] for i in (1, 3, 5)]
    assert values[0] == pytest.approx(C_M / TAU_M * CLIMB - 1)
    assert values[1] == pytest.approx(needed(20), abs=5e-4)
    assert values[2] == pytest.approx(needed(40), abs=5e-4)
    for amount in ("149 pA", "164.965 pA", "219.503 pA"):
        assert amount in circuit.notes.lesson


def test_they_fire_0_20_and_40_times_in_a_second(circuit) -> None:
    result = nc.simulate(circuit, 1000)
    counts = [len(result.spikes(label)) for label in ("Silent", *CELLS)]
    assert counts == [0, 20, 40]
    assert result["Silent", "v"].max() == pytest.approx(-55.1, abs=1e-3)


@pytest.mark.parametrize("label", CELLS)
def test_every_spike_comes_at_the_time_of_the_closed_form(circuit, label: str) -> None:
    times = nc.simulate(circuit, 1000).spikes(label)
    interval = INTERVALS[label]
    expected = interval - T_REF + interval * np.arange(len(times))
    # The stored current has three decimals, so the interval is off by less than 1e-3 ms.
    assert times == pytest.approx(expected, abs=circuit.settings.dt + 1e-3 * len(times))
    assert np.diff(times) == pytest.approx(interval, abs=circuit.settings.dt)


def test_two_picoamperes_more_make_the_silent_cell_fire_slowly(circuit) -> None:
    circuit.set("n1", amplitude=151)
    times = nc.simulate(circuit, 500).spikes("Silent")
    assert np.diff(times) == pytest.approx(1000 / rate(151), abs=circuit.settings.dt)
    assert rate(151) < 10


def test_twice_the_current_gives_almost_97_not_80_spikes_a_second(circuit) -> None:
    circuit.set("n5", amplitude=2 * 219.503)
    times = nc.simulate(circuit, 1000).spikes("40 per second")
    assert 96 < rate(2 * 219.503) < 97
    assert 1000 / np.diff(times).mean() == pytest.approx(rate(2 * 219.503), rel=1e-4)


def test_a_longer_refractory_period_slows_down_fast_firing_more(circuit) -> None:
    for node in ("n4", "n6"):
        circuit.set(node, t_ref=10)
    result = nc.simulate(circuit, 1000)
    lost = [CELLS[label] - len(result.spikes(label)) for label in CELLS]
    assert lost[1] > 2 * lost[0] > 0


def test_the_spikes_are_those_of_the_reference(circuit) -> None:
    engine, exact = nc.simulate(circuit, 500), nc.simulate(circuit, 500, reference=True)
    for label in CELLS:
        assert engine.spikes(label) == pytest.approx(exact.spikes(label), abs=circuit.settings.dt)
    assert exact.spikes("Silent").size == 0
