"""NEST: Hodgkin-Huxley cells, ``hh_psc_alpha``, solved with an adaptive step."""

import nest
from _worker import Answer, Run, serve, timed


def prepare(task: Answer) -> Run:
    """Every run builds its cells anew; with ``trace``, the potential of the first is recorded."""
    values = {key: task["cell"][key] for key in ("C_m", "g_Na", "g_K", "g_L", "E_Na", "E_K", "E_L")}

    def run(seed: int) -> Answer:
        nest.ResetKernel()
        nest.resolution, nest.local_num_threads = task["dt"], 1
        cells = nest.Create("hh_psc_alpha", task["n"], params=values)
        cells.V_m = task["cell"]["v_0"]
        if "start" in task["cell"]:
            source = {
                "amplitude": task["cell"]["current"],
                "start": task["cell"]["start"] - task["dt"],
            }
            nest.Connect(
                nest.Create("dc_generator", params=source), cells, syn_spec={"delay": task["dt"]}
            )
        else:
            cells.I_e = task["cell"]["current"]
        recorder = nest.Create("spike_recorder")
        nest.Connect(cells, recorder)
        meter = None
        if task.get("trace"):
            meter = nest.Create("voltmeter", params={"interval": task["dt"]})
            nest.Connect(meter, cells[:1])
        nest.Prepare()
        answer: Answer = {}
        with timed(answer):
            nest.Run(task["steps"] * task["dt"])
        nest.Cleanup()
        answer["spikes"] = recorder.n_events
        if meter is not None:
            answer["v"] = [task["cell"]["v_0"], *meter.events["V_m"].tolist()]
        return answer

    return run


if __name__ == "__main__":
    serve(nest.__version__, prepare)
