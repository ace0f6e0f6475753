"""AdEx: the eight firing patterns of Naud et al. 2008 by name, and two thresholds from theory.

All counts and intervals are taken from the reference solution.
"""

import math

import numpy as np
import pytest

import neurocanvas as nc
from tests.accuracy.neuron_patterns import (
    AGREEMENT_MS,
    adaptation_index,
    bursts,
    preset,
    step,
    train,
    variation,
)

PATTERNS = {
    "Tonic spiking": 500,
    "Adaptation": 500,
    "Initial burst": 400,
    "Regular bursting": 210,
    "Delayed accelerating": 300,
    "Delayed regular bursting": 110,
    "Transient spiking": 180,
    "Irregular spiking": 160,
}
"""Current in pA that the paper's table 1 drives each of them with."""


def spikes_of(title, reference=True):
    # Tonic spiking says all in half the time.
    duration = 200 if title == "Tonic spiking" else 400
    return train("adex", title, step(PATTERNS[title]), duration, reference=reference)


def test_all_patterns_of_the_paper_are_presets_in_its_order():
    assert list(nc.kinds().get("adex").presets)[1:] == list(PATTERNS)


@pytest.mark.parametrize("title", [title for title in PATTERNS if title != "Irregular spiking"])
def test_the_engine_fires_with_the_reference(title):
    exact = spikes_of(title)
    engine = spikes_of(title, reference=False)
    assert len(engine) == len(exact) >= 1
    assert engine == pytest.approx(exact, abs=AGREEMENT_MS)


def test_the_engine_fires_with_the_reference_at_the_values_of_2005():
    title = "Cortical pyramidal cell, 2005"
    exact = train("adex", title, step(1000), 200)
    engine = train("adex", title, step(1000), 200, reference=False)
    assert len(engine) == len(exact) >= 8
    assert engine == pytest.approx(exact, abs=AGREEMENT_MS)


def test_tonic_spiking_is_steady():
    spikes = spikes_of("Tonic spiking")
    assert len(spikes) > 15
    assert abs(adaptation_index(spikes, skip=4)) < 1e-3
    assert variation(spikes[8:]) < 0.01


def test_adaptation_lengthens_the_intervals_one_by_one():
    intervals = np.diff(spikes_of("Adaptation"))
    assert np.all(np.diff(intervals[:6]) > 0)
    assert intervals[-1] > 5 * intervals[0]
    assert adaptation_index(spikes_of("Adaptation")) > 0.05


def test_initial_burst_is_one_burst_and_then_single_spikes():
    sizes = bursts(spikes_of("Initial burst"), 20.0)
    assert sizes[0] == 3
    assert sizes[1:] == [1] * len(sizes[1:])
    assert len(sizes) >= 6


def test_regular_bursting_repeats_bursts_at_equal_distances():
    spikes = spikes_of("Regular bursting")
    sizes = bursts(spikes, 50.0)
    assert sizes[0] >= 2
    assert sizes[1:] == [2] * len(sizes[1:])
    starts = spikes[np.cumsum([0, *sizes[:-1]])]
    assert len(starts) >= 3
    assert variation(starts[1:]) < 0.01


def test_delayed_accelerating_waits_and_speeds_up():
    spikes = spikes_of("Delayed accelerating")
    intervals = np.diff(spikes)
    assert spikes[0] > intervals[0]
    assert np.all(np.diff(intervals) < 0)
    assert adaptation_index(spikes) < -0.005


def test_delayed_regular_bursting_waits_and_bursts():
    spikes = spikes_of("Delayed regular bursting")
    sizes = bursts(spikes, 30.0)
    assert spikes[0] > 50
    assert len(sizes) >= 4
    assert all(size >= 3 for size in sizes[:-1])


def test_transient_spiking_ends_while_the_current_goes_on():
    spikes = spikes_of("Transient spiking")
    assert 1 <= len(spikes) <= 3
    assert spikes[-1] < 100


def test_irregular_spiking_never_repeats():
    spikes = spikes_of("Irregular spiking")
    assert len(spikes) > 15
    assert variation(spikes) > 0.15
    # No interval comes again, nor does any pattern of three of them.
    intervals = np.round(np.diff(spikes), 1)
    triples = {tuple(intervals[i : i + 3]) for i in range(len(intervals) - 2)}
    assert len(triples) == len(intervals) - 2


def test_the_engine_is_as_irregular_and_follows_until_chaos_parts_them():
    exact = spikes_of("Irregular spiking")
    engine = spikes_of("Irregular spiking", reference=False)
    assert engine[:10] == pytest.approx(exact[:10], abs=0.02)
    assert len(engine) == pytest.approx(len(exact), abs=2)
    assert variation(engine) == pytest.approx(variation(exact), abs=0.1)


def test_firing_sets_in_at_the_rheobase_of_theory():
    # Touboul & Brette 2008, Biol. Cybern. 99:319, eq. 5: the saddle-node, where a/g_L is small.
    p = preset("adex", "Tonic spiking") | {"V_T": -50.0, "Delta_T": 2.0}
    ratio = p["a"] / p["g_L"]
    assert ratio < p["C_m"] / p["g_L"] / p["tau_w"]
    slack = p["V_T"] - p["E_L"] - p["Delta_T"] + p["Delta_T"] * math.log(1 + ratio)
    rheobase = (p["g_L"] + p["a"]) * slack
    # The step itself may bring about a spike, before w has followed; then rest is stable or not.
    below, above = (train("adex", "Tonic spiking", step(rheobase + d), 700) for d in (-1, 1))
    assert np.sum(below > 300) == 0
    assert np.sum(above > 300) >= 2


def test_a_sharp_upswing_without_adaptation_is_a_leaky_integrator():
    # As Delta_T tends to 0 the model is the LIF with threshold V_T (Brette & Gerstner 2005).
    plain = {"a": 0.0, "b": 0.0, "t_ref": 2.0, "E_L": -70.0, "v_0": -70.0, "V_reset": -70.0}
    plain |= {"C_m": 200.0, "g_L": 10.0, "V_T": -55.0, "Delta_T": 0.01, "V_peak": -50.0}
    title = "Tonic spiking"
    engine = train("adex", title, step(300), 200, dt=0.01, reference=False, **plain)
    closed = 20.0 * math.log(2.0)
    assert engine[0] == pytest.approx(closed, abs=0.12)
    assert np.diff(engine) == pytest.approx(np.full(len(engine) - 1, closed + 2.0), abs=0.12)


@pytest.mark.parametrize("t_ref", [0.0, 0.03, 0.25, 3.0])
def test_the_refractory_period_lasts_as_long_as_it_should(t_ref):
    title = "Tonic spiking"
    exact = train("adex", title, step(500), 60, t_ref=t_ref)
    engine = train("adex", title, step(500), 60, reference=False, t_ref=t_ref)
    assert len(engine) == len(exact) >= 3
    assert engine == pytest.approx(exact, abs=AGREEMENT_MS)
