"""White noise has no value: it is added to a rate, and refused wherever it would need one."""

from __future__ import annotations

from dataclasses import replace

import pytest

import neurocanvas as nc
from neurocanvas import library
from neurocanvas.errors import EquationError
from neurocanvas.model import declarations
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.kinds import NeuronKind, Parameter

CELL = NeuronKind(
    "own_cell", "Own cell", "X", "For a test.", "None.",
    (Parameter("tau", 10.0, "ms", "t"), Parameter("V", 5.0, "mV", "V"),
     Parameter("C", 100.0, "pF", "C")),
    "dv/dt = -v/tau + I/C", threshold="v > V", reset="v = 0",
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"equations": "dv/dt = -v/tau + n\nn = xi"}, "equations: line 2"),
        ({"equations": "n = 2*xi\ndv/dt = -v/tau"}, "equations: line 1"),
        ({"equations": "dv/dt = -v/tau + v*xi"}, "equations: line 1"),
        ({"equations": "dv/dt = -v/tau + xi**2"}, "equations: line 1"),
        ({"reset": "v = xi"}, "reset: line 1"),
        ({"update": "v = xi"}, "update: line 1"),
        ({"threshold": "v > V + xi"}, "threshold: line 1"),
        ({"initial": {"v": "xi"}}, "initial values: line 1"),
    ],
)
def test_noise_that_would_need_a_value_is_refused_with_its_place(change, place):
    with pytest.raises(EquationError, match=rf"own_cell: {place}.*xi has no value of its own"):
        declarations.check(replace(CELL, **change))


def test_noise_that_is_added_is_taken():
    declarations.check(replace(CELL, equations="dv/dt = -v/tau + I/C + V/sqrt(tau)*xi"))


@pytest.mark.parametrize("change", [{"reset": "v = 0.01*I"}, {"threshold": "v > V + 0.01*I"}])
def test_the_input_has_a_value_everywhere(change):
    kind = replace(CELL, **change)
    declarations.check(kind)
    registry = library.registry()
    registry.add(kind)
    circuit = Circuit(registry, dt=0.05)
    node = circuit.add("own_cell", label="A")
    circuit.connect(circuit.add("step_current", amplitude=200), node)
    engine, exact = (nc.simulate(circuit, 25, reference=r).spikes("A") for r in (False, True))
    assert len(engine) == len(exact) >= 5
    assert engine == pytest.approx(exact, abs=0.05)
