"""A time step that is too coarse is named, with one that would do."""

from __future__ import annotations

import itertools
import math
import re
import time
from dataclasses import replace

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas.errors import SimulationError
from neurocanvas.model.edits import SetSettings
from neurocanvas.model.kinds import NeuronKind, Parameter
from neurocanvas.model.quantity import parse_quantity
from neurocanvas.sim import timestep
from neurocanvas.sim.clipping import ClippingWatch, clipping_warnings
from neurocanvas.sim.timestep import StepWatch, fitting, timestep_warnings


def warnings(circuit, dt=None):
    if dt is not None:
        circuit.apply(SetSettings(replace(circuit.settings, dt=dt)))
    return timestep_warnings(circuit.snapshot(), circuit.kinds)


def test_a_circuit_that_is_edited_is_warned_of_as_one_that_is_new():
    circuit, step, clipping = nc.Circuit(dt=0.1), StepWatch(), ClippingWatch()
    loud = circuit.add("hodgkin_huxley", label="Loud")
    crowd = circuit.add("lif", label="Crowd", size=40)

    def same() -> list[str]:
        now = circuit.snapshot(), circuit.kinds
        found = step.warnings(*now), clipping.warnings(*now)
        assert found == (timestep_warnings(*now), clipping_warnings(*now))
        return found[0] + found[1]

    assert len(same()) == 1
    link = circuit.connect(crowd, loud, delay=0.05)
    assert len(same()) == 2
    circuit.set(crowd, C_m="normal(100 pF, 80 pF)")
    assert len(same()) == 3
    circuit.apply(SetSettings(replace(circuit.settings, dt=0.025)))
    assert len(same()) == 1
    circuit.apply(SetSettings(replace(circuit.settings, dt=0.1)))
    circuit.set(link, delay=1.0)
    assert len(same()) == 2
    circuit.remove(loud)
    assert len(same()) == 1


def test_what_gave_no_cause_for_a_warning_is_not_looked_at_again(monkeypatch):
    circuit = nc.Circuit()
    circuit.add("lif", label="Quiet")
    circuit.add("hodgkin_huxley", label="Loud")
    circuit.apply(SetSettings(replace(circuit.settings, dt=0.1)))
    watch, looked = StepWatch(), []
    judge = timestep._of_node
    monkeypatch.setattr(
        timestep, "_of_node", lambda node, *rest: looked.append(node.label) or judge(node, *rest)
    )
    first = watch.warnings(circuit.snapshot(), circuit.kinds)
    circuit.add("lif", label="New")
    assert watch.warnings(circuit.snapshot(), circuit.kinds) == first
    assert looked == ["Quiet", "Loud", "Loud", "New"]
    assert watch.warnings(circuit.snapshot(), nc.Circuit().kinds) == first
    assert looked[4:] == ["Quiet", "Loud"], "other kinds: all of it, what is alike once"


def recommended(line):
    """The time step in ms that a line ends with."""
    found = re.search(r"; dt = (.*) would do$", line)
    assert found, line
    return parse_quantity(found.group(1), "ms")


def test_the_default_step_does_for_every_kind_of_the_library():
    circuit = nc.Circuit()
    for kind in circuit.kinds:
        if kind.family in ("neuron", "source"):
            circuit.add(kind.name)
    assert warnings(circuit) == []


@pytest.mark.parametrize("dt", [0.01, 0.025, 0.05])
def test_the_hodgkin_huxley_neuron_is_fine_up_to_a_twentieth_of_a_millisecond(dt):
    circuit = nc.Circuit()
    circuit.add("hodgkin_huxley", label="H")
    assert warnings(circuit, dt) == []


def test_the_hodgkin_huxley_neuron_at_a_tenth_of_a_millisecond_names_what_would_do():
    circuit = nc.Circuit()
    circuit.add("hodgkin_huxley", label="H")
    (line,) = warnings(circuit, 0.1)
    # The gate m is by far the fastest: 1/(a_m + b_m) = 0.237 ms at rest, a bit less with the rest.
    assert line.startswith("H: m of Hodgkin\u2013Huxley changes within 0.2")
    assert "too fast for dt = 0.1 ms" in line
    assert recommended(line) == 0.05


