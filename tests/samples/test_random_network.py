"""80 excitatory and 20 inhibitory cells: irregular, without a beat, held by inhibition."""

from __future__ import annotations

import numpy as np
import pytest

import neurocanvas as nc

START_MS, STOP_MS = 200.0, 2000.0
"""What is counted: the start from one potential has been forgotten."""


@pytest.fixture
def circuit(load) -> nc.Circuit:
    return load("06_random_network")


def run(circuit: nc.Circuit, seed: int | None = None) -> nc.Result:
    return nc.simulate(circuit, STOP_MS, seed=seed)


def trains(result: nc.Result, label: str, size: int) -> list[np.ndarray]:
    index, times = result.spikes_by_neuron(label)
    return [times[(index == k) & (times > START_MS)] for k in range(size)]


def rate(result: nc.Result, label: str = "E", size: int = 80) -> float:
    spikes = sum(len(train) for train in trains(result, label, size))
    return 1000 * spikes / size / (STOP_MS - START_MS)


def irregularity(result: nc.Result) -> float:
    """Mean over cells of the coefficient of variation of their intervals."""
    gaps = [np.diff(train) for train in trains(result, "E", 80) if len(train) > 5]
    return float(np.mean([np.std(gap) / np.mean(gap) for gap in gaps]))


def test_it_has_80_and_20_cells_linked_by_chance(circuit) -> None:
    assert [circuit.find(label).size for label in "EI"] == [80, 20]
    drawn = [link.rule for link in circuit.links() if link.rule.name == "probability"]
    assert sorted(rule.value("p") for rule in drawn) == [0.1, 0.2, 0.2, 0.2]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_cells_fire_irregularly_at_5_to_30_spikes_a_second(circuit, seed: int) -> None:
    result = run(circuit, seed)
    assert 10 < rate(result) < 20
    assert 5 < rate(result, "I", 20) < 30
    assert irregularity(result) > 0.5


def test_there_is_no_common_beat(circuit) -> None:
    """Spikes of all cells in 5 ms vary about as those of independent cells (Fano factor 1)."""
    times = run(circuit).spikes("E")
    counts, _ = np.histogram(times, np.arange(START_MS, STOP_MS + 1, 5.0))
    assert counts.var() / counts.mean() < 2


def test_inhibition_holds_the_potential_below_threshold(circuit) -> None:
    v = run(circuit)["E", "v"][round(START_MS / circuit.settings.dt) :]
    assert v.mean() < -58


def test_more_inhibition_gives_a_lower_rate(circuit, link) -> None:
    before = rate(run(circuit))
    circuit.set(link(circuit, "I", "E"), weight=12)
    assert rate(run(circuit)) < 0.8 * before


def test_without_inhibition_cells_fire_fast_and_like_clocks(circuit, link) -> None:
    circuit.set(link(circuit, "I", "E"), weight=0)
    result = run(circuit)
    assert 80 < rate(result) < 120
    assert irregularity(result) < 0.3


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(circuit) -> None:
    first, again, other = (nc.simulate(circuit, 500, seed=seed) for seed in (1, 1, 2))
    for label in ("Input E", "Input I", "E", "I"):
        for one, two in zip(
            first.spikes_by_neuron(label), again.spikes_by_neuron(label), strict=True
        ):
            np.testing.assert_array_equal(one, two)
        assert not np.array_equal(first.spikes(label), other.spikes(label))
    np.testing.assert_array_equal(first["E", "v"], again["E", "v"])
