"""Synapses that an edit leaves as they were are taken over, and are those made from scratch."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from dataclasses import fields, replace

import numpy as np
import pytest

from neurocanvas import library
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.edits import RemoveLink, SetSettings, SetSize, removal
from neurocanvas.sim.compiling import kept, wiring
from neurocanvas.sim.compiling.compiler import Compiler, assemble, compile_circuit
from neurocanvas.sim.program import Program, Synapses
from neurocanvas.sim.simulation import Simulation

DELAY = "normal(1.5 ms, 0.7 ms)"


@pytest.fixture(autouse=True)
def little_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "MANY", 50)
    monkeypatch.setattr(kept, "AT_ONCE", 7)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The links whose pairs are drawn."""
    found: list[str] = []
    draw = wiring.pairs
    monkeypatch.setattr(
        wiring, "pairs", lambda link, *rest: found.append(link.id) or draw(link, *rest)
    )
    return found


class Network:
    """Two large populations and a small one, linked all ways, and a compiler that saw them."""

    def __init__(self) -> None:
        c = self.circuit = Circuit(library.registry(), seed=8)
        self.a = c.add("lif", label="A", size=70)
        self.b = c.add("izhikevich", label="B", size=300)
        self.small = c.add("lif", label="C", size=3)
        other = c.add("lif", label="D", size=3)
        p = {"rule": "probability", "rule_values": {"p": 0.2}}
        self.links = {
            "ad": c.connect(self.a, other, "gaba_a", weight=0.1),
            "aa": c.connect(self.a, self.a, "ampa", weight="normal(2 nS, 0.4 nS)", **p),
            "ab": c.connect(self.a, self.b, "ampa", delay=DELAY, **p),
            "ba": c.connect(self.b, self.a, "gaba_a", delay=DELAY, **p),
            "bb": c.connect(self.b, self.b, "gaba_a", weight=0.5, delay=2.0, **p),
            "ac": c.connect(self.a, self.small, "nmda", **p),
            "ca": c.connect(self.small, self.a, "ampa", rule="fixed_in_degree",
                            rule_values={"n": 1}, delay=DELAY),
        }  # fmt: skip
        self.compiler = Compiler()
        self.program = self.compiled()

    def compiled(self) -> Program:
        return assemble(self.compiler.cast(self.circuit.snapshot(), self.circuit.kinds))

    def names(self, ids: list[str]) -> set[str]:
        return {name for name, link_id in self.links.items() if link_id in ids}


@pytest.fixture
def network() -> Network:
    return Network()


def assert_same(found: Synapses, expected: Synapses) -> None:
    for field in fields(Synapses):
        a, b = (getattr(synapses, field.name) for synapses in (found, expected))
        np.testing.assert_array_equal(a, b, err_msg=field.name)
        if isinstance(a, np.ndarray):
            assert a.dtype == b.dtype, field.name


def move(n: Network) -> None:
    """Put a source of current and a neuron before all others."""
    drive = n.circuit.add("step_current", amplitude=300.0)
    n.circuit.connect(drive, n.a)
    n.circuit.add("adex", size=200)


def connect(n: Network) -> None:
    n.circuit.connect(n.a, n.a, "gaba_a", rule="one_to_one")


def change_weight(n: Network) -> None:
    n.circuit.set(n.links["bb"], weight=0.7)


def change_size(n: Network) -> None:
    n.circuit.apply(SetSize(n.a, 71))


def change_small(n: Network) -> None:
    n.circuit.apply(SetSize(n.small, 4))


def change_step(n: Network) -> None:
    n.circuit.apply(SetSettings(replace(n.circuit.settings, dt=0.05)))


def change_seed(n: Network) -> None:
    n.circuit.apply(SetSettings(replace(n.circuit.settings, seed=9)))


def disconnect(n: Network) -> None:
    n.circuit.apply(RemoveLink(n.links["ab"]))


def move_by_less_than_a_block(n: Network) -> None:
    """What "ba" acts on lies in the same group, a few columns further to the front."""
    n.circuit.apply(RemoveLink(n.links["ad"]))


def remove_and_undo(n: Network) -> None:
    n.circuit.apply(n.circuit.apply(removal(n.circuit, [n.b])))


OF_A, OF_B = {"ad", "aa", "ab", "ac"}, {"ba", "bb"}
ALL = OF_A | OF_B


@pytest.mark.parametrize(
    ("edit", "anew"),
    [
        (move, set()),
        (remove_and_undo, set()),
        (connect, OF_A),
        (disconnect, OF_A - {"ab"}),
        (move_by_less_than_a_block, ALL - {"ad"}),
        (change_weight, OF_B),
        (change_small, OF_A),
        (change_size, ALL),
        (change_step, ALL),
        (change_seed, ALL),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_only_source_nodes_whose_links_changed_are_connected_anew(
    network: Network, drawn: list[str], edit: Callable[[Network], None], anew: set[str]
) -> None:
    edit(network)
    drawn.clear()
    found = network.compiled()
    assert network.names(drawn) - {"ca"} == anew
    expected = compile_circuit(network.circuit.snapshot(), network.circuit.kinds)
    assert_same(found.synapses, expected.synapses)


def test_edit_after_edit_is_as_from_scratch(network: Network) -> None:
    """Each program is taken over from the one before, which was taken over too."""
    for edit in (move, change_weight, move, connect, change_small, remove_and_undo, disconnect):
        edit(network)
        network.program = network.compiled()
        expected = compile_circuit(network.circuit.snapshot(), network.circuit.kinds)
        assert_same(network.program.synapses, expected.synapses)


def test_what_an_edit_given_up_had_connected_does_not_hide_what_runs(
    network: Network, drawn: list[str]
) -> None:
    move(network)
    network.compiled()
    gc.collect()
    move(network)
    drawn.clear()
    network.compiled()
    assert network.names(drawn) - {"ca"} == set()


def test_synapses_that_nobody_has_any_more_are_not_kept(network: Network, drawn: list[str]) -> None:
    gone = weakref.ref(network.program.synapses)
    network.program = None  # type: ignore[assignment]
    gc.collect()
    assert gone() is None
    drawn.clear()
    network.compiled()
    assert network.names(drawn) - {"ca"} == ALL


def test_what_a_run_changed_stays_with_it(network: Network) -> None:
    """Weights that were set while it ran are of the simulation, not of what is taken over."""
    simulation = Simulation(network.program)
    before = network.program.synapses.weight.copy()
    simulation.set_parameter(network.links["bb"], "weight", 9.0)
    simulation.advance(100)
    move(network)
    found = network.compiled()
    np.testing.assert_array_equal(np.sort(found.synapses.weight), np.sort(before))
