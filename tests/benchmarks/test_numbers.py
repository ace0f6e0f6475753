"""The numbers by which simulators are compared: networks as published, statistics as in theory."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.accuracy_price import crossings, price_at
from benchmarks.support import circuits, networks
from benchmarks.support.contest import Contestant, Outcome, ratio
from benchmarks.support.microcircuit import potjans
from benchmarks.support.ratios import Goal
from benchmarks.support.report import Section, number, read_json, write_json
from benchmarks.support.spikes import statistics


def test_the_microcircuit_has_the_synapses_of_the_paper():
    spec = potjans()
    assert spec["n"] == 77_169
    # Potjans & Diesmann 2014: 77,169 neurons and about 0.3 billion synapses.
    assert sum(map(sum, spec["synapses"])) == pytest.approx(0.3e9, rel=0.01)
    assert spec["direct"] == pytest.approx([0.0] * 8)
    assert spec["input_rates"][0] == pytest.approx(1600 * 8)


def test_a_smaller_microcircuit_keeps_the_variance_of_the_input_and_makes_up_for_its_mean():
    whole, part = potjans(), potjans(0.25)
    assert part["w"] == pytest.approx(2 * whole["w"])
    assert part["input_rates"][3] == pytest.approx(whole["input_rates"][3] / 4)
    # Inputs scaled by k and weights by 1/sqrt(k): the variance k*w**2 stays, the mean is halved.
    per_neuron = [n / whole["sizes"][5] for n in whole["synapses"][5]]
    factors = [1.0, -4.0] * 4
    mean = (
        whole["w"]
        * 0.5e-3
        * (
            sum(f * k * r for f, k, r in zip(factors, per_neuron, whole["rates"], strict=True))
            + 1900 * 8.0
        )
    )
    assert part["direct"][5] == pytest.approx(mean / 2, rel=1e-3)


def test_brunel_at_any_size_has_the_same_mean_input():
    whole, part = networks.brunel(), networks.brunel(0.1)
    assert whole["n"] * (whole["c_exc"] + whole["c_inh"]) == 15_625_000
    assert networks.brunel_rate(whole) == pytest.approx(20_000.0)
    drives = [s["jump"] * networks.brunel_rate(s) for s in (whole, part)]
    assert drives[0] == pytest.approx(drives[1])


def test_circuits_are_those_of_the_numbers():
    c = circuits.brette(networks.COBAHH, 1)
    assert sorted(n.size for n in c.nodes()) == [800, 3200]
    assert c.link_count() == 4
    c = circuits.potjans(potjans(0.01), 1)
    # 64 pairs less those without synapses, and a Poisson train and a current into each node.
    none = sum(p == 0 for row in networks.POTJANS["p"] for p in row)
    assert c.link_count() == 64 - none + 16


def test_a_poisson_process_is_as_irregular_as_theory_says():
    random = np.random.default_rng(1)
    n, seconds = 400, 20.0
    senders = random.integers(0, n, int(n * 10 * seconds))
    times = random.uniform(0, 1000 * seconds, len(senders))
    found = statistics(senders, times, n, 0.0, 1000 * seconds)
    assert found.rate == pytest.approx(10.0)
    assert found.cv == pytest.approx(1.0, abs=0.02)
    assert found.correlation == pytest.approx(0.0, abs=0.002)


def test_neurons_that_share_their_spikes_are_correlated():
    times = np.random.default_rng(2).uniform(0, 1000, 50)
    both = np.concatenate((times, times))
    senders = np.repeat([0, 1], len(times))
    assert statistics(senders, both, 2, 0.0, 1000.0).correlation == pytest.approx(1.0)


def test_crossings_are_interpolated():
    dt = 0.1
    trace = np.sin(2 * np.pi * (np.arange(1000) * dt - 3.03) / 20)
    assert crossings(trace, dt) == pytest.approx([3.03, 23.03, 43.03, 63.03, 83.03], abs=1e-4)


def test_the_price_of_an_error_lies_between_its_neighbours():
    assert price_at([0.01, 1.0], [100.0, 1.0], 0.1) == pytest.approx(10.0)
    assert np.isnan(price_at([0.01, 1.0], [100.0, 1.0], 5.0))


def test_ratios_are_taken_within_a_round():
    who = Contestant("A", "", "", {})
    slow = Outcome(who, runs=[{"cpu": 2.0}, {"cpu": 20.0}, {"cpu": 2.0}])
    base = Outcome(who, runs=[{"cpu": 1.0}, {"cpu": 10.0}, {"cpu": 1.0}])
    assert ratio(slow, base, "cpu") == pytest.approx(2.0)
    assert [Goal(2, 4).said(x).split(": ")[1] for x in (1.0, 3.0, 5.0)] == ["NO", "yes", "aim"]


def test_tables_survive_the_way_from_process_to_process(tmp_path):
    sections = [
        Section("T", ("a", "b"), (("x", number(1234.5)), ("y", number(0.00123))), "t", ("n",))
    ]
    write_json(tmp_path / "t.json", sections)
    assert read_json(tmp_path / "t.json") == sections
    assert "| y | 0.00123 |" in sections[0].markdown()
    assert sections[0].plain().splitlines()[-1] == "n"
