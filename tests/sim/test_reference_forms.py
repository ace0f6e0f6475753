"""The reference solution of what is no plain neuron and synapse, against solutions on paper."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

import neurocanvas as nc
from neurocanvas.model.kinds import Column, NeuronKind, Parameter, SourceKind, SynapseKind, Text
from neurocanvas.sim import random
from neurocanvas.sim.compiling.values import coherent_values, per_synapse
from neurocanvas.sim.compiling.wiring import delay_steps


def solved(circuit, duration, **options):
    return nc.simulate(circuit, duration, reference=True, **options)


def with_data(circuit, node_id, **columns):
    circuit.put_node(replace(circuit.node(node_id), data=columns))


def with_texts(circuit, element_id, **texts):
    put = circuit.put_link if element_id.startswith("l") else circuit.put_node
    put(replace(circuit.element(element_id), texts=texts))


def passive(circuit, label="A", **values):
    """A membrane that never fires."""
    return circuit.add("lif", label=label, V_th=1e6, **values)


# -- rates ----------------------------------------------------------------------------------------


def test_a_network_of_rate_units_follows_its_equations_written_out_by_hand():
    circuit = nc.Circuit(seed=3, dt=0.5)
    node = circuit.add("rate_tanh", label="R", size=4, v_0="normal(0, 1)", b=0.1, tau=8)
    link = circuit.connect(node, node, "graded", weight="normal(0, 1.5)", self_links=True)
    result = solved(circuit, 60, record={node: ["v", "r"]})
    start = coherent_values(circuit.kinds.get("rate_tanh"), circuit.node(node), 4, 3)["v_0"]
    graded = circuit.kinds.get("graded")
    weights = per_synapse(graded, circuit.link(link), "weight", 16, 3).reshape(4, 4)

    def slope(_, v):
        return (0.1 + np.tanh(v) @ weights - v) / 8

    times = result.times
    by_hand = solve_ivp(slope, (0, 60), start, "LSODA", t_eval=times, rtol=1e-11, atol=1e-11).y.T
    assert np.ptp(by_hand) > 1
    assert result["R", "v"] == pytest.approx(by_hand, abs=1e-6)
    assert result["R", "r"] == pytest.approx(np.tanh(by_hand), abs=1e-6)


@pytest.mark.parametrize("few", [0, 40])
def test_a_rate_that_drives_a_cell_and_spikes_that_drive_a_rate(few, monkeypatch):
    from neurocanvas.sim.reference import dynamics as reference_dynamics

    monkeypatch.setattr(reference_dynamics, "FEW", few)
    circuit = nc.Circuit(dt=0.1)
    unit = circuit.add("rate", label="R", b=2.0, tau=10)
    circuit.connect(unit, passive(circuit), "rate_to_current", weight=50)
    spikes = circuit.add("spike_list", label="S")
    with_data(circuit, spikes, times=(5.0, 8.0))
    other = circuit.add("rate_logistic", label="L", tau=10)
    circuit.connect(spikes, other, "spikes_to_rate", weight=10, tau=4, delay=1)
    result = solved(circuit, 30)
    t = result.times
    # tau v' = 2 - v drives C v' = -v C/20 + 50 r.
    target, slow = 50 * 2 / 200, 1 / 20
    fast = 1 / 10
    expected = target * ((1 - np.exp(-slow * t)) / slow
                         - (np.exp(-fast * t) - np.exp(-slow * t)) / (slow - fast))  # fmt: skip
    assert expected[-1] > 3
    assert result["A", "v"] + 70 == pytest.approx(expected, abs=1e-7)
    # Each spike adds 10*exp(-s/4)/4 to the input of a unit of 10 ms.
    driven = np.zeros_like(t)
    for arrival in (6.0, 9.0):
        s = np.maximum(t - arrival, 0.0)
        driven += 10 / 4 / 10 * (np.exp(-s / 10) - np.exp(-s / 4)) / (1 / 4 - 1 / 10)
    assert result["L", "v"] == pytest.approx(driven, abs=1e-7)


# -- units without dynamics -----------------------------------------------------------------------


def test_units_are_updated_at_once_from_what_holds_just_before():
    circuit = nc.Circuit(dt=0.5)
    units = [circuit.add("mcculloch_pitts", label=f"U{k}", b=-0.5) for k in range(4)]
    first = circuit.add("mcculloch_pitts", label="on", b=0.5)
    for pre, post in zip([first, *units], units, strict=False):
        circuit.connect(pre, post, "graded", weight=1)
    circuit.connect(units[3], first, "graded", weight=-1)
    result = solved(circuit, 10)
    state = np.zeros(5)
    history = [state]
    for _ in range(20):
        on, *rest = state
        state = np.array([0.5 - rest[3] > 0, *(np.array([on, *rest[:3]]) - 0.5 > 0)], float)
        history.append(state)
    found = np.stack([result[label, "y"] for label in ("on", "U0", "U1", "U2", "U3")], axis=1)
    assert np.array_equal(found, np.array(history))


def test_an_interval_is_rounded_to_whole_steps_and_units_with_their_own_keep_it():
    circuit = nc.Circuit(dt=0.1)
    slow = circuit.add("mcculloch_pitts", label="slow", size=2, b=0.5, interval="uniform(1, 3)")
    intervals = coherent_values(circuit.kinds.get("mcculloch_pitts"), circuit.node(slow), 2, 1)
    result = solved(circuit, 5)
    steps = np.maximum(np.floor(intervals["interval"] / 0.1 + 0.5), 1)
    assert len(set(steps)) == 2
    assert (result["slow", "y"] == 0).sum(axis=0).tolist() == steps.tolist()


def test_a_unit_that_is_updated_may_fire_and_move_in_between():
    kind = NeuronKind(
        name="kicked", title="Kicked", symbol="K", doc="", source="",
        parameters=(Parameter("every", 2.0, "ms", ""),),
        equations="dv/dt = -v/5", update="v = v + 1", interval="every", threshold="v > 1.5",
    )  # fmt: skip
    circuit = nc.Circuit(dt=0.1)
    circuit.kinds.add(kind)
    node = circuit.add("kicked", label="K")
    result = solved(circuit, 9.05)
    v, expected, fired = 0.0, [], []
    for k in range(1, 5):
        before = v * np.exp(-2 / 5)
        v = before + 1
        expected.append(v)
        fired += [2.0 * k] if before <= 1.5 < v else []
    assert result["K", "v"][[20, 40, 60, 80]] == pytest.approx(expected, abs=1e-8)
    assert len(fired) >= 2
    assert result.spikes("K") == pytest.approx(fired, abs=1e-9)
    assert len(result.spikes(node)) == len(fired)


# -- links without spikes -------------------------------------------------------------------------


def test_a_gap_junction_makes_two_cells_approach_each_other():
    circuit = nc.Circuit(dt=0.1)
    a, b = passive(circuit, "A", v_0=-60), passive(circuit, "B", C_m=100)
    circuit.connect(a, b, "gap_junction", weight=5)
    result = solved(circuit, 40)
    matrix = np.array([[-1 / 20 - 5 / 200, 5 / 200], [5 / 100, -1 / 20 - 5 / 100]])
    rates, vectors = np.linalg.eig(matrix)
    weights = np.linalg.solve(vectors, [10.0, 0.0])
    expected = (vectors * weights) @ np.exp(np.outer(rates, result.times))
    assert expected[1].max() > 1
    assert result["A", "v"] + 70 == pytest.approx(expected[0], abs=1e-7)
    assert result["B", "v"] + 70 == pytest.approx(expected[1], abs=1e-7)


def test_a_voltage_clamp_is_stiff_and_holds_all_the_same():
    circuit = nc.Circuit(dt=0.1)
    cell = passive(circuit, C_m=100, tau_m=10)
    clamp = circuit.add("voltage_clamp", label="VC", holding=-70, level=-20, start=2, duration=5)
    link = circuit.connect(clamp, cell)
    result = solved(circuit, 10, record={cell: ["v"], link: ["I"], clamp: ["command"]})
    t = result.times
    inside = (t > 2.05) & (t < 7)
    # What flows in is what the leak lets out: 10 nS times 50 mV, v short of that by I/g_clamp.
    assert result[link, "I"][inside] == pytest.approx(500, rel=1e-5)
    assert result["A", "v"][inside] == pytest.approx(-20 - 500 / 1e7, abs=1e-6)
    assert result["VC", "command"][inside].tolist() == [-20.0] * int(inside.sum())


# -- modulation -----------------------------------------------------------------------------------


def modulator():
    return SynapseKind(
        name="raise", title="Raise", symbol="M", doc="", source="",
        parameters=(Parameter("weight", 0.5, "1", ""), Parameter("delay", 1.0, "ms", "")),
        equations="dm/dt = -m/20\nM = m", on_spike="m += weight", gives="modulation", sign=0,
        texts=(Text("parameter", "weights", "1", "", "", ("weights",)),),
    )  # fmt: skip


@pytest.mark.parametrize("few", [0, 40])
def test_a_parameter_is_raised_by_the_sum_of_what_modulates_it(few, monkeypatch):
    from neurocanvas.sim.reference import dynamics as reference_dynamics

    monkeypatch.setattr(reference_dynamics, "FEW", few)
    circuit = nc.Circuit(dt=0.1)
    circuit.kinds.add(modulator())
    spikes = circuit.add("spike_list")
    with_data(circuit, spikes, times=(5.0,))
    cell, other = passive(circuit, E_L=-60, v_0=-60), passive(circuit, "B", E_L=-60, v_0=-60)
    for weight in (0.2, -0.3):
        link = circuit.connect(spikes, cell, "raise", weight=weight)
        with_texts(circuit, link, parameter="E_L")
    result = solved(circuit, 40)
    s = np.maximum(result.times - 6.0, 0.0)
    # v' = (-60 (1 - 0.1 exp(-s/20)) - v)/20: the two time constants are equal.
    assert result["A", "v"] == pytest.approx(-60 + 6 * s / 20 * np.exp(-s / 20), abs=1e-7)
    assert result["B", "v"] == pytest.approx(-60, abs=1e-9)
    assert other != cell


def test_weights_are_raised_but_neither_injections_nor_other_cells():
    circuit = nc.Circuit(dt=0.1)
    circuit.kinds.add(modulator())
    spikes = circuit.add("spike_list")
    with_data(circuit, spikes, times=(5.0,))
    cells = [passive(circuit, label) for label in "AB"]
    for cell in cells:
        circuit.connect(spikes, cell, "current_synapse", weight=100, tau=5, delay=1)
        circuit.connect(circuit.add("step_current", amplitude=50), cell)
    circuit.connect(spikes, cells[0], "raise", weight=0.5)
    result = solved(circuit, 40)
    t = result.times
    s = np.maximum(t - 6.0, 0.0)
    constant = 50 * 20 / 200 * (1 - np.exp(-t / 20))

    def psp(tau):
        return 100 / 200 * tau * 20 / (20 - tau) * (np.exp(-s / 20) - np.exp(-s / tau))

    assert result["B", "v"] + 70 == pytest.approx(constant + psp(5.0), abs=1e-7)
    # exp(-s/5) times (1 + 0.5 exp(-s/20)): a second exponential of 4 ms.
    assert result["A", "v"] + 70 == pytest.approx(constant + psp(5.0) + 0.5 * psp(4.0), abs=1e-7)


def test_a_modulated_threshold_and_refractory_period_are_those_of_the_moment():
    circuit = nc.Circuit(dt=0.1)
    circuit.kinds.add(replace(modulator(), equations="dm/dt = 0\nM = m"))
    spikes = circuit.add("spike_list")
    with_data(circuit, spikes, times=(1.0,))
    cell = circuit.add("lif", label="A")
    circuit.connect(circuit.add("step_current", amplitude=400, start=5), cell)
    for name, weight in (("V_th", 0.1), ("t_ref", 2.0)):
        link = circuit.connect(spikes, cell, "raise", weight=weight)
        with_texts(circuit, link, parameter=name)
    result = solved(circuit, 100)
    # The threshold is -60.5 mV, the refractory period 6 ms; the target of the charge is -30 mV.
    time = 20 * np.log(40 / 30.5)
    expected = 5 + time + (time + 6) * np.arange(len(result.spikes("A")))
    assert len(expected) > 5
    assert result.spikes("A") == pytest.approx(expected, abs=1e-7)


# -- pulses ---------------------------------------------------------------------------------------


def test_a_delta_pulse_lasts_one_step_and_pulses_that_overlap_add_up():
    circuit = nc.Circuit(dt=0.5)
    spikes = circuit.add("spike_list")
    with_data(circuit, spikes, times=(5.0, 5.2))
    cell = passive(circuit)
    circuit.connect(spikes, cell, "current_synapse_delta", weight=800, delay=1)
    result = solved(circuit, 20)
    height = 800 / 0.5 * 20 / 200

    def response(s):
        s = np.maximum(s, 0.0)
        held = height * (1 - np.exp(-np.minimum(s, 0.5) / 20))
        return held * np.exp(-np.maximum(s - 0.5, 0.0) / 20)

    t = result.times
    expected = response(t - 6.0) + response(t - 6.2)
    assert expected.max() > 7
    assert result["A", "v"] + 70 == pytest.approx(expected, abs=1e-8)


# -- sources --------------------------------------------------------------------------------------


def test_spikes_come_when_a_number_passes_a_whole_one_upward():
    kind = SourceKind(
        name="waves", title="Waves", symbol="W", doc="", source="",
        parameters=(Parameter("high", 2.5, "1", ""),), equations="",
        events="count(high*sin(6.283185307179586*t/40))",
    )  # fmt: skip
    circuit = nc.Circuit(dt=0.1)
    circuit.kinds.add(kind)
    circuit.add("waves", label="W", size=2, high=2.5)
    result = solved(circuit, 79)
    rises = 40 / (2 * np.pi) * np.arcsin(np.array([1.0, 2.0]) / 2.5)
    # On the way up from below, minus one and nought are passed too.
    below = 40 - 40 / (2 * np.pi) * np.arcsin(np.array([2.0, 1.0, 0.0]) / 2.5)
    expected = np.sort(np.concatenate([rises, below, 40 + rises, (40 + below)[:2]]))
    index, times = result.spikes_by_neuron("W")
    assert times[index == 0] == pytest.approx(expected, abs=1e-6)
    assert times[index == 1] == pytest.approx(expected, abs=1e-6)


def test_regular_spikes_from_the_very_beginning_and_listed_ones_twice():
    circuit = nc.Circuit(dt=0.1)
    circuit.add("regular_spikes", label="R", rate=100, start=0, stop=35)
    listed = circuit.add("spike_list", label="L", size=2)
    with_data(circuit, listed, times=(7.0, 3.03, 3.03, 99.0, -2.0))
    result = solved(circuit, 50)
    assert result.spikes("R") == pytest.approx([0, 10, 20, 30], abs=1e-9)
    index, times = result.spikes_by_neuron("L")
    assert times.tolist() == [3.03] * 4 + [7.0] * 2
    assert sorted(index.tolist()) == [0, 0, 0, 1, 1, 1]


def test_a_table_is_followed_in_straight_lines_and_may_jump():
    circuit = nc.Circuit(dt=0.1)
    table = circuit.add("current_table", gain=2.0)
    with_data(circuit, table, times=(20.0, 5.0, 10.0, 10.0), values=(0.0, 0.0, 30.0, 50.0))
    cell = passive(circuit, tau_m=1e9)
    circuit.connect(table, cell)
    result = solved(circuit, 25)
    # A membrane without a leak: the area under 0 at 5, 30 and 50 at 10, 0 at 20 ms, twice.
    areas = {5.0: 0.0, 10.0: 75.0, 20.0: 75.0 + 250.0, 25.0: 325.0}
    for time, area in areas.items():
        assert result["A", "v"][round(time * 10)] + 70 == pytest.approx(2 * area / 200, abs=1e-6)


def test_every_neuron_of_a_source_may_jump_at_a_time_of_its_own():
    circuit = nc.Circuit(dt=0.1, seed=4)
    step = circuit.add("step_current", size=3, amplitude=100, start="uniform(2 ms, 9 ms)")
    cells = circuit.add("lif", label="A", size=3, tau_m=1e9, V_th=1e6)
    circuit.connect(step, cells, rule="one_to_one")
    starts = coherent_values(circuit.kinds.get("step_current"), circuit.node(step), 3, 4)["start"]
    result = solved(circuit, 20)
    assert result["A", "v"][-1] + 70 == pytest.approx(100 / 200 * (20 - starts), abs=1e-7)


def test_random_spikes_at_a_rate_that_follows_an_expression_of_the_persons_own():
    circuit = nc.Circuit(dt=0.1, seed=9)
    source = circuit.add("poisson_of_time", label="P", size=4)
    with_texts(circuit, source, rate="where(t > 10, 2000, 0)")
    result = solved(circuit, 20, record={source: ["rate"]})
    keys = random.stream_keys(9, source, 4)
    counts = np.array([random.poisson(keys, k, np.full(4, 0.2)) for k in range(100, 200)])
    times = result.spikes("P")
    assert len(times) == counts.sum() > 50
    assert times.min() > 10
    assert result["P", "rate"][[99, 101], 0].tolist() == [0.0, 2000.0]


# -- values that are drawn ------------------------------------------------------------------------


def test_neurons_with_parameters_of_their_own_follow_them():
    circuit = nc.Circuit(dt=0.1, seed=5)
    cells = circuit.add("lif", label="A", size=4, tau_m="normal(20 ms, 4 ms)", V_th=1e6)
    circuit.connect(circuit.add("step_current", amplitude=100), cells)
    tau = coherent_values(circuit.kinds.get("lif"), circuit.node(cells), 4, 5)["tau_m"]
    assert np.ptp(tau) > 1
    result = solved(circuit, 30)
    expected = 100 * tau / 200 * (1 - np.exp(-result.times[:, None] / tau))
    assert result["A", "v"] + 70 == pytest.approx(expected, abs=1e-7)


def test_synapses_with_weights_and_delays_of_their_own_each_count():
    circuit = nc.Circuit(dt=0.1, seed=6)
    spikes = circuit.add("spike_list", size=3)
    with_data(circuit, spikes, times=(5.0,))
    cells = circuit.add("lif", label="A", size=2, V_th=1e6)
    link = circuit.connect(
        spikes, cells, "current_synapse", weight="lognormal(50 pA, 20 pA)",
        delay="uniform(1 ms, 4 ms)", tau="normal(5 ms, 1 ms)",
    )  # fmt: skip
    result = solved(circuit, 30, record={link: ["i"]})
    kind, made = circuit.kinds.get("current_synapse"), circuit.link(link)
    weight = per_synapse(kind, made, "weight", 6, 6)
    delay = delay_steps(per_synapse(kind, made, "delay", 6, 6), 0.1) * 0.1
    tau = coherent_values(kind, made, 2, 6)["tau"]
    t = result.times[:, None]
    for target in range(2):
        # Pairs are sorted by source, then target.
        own = slice(target, 6, 2)
        s = t - 5.0 - delay[own]
        expected = np.where(s > 1e-9, weight[own] * np.exp(-s / tau[target]), 0.0).sum(axis=1)
        assert result[link, "i"][:, target] == pytest.approx(expected, abs=1e-6)


# -- plasticity -----------------------------------------------------------------------------------


def trained(times, feature, values, dt=0.1, **target):
    """A spike list onto a cell by a plastic synapse of a short current: circuit and link."""
    circuit = nc.Circuit(dt=dt)
    spikes = circuit.add("spike_list")
    with_data(circuit, spikes, times=times)
    cell = circuit.add("lif", label="A", **{"V_th": 1e6, **target})
    link = circuit.connect(spikes, cell, "current_synapse", weight=100, tau=0.5, delay=1)
    circuit.put_link(replace(circuit.link(link), features={feature: values}))
    return circuit, link


def jumps(circuit, link, duration, arrivals):
    """How much each arrival adds to the current of a link, read one sample after it."""
    trace = solved(circuit, duration, record={link: ["i"]})[link, "i"]
    decay = np.exp(-0.1 / 0.5)
    at = np.rint(np.asarray(arrivals) / 0.1).astype(int)
    return (trace[at + 1] - trace[at] * decay) / decay


def test_depression_releases_the_published_amounts():
    times = (10.0, 30.0, 50.0)
    circuit, link = trained(times, "tsodyks_markram", {"U": 0.5, "tau_rec": 800.0})
    found = jumps(circuit, link, 60, [11, 31, 51])
    # Half of what is there, which recovers with 800 ms for 20 ms.
    x = 1.0
    expected = []
    for _ in range(3):
        expected.append(100 * 0.5 * x)
        x = 1 + (0.5 * x - 1) * np.exp(-20 / 800)
    assert expected == pytest.approx([50, 25.6, 13.7], abs=0.05)
    assert found == pytest.approx(expected, rel=1e-6)


def test_facilitation_raises_what_later_spikes_release():
    values = {"U": 0.1, "tau_rec": 100.0, "tau_fac": 500.0}
    circuit, link = trained((10.0, 22.0, 30.0, 90.0), "tsodyks_markram", values)
    found = jumps(circuit, link, 95, [11, 23, 31, 91])
    x, u, last, expected = 1.0, 0.0, 10.0, []
    for time in (10.0, 22.0, 30.0, 90.0):
        x = 1 + (x - 1) * np.exp(-(time - last) / 100)
        u = u * np.exp(-(time - last) / 500)
        u += 0.1 * (1 - u)
        expected.append(100 * u * x)
        x, last = x - u * x, time
    assert found == pytest.approx(expected, rel=1e-6)


def test_pairs_of_spikes_change_the_weight_along_the_published_window():
    # The cell is made to fire once, at a time on paper; arrivals come before and after.
    fire = 20 * np.log(2)
    values = {"eta": 0.1, "alpha": 1.2, "w_max": 200.0, "mu": 0.0}
    for arrival in (5.0, 10.0, 20.0):
        times = (arrival - 1.0, 39.0)
        circuit, link = trained(times, "stdp", values, V_th=-55, t_ref=1000)
        cell = circuit.find("A").id
        circuit.connect(circuit.add("step_current", amplitude=300, stop=13.9), cell)
        circuit.set(link, weight=1e-3)
        first, second = jumps(circuit, link, 45, [arrival, 40.0])
        weight = 1e-3
        if arrival < fire:
            weight += 0.1 * 200 * np.exp(-(fire - arrival) / 20)
            assert first == pytest.approx(1e-3, rel=1e-3)
            assert second == pytest.approx(
                weight - 0.1 * 1.2 * 200 * np.exp(-(40 - fire) / 20), rel=1e-4
            )
        else:
            assert first == pytest.approx(0.0, abs=1e-9)
            assert second == pytest.approx(0.0, abs=1e-9)


# -- noise ----------------------------------------------------------------------------------------


def test_white_noise_is_the_engines_numbers_each_held_for_a_step():
    circuit = nc.Circuit(dt=0.1, seed=8)
    unit = circuit.add("rate", label="R", size=3, sigma=0.4, tau=5, b=1.0)
    result = solved(circuit, 20)
    keys = random.stream_keys(8, unit, 3)
    v, expected = np.zeros(3), [np.zeros(3)]
    for step in range(200):
        target = 1.0 + 0.4 * np.sqrt(2 * 5) * random.normal(keys, step) / np.sqrt(0.1)
        v = target + (v - target) * np.exp(-0.1 / 5)
        expected.append(v)
    assert result["R", "v"] == pytest.approx(np.array(expected), abs=1e-7)


def test_two_noises_of_one_kind_are_independent_and_those_of_the_engine():
    kind = NeuronKind(
        name="twice", title="Twice", symbol="2", doc="", source="",
        parameters=(Parameter("s", 1.0, "1", ""),),
        equations="dv/dt = -v/9 + s*xi\ndw/dt = -w/3 + 2*s*xi", accepts="rate",
    )  # fmt: skip
    circuit = nc.Circuit(dt=0.02, seed=8)
    circuit.kinds.add(kind)
    node = circuit.add("twice", label="T", size=40)
    record = {node: ["v", "w"]}
    exact = solved(circuit, 20, record=record)
    engine = nc.simulate(circuit, 20, record=record)
    for name in ("v", "w"):
        assert np.std(exact["T", name][-1]) > 0.5
        assert engine["T", name] == pytest.approx(exact["T", name], abs=1e-3)
    steps = [np.diff(exact["T", name], axis=0).ravel() for name in ("v", "w")]
    assert abs(np.corrcoef(steps)[0, 1]) < 4 / np.sqrt(len(steps[0]))


def test_coloured_noise_into_a_cell_approaches_the_engine_step_by_step():
    errors = []
    for dt in (0.2, 0.1, 0.05, 0.025):
        circuit = nc.Circuit(dt=dt, seed=8)
        noise = circuit.add("ou_noise", size=20)
        cells = circuit.add("lif", label="A", size=20, V_th=1e6)
        circuit.connect(noise, cells, rule="one_to_one")
        pair = [nc.simulate(circuit, 40, reference=r)["A", "v"] for r in (False, True)]
        errors.append(np.sqrt(np.mean((pair[0] - pair[1]) ** 2)))
    assert np.ptp(pair[1]) > 3
    # The cell sees the end of each step of the noise: its error falls with the step.
    assert np.log2(errors[0] / errors[-1]) / 3 > 0.7


# -- speech ---------------------------------------------------------------------------------------


def test_expressions_make_two_nodes_of_one_kind_differ():
    kind = SourceKind(
        name="own", title="Own", symbol="O", doc="", source="", parameters=(),
        equations="I = f", texts=(Text("f", "10*t", "pA", ""),),
        data=(Column("unused", "ms", ""),),
    )  # fmt: skip
    circuit = nc.Circuit(dt=0.1)
    circuit.kinds.add(kind)
    one, other = circuit.add("own", label="S"), circuit.add("own", label="T")
    with_texts(circuit, other, f="100*cos(t)")
    for source, label in ((one, "A"), (other, "B")):
        circuit.connect(source, passive(circuit, label, tau_m=1e9))
    result = solved(circuit, 10, record={one: ["I"], other: ["I"],
                                         **{circuit.find(x).id: ["v"] for x in "AB"}})  # fmt: skip
    t = result.times
    assert result["S", "I"] == pytest.approx(10 * t, abs=1e-9)
    assert result["A", "v"] + 70 == pytest.approx(5 * t**2 / 200, abs=1e-6)
    area = [quad(lambda s: 100 * np.cos(s), 0, time)[0] for time in t]
    assert result["B", "v"] + 70 == pytest.approx(np.array(area) / 200, abs=1e-6)
