"""The networks of ``networks`` as circuits of NeuroCanvas, built through its public face."""

from __future__ import annotations

import numpy as np

import neurocanvas as nc
from benchmarks.support.microcircuit import weight_factor
from benchmarks.support.networks import POPULATIONS, Spec, brunel_rate
from neurocanvas.model.kinds import NeuronKind, Parameter
from neurocanvas.model.own_kinds import replacing
from neurocanvas.sim.simulation import Simulation

LIF_PARAMETERS = ("C_m", "tau_m", "E_L", "V_th", "V_reset", "t_ref")


def hh(spec: Spec, dt: float, n: int, integrator: str = "") -> nc.Circuit:
    """Return Hodgkin-Huxley cells that each get the same current."""
    c = nc.Circuit(dt=dt)
    values = {key: value for key, value in spec.items() if key not in ("current", "start")}
    cells = c.add("hodgkin_huxley", label="E", size=n, integrator=integrator, **values)
    c.connect(c.add("step_current", amplitude=spec["current"], start=spec.get("start", 0.0)), cells)
    return c


def brette(spec: Spec, seed: int) -> nc.Circuit:
    """Return one of the networks of Brette et al. 2007: CUBA, COBA or COBAHH."""
    c = nc.Circuit(seed=seed, dt=spec["dt"])
    low, high = spec["v_init"]
    form = "uniform" if spec["name"] == "cuba" else "normal"
    values: dict[str, object] = {"v_0": f"{form}({low} mV, {high} mV)"}
    if spec["name"] == "cobahh":
        c.apply(replacing(c, traub(spec)))
        kind = "own_traub"
    else:
        kind = "lif"
        values |= {key: spec[key] for key in LIF_PARAMETERS}
    exc = c.add(kind, label="E", size=spec["n_exc"], **values)
    inh = c.add(kind, label="I", size=spec["n"] - spec["n_exc"], **values)
    synapse = "current_synapse" if spec["name"] == "cuba" else "conductance_synapse"
    _project(c, spec, exc, (exc, inh), synapse, spec["w_e"], spec["tau_e"])
    _project(c, spec, inh, (exc, inh), f"{synapse}_inhibitory", spec["w_i"], spec["tau_i"])
    return c


def _project(
    c: nc.Circuit,
    spec: Spec,
    pre: str,
    posts: tuple[str, ...],
    kind: str,
    weight: float,
    tau: float,
) -> None:
    for post in posts:
        c.connect(
            pre, post, kind, rule="probability", rule_values={"p": spec["p"]}, self_links=True,
            weight=weight, tau=tau, delay=spec["delay"],
        )  # fmt: skip


def begin(simulation: Simulation, circuit: nc.Circuit, spec: Spec, seed: int) -> None:
    """Give synaptic conductances the initial values of the benchmark, where it has some."""
    if "g_e_init" not in spec:
        return
    random = np.random.default_rng(seed)
    for link in circuit.links():
        mean, sd = spec["g_i_init" if link.kind.endswith("inhibitory") else "g_e_init"]
        slot = simulation.program.slots[link.id]
        group = simulation.program.groups[slot.group]
        places = group.places(slot.first, slot.n) + group.row("g")
        simulation.arena[places] = random.normal(mean, sd, slot.n)


