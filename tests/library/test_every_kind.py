"""What holds for every kind of the library: nothing here is written for one of them.

A kind that is added is tested without a word more.
"""

import math

import numpy as np
import pytest
from kind_bench import bench, drawable

import neurocanvas as nc
from neurocanvas import library
from neurocanvas.errors import CircuitError, QuantityError
from neurocanvas.formats import native
from neurocanvas.model.distributions import Distribution
from neurocanvas.model.edits import SetFeature
from neurocanvas.model.kinds import NeuronKind
from neurocanvas.model.plasticity import PlasticityKind
from neurocanvas.model.quantity import to_text

KINDS = list(library.registry())
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
SETTABLE = [kind for kind in KINDS if kind.parameters]
UPDATED = [k for k in KINDS if isinstance(k, NeuronKind) and k.update_statements]
SMOOTH = [k for k in KINDS if k not in UPDATED and not isinstance(k, PlasticityKind)]
PLASTIC = [k for k in KINDS if isinstance(k, PlasticityKind)]
STEPS_MS = (0.2, 0.1, 0.05, 0.025)
ROUNDING = 1e-7


def names(kinds):
    return {"argvalues": kinds, "ids": [kind.name for kind in kinds]}


# -- alone and among others -----------------------------------------------------------------------


@every_kind
def test_what_a_kind_does_is_seen_at_all(kind):
    trace = bench(kind).trace()
    assert np.all(np.isfinite(trace))
    assert np.ptp(trace) > 0.01


@every_kind
def test_the_first_of_many_does_what_one_alone_does(kind):
    alone, many = bench(kind).trace(), bench(kind, size=70).trace()
    assert many.shape == (len(alone), 70)
    assert np.array_equal(many[:, 0], alone)


@every_kind
def test_what_else_is_in_the_circuit_does_not_matter(kind):
    alone, among = bench(kind), bench(kind)
    circuit = among.circuit
    others = [circuit.add("lif", label=f"other {k}") for k in range(5)]
    circuit.connect(circuit.add("poisson", size=70, rate=400), others[0], "gaba_a")
    other = bench(kind).circuit
    for node in other.nodes():
        circuit.add(node.kind, label=f"{node.label} too", **node.parameters)
    assert np.array_equal(among.trace(), alone.trace())


@pytest.mark.parametrize("kind", **names(SETTABLE))
def test_a_distribution_without_width_is_the_same_as_its_number(kind):
    plain = bench(kind, size=3)
    values = {p.name: f"normal({p.default!r}, 0)" for p in drawable(kind)}
    drawn = bench(kind, values, size=3)
    assert np.array_equal(drawn.trace(), plain.trace())


# -- kept and refused -----------------------------------------------------------------------------


@every_kind
def test_what_is_saved_and_loaded_runs_to_the_same_bits(kind):
    before = bench(kind, size=2)
    text = native.dumps(before.circuit)
    after, report = native.loads(text, library.registry(), make=lambda r: nc.Circuit(kinds=r))
    assert report == ()
    assert after.snapshot() == before.circuit.snapshot()
    assert native.dumps(after) == text
    result = nc.simulate(after, 40, record=before.record)
    label = after.node(before.shown).label
    assert np.array_equal(result[label, before.variable], before.trace())


@pytest.mark.parametrize("kind", **names(SETTABLE))
def test_every_value_is_written_so_that_it_reads_back_to_the_same_bits(kind):
    for p in kind.parameters:
        inside = [x for x in (p.default * 1.1, p.default + 0.1) if p.minimum < x <= p.maximum]
        value = next((x for x in inside if x != p.default), p.default)
        assert p.parse_value(to_text(value, p.unit)) == value
        if not isinstance(kind, PlasticityKind):
            drawn = Distribution("normal", value, 0.1)
            assert p.parse_value(drawn.text(p.unit)) == drawn


def put(found, name, value):
    """Set a parameter of the element on the bench, as the window would."""
    if isinstance(found.kind, PlasticityKind):
        found.circuit.apply(SetFeature(found.element, found.kind.name, {name: value}))
    else:
        found.circuit.set(found.element, **{name: value})


