"""NEST: the networks of Brette et al. 2007, of Brunel 2000 and of Potjans & Diesmann 2014."""

import nest
import numpy as np
from _worker import Answer, Run, serve, timed

LIF = ("C_m", "tau_m", "E_L", "V_th", "V_reset", "t_ref")


def brette(task: Answer, seed: int):
    """Build CUBA, COBA or COBAHH; return the neurons."""
    model, values = _brette_model(task)
    cells = nest.Create(model, task["n"], params=values)
    random = np.random.default_rng(seed)
    low, high = task["v_init"]
    if task["name"] == "cuba":
        cells.V_m = random.uniform(low, high, task["n"])
    else:
        cells.V_m = random.normal(low, high, task["n"])
        names = ("g_ex", "g_in") if task["name"] == "coba" else ()
        for name, key in zip(names, ("g_e_init", "g_i_init"), strict=False):
            # NEST takes no conductance below 0.
            cells.set({name: np.maximum(0.0, random.normal(*task[key], task["n"]))})
    rule = {"rule": "pairwise_bernoulli", "p": task["p"]}
    for pre, weight in (
        (cells[: task["n_exc"]], task["w_e"]),
        (cells[task["n_exc"] :], -task["w_i"]),
    ):
        nest.Connect(pre, cells, rule, {"weight": weight, "delay": task["delay"]})
    return cells


def _brette_model(task: Answer):
    if task["name"] == "cuba":
        taus = {"tau_syn_ex": task["tau_e"], "tau_syn_in": task["tau_i"]}
        return "iaf_psc_exp", {key: task[key] for key in LIF} | taus
    values = {
        "C_m": task["C_m"], "E_L": task["E_L"], "E_ex": task["E_e"], "E_in": task["E_i"],
        "tau_syn_ex": task["tau_e"], "tau_syn_in": task["tau_i"], "t_ref": task["t_ref"],
        "g_L": task["g_L"],
    }  # fmt: skip
    if task["name"] == "coba":
        return "iaf_cond_exp", values | {key: task[key] for key in ("V_th", "V_reset")}
    return "hh_cond_exp_traub", values | {
        key: task[key] for key in ("g_Na", "g_K", "E_Na", "E_K", "V_T")
    }


def brunel(task: Answer, seed: int):
    """Build Brunel's network, as NEST's own example does; return the neurons."""
    cells = nest.Create("iaf_psc_delta", task["n"], params={key: task[key] for key in LIF})
    cells.V_m = task["E_L"]
    rate = 1000.0 * task["eta"] * task["V_th"] / (task["jump"] * task["tau_m"])
    noise = nest.Create("poisson_generator", params={"rate": rate})
    nest.Connect(noise, cells, syn_spec={"weight": task["jump"], "delay": task["dt"]})
    exc, inh = cells[: task["n_exc"]], cells[task["n_exc"] :]
    for pre, degree, factor in ((exc, task["c_exc"], 1.0), (inh, task["c_inh"], -task["g"])):
        nest.Connect(
            pre, cells, {"rule": "fixed_indegree", "indegree": degree},
            {"weight": factor * task["jump"], "delay": task["delay"]},
        )  # fmt: skip
    return cells


def potjans(task: Answer, seed: int):
    """Build the microcircuit; return the neurons."""
    values = {key: task[key] for key in LIF} | {
        "tau_syn_ex": task["tau_syn"],
        "tau_syn_in": task["tau_syn"],
    }
    nodes = [nest.Create("iaf_psc_exp", n, params=values) for n in task["sizes"]]
    for t, post in enumerate(nodes):
        post.set(V_m=nest.random.normal(*task["v_init"]), I_e=task["direct"][t])
        for s, pre in enumerate(nodes):
            if task["synapses"][t][s]:
                _microcircuit_link(task, pre, post, s, t)
        noise = nest.Create("poisson_generator", params={"rate": task["input_rates"][t]})
        nest.Connect(noise, post, syn_spec={"weight": task["w"], "delay": task["dt"]})
    cells = nodes[0]
    for node in nodes[1:]:
        cells += node
    return cells


def _microcircuit_link(task: Answer, pre, post, s: int, t: int) -> None:
    excites = s % 2 == 0
    weight = task["w"] * (1.0 if excites else task["g"]) * (2.0 if (s, t) == (2, 0) else 1.0)
    mean, sd = task["delay_e" if excites else "delay_i"]
    inf = float("inf")
    redraw, normal = nest.math.redraw, nest.random.normal
    nest.Connect(
        pre, post, {"rule": "fixed_total_number", "N": task["synapses"][t][s]},
        {
            "weight": redraw(
                normal(weight, abs(weight) * task["w_sd"]),
                *((0.0, inf) if excites else (-inf, 0.0)),
            ),
            # NEST rounds delays to its grid; half a step below the least is still the least.
            "delay": redraw(normal(mean, sd), task["dt"] / 2 * 1.01, inf),
        },
    )  # fmt: skip


def prepare(task: Answer) -> Run:
    """Every run builds its network anew; only the simulation is timed."""
    build = {"brunel": brunel, "potjans": potjans}.get(task["name"], brette)

    def run(seed: int, network: int = 1, spikes: bool = False) -> Answer:
        nest.ResetKernel()
        nest.resolution, nest.rng_seed = task["dt"], seed if spikes else network
        nest.local_num_threads = task.get("threads", 1)
        answer: Answer = {}
        cells = build(task, seed)
        recorder = nest.Create("spike_recorder")
        nest.Connect(cells, recorder)
        nest.Prepare()
        with timed(answer):
            nest.Run(task["duration"])
        nest.Cleanup()
        answer["spikes"] = recorder.n_events
        if spikes:
            events = recorder.events
            answer["senders"] = (events["senders"] - 1).tolist()
            answer["times"] = events["times"].tolist()
        return answer

    return run


if __name__ == "__main__":
    serve(nest.__version__, prepare)
