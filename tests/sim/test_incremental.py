"""A compiler that remembers gives, edit by edit, the programs that one from scratch gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import apply_if_possible, circuits, draw_edit

from neurocanvas import library
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.edit_base import SetBench
from neurocanvas.model.edits import MoveNodes, SetFeature, SetOwnKind, SetSettings, SetSize, removal
from neurocanvas.model.elements import Bench, Probe
from neurocanvas.model.kinds import NeuronKind, Parameter
from neurocanvas.sim.compiling import casting, compiler, ledger, wiring
from neurocanvas.sim.compiling.compiler import Compiler, assemble, compile_circuit
from neurocanvas.sim.program import Program, Slots

CELL = NeuronKind(
    name="own_cell",
    title="Cell",
    symbol="C",
    doc="",
    source="",
    parameters=(Parameter("tau", 10.0, "ms", "", minimum=0.0, strict=True),),
    equations="dv/dt = -v/tau + I/100",
    threshold="v > 10",
    reset="v = 0",
)


@pytest.fixture(autouse=True, scope="module")
def short_memory() -> Iterator[None]:
    """Small chunks, no rows to spare, little is large: what happens in large circuits happens."""
    patch = pytest.MonkeyPatch()
    patch.setattr(ledger, "CHUNK", 2)
    patch.setattr(ledger, "SPARE_ROWS", 0)
    patch.setattr(casting, "LARGE", 5)
    patch.setattr(compiler, "LARGE", 5)
    patch.setattr(wiring, "MANY", 4)
    yield
    patch.undo()


def plain(value: object) -> object:
    """Return something that is equal only where all bits are: arrays by their bytes."""
    if isinstance(value, np.ndarray) and value.dtype != object:
        return (str(value.dtype), value.shape, value.tobytes())
    if isinstance(value, Slots):
        return (value.ids.tolist(), *map(plain, (value.group, value.first, value.n)))
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(map(plain, value))
    if is_dataclass(value) and type(value).__module__.startswith("neurocanvas.sim"):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    return value


def compiled(compiler: Compiler, circuit: Circuit) -> Program | str:
    """Return the program of a circuit, or why there is none."""
    try:
        return assemble(compiler.cast(circuit.snapshot(), circuit.kinds))
    except NeuroCanvasError as error:
        return str(error)


def assert_same(found: Program | str, expected: Program | str) -> None:
    if isinstance(found, str) or isinstance(expected, str):
        assert found == expected
        return
    for f in fields(Program):
        assert plain(getattr(found, f.name)) == plain(getattr(expected, f.name)), f.name


@settings(max_examples=12, deadline=None)
@given(circuits(steps=8), st.data())
def test_any_edits_give_the_same_bits_as_from_scratch(
    circuit: Circuit, data: st.DataObject
) -> None:
    compiler, undo = Compiler(), []
    found = compiled(compiler, circuit)
    assert_same(found, compiled(Compiler(), circuit))
    for _ in range(data.draw(st.integers(1, 5))):
        if undo and data.draw(st.booleans()):
            circuit.apply(undo.pop())
        else:
            inverse = apply_if_possible(circuit, draw_edit(circuit, data.draw))
            undo += [inverse] if inverse is not None else []
        # The program before is there until the next one is: its synapses may be taken over.
        found = compiled(compiler, circuit)
        assert_same(found, compiled(Compiler(), circuit))


def bench() -> Circuit:
    """One of everything: single cells, populations, distributions, plasticity, modulators."""
    c = Circuit(library.registry(), seed=5)
    c.apply(SetOwnKind("own_cell", CELL))
    kinds = ("lif", "hodgkin_huxley", "own_cell")
    cells = [c.add(kinds[k % 3], label=f"C{k}") for k in range(12)]
    for k in range(30):
        kind = ("ampa", "gaba_a", "nmda")[k % 3]
        c.connect(cells[k % 12], cells[k * 5 % 12], kind, weight=1.0 + k, delay=1.0 + k % 4)
    large = c.add("lif", label="L", size=300, V_th="normal(-50 mV, 1 mV)")
    small = c.add("adex", label="S", size=9)
    c.connect(large, small, "ampa", rule="fixed_in_degree", rule_values={"n": 7})
    c.connect(small, large, "gaba_a", weight="uniform(1 nS, 2 nS)", delay="uniform(1 ms, 3 ms)")
    for k in range(4):
        c.connect(cells[k], large, "gaba_a", weight=1.0 + k, tau=5.0 + k // 2, delay=1.0 + k)
    plastic = c.connect(cells[1], cells[2], "ampa")
    many = c.connect(small, small, "ampa", rule="probability", rule_values={"p": 0.5})
    for link in (plastic, many):
        c.apply(SetFeature(link, "stdp", {}))
    c.apply(SetFeature(many, "tsodyks_markram", {}))
    c.connect(cells[1], cells[4], "gap_junction")
    c.connect(cells[0], cells[3], "dopamine")
    c.connect(c.add("step_current", label="I"), cells[0])
    c.connect(c.add("spike_list", label="P", size=3), cells[5], "ampa")
    return c


def edited(c: Circuit) -> Iterator[str]:
    """Edit a circuit in every way, and say after each step what was done."""
    cells = [node.id for node in c.nodes() if node.label.startswith("C")]
    c.add("lif", label="new")
    yield "added"
    c.connect(cells[3], cells[8], "ampa", weight="lognormal(1 nS, 0.5 nS)")
    yield "connected"
    c.set(cells[0], V_th=-51.0)
    c.set(next(c.links()).id, weight=9.0)
    yield "set"
    c.apply(MoveNodes(dict.fromkeys(cells, (3.0, 4.0))))
    yield "moved"
    sharing = [link.id for link in c.links() if c.node(link.post).size > 100]
    c.apply(SetBench(Bench(probes=tuple(Probe(k + 1, i, "I") for k, i in enumerate(sharing[::2])))))
    yield "probed"
    c.apply(SetBench(Bench()))
    yield "no longer probed"
    c.set(sharing[-1], tau=5.0)
    yield "alike"
    back = c.apply(removal(c, cells[4:7]))
    yield "removed"
    c.apply(back)
    yield "undone"
    new = [c.add("lif") for _ in range(20)]
    for a, b in pairwise(new):
        c.connect(a, b, "gaba_a")
    yield "pasted"
    c.apply(SetSize(cells[9], 5))
    yield "enlarged"
    c.apply(SetSettings(replace(c.settings, dt=0.05)))
    yield "other step"
    c.apply(SetSettings(replace(c.settings, seed=8)))
    yield "other seed"
    c.apply(SetOwnKind("own_cell", replace(CELL, equations="dv/dt = -2*v/tau + I/100")))
    yield "other equations"
    c.remove(*[node.id for node in c.nodes()])
    yield "emptied"


def test_every_kind_of_edit_gives_the_same_bits_as_from_scratch() -> None:
    c, compiler = bench(), Compiler()
    found = compiled(compiler, c)
    for what in edited(c):
        found, expected = compiled(compiler, c), compiled(Compiler(), c)
        assert isinstance(found, Program), (what, found)
        assert_same(found, expected)


def test_programs_of_before_stay_as_they_were() -> None:
    c, compiler = bench(), Compiler()
    kept = []
    program = compiled(compiler, c)
    for _ in edited(c):
        assert isinstance(program, Program)
        kept.append((program, plain(program.parameters), plain(program.slots)))
        program = compiled(compiler, c)
    for old, parameters, slots in kept:
        assert plain(old.parameters) == parameters
        assert plain(old.slots) == slots


def test_elements_are_found_again_by_number_as_by_id() -> None:
    c, compiler = bench(), Compiler()
    before = compiled(compiler, c)
    other = compile_circuit(c.snapshot(), c.kinds)
    for _ in edited(c):
        after = compiled(compiler, c)
        assert isinstance(before, Program)
        assert isinstance(after, Program)
        found = before.slots.find(after.slots)
        known = {i: k for k, i in enumerate(before.slots)}
        assert found.tolist() == [known.get(i, -1) for i in after.slots]
        strange = other.slots.find(after.slots)
        known = {i: k for k, i in enumerate(other.slots)}
        assert strange.tolist() == [known.get(i, -1) for i in after.slots]
        before = after


def test_only_what_is_new_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    c, compiler = bench(), Compiler()
    compiler.cast(c.snapshot(), c.kinds)
    read: list[str] = []
    describe = ledger._typical_values
    monkeypatch.setattr(
        ledger, "_typical_values", lambda kind, e: read.append(e.id) or describe(kind, e)
    )
    node = c.add("lif")
    link = c.connect(node, next(c.nodes()).id, "ampa")
    c.remove(next(c.links()).id)
    compiler.cast(c.snapshot(), c.kinds)
    assert sorted(read) == sorted((node, link))


def test_links_share_columns_here() -> None:
    program = compiled(Compiler(), bench())
    assert isinstance(program, Program)
    assert [len(group.elements) for group in program.groups if group.several] == [2, 2]


def test_what_was_drawn_is_kept_as_long_as_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    c, compiler = bench(), Compiler()
    drawn: list[str] = []
    draw = ledger.coherent_values
    monkeypatch.setattr(
        ledger, "coherent_values", lambda kind, e, *rest: drawn.append(e.id) or draw(kind, e, *rest)
    )
    first = compiled(compiler, c)
    assert drawn
    drawn.clear()
    node = c.add("lif", size=7, V_th="normal(-50 mV, 2 mV)")
    second = compiled(compiler, c)
    assert drawn == [node]
    c.apply(SetSize(node, 8))
    compiled(compiler, c)
    assert drawn == [node, node]
    assert isinstance(first, Program)
    assert isinstance(second, Program)
