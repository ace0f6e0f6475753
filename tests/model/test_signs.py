"""Dale's principle: what a link does, and who both excites and inhibits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from neurocanvas.model import edits, rules
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.signs import link_signs


@pytest.fixture
def dale(circuit: Circuit) -> Circuit:
    circuit.apply(edits.SetSettings(replace(circuit.settings, dale=True)))
    return circuit


SIGNS = [
    ("lif", "lif", "ampa", {}, {1}),
    ("lif", "lif", "ampa", {"weight": 0.0}, set()),
    ("lif", "lif", "ampa", {"weight": "normal(1 nS, 5 nS)"}, {1}),
    ("lif", "lif", "gaba_a", {}, {-1}),
    ("lif", "lif", "gap_junction", {}, set()),
    ("lif", "lif", "dopamine", {}, set()),
    ("rate", "rate", "graded", {}, {1}),
    ("rate", "rate", "graded", {"weight": -0.5}, {-1}),
    ("rate", "rate", "graded", {"weight": 0}, set()),
    ("rate", "rate", "graded", {"weight": "normal(1, 0.1)"}, {1, -1}),
    ("rate", "rate", "graded", {"weight": "normal(1, 0)"}, {1}),
    ("rate", "rate", "graded", {"weight": "uniform(-2, -1)"}, {-1}),
    ("rate", "rate", "graded", {"weight": "uniform(-2, 1)"}, {1, -1}),
    ("rate", "rate", "graded", {"weight": "lognormal(1, 3)"}, {1}),
    ("rate", "lif", "rate_to_current", {"weight": "-10 pA"}, {-1}),
    ("lif", "rate", "spikes_to_rate", {"weight": -1}, {-1}),
]


@pytest.mark.parametrize(("pre", "post", "kind", "values", "signs"), SIGNS)
def test_what_a_link_does(circuit: Circuit, pre, post, kind, values, signs):
    link = circuit.link(circuit.connect(circuit.add(pre), circuit.add(post), kind, **values))
    assert link_signs(circuit.kind_of(link), link.parameters) == signs


def test_a_neuron_that_does_both_is_named_with_its_targets(dale: Circuit):
    a, b, c = (dale.add("lif", label=name) for name in "ABC")
    dale.connect(a, b, "ampa")
    dale.connect(b, c, "gaba_a")
    assert rules.dale_warnings(dale) == []
    wrong = dale.connect(a, c, "gaba_a")
    assert rules.dale_warnings(dale) == ["A both excites B (ampa) and inhibits C (gaba_a)"]
    dale.remove(wrong)
    assert rules.dale_warnings(dale) == []


def test_weights_of_both_signs_in_one_link_are_named(dale: Circuit):
    r = dale.add("rate_tanh", label="R", size=50)
    dale.connect(r, r, "graded", weight="normal(0, 0.2)")
    assert rules.dale_warnings(dale) == [
        "R both excites and inhibits R (graded): its weights have both signs"
    ]


def test_inputs_sources_and_modulators_do_not_count(dale: Circuit):
    a, b = dale.add("lif", label="A"), dale.add("lif", label="B")
    p = dale.add("poisson", label="P")
    dale.connect(p, a, "ampa")
    dale.connect(p, b, "gaba_a")  # a train of spikes is no neuron
    dale.connect(a, b, "ampa")
    dale.connect(b, a, "gaba_a")
    dale.connect(a, b, "serotonin")
    dale.connect(a, b, "gap_junction")
    assert rules.dale_warnings(dale) == []


def test_a_circuit_that_does_not_ask_is_not_warned(circuit: Circuit):
    a = circuit.add("lif")
    circuit.connect(a, a, "ampa")
    circuit.connect(a, a, "gaba_a")
    assert rules.dale_warnings(circuit) == []
