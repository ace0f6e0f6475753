"""Arbor: Hodgkin-Huxley cells, its own ``hh`` in single compartments of 1e-4 cm2."""

import math

import arbor
from _worker import Answer, Run, serve, timed
from arbor import units

RADIUS_UM = math.sqrt(1e4 / math.pi) / 2


class Cells(arbor.recipe):
    """So many cells with the same current."""

    def __init__(self, task: Answer) -> None:
        super().__init__()
        self.task = task
        self.properties = arbor.neuron_cable_properties()

    def num_cells(self) -> int:
        """How many."""
        return self.task["n"]

    def cell_kind(self, gid: int):
        """All are cable cells."""
        return arbor.cell_kind.cable

    def global_properties(self, kind):
        """Arbor's defaults, which are those of NEURON."""
        return self.properties

    def cell_description(self, gid: int):
        """One compartment."""
        values = self.task["cell"]
        tree = arbor.segment_tree()
        end = 2 * RADIUS_UM
        tree.append(arbor.mnpos, (0, 0, 0, RADIUS_UM), (end, 0, 0, RADIUS_UM), tag=1)
        decor = arbor.decor()
        decor.set_property(
            Vm=values["v_0"] * units.mV, cm=values["C_m"] / 100 * units.uF / units.cm2
        )
        decor.set_ion("na", rev_pot=values["E_Na"] * units.mV)
        decor.set_ion("k", rev_pot=values["E_K"] * units.mV)
        decor.paint("(all)", arbor.density("hh"))
        decor.place("(location 0 0.5)", arbor.i_clamp(values["current"] / 1000 * units.nA))
        decor.place("(location 0 0.5)", arbor.threshold_detector(0 * units.mV), "spikes")
        return arbor.cable_cell(tree, decor)


def prepare(task: Answer) -> Run:
    """Build the cells for one thread."""
    simulation = arbor.simulation(Cells(task), arbor.context(threads=1))

    def run(seed: int) -> Answer:
        simulation.reset()
        simulation.clear_samplers()
        simulation.record(arbor.spike_recording.local)
        answer: Answer = {}
        with timed(answer):
            simulation.run(task["steps"] * task["dt"] * units.ms, task["dt"] * units.ms)
        return answer | {"spikes": len(simulation.spikes())}

    return run


if __name__ == "__main__":
    serve(arbor.__version__, prepare)
