"""Every kind of the library, run: rest, response, sign, and the ends of all sliders."""

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas import library
from neurocanvas.model.kinds import NeuronKind, SourceKind, SynapseKind

KINDS = list(library.registry())
NEURONS = [k.name for k in KINDS if isinstance(k, NeuronKind) and k.accepts == "current"]
RATE_UNITS = [k.name for k in KINDS if isinstance(k, NeuronKind) and k.accepts == "rate"]
LINKS = [k for k in KINDS if isinstance(k, SynapseKind)]
SYNAPSES = [k for k in LINKS if k.carries == "spikes" and k.gives == "current"]
CURRENT_SOURCES = [
    k.name for k in KINDS if isinstance(k, SourceKind) and not k.events and k.gives == "current"
]
SPIKE_SOURCES = [k.name for k in KINDS if isinstance(k, SourceKind) and k.events]

RESTLESS: frozenset[str] = frozenset()
"""Kinds that are meant to move without input."""

SETTLED_MS = {"nmda": 2500, "gaba_b": 4500}
"""When the effect of a spike is over, where it takes longer than a second."""

FAINT_MV = {"gaba_b": 1e-3}
"""What one spike must do at least, where it takes a burst to do more than 0.01 mV."""

PUSH_PA = {"fitzhugh_nagumo": -5000.0}
"""A current that clearly moves a kind, where it is not -100 pA."""


def with_spike(kind):
    """A synapse of this kind with one spike at about 3 ms, onto a neuron that rests at -60 mV."""
    circuit = nc.Circuit(dt=0.1)
    a = circuit.add("lif", label="A", t_ref="1000 s")
    circuit.connect(circuit.add("step_current", amplitude=2000, start=1), a)
    b = circuit.add("lif", label="B", E_L=-60, v_0=-60, V_th=1000)
    return circuit, circuit.connect(a, b, kind.name)


@pytest.mark.parametrize("kind", NEURONS)
def test_without_input_a_neuron_comes_to_rest_and_stays(kind):
    circuit = nc.Circuit(dt=0.1)
    node = circuit.add(kind, label="A")
    declared = circuit.kinds.get(kind)
    result = nc.simulate(circuit, 400, record={node: [declared.main]}, reference=True)
    trace = result["A", declared.main]
    assert np.all(np.isfinite(trace))
    if kind not in RESTLESS:
        assert len(result.spikes("A")) == 0
        assert np.ptp(trace[-500:]) < 1e-3
        # It was declared to start near its rest.
        assert np.ptp(trace) < 1.0


@pytest.mark.parametrize("kind", NEURONS)
def test_the_current_that_a_neuron_is_said_to_fire_with_makes_it_fire_again_and_again(kind):
    declared = library.registry().get(kind)
    assert declared.drive > 0, "every neuron that takes a current says what it fires with"
    circuit = nc.Circuit(dt=0.025)
    node = circuit.add(kind, label="A")
    circuit.connect(circuit.add("step_current", amplitude=declared.drive), node)
    spikes = nc.simulate(circuit, 300).spikes("A")
    assert len(spikes) >= 3
    assert spikes[-1] > 150, "not only at the onset"


@pytest.mark.parametrize("kind", RATE_UNITS)
def test_a_rate_unit_without_input_stays_where_its_bias_puts_it(kind):
    circuit = nc.Circuit(dt=0.1)
    node = circuit.add(kind, label="A")
    trace = nc.simulate(circuit, 200)["A", circuit.kinds.get(kind).main]
    assert np.all(trace[1:] == trace[1])
    circuit.set(node, b=1.0)
    other = nc.simulate(circuit, 200)["A", circuit.kinds.get(kind).main]
    assert other[-1] > trace[-1] + 0.1
    assert np.ptp(other[-500:]) < 1e-6


@pytest.mark.parametrize("kind", NEURONS)
def test_a_pushed_neuron_returns_to_the_same_rest(kind):
    circuit = nc.Circuit(dt=0.1)
    node = circuit.add(kind, label="A")
    push = PUSH_PA.get(kind, -100.0)
    circuit.connect(circuit.add("step_current", amplitude=push, start=100, stop=150), node)
    main = circuit.kinds.get(kind).main
    trace = nc.simulate(circuit, 600, record={node: [main]}, reference=True)["A", main]
    assert np.ptp(trace[:1500]) > 1
    assert trace[-1] == pytest.approx(trace[999], abs=0.05)


