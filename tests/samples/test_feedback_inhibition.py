"""Feedback inhibition: the loop lowers the rate of the cell that drives it."""

from __future__ import annotations

import math

import numpy as np
import pytest

import neurocanvas as nc


@pytest.fixture
def circuit(load) -> nc.Circuit:
    return load("04_feedback_inhibition")


def rates(circuit: nc.Circuit) -> list[int]:
    result = nc.simulate(circuit, 1000)
    return [len(result.spikes(label)) for label in ("E", "I", "E alone")]


def test_the_loop_lowers_the_rate_from_87_to_57(circuit) -> None:
    alone = 1000 / (2 + 20 * math.log(40 / 25))  # 400 pA: 40 mV above rest, threshold at 15
    assert rates(circuit) == [57, 57, math.floor(alone)]
    assert "87 times" in circuit.notes.lesson
    assert "57 times" in circuit.notes.lesson


def test_the_inhibitory_cell_answers_each_spike(circuit) -> None:
    result = nc.simulate(circuit, 300)
    e, i = result.spikes("E"), result.spikes("I")
    answered = i - e[: len(i)]
    assert np.all((answered > 2) & (answered < 10))


def test_without_the_loop_it_fires_as_the_cell_that_never_had_one(circuit, link) -> None:
    circuit.remove(link(circuit, "I", "E"))
    result = nc.simulate(circuit, 1000)
    np.testing.assert_array_equal(result.spikes("E"), result.spikes("E alone"))


@pytest.mark.parametrize("change", [{"weight": 20}, {"tau": 20}])
def test_a_stronger_or_slower_loop_lowers_it_further(circuit, link, change) -> None:
    before = rates(circuit)
    circuit.set(link(circuit, "I", "E"), **change)
    after = rates(circuit)
    assert after[0] < 0.85 * before[0]
    assert after[2] == before[2]


def test_the_spikes_are_those_of_the_reference(circuit) -> None:
    """Each round of the loop passes two synapses, and each waits for the next step."""
    engine, exact = nc.simulate(circuit, 300), nc.simulate(circuit, 300, reference=True)
    dt = circuit.settings.dt
    assert engine.spikes("E alone") == pytest.approx(exact.spikes("E alone"), abs=dt)
    for label, passed in (("E", 0), ("I", 1)):
        late = engine.spikes(label) - exact.spikes(label)
        rounds = np.arange(len(late))
        assert np.all(np.abs(late) <= dt * (0.1 + passed + 2 * rounds))
