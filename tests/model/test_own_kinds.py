"""Kinds of a circuit's own: what replaces them under their nodes keeps all that still fits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from strategies import document

from neurocanvas import library
from neurocanvas.errors import CircuitError, ConnectionRefused
from neurocanvas.formats import native
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.edits import Effect, SetBench, SetOwnKind
from neurocanvas.model.elements import Bench, Probe
from neurocanvas.model.kinds import NeuronKind, Parameter
from neurocanvas.model.own_kinds import copy_of, name_for, replacing, with_kinds
from neurocanvas.model.quantity import is_unit, parse_with_unit

KINDS = library.registry()
CELL = NeuronKind(
    name="own_cell",
    title="Cell",
    symbol="C",
    doc="",
    source="",
    parameters=(
        Parameter("tau", 10.0, "ms", "", minimum=0.0, strict=True),
        Parameter("k", 1.0, "1", ""),
    ),
    equations="dv/dt = (k*w - v)/tau + I/100\ndw/dt = -w/tau\nq = v*w",
    threshold="v > 10",
)


@pytest.fixture
def used(circuit: Circuit) -> Circuit:
    """Two cells of an own kind, with values, probes and links."""
    circuit.apply(SetOwnKind("own_cell", CELL))
    a = circuit.add("own_cell", label="A", tau=20.0, k=3.0)
    b = circuit.add("own_cell", label="B", k="normal(2, 1)")
    circuit.connect(a, b, "ampa")
    probes = (Probe(1, a, "w"), Probe(2, a, "v"), Probe(3, b, "q"), Probe(4, b, "w"))
    circuit.apply(SetBench(Bench(probes=probes)))
    return circuit


def probed(circuit: Circuit) -> list[tuple[int, str, str]]:
    return [(p.number, circuit.node(p.node).label, p.variable) for p in circuit.bench.probes]


def test_values_and_probes_that_still_fit_stay(used: Circuit):
    before = document(used)
    edit = replacing(used, replace(CELL, equations=CELL.equations + "\nz = 2*q"))
    assert edit.effect is Effect.STRUCTURE
    inverse = used.apply(edit)
    assert document(used) == before
    assert "z" in used.kind_of("n1").recordable
    used.apply(inverse)
    assert "z" not in used.kind_of("n1").recordable


def test_values_of_parameters_that_are_gone_go_with_them(used: Circuit):
    before = native.dumps(used)
    fewer = replace(CELL, parameters=CELL.parameters[:1], equations="dv/dt = -v/tau\nw = 1\nq = 2")
    inverse = used.apply(replacing(used, fewer))
    assert used.node("n1").parameters == {"tau": 20.0}
    assert used.node("n2").parameters == {}
    used.apply(inverse)
    assert native.dumps(used) == before


@pytest.mark.parametrize(
    "parameter",
    [Parameter("tau", 5.0, "mV", ""), Parameter("tau", 5.0, "ms", "", maximum=10.0)],
)
def test_values_that_mean_something_else_or_are_out_of_range_go(used: Circuit, parameter):
    used.apply(replacing(used, replace(CELL, parameters=(parameter, CELL.parameters[1]))))
    assert "tau" not in used.node("n1").parameters
    assert used.values("n1")["tau"] == 5.0


def test_probes_on_variables_that_are_gone_move_to_the_first(used: Circuit):
    before = native.dumps(used)
    edit = replacing(used, replace(CELL, equations="dv/dt = (k - v)/tau"))
    inverse = used.apply(edit)
    # Of A, probe 1 would be what probe 2 is already; of B, one of two is enough.
    assert probed(used) == [(2, "A", "v"), (3, "B", "v")]
    used.apply(inverse)
    assert native.dumps(used) == before
    renamed = replace(CELL, equations="du/dt = (k - u)/tau + I", main="u", threshold="u > 1")
    used.apply(replacing(used, renamed))
    assert {variable for _, _, variable in probed(used)} == {"u"}


def test_a_kind_that_its_links_do_not_fit_is_refused_and_nothing_changes(used: Circuit):
    before = native.dumps(used)
    with pytest.raises(ConnectionRefused, match="takes rates, but AMPA gives a current"):
        used.apply(replacing(used, replace(CELL, accepts="rate")))
    with pytest.raises(ConnectionRefused, match="AMPA carries spikes"):
        used.apply(replacing(used, replace(CELL, threshold="")))
    with pytest.raises(CircuitError, match="own_cell is in use by A"):
        used.apply(SetOwnKind("own_cell", None))
    with pytest.raises(CircuitError, match="no variable 'q'"):
        used.apply(SetOwnKind("own_cell", replace(CELL, equations="dv/dt = k/tau\nw = 1")))
    assert native.dumps(used) == before
    assert used.own_kinds == {"own_cell": CELL}


def test_a_kind_goes_under_its_own_name_only(circuit: Circuit):
    with pytest.raises(CircuitError, match="is called 'own_cell', not 'own_other'"):
        circuit.apply(SetOwnKind("own_other", CELL))
    with pytest.raises(CircuitError, match="that of a kind of the library"):
        circuit.apply(SetOwnKind("lif", replace(CELL, name="lif")))


def test_the_registry_of_others_stays_as_it_was(circuit: Circuit):
    shared = circuit.kinds
    circuit.apply(SetOwnKind("own_cell", CELL))
    assert "own_cell" not in shared
    assert "own_cell" in circuit.kinds
    assert [k.name for k in with_kinds(shared, [CELL])][-1] == "own_cell"


@pytest.mark.parametrize(
    ("title", "taken", "name"),
    [("My neuron", (), "own_my_neuron"), ("My neuron", ("own_my_neuron",), "own_my_neuron_2"),
     ("FitzHugh\u2013Nagumo!", (), "own_fitzhugh_nagumo"), ("\u041d\u0435\u0439\u0440\u043e\u043d",
     (), "own_kind"), ("", ("own_kind", "own_kind_2"), "own_kind_3"), ("../x", (), "own_x"),
     ("a" * 500, (), "own_" + "a" * 40)],
)  # fmt: skip
def test_names_follow_from_titles(title: str, taken: tuple[str, ...], name: str):
    assert name_for(title, taken) == name


@pytest.mark.parametrize("name", [k.name for k in KINDS if isinstance(k, NeuronKind)])
def test_a_copy_of_a_neuron_computes_the_same(circuit: Circuit, name: str):
    kind = KINDS.get(name)
    copied = copy_of(kind, [k.name for k in KINDS])
    circuit.apply(SetOwnKind(copied.name, copied))
    assert copied.name.startswith("own_")
    assert copied.system.derivatives == kind.system.derivatives
    assert set(copied.recordable) == set(kind.recordable)
    assert (copied.group, copied.variant, copied.texts) == ("", "", ())


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [("0.2 nF", 200.0, "pF"), ("20", 20.0, "1"), ("3 s", 3000.0, "ms"), ("5Hz", 5.0, "Hz"),
     ("0.04 nS/mV", 0.04, "nS/mV"), ("2 1/ms", 2.0, "1/ms"), ("\u22125 mV", -5.0, "mV")],
)  # fmt: skip
def test_text_says_its_own_unit(text: str, value: float, unit: str):
    assert parse_with_unit(text) == (pytest.approx(value, rel=1e-12), unit)


@pytest.mark.parametrize("unit", ["furlong", "mV/", "/ms", "mV*ms", "1/s", "mV**2", "ms\n", ""])
def test_what_is_no_unit_of_equations(unit: str):
    assert not is_unit(unit)


def test_units_of_the_library_are_units():
    units = {p.unit for kind in KINDS for p in (*kind.parameters, *kind.variables)}
    assert all(map(is_unit, units))
