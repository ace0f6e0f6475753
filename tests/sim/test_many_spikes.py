"""Runs with more spikes than the engine has room for at once go on as if there were room."""

import numpy as np

import neurocanvas as nc
from neurocanvas.sim.compiling.compiler import compile_circuit
from neurocanvas.sim.recording.rings import Channel
from neurocanvas.sim.simulation import Simulation


def busy(size=60):
    """Neurons that fire at nearly every step, onto each other."""
    circuit = nc.Circuit(dt=0.1)
    node = circuit.add("lif", label="A", size=size, t_ref=0)
    circuit.connect(circuit.add("step_current", amplitude=200_000), node)
    other = circuit.add("lif", label="B", size=3)
    circuit.connect(node, other, "current_synapse", weight=0.01, delay=3)
    return circuit, node, other


def started(circuit, *channels):
    simulation = Simulation(compile_circuit(circuit.snapshot(), circuit.kinds))
    simulation.set_channels(channels)
    return simulation


def test_samples_and_spikes_do_not_depend_on_how_often_room_runs_out():
    circuit, node, other = busy()
    channels = [Channel(node, "v", 7), Channel(other, "v", 1)]
    whole, pieces = started(circuit, *channels), started(circuit, *channels)
    once = whole.advance(20_000)
    blocks = [pieces.advance(100) for _ in range(200)]
    assert len(once.spikes.unit) > 1_000_000
    assert np.all(np.isfinite(once.samples))
    np.testing.assert_array_equal(once.samples, np.hstack([b.samples for b in blocks]))
    np.testing.assert_array_equal(
        once.spikes.time_ms, np.concatenate([b.spikes.time_ms for b in blocks])
    )
