"""Kernels for shared constants and for constants of each column: the same bits, for every kind.

Nothing is reassociated and nothing fused but what the text says, so the same text with constants
from another place gives the same bits.
"""

import re

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas import library
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.kinds import NeuronKind, Parameter
from neurocanvas.model.plasticity import PlasticityKind
from neurocanvas.sim.compiling.casting import LARGE
from neurocanvas.sim.compiling.compiler import compile_circuit
from neurocanvas.sim.kernels import main_of
from neurocanvas.sim.native import build
from neurocanvas.sim.writing.codegen import LANES, KindKey, Variant, generate

KINDS = [kind for kind in library.registry() if not isinstance(kind, PlasticityKind)]

COUPLED = NeuronKind(
    "coupled", "Coupled", "C", "Two compartments and a current that resonates.", "For a test.",
    (Parameter("tau", 9.0, "ms", "tau"), Parameter("k", 0.37, "1/ms", "k"),
     Parameter("C_m", 130.0, "pF", "C")),
    "dv/dt = -v/tau + k*(u - v) - k*w + I/C_m\ndu/dt = k*(v - u) - u/tau/3\ndw/dt = (v - w)/tau",
    threshold="v > 15", reset="v = -3\nw += 0.7", initial={"v": "1.3", "u": "0.2"},
)  # fmt: skip


def anywhere(source):
    """The text of a kernel with constants from wherever they lie."""
    # The kernel that does synapses too is compared in ``test_inflows``.
    text = re.sub(r"def flowing.*?(?=def observe)", "", source.text, flags=re.DOTALL)
    for number in range(len(source.constants)):
        row = source.first_constant + number
        if source.first_constant >= 0:
            text = re.sub(rf"(lanes\[i|arena\[p) \+ {row * LANES}\]", f"c{number}", text)
    place = r"(offset \+ block \* |>> 6\) \* )"
    text = re.sub(rf"{place}{source.stride}\b", r"\1STRIDE", text)
    # Where there are many columns, the last block is taken as a whole.
    text = text.replace(f"min({LANES}, ((n + 7) & ~7) - block * {LANES})", f"{LANES}")
    return [line for line in text.splitlines() if not re.match(r"    c\d+ = arena\[consts", line)]


# Trains of one rate are drawn a block at a time; that they are the same is tested by their spikes.
ALIKE = [kind for kind in KINDS if kind.name != "poisson"]


@pytest.mark.parametrize("kind", ALIKE, ids=lambda kind: kind.name)
@pytest.mark.parametrize("conductance", [False, True])
def test_both_kernels_of_a_kind_do_the_same_arithmetic(kind, conductance):
    shared = generate(KindKey(kind), Variant(uniform=True, conductance=conductance))
    own = generate(KindKey(kind), Variant(conductance=conductance))
    assert shared.constants == own.constants
    assert anywhere(shared) == anywhere(own)


@pytest.mark.parametrize(
    ("kind", "first"),
    [("current_synapse", "i"), ("ampa", "g"), ("current_synapse_alpha", "#arrived"),
     ("current_synapse_delta", "#arrived")],
)  # fmt: skip
def test_weights_arrive_in_the_state_where_a_spike_only_adds_to_it(kind, first):
    rows = generate(KindKey(library.registry().get(kind)), Variant(direct=True)).rows
    assert [name for name, row in rows.items() if row == 0] == [first]


def test_kernels_leave_the_compiler_no_choice_of_what_to_fuse():
    source = generate(KindKey(library.registry().get("hodgkin_huxley")), Variant(uniform=True))
    compiled = build.dispatcher_of(main_of(source))
    assert compiled.targetoptions["fastmath"] == {"nsz"}


@pytest.mark.parametrize("kind", ["coupled", "fitzhugh_nagumo", "lif"])
def test_a_large_node_does_what_it_does_with_distributions_without_width(kind):
    found = []
    for spread in ("{}", "normal({}, 0)"):
        registry = library.registry()
        registry.add(COUPLED)
        circuit = Circuit(registry, dt=0.1, seed=2)
        first = registry.get(kind).parameters[0]
        values = {first.name: spread.format(repr(first.default))}
        node = circuit.add(kind, label="A", size=LARGE + 4, **values)
        circuit.connect(circuit.add("step_current", amplitude=700), node)
        circuit.connect(circuit.add("poisson", size=9, rate=300), node, "ampa", weight=0.3)
        program = compile_circuit(circuit.snapshot(), circuit.kinds)
        shared = program.groups[program.slots[node].group].source.first_constant < 0
        assert shared == (spread == "{}")
        found.append(nc.simulate(circuit, 60, record={node: ["v"]})["A", "v"])
    assert np.ptp(found[0]) > 1
    assert np.array_equal(*found)
