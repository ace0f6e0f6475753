"""NEURON: Hodgkin-Huxley cells, its own ``hh`` in single compartments of 1e-4 cm2."""

import math

import neuron
from _worker import Answer, Run, serve, timed
from neuron import h

h.load_file("stdrun.hoc")
SIDE_UM = math.sqrt(1e4 / math.pi)
"""Length and diameter of a cylinder with a membrane of 1e-4 cm2."""


def cell(task: Answer):
    """Return a compartment and what injects its current."""
    values = task["cell"]
    section = h.Section()
    section.L = section.diam = SIDE_UM
    section.nseg = 1
    section.insert("hh")
    section.cm = values["C_m"] / 100.0
    for segment in section:
        channels = segment.hh
        channels.gnabar, channels.gkbar = values["g_Na"] * 1e-5, values["g_K"] * 1e-5
        channels.gl, channels.el = values["g_L"] * 1e-5, values["E_L"]
    section.ena, section.ek = values["E_Na"], values["E_K"]
    clamp = h.IClamp(section(0.5))
    clamp.delay, clamp.dur, clamp.amp = values.get("start", 0.0), 1e9, values["current"] / 1000
    return section, clamp


def prepare(task: Answer) -> Run:
    """Build the cells; ``order`` is its ``secondorder``: 0 implicit Euler, 2 Crank-Nicolson."""
    h.celsius, h.secondorder = 6.3, task.get("order", 0)
    # The table of rate constants is NEURON's default; for the accuracy of the method it is off.
    h.usetable_hh = 0 if task.get("trace") else 1
    cells = [cell(task) for _ in range(task["n"])]
    times = h.Vector()
    counter = h.NetCon(cells[0][0](0.5)._ref_v, None, sec=cells[0][0])
    counter.threshold = 0.0
    counter.record(times)
    trace = h.Vector().record(cells[0][0](0.5)._ref_v) if task.get("trace") else None
    context = h.ParallelContext()
    context.set_maxstep(10)

    def run(seed: int) -> Answer:
        h.dt = task["dt"]
        h.steps_per_ms = 1 / task["dt"]
        h.finitialize(task["cell"]["v_0"])
        answer: Answer = {}
        with timed(answer):
            context.psolve(task["steps"] * task["dt"])
        answer["spikes"] = len(times) * len(cells)
        if trace is not None:
            answer["v"] = list(trace)
        return answer

    return run


if __name__ == "__main__":
    serve(neuron.__version__, prepare)
