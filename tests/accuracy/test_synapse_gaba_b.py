"""The GABA-B synapse against its kinetic equations with real pulses of transmitter."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import neurocanvas as nc
from neurocanvas.model.edits import SetData

RATES = {
    "Destexhe et al. 1996": (0.5, 0.3, 0.52, 0.0013, 0.098, 0.033),
    "Destexhe et al. 1998": (1.0, 1.0, 0.09, 0.0012, 0.18, 0.034),
}
"""Concentration (mM) and duration (ms) of a pulse, K1, K2, K3, K4."""


def kinetics(arrivals, times, preset):
    """r and s at some times: the two equations with a square pulse of transmitter per spike."""
    conc, duration, k1, k2, k3, k4 = RATES[preset]
    edges = sorted({0.0, times[-1], *arrivals, *(a + duration for a in arrivals)})
    y, found = [0.0, 0.0], []
    for begin, end in pairwise(edges):
        middle = (begin + end) / 2
        present = conc if any(a <= middle < a + duration for a in arrivals) else 0.0
        inside = times[(times >= begin) & (times < end)]
        solution = solve_ivp(
            lambda t, y, c=present: [k1 * c * (1 - y[0]) - k2 * y[0], k3 * y[0] - k4 * y[1]],
            (begin, end), y, t_eval=np.append(inside, end), rtol=1e-10, atol=1e-14,
        )  # fmt: skip
        found.append(solution.y[:, :-1])
        y = solution.y[:, -1]
    return np.concatenate([*found, y[:, None]], axis=1)


def burst(times, *, preset="Destexhe et al. 1996", dt=0.1, size=1, **cell):
    """Spikes at given times onto a cell through a GABA-B synapse, arriving 1 ms later."""
    circuit = nc.Circuit(dt=dt)
    source = circuit.add("spike_list", size=size)
    circuit.apply(SetData(source, {"times": tuple(times)}))
    target = circuit.add("lif", label="B", **cell)
    link = circuit.connect(source, target, "gaba_b", delay=1)
    circuit.set(link, **circuit.kinds.get("gaba_b").presets[preset])
    return circuit, link


@pytest.mark.parametrize("preset", RATES)
@pytest.mark.parametrize("n", [1, 10])
def test_receptors_and_g_protein_follow_the_kinetics(preset, n):
    times = 5.0 + 5.0 * np.arange(n)
    circuit, link = burst(times, preset=preset)
    result = nc.simulate(circuit, 1500, record={link: ["r", "s"]})
    r, s = kinetics(list(times + 1), result.times, preset)
    # The pulse binds at once instead of over its 0.3 or 1 ms, and s, which rises over
    # 1/K4 = 30 ms, hardly sees it.
    duration = RATES[preset][1]
    late = result.times > times[-1] + 20
    assert result[link, "r"][late] == pytest.approx(r[late], rel=0.01 * duration)
    assert result[link, "s"][late] == pytest.approx(s[late], rel=0.05 * duration)
    assert result[link, "s"].max() == pytest.approx(s.max(), rel=0.01 * duration)
    assert np.argmax(result[link, "s"]) == pytest.approx(np.argmax(s), abs=10)


@pytest.mark.parametrize("preset", RATES)
def test_a_burst_does_far_more_than_its_number_of_spikes(preset):
    peaks, expected = [], []
    for n in (1, 10):
        times = 5.0 + 5.0 * np.arange(n)
        circuit, link = burst(times, preset=preset)
        result = nc.simulate(circuit, 800, record={link: ["g"]})
        peaks.append(result[link, "g"].max())
        s4 = kinetics(list(times + 1), result.times, preset)[1].max() ** 4
        expected.append(50.0 * s4 / (s4 + 100.0))
    assert peaks == pytest.approx(expected, rel=0.02)
    # Four G proteins a channel: one spike next to nothing, ten of them a thousand times more.
    assert peaks[1] / peaks[0] == pytest.approx(expected[1] / expected[0], rel=0.02)
    assert peaks[1] / peaks[0] > 500
    assert 0.3 < peaks[1] < 25


def test_it_is_slow_a_burst_peaks_after_a_tenth_of_a_second():
    circuit, link = burst(5.0 + 5.0 * np.arange(10))
    result = nc.simulate(circuit, 1500, record={link: ["g"]})
    g = result[link, "g"]
    # "Peak at 100 ms", the header of the authors' own model says; decay over some hundred ms.
    assert 90 < result.times[np.argmax(g)] < 160
    half = np.flatnonzero(g > g.max() / 2)
    assert 150 < (half[-1] - half[0]) * 0.1 < 400


def test_it_pulls_to_the_potassium_reversal_and_not_beyond():
    circuit, link = burst(5.0 + 2.0 * np.arange(60), E_L=-60, v_0=-60)
    circuit.set(link, weight=1e5)
    v = nc.simulate(circuit, 400)["B", "v"]
    assert v.min() == pytest.approx(-95.0, abs=0.01)
    assert v.min() >= -95.0


def test_spikes_that_arrive_together_bind_one_after_the_other():
    # n pulses leave (1 - p)**n of the receptors free, however they come.
    conc, duration, k1, k2, *_ = RATES["Destexhe et al. 1996"]
    rate = k1 * conc + k2
    bound, caught = k1 * conc / rate, -np.expm1(-rate * duration)
    for n in (1, 2, 30):
        circuit, link = burst([5.0], size=n)
        r = nc.simulate(circuit, 10, record={link: ["r"]})[link, "r"]
        expected = bound * (1 - (1 - caught) ** n) * np.exp(-k2 * 0.1)
        assert r[round(6.1 / 0.1)] == pytest.approx(expected, rel=1e-9)
    assert r.max() < 1
