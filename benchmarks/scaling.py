"""Cost against size: neurons alone, and what one synaptic event adds, from 10^2 to 10^6."""

from __future__ import annotations

import statistics
import time

import numpy as np

import neurocanvas as nc
from benchmarks.support.plan import Plan, run
from benchmarks.support.report import Section, number
from neurocanvas.sim.compiling.compiler import compile_circuit
from neurocanvas.sim.simulation import Simulation

SIZES = (100, 1000, 10_000, 100_000, 1_000_000)
SYNAPSES = (10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)
OUT_DEGREE = 100
RATE_CURRENT = 400.0
"""pA; every neuron fires about 58 times a second."""
WORK = 4e7
"""Neurons times steps of a measurement: about a tenth of a second."""
TEXT = (
    "Integrate-and-fire neurons that fire about 58 times a second, dt 0.1 ms, one thread. Each "
    "reaches 100 others at random with delays of 0.5 to 2 ms and the weight 0, so that the spikes "
    "stay the same; what a step costs more is the cost of its events. Slope: that of the logarithm "
    "of the cost of a step over that of the size; 1 is linear."
)


def circuit(n: int, synapses: int) -> nc.Circuit:
    """Return a population, with so many synapses if any."""
    c = nc.Circuit(dt=0.1, seed=1)
    cells = c.add("lif", size=n, v_0="uniform(-70 mV, -55 mV)")
    c.connect(c.add("step_current", amplitude=RATE_CURRENT, start=0.0), cells)
    if synapses:
        c.connect(
            cells, cells, "current_synapse", rule="fixed_out_degree", self_links=True,
            rule_values={"n": synapses // n}, weight=0.0, delay="uniform(0.5 ms, 2 ms)",
        )  # fmt: skip
    return c


def prepared(c: nc.Circuit, steps: int) -> Simulation:
    """Return a simulation that has run a while."""
    simulation = Simulation(compile_circuit(c.snapshot(), c.kinds))
    simulation.advance(steps)
    return simulation


def seconds(simulation: Simulation, steps: int) -> tuple[float, int]:
    """Return the processor time of some steps and the number of spikes."""
    began = time.thread_time()
    block = simulation.advance(steps)
    return time.thread_time() - began, len(block.spikes)


def slope(sizes: list[int], costs: list[float]) -> float:
    """Return the slope of a straight line through the logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0]) if len(sizes) > 1 else float("nan")


def measure(plan: Plan) -> list[Section]:
    """Return the table of neurons and that of events."""
    most = 4 if plan.small else len(SIZES)
    rows, alone, events = [], [], []
    for n, synapses in zip(SIZES[:most], SYNAPSES[:most], strict=True):
        # Long enough for the spikes to spread over the period of the neurons.
        steps = int(min(5000, max(200, WORK / n)))
        bare, linked = prepared(circuit(n, 0), 200), prepared(circuit(n, synapses), 200)
        pairs = [(seconds(bare, steps), seconds(linked, steps)) for _ in range(plan.rounds)]
        step = statistics.median(one[0] for one, _ in pairs) / steps
        more = statistics.median(
            (two[0] - one[0]) / max(1, two[1] * OUT_DEGREE) for one, two in pairs
        )
        alone.append(step)
        events.append(statistics.median(two[0] for _, two in pairs) / steps)
        rows.append((
            f"{n:,}", number(step * 1e6), number(step / n * 1e9), f"{synapses:,}",
            number(events[-1] * 1e6), number(more * 1e9),
        ))  # fmt: skip
    sizes = list(SIZES[:most])
    notes = (
        f"Slope of neurons: {slope(sizes[1:], alone[1:]):.3f}, with synapses: "
        f"{slope(sizes[1:], events[1:]):.3f} (from 1,000 on; below, what a step costs by itself "
        f"counts; from 100 on {slope(sizes, alone):.3f} and {slope(sizes, events):.3f}).",
    )
    header = (
        "neurons", "us a step", "ns a neuron", "synapses", "us a step with them", "ns an event",
    )  # fmt: skip
    return [Section("Cost against size", header, tuple(rows), TEXT, notes)]


if __name__ == "__main__":
    run(measure, __doc__)
