"""How the reference solution treats a circuit: order of events, populations, recording, errors."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq

import neurocanvas as nc
from neurocanvas.errors import NotFinite, SimulationError
from neurocanvas.model.kinds import (
    NeuronKind,
    Parameter,
    Registry,
    SourceKind,
    SynapseKind,
    Variable,
)
from neurocanvas.sim import random
from neurocanvas.sim.reference.dynamics import Dynamics
from neurocanvas.sim.reference.layout import build_layout
from neurocanvas.sim.reference.plain import PlainRates
from neurocanvas.sim.reference.solver import solve_reference


def solved(circuit, duration, **options):
    return nc.simulate(circuit, duration, reference=True, **options)


def network(size=3):
    """Two kinds of neurons, all kinds of synapses, current sources and Poisson spikes."""
    circuit = nc.Circuit(seed=5, dt=0.1)
    cells = circuit.add("hodgkin_huxley", label="cells", size=size)
    lif = circuit.add("lif", label="lif", size=2)
    noise = circuit.add("poisson", label="noise", size=4, rate=300)
    step = circuit.add("step_current", label="step", amplitude=700, start=2)
    circuit.connect(step, cells, gain=1.1)
    circuit.connect(cells, lif, "ampa", weight=20, delay=0.7)
    circuit.connect(lif, cells, "gaba_a", weight=9)
    circuit.connect(noise, lif, "current_synapse", weight=150)
    circuit.connect(
        cells,
        cells,
        "current_synapse_inhibitory",
        weight=20,
        rule="probability",
        rule_values={"p": 0.5},
    )
    return circuit


def test_plain_floats_and_arrays_give_the_same_rates():
    circuit = network()
    layout = build_layout(circuit.snapshot(), circuit.kinds)
    dynamics = Dynamics(layout)
    y = dynamics.start() + np.random.default_rng(1).uniform(0, 0.3, layout.length)
    dynamics.free[1] = 0.0
    arrays = dynamics._rates(np.float64(3.0), y)
    assert np.count_nonzero(arrays) > 0.8 * layout.length
    plain = PlainRates(layout)
    plain.look(dynamics)
    samples = [0.0] * layout.source_count
    assert plain(3.0, y, samples) == pytest.approx(arrays, rel=1e-11, abs=1e-13)


def test_a_circuit_too_large_for_plain_floats_gives_the_same_solution(monkeypatch):
    from neurocanvas.sim.reference import dynamics as reference_dynamics

    few = solved(network(), 15)
    monkeypatch.setattr(reference_dynamics, "FEW", 0)
    many = solved(network(), 15)
    assert len(few.spikes("cells")) > 2
    assert few.spikes("cells") == pytest.approx(many.spikes("cells"), abs=1e-6)
    assert few["lif", "v"] == pytest.approx(many["lif", "v"], abs=1e-5)


def test_the_first_sample_is_the_initial_state_and_the_last_is_at_the_end():
    circuit = nc.Circuit(dt=0.1)
    circuit.add("lif", label="A", v_0=-60)
    result = solved(circuit, 5)
    assert result.times[-1] == pytest.approx(5.0)
    assert result["A", "v"][0] == -60.0
    assert result["A", "v"][-1] == pytest.approx(-70 + 10 * math.exp(-5 / 20), abs=1e-9)


def test_neurons_of_one_population_are_alike_and_as_a_single_one():
    single, many = nc.Circuit(dt=0.1), nc.Circuit(dt=0.1)
    for circuit, size in ((single, 1), (many, 50)):
        node = circuit.add("hodgkin_huxley", label="A", size=size)
        circuit.connect(circuit.add("step_current", amplitude=900), node)
    one, all_ = solved(single, 20), solved(many, 20)
    assert all_["A", "v"].shape == (201, 50)
    assert np.abs(all_["A", "v"] - one["A", "v"][:, None]).max() < 1e-6
    index, times = all_.spikes_by_neuron("A")
    assert sorted(index.tolist()) == sorted(list(range(50)) * len(one.spikes("A")))
    assert times[:50] == pytest.approx(one.spikes("A")[0], abs=1e-7)


def test_definitions_of_neurons_and_variables_of_links_can_be_recorded():
    circuit = nc.Circuit(dt=0.1)
    a = circuit.add("hodgkin_huxley", label="A")
    circuit.connect(circuit.add("step_current", amplitude=900, label="S"), a)
    b = circuit.add("lif", label="B")
    link = circuit.connect(a, b, "ampa", weight=10, delay=1)
    result = solved(circuit, 12, record={a: ["v", "m", "h", "I_Na"], link: ["g", "I"], b: ["v"]})
    v, m, h = (result["A", name] for name in ("v", "m", "h"))
    assert result["A", "I_Na"] == pytest.approx(12000 * m**3 * h * (v - 50), rel=1e-12)
    since = result.times - result.spikes("A")[0] - 1.0
    g = np.where(since > 0, 10 * np.exp(-since / 5), 0.0)
    assert g.max() > 5
    assert result[link, "g"] == pytest.approx(g, abs=1e-7)
    assert result[link, "I"] == pytest.approx(g * (0 - result["B", "v"]), abs=1e-4)


def test_a_source_is_recorded_from_the_left_where_it_jumps():
    circuit = nc.Circuit(dt=0.1)
    source = circuit.add("step_current", label="S", amplitude=100, start=1, stop=2)
    circuit.connect(source, circuit.add("lif"))
    result = solved(circuit, 3, record={source: ["I"]})
    assert np.flatnonzero(result["S", "I"]).tolist() == list(range(11, 21))


def test_random_spikes_are_those_of_the_engine_stamped_at_the_end_of_their_step():
    circuit = nc.Circuit(seed=3, dt=0.1)
    source = circuit.add("poisson", label="P", size=5, rate=400)
    target = circuit.add("lif", label="A")
    link = circuit.connect(source, target, "current_synapse", weight=2, delay=0.5)
    result = solved(circuit, 20, record={link: ["i"]})
    keys = random.stream_keys(3, source, 5)
    counts = np.array([random.poisson(keys, k, np.full(5, 0.04)) for k in range(200)])
    index, times = result.spikes_by_neuron("P")
    steps, neurons = np.nonzero(counts)
    assert counts.sum() > 20
    assert times == pytest.approx(np.repeat((steps + 1) * 0.1, counts[steps, neurons]))
    assert index.tolist() == np.repeat(neurons, counts[steps, neurons]).tolist()
    # What arrives at a grid point is in the samples after it.
    current, expected = 0.0, []
    for k in range(201):
        expected.append(current)
        arriving = counts[k - 6].sum() if k >= 6 else 0
        current = (current + 2 * arriving) * math.exp(-0.1 / 5)
    assert result[link, "i"] == pytest.approx(expected, abs=1e-7)


def test_several_spikes_at_once_on_one_synapse_all_count():
    circuit = nc.Circuit(dt=0.1)
    a = circuit.add("lif", label="A", size=4, t_ref=1000)
    circuit.connect(circuit.add("step_current", amplitude=2000), a)
    b = circuit.add("lif", label="B")
    link = circuit.connect(a, b, "current_synapse", weight=3, delay=1)
    result = solved(circuit, 10, record={link: ["i"]})
    since = result.times - result.spikes("A")[0] - 1.0
    expected = np.where(since > 0, 12 * np.exp(-since / 5), 0.0)
    assert result[link, "i"] == pytest.approx(expected, abs=1e-6)


def test_a_neuron_whose_reset_is_above_its_threshold_fires_once_a_step():
    circuit = nc.Circuit(dt=0.5)
    circuit.add("lif", label="A", v_0=-50, V_reset=-50, t_ref=0)
    spikes = solved(circuit, 5).spikes("A")
    assert spikes == pytest.approx(np.arange(0, 5, 0.5))


def test_a_neuron_above_its_threshold_from_the_start_needs_no_crossing_to_fire():
    circuit = nc.Circuit(dt=0.1)
    circuit.add("lif", label="A", v_0=-50)
    circuit.add("hodgkin_huxley", label="B", v_0=10)
    result = solved(circuit, 10)
    assert result.spikes("A").tolist() == [0.0]
    assert len(result.spikes("B")) == 0


def test_links_keep_their_own_delay_and_target_in_one_group():
    circuit = nc.Circuit(dt=0.1)
    a = circuit.add("lif", label="A", t_ref=1000)
    circuit.connect(circuit.add("step_current", amplitude=2000), a)
    targets = [circuit.add("lif", label=f"B{k}") for k in range(3)]
    links = [
        circuit.connect(a, b, "current_synapse", weight=10 * (k + 1), delay=1 + 2 * k)
        for k, b in enumerate(targets)
    ]
    result = solved(circuit, 12, record={link: ["i"] for link in links})
    for k, link in enumerate(links):
        since = result.times - result.spikes("A")[0] - 1 - 2 * k
        expected = np.where(since > 0, 10 * (k + 1) * np.exp(-since / 5), 0.0)
        assert result[link, "i"] == pytest.approx(expected, abs=1e-8)


def test_a_circuit_of_sources_alone_has_only_their_spikes():
    circuit = nc.Circuit(dt=0.1, seed=2)
    circuit.add("poisson", label="P", rate=1000)
    circuit.add("step_current")
    result = solved(circuit, 50)
    assert 20 < len(result.spikes("P")) < 90


def test_an_empty_circuit_can_be_solved():
    assert len(solved(nc.Circuit(), 1).times) == 41


def test_unknown_kinds_are_left_out_with_what_hangs_on_them():
    circuit = nc.Circuit(dt=0.1)
    a = circuit.add("lif", label="A")
    circuit.connect(circuit.add("step_current", amplitude=400, label="S"), a)
    kinds = Registry(
        replace(kind, placeholder=kind.name == "step_current") for kind in circuit.kinds
    )
    result = solve_reference(circuit.snapshot(), kinds, 50.0, {a: ["v"]})
    assert len(result.spikes("A")) == 0


def test_a_variable_that_grows_without_bound_is_reported_by_name_and_time():
    circuit = nc.Circuit(dt=0.1)
    kind = replace(own_kinds()[0], name="blow_up", equations="dv/dt = v*v", initial={"v": "0.25"})
    circuit.kinds.add(replace(kind, threshold="", reset=""))
    circuit.add("blow_up", label="Loud")
    with pytest.raises(NotFinite, match="Loud: v") as caught:
        solved(circuit, 10)
    assert caught.value.time_ms == pytest.approx(4.0, abs=1e-6)


def test_a_current_that_makes_a_cell_stiff_is_solved_all_the_same():
    circuit = nc.Circuit(dt=0.1)
    a = circuit.add("hodgkin_huxley", label="Loud")
    circuit.connect(circuit.add("step_current", amplitude=1e15, start=3), a)
    result = solved(circuit, 10, record={a: ["v", "m", "h", "n"]})
    m, h, n = (result["Loud", name][-1] for name in "mhn")
    conductances = np.array([12000 * m**3 * h, 3600 * n**4, 30.0])
    reversals = np.array([50.0, -77.0, -54.3])
    balance = (1e15 + (conductances * reversals).sum()) / conductances.sum()
    assert result["Loud", "v"][-1] == pytest.approx(balance, rel=1e-3)


def test_what_swings_too_fast_ends_with_a_sentence_and_not_after_hours():
    circuit = nc.Circuit(dt=0.1)
    kind = replace(
        own_kinds()[0], name="fast", equations="dv/dt = 1e6*w\ndw/dt = -1e6*v",
        initial={"v": "1"}, threshold="", reset="",
    )  # fmt: skip
    circuit.kinds.add(kind)
    circuit.add("fast", label="Loud")
    with pytest.raises(SimulationError, match=r"Loud: [vw] changes too fast .*at 0"):
        solved(circuit, 10)


def test_progress_grows_to_one():
    circuit = nc.Circuit(dt=0.1)
    circuit.connect(circuit.add("step_current", amplitude=400), circuit.add("lif"))
    seen = []
    solved(circuit, 100, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1.0)


# -- kinds that a person may write --------------------------------------------------------------


def own_kinds():
    adapting = NeuronKind(
        name="adapting", title="Adapting", symbol="Ad", doc="", source="",
        parameters=(Parameter("tau", 10.0, "ms", ""), Parameter("jump", 1.0, "mV", "")),
        equations="dv/dt = (20 - v)/tau\ndtheta/dt = -theta/20\nlevel = 10",
        threshold="v > level + 2*t/100", reset="theta += jump*(1 + 0*I)\nv = theta",
    )  # fmt: skip
    ramp = SourceKind(
        name="own_ramp", title="Ramp", symbol="R", doc="", source="", parameters=(),
        equations="dx/dt = 1 - x/10\nI = 5*x", variables=(Variable("x", "1", ""),),
    )  # fmt: skip
    filtered = SynapseKind(
        name="filtered", title="Filter", symbol="F", doc="", source="", parameters=(),
        equations="dy/dt = (out - y)/4\nI = y", carries="current",
    )  # fmt: skip
    depressing = SynapseKind(
        name="depressing", title="Depressing", symbol="D", doc="", source="",
        parameters=(Parameter("weight", 10.0, "pA", ""), Parameter("delay", 1.0, "ms", "")),
        equations="di/dt = -i/5\ndx/dt = (1 - x)/100\nI = i",
        initial={"x": "1"}, on_spike="i += weight*x\nx = 0.5*x",
    )  # fmt: skip
    return adapting, ramp, filtered, depressing


@pytest.fixture
def own_circuit():
    circuit = nc.Circuit(dt=0.1)
    for kind in own_kinds():
        circuit.kinds.add(kind)
    return circuit


def test_a_threshold_that_moves_with_time_and_a_reset_in_two_statements(own_circuit):
    own_circuit.add("adapting", label="A")
    result = solved(own_circuit, 60, record={own_circuit.find("A").id: ["theta"]})
    times, v, theta, t = [], 0.0, 0.0, 0.0
    while True:

        def gap(s, v=v, t=t):
            return 20 + (v - 20) * math.exp(-s / 10) - 10 - 2 * (t + s) / 100

        step = brentq(gap, 0, 60)
        if t + step > 60:
            break
        t += step
        times.append(t)
        theta = theta * math.exp(-step / 20) + 1.0
        v = theta
    assert len(times) >= 5
    assert result.spikes("A") == pytest.approx(times, abs=1e-7)


def test_a_source_and_a_current_link_with_equations_of_their_own(own_circuit):
    source = own_circuit.add("own_ramp", label="S")
    neuron = own_circuit.add("lif", label="A")
    link = own_circuit.connect(source, neuron, "filtered")
    result = solved(own_circuit, 40, record={source: ["x", "I"], link: ["y"]})
    t = result.times
    x = 10 * (1 - np.exp(-t / 10))
    assert result["S", "x"] == pytest.approx(x, abs=1e-8)
    assert result["S", "I"] == pytest.approx(5 * x, abs=1e-7)
    # dy/dt = (50 (1 - exp(-t/10)) - y)/4
    slow = 50 / (1 - 4 / 10)
    expected = 50 - slow * np.exp(-t / 10) + (slow - 50) * np.exp(-t / 4)
    assert result[link, "y"] == pytest.approx(expected, abs=1e-7)


def test_spikes_may_change_two_variables_one_after_the_other(own_circuit):
    a = own_circuit.add("lif", label="A")
    own_circuit.connect(own_circuit.add("step_current", amplitude=1000), a)
    b = own_circuit.add("lif", label="B")
    link = own_circuit.connect(a, b, "depressing")
    result = solved(own_circuit, 30, record={link: ["x", "i"]})
    arrivals = [t + 1.0 for t in result.spikes("A") if t + 1.0 < 30.0]
    assert len(arrivals) >= 3
    x, i, t = 1.0, 0.0, 0.0
    for arrival in arrivals:
        x = 1 + (x - 1) * math.exp(-(arrival - t) / 100)
        i = i * math.exp(-(arrival - t) / 5) + 10 * x
        x, t = 0.5 * x, arrival
    assert result[link, "i"][-1] == pytest.approx(i * math.exp(-(30 - t) / 5), abs=1e-8)
    assert result[link, "x"][-1] == pytest.approx(1 + (x - 1) * math.exp(-(30 - t) / 100), abs=1e-8)


# -- what it refuses ------------------------------------------------------------------------------


def unsolvable():
    """Kinds that only the engine carries out, with a word of the reason."""
    circuit = nc.Circuit()
    lif, poisson, ampa = (circuit.kinds.get(name) for name in ("lif", "poisson", "ampa"))
    follows = "dv/dt = -v/tau_m\nr = v + I"
    yield replace(lif, name="follows", equations=follows, output="r"), "at the same moment"
    wanders = replace(poisson, name="wanders", equations="dx/dt = -x", events="poisson(rate*x)")
    yield wanders, "variables of its own"
    crowd = replace(ampa, name="crowd", on_spike="g += weight*arrived")
    yield crowd, "arrive with it"


@pytest.mark.parametrize(
    ("kind", "reason"), list(unsolvable()), ids=lambda value: getattr(value, "name", "")
)
def test_what_has_no_reference_solution_is_refused_by_name_and_reason(kind, reason):
    circuit = nc.Circuit(dt=0.1)
    circuit.kinds.add(kind)
    a, b = circuit.add("lif", label="A"), circuit.add("lif", label="B")
    if isinstance(kind, SynapseKind):
        circuit.connect(a, b, kind.name)
        label = rf"A -> B \({kind.name}\)"
    else:
        circuit.add(kind.name, label="Odd")
        label = "Odd"
    with pytest.raises(SimulationError, match=f"{label} has no reference solution: .*{reason}"):
        solved(circuit, 10)


def test_noise_of_strength_zero_is_no_noise():
    circuit = nc.Circuit(dt=0.1)
    lif = circuit.kinds.get("lif")
    sigma = Parameter("sigma", 0.0, "mV", "")
    equations = lif.equations.strip() + " + sigma*xi"
    circuit.kinds.add(
        replace(lif, name="quiet", equations=equations, parameters=(*lif.parameters, sigma))
    )
    circuit.add("quiet", label="A", v_0=-60)
    assert solved(circuit, 5)["A", "v"][-1] == pytest.approx(-70 + 10 * math.exp(-0.25), abs=1e-8)
