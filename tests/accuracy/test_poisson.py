"""Random spike trains: counts, intervals and independence as the Poisson process has them."""

import numpy as np
import pytest
from scipy import stats

import neurocanvas as nc


def trains(rate, duration, *, size=1, dt=0.1, seed=1):
    circuit = nc.Circuit(dt=dt, seed=seed)
    circuit.add("poisson", label="P", size=size, rate=rate)
    return nc.simulate(circuit, duration).spikes_by_neuron("P")


@pytest.mark.parametrize(
    ("rate", "dt", "duration"),
    [
        (5.0, 0.1, 2000.0),
        (80.0, 0.025, 500.0),
        (2000.0, 0.1, 100.0),
        (5e4, 0.1, 20.0),
        (1e6, 0.1, 2.0),
    ],
)
def test_mean_and_variance_of_counts(rate, dt, duration):
    size = 400
    index, _ = trains(rate, duration, size=size, dt=dt)
    counts = np.bincount(index, minlength=size)
    mean = rate * duration / 1000
    assert counts.mean() == pytest.approx(mean, abs=3 * np.sqrt(mean / size))
    # The variance of a sample variance of a Poisson variable: (mu_4 - mean**2)/n about.
    spread = np.sqrt((mean + 2 * mean**2) / size)
    assert counts.var(ddof=1) == pytest.approx(mean, abs=3 * spread)


def test_the_fano_factor_is_one_in_windows_of_any_length():
    _, times = trains(100.0, 100_000.0, dt=0.5)
    for window in (1.0, 10.0, 100.0, 1000.0):
        counts = np.histogram(times - 1e-6, np.arange(0, 100_000 + window / 2, window))[0]
        fano = counts.var() / counts.mean()
        assert fano == pytest.approx(1.0, abs=3 * np.sqrt(2 / len(counts)))


def test_intervals_are_exponential():
    _, times = trains(40.0, 100_000.0, dt=0.025)
    intervals = np.diff(times)
    assert len(intervals) > 3500
    # Times lie on the grid: spread them over their step before the comparison.
    spread = np.random.default_rng(0).uniform(0, 0.025, len(times))
    assert stats.kstest(np.diff(np.sort(times - spread)), "expon", (0, 25.0)).pvalue > 0.01
    assert np.corrcoef(intervals[:-1], intervals[1:])[0, 1] == pytest.approx(
        0, abs=3 / np.sqrt(4000)
    )


def test_counts_in_a_step_follow_the_poisson_distribution_where_there_are_several():
    # 3 spikes a step on average: a Bernoulli draw per step would be far off.
    index, times = trains(30_000.0, 400.0, size=10)
    steps = np.round(times / 0.1).astype(int) - 1
    counts = np.bincount(index * 4000 + steps, minlength=40_000)
    observed = np.bincount(np.minimum(counts, 10), minlength=11)
    expected = stats.poisson.pmf(np.arange(11), 3.0)
    expected[10] = 1 - expected[:10].sum()
    assert stats.chisquare(observed, expected * counts.size).pvalue > 0.01


def test_neurons_of_a_node_and_nodes_of_a_circuit_are_independent():
    circuit = nc.Circuit(dt=0.1, seed=4)
    for label in "PQ":
        circuit.add("poisson", label=label, size=6, rate=100)
    result = nc.simulate(circuit, 20_000)
    rows = []
    for label in "PQ":
        index, times = result.spikes_by_neuron(label)
        for k in range(6):
            rows.append(np.histogram(times[index == k], np.arange(0, 20_001, 20))[0])
    correlation = np.corrcoef(rows)[np.triu_indices(12, 1)]
    assert np.abs(correlation).max() < 4 / np.sqrt(1000)
    assert correlation.mean() == pytest.approx(0, abs=3 / np.sqrt(1000 * len(correlation)))


def test_another_seed_gives_another_train_and_the_same_seed_the_same():
    first, again, other = (trains(200.0, 500.0, seed=s)[1] for s in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_rate_of_nothing_is_silent():
    assert len(trains(0.0, 1000.0)[1]) == 0


def test_campbells_theorem_holds_for_a_filtered_train():
    # Mean and variance of a sum of exponentials at random times (Campbell 1909): rate*w*tau and
    # rate*w**2*tau/2.
    circuit = nc.Circuit(dt=0.1, seed=2)
    source = circuit.add("poisson", rate=200)
    link = circuit.connect(source, circuit.add("lif"), "current_synapse", weight=4, tau=5)
    current = nc.simulate(circuit, 100_000, record={link: ["i"]})[link, "i"][1000:]
    n = 100_000 / (2 * 5)
    mean, variance = 0.2 * 4 * 5, 0.2 * 16 * 5 / 2
    # Sampled at the ends of steps, after a decay of dt at least: half a step of decay on average.
    shift = np.exp(-0.1 / (2 * 5))
    assert current.mean() / shift == pytest.approx(mean, abs=3 * np.sqrt(variance / n))
    assert current.var() == pytest.approx(variance, rel=0.06)
