"""The runner: messages between blocks, pace, the same spikes however it is run."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from neurocanvas import Circuit, simulate
from neurocanvas.model import edits
from neurocanvas.model.kinds import NeuronKind, Parameter
from neurocanvas.sim.pacer import Pacer
from neurocanvas.sim.recording.recorder import Recorder
from neurocanvas.sim.recording.rings import Channel
from neurocanvas.sim.runner import Runner


@pytest.fixture
def runner() -> Iterator[Runner]:
    made = Runner(Recorder())
    yield made
    made.close()


def network() -> Circuit:
    c = Circuit(seed=4)
    e = c.add("lif", label="E", size=40)
    i = c.add("lif", label="I", size=10)
    p = c.add("poisson", label="P", size=40, rate=900)
    c.connect(p, e, "ampa", rule="one_to_one", weight=6)
    c.connect(e, i, "ampa", rule="probability", rule_values={"p": 0.2}, weight=2)
    c.connect(i, e, "gaba_a", rule="probability", rule_values={"p": 0.3}, weight=5, delay=2)
    return c


def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


def spikes_of(
    runner: Runner, circuit: Circuit, label: str, stop_ms: float
) -> tuple[np.ndarray, ...]:
    node = circuit.find(label)
    assert node is not None
    times, nodes, indices = runner.recorder.spikes_between(0.0, stop_ms + 1e-6)
    own = nodes == runner.recorder.node_number(node.id)
    order = np.argsort(times[own], kind="stable")
    return indices[own][order], times[own][order]


def test_live_paused_and_resumed_gives_the_spikes_of_a_headless_run(runner: Runner) -> None:
    c = network()
    expected = simulate(c, 200)
    runner.set_speed(0)
    runner.load(c.snapshot(), c.kinds, keep=False)
    runner.run()
    until(lambda: runner.status.time_ms > 20)
    runner.pause()
    runner.drain()
    runner.step(7)
    runner.set_speed(500)
    runner.run()
    until(lambda: runner.status.time_ms > 90)
    runner.set_speed(0)
    until(lambda: runner.status.time_ms > 200)
    runner.pause()
    runner.drain()
    for label in ("E", "I", "P"):
        got, wanted = spikes_of(runner, c, label, 200.0), expected.spikes_by_neuron(label)
        assert len(wanted[1]) > 50
        np.testing.assert_array_equal(got[1], wanted[1])
        np.testing.assert_array_equal(got[0], wanted[0])


def test_a_parameter_arrives_with_the_next_block(runner: Runner) -> None:
    c = Circuit()
    s = c.add("step_current", amplitude=0)
    runner.set_speed(20)
    runner.load(c.snapshot(), c.kinds, keep=False)
    runner.run()
    until(lambda: runner.status.time_ms > 1)
    waits = []
    for value in np.linspace(1, 2, 10):
        began = time.perf_counter()
        runner.set_parameter(s, "amplitude", value)
        runner.drain()
        waits.append(time.perf_counter() - began)
        at = runner.status.time_ms
        until(lambda at=at: runner.status.time_ms > at)
        assert runner.frame.values[0] == value
    assert np.median(waits) < 0.1


def test_a_structural_edit_goes_on_where_it_was(runner: Runner) -> None:
    c = network()
    e = c.find("E")
    assert e is not None
    runner.set_speed(0)
    runner.set_channels([Channel(e.id, "v", 3)])
    runner.load(c.snapshot(), c.kinds, keep=False)
    runner.run()
    until(lambda: runner.status.time_ms > 50)
    c.add("lif", label="new")
    runner.load(c.snapshot(), c.kinds, keep=True)
    runner.drain()
    reached = runner.status.time_ms
    assert reached > 50
    until(lambda: runner.status.time_ms > reached + 20)
    runner.pause()
    runner.drain()
    times, values = runner.recorder.samples(Channel(e.id, "v", 3), 0.0, 60.0)
    expected = simulate(network(), 60, record={e.id: ["v"]})["E", "v"][:, 3]
    at = np.rint(times / 0.025).astype(int)
    assert len(values) > 2000
    np.testing.assert_array_equal(values, expected[at].astype(values.dtype))


def test_reset_begins_anew_with_the_changed_parameters(runner: Runner) -> None:
    c = Circuit()
    a = c.add("lif", label="A")
    runner.set_speed(0)
    runner.load(c.snapshot(), c.kinds, keep=False)
    runner.set_parameter(a, "v_0", -61.0)
    runner.run()
    until(lambda: runner.status.time_ms > 10)
    runner.pause()
    runner.reset()
    runner.drain()
    assert runner.status.time_ms == 0.0
    assert runner.frame.values[0] == -61.0


def test_a_failure_is_told_and_a_reset_helps(runner: Runner) -> None:
    c = Circuit()
    h = c.add("hodgkin_huxley", label="Axon")
    s = c.add("step_current", amplitude=1e308, start=1)
    link = c.connect(s, h, gain=100)
    runner.set_speed(0)
    runner.load(c.snapshot(), c.kinds, keep=False)
    runner.run()
    until(lambda: runner.status.phase == "failed")
    assert "Axon: v" in str(runner.status.error)
    runner.set_parameter(link, "gain", 0.0)
    runner.reset()
    runner.run()
    until(lambda: runner.status.time_ms > 5)
    assert runner.status.phase == "running"
    assert runner.status.error is None


def test_a_circuit_that_can_not_be_compiled_leaves_the_old_one_running(runner: Runner) -> None:
    c = Circuit()
    c.add("lif")
    runner.load(c.snapshot(), c.kinds, keep=False)
    runner.run()
    until(lambda: runner.status.time_ms > 1)
    snapshot = c.snapshot()
    broken = replace(snapshot, nodes=(replace(snapshot.nodes[0], kind="nothing"),))
    runner.load(broken, c.kinds, keep=True)
    runner.drain()
    assert "nothing" in str(runner.status.error)
    reached = runner.status.time_ms
    until(lambda: runner.status.time_ms > reached)


def test_importing_the_runner_does_not_import_numba() -> None:
    heavy = "{'numba', 'scipy'} & sys.modules.keys()"
    code = f"import sys, neurocanvas.sim.runner; sys.exit(bool({heavy}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class TestPacer:
    """With a clock made of numbers."""

    def test_it_keeps_the_pace_that_was_asked_for(self) -> None:
        pacer, now, model = Pacer(20.0), 0.0, 0.0
        while now < 10.0:
            steps, wait = pacer.due(now, model, 0.025)
            if steps:
                model += steps * 0.025
                pacer.done(now, now + steps * 1e-6, steps, model, 0)
                now += steps * 1e-6
            else:
                now += wait
        assert model == pytest.approx(200.0, rel=0.01)
        assert pacer.keeping_up

    def test_it_says_when_it_can_not_keep_up(self) -> None:
        pacer, now, model = Pacer(1000.0), 0.0, 0.0
        while now < 5.0:
            steps, wait = pacer.due(now, model, 0.025)
            cost = steps * 1e-4  # 250 ms of model a second at most
            model += steps * 0.025
            if steps:
                pacer.done(now, now + cost, steps, model, 0)
            now += cost + (0 if steps else wait)
        assert not pacer.keeping_up
        assert pacer.true_speed() == pytest.approx(250.0, rel=0.05)
        assert model == pytest.approx(1250.0, rel=0.05)

    def test_blocks_stay_short_however_dear_a_step_is(self) -> None:
        pacer, model, now = Pacer(0.0), 0.0, 0.0
        longest = 0.0
        for _ in range(100):
            steps, _ = pacer.due(now, model, 0.025)
            cost = steps * 5e-3
            model += steps * 0.025
            pacer.done(now, now + cost, steps, model, 0)
            now += cost
            longest = cost
        assert longest <= 0.01

    def test_the_rate_of_spikes_is_per_second_of_model(self) -> None:
        pacer, model, now = Pacer(50.0), 0.0, 0.0
        for _ in range(60):
            model += 0.5
            now += 0.01
            pacer.done(now - 0.001, now, 20, model, 3)
        assert pacer.spikes_per_s() == pytest.approx(6000.0, rel=0.02)

    def test_the_rate_covers_several_intervals_even_where_time_runs_slowly(self) -> None:
        """A spike every 16 ms at 20 ms of model a second: 62.5 Hz, not 0 or 100 by turns."""
        pacer, model, now, shown = Pacer(20.0), 0.0, 0.0, []
        for k in range(3000):
            model += 0.16
            now += 0.008
            pacer.done(now - 0.001, now, 6, model, int(k % 100 == 0))
            if k > 2000:
                shown.append(pacer.spikes_per_s())
        assert min(shown) > 55
        assert max(shown) < 70


def test_the_present_circuit_runs_on_while_a_new_kernel_is_compiled(runner: Runner) -> None:
    """Nobody waits for the compiler: the clock goes on, and what is set meanwhile is not lost."""
    c = Circuit()
    c.add("lif", label="A")
    runner.set_speed(100)
    runner.load(c.snapshot(), c.kinds, keep=False)
    runner.run()
    until(lambda: runner.status.time_ms > 5)
    # A kind that no cache can know: its equations hold the present time.
    text = f"dv/dt = (target - v)/5 + {time.time():.6f}*0"
    target = Parameter("target", -50.0, "mV", "Where it goes.")
    kind = NeuronKind("fresh", "Fresh", "F", "", "", (target,), text)
    c.apply(edits.SetOwnKind("fresh", kind))
    new = c.add("fresh", label="B")
    before = runner.status.time_ms
    runner.load(c.snapshot(), c.kinds, keep=True)
    runner.set_parameter(new, "target", -20.0)
    until(lambda: new in runner.frame.nodes, 60)
    assert runner.status.time_ms > before
    at = runner.status.time_ms
    until(lambda: runner.status.time_ms > at + 40)
    assert runner.frame.values[runner.frame.nodes.index(new)] == pytest.approx(-20.0, abs=0.1)
    runner.pause()
    runner.drain()
