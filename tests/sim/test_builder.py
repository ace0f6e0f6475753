"""Large circuits on their way: the present one runs on, a newer one overtakes, a person cancels."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from gate import WAIT_S, Gate, before_connecting

from neurocanvas import Circuit
from neurocanvas.model.edits import removal
from neurocanvas.sim import builder
from neurocanvas.sim.progress import Progress
from neurocanvas.sim.recording.recorder import Recorder
from neurocanvas.sim.recording.rings import Channel
from neurocanvas.sim.runner import Runner


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Every circuit with more than 100 synapses takes long, as long as the gate is closed."""
    made = before_connecting(monkeypatch, synapses=100)
    yield made
    made.open()


@pytest.fixture
def runner(gate: Gate) -> Iterator[Runner]:
    made = Runner(Recorder())
    made.set_speed(200)
    yield made
    gate.open()
    made.close()
    assert not [t for t in threading.enumerate() if t.name == "neurocanvas-builder"]


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.002)


def load(runner: Runner, c: Circuit, keep: bool = True) -> None:
    runner.load(c.snapshot(), c.kinds, keep=keep)


def running(runner: Runner) -> tuple[Circuit, str]:
    """Let a small circuit run; return it with its only node."""
    c = Circuit(seed=3)
    a = c.add("lif", label="A", size=20)
    load(runner, c, keep=False)
    runner.run()
    until(lambda: runner.status.time_ms > 2)
    return c, a


def connect(c: Circuit, a: str) -> str:
    return c.connect(a, a, "ampa", rule="fixed_in_degree", rule_values={"n": 10})


def test_the_present_circuit_runs_on_while_a_large_one_is_connected(
    runner: Runner, gate: Gate
) -> None:
    c, a = running(runner)
    connect(c, a)
    new = c.add("lif", label="B")
    load(runner, c)
    gate.await_one()
    runner.set_parameter(new, "v_0", -61.0)
    runner.set_parameter(a, "tau_m", 7.0)
    at = runner.status.time_ms
    until(lambda: runner.status.time_ms > at + 5)
    assert new not in runner.frame.nodes
    assert runner.status.phase == "running"
    gate.open()
    runner.drain()
    assert new in runner.frame.nodes
    assert runner.status.time_ms > at + 5, "it went on from where it was"
    runner.pause()
    runner.reset()
    runner.drain()
    assert runner.frame.values[runner.frame.nodes.index(new)] == -61.0


def test_cancel_leaves_the_circuit_before_running_and_says_what_is_left_out(
    runner: Runner, gate: Gate
) -> None:
    c, a = running(runner)
    link, new = connect(c, a), c.add("lif", label="B")
    serial = runner.status.serial
    load(runner, c)
    gate.await_one()
    runner.cancel()
    gate.open()
    runner.drain()
    status = runner.status
    assert "connecting A -> A was stopped" in str(status.given_up)
    assert (status.phase, status.error, status.serial) == ("running", None, serial)
    at = status.time_ms
    until(lambda: runner.status.time_ms > at + 2)
    assert runner.frame.nodes == (a,)
    # The edit is taken back: what runs is the document again.
    c.apply(removal(c, (link, new)))
    load(runner, c)
    runner.drain()
    assert runner.status.given_up is None
    assert runner.status.time_ms > at


def test_what_was_set_while_a_circuit_was_built_does_not_come_back_later(
    runner: Runner, gate: Gate
) -> None:
    c, a = running(runner)
    connect(c, a)
    s = c.add("step_current", amplitude=1.0)
    load(runner, c)
    gate.await_one()
    runner.set_parameter(s, "amplitude", 2.0)
    gate.open()
    runner.drain()
    runner.set_parameter(s, "amplitude", 3.0)
    runner.pause()
    runner.drain()
    runner._renew()  # as a probe on a link does; the thread sleeps
    runner.drain()
    runner.step(40)
    runner.drain()
    assert runner.frame.values[runner.frame.nodes.index(s)] == 3.0


