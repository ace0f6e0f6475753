"""FitzHugh-Nagumo and Morris-Lecar: where firing sets in, from their equilibria on paper."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq, minimize_scalar

import neurocanvas as nc
from tests.accuracy import closed_forms
from tests.accuracy.neuron_patterns import AGREEMENT_MS, preset, step, train

FHN = "fitzhugh_nagumo"
ML = "morris_lecar"
HOPF, SNIC, HOMOCLINIC = "Hopf", "Saddle-node on the cycle (SNIC)", "Homoclinic"


def trace_of(kind, current, duration, dt=0.1, **values):
    """v under a constant current, by the engine."""
    circuit = nc.Circuit(dt=dt)
    node = circuit.add(kind, label="A", **values)
    circuit.connect(circuit.add("step_current", amplitude=current), node)
    return nc.simulate(circuit, duration)["A", "v"]


def swings(trace):
    """Peak to peak in the first and in the last fifth."""
    fifth = len(trace) // 5
    return np.ptp(trace[:fifth]), np.ptp(trace[-fifth:])


# -- FitzHugh-Nagumo ------------------------------------------------------------------------------


def fhn_hopf(a=0.7, b=0.8, tau=12.5):
    """v, w and input where the equilibrium loses its stability: 1 - v**2 = b/tau."""
    v = -math.sqrt(1 - b / tau)
    w = (v + a) / b
    return v, w, w - v + v**3 / 3


def test_fitzhugh_nagumo_rests_where_its_nullclines_cross():
    v = brentq(lambda v: v - v**3 / 3 - (v + 0.7) / 0.8, -2, 0)
    assert trace_of(FHN, 0.0, 500)[-1] == pytest.approx(v, abs=1e-6)


def test_fitzhugh_nagumo_loses_its_rest_at_the_hopf_point():
    v, w, current = fhn_hopf()
    assert current == pytest.approx(0.3313, abs=1e-4)
    # Just off the equilibrium: below the point it spirals in, above out.
    start = {"v_0": v + 0.02, "w_0": w}
    first, last = swings(trace_of(FHN, 1000 * (current - 0.006), 600, **start))
    assert last < 0.5 * first
    first, last = swings(trace_of(FHN, 1000 * (current + 0.006), 600, **start))
    assert last > 2 * first


@pytest.mark.parametrize(("current", "fires"), [(300, False), (500, True), (1300, True)])
def test_fitzhugh_nagumo_fires_repetitively_between_its_two_hopf_points(current, fires):
    spikes = train(FHN, None, step(current), 600)
    assert (np.sum(spikes > 200) > 5) is np.bool_(fires)


def test_fitzhugh_nagumo_falls_silent_under_too_much_current():
    assert np.sum(train(FHN, None, step(1600), 600) > 200) == 0


def test_fitzhugh_nagumo_fires_one_spike_when_inhibition_ends():
    rebound = train(FHN, None, step(-1000, 10.0, 110.0), 300)
    assert len(rebound) == 1
    assert 110 < rebound[0] < 130


def test_fitzhugh_nagumo_against_its_equations_written_out_by_hand():
    def slope(_, y):
        return [y[0] - y[0] ** 3 / 3 - y[1] + 0.5, (y[0] + 0.7 - 0.8 * y[1]) / 12.5]

    times = np.arange(2001) * 0.1
    by_hand = solve_ivp(slope, (0, 200), [-1.2, -0.625], t_eval=times, rtol=1e-10, atol=1e-10).y[0]
    assert trace_of(FHN, 500, 200) == pytest.approx(by_hand, abs=1e-4)
    expected = closed_forms.crossings(times, by_hand, 1.0)
    for reference in (True, False):
        assert train(FHN, None, step(500), 200, reference=reference) == pytest.approx(
            expected, abs=AGREEMENT_MS
        )


# -- Morris-Lecar ---------------------------------------------------------------------------------


def ml_steady(title):
    """Return the steady outward current at a potential, and the rates of change around it."""
    p = nc.kinds().get(ML).defaults() | preset(ML, title)

    def m(v):
        return 0.5 * (1 + math.tanh((v - p["V_1"]) / p["V_2"]))

    def w(v):
        return 0.5 * (1 + math.tanh((v - p["V_3"]) / p["V_4"]))

    def ionic(v, open_w):
        calcium = p["g_Ca"] * m(v) * (v - p["E_Ca"])
        return calcium + p["g_K"] * open_w * (v - p["E_K"]) + p["g_L"] * (v - p["E_L"])

    def steady(v):
        return ionic(v, w(v))

    def jacobian_trace(v):
        slope = (ionic(v + 1e-4, w(v)) - ionic(v - 1e-4, w(v))) / 2e-4
        return -slope / p["C_m"] - p["phi"] * math.cosh((v - p["V_3"]) / (2 * p["V_4"]))

    return steady, jacobian_trace


def saddle_node(title):
    """Current at which rest and threshold meet: the local maximum of the steady current."""
    steady, _ = ml_steady(title)
    found = minimize_scalar(lambda v: -steady(v), bounds=(-40, -15), method="bounded")
    return steady(found.x)


def test_the_rest_of_morris_lecar():
    steady, _ = ml_steady(HOPF)
    rest = brentq(steady, -70, -50)
    assert rest == pytest.approx(-60.9, abs=0.1)
    assert trace_of(ML, 0.0, 500)[-1] == pytest.approx(rest, abs=1e-6)


def test_in_the_hopf_set_rest_loses_its_stability_without_ceasing_to_exist():
    steady, jacobian_trace = ml_steady(HOPF)
    v = brentq(jacobian_trace, -40, -20)
    # Rinzel & Ermentrout 1998, fig. 7.3: near 94 uA/cm2.
    assert steady(v) == pytest.approx(93.86, abs=0.1)
    first, last = swings(trace_of(ML, steady(v) - 2, 600, v_0=v + 0.5))
    assert last < 0.5 * first
    first, last = swings(trace_of(ML, steady(v) + 2, 600, v_0=v + 0.5))
    assert last > 2 * first


def test_in_the_hopf_set_firing_sets_in_at_a_finite_rate_and_ends_in_a_block():
    silent = train(ML, HOPF, step(85), 600)
    slow, fast, blocked = (train(ML, HOPF, step(i), 600) for i in (90, 150, 250))
    assert len(silent) <= 1
    assert len(blocked) <= 1
    assert 90 < np.diff(slow)[-1] < 120
    assert 50 < np.diff(fast)[-1] < 80


def test_in_the_snic_set_the_rate_falls_to_zero_as_a_root():
    onset = saddle_node(SNIC)
    # Rinzel & Ermentrout 1998, fig. 7.5: 39.96 uA/cm2.
    assert onset == pytest.approx(39.96, abs=0.01)
    assert len(train(ML, SNIC, step(onset - 0.1), 1500)) == 0
    near, far = (np.diff(train(ML, SNIC, step(onset + d), 1500))[-1] for d in (0.1, 0.4))
    assert near > 400
    # The rate goes with the square root of the distance: a quarter, so twice the interval.
    assert near / far == pytest.approx(2.0, rel=0.15)


def test_in_the_homoclinic_set_rest_and_firing_stand_side_by_side():
    current = saddle_node(HOMOCLINIC) - 2
    assert len(train(ML, HOMOCLINIC, step(current), 600)) == 0
    going_on = train(ML, HOMOCLINIC, step(current), 600, v_0=0.0)
    assert np.sum(going_on > 400) > 5


@pytest.mark.parametrize(("title", "current"), [(HOPF, 100), (SNIC, 50), (HOMOCLINIC, 41)])
def test_the_engine_fires_with_the_reference(title, current):
    exact, engine = (train(ML, title, step(current), 300, reference=r) for r in (True, False))
    assert len(exact) == len(engine) >= 3
    assert engine == pytest.approx(exact, abs=AGREEMENT_MS)


def test_recorded_currents_of_morris_lecar_add_up():
    circuit = nc.Circuit(dt=0.1)
    node = circuit.add(ML, label="A")
    circuit.connect(circuit.add("step_current", amplitude=100), node)
    names = ["v", "w", "I_Ca", "I_K", "I_L", "m_inf", "w_inf", "tau_w"]
    result = nc.simulate(circuit, 100, record={node: names}, reference=True)
    v, w, calcium, potassium, leak, m_inf, w_inf, tau = (result["A", name] for name in names)
    inside = slice(5, -5)
    dv, dw = (np.gradient(x, 0.1, edge_order=2) for x in (v, w))
    assert dv[inside] * 20 == pytest.approx((100 - calcium - potassium - leak)[inside], abs=1.0)
    assert dw[inside] == pytest.approx(((w_inf - w) / tau)[inside], abs=1e-4)
    assert np.all((m_inf > 0) & (m_inf < 1))
    assert tau.max() <= 1 / 0.04