@pytest.mark.parametrize("kind", NEURONS)
def test_enough_current_makes_a_neuron_fire_and_more_makes_it_fire_earlier(kind):
    first = []
    for current in (1000.0, 2000.0):
        circuit = nc.Circuit(dt=0.025)
        node = circuit.add(kind, label="A")
        circuit.connect(circuit.add("step_current", amplitude=current), node)
        spikes = nc.simulate(circuit, 100).spikes("A")
        assert len(spikes) > 0
        first.append(spikes[0])
    assert first[1] < first[0]


@pytest.mark.parametrize("kind", SYNAPSES, ids=lambda kind: kind.name)
@pytest.mark.parametrize("reference", [False, True])
def test_a_synapse_moves_its_target_the_way_its_sign_says_and_lets_go(kind, reference):
    circuit, _ = with_spike(kind)
    result = nc.simulate(circuit, SETTLED_MS.get(kind.name, 1000), reference=reference)
    moved = result["B", "v"] + 60.0
    largest = moved[np.abs(moved).argmax()]
    if kind.sign:
        assert np.sign(largest) == kind.sign
        assert abs(largest) > FAINT_MV.get(kind.name, 0.01)
        # Never the other way: an undershoot would be another sign.
        assert np.all(kind.sign * moved > -1e-9)
    before = (
        result.times
        <= result.spikes("A")[0] + circuit.kinds.get(kind.name).parameter("delay").default
    )
    assert np.all(moved[before] == 0)
    assert abs(moved[-1]) < 1e-6


@pytest.mark.parametrize("kind", SYNAPSES, ids=lambda kind: kind.name)
def test_a_stronger_synapse_moves_its_target_more(kind):
    reach = []
    for factor in (0.5, 1.0, 2.0):
        circuit, link = with_spike(kind)
        circuit.set(link, weight=factor * kind.parameter("weight").default)
        reach.append(np.abs(nc.simulate(circuit, 200)["B", "v"] + 60).max())
    assert reach[0] < reach[1] < reach[2]


@pytest.mark.parametrize("kind", CURRENT_SOURCES)
def test_a_source_gives_a_finite_current_that_reaches_a_neuron(kind):
    circuit = nc.Circuit(dt=0.1)
    source = circuit.add(kind, label="S")
    circuit.connect(source, circuit.add("lif", label="A", V_th=1e6))
    result = nc.simulate(circuit, 200, record={source: ["I"], circuit.find("A").id: ["v"]})
    current = result["S", "I"][1:]
    assert np.all(np.isfinite(current))
    assert np.ptp(result["A", "v"]) > 0.1
    # The charge that went in: the leak takes out what the capacitor does not hold.
    v = result["A", "v"]
    leak = np.sum((v[:-1] + v[1:]) / 2 + 70.0) * 0.1 / 20.0 * 200.0
    rounding = 1e-3 * np.sum(np.abs(current)) * 0.1
    assert np.sum(current) * 0.1 == pytest.approx(200.0 * (v[-1] - v[0]) + leak, abs=rounding)


@pytest.mark.parametrize("kind", SPIKE_SOURCES)
def test_a_source_of_spikes_gives_some(kind):
    circuit = nc.Circuit(seed=1)
    circuit.add(kind, label="S")
    assert len(nc.simulate(circuit, 1000).spikes("S")) > 0


def at_slider_end(circuit, kind, values, givers):
    """Put a kind with some values to work; return the node that shows it and its variable."""
    label = f"{kind.name} {values}"
    if isinstance(kind, NeuronKind):
        node = circuit.add(kind.name, label=label, **values)
        if kind.accepts == "current":
            circuit.connect(givers["current"], node)
        return node, kind.main
    takes_rates = isinstance(kind, SynapseKind) and kind.gives == "rate"
    node = circuit.add("rate" if takes_rates else "lif", label=label)
    if isinstance(kind, SynapseKind):
        circuit.connect(givers[kind.carries], node, kind.name, **values)
    elif isinstance(kind, SourceKind):
        circuit.connect(circuit.add(kind.name, label=f"S {label}", **values), node)
    return node, "v"


def test_both_ends_of_every_slider_can_be_run():
    circuit = nc.Circuit(dt=0.025, seed=1)
    givers = {
        "current": circuit.add("step_current", amplitude=500, start=1),
        "spikes": circuit.add("poisson", rate=300),
        "rate": circuit.add("rate", b=1.0),
        "v": circuit.add("lif", v_0=-60),
        "command": circuit.add("voltage_clamp"),
    }
    record = {}
    for kind in KINDS:
        for parameter in kind.parameters:
            for value in parameter.slider_range():
                node, variable = at_slider_end(circuit, kind, {parameter.name: value}, givers)
                record[node] = [variable]
    result = nc.simulate(circuit, 60, record=record)
    for trace in result.traces:
        assert np.all(np.isfinite(trace.values)), trace.label
