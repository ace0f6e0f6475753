"""Gap junctions between passive cells: sums stay, differences vanish, in closed form."""

import numpy as np
import pytest

import neurocanvas as nc


def pair(g, *, dt=0.1, **second):
    """Two cells with different potentials and a junction between them."""
    circuit = nc.Circuit(dt=dt)
    a = circuit.add("lif", label="A", v_0=-60)
    b = circuit.add("lif", label="B", **second)
    return circuit, circuit.connect(a, b, "gap_junction", weight=g)


@pytest.mark.parametrize("g", [0.5, 5.0, 50.0])
def test_the_sum_leaks_and_the_difference_equilibrates(g):
    errors = []
    for dt in (0.1, 0.05, 0.025):
        circuit, _ = pair(g, dt=dt)
        result = nc.simulate(circuit, 60)
        t, a, b = result.times, result["A", "v"] + 70, result["B", "v"] + 70
        # (a + b) decays with the membrane, (a - b) with 2*g/C on top of it.
        total = 10 * np.exp(-t / 20)
        difference = 10 * np.exp(-t * (1 / 20 + 2 * g / 200))
        errors.append(max(np.abs(a + b - total).max(), np.abs(a - b - difference).max()))
    assert errors[2] < 1e-3 * max(1.0, g / 5) ** 2
    assert errors[2] < 0.3 * errors[1] < 0.09 * errors[0]  # second order


def test_what_one_cell_loses_the_other_gains():
    circuit, _ = pair(8.0, C_m=50.0)
    circuit.set(circuit.find("A").id, tau_m=1e9)
    circuit.set(circuit.find("B").id, tau_m=1e9)
    result = nc.simulate(circuit, 400, dt=0.01)
    a, b = result["A", "v"], result["B", "v"]
    # No leak: the charge 200*a + 50*b stays, and both end where it puts them.
    charge = 200 * a + 50 * b
    assert charge == pytest.approx(charge[0], rel=3e-5)
    assert a[-1] == pytest.approx((200 * -60 + 50 * -70) / 250, abs=2e-3)
    assert b[-1] == pytest.approx(a[-1], abs=1e-3)
    rate = 8.0 * (1 / 200 + 1 / 50)
    assert (a - b)[:5000] == pytest.approx(10 * np.exp(-rate * result.times[:5000]), abs=0.01)


def test_both_directions_carry_the_same_current():
    circuit, link = pair(3.0)
    result = nc.simulate(circuit, 40, record={link: ["I"], "n1": ["v"], "n2": ["v"]})
    into_b, into_a = result[link, "I"].T
    expected = 3.0 * (result["A", "v"] - result["B", "v"])
    assert into_b == pytest.approx(expected, abs=1e-9)
    assert into_a == pytest.approx(-expected, abs=1e-9)
    assert expected[0] == 30.0


def test_who_was_drawn_first_does_not_matter():
    circuit, _ = pair(5.0)
    turned = nc.Circuit(dt=0.1)
    a = turned.add("lif", label="A", v_0=-60)
    b = turned.add("lif", label="B")
    turned.connect(b, a, "gap_junction", weight=5.0)
    one, two = nc.simulate(circuit, 60), nc.simulate(turned, 60)
    assert one["A", "v"] == pytest.approx(two["A", "v"], abs=1e-12)
    assert one["B", "v"] == pytest.approx(two["B", "v"], abs=1e-12)


@pytest.mark.parametrize("n", [5, 20])
def test_a_population_joined_all_to_all_relaxes_with_n_times_the_conductance(n):
    # The graph that joins all has the eigenvalue n: each difference decays with n*g/C.
    circuit = nc.Circuit(dt=0.01)
    cells = circuit.add("lif", label="P", size=n)
    first = circuit.add("lif", label="A", v_0=-60)
    link = circuit.connect(cells, cells, "gap_junction", weight=1.0)
    circuit.connect(first, cells, "gap_junction", weight=1.0)
    result = nc.simulate(circuit, 40, record={cells: ["v"], first: ["v"], link: ["I"]})
    difference = result["A", "v"] - result["P", "v"].mean(axis=1)
    # n + 1 cells all joined to each other.
    expected = 10 * np.exp(-result.times * (1 / 20 + (n + 1) / 200))
    assert difference == pytest.approx(expected, abs=0.02)
    # Each pair once, seen from both sides, and nobody with himself.
    assert result[link, "I"].shape[1] == n * (n - 1)


def test_a_spike_goes_through_a_junction_to_a_resting_cell():
    circuit = nc.Circuit(dt=0.01)
    a = circuit.add("hodgkin_huxley", label="A")
    circuit.connect(circuit.add("step_current", amplitude=800, start=5), a)
    b = circuit.add("hodgkin_huxley", label="B")
    circuit.connect(a, b, "gap_junction", weight=5.0)
    result = nc.simulate(circuit, 30)
    assert len(result.spikes("A")) >= 1
    assert result["B", "v"].max() > -64
