"""The engine beside the reference: what counts as the same spike, and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas.errors import QuantityError, SimulationError
from neurocanvas.model.elements import Node
from neurocanvas.sim import compare
from neurocanvas.sim.result import Result, Trace


def trains(one, other):
    return compare.matched(np.array(one, float), np.array(other, float))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([], [], (0, None)),
        ([5], [5.2], (1, None)),
        ([1, 2, 3], [1.1, 2.1, 3.1], (3, None)),
        ([1, 2, 3], [1.1, 2.1], (2, 3.0)),
        ([1], [1, 7], (1, 7.0)),
        # One spike more in the middle: what follows belongs to others.
        ([10, 20, 30, 40], [10, 30, 40], (1, 20.0)),
        ([10, 30, 40], [10, 20, 30, 40], (1, 20.0)),
        ([4], [], (0, 4.0)),
    ],
)
def test_spikes_belong_together_as_long_as_no_other_is_nearer(one, other, expected):
    assert trains(one, other) == expected


def result(spikes, values, dt=0.1):
    """A result with two nodes and one trace of the first."""
    nodes = [Node("n1", "lif", "A"), Node("n2", "lif", "B", size=2)]
    times = np.arange(len(values)) * dt
    arrays = {node: (np.array(i, np.int64), np.array(t, float)) for node, (i, t) in spikes.items()}
    trace = Trace("n1", "A", "v", np.array(values, float))
    return Result(times, [trace], nodes, arrays, dt)


def compared(one, other):
    circuit = nc.Circuit()
    circuit.add("lif", label="A")
    circuit.add("lif", label="B", size=2)
    return compare.compare_results(circuit.snapshot(), circuit.kinds, (one, 0.5), (other, 2.0))


def test_distances_are_taken_neuron_by_neuron():
    one = result({"n1": ([0, 0], [10.0, 20.0]), "n2": ([0, 1, 0], [5.0, 5.5, 9.0])}, [0, 0])
    other = result({"n1": ([0, 0], [10.1, 20.4]), "n2": ([1, 0, 0], [5.0, 5.2, 9.0])}, [0, 0])
    found = compared(one, other)
    a, b = found.nodes
    assert (a.engine, a.reference, a.paired, a.agrees) == (2, 2, 2, True)
    assert (a.worst_ms, a.median_ms, a.last_ms) == pytest.approx((0.4, 0.25, 0.4))
    assert (b.worst_ms, b.median_ms, b.last_ms) == pytest.approx((0.5, 0.2, 0.0))
    assert (found.engine_s, found.reference_s) == (0.5, 2.0)


def test_the_first_neuron_whose_trains_part_says_when():
    one = result({"n2": ([0, 1, 1], [5.0, 5.5, 9.0])}, [0])
    other = result({"n2": ([0, 0, 1], [5.0, 7.0, 5.5])}, [0])
    (b,) = compared(one, other).nodes
    assert not b.agrees
    assert b.parts_at_ms == 7.0
    assert (b.paired, b.worst_ms) == (2, 0.0)
    assert compare.node_sentence(b).endswith("3 spikes, but 3 there; they part at 7 ms.")


def test_spikes_that_are_only_in_one_of_the_two():
    (b,) = compared(result({"n2": ([0], [5.0])}, [0]), result({}, [0])).nodes
    assert (b.engine, b.reference, b.worst_ms, b.last_ms) == (1, 0, None, None)
    assert compare.node_sentence(b) == "Checked against solve_ivp: 1 spike, but 0 there."


def test_the_worst_deviation_of_a_trace_and_when_it_was():
    found = compared(result({}, [0, 1, 2, 3]), result({}, [0, 1.5, 1, 3]))
    (trace,) = found.traces
    assert trace.worst == 1.0
    assert trace.worst_at_ms == pytest.approx(0.2)
    assert trace.rms == pytest.approx(np.sqrt((0.25 + 1) / 4))
    assert trace.span == 3.0
    assert trace.unit == "mV"
    assert compare.trace_sentence(trace) == "Checked against solve_ivp: v at most 1 mV off."


def test_an_exact_integrator_agrees_to_the_last_digit_shown():
    circuit = nc.Circuit(dt=0.025)
    a = circuit.add("lif", label="A")
    circuit.connect(circuit.add("step_current", amplitude=300), a)
    found = compare.compare(circuit, "100 ms")
    (node,) = found.nodes
    # The closed form: the first spike at 20 ln 2, then one every 20 ln 2 + 2 ms.
    assert node.engine == node.reference == 1 + int((100 - 13.863) // 15.863)
    assert node.agrees
    assert node.worst_ms < 1e-4
    sentence = compare.node_sentence(node)
    assert sentence == "Checked against solve_ivp: last spike < 0.001 ms off."
    assert found.of_node(a) is node
    assert [trace.variable for trace in found.traces_of(a)] == ["v"]


def test_the_hodgkin_huxley_neuron_is_as_far_off_as_was_measured_for_its_step():
    circuit = nc.Circuit(dt=0.025)
    a = circuit.add("hodgkin_huxley", label="A")
    circuit.connect(circuit.add("step_current", amplitude=800, start=100, stop=200), a)
    (node,) = compare.compare(circuit, 205).nodes
    assert node.engine == node.reference == 7
    # Measured: 0.032 ms at worst, in the last of the seven spikes.
    assert node.worst_ms == pytest.approx(0.032, abs=0.004)
    assert node.last_ms == node.worst_ms
    found = compare.compare(circuit, 205, dt=0.05).nodes[0]
    assert found.worst_ms == pytest.approx(0.126, abs=0.01)


def test_progress_runs_from_the_engine_through_the_reference_and_may_end_it():
    circuit = nc.Circuit(dt=0.1)
    circuit.connect(circuit.add("step_current", amplitude=300), circuit.add("lif"))
    seen = []
    compare.compare(circuit, 100, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[0] < 0.1
    assert seen[-1] == pytest.approx(1.0)

    class Enough(Exception):
        pass

    def stop(done):
        if done > 0.5:
            raise Enough

    with pytest.raises(Enough):
        compare.compare(circuit, 100, progress=stop)


def test_impossible_durations_are_refused():
    circuit = nc.Circuit()
    with pytest.raises(SimulationError, match="duration = 0 is not possible"):
        compare.compare(circuit, 0)
    with pytest.raises(QuantityError):
        compare.compare(circuit, "5 mV")


def test_an_empty_circuit_compares_to_nothing():
    found = compare.compare(nc.Circuit(), 1)
    assert found.nodes == found.traces == ()
    assert len(compare.spike_rows(found)) == 1


def test_the_tables_hold_a_line_for_each_node_and_trace_in_columns():
    circuit = nc.Circuit(dt=0.1, seed=2)
    a = circuit.add("lif", label="A long label")
    circuit.connect(circuit.add("step_current", amplitude=300), a)
    circuit.add("poisson", label="P", rate=200)
    found = compare.compare(circuit, 50)
    lines = compare.table_text(compare.spike_rows(found))
    assert [line.split("  ")[0].strip() for line in lines] == ["spikes of", "A long label", "P"]
    assert len({line.rindex(line.split()[-1]) + len(line.split()[-1]) for line in lines}) == 1
    (trace,) = compare.trace_rows(found)[1:]
    assert trace[0] == "A long label.v"
    assert all(cell.endswith(("mV", "ms")) for cell in trace[1:])
