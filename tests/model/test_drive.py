"""Sources of current are scaled to what the neuron they are connected to fires with."""

from __future__ import annotations

from neurocanvas.model import drive
from neurocanvas.model.edits import SetParameter


def fitted(circuit, source, kind):
    return drive.fitting(circuit, source, circuit.kinds.get(kind))


def test_a_step_gets_the_declared_drive(circuit):
    step = circuit.add("step_current")
    assert fitted(circuit, step, "hodgkin_huxley") == (SetParameter(step, "amplitude", 1000.0),)
    assert fitted(circuit, step, "izhikevich") == (SetParameter(step, "amplitude", 10.0),)


def test_all_currents_of_a_source_are_scaled_alike(circuit):
    noise = circuit.add("ou_noise")
    # 100 pA of mean and of deviation suit a drive of 300 pA; 100 pA of drive is a third of that.
    assert fitted(circuit, noise, "morris_lecar") == (
        SetParameter(noise, "mean", 33.0),
        SetParameter(noise, "sigma", 33.0),
    )


def test_what_was_set_or_is_in_use_stays_as_it_is(circuit):
    chosen = circuit.add("step_current", amplitude=50)
    assert fitted(circuit, chosen, "hodgkin_huxley") == ()
    used = circuit.add("step_current")
    circuit.connect(used, circuit.add("lif"))
    assert fitted(circuit, used, "hodgkin_huxley") == ()


def test_only_currents_into_neurons_are_fitted(circuit):
    step, spikes = circuit.add("step_current"), circuit.add("poisson")
    neuron = circuit.add("lif")
    assert fitted(circuit, step, "lif") == ()
    assert fitted(circuit, step, "rate") == ()
    assert fitted(circuit, spikes, "hodgkin_huxley") == ()
    assert fitted(circuit, neuron, "hodgkin_huxley") == ()
