"""Large populations take other paths through the engine; what comes out is the same."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas import library
from neurocanvas.errors import SimulationError
from neurocanvas.model import algebra
from neurocanvas.model.expressions import Call, Name, Op, parse_expression, walk
from neurocanvas.model.kinds import NeuronKind
from neurocanvas.sim.compiling.casting import LARGE
from neurocanvas.sim.compiling.compiler import compile_circuit
from neurocanvas.sim.evaluate import evaluate
from neurocanvas.sim.plans import PIECE, plan_of
from neurocanvas.sim.writing.constants import ConstantPool, constant_values
from neurocanvas.sim.writing.shared import LINOID_OF, rewrite, shared_exponentials


def driven(size: int, neuron: str, synapse: str) -> nc.Circuit:
    """Neurons that all get the spikes of one train."""
    circuit = nc.Circuit(dt=0.05)
    source = circuit.add("regular_spikes", label="S", rate=120)
    node = circuit.add(neuron, label="A", size=size)
    circuit.connect(source, node, synapse, weight=30 if "current" not in synapse else 900)
    return circuit


@pytest.mark.parametrize(
    ("neuron", "synapse"),
    [("lif", "ampa"), ("lif", "current_synapse"), ("hodgkin_huxley", "nmda"), ("adex", "ampa")],
)
def test_each_neuron_of_a_crowd_does_what_one_alone_does(neuron, synapse):
    circuits = [driven(n, neuron, synapse) for n in (1, PIECE + LARGE)]
    runs = [nc.simulate(c, 40.0, record={c.find("A").id: ["v"]}) for c in circuits]
    alone, crowd = (r["A", "v"] for r in runs)
    assert np.ptp(alone) > 3
    np.testing.assert_array_equal(crowd, np.repeat(alone[:, None], PIECE + LARGE, axis=1))


def test_a_step_covers_every_column_once():
    circuit = driven(2 * PIECE + 5, "lif", "ampa")
    program = compile_circuit(circuit.snapshot(), circuit.kinds)
    plan = plan_of(program)
    assert [program.groups[g].kind.name for g in plan.rows[: plan.turns[2], 0]] == [
        "regular_spikes"
    ]
    for number, group in enumerate(program.groups):
        spans = plan.rows[plan.rows[:, 0] == number][:, 2:4].tolist()
        assert spans[0][0] == 0
        assert spans[-1][1] == group.n
        assert all(one[1] == other[0] for one, other in pairwise(spans))


def test_a_distributed_start_leaves_the_constants_shared():
    circuit = nc.Circuit()
    node = circuit.add("lif", size=LARGE, v_0="normal(-60 mV, 3 mV)")
    program = compile_circuit(circuit.snapshot(), circuit.kinds)
    assert program.groups[program.slots[node].group].source.first_constant < 0
    assert np.ptp(program.arena[program.main_place(node)]) > 3


def test_a_sea_of_spikes_acts_but_is_not_listed():
    circuit = nc.Circuit(dt=0.1)
    noise = circuit.add("poisson", label="sea", size=3000, rate=10_000)
    node = circuit.add("lif", label="A", size=3000)
    circuit.connect(noise, node, "current_synapse_delta", rule="one_to_one", weight=0.5)
    result = nc.simulate(circuit, 1000.0, record={node: ["v"]})
    with pytest.raises(SimulationError, match="sea are not listed"):
        result.spikes("sea")
    assert any("sea" in words for words in result.warnings)
    # 10 spikes a ms of 0.5 pA ms each move v by 10*0.5*tau/C; its variance is that of shot noise.
    values = {p.name: p.default for p in circuit.kinds.get("lif").parameters}
    tau, capacity = values["tau_m"], values["C_m"]
    late = result["A", "v"][3000:]
    assert late.mean() - values["E_L"] == pytest.approx(5.0 * tau / capacity, rel=0.01)
    assert late.var() == pytest.approx(10 * (0.5 / capacity) ** 2 * tau / 2, rel=0.02)


@pytest.mark.parametrize("rate", [20.0, 15_000.0, 900_000.0])
def test_trains_of_one_rate_are_those_of_rates_that_happen_to_be_equal(rate):
    found = []
    for given in (rate, f"normal({rate} Hz, 0 Hz)"):
        circuit = nc.Circuit(dt=0.1, seed=3)
        circuit.add("poisson", label="P", size=LARGE + 9, rate=given)
        found.append(nc.simulate(circuit, 40.0).spikes_by_neuron("P"))
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)
    assert len(found[0][0]) == pytest.approx(rate * 0.04 * (LARGE + 9), rel=0.15)


WITH_SHARED = [
    k for k in library.registry() if isinstance(k, NeuronKind) and shared_exponentials(k)
]


@pytest.mark.parametrize("kind", WITH_SHARED, ids=lambda kind: kind.name)
def test_exponentials_made_from_shared_ones_are_the_same(kind):
    pool, shared = ConstantPool(kind), shared_exponentials(kind)
    parameters = {k: np.array(v) for k, v in kind.coherent_defaults.items()} | {"dt": np.array(0.1)}
    v = np.linspace(-120, 80, 1001)
    changed = 0
    for definition in kind.system.definitions.values():
        extracted = pool.extract(definition)
        made = pool.merged(rewrite(extracted, shared, pool))
        changed += made != extracted
        seen = dict.fromkeys(kind.system.states, v) | {"v": v}
        constants = constant_values(tuple(pool.exprs), parameters, 1)[:, 0]
        known = seen | {f"#{i}": np.array(c) for i, c in enumerate(constants)}
        known |= {s.name: evaluate(s.definition, seen) for s in shared}
        if any(isinstance(e, Name) and e.id not in known for e in walk(extracted)):
            continue
        one, other = evaluate(_plain(made), known), evaluate(extracted, known)
        # At its limit, the quotient below is 0/0; the kernels' function has a series there.
        there = np.broadcast_to(one, v.shape) != 0
        np.testing.assert_allclose(
            np.broadcast_to(one, v.shape)[there], np.broadcast_to(other, v.shape)[there], rtol=1e-12
        )
        assert np.count_nonzero(~there) <= 2
    assert changed


def _plain(expr):
    """``linoid_of(x, e)`` in functions that are known outside kernels too."""
    match expr:
        case Call(name, (x, e)) if name == LINOID_OF:
            return algebra.divide(x, algebra.subtract(algebra.ONE, _plain(e)))
        case Call(name, arguments):
            return Call(name, tuple(map(_plain, arguments)))
        case _ if hasattr(expr, "left"):
            return type(expr)(expr.symbol, _plain(expr.left), _plain(expr.right))
    return expr


def test_a_product_has_one_constant():
    kind = library.registry().get("hodgkin_huxley")
    pool = ConstantPool(kind)
    text = parse_expression("0.07 * (g_Na * (v * (g_K * m))) + h / C_m * 3.0")
    made = pool.merged(pool.extract(text))
    assert sum(isinstance(p, Op) for p in walk(made)) == 4
    named = {f"#{i}": expr for i, expr in enumerate(pool.exprs)}
    point = {"v": 2.0, "m": 3.0, "h": 5.0, "g_Na": 7.0, "g_K": 11.0, "C_m": 13.0}
    found = algebra.number(algebra.substitute(made, named), point)
    assert found == pytest.approx(algebra.number(text, point), rel=1e-14)


def test_neurons_that_share_are_found():
    assert {k.name for k in WITH_SHARED} >= {"hodgkin_huxley"}


def injected(size: int, source: str, **values: object) -> tuple[nc.Circuit, str]:
    """Neurons that all get what one source gives."""
    circuit = nc.Circuit(dt=0.05)
    kind = "clamp" if source == "voltage_clamp" else "injection"
    made = circuit.add(source, label="S")
    node = circuit.add("lif", label="A", size=size)
    return circuit, circuit.connect(made, node, kind, **values)


@pytest.mark.parametrize("source", ["step_current", "ou_noise", "voltage_clamp"])
def test_what_one_source_gives_reaches_every_neuron_alike(source):
    runs = []
    for n in (1, PIECE + LARGE):
        circuit, link = injected(n, source)
        node = circuit.find("A").id
        runs.append(nc.simulate(circuit, 30.0, record={node: ["v"], link: ["I"]}))
        program = compile_circuit(circuit.snapshot(), circuit.kinds)
        assert program.groups[program.slots[link].group].direct == (n > 1)
        # Two places a pair; or where the targets lie, how far apart, and where the source is.
        assert len(program.index) == (3 if n > 1 else 2)
    assert np.ptp(runs[0]["A", "v"]) > 0.5
    for key in (("A", "v"), (link, "I")):
        alone, crowd = (run[key] for run in runs)
        np.testing.assert_array_equal(crowd, np.repeat(alone[:, None], PIECE + LARGE, axis=1))


def test_each_neuron_takes_the_current_of_one_source_with_its_own_gain():
    circuit, link = injected(LARGE, "step_current", gain="uniform(-1, 2)")
    program = compile_circuit(circuit.snapshot(), circuit.kinds)
    gains = program.parameters[link]["gain"]
    assert np.ptp(gains) > 1
    result = nc.simulate(circuit, 5.0, record={link: ["I"]})
    np.testing.assert_allclose(result[link, "I"][-1], 300.0 * gains, rtol=1e-12)


def test_a_source_that_does_not_reach_everyone_is_wired_one_by_one():
    circuit, link = injected(LARGE, "step_current", rule="probability", rule_values={"p": 0.4})
    result = nc.simulate(circuit, 5.0, record={circuit.find("A").id: ["v"]})
    program = compile_circuit(circuit.snapshot(), circuit.kinds)
    assert not program.groups[program.slots[link].group].direct
    moved = result["A", "v"][-1] > result["A", "v"][0] + 1
    assert np.count_nonzero(moved) == program.slots[link].n
    assert 0.25 * LARGE < program.slots[link].n < 0.55 * LARGE
