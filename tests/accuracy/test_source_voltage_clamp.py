"""The voltage clamp: how close it holds a cell, and the current it reads against the gates' own
closed form."""

import math

import numpy as np
import pytest

import neurocanvas as nc


def rates(v):
    """Opening and closing rates of m, h and n of the 1952 neuron, in 1/ms."""
    return (
        (0.1 * (v + 40) / (1 - math.exp(-(v + 40) / 10)), 4 * math.exp(-(v + 65) / 18)),
        (0.07 * math.exp(-(v + 65) / 20), 1 / (1 + math.exp(-(v + 35) / 10))),
        (0.01 * (v + 55) / (1 - math.exp(-(v + 55) / 10)), 0.125 * math.exp(-(v + 65) / 80)),
    )


def clamped_current(t, level, holding=-65.0):
    """Ionic current (pA) a time t after a step: each gate relaxes exponentially at a fixed v."""
    gates = []
    for (a, b), (a0, b0) in zip(rates(level), rates(holding), strict=True):
        steady, start = a / (a + b), a0 / (a0 + b0)
        gates.append(steady + (start - steady) * np.exp(-(a + b) * t))
    m, h, n = gates
    return (
        12000 * m**3 * h * (level - 50) + 3600 * n**4 * (level + 77) + 30 * (level + 54.3)
    )  # fmt: skip


def clamp(kind="hodgkin_huxley", *, dt=0.01, cell=None, **protocol):
    """A clamped cell; the link's I is the reading."""
    circuit = nc.Circuit(dt=dt)
    source = circuit.add("voltage_clamp", label="VC", **protocol)
    target = circuit.add(kind, label="B", **(cell or {}))
    link = circuit.connect(source, target)
    assert circuit.link(link).kind == "clamp"
    return circuit, source, target, link


@pytest.mark.parametrize("level", [-100.0, -45.0, -20.0, 0.0, 30.0])
@pytest.mark.parametrize("dt", [0.01, 0.025])
def test_a_cell_is_held_within_a_tenth_of_a_millivolt(level, dt):
    circuit, source, target, _ = clamp(dt=dt, level=level, start=20 + dt / 2)
    result = nc.simulate(circuit, 70, record={target: ["v"], source: ["command"]})
    command = result["VC", "command"]
    times = result.times
    stepping = (times > 20) & (times < 50 + dt * 0.75)
    assert np.array_equal(command[1:], np.where(stepping, level, -65.0)[1:])
    assert result["B", "v"] == pytest.approx(command, abs=0.1)


@pytest.mark.parametrize("level", [-100.0, -45.0, -20.0, 0.0, 30.0])
def test_the_reading_is_the_ionic_current_of_the_gates(level):
    circuit, _, _, link = clamp(dt=0.01, level=level)
    current = nc.simulate(circuit, 50, record={link: ["I"]})[link, "I"]
    # The gates see the new potential from the end of its first step on.
    since = np.arange(49, 2999) * 0.01
    found = current[2000 + 50 : 2000 + 3000]
    expected = clamped_current(since, level)
    assert found == pytest.approx(expected, abs=0.01 * np.abs(expected).max())
    # At the end of the step the potassium current stands.
    assert current[5000 - 1] == pytest.approx(clamped_current(30.0, level), rel=2e-3)


def test_the_sodium_current_turns_round_at_its_reversal_potential():
    peaks = []
    for level in (20.0, 49.0, 51.0, 80.0):
        circuit, _, target, _ = clamp(level=level)
        circuit.set(target, g_K=0, g_L=0)
        ionic = nc.simulate(circuit, 30, record={target: ["I_Na"]})["B", "I_Na"][2010:]
        peaks.append(ionic[np.abs(ionic).argmax()])
    assert peaks[0] < peaks[1] < 0 < peaks[2] < peaks[3]


def test_the_reading_is_the_sum_of_the_currents_of_the_membrane():
    circuit, _, target, link = clamp(level=10.0)
    names = ["I_Na", "I_K", "I_L"]
    result = nc.simulate(circuit, 70, record={target: names, link: ["I"]})
    total = sum(result["B", name] for name in names)
    # Without the moments in which the capacitor is charged.
    still = np.abs(np.diff(result.times % 30 - 20, prepend=0)) < 1
    still[:3] = still[1999:2006] = still[4999:5006] = False
    difference = np.abs(result[link, "I"] - total)[still]
    assert difference.max() < 2e-3 * np.abs(total).max()


def test_a_passive_cell_takes_its_leak_current():
    circuit, _, _, link = clamp("lif", dt=0.1, level=-60.0, cell={"V_th": 1000})
    current = nc.simulate(circuit, 70, record={link: ["I"]})[link, "I"]
    # g_L = C/tau = 10 nS: 50 pA at -65 mV, 100 pA at -60 mV.
    assert current[190] == pytest.approx(50.0, abs=1e-3)
    assert current[490] == pytest.approx(100.0, abs=1e-3)
    assert current[690] == pytest.approx(50.0, abs=1e-3)


def test_sweeps_go_higher_one_by_one():
    protocol = {"level": -80.0, "sweeps": 4, "period": 60, "increment": 15, "duration": 25}
    circuit, source, _, _ = clamp("lif", dt=0.1, cell={"V_th": 1000}, **protocol)
    command = nc.simulate(circuit, 400, record={source: ["command"]})["VC", "command"]
    times = np.arange(len(command)) * 0.1
    expected = np.full(len(command), -65.0)
    for k in range(4):
        begin = 20 + 60 * k
        expected[(times > begin - 0.05) & (times < begin + 24.95)] = -80 + 15 * k
    assert command[1:] == pytest.approx(expected[1:], abs=1e-12)


def test_a_step_may_last_longer_than_the_period_of_sweeps():
    circuit, source, _, _ = clamp("lif", dt=0.1, duration=250, period=50, cell={"V_th": 1000})
    command = nc.simulate(circuit, 300, record={source: ["command"]})["VC", "command"]
    assert np.all(command[205:2695] == 0.0)
    assert np.all(command[2705:] == -65.0)
    circuit.set(source, sweeps=0)
    still = nc.simulate(circuit, 300, record={source: ["command"]})["VC", "command"]
    assert np.all(still == -65.0)


def test_a_weak_clamp_is_a_resistor_in_series():
    # The voltage divider of electrode and leak: 10 nS against 10 nS.
    circuit, _, _, link = clamp("lif", dt=0.1, level=-60.0, duration=500, cell={"V_th": 1000})
    circuit.set(link, g_clamp=10.0)
    result = nc.simulate(circuit, 500)
    assert result["B", "v"][-1] == pytest.approx(-65.0, abs=1e-4)
    after = result["B", "v"][200:] - -65.0
    # Both charge the capacitor: 200 pF over 20 nS, from where the holding potential left it.
    start = result["B", "v"][200] + 65.0
    since = np.arange(len(after)) * 0.1
    assert after == pytest.approx(start * np.exp(-since / 10), abs=1e-3)
