"""Brian2: Hodgkin-Huxley cells."""

import numpy as np
from _brian2 import Machine
from _worker import Answer, Run, serve
from brian2 import (
    NeuronGroup,
    SpikeMonitor,
    StateMonitor,
    __version__,
    defaultclock,
    ms,
    mV,
    nS,
    pA,
    pF,
)

# The quotients of the paper; they are faster than Brian's exprel, and 0/0 is not met.
EQUATIONS = """
    dv/dt = (current*int(t >= start) - g_Na*m**3*h*(v - E_Na) - g_K*n**4*(v - E_K)
             - g_L*(v - E_L))/C_m : volt
    dm/dt = a_m*(1 - m) - b_m*m : 1
    dh/dt = a_h*(1 - h) - b_h*h : 1
    dn/dt = a_n*(1 - n) - b_n*n : 1
    a_m = 0.1*(v/mV + 40)/(1 - exp(-0.1*(v/mV + 40)))/ms : Hz
    b_m = 4*exp(-(v/mV + 65)/18)/ms : Hz
    a_h = 0.07*exp(-0.05*(v/mV + 65))/ms : Hz
    b_h = 1/(1 + exp(-0.1*(v/mV + 35)))/ms : Hz
    a_n = 0.01*(v/mV + 55)/(1 - exp(-0.1*(v/mV + 55)))/ms : Hz
    b_n = 0.125*exp(-0.0125*(v/mV + 65))/ms : Hz
"""
UNITS = {
    "C_m": pF,
    "g_Na": nS,
    "g_K": nS,
    "g_L": nS,
    "E_Na": mV,
    "E_K": mV,
    "E_L": mV,
    "current": pA,
}


def prepare(task: Answer) -> Run:
    """Build the cells; with ``trace``, the potential of the first is recorded."""
    machine = Machine(task["mode"])
    defaultclock.dt = task["dt"] * ms
    names = {key: task["cell"][key] * unit for key, unit in UNITS.items()}
    names["start"] = task["cell"].get("start", 0.0) * ms
    equations = EQUATIONS if "start" in task["cell"] else EQUATIONS.replace("*int(t >= start)", "")
    cells = NeuronGroup(
        task["n"], equations, threshold="v > 0*mV", refractory="v > 0*mV",
        method="exponential_euler", namespace=names,
    )  # fmt: skip
    cells.v = task["cell"]["v_0"] * mV
    for gate in "mhn":
        setattr(cells, gate, f"a_{gate}/(a_{gate} + b_{gate})")
    monitor = SpikeMonitor(cells)
    objects = [cells, monitor]
    if task.get("trace"):
        return _traced(machine, objects, monitor, StateMonitor(cells, "v", record=[0]), task)
    return machine.runner(objects, monitor, task["steps"] * task["dt"] * ms)


def _traced(machine: Machine, objects: list, monitor, trace, task: Answer) -> Run:
    inner = machine.runner([*objects, trace], monitor, task["steps"] * task["dt"] * ms)

    def run(seed: int) -> Answer:
        return inner(seed) | {"v": (np.asarray(trace.v[0]) * 1e3).tolist()}

    return run


if __name__ == "__main__":
    serve(__version__, prepare)
