"""Counter-based random numbers: fair, the same for kernels and Python, a function of their key."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit
from scipy import stats

from neurocanvas.sim import random, randomlib


def table(n_keys=200, n_steps=500, draw=0, seed=1):
    """Uniform numbers of many streams over many steps: (n_steps, n_keys)."""
    keys = random.stream_keys(seed, "n1", n_keys)
    return np.array([random.uniform(keys, step, draw) for step in range(n_steps)])


def test_numbers_are_uniform():
    numbers = table()
    assert numbers.min() > 0
    assert numbers.max() < 1
    observed = np.bincount((numbers.ravel() * 256).astype(int), minlength=256)
    assert stats.chisquare(observed).pvalue > 1e-3
    assert stats.kstest(numbers.ravel(), "uniform").pvalue > 1e-3


def test_every_bit_is_set_half_of_the_time():
    bits = (table() * 2.0**53).astype(np.uint64).ravel()
    counts = np.array([np.count_nonzero(bits & np.uint64(1 << k)) for k in range(1, 53)])
    assert np.abs(counts - bits.size / 2).max() < 4.5 * np.sqrt(bits.size / 4)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("lag", [1, 2, 7])
def test_neighbours_in_time_and_among_neurons_are_independent(axis, lag):
    numbers = np.moveaxis(table(), axis, 0)
    first, second = numbers[:-lag].ravel(), numbers[lag:].ravel()
    joint = np.histogram2d(first, second, bins=16, range=[[0, 1], [0, 1]])[0]
    assert stats.chisquare(joint.ravel()).pvalue > 1e-3


def test_draws_seeds_elements_and_purposes_are_independent_streams():
    keys = random.stream_keys(1, "n1", 2000)
    other = [
        random.uniform(keys, 5, 1),
        random.uniform(random.stream_keys(2, "n1", 2000), 5),
        random.uniform(random.stream_keys(1, "n2", 2000), 5),
        random.uniform(random.stream_keys(1, "n1", 2000, "noise"), 5),
    ]
    rows = np.array([random.uniform(keys, 5), *other])
    correlation = np.corrcoef(rows)[np.triu_indices(len(rows), 1)]
    assert np.abs(correlation).max() < 4 / np.sqrt(2000)


@given(st.integers(0, 2**40), st.integers(0, 300), st.integers(0, 5), st.integers(0, 2**62))
def test_a_number_depends_on_its_key_step_and_draw_alone(step, index, draw, seed):
    keys = random.stream_keys(seed, "n7", 301)
    alone = random.uniform(keys[index : index + 1], step, draw)
    among = random.uniform(keys, step, draw)[index]
    assert alone[0] == among
    # A larger population has the same streams at its beginning.
    assert np.array_equal(random.stream_keys(seed, "n7", 400)[:301], keys)


@given(st.integers(0, 2**40), st.integers(0, 5), st.integers(0, 2**64 - 1))
def test_kernels_see_the_same_numbers(step, draw, key):
    mixed = randomlib.counter_of(step, draw)
    inside = randomlib.uniform_of(np.uint64(key), np.uint64(mixed))
    assert inside == random.uniform(np.array([key], np.uint64), step, draw)[0]


@pytest.mark.parametrize("mean", [0.001, 0.3, 4.0, 63.9, 64.0, 64.1, 500.0])
def test_poisson_counts_follow_their_distribution(mean):
    keys = random.stream_keys(3, "n1", 200)
    counts = np.concatenate([random.poisson(keys, step, np.full(200, mean)) for step in range(50)])
    low, high = stats.poisson.ppf([0.002, 0.998], mean).astype(int)
    edges = np.arange(low, high + 1)
    expected = np.diff(np.concatenate(([0], stats.poisson.cdf(edges, mean), [1.0])))
    observed = np.bincount(np.searchsorted(edges, counts), minlength=len(expected))
    worth = expected * counts.size >= 1
    pooled = [np.append(a[worth], a[~worth].sum()) for a in (observed, expected * counts.size)]
    keep = pooled[1] > 1e-9
    assert stats.chisquare(pooled[0][keep], pooled[1][keep]).pvalue > 1e-3


@pytest.mark.parametrize("mean", [0.0, 0.01, 2.5, 64.0, 200.0])
def test_kernels_draw_the_same_counts(mean):
    keys = random.stream_keys(3, "n1", 300)
    for step in (0, 1, 10**9):
        outside = random.poisson(keys, step, np.full(300, mean))
        mixed = np.uint64(randomlib.counter_of(step, 0))
        inside = [randomlib.poisson_of(key, step, mixed, mean) for key in keys]
        assert outside.tolist() == inside


def test_no_two_streams_of_a_large_circuit_coincide():
    keys = np.concatenate([random.stream_keys(1, f"n{k}", 1000) for k in range(300)])
    assert len(np.unique(keys)) == len(keys)


@njit
def by_table(bits, mean):
    """Counts for mixed bits by a table; -1 where it does not know, and how many it knows."""
    table = np.empty(random.TABLE)
    known = randomlib.poisson_table(table, mean, math.exp(-mean))
    counts = np.empty(len(bits), np.int64)
    for k in range(len(bits)):
        counts[k] = randomlib.poisson_by(table, bits[k], randomlib.unit_of(bits[k]))
        counts[k] = counts[k] if counts[k] < known else -1
    return counts, known


@pytest.mark.parametrize("mean", [1e-9, 0.002, 0.3, 1.6, 20.0, 64.0])
def test_a_table_gives_the_counts_of_the_search(mean):
    borders = stats.poisson.cdf(np.arange(150), mean)
    parts = np.arange(random.PARTS) / random.PARTS
    near = np.concatenate([borders[borders < 1], parts]) * 2.0**53
    whole = (near[:, None] + np.arange(-3, 4)).clip(0, 2.0**53 - 1).ravel().astype(np.uint64)
    counts, known = by_table(whole << np.uint64(11), mean)
    numbers = (whole.astype(float) + 0.5) * 2.0**-53
    expected = np.array([random._invert(u, mean) for u in numbers])
    there = counts >= 0
    np.testing.assert_array_equal(counts[there], expected[there])
    assert (expected[~there] >= known).all()
    assert np.mean(there) > 0.95


def test_there_is_no_table_for_no_spikes_or_very_many():
    for mean in (0.0, 64.1):
        assert by_table(np.zeros(0, np.uint64), mean)[1] == 0
