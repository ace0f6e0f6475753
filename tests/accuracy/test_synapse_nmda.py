"""The NMDA synapse against Jahr & Stevens 1990 and its own equations, solved by hand."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import minimize_scalar

import neurocanvas as nc
from neurocanvas.model.edits import SetData


def block(v, magnesium=1.0):
    """Part of the open channels that conduct: Jahr & Stevens 1990."""
    return 1 / (1 + magnesium / 3.57 * np.exp(-0.062 * v))


def onto(v, *, dt=0.1, **values):
    """One NMDA spike arriving at 6 ms on a cell that rests at v."""
    circuit = nc.Circuit(dt=dt)
    source = circuit.add("spike_list")
    circuit.apply(SetData(source, {"times": (5.0,)}))
    cell = circuit.add("lif", label="B", E_L=v, v_0=v, V_th=1000, V_reset=v)
    return circuit, circuit.connect(source, cell, "nmda", delay=1, **values)


@pytest.mark.parametrize("magnesium", [0.0, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("v", [-90.0, -70.0, -60.0, -40.0, -20.0, 20.0])
def test_the_block_is_that_of_jahr_and_stevens_at_any_potential(v, magnesium):
    # So weak that the potential stays where it is.
    circuit, link = onto(v, weight=1e-6, Mg=magnesium)
    result = nc.simulate(circuit, 60, record={link: ["B", "g", "I"]})
    assert result[link, "B"] == pytest.approx(block(v, magnesium), rel=1e-7)
    expected = result[link, "g"] * block(v, magnesium) * (0.0 - v)
    assert np.abs(expected).max() > 0
    assert result[link, "I"] == pytest.approx(expected, rel=1e-6, abs=1e-20)


@pytest.mark.parametrize(("v", "part"), [(-80.0, 0.0244), (-60.0, 0.0796), (-20.0, 0.5081)])
def test_numbers_of_the_block_at_one_millimolar(v, part):
    # By hand: 1/(1 + exp(0.062*80)/3.57) and so on.
    circuit, link = onto(v, weight=1e-6)
    assert nc.simulate(circuit, 10, record={link: ["B"]})[link, "B"][0] == pytest.approx(
        part, abs=5e-5
    )


def test_the_current_has_the_valley_that_makes_it_a_switch():
    found = []
    potentials = np.arange(-80.0, 10.0, 5.0)
    for v in potentials:
        circuit, link = onto(float(v), weight=1e-6)
        found.append(nc.simulate(circuit, 40, record={link: ["I"]})[link, "I"].max())
    # The inward current grows with depolarization, up to where g*B*(0 - v) has its extreme.
    extreme = minimize_scalar(lambda v: block(v) * v, bounds=(-60, 0), method="bounded").x
    assert abs(potentials[np.argmax(found)] - extreme) <= 2.5
    assert found[2] < found[6] < found[10]


def test_a_depolarized_cell_answers_as_the_equations_say():
    weight, rise, decay, C, tau = 60.0, 2.0, 100.0, 200.0, 20.0
    peak = rise * decay / (decay - rise) * math.log(decay / rise)
    height = math.exp(-peak / decay) - math.exp(-peak / rise)

    def slope(t, y):
        (v,) = y
        g = weight / height * (math.exp(-t / decay) - math.exp(-t / rise))
        return [(-50.0 - v) / tau + g * block(v) * (0.0 - v) / C]

    errors = []
    for dt in (0.2, 0.1, 0.05):
        circuit, _ = onto(-50.0, dt=dt, weight=weight)
        result = nc.simulate(circuit, 206)
        v = result["B", "v"][round(6 / dt) :]
        times = np.arange(len(v)) * dt
        exact = solve_ivp(slope, (0, times[-1]), [-50.0], t_eval=times, rtol=1e-11, atol=1e-11).y[0]
        assert exact.max() > -20
        errors.append(np.abs(v - exact).max())
    assert errors[1] < 0.005
    # Second order, although the block follows the potential.
    assert np.all(np.diff(np.log2(errors)) < -1.8)


def test_without_magnesium_it_is_a_plain_conductance():
    circuit, _ = onto(-70.0, Mg=0, weight=4)
    other = nc.Circuit(dt=0.1)
    source = other.add("spike_list")
    other.apply(SetData(source, {"times": (5.0,)}))
    cell = other.add("lif", label="B", V_th=1000)
    other.connect(source, cell, "conductance_synapse_biexponential", delay=1, weight=4,
                  tau_rise=2, tau_decay=100)  # fmt: skip
    one, two = (nc.simulate(c, 300)["B", "v"] for c in (circuit, other))
    assert one == pytest.approx(two, abs=1e-9)
