"""The published sets of the Hodgkin-Huxley neuron, and what of it can be recorded."""

import math
from functools import cache

import numpy as np
import pytest

import neurocanvas as nc
from tests.accuracy.closed_forms import HH_DENSITY_PA, HH_SPIKES_MS
from tests.accuracy.neuron_patterns import preset, step, train

KIND = "hodgkin_huxley"
SQUID, SHIFTED, PRINTED, OTHER = nc.kinds().get(KIND).presets
PULSE = step(HH_DENSITY_PA, 100.0, 200.0)


@cache
def recorded(title, current=1000.0, duration=12.0, dt=0.02):
    """Everything that can be recorded under a constant current, by the reference: name -> trace."""
    circuit = nc.Circuit(dt=dt)
    node = circuit.add(KIND, label="A", **preset(KIND, title))
    circuit.connect(circuit.add("step_current", amplitude=current), node)
    names = list(circuit.kinds.get(KIND).recordable)
    result = nc.simulate(circuit, duration, record={node: names}, reference=True)
    return {name: result["A", name] for name in names}


def derivative(trace, dt=0.02):
    """Rate of change at all samples but two at each end, of fourth order."""
    return (8 * (trace[3:-1] - trace[1:-3]) - (trace[4:] - trace[:-4])) / (12 * dt)


def rest_of(title):
    """Potential it settles at without input."""
    circuit = nc.Circuit(dt=0.025)
    circuit.add(KIND, label="A", **preset(KIND, title))
    result = nc.simulate(circuit, 400)
    assert len(result.spikes("A")) == 0
    return result["A", "v"][-1]


@pytest.mark.parametrize("title", [SQUID, SHIFTED])
@pytest.mark.parametrize(("dt", "allowed"), [(0.01, 0.01), (0.025, 0.1)])
def test_shifting_everything_shifts_the_potential_and_nothing_else(title, dt, allowed):
    # The spikes are counted at 0 mV, so the shifted cell's are counted at -5.
    level = preset(KIND, title).get("V_rest", -65.0) + 65.0
    spikes = train(KIND, title, PULSE, 205, dt=dt, reference=False, V_spike=level)
    assert spikes == pytest.approx(HH_SPIKES_MS, abs=allowed)


def test_the_shifted_form_is_the_one_of_the_lecture():
    # Rates as printed there, at potentials that are not their singular points.
    x = recorded(PRINTED)
    v = x["v"]
    assert x["a_n"] == pytest.approx(0.01 * (v + 60) / (1 - np.exp(-0.1 * (v + 60))), rel=1e-6)
    assert x["a_m"] == pytest.approx(0.1 * (v + 45) / (1 - np.exp(-0.1 * (v + 45))), rel=1e-6)
    assert x["a_h"] == pytest.approx(0.07 * np.exp(-0.05 * (v + 70)), rel=1e-9)
    assert x["b_n"] == pytest.approx(0.125 * np.exp(-0.0125 * (v + 70)), rel=1e-9)
    assert x["b_m"] == pytest.approx(4 * np.exp(-(v + 70) / 80), rel=1e-9)
    assert x["b_h"] == pytest.approx(1 / (1 + np.exp(-0.1 * (v + 40))), rel=1e-9)


@pytest.mark.parametrize("density", [10, 20, 40])
def test_with_80_in_b_m_it_fires_at_most_once_and_with_18_on_and_on(density):
    assert len(train(KIND, PRINTED, step(100 * density), 160)) <= 1
    assert len(train(KIND, SHIFTED, step(100 * density), 160)) >= 11


def test_the_shifted_form_fires_eleven_times_in_160_ms_at_10_microamperes():
    assert len(train(KIND, SHIFTED, step(1000), 160)) == 11


@pytest.mark.parametrize(
    ("title", "rest", "within"), [(SQUID, -65, 0.1), (SHIFTED, -70, 0.1), (PRINTED, -70, 0.1)]
)
def test_each_set_rests_where_it_says(title, rest, within):
    assert rest_of(title) == pytest.approx(rest, abs=within)


def test_the_set_with_other_reversal_potentials_rests_higher_and_fires():
    p = preset(KIND, OTHER)
    assert (p["E_Na"], p["E_K"], p["E_L"]) == (55, -75, -50)
    rest = rest_of(OTHER)
    assert rest == pytest.approx(p["v_0"], abs=0.05)
    assert rest > rest_of(SQUID) + 1
    spikes = train(KIND, OTHER, step(1000), 160)
    assert len(spikes) > len(train(KIND, SQUID, step(1000), 160))


def test_currents_are_conductances_times_driving_forces():
    x = recorded(SQUID)
    v = x["v"]
    assert v.max() > 20
    assert x["G_Na"] == pytest.approx(12000 * x["m"] ** 3 * x["h"], rel=1e-9)
    assert x["G_K"] == pytest.approx(3600 * x["n"] ** 4, rel=1e-9)
    assert x["I_Na"] == pytest.approx(x["G_Na"] * (v - 50), rel=1e-9)
    assert x["I_K"] == pytest.approx(x["G_K"] * (v + 77), rel=1e-9)
    assert x["I_L"] == pytest.approx(30 * (v + 54.3), rel=1e-9)
    # They charge the membrane: Kirchhoff's law, to a thousandth of the largest current.
    charge = 1000 - x["I_Na"] - x["I_K"] - x["I_L"]
    assert 100 * derivative(v) == pytest.approx(charge[2:-2], abs=1e-3 * np.ptp(charge))
    # Hodgkin & Huxley 1952, fig. 17: about 30 mS/cm2 of sodium at the peak of a spike.
    assert 25 < x["G_Na"].max() / 100 < 45


@pytest.mark.parametrize("gate", "mhn")
def test_steady_states_and_time_constants_say_how_a_gate_moves(gate):
    x = recorded(SQUID)
    open_part, steady, tau = x[gate], x[f"{gate}_inf"], x[f"tau_{gate}"]
    assert tau * (x[f"a_{gate}"] + x[f"b_{gate}"]) == pytest.approx(np.ones(len(tau)))
    assert steady == pytest.approx(x[f"a_{gate}"] * tau)
    assert open_part[0] == pytest.approx(steady[0])
    speed = (steady - open_part) / tau
    assert derivative(open_part) == pytest.approx(speed[2:-2], abs=1e-3 * np.ptp(speed))


def test_the_gates_at_rest_are_those_of_the_paper():
    # From the rate functions at rest (Hodgkin & Huxley 1952, eq. 12 to 24): 0.053, 0.596, 0.318.
    m, h, n = (recorded(SQUID)[f"{gate}_inf"][0] for gate in "mhn")
    a_m = 2.5 / (math.exp(2.5) - 1)
    a_n = 0.1 / (math.e - 1)
    assert m == pytest.approx(a_m / (a_m + 4))
    assert h == pytest.approx(0.07 / (0.07 + 1 / (1 + math.exp(3))))
    assert n == pytest.approx(a_n / (a_n + 0.125))
    assert (m, h, n) == pytest.approx((0.0529, 0.5961, 0.3177), abs=1e-4)
