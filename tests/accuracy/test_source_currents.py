"""Current sources against their definitions: values, charge, edges and tables."""

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas import library
from neurocanvas.errors import CircuitError, EquationError
from neurocanvas.model.edits import SetData
from neurocanvas.model.kinds import SourceKind

DT = 0.1


def output(kind, duration, *, data=None, **values):
    """The middle of each step and the current that a cell gets in it."""
    circuit = nc.Circuit(dt=DT)
    source = circuit.add(kind, label="S", **values)
    if data:
        circuit.apply(SetData(source, data))
    link = circuit.connect(source, circuit.add("lif"))
    current = nc.simulate(circuit, duration, record={link: ["I"]})[link, "I"][1:]
    return (np.arange(len(current)) + 0.5) * DT, current


@pytest.mark.parametrize("kind", ["step_current", "pulse_train", "ramp", "sine", "current_table"])
def test_a_sample_shows_the_current_at_its_own_time(kind):
    circuit = nc.Circuit(dt=DT)
    source = circuit.add(kind, label="S")
    fine = nc.simulate(circuit, 200, dt=DT / 4, record={source: ["I"]})["S", "I"]
    assert nc.simulate(circuit, 200, record={source: ["I"]})["S", "I"] == pytest.approx(
        fine[::4], abs=1e-6 * np.ptp(fine)
    )
    # And a cell gets what is in the middle of a step.
    _, current = output(kind, 200)
    assert current == pytest.approx(fine[2::4], abs=1e-6 * np.ptp(fine))


def test_a_pulse_train_is_on_for_its_width_in_every_period():
    t, current = output("pulse_train", 200, amplitude=70, width=3, period=20, start=12, stop=150)
    on = (t > 12) & (t < 150) & ((t - 12) % 20 < 3)
    assert np.array_equal(current, np.where(on, 70.0, 0.0))
    # Seven pulses of 3 ms: the charge.
    assert current.sum() * DT == pytest.approx(7 * 3 * 70)


def test_a_pulse_as_wide_as_its_period_never_ends():
    t, current = output("pulse_train", 100, amplitude=70, width=20, period=20, start=10)
    assert np.array_equal(current, np.where(t > 10, 70.0, 0.0))


def test_a_ramp_is_a_straight_line_between_its_ends():
    values = {"first": -50.0, "last": 150.0, "baseline": 20.0, "start": 30, "stop": 80}
    t, current = output("ramp", 120, **values)
    line = -50 + 200 * (t - 30) / 50
    expected = np.where((t > 30) & (t < 80), line, 20.0)
    assert current == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("stop", [30.0, 10.0])
def test_a_ramp_that_ends_before_it_begins_is_its_baseline(stop):
    _, current = output("ramp", 60, baseline=7, start=30, stop=stop)
    assert np.all(current == 7.0)


@pytest.mark.parametrize("phase", [0.0, 90.0, -30.0])
def test_a_sine_has_its_frequency_offset_and_phase(phase):
    t, current = output("sine", 400, amplitude=80, offset=30, frequency=25, phase=phase,
                        start=50, stop=350)  # fmt: skip
    wave = 30 + 80 * np.sin(2 * np.pi * 25 * (t - 50) / 1000 + np.deg2rad(phase))
    expected = np.where((t > 50) & (t < 350), wave, 0.0)
    assert current == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("frequency", [5.0, 50.0, 200.0])
def test_a_cell_filters_a_sine_as_a_low_pass(frequency):
    circuit = nc.Circuit(dt=0.05)
    source = circuit.add("sine", amplitude=100, frequency=frequency)
    circuit.connect(source, circuit.add("lif", label="B", V_th=1000))
    v = nc.simulate(circuit, 1000)["B", "v"][-round(400 / 0.05) :]
    omega = 2 * np.pi * frequency / 1000
    # Amplitude R*I/sqrt(1 + (omega*tau)**2), R = 100 MOhm.
    expected = 10 / np.sqrt(1 + (omega * 20) ** 2)
    assert (v.max() - v.min()) / 2 == pytest.approx(expected, rel=2e-3)


# -- tables --------------------------------------------------------------------------------------

