"""Conductances of any strength on every kind of neuron: to the reversal and never beyond it."""

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas import library
from neurocanvas.model.edits import SetData
from neurocanvas.model.kinds import NeuronKind

NEURONS = [
    k.name for k in library.registry() if isinstance(k, NeuronKind) and k.accepts == "current"
]
REST = {"fitzhugh_nagumo": (-1.2, -0.6)}
"""A potential to hold a kind at and one to step it to, where these are not -70 and -60 mV."""
QUIET = {"adex": {"b": 0, "V_T": 0, "V_peak": 40}, "lif": {"V_th": 1000}}
"""So that nothing fires."""


def struck(neuron, synapse, *, dt=0.1, **values):
    """A neuron and one spike that arrives at 6 ms."""
    circuit = nc.Circuit(dt=dt)
    source = circuit.add("spike_list")
    circuit.apply(SetData(source, {"times": (5.0,)}))
    cell = circuit.add(neuron, label="B", **QUIET.get(neuron, {}))
    circuit.connect(source, cell, synapse, delay=1, **values)
    return circuit


@pytest.mark.parametrize("neuron", NEURONS)
@pytest.mark.parametrize("weight", [1e3, 1e6])
def test_an_enormous_conductance_holds_any_neuron_at_its_reversal(neuron, weight):
    reversal = REST.get(neuron, (-70.0, -80.0))[1]
    circuit = struck(neuron, "gaba_a", weight=weight, E_rev=reversal)
    v = nc.simulate(circuit, 12)["B", "v"]
    assert np.all(np.isfinite(v))
    held = v[62:]
    assert np.abs(held - reversal).max() < 5e3 / weight * max(1.0, abs(reversal) / 10)


@pytest.mark.parametrize(
    ("neuron", "weight"),
    [
        ("adex", 200),
        ("adex", 3000),
        ("morris_lecar", 50),
        ("izhikevich", 2),
        ("izhikevich_2007", 50),
    ],
)
def test_neurons_without_a_known_form_answer_to_second_order(neuron, weight):
    errors = []
    for dt in (0.2, 0.1, 0.05):
        circuit = struck(neuron, "gaba_a", dt=dt, weight=weight)
        exact = nc.simulate(circuit, 60, reference=True)["B", "v"]
        errors.append(np.abs(nc.simulate(circuit, 60)["B", "v"] - exact).max())
    assert np.ptp(exact) > 5
    assert errors[1] < 1e-3
    assert np.all(np.diff(np.log2(errors)) < -1.7)


@pytest.mark.parametrize("neuron", NEURONS)
def test_any_neuron_can_be_clamped_and_its_current_read(neuron):
    holding, level = REST.get(neuron, (-70.0, -60.0))
    circuit = nc.Circuit(dt=0.1)
    source = circuit.add("voltage_clamp", holding=holding, level=level)
    cell = circuit.add(neuron, label="B")
    link = circuit.connect(source, cell)
    record = {cell: ["v"], link: ["I"]}
    result = nc.simulate(circuit, 49.9, record=record)
    exact = nc.simulate(circuit, 49.9, record=record, reference=True)
    assert result["B", "v"][205:] == pytest.approx(level, abs=0.1)
    assert result["B", "v"][5:200] == pytest.approx(holding, abs=0.1)
    late = exact[link, "I"][-1]
    assert result[link, "I"][-1] == pytest.approx(late, rel=2e-3, abs=1e-4)
    assert len(result.spikes("B")) == 0


def test_a_hundred_strong_synapses_at_once_do_not_blow_up_an_adaptive_neuron():
    circuit = nc.Circuit(dt=0.1)
    source = circuit.add("poisson", size=100, rate=50)
    cell = circuit.add("adex", label="B")
    for kind in ("ampa", "gaba_a"):
        circuit.connect(source, cell, kind, weight=100)
    v = nc.simulate(circuit, 300)["B", "v"]
    assert np.all(np.isfinite(v))
    assert v.min() > -81
    assert v.max() < 21
