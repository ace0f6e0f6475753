"""Every shape of synapse: time course, peak, area and what it does to a cell, in closed form."""

import math

import numpy as np
import pytest
from closed_forms import Lif

import neurocanvas as nc
from neurocanvas import library
from neurocanvas.model.edits import SetData
from neurocanvas.model.kinds import SynapseKind
from neurocanvas.sim.compiling.compiler import compile_circuit
from neurocanvas.sim.simulation import Simulation

LIF = Lif()
FORMS = ("conductance_synapse", "current_synapse")
SHAPES = ("", "_alpha", "_biexponential")
SIGNS = ("", "_inhibitory")
VARIABLE = {"conductance_synapse": "g", "current_synapse": "i"}
TIMES = {
    "": {"tau": 5.0},
    "_alpha": {"tau": 5.0},
    "_biexponential": {"tau_rise": 1.5, "tau_decay": 8.0},
}
ARRIVAL = 6.0


def course(shape, t, *, tau=5.0, tau_rise=0.0, tau_decay=0.0):
    """The response to one spike a time t after its arrival, with a peak of one."""
    t = np.asarray(t, float)
    if shape == "":
        found = np.exp(-t / tau)
    elif shape == "_alpha":
        found = t / tau * np.exp(1 - t / tau)
    else:
        peak = tau_rise * tau_decay / (tau_decay - tau_rise) * math.log(tau_decay / tau_rise)
        height = math.exp(-peak / tau_decay) - math.exp(-peak / tau_rise)
        found = (np.exp(-t / tau_decay) - np.exp(-t / tau_rise)) / height
    return np.where(t > 1e-9, found, 0.0)


def area(shape, *, tau=5.0, tau_rise=0.0, tau_decay=0.0):
    """The integral of ``course``."""
    if shape == "":
        return tau
    if shape == "_alpha":
        return math.e * tau
    peak = tau_rise * tau_decay / (tau_decay - tau_rise) * math.log(tau_decay / tau_rise)
    height = math.exp(-peak / tau_decay) - math.exp(-peak / tau_rise)
    return (tau_decay - tau_rise) / height


def one_spike(kind, *, dt=0.1, times=(5.0,), size=1, cell=None, **values):
    """Spikes at given times (by default one at 5 ms, arriving at 6 ms), a synapse and a cell."""
    circuit = nc.Circuit(dt=dt)
    source = circuit.add("spike_list", label="S", size=size)
    circuit.apply(SetData(source, {"times": tuple(times)}))
    target = circuit.add("lif", label="B", **{"V_th": 1000} | (cell or {}))
    return circuit, circuit.connect(source, target, kind, delay=1, **values)


# -- time course ---------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("dt", [0.025, 0.1, 0.5])
def test_the_time_course_is_exact_at_any_step(form, shape, sign, dt):
    circuit, link = one_spike(form + shape + sign, dt=dt, weight=4, **TIMES[shape])
    result = nc.simulate(circuit, 60, record={link: [VARIABLE[form]]})
    expected = 4.0 * course(shape, result.times - ARRIVAL, **TIMES[shape])
    assert result[link, VARIABLE[form]] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("shape", "times", "peak_at"),
    [
        ("_alpha", {"tau": 4.0}, 4.0),
        ("_biexponential", {"tau_rise": 2.0, "tau_decay": 8.0}, 8 / 3 * math.log(4)),
        # The two may be exchanged, and they may be equal: then it is the alpha function.
        ("_biexponential", {"tau_rise": 8.0, "tau_decay": 2.0}, 8 / 3 * math.log(4)),
        ("_biexponential", {"tau_rise": 4.0, "tau_decay": 4.0}, 4.0),
        ("_biexponential", {"tau_rise": 4.0, "tau_decay": 4.0 + 1e-9}, 4.0),
    ],
)
def test_the_weight_is_the_peak(form, shape, times, peak_at):
    circuit, link = one_spike(form + shape, dt=0.01, weight=3, **times)
    trace = nc.simulate(circuit, 40, record={link: [VARIABLE[form]]})[link, VARIABLE[form]]
    assert trace.max() == pytest.approx(3.0, rel=1e-5)
    assert np.argmax(trace) * 0.01 == pytest.approx(ARRIVAL + peak_at, abs=0.0100001)


