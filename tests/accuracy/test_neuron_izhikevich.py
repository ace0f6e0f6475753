"""The Izhikevich neurons show the patterns they are named after, and the engine fires with them.

Patterns are those of Izhikevich 2003, fig. 2, and 2007, fig. 8.12 to 8.27; all counts and intervals
are taken from the reference solution.
"""

import math

import numpy as np
import pytest

import neurocanvas as nc
from tests.accuracy.neuron_patterns import AGREEMENT_MS, bursts, preset, step, train, variation

PLAIN = "izhikevich"
UNITS = "izhikevich_2007"
TEN = step(10, 10.0)
"""The input of the paper's figure 2."""

DRIVEN = [
    (PLAIN, "Regular spiking", TEN),
    (PLAIN, "Intrinsically bursting", TEN),
    (PLAIN, "Chattering", TEN),
    (PLAIN, "Fast spiking", TEN),
    (PLAIN, "Thalamo-cortical", step(5, 10.0)),
    (PLAIN, "Resonator", step(1, 10.0)),
    (PLAIN, "Low-threshold spiking", TEN),
    (UNITS, "Regular spiking", step(100, 10.0)),
    (UNITS, "Intrinsically bursting", step(500, 10.0)),
    (UNITS, "Chattering", step(400, 10.0)),
    (UNITS, "Low-threshold spiking", step(300, 10.0)),
    (UNITS, "Fast spiking", step(400, 10.0)),
]


def test_all_published_types_are_there():
    wanted = {"Regular spiking", "Intrinsically bursting", "Chattering", "Fast spiking"}
    wanted |= {"Thalamo-cortical", "Resonator", "Low-threshold spiking"}
    assert nc.kinds().get(PLAIN).presets.keys() == wanted
    assert nc.kinds().get(UNITS).presets.keys() == wanted - {"Thalamo-cortical", "Resonator"}


@pytest.mark.parametrize(("kind", "title", "drive"), DRIVEN)
def test_the_engine_fires_with_the_reference(kind, title, drive):
    exact = train(kind, title, drive, 300)
    engine = train(kind, title, drive, 300, reference=False)
    assert len(engine) == len(exact) >= 3
    assert engine == pytest.approx(exact, abs=AGREEMENT_MS)


# -- 2003 -----------------------------------------------------------------------------------------


def test_regular_spiking_adapts_to_a_slower_steady_rate():
    intervals = np.diff(train(PLAIN, "Regular spiking", TEN, 300))
    assert intervals[0] < 0.5 * intervals[1]
    assert np.ptp(intervals[1:]) < 0.5


def test_intrinsically_bursting_begins_with_one_burst_and_goes_on_with_single_spikes():
    assert bursts(train(PLAIN, "Intrinsically bursting", TEN, 300), 15.0)[:6] == [3, 1, 1, 1, 1, 1]


def test_chattering_repeats_bursts_of_closely_spaced_spikes():
    sizes = bursts(train(PLAIN, "Chattering", TEN, 300), 15.0)
    # The last one may be cut off by the end.
    assert len(sizes) >= 4
    assert all(size >= 4 for size in sizes[:-1])


def test_fast_spiking_is_fast_and_hardly_adapts():
    fast, regular = (train(PLAIN, t, TEN, 300) for t in ("Fast spiking", "Regular spiking"))
    assert len(fast) > 4 * len(regular)
    late = fast[fast > 60]
    assert variation(late) < 1e-3


def test_low_threshold_spiking_starts_fast_and_slows_down():
    intervals = np.diff(train(PLAIN, "Low-threshold spiking", TEN, 300))
    assert np.all(np.diff(intervals[:6]) > 0)
    assert intervals[-1] > 3 * intervals[0]
    # Its threshold is lower than that of a regular spiking cell.
    weak = step(2, 10.0)
    assert len(train(PLAIN, "Low-threshold spiking", weak, 300)) > 0
    assert len(train(PLAIN, "Regular spiking", weak, 300)) == 0