def traub(spec: Spec) -> NeuronKind:
    """Return the cell of benchmark 3: Hodgkin-Huxley with rate functions of Traub & Miles."""
    names = ("C_m", "g_L", "g_Na", "g_K", "E_L", "E_Na", "E_K", "V_T", "V_spike")
    units = ("pF", "nS", "nS", "nS", "mV", "mV", "mV", "mV", "mV")
    parameters = [
        Parameter(name, spec[name], unit, f"{name} of the benchmark.", name)
        for name, unit in zip(names, units, strict=True)
    ]
    parameters.append(Parameter("v_0", -60.0, "mV", "Potential at the start.", "v_0"))
    return NeuronKind(
        name="own_traub", title="Traub-Miles", symbol="TM", doc="The cell of benchmark 3.",
        source="Brette et al. 2007, appendix 2, benchmark 3.", parameters=tuple(parameters),
        equations="""
            dv/dt = (g_L*(E_L - v) + g_Na*m**3*h*(E_Na - v) + g_K*n**4*(E_K - v) + I)/C_m
            dm/dt = a_m*(1 - m) - b_m*m
            dh/dt = a_h*(1 - h) - b_h*h
            dn/dt = a_n*(1 - n) - b_n*n
            a_m = 0.32*(13 - v + V_T)/(exp((13 - v + V_T)/4) - 1)
            b_m = 0.28*(v - V_T - 40)/(exp((v - V_T - 40)/5) - 1)
            a_h = 0.128*exp((17 - v + V_T)/18)
            b_h = 4/(1 + exp((40 - v + V_T)/5))
            a_n = 0.032*(15 - v + V_T)/(exp((15 - v + V_T)/5) - 1)
            b_n = 0.5*exp((10 - v + V_T)/40)
        """,
        initial={"v": "v_0"}, threshold="v > V_spike",
    )  # fmt: skip


def brunel(spec: Spec, seed: int) -> nc.Circuit:
    """Return the network of Brunel 2000, each neuron with an external train of its own."""
    c = nc.Circuit(seed=seed, dt=spec["dt"])
    values = {key: spec[key] for key in LIF_PARAMETERS} | {"v_0": spec["E_L"]}
    exc = c.add("lif", label="E", size=spec["n_exc"], **values)
    inh = c.add("lif", label="I", size=spec["n"] - spec["n_exc"], **values)
    weight = spec["jump"] * spec["C_m"]
    kinds = ("current_synapse_delta", "current_synapse_delta_inhibitory")
    for post in (exc, inh):
        for pre, n, kind, factor in zip(
            (exc, inh), (spec["c_exc"], spec["c_inh"]), kinds, (1.0, spec["g"]), strict=True
        ):
            c.connect(
                pre, post, kind, rule="fixed_in_degree", rule_values={"n": n}, self_links=True,
                weight=factor * weight, delay=spec["delay"],
            )  # fmt: skip
        noise = c.add("poisson", size=c.node(post).size, rate=brunel_rate(spec))
        c.connect(noise, post, kinds[0], rule="one_to_one", weight=weight, delay=spec["dt"])
    return c


def potjans(spec: Spec, seed: int) -> nc.Circuit:
    """Return the microcircuit of Potjans & Diesmann 2014: eight nodes and their links."""
    c = nc.Circuit(seed=seed, dt=spec["dt"])
    mean, sd = spec["v_init"]
    values: dict[str, object] = {key: spec[key] for key in LIF_PARAMETERS}
    values["v_0"] = f"normal({mean} mV, {sd} mV)"
    nodes = [
        c.add("lif", label=name, size=size, **values)
        for name, size in zip(POPULATIONS, spec["sizes"], strict=True)
    ]
    for t, post in enumerate(nodes):
        for s, pre in enumerate(nodes):
            if spec["synapses"][t][s]:
                _microcircuit_link(c, spec, pre, post, s, t)
        noise = c.add("poisson", size=spec["sizes"][t], rate=spec["input_rates"][t])
        c.connect(
            noise, post, "current_synapse", rule="one_to_one", weight=spec["w"],
            tau=spec["tau_syn"], delay=spec["dt"],
        )  # fmt: skip
        if spec["direct"][t]:
            c.connect(c.add("step_current", amplitude=spec["direct"][t], start=0.0), post)
    return c


def _microcircuit_link(c: nc.Circuit, spec: Spec, pre: str, post: str, s: int, t: int) -> None:
    """Connect two populations: a fixed number of synapses, weights and delays normal."""
    excites = s % 2 == 0
    weight = abs(weight_factor(s, t)) * spec["w"]
    mean, sd = spec["delay_e" if excites else "delay_i"]
    c.connect(
        pre, post, "current_synapse" if excites else "current_synapse_inhibitory",
        rule="fixed_total_number", rule_values={"n": spec["synapses"][t][s]}, self_links=True,
        weight=f"normal({weight} pA, {weight * spec['w_sd']} pA)", tau=spec["tau_syn"],
        delay=f"normal({mean} ms, {sd} ms)",
    )  # fmt: skip