def test_equal_time_constants_make_the_alpha_function():
    circuit, one = one_spike("conductance_synapse_biexponential", tau_rise=5, tau_decay=5)
    pre, post = (node.id for node in circuit.nodes())
    other = circuit.connect(pre, post, "conductance_synapse_alpha", delay=1, tau=5)
    result = nc.simulate(circuit, 60, record={one: ["g"], other: ["g"]})
    assert result[one, "g"] == pytest.approx(result[other, "g"], abs=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_spikes_add_up(shape):
    times = (5.0, 7.0, 7.0, 12.5)
    circuit, link = one_spike("current_synapse" + shape, times=times, weight=2, **TIMES[shape])
    result = nc.simulate(circuit, 60, record={link: ["i"]})
    expected = sum(2 * course(shape, result.times - t - 1, **TIMES[shape]) for t in times)
    assert result[link, "i"] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", [*SHAPES, "_delta"])
def test_the_current_follows_what_is_open(form, shape):
    circuit, link = one_spike(form + shape, dt=0.1)
    names = [VARIABLE[form], "I"]
    target = circuit.find("B").id
    result = nc.simulate(circuit, 40, record={link: names, target: ["v"]})
    opened = result[link, VARIABLE[form]]
    assert opened.max() > 0
    driving = -result["B", "v"] if form == "conductance_synapse" else 1.0
    assert result[link, "I"] == pytest.approx(opened * driving, abs=1e-9)


# -- what it does to a cell ----------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sign", SIGNS)
def test_the_charge_that_one_spike_brings_is_the_area_times_the_weight(shape, sign):
    circuit, _ = one_spike("current_synapse" + shape + sign, dt=0.05, weight=64, **TIMES[shape])
    result = nc.simulate(circuit, 400)
    # What came in has leaked out again: the integral of the leak current.
    leaked = np.sum(result["B", "v"] + 70.0) * 0.05 * LIF.C_m / LIF.tau_m
    expected = 64.0 * area(shape, **TIMES[shape]) * (-1 if sign else 1)
    assert leaked == pytest.approx(expected, rel=1e-3)


def alpha_psp(t, weight, tau):
    """Deflection of the cell a time t after an alpha current: the linear equation by hand."""
    t = np.maximum(t, 0.0)
    k = 1 / tau - 1 / LIF.tau_m
    fading = np.exp(-t / LIF.tau_m) * (1 - np.exp(-k * t) * (1 + k * t)) / k**2
    return weight * math.e / (tau * LIF.C_m) * fading


def biexponential_psp(t, weight, tau_rise, tau_decay):
    """Deflection after a difference of exponentials: the difference of two deflections."""
    peak = tau_rise * tau_decay / (tau_decay - tau_rise) * math.log(tau_decay / tau_rise)
    height = math.exp(-peak / tau_decay) - math.exp(-peak / tau_rise)
    slow, fast = LIF.current_psp(t, weight, tau_decay), LIF.current_psp(t, weight, tau_rise)
    return (slow - fast) / height


@pytest.mark.parametrize("shape", ["_alpha", "_biexponential"])
@pytest.mark.parametrize("sign", SIGNS)
def test_the_deflection_is_that_of_the_linear_equation(shape, sign):
    psp = alpha_psp if shape == "_alpha" else biexponential_psp
    errors = []
    for dt in (0.2, 0.1, 0.05, 0.025):
        circuit, _ = one_spike("current_synapse" + shape + sign, dt=dt, weight=128, **TIMES[shape])
        result = nc.simulate(circuit, 80)
        expected = psp(result.times - ARRIVAL, 128.0, **TIMES[shape]) * (-1 if sign else 1)
        errors.append(np.abs(result["B", "v"] + 70.0 - expected).max() / np.abs(expected).max())
    assert errors[1] < 2e-3
    # A trapezoid of the current: second order.
    assert np.all(np.diff(np.log2(errors)) < -1.8)


# -- delta pulses --------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("dt", [0.01, 0.1, 0.5])
def test_a_delta_current_makes_the_cell_jump_by_weight_over_capacitance(sign, dt):
    circuit, _ = one_spike("current_synapse_delta" + sign, dt=dt, weight=512)
    result = nc.simulate(circuit, 60)
    moved = (result["B", "v"] + 70.0) * (-1 if sign else 1)
    step = round(ARRIVAL / dt)
    assert np.all(moved[: step + 1] == 0)
    # Spread over one step, it has leaked for half a step when it is complete.
    within = LIF.tau_m / dt * -math.expm1(-dt / LIF.tau_m)
    assert moved[step + 1] == pytest.approx(512 / LIF.C_m * within, rel=1e-12)
    assert moved[step + 1] == pytest.approx(512 / LIF.C_m, rel=dt / LIF.tau_m)
    since = result.times[step + 1 :] - result.times[step + 1]
    assert moved[step + 1 :] == pytest.approx(
        moved[step + 1] * np.exp(-since / LIF.tau_m), abs=1e-12
    )


@pytest.mark.parametrize(("sign", "reversal"), [("", 0.0), ("_inhibitory", -80.0)])
def test_a_delta_conductance_goes_part_of_the_way_to_its_reversal(sign, reversal):
    weight = 64.0
    for dt in (0.1, 0.05, 0.025, 0.0125):
        circuit, _ = one_spike("conductance_synapse_delta" + sign, dt=dt, weight=weight)
        v = nc.simulate(circuit, 20)["B", "v"]
        step = round(ARRIVAL / dt)
        # One step of the linear equation with the conductance weight/dt, exactly.
        leak, opened = LIF.C_m / LIF.tau_m, weight / dt
        target = (leak * LIF.E_L + opened * reversal) / (leak + opened)
        after = target + (LIF.E_L - target) * math.exp(-(leak + opened) * dt / LIF.C_m)
        assert v[step + 1] == pytest.approx(after, abs=1e-9)
        # And in the limit of short steps the jump, whatever the step.
        jump = (reversal - LIF.E_L) * -math.expm1(-weight / LIF.C_m)
        assert v[step + 1] - LIF.E_L == pytest.approx(jump, rel=1.1 * dt / LIF.tau_m)


def test_simultaneous_delta_pulses_are_one_of_their_sum():
    circuit, _ = one_spike("current_synapse_delta", weight=100, size=7)
    other, _ = one_spike("current_synapse_delta", weight=700)
    one, two = (nc.simulate(c, 40)["B", "v"] for c in (circuit, other))
    assert one == pytest.approx(two, abs=1e-12)
    assert one.max() > -70 + 3.4


CHEMICAL = [
    k.name
    for k in library.registry()
    if isinstance(k, SynapseKind) and k.carries == "spikes" and k.gives == "current"
]


@pytest.mark.parametrize("kind", CHEMICAL)
def test_a_population_feels_its_synapses_as_one_cell_does(kind):
    traces = []
    for size in (1, 300):
        circuit = nc.Circuit(dt=0.1)
        source = circuit.add("spike_list")
        cells = circuit.add("lif", label="B", size=size, V_th=1000)
        circuit.connect(source, cells, kind)
        traces.append(nc.simulate(circuit, 250, record={cells: ["v"]})["B", "v"])
    assert np.ptp(traces[0]) > 0.1
    # Two products in a sum: which of them is fused with the addition is the compiler's choice.
    assert traces[1][:, 0] == pytest.approx(traces[0], rel=1e-14)
    assert np.array_equal(traces[1][:, -1], traces[1][:, 0])


# -- the other synapses of these shapes ----------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "preset"),
    [("nmda", None), ("nicotinic", "alpha-7 receptors"), ("nicotinic", "alpha-3 receptors")],
)
def test_named_synapses_have_the_shape_of_their_time_constants(kind, preset):
    circuit, link = one_spike(kind, weight=4)
    declared = circuit.kinds.get(kind)
    if preset:
        circuit.set(link, **declared.presets[preset])
    values = circuit.values(link)
    times = {name: values[name] for name in ("tau_rise", "tau_decay")}
    result = nc.simulate(circuit, 300, record={link: ["g"]})
    expected = 4 * course("_biexponential", result.times - ARRIVAL, **times)
    assert result[link, "g"] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("preset", "rise", "decay"),
    [("alpha-7 receptors", 0.32, 1.66), ("alpha-3 receptors", 1.28, 6.71)],
)
def test_nicotinic_responses_rise_and_decay_as_they_were_measured(preset, rise, decay):
    # Sargent 2009: rise time (10 to 90 %) and time constant of the decay, in ms.
    circuit, link = one_spike("nicotinic", dt=0.005, weight=1)
    circuit.set(link, **circuit.kinds.get("nicotinic").presets[preset])
    g = nc.simulate(circuit, 40, record={link: ["g"]})[link, "g"]
    peak = np.argmax(g)
    low, high = np.searchsorted(g[:peak], (0.1, 0.9)) * 0.005
    assert high - low == pytest.approx(rise, rel=0.03)
    late = g[peak + round(2 * decay / 0.005) :][: round(decay / 0.005)]
    fitted = -1 / np.polyfit(np.arange(len(late)) * 0.005, np.log(late), 1)[0]
    assert fitted == pytest.approx(decay, rel=0.03)


@pytest.mark.parametrize(("tau", "dt"), [(0.5, 0.1), (0.2, 0.5), (5.0, 0.1)])
@pytest.mark.parametrize("size", [1, 300])
def test_what_has_decayed_becomes_zero_and_never_subnormal(tau, dt, size):
    circuit = nc.Circuit(dt=dt)
    source, cells = circuit.add("spike_list"), circuit.add("lif", size=size)
    circuit.apply(SetData(source, {"times": (dt,)}))
    link = circuit.connect(source, cells, "current_synapse", weight=3.0, tau=tau, delay=dt)
    simulation = Simulation(compile_circuit(circuit.snapshot(), circuit.kinds))
    found = []
    for _ in range(round(300 * tau / dt) + 64):
        simulation.advance(1)
        found.append(float(simulation.values(link, "i")[0]))
    assert max(found) > 0.2
    assert found[-1] == 0.0
    assert min(value for value in found if value > 0.0) >= np.finfo(float).tiny
