"""Memory: bytes that a static synapse takes, once built and while it is being built."""

from __future__ import annotations

import resource
import subprocess
import sys
from dataclasses import fields

import numpy as np

import neurocanvas as nc
from benchmarks.support.plan import Plan, run
from benchmarks.support.report import Section, number
from neurocanvas.sim.compiling.compiler import compile_circuit
from neurocanvas.sim.simulation import Simulation

MUST_BYTES = 9.0
CASES = (
    ("weights and delays alike", {"weight": 1.0, "delay": 1.5}),
    ("weights normal", {"weight": "normal(10 pA, 1 pA)", "delay": 1.5}),
    ("weights and delays normal",
     {"weight": "normal(10 pA, 1 pA)", "delay": "normal(1.5 ms, 0.75 ms)"}),
)  # fmt: skip
NEURONS = 10_000
TEXT = (
    "10,000 neurons, a fixed total number of synapses among them, each case in a process of its "
    "own. Kept: the arrays of the program, the runs and weights of the simulation. Peak: the most "
    "memory that the process had beyond what it had with a thousandth of the synapses."
)


def circuit(synapses: int, case: int) -> nc.Circuit:
    """Return a population with so many synapses."""
    c = nc.Circuit(dt=0.1)
    cells = c.add("lif", size=NEURONS)
    c.connect(
        cells, cells, "current_synapse", rule="fixed_total_number", self_links=True,
        rule_values={"n": synapses}, **CASES[case][1],
    )  # fmt: skip
    return c


def peak_bytes() -> int:
    """Return the most memory this process has had."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def child(synapses: int, case: int) -> None:
    """Build a small and then the large circuit; print bytes kept and bytes at the peak."""
    small = circuit(synapses // 1000, case)
    Simulation(compile_circuit(small.snapshot(), small.kinds)).advance(1)
    before = peak_bytes()
    large = circuit(synapses, case)
    simulation = Simulation(compile_circuit(large.snapshot(), large.kinds))
    simulation.advance(1)
    parts = (simulation.program.synapses, simulation.runs)
    values = [simulation.weight, *(getattr(part, f.name) for part in parts for f in fields(part))]
    arrays = [value for value in values if isinstance(value, np.ndarray)]
    # What several of them share is there once.
    kept = sum({array.__array_interface__["data"][0]: array.nbytes for array in arrays}.values())
    print(kept, peak_bytes() - before)


def measure(plan: Plan) -> list[Section]:
    """Return the table."""
    synapses = 2_000_000 if plan.small else 20_000_000
    rows = []
    for case, (name, _) in enumerate(CASES):
        code = f"from benchmarks.memory import child; child({synapses}, {case})"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        kept, peak = (int(word) / synapses for word in done.stdout.split())
        verdict = "yes" if kept <= MUST_BYTES else "NO"
        rows.append((name, number(kept), number(peak), f"{MUST_BYTES:.0f}: {verdict}"))
    title = f"Memory of {synapses // 1_000_000} million synapses"
    header = ("", "bytes a synapse, kept", "at the peak", "must")
    return [Section(title, header, tuple(rows), TEXT)]


if __name__ == "__main__":
    run(measure, __doc__)