def test_the_fastest_rate_is_the_eigenvalue_of_the_equations_at_the_start():
    circuit = nc.Circuit()
    circuit.add("izhikevich", label="Z", a=0.1, b=0.26, v_0=-62.5)
    matrix = np.array([[0.08 * -62.5 + 5, -1.0], [0.1 * 0.26, -0.1]])
    tau = 1 / np.abs(np.linalg.eigvals(matrix)).max()
    (line,) = warnings(circuit, 10)
    assert f"changes within {tau:.3g} ms" in line
    assert 0.2 * tau < recommended(line) <= 0.5 * tau


def test_what_is_recommended_is_enough():
    circuit = nc.Circuit()
    h = circuit.add("hodgkin_huxley", label="H")
    a = circuit.add("adex", tau_w=0.3)
    circuit.connect(a, h, "nicotinic", delay=0.03, tau_rise=0.07)
    circuit.add("sine", frequency=5000)
    lines = warnings(circuit, 5)
    assert len(lines) == 5
    assert warnings(circuit, min(map(recommended, lines))) == []


def test_a_time_constant_that_a_step_passes_over_is_named_with_its_link():
    circuit = nc.Circuit()
    a, b = circuit.add("lif", label="A"), circuit.add("lif", label="B")
    circuit.connect(a, b, "ampa", tau=0.3)
    assert warnings(circuit, 0.25) == []
    (line,) = warnings(circuit, 0.5)
    assert line.startswith("A -> B (ampa): g of AMPA changes within 0.3 ms")
    assert recommended(line) == 0.25


def test_a_delay_shorter_than_a_step_is_named_but_none_at_all_is_not():
    circuit = nc.Circuit()
    a, b = circuit.add("lif", label="A"), circuit.add("lif", label="B")
    circuit.connect(a, b, "ampa", delay=0)
    link = circuit.connect(b, a, "ampa", delay=0.06)
    (line,) = warnings(circuit, 0.1)
    assert line.startswith("B -> A (ampa): a delay of 0.06 ms is shorter than dt = 0.1 ms")
    assert recommended(line) == 0.05
    circuit.set(link, delay="uniform(0.01 ms, 0.03 ms)")
    assert "uniform(0.01 ms, 0.03 ms)" in warnings(circuit, 0.1)[0]


@pytest.mark.parametrize(
    ("kind", "values", "words", "best"),
    [
        ("pulse_train", {"width": 0.04, "period": 10}, "jumps twice within 0.04 ms", 0.025),
        ("pulse_train", {"width": 9.98, "period": 10}, "jumps twice within 0.02 ms", 0.02),
        ("step_current", {"start": 5, "stop": 5.05}, "jumps twice within 0.05 ms", 0.05),
        ("sine", {"frequency": 2000}, "a period of 0.5 ms", 0.05),
    ],
)
def test_a_source_that_is_faster_than_the_steps_is_named(kind, values, words, best):
    circuit = nc.Circuit()
    circuit.add(kind, label="S", **values)
    (line,) = warnings(circuit, 0.1)
    assert line.startswith("S: ")
    assert words in line
    assert recommended(line) == pytest.approx(best)


def test_points_of_a_table_closer_than_the_steps_are_named():
    circuit = nc.Circuit()
    node = circuit.node(circuit.add("current_table", label="T"))
    circuit.put_node(replace(node, data={"times": (0, 4, 4, 4.03), "values": (0, 1, 2, 3)}))
    (line,) = warnings(circuit, 0.1)
    assert line.startswith("T: points of its table")
    assert recommended(line) == 0.025


