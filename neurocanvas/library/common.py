"""Declarations that several kinds share."""

from __future__ import annotations

from neurocanvas.model.kinds import Parameter, Variable

CONDUCTANCE = Variable("g", "nS", "Conductance that is open.")
CURRENT = Variable("I", "pA", "Current into the target.")


def weight(default: float, unit: str) -> Parameter:
    """Return the strength of one spike: the peak of the conductance or current it opens."""
    slider = (0.0, 10 * default)
    doc = "Peak that one spike adds; the kind decides whether it excites or inhibits."
    return Parameter("weight", default, unit, doc, "Weight", minimum=0.0, slider=slider)


def delay(default: float = 1.0) -> Parameter:
    """Return the time from the spike to its effect; at least one time step."""
    doc = "Time from the spike to its effect, rounded to steps; at least one step."
    return Parameter(
        "delay", default, "ms", doc, "Delay", minimum=0.0, maximum=60_000.0, slider=(0.0, 50.0)
    )


def decay(default: float) -> Parameter:
    """Return the time constant of an exponential decay."""
    doc = "Time in which the effect of a spike decays to 1/e."
    return Parameter(
        "tau", default, "ms", doc, "Decay time", minimum=0.0, strict=True, slider=(0.2, 50.0)
    )


def reversal(default: float) -> Parameter:
    """Return the reversal potential of a conductance."""
    doc = "Potential towards which the open conductance pulls its target."
    return Parameter("E_rev", default, "mV", doc, "Reversal potential", slider=(-100.0, 50.0))