def test_a_thalamo_cortical_cell_fires_steadily_from_rest_and_rebounds_with_a_burst():
    tonic = train(PLAIN, "Thalamo-cortical", step(5, 10.0), 300)
    assert np.all(np.diff(tonic) < 10)
    rebound = train(PLAIN, "Thalamo-cortical", step(-10, 10.0, 200.0), 400)
    assert rebound[0] > 200
    assert len(rebound) >= 4
    assert rebound[-1] < 260
    assert len(train(PLAIN, "Regular spiking", step(-10, 10.0, 200.0), 400)) == 0


def test_a_resonator_answers_pulses_at_the_period_of_its_own_oscillation():
    a, b = (preset(PLAIN, "Resonator")[name] for name in "ab")
    # At rest 0.08*v + 5 = 0: small deflections turn as the eigenvalues of ((0, -1), (a*b, -a)).
    period = 2 * math.pi / math.sqrt(a * b - a**2 / 4)

    def answer(title, gap):
        pulses = (*step(1.2, 10.0, 12.0), *step(1.2, 10.0 + gap, 12.0 + gap))
        return len(train(PLAIN, title, pulses, 150))

    assert len(train(PLAIN, "Resonator", step(1.2, 10.0, 12.0), 150)) == 0
    assert answer("Resonator", round(period)) == 1
    assert answer("Resonator", round(period / 2)) == 0
    assert answer("Resonator", round(1.5 * period)) == 0
    assert answer("Regular spiking", round(period)) == 0


def test_the_scale_of_the_input_is_what_counts_as_one():
    plain = train(PLAIN, "Regular spiking", TEN, 200)
    scaled = train(PLAIN, "Regular spiking", step(200, 10.0), 200, I_scale=20.0)
    assert scaled == pytest.approx(plain, abs=1e-6)


# -- 2007 -----------------------------------------------------------------------------------------


def test_regular_spiking_sets_in_where_rest_and_threshold_meet():
    kind = nc.kinds().get(UNITS)
    k, v_r, v_t, b = (kind.defaults()[name] for name in ("k", "v_r", "v_t", "b"))
    # Where k*(v - v_r)*(v - v_t) - b*(v - v_r) + I has one root only.
    rheobase = (k * (v_t - v_r) + b) ** 2 / (4 * k)
    assert rheobase == pytest.approx(51.43, abs=0.01)
    assert len(train(UNITS, "Regular spiking", step(rheobase - 0.5), 1000)) == 0
    assert len(train(UNITS, "Regular spiking", step(rheobase + 0.5), 1000)) >= 1


def test_regular_spiking_cells_of_2007_fire_steadily():
    intervals = np.diff(train(UNITS, "Regular spiking", step(100, 10.0), 500))
    assert np.ptp(intervals) < 0.05 * np.mean(intervals)


def test_intrinsically_bursting_cells_of_2007_begin_with_a_doublet():
    intervals = np.diff(train(UNITS, "Intrinsically bursting", step(500, 10.0), 500))
    assert intervals[0] < intervals[1:].min() / 4


def test_chattering_cells_of_2007_repeat_bursts():
    sizes = bursts(train(UNITS, "Chattering", step(400, 10.0), 300), 15.0)
    assert len(sizes) >= 6
    assert all(size >= 2 for size in sizes[:-1])


def test_low_threshold_cells_of_2007_slow_down_smoothly():
    intervals = np.diff(train(UNITS, "Low-threshold spiking", step(300, 10.0), 300))
    assert np.all(np.diff(intervals[:6]) > 0)
    assert intervals[0] < 0.7 * intervals[-1]


def test_fast_spiking_cells_of_2007_fire_above_100_hz_without_adaptation():
    spikes = train(UNITS, "Fast spiking", step(400, 10.0), 300)
    late = spikes[spikes > 50]
    assert np.diff(late).max() < 10
    assert variation(late) < 0.01
    # Cubic recovery: rest is at v_r, whatever b_3.
    quiet = train(UNITS, "Fast spiking", step(50, 10.0), 300)
    assert len(quiet) == 0
