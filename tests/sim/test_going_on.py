"""Spikes under way while a circuit is edited: who waits for one gets it, once, when it was due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from neurocanvas import Circuit
from neurocanvas.model import edits
from neurocanvas.sim.compiling.compiler import compile_circuit
from neurocanvas.sim.simulation import Simulation


class Volley:
    """One spike on its way to 200 neurons, to each after a time of its own."""

    def __init__(self, threads: int) -> None:
        c = self.circuit = Circuit(dt=0.1)
        self.source, self.target = c.add("lif"), c.add("lif", size=200)
        delay = "uniform(2 ms, 8 ms)"
        self.link = c.connect(self.source, self.target, "ampa", weight=1, delay=delay, tau=1e6)
        self.threads = threads
        self.simulation = self.started()
        self.simulation.kick(self.source)
        self.simulation.advance(5)

    def started(self) -> Simulation:
        program = compile_circuit(self.circuit.snapshot(), self.circuit.kinds)
        return Simulation(program, threads=self.threads)

    def edit(self, change: Callable[[Volley], object]) -> None:
        change(self)
        before, self.simulation = self.simulation, self.started()
        self.simulation.adopt(before)

    def arrivals(self) -> np.ndarray:
        """Run until all have arrived; return when each did, in ms, once or several times."""
        before, found = self.conductance(), []
        while self.simulation.time_ms < 12.0:
            self.simulation.advance(1)
            now = self.conductance()
            # What has arrived hardly decays.
            new = np.flatnonzero(now - before > 0.5)
            assert (now - before)[new] == pytest.approx(1.0, abs=1e-3)
            found += [(k, self.simulation.time_ms) for k in new.tolist()]
            before = now
        who, when = np.array(sorted(found)).T
        np.testing.assert_array_equal(who, np.arange(200), "not each of them once")
        return when

    def conductance(self) -> np.ndarray:
        found = self.simulation.values(self.link, "g")
        assert found is not None
        return found.copy()

    def set_dt(self, dt: float) -> None:
        self.circuit.apply(edits.SetSettings(replace(self.circuit.settings, dt=dt)))

    def set_delay(self, delay: str | float) -> None:
        self.circuit.set(self.link, delay=delay)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    ("changes", "apart"),
    [
        ([lambda v: v.circuit.add("lif")], 0.0),
        ([lambda v: v.set_delay(3.0)], 0.0),
        ([lambda v: v.set_delay("uniform(1 ms, 9 ms)")], 0.0),
        ([lambda v: v.set_delay(3.0), lambda v: v.circuit.add("lif")], 0.0),
        ([lambda v: v.set_delay(3.0), lambda v: v.set_delay("uniform(3 ms, 4 ms)")], 0.0),
        ([lambda v: v.circuit.connect(v.source, v.target, "ampa", delay="uniform(2 ms, 8 ms)"),
          lambda v: v.circuit.add("lif", size=300)], 0.0),
        ([lambda v: v.set_dt(0.05)], 0.1),
        ([lambda v: v.set_dt(0.3)], 0.3),
        ([lambda v: v.set_dt(0.04), lambda v: v.set_dt(0.1)], 0.11),
    ],
    ids=["nothing", "one delay", "other delays", "twice", "and others again", "another link",
         "half the step", "three steps", "to and fro"],
)  # fmt: skip
def test_who_waits_for_a_spike_gets_it_once_and_when_it_was_due(
    changes: list[Callable[[Volley], object]], apart: float, threads: int
) -> None:
    plain, edited = Volley(threads), Volley(threads)
    for change in changes:
        edited.edit(change)
    assert edited.arrivals() == pytest.approx(plain.arrivals(), abs=apart + 1e-9)
