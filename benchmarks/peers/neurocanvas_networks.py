"""NeuroCanvas: networks."""

import time

from _worker import Answer, Run, serve, timed

import neurocanvas
from benchmarks.support import circuits
from neurocanvas.sim.compiling.compiler import compile_circuit
from neurocanvas.sim.simulation import Simulation

BUILDERS = {"brunel": circuits.brunel, "potjans": circuits.potjans}


def prepare(task: Answer) -> Run:
    """Compile for the first seed; another seed is another network."""
    build = BUILDERS.get(task["name"], circuits.brette)
    compiled = {}

    def program_of(seed: int):
        if compiled.get("seed") != seed:
            circuit = build(task, seed)
            program = compile_circuit(circuit.snapshot(), circuit.kinds)
            compiled.update(seed=seed, circuit=circuit, program=program)
        return compiled["circuit"], compiled["program"]

    def run(seed: int, network: int = 1, spikes: bool = False) -> Answer:
        answer: Answer = {}
        began = time.perf_counter()
        circuit, program = program_of(seed if spikes else network)
        simulation = Simulation(program)
        circuits.begin(simulation, circuit, task, seed)
        answer["build"] = time.perf_counter() - began
        with timed(answer):
            block = simulation.advance(round(task["duration"] / task["dt"]))
        # Units of neurons are numbered before or after those of sources: the nodes tell.
        own = [n.id for n in circuit.nodes() if circuit.kind_of(n).family == "neuron"]
        first = {i: sum(circuit.node(j).size for j in own[:k]) for k, i in enumerate(own)}
        kept = [(first[i], number) for i, number in _fired(program, block) if i in first]
        answer["spikes"] = len(kept)
        if spikes:
            answer["senders"] = [a + b for a, b in kept]
            times = zip(_fired(program, block), block.spikes.time_ms, strict=True)
            answer["times"] = [float(t) for (i, _), t in times if i in first]
        return answer

    program_of(1)
    return run


def _fired(program, block):
    nodes = program.unit_node[block.spikes.unit].tolist()
    index = program.unit_index[block.spikes.unit].tolist()
    return [(program.node_ids[node], i) for node, i in zip(nodes, index, strict=True)]


if __name__ == "__main__":
    serve(neurocanvas.__version__, prepare)
