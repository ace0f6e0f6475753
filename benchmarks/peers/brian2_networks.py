"""Brian2: the networks of Brette et al. 2007, as in its own examples, and of Brunel 2000."""

import numpy as np
from _brian2 import Machine
from _worker import Answer, Run, serve
from brian2 import (
    NeuronGroup,
    PoissonInput,
    SpikeMonitor,
    Synapses,
    __version__,
    defaultclock,
    ms,
    mV,
    nS,
    pA,
    pF,
)

CURRENTS = """
    dv/dt = (E_L - v)/tau_m + (i_e - i_i)/C_m : volt (unless refractory)
    di_e/dt = -i_e/tau_e : amp
    di_i/dt = -i_i/tau_i : amp
"""
CONDUCTANCES = """
    dv/dt = (g_L*(E_L - v) + g_e*(E_e - v) + g_i*(E_i - v))/C_m : volt (unless refractory)
    dg_e/dt = -g_e/tau_e : siemens
    dg_i/dt = -g_i/tau_i : siemens
"""
# The quotients of the paper; they are faster than Brian's exprel, and 0/0 is not met.
CHANNELS = """
    dv/dt = (g_L*(E_L - v) + g_e*(E_e - v) + g_i*(E_i - v)
             - g_Na*(m*m*m)*h*(v - E_Na) - g_K*(n*n*n*n)*(v - E_K))/C_m : volt
    dm/dt = a_m*(1 - m) - b_m*m : 1
    dn/dt = a_n*(1 - n) - b_n*n : 1
    dh/dt = a_h*(1 - h) - b_h*h : 1
    dg_e/dt = -g_e/tau_e : siemens
    dg_i/dt = -g_i/tau_i : siemens
    a_m = 0.32*(mV**-1)*(13*mV - v + V_T)/(exp((13*mV - v + V_T)/(4*mV)) - 1.)/ms : Hz
    b_m = 0.28*(mV**-1)*(v - V_T - 40*mV)/(exp((v - V_T - 40*mV)/(5*mV)) - 1)/ms : Hz
    a_h = 0.128*exp((17*mV - v + V_T)/(18*mV))/ms : Hz
    b_h = 4./(1 + exp((40*mV - v + V_T)/(5*mV)))/ms : Hz
    a_n = 0.032*(mV**-1)*(15*mV - v + V_T)/(exp((15*mV - v + V_T)/(5*mV)) - 1.)/ms : Hz
    b_n = .5*exp((10*mV - v + V_T)/(40*mV))/ms : Hz
"""
UNITS = {
    "C_m": pF, "g_L": nS, "g_Na": nS, "g_K": nS, "tau_m": ms, "tau_e": ms, "tau_i": ms,
    "E_L": mV, "V_th": mV, "V_reset": mV, "E_e": mV, "E_i": mV, "E_Na": mV, "E_K": mV,
    "V_T": mV, "V_spike": mV,
}  # fmt: skip


def brette(task: Answer, names: Answer) -> list:
    """Return the objects of CUBA, COBA or COBAHH."""
    n, current = task["n"], task["name"] == "cuba"
    if task["name"] == "cobahh":
        cells = NeuronGroup(
            n, CHANNELS, threshold="v > V_spike", refractory="v > V_spike",
            method="exponential_euler", namespace=names,
        )  # fmt: skip
    else:
        cells = NeuronGroup(
            n, CURRENTS if current else CONDUCTANCES, threshold="v > V_th", reset="v = V_reset",
            refractory=task["t_ref"] * ms, namespace=names,
            method="exact" if current else "exponential_euler",
        )  # fmt: skip
    low, high = task["v_init"]
    if current:
        cells.v = f"({low} + rand()*({high} - {low}))*mV"
    else:
        cells.v = f"({low} + randn()*{high})*mV"
        cells.g_e = "({} + randn()*{})*nS".format(*task["g_e_init"])
        cells.g_i = "({} + randn()*{})*nS".format(*task["g_i_init"])
    made = [cells]
    which, unit = ("i", pA) if current else ("g", nS)
    for side, condition in (("e", "i < n_exc"), ("i", "i >= n_exc")):
        spaces = {"w": task[f"w_{side}"] * unit, "n_exc": task["n_exc"]}
        synapses = Synapses(
            cells, cells, on_pre=f"{which}_{side} += w", delay=task["delay"] * ms, namespace=spaces
        )
        synapses.connect(condition, p=task["p"])
        made.append(synapses)
    return made


def brunel(task: Answer, names: Answer) -> list:
    """Return the objects of Brunel's network, the external input as Brian's PoissonInput."""
    equations = "dv/dt = (E_L - v)/tau_m : volt (unless refractory)"
    cells = NeuronGroup(
        task["n"], equations, threshold="v > V_th", reset="v = V_reset", method="exact",
        refractory=task["t_ref"] * ms, namespace=names,
    )  # fmt: skip
    cells.v = task["E_L"] * mV
    made = [cells]
    jumps = ((task["jump"], 0, task["n_exc"], task["c_exc"]),
             (-task["g"] * task["jump"], task["n_exc"], task["n"], task["c_inh"]))  # fmt: skip
    random = np.random.default_rng(1)
    for jump, first, last, degree in jumps:
        synapses = Synapses(
            cells, cells, on_pre="v += w", delay=task["delay"] * ms, namespace={"w": jump * mV}
        )
        synapses.connect(
            i=random.integers(first, last, degree * task["n"]),
            j=np.repeat(np.arange(task["n"]), degree),
        )
        made.append(synapses)
    rate = 1000.0 * task["eta"] * task["V_th"] / (task["jump"] * task["tau_m"])
    per_train = rate / task["c_exc"]
    made.append(PoissonInput(cells, "v", task["c_exc"], per_train / 1000.0 / ms, task["jump"] * mV))
    return made


def prepare(task: Answer) -> Run:
    """Build the network; the machine compiles it."""
    machine = Machine(task["mode"])
    defaultclock.dt = task["dt"] * ms
    names = {key: task[key] * unit for key, unit in UNITS.items() if key in task}
    objects = (brunel if task["name"] == "brunel" else brette)(task, names)
    monitor = SpikeMonitor(objects[0])
    return machine.runner([*objects, monitor], monitor, task["duration"] * ms)


if __name__ == "__main__":
    serve(__version__, prepare)
