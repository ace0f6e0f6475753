"""What recording costs: a step with 128 channels beside the same step with none."""

from __future__ import annotations

import statistics
import time

from benchmarks.support import circuits
from benchmarks.support.networks import HH_CELL
from benchmarks.support.plan import Plan, run
from benchmarks.support.report import Section, number
from neurocanvas.sim.compiling.compiler import compile_circuit
from neurocanvas.sim.recording.recorder import Recorder
from neurocanvas.sim.recording.rings import Channel
from neurocanvas.sim.simulation import Simulation

CELLS = 1000
BLOCK = 200
"""Steps of a block: 5 ms of model at dt 0.025 ms, as the window does them."""
BLOCKS = 20
MUST = 15.0
CHANNELS = (0, 8, 128)
TEXT = (
    "1,000 Hodgkin-Huxley cells, dt 0.025 ms, the potential of so many cells at every step into "
    "the recorder's rings, in blocks of 5 ms of model. Must: 128 channels cost at most 15 % of the "
    "step."
)


def step_us(simulation: Simulation, recorder: Recorder) -> float:
    """Return what a step costs in us of processor time, with its part of the recorder's work."""
    began = time.thread_time()
    for _ in range(BLOCKS):
        block = simulation.advance(BLOCK)
        recorder.append(block.first_step, block.samples)
    return (time.thread_time() - began) / (BLOCKS * BLOCK) * 1e6


def measure(plan: Plan) -> list[Section]:
    """Return the table."""
    circuit = circuits.hh(HH_CELL, 0.025, CELLS)
    cells = next(circuit.nodes()).id
    program = compile_circuit(circuit.snapshot(), circuit.kinds)
    rigs = []
    for n in CHANNELS:
        simulation, recorder = Simulation(program), Recorder()
        channels = [Channel(cells, "v", k) for k in range(n)]
        simulation.set_channels(channels)
        recorder.configure(channels, simulation.dt_ms, 0)
        step_us(simulation, recorder)
        rigs.append((n, simulation, recorder))
    times = [[step_us(s, r) for _, s, r in rigs] for _ in range(plan.rounds)]
    rows = []
    for k, (n, _, recorder) in enumerate(rigs):
        extra = statistics.median(row[k] / row[0] - 1 for row in times) * 100
        verdict = f"{MUST:.0f} %: {'yes' if extra <= MUST else 'NO'}" if n == max(CHANNELS) else ""
        cost = number(statistics.median(row[k] for row in times))
        memory = f"{recorder.nbytes / 2**20:.1f}"
        rows.append((f"{n} channels", cost, f"{extra:+.1f} %" if n else "", memory, verdict))
    header = ("", "us a step", "more", "rings, MB", "must")
    return [Section("Recording", header, tuple(rows), TEXT)]


if __name__ == "__main__":
    run(measure, __doc__)
