"""NeuroCanvas: Hodgkin-Huxley cells."""

from _worker import Answer, Run, serve, timed

import neurocanvas
from benchmarks.support import circuits
from neurocanvas.errors import NotFinite
from neurocanvas.sim.compiling.compiler import compile_circuit
from neurocanvas.sim.simulation import Simulation


def prepare(task: Answer) -> Run:
    """Compile the circuit once; every run begins from its initial state."""
    circuit = circuits.hh(task["cell"], task["dt"], task["n"], task.get("integrator", ""))
    program = compile_circuit(circuit.snapshot(), circuit.kinds)

    def run(seed: int) -> Answer:
        simulation = Simulation(program)
        answer: Answer = {}
        try:
            with timed(answer):
                block = simulation.advance(task["steps"])
        except NotFinite:  # the time step is too large for the integrator
            return {"times": [], "spikes": 0, "cpu": float("nan"), "wall": float("nan")}
        if task.get("trace"):
            answer["times"] = block.spikes.time_ms.tolist()
        return answer | {"spikes": len(block.spikes)}

    return run


if __name__ == "__main__":
    serve(neurocanvas.__version__, prepare)
