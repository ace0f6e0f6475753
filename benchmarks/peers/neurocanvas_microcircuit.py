"""NeuroCanvas: the microcircuit, with the memory it takes and the rates of its populations."""

import resource
import time

import numpy as np
from _worker import Answer, Run, serve, timed

import neurocanvas
from benchmarks.support import circuits
from benchmarks.support.networks import POPULATIONS
from benchmarks.support.threads import simulation_of
from neurocanvas.sim.compiling.compiler import compile_circuit

SETTLE_MS = 100.0


def peak_gb() -> float:
    """Return the most memory that the process had, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def prepare(task: Answer) -> Run:
    """Build it once; every run begins from its initial state, settles, and is then timed."""
    began = time.perf_counter()
    circuit = circuits.potjans(task, 1)
    program = compile_circuit(circuit.snapshot(), circuit.kinds)
    ready = time.perf_counter() - began
    n_synapses = len(program.synapses.target)
    sizes = np.array(task["sizes"])
    numbers = [program.node_ids.index(circuit.find(name).id) for name in POPULATIONS]

    def run(seed: int, threads: int = 1) -> Answer:
        simulation = simulation_of(program, threads)
        simulation.advance(round(SETTLE_MS / task["dt"]))
        answer: Answer = {}
        with timed(answer):
            block = simulation.advance(round(task["duration"] / task["dt"]))
        node = program.unit_node[block.spikes.unit]
        counts = np.array([(node == number).sum() for number in numbers])
        rates = counts / sizes / task["duration"] * 1000.0
        return answer | {
            "spikes": int(counts.sum()), "rates": rates.tolist(), "ready": ready,
            "synapses": n_synapses, "peak": peak_gb(),
        }  # fmt: skip

    return run


if __name__ == "__main__":
    serve(neurocanvas.__version__, prepare)