def test_what_was_given_up_can_be_built_after_all_with_what_was_set_since(
    runner: Runner, gate: Gate
) -> None:
    c, a = running(runner)
    connect(c, a)
    new = c.add("step_current", label="S", amplitude=1.0)
    load(runner, c)
    gate.await_one()
    runner.cancel()
    gate.open()
    runner.drain()
    runner.set_parameter(new, "amplitude", 3.0)
    at = runner.status.time_ms
    runner.build()
    runner.drain()
    assert runner.status.given_up is None
    until(lambda: runner.status.time_ms > at + 1)
    assert runner.frame.values[runner.frame.nodes.index(new)] == 3.0


def test_cancel_holds_even_where_nothing_more_is_told(
    runner: Runner, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    c, a = running(runner)
    last = threading.Event()

    def silent(*_: object) -> None:
        gate.pass_through()
        last.set()

    monkeypatch.setattr(Progress, "__call__", silent)
    connect(c, a)
    c.add("lif", label="B")
    load(runner, c)
    gate.await_one()
    runner.cancel()
    gate.open()
    runner.drain()
    assert last.is_set()
    assert runner.status.given_up is not None
    assert runner.frame.nodes == (a,)


def test_what_was_given_up_is_not_forgotten_when_the_present_circuit_is_compiled_anew(
    runner: Runner, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link that is looked into gets columns of its own, and with them another program."""
    monkeypatch.setattr(builder, "LONG", 5000)
    c = Circuit()
    a = c.add("lif", label="A", size=300)
    links = [c.connect(c.add("poisson", size=300, rate=5), a, "ampa", weight=1.0 + k,
                       rule="one_to_one") for k in range(2)]  # fmt: skip
    gate.open()
    load(runner, c, keep=False)
    runner.run()
    until(lambda: runner.status.time_ms > 1)
    gate.close()
    c.connect(a, a, "ampa", rule="fixed_in_degree", rule_values={"n": 50})
    new = c.add("step_current", label="S", amplitude=1.0)
    load(runner, c)
    gate.await_one()
    runner.cancel()
    gate.open()
    runner.drain()
    serial = runner.status.serial
    runner.set_parameter(new, "amplitude", 3.0)
    runner.set_channels([Channel(links[0], "g", 0)])
    runner.drain()
    assert runner.status.serial == serial + 1, "it was compiled anew"
    assert runner.status.given_up is not None
    runner.build()
    runner.drain()
    assert runner.status.given_up is None
    at = runner.status.time_ms
    until(lambda: runner.status.time_ms > at + 1)
    assert runner.frame.values[runner.frame.nodes.index(new)] == 3.0


def test_a_newer_edit_overtakes_the_one_that_is_being_built(runner: Runner, gate: Gate) -> None:
    c, a = running(runner)
    link = connect(c, a)
    load(runner, c)
    gate.await_one()
    c.apply(removal(c, (link,)))
    new = c.add("lif", label="B")
    load(runner, c)
    gate.open()
    runner.drain()
    assert set(runner.frame.nodes) == {a, new}
    assert runner.status.given_up is None


def test_cancel_gives_up_the_one_that_waits_for_its_turn_as_well(
    runner: Runner, gate: Gate
) -> None:
    c, a = running(runner)
    connect(c, a)
    load(runner, c)
    gate.await_one()
    c.add("lif", label="B")
    load(runner, c)
    until(lambda: not runner._inbox)
    runner.cancel()
    until(lambda: runner.status.given_up is not None)
    gate.open()
    runner.drain()
    assert runner.frame.nodes == (a,)
    runner.build()
    runner.drain()
    assert len(runner.frame.nodes) == 2


def test_a_first_circuit_that_was_cancelled_does_not_run_until_it_is_to_be_built(
    runner: Runner, gate: Gate
) -> None:
    c = Circuit()
    a = c.add("lif", label="A", size=20)
    connect(c, a)
    load(runner, c, keep=False)
    runner.run()
    gate.await_one()
    assert runner.status.phase == "preparing"
    runner.cancel()
    gate.open()
    runner.drain()
    assert runner.status.phase == "unbuilt"
    assert runner.status.given_up is not None
    assert runner.frame.nodes == ()
    runner.build()
    until(lambda: runner.status.time_ms > 1)
    assert runner.frame.nodes == (a,)
    assert runner.status.given_up is None


def test_another_document_does_not_wait_for_the_one_before(runner: Runner, gate: Gate) -> None:
    c = Circuit()
    connect(c, c.add("lif", label="A", size=20))
    load(runner, c, keep=False)
    gate.await_one()
    other = Circuit()
    other.add("lif", label="A")
    new = other.add("lif", label="B")
    load(runner, other, keep=False)
    gate.open()
    runner.drain()
    assert new in runner.frame.nodes
    assert runner.status.serial == 1, "the first was never used"
    assert runner.status.given_up is None


def test_a_reset_does_not_wait_for_what_is_being_built(runner: Runner, gate: Gate) -> None:
    c, a = running(runner)
    connect(c, a)
    load(runner, c)
    gate.await_one()
    runner.pause()
    runner.reset()
    until(lambda: runner.status.time_ms == 0.0)
    gate.open()
    runner.drain()
    assert runner.status.time_ms == 0.0
    assert runner.status.serial == 2


def test_a_reset_of_a_circuit_as_it_was_compiled_compiles_nothing(
    runner: Runner, gate: Gate
) -> None:
    c = Circuit(seed=5)
    a = c.add("lif", label="A", size=20)
    drive = c.add("poisson", label="D", size=20, rate=900)
    c.connect(drive, a, "ampa", rule="one_to_one", weight=40)
    connect(c, a)
    gate.open()
    runner.set_speed(0)
    load(runner, c, keep=False)
    runner.drain()
    gate.reached.clear()
    found = []
    for _ in range(2):
        runner.step(1200)
        runner.drain()
        assert runner.status.time_ms == pytest.approx(30.0)
        times, nodes, index = runner.recorder.spikes_between(0.0, 30.0)
        found.append(sorted(zip(times, nodes, index, strict=True)))
        runner.reset()
        runner.drain()
        assert runner.status.time_ms == 0.0
    assert len(found[0]) > 100
    assert found[0] == found[1]
    assert not gate.reached.is_set()


def test_a_failure_while_building_is_told_and_the_present_circuit_runs_on(
    runner: Runner, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    c, a = running(runner)

    def full(*_: object) -> None:
        raise MemoryError("no room for 8 GB")

    monkeypatch.setattr("neurocanvas.sim.compiling.wiring.drawn", full)
    connect(c, a)
    load(runner, c)
    gate.open()
    runner.drain()
    assert "no room for 8 GB" in str(runner.status.error)
    at = runner.status.time_ms
    until(lambda: runner.status.time_ms > at + 1)


def test_closing_ends_a_building(gate: Gate) -> None:
    runner = Runner(Recorder())
    c = Circuit()
    connect(c, c.add("lif", label="A", size=20))
    load(runner, c, keep=False)
    gate.await_one()
    closing = threading.Thread(target=runner.close)
    closing.start()
    until(lambda: runner._overtaken())
    gate.open()
    closing.join(WAIT_S)
    assert not closing.is_alive()
    assert runner.status.serial == 0


def test_only_what_takes_over_a_second_is_shown(
    runner: Runner, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    c, a = running(runner)
    connect(c, a)
    connect(c, a)
    assert runner.building is None
    monkeypatch.setattr("neurocanvas.sim.progress.SHOW_AFTER_S", 0.0)
    held = threading.Event()
    told = Progress.__call__

    def tell(self: Progress, what: str, done: float, total: float) -> None:
        told(self, what, done, total)
        if done > 0:
            assert held.wait(WAIT_S)

    monkeypatch.setattr(Progress, "__call__", tell)
    gate.open()
    load(runner, c)
    until(lambda: runner.building is not None and runner.building.part > 0)
    shown = runner.building
    assert shown is not None
    assert shown.what == "connecting A -> A"
    assert 0.0 < shown.part < 1.0
    held.set()
    runner.drain()
    assert runner.building is None