@pytest.mark.parametrize("kind", **names(SETTABLE))
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "nan", "many", "5 kg", "", True])
def test_what_is_no_number_is_refused_with_the_name_of_the_parameter(kind, value):
    found = bench(kind)
    before = found.circuit.snapshot()
    for parameter in kind.parameters:
        with pytest.raises(QuantityError, match=rf"\b{parameter.name}\b"):
            put(found, parameter.name, value)
    assert found.circuit.snapshot() == before


@pytest.mark.parametrize("kind", **names(SETTABLE))
def test_what_is_out_of_range_is_refused_and_the_range_is_said(kind):
    found = bench(kind)
    tried = 0
    for p in kind.parameters:
        beyond = [p.minimum - 1e-3, p.maximum * 1.01 + 1] + ([p.minimum] if p.strict else [])
        for value in beyond:
            if math.isfinite(value):
                tried += 1
                with pytest.raises(QuantityError, match=p.name) as caught:
                    put(found, p.name, value)
                assert p.allowed() in str(caught.value)
    bounded = [p for p in kind.parameters if p.allowed().startswith(("above", "at "))]
    assert tried >= len(bounded)


@pytest.mark.parametrize("kind", **names(SETTABLE))
def test_a_parameter_that_there_is_not_is_refused_and_those_there_are_are_named(kind):
    with pytest.raises((CircuitError, QuantityError), match=kind.parameters[0].name):
        put(bench(kind), "no_such_parameter", 1.0)


# -- against the reference ------------------------------------------------------------------------


def deviations(found, duration=40.0):
    """Largest difference between engine and reference, at each time step."""
    pairs = [[found.trace(duration, dt=dt, reference=r) for r in (False, True)] for dt in STEPS_MS]
    return np.array([np.abs(one - other).max() for one, other in pairs])


def promised_order(kind):
    """How fast the engine approaches the reference, by what a kind declares.

    What noise has become goes out at the end of a step: first order. All else is second order.
    """
    return 1 if kind.family == "source" and "xi" in kind.equations else 2


@pytest.mark.parametrize("kind", **names(SMOOTH))
def test_every_kind_approaches_the_reference_with_its_order(kind):
    found = bench(kind)
    errors = []
    for dt in STEPS_MS:
        one, other = (found.run(20.0, dt=dt, reference=r) for r in (False, True))
        shown = found.circuit.node(found.shown).label
        # A spike that resets what is shown ends the comparison a millisecond before.
        first = min(other.spikes(shown), default=np.inf) - 1.0
        upto = np.searchsorted(other.times, first) if found.resets else len(other.times)
        difference = (one[shown, found.variable] - other[shown, found.variable])[:upto]
        errors.append(np.sqrt(np.mean(difference**2)))
    assert np.ptp(other[shown, found.variable][:upto]) > 0.01
    assert errors[-1] < 0.02
    # Over three halvings; random spikes differ from step to step.
    rounding = errors[-1] < ROUNDING
    assert rounding or np.log2(errors[0] / errors[-1]) / 3 > promised_order(kind) - 0.3, errors


@pytest.mark.parametrize("kind", **names(UPDATED))
@pytest.mark.parametrize("dt", STEPS_MS)
def test_a_unit_without_dynamics_is_at_most_a_step_beside_the_reference(kind, dt):
    found = bench(kind)
    one, other = (found.trace(dt=dt, reference=r) for r in (False, True))
    # A curve that is a step late differs, summed up, by no more than all its ups and downs.
    assert np.abs(one - other).sum() <= np.abs(np.diff(other)).sum() * (1 + ROUNDING)


@pytest.mark.parametrize("kind", **names(PLASTIC))
def test_plasticity_approaches_the_reference_by_the_grid_of_arrivals(kind):
    # Where a spike of the target lies between steps, arrivals do not: first order at least.
    found = bench(kind)
    circuit = found.circuit
    circuit.set(circuit.find("T").id, V_th=1000)  # without resets the traces can be compared
    errors = deviations(found, 60.0)
    assert errors[-1] < 1e-3
    assert np.all((np.log2(errors[:-1] / errors[1:]) > 0.9) | (errors[1:] < ROUNDING))