TABLE = {"times": (10.0, 20.0, 20.0, 45.0), "values": (50.0, 100.0, -30.0, 70.0)}


def test_a_table_is_interpolated_and_holds_its_ends():
    t, current = output("current_table", 80, data=TABLE, gain=2.0)
    before = np.interp(t, (10.0, 20.0), (50.0, 100.0))
    after = np.interp(t, (20.0, 45.0), (-30.0, 70.0))
    # Two values at one time are a jump.
    assert current == pytest.approx(2 * np.where(t < 20, before, after), abs=1e-9)


def test_a_table_need_not_be_sorted_nor_lie_on_the_steps():
    generator = np.random.default_rng(5)
    times, values = generator.uniform(0, 100, 40), generator.normal(0, 100, 40)
    data = {"times": tuple(times), "values": tuple(values)}
    t, current = output("current_table", 120, data=data)
    order = np.argsort(times)
    assert current == pytest.approx(np.interp(t, times[order], values[order]), abs=1e-9)


@pytest.mark.parametrize(
    ("data", "expected"),
    [({"times": (30.0,), "values": (42.0,)}, 42.0), ({"times": (), "values": ()}, 0.0)],
)
def test_a_table_of_one_point_is_constant_and_an_empty_one_nothing(data, expected):
    _, current = output("current_table", 60, data=data)
    assert np.all(current == expected)


def test_all_cells_of_a_node_get_the_table():
    circuit = nc.Circuit(dt=DT)
    source = circuit.add("current_table", label="S", size=3)
    result = nc.simulate(circuit, 120, record={source: ["I"]})["S", "I"]
    assert np.ptp(result[:, 0]) > 100
    assert np.array_equal(result[:, 0], result[:, 2])


def test_columns_of_different_length_are_refused():
    circuit = nc.Circuit()
    source = circuit.add("current_table", label="S")
    with pytest.raises(CircuitError, match="equally long"):
        circuit.apply(SetData(source, {"times": (1.0, 2.0), "values": (5.0,)}))


# -- where they jump -----------------------------------------------------------------------------


OF_TIME = [
    k.name
    for k in library.registry()
    if isinstance(k, SourceKind) and not (k.events or k.table or k.system.states)
]
"""Sources whose output is a function of time."""


@pytest.mark.parametrize("name", OF_TIME)
def test_a_source_jumps_nowhere_but_where_it_says(name):
    kind = library.registry().get(name)
    circuit = nc.Circuit(dt=0.01)
    values = {"start": 12.34, "stop": 143.21}
    given = {n: v for n, v in values.items() if n in kind.defaults()}
    source = circuit.add(name, label="S", **given)
    trace = nc.simulate(circuit, 200, record={source: [kind.output]})["S", kind.output][1:]
    jumps = kind.jumps(circuit.values(source), 200.0)
    assert jumps == sorted(jumps)
    steps = np.abs(np.diff(trace))
    found = (np.flatnonzero(steps > 0.05 * np.ptp(trace)) + 1) * 0.01
    assert len(found) >= 1
    for time in found:
        assert np.abs(np.array(jumps) - time).min() <= 0.0101


def test_a_series_of_jumps_ends_where_it_is_told():
    kind = library.registry().get("pulse_train")
    values = kind.defaults() | {"start": 7.0, "width": 2.0, "period": 10.0, "stop": 33.0}
    assert kind.jumps(values, 30.0) == [7.0, 9.0, 17.0, 19.0, 27.0, 29.0]
    assert kind.jumps(values, 5.0) == []
    assert 33.0 in kind.jumps(values, 40.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stop", "'stop' is no parameter"),
        ("a + k**2", "is not linear in k"),
        ("a + k*", "this is no complete expression"),
    ],
)
def test_a_breakpoint_that_makes_no_series_is_refused(text, words):
    from neurocanvas.model.kinds import Parameter

    kind = SourceKind(
        "x", "X", "x", "X.", "Definition.", (Parameter("a", 1.0, "ms", "A."),), "I = a",
        breakpoints=(text,),
    )  # fmt: skip
    with pytest.raises(EquationError) as caught:
        kind.check()
    assert words in str(caught.value)
