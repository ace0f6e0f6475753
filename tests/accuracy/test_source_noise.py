"""Ornstein-Uhlenbeck noise: mean, deviation and autocorrelation within three sigma."""

import numpy as np
import pytest

import neurocanvas as nc


def noise(duration, *, size=1, dt=0.1, seed=1, label="N", **values):
    """The current of an OU source, (n_steps, size), after it has forgotten its start."""
    circuit = nc.Circuit(dt=dt, seed=seed)
    source = circuit.add("ou_noise", label=label, size=size, **values)
    current = nc.simulate(circuit, duration, record={source: ["I"]})[label, "I"]
    tau = circuit.values(source)["tau"]
    return np.reshape(current, (len(current), -1))[round(8 * tau / dt) :]


@pytest.mark.parametrize(("tau", "dt"), [(5.0, 0.1), (5.0, 1.0), (20.0, 0.5), (0.5, 0.5)])
def test_mean_and_deviation_whatever_the_step(tau, dt):
    x = noise(600, size=200, dt=dt, tau=tau, mean=150, sigma=80)
    # Independent pieces last 2*tau for the mean, tau for the variance; at least a step.
    pieces = x.shape[1] * max(1.0, len(x) * dt / max(2 * tau, dt))
    assert x.mean() == pytest.approx(150, abs=3 * 80 / np.sqrt(pieces))
    pieces = x.shape[1] * max(1.0, len(x) * dt / max(tau, dt))
    assert x.std() == pytest.approx(80, abs=3 * 80 / np.sqrt(2 * pieces))


@pytest.mark.parametrize(("tau", "dt"), [(5.0, 0.1), (10.0, 2.0)])
def test_the_autocorrelation_is_an_exponential(tau, dt):
    x = noise(400, size=400, dt=dt, tau=tau, mean=0, sigma=1)
    pieces = x.shape[1] * len(x) * dt / (2 * tau)
    for lag in (1, 3, 10):
        found = np.mean(x[:-lag] * x[lag:])
        expected = np.exp(-lag * dt / tau)
        # The error of a correlation over independent pieces, Bartlett 1946: at most sqrt(2).
        assert found == pytest.approx(expected, abs=3 * np.sqrt(2 / pieces))


def test_values_are_gaussian():
    x = noise(200, size=2000, dt=1.0, tau=5, mean=0, sigma=1)[-1]
    # Skewness and excess kurtosis of n independent Gaussian values: sqrt(6/n), sqrt(24/n).
    assert np.mean(x**3) == pytest.approx(0, abs=3 * np.sqrt(15 / len(x)))
    assert np.mean(x**4) == pytest.approx(3, abs=3 * np.sqrt(96 / len(x)))


def test_it_begins_at_its_mean_and_spreads():
    circuit = nc.Circuit(dt=0.1)
    source = circuit.add("ou_noise", label="N", size=3000, mean=40, sigma=10, tau=5)
    current = nc.simulate(circuit, 20, record={source: ["I"]})["N", "I"]
    assert np.all(current[0] == 40)
    for t in (1.0, 5.0, 20.0):
        expected = 10 * np.sqrt(1 - np.exp(-2 * t / 5))
        spread = current[round(t / 0.1)].std()
        assert spread == pytest.approx(expected, abs=3 * expected / np.sqrt(6000))


def test_neurons_seeds_and_nodes_have_noise_of_their_own():
    circuit = nc.Circuit(dt=0.5, seed=7)
    for label in "NM":
        circuit.add("ou_noise", label=label, size=3, tau=1, sigma=1, mean=0)
    ids = [node.id for node in circuit.nodes()]
    result = nc.simulate(circuit, 4000, record={i: ["I"] for i in ids})
    rows = np.concatenate([result["N", "I"], result["M", "I"]], axis=1)[20:].T
    correlation = np.corrcoef(rows)[np.triu_indices(6, 1)]
    assert np.abs(correlation).max() < 4 / np.sqrt(8000 / 4)
    one, again, other = (noise(50, seed=s) for s in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_no_deviation_is_a_constant_current():
    assert np.all(noise(20, sigma=0, mean=123) == 123.0)


def test_noise_into_a_cell_has_the_variance_of_the_double_low_pass():
    circuit = nc.Circuit(dt=0.1, seed=2)
    source = circuit.add("ou_noise", size=400, mean=0, sigma=50, tau=5)
    cells = circuit.add("lif", label="B", size=400, V_th=1000)
    circuit.connect(source, cells, rule="one_to_one")
    v = nc.simulate(circuit, 300, record={cells: ["v"]})["B", "v"][1500:] + 70
    # OU current through R = 100 MOhm and tau_m = 20 ms: (sigma*R)**2 * tau/(tau + tau_m).
    expected = 5**2 * 5 / 25
    pieces = 400 * 150 / 20
    assert v.var() == pytest.approx(expected, rel=3 * np.sqrt(2 / pieces))
