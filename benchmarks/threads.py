"""Threads: how much faster two of them are on the large networks, and whether they change a bit."""

from __future__ import annotations

import hashlib
import os
import statistics
import time

import neurocanvas as nc
from benchmarks.support import circuits
from benchmarks.support.microcircuit import potjans
from benchmarks.support.networks import brunel
from benchmarks.support.plan import Plan, run
from benchmarks.support.report import Section, number
from benchmarks.support.threads import simulation_of, takes_threads
from neurocanvas.sim.compiling.compiler import compile_circuit
from neurocanvas.sim.program import Program

MUST, AIM = 1.6, 1.9
DURATION_MS = 200.0
PAIRS = 3
"""So many times the rounds: what else the machine does disturbs two processors more than one."""
TEXT = (
    "0.2 s of model; s of wall clock, medians. Bits: whether all spikes, with their times, and the "
    "whole state at the end are the same. Must: 2 threads 1.6 x as fast as one; aim: 1.9 x."
)


def networks(small: bool) -> list[tuple[str, nc.Circuit]]:
    """Return the two large networks."""
    scale = 0.1 if small else 1.0
    return [
        (f"Brunel 2000, scale {scale:g}", circuits.brunel(brunel(scale), 1)),
        (f"microcircuit, scale {scale:g}", circuits.potjans(potjans(scale), 1)),
    ]


def one(program: Program, threads: int, steps: int) -> tuple[float, str]:
    """Return the seconds of a run and a fingerprint of what came out."""
    simulation = simulation_of(program, threads)
    simulation.advance(10)
    began = time.perf_counter()
    block = simulation.advance(steps)
    took = time.perf_counter() - began
    print_of = hashlib.blake2b(digest_size=16)
    for values in (block.spikes.unit, block.spikes.time_ms, simulation.arena):
        print_of.update(values.tobytes())
    return took, print_of.hexdigest()


def measure(plan: Plan) -> list[Section]:
    """Return the table."""
    title, header = "Threads", ("network", "1 thread, s", "2 threads, s", "faster", "bits", "must")
    if not takes_threads():
        rows = (("all", "", "", "", "", "missing: the engine has one thread"),)
        return [Section(title, header, rows, TEXT)]
    return [Section(title, header, tuple(_rows(plan)), TEXT, _notes())]


def _rows(plan: Plan) -> list[tuple[str, ...]]:
    rows = []
    for name, circuit in networks(plan.small):
        program = compile_circuit(circuit.snapshot(), circuit.kinds)
        steps = round(DURATION_MS / circuit.settings.dt)
        rounds = PAIRS * plan.rounds
        pairs = [(one(program, 1, steps), one(program, 2, steps)) for _ in range(rounds)]
        faster = statistics.median(a[0] / b[0] for a, b in pairs)
        same = len({fingerprint for pair in pairs for _, fingerprint in pair}) == 1
        verdict = "aim" if faster >= AIM else "yes" if faster >= MUST else "NO"
        times = [number(statistics.median(pair[k][0] for pair in pairs)) for k in (0, 1)]
        bits = "identical" if same else "DIFFERENT"
        rows.append((name, *times, f"{faster:.2f} x", bits, f"{MUST} x: {verdict}"))
    return rows


def _notes() -> tuple[str, ...]:
    return (f"The machine has {os.cpu_count()} cores.",)


if __name__ == "__main__":
    run(measure, __doc__)
