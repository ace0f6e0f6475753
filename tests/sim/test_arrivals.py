"""Each synapse that a spike reaches gets its weight, however many there are side by side."""

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas.model import edits
from neurocanvas.sim.compiling.compiler import compile_circuit
from neurocanvas.sim.delivery import AHEAD, LINE, LONG
from neurocanvas.sim.simulation import Simulation

SIZES = (1, LINE - 1, LINE, LINE + 1, LONG - 1, LONG, LONG + 1, LONG + LINE, 3 * LONG + 5, 2)
"""So many synapses do spikes reach: a few, and on both sides of where it is done otherwise."""
TAU_MS = 5.0


def bench(sizes):
    """Return a circuit in which each source reaches all neurons of a node, and its links."""
    c = nc.Circuit(dt=0.1, seed=4)
    weight = "normal(20 pA, 3 pA)"
    links = []
    for size in sizes:
        # Two spikes in one step, and one in the next.
        source = c.add("spike_list")
        c.apply(edits.SetData(source, {"times": (1.01, 1.02, 1.11)}))
        cells = c.add("lif", size=size)
        links.append(c.connect(source, cells, "current_synapse", weight=weight, tau=TAU_MS))
    return c, links


@pytest.mark.parametrize("sizes", [SIZES, SIZES[::-1], (AHEAD + 1) * SIZES])
@pytest.mark.parametrize("threads", [1, 2])
def test_all_targets_of_a_spike_get_their_weights(sizes, threads):
    c, links = bench(sizes)
    program = compile_circuit(c.snapshot(), c.kinds)
    simulation = Simulation(program, threads=threads)
    fired, delay = 10, 10
    # They leave at the end of their step.
    simulation.advance(fired + 1 + delay + 2)
    left = np.exp(-c.settings.dt / TAU_MS)
    for link, size in zip(links, sizes, strict=True):
        weight = program.synapses.weight[program.synapses.of_link(link)].astype(float)
        assert len(weight) == size
        # They arrived in the last two steps, and decay in that of their arrival too.
        expected = weight * (2 * left**2 + left)
        np.testing.assert_allclose(simulation.values(link, "i"), expected, rtol=1e-12)
