"""An integrator that a node asks for is the one that runs: each shows its own order."""

from dataclasses import replace

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas.errors import CircuitError
from neurocanvas.formats import native
from neurocanvas.model import forms
from neurocanvas.model.edits import SetIntegrator, SetKind, SetSettings
from neurocanvas.model.forms import EULER, EXACT, EXPONENTIAL_EULER, METHODS, RK4
from neurocanvas.model.kinds import NeuronKind
from neurocanvas.sim import integrators
from neurocanvas.sim.timestep import timestep_warnings

STEPS_MS = (0.04, 0.02, 0.01)
ORDERS = {EXACT: None, EXPONENTIAL_EULER: 2, RK4: 4, EULER: 1}
ROUNDING = 1e-9


def under_current(kind, method, **values):
    circuit = nc.Circuit(seed=2)
    neuron = circuit.add(kind, label="A", integrator=method, **values)
    amplitude = {"lif": 200, "fitzhugh_nagumo": 0.4, "izhikevich": 3}.get(kind, 700)
    # It begins on the grid of all steps: within a step the input is the same for all methods.
    circuit.connect(circuit.add("step_current", amplitude=amplitude, start=1), neuron)
    return circuit


@pytest.fixture(scope="module")
def exact_traces():
    """The reference solution of each kind at the finest step, made once."""
    found = {}

    def of(kind):
        if kind not in found:
            result = nc.simulate(under_current(kind, ""), 8, dt=STEPS_MS[-1], reference=True)
            found[kind] = result["A", "v"]
        return found[kind]

    return of


@pytest.mark.parametrize("kind", ["lif", "hodgkin_huxley", "fitzhugh_nagumo", "izhikevich"])
@pytest.mark.parametrize("method", METHODS)
def test_each_method_approaches_the_reference_with_its_own_order(kind, method, exact_traces):
    if method not in forms.methods(nc.Circuit().kinds.get(kind)):
        with pytest.raises(CircuitError, match=f"A: integrator: '{method}' needs .* RK4, Euler"):
            under_current(kind, method)
        return
    exact = exact_traces(kind)
    errors = []
    for factor, dt in zip((4, 2, 1), STEPS_MS, strict=True):
        trace = nc.simulate(under_current(kind, method), 8, dt=dt)["A", "v"]
        errors.append(np.abs(trace - exact[::factor]).max())
    linear = kind == "lif" and method in (EXACT, EXPONENTIAL_EULER)
    if linear:  # the potential alone: what is exact for one variable is exact
        assert max(errors) < 1e-7
        return
    order = np.log2(errors[0] / errors[-1]) / 2
    # The reference is right to about 1e-8.
    assert order > ORDERS[method] - 0.25 or errors[-1] < 1e-7, errors
    assert order < ORDERS[method] + 0.5 or errors[0] < 1e-6, errors


def test_what_is_asked_for_survives_the_file_and_runs_to_the_same_bits():
    circuit = under_current("hodgkin_huxley", EULER)
    text = native.dumps(circuit)
    assert '"integrator": "Euler"' in text
    again, report = native.loads(text, circuit.kinds, make=lambda r: nc.Circuit(kinds=r))
    assert report == ()
    assert again.snapshot() == circuit.snapshot()
    traces = [nc.simulate(c, 10)["A", "v"] for c in (circuit, again)]
    assert np.array_equal(*traces)
    chosen = nc.simulate(under_current("hodgkin_huxley", ""), 10)["A", "v"]
    assert np.abs(traces[0] - chosen).max() > 0.1


@pytest.mark.parametrize(
    ("method", "right"), [("exact", "RK4"), ("runge", "Euler"), ("rk4", "RK4")]
)
def test_a_file_that_asks_for_what_is_not_possible_is_refused_in_words(method, right):
    text = native.dumps(under_current("izhikevich", RK4)).replace('"RK4"', f'"{method}"')
    with pytest.raises(nc.NeuroCanvasError, match=rf"\"A\".*integrator: '{method}'.*{right}"):
        native.loads(text, nc.Circuit().kinds)


def test_the_choice_is_undone_and_neighbours_of_the_same_kind_keep_theirs():
    circuit = under_current("hodgkin_huxley", "")
    other = circuit.add("hodgkin_huxley", label="B")
    circuit.connect(circuit.links_of(circuit.find("A").id)[0].pre, other)
    back = circuit.apply(SetIntegrator(circuit.find("A").id, EULER))
    result = nc.simulate(circuit, 8)
    assert np.abs(result["A", "v"] - result["B", "v"]).max() > 0.1
    circuit.apply(back)
    result = nc.simulate(circuit, 8)
    assert np.array_equal(result["A", "v"], result["B", "v"])


def test_another_kind_keeps_the_method_if_its_equations_allow_it():
    circuit = nc.Circuit()
    node = circuit.add("lif", label="A", integrator=EXACT)
    back = circuit.apply(SetKind(node, "izhikevich", {}))
    assert circuit.node(node).integrator == ""
    circuit.apply(back)
    assert circuit.node(node).integrator == EXACT


def test_noise_goes_with_every_method():
    found = {}
    for method in METHODS:
        circuit = nc.Circuit(seed=4, dt=0.1)
        source = circuit.add("ou_noise", integrator=method, size=50, tau=5, sigma=30, mean=0)
        values = nc.simulate(circuit, 60, record={source: ["I"]})[source, "I"]
        found[method] = values[-200:].std()
    # tau 5 ms: 50 trains of 20 ms each are about 130 independent values.
    assert all(std == pytest.approx(30, rel=0.2) for std in found.values()), found
    assert found[EULER] != found[EXACT]


def test_a_node_that_asks_for_euler_is_warned_of_a_step_that_is_too_coarse_for_it():
    circuit = under_current("lif", EULER, tau_m=0.5)
    circuit.apply(SetSettings(replace(circuit.settings, dt=0.1)))
    (line,) = timestep_warnings(circuit.snapshot(), circuit.kinds)
    assert "dt = 0.05 ms would do" in line
    circuit.apply(SetIntegrator(circuit.find("A").id, ""))
    assert timestep_warnings(circuit.snapshot(), circuit.kinds) == []


@pytest.mark.parametrize("kind", list(nc.Circuit().kinds), ids=lambda kind: kind.name)
def test_every_kind_says_which_integrator_it_gets_and_what_else_is_possible(kind):
    words = integrators.describe(kind)
    assert words.startswith(("Integrated ", "Nothing to integrate: "))
    for method in forms.methods(kind):
        assert method == integrators.plan(kind).method or method in words
    if isinstance(kind, NeuronKind) and forms.methods(kind):
        assert {RK4, EULER} <= {*forms.methods(kind)}