def test_elements_with_the_same_trouble_share_a_line():
    circuit = nc.Circuit()
    for _ in range(6):
        circuit.add("hodgkin_huxley")
    circuit.add("hodgkin_huxley", label="slow", b_m_scale=30)
    lines = warnings(circuit, 0.2)
    assert len(lines) == 2
    assert lines[0].startswith("HH, HH 2, HH 3 and 3 more: ")


def test_own_equations_are_looked_at_too_and_broken_ones_are_left_to_the_compiler():
    circuit = nc.Circuit()
    tau = Parameter("tau", 0.2, "ms", "")
    fast = NeuronKind(
        name="fast", title="Fast", symbol="F", doc="", source="", parameters=(tau,),
        equations="dv/dt = -v*v*v/tau - w\ndw/dt = -w", initial={"v": "2"},
    )  # fmt: skip
    circuit.kinds.add(fast)
    circuit.kinds.add(replace(fast, name="loud", equations="dv/dt = -v*xi/tau", initial={}))
    circuit.add("fast", label="A")
    circuit.add("loud", label="B")
    # d/dv of v**3/0.2 at 2 is 60 per ms.
    (line,) = warnings(circuit, 0.1)
    assert line.startswith("A: v of Fast changes within 0.0167 ms")
    assert recommended(line) == 0.005
    with pytest.raises(SimulationError, match="noise is added"):
        nc.simulate(circuit, 1)


def test_unknown_kinds_are_passed_over():
    circuit = nc.Circuit()
    circuit.kinds.add(replace(circuit.kinds.get("hodgkin_huxley"), name="odd", placeholder=True))
    circuit.add("odd")
    assert warnings(circuit, 5) == []


def test_a_thousand_elements_take_no_time_to_look_through():
    circuit = nc.Circuit(dt=0.1)
    cells = [circuit.add("hodgkin_huxley") for _ in range(500)]
    for one, other in itertools.pairwise(cells):
        circuit.connect(one, other, "nmda")
    snapshot = circuit.snapshot()
    begin = time.thread_time()
    assert len(timestep_warnings(snapshot, circuit.kinds)) == 1
    assert time.thread_time() - begin < 0.5


@pytest.mark.parametrize(
    ("limit", "step"),
    [(0.059, 0.05), (0.05, 0.05), (0.1, 0.1), (0.3, 0.25), (2.4, 2.0), (0.0249, 0.02), (7, 5.0)],
)
def test_the_largest_round_step_below_a_limit(limit, step):
    assert fitting(limit) == pytest.approx(step)


def test_no_step_is_recommended_that_is_not_possible():
    assert fitting(1e-9) == 1e-4


@pytest.mark.parametrize(("g", "dt", "fits"), [(3000.0, 0.025, True), (9500.0, 0.025, False)])
def test_a_gap_junction_that_is_too_strong_for_the_step_is_named(g, dt, fits):
    circuit = nc.Circuit(dt=dt)
    a, b = circuit.add("lif", label="A", v_0=-60), circuit.add("lif", label="B")
    circuit.connect(a, b, "gap_junction", weight=g)
    found = warnings(circuit)
    if fits:
        assert found == []
        return
    # g/C = 47.5 per ms: 0.0211 ms; half of that is the step that would do.
    (line,) = found
    assert line.startswith("A, B: gap junctions pull it within 0.0211 ms, too fast for dt")
    assert line.endswith("dt = 0.01 ms would do")
    # It is: both meet in the middle and go on as one cell.
    result = nc.simulate(circuit, 5, dt=0.01)
    assert result["A", "v"][-1] == pytest.approx(-70 + 5 * math.exp(-5 / 20), abs=0.02)


def test_junctions_of_a_population_add_up():
    circuit = nc.Circuit(dt=0.1)
    cells = circuit.add("lif", label="P", size=101)
    circuit.connect(cells, cells, "gap_junction", weight=20)
    # 100 partners of 20 nS on 200 pF: 0.1 ms.
    (line,) = warnings(circuit)
    assert "P: gap junctions pull it within 0.099 ms" in line
