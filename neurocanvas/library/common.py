"""Declarations that several kinds share."""

from __future__ import annotations

from neurocanvas.model.kinds import Parameter, Variable
from neurocanvas.model.parameters import NEVER

CONDUCTANCE = Variable("g", "nS", "Conductance that is open.")
CURRENT = Variable("I", "pA", "Current into the target.")

PEAK = "Peak that one spike adds; the kind decides whether it excites or inhibits."


def weight(default: float, unit: str, doc: str = PEAK) -> Parameter:
    """Return the strength of one spike; as a rule, the peak of the conductance or current."""
    slider = (0.0, 10 * default)
    return Parameter("weight", default, unit, doc, "Weight", minimum=0.0, slider=slider)


def signed_weight(default: float, unit: str, doc: str) -> Parameter:
    """Return a strength that may be negative: then the link inhibits."""
    slider = (-5 * default, 5 * default)
    return Parameter("weight", default, unit, doc, "Weight", slider=slider)


def delay(default: float = 1.0) -> Parameter:
    """Return the time from the spike to its effect; at least one time step."""
    doc = "Time from the spike to its effect, rounded to steps; at least one step."
    return Parameter(
        "delay", default, "ms", doc, "Delay", minimum=0.0, maximum=60_000.0, slider=(0.0, 50.0)
    )


def decay(default: float, name: str = "tau", longest: float = 50.0) -> Parameter:
    """Return the time constant of an exponential decay."""
    doc = "Time in which the effect of a spike decays to 1/e."
    slider = (0.2, longest)
    return Parameter(name, default, "ms", doc, "Decay time", minimum=0.0, strict=True,
                     slider=slider)  # fmt: skip


def rise(default: float) -> Parameter:
    """Return the time constant of the rise of a difference of exponentials."""
    doc = "Time constant of the rise; with the decay it makes a difference of exponentials."
    return Parameter(
        "tau_rise", default, "ms", doc, "Rise time", minimum=0.0, strict=True, slider=(0.1, 20.0)
    )


def reversal(default: float) -> Parameter:
    """Return the reversal potential of a conductance."""
    doc = "Potential towards which the open conductance pulls its target."
    return Parameter("E_rev", default, "mV", doc, "Reversal potential", slider=(-100.0, 50.0))


def from_time(name: str, default: float, doc: str, title: str) -> Parameter:
    """Return a point in time of a source's course."""
    endless = default == NEVER[1]
    slider = (0.0, 2000.0 if endless else 1000.0)
    word = NEVER if endless else None
    return Parameter(name, default, "ms", doc, title, minimum=0.0, slider=slider, word=word)


def start(default: float = 0.0) -> Parameter:
    """Return the time at which a source begins."""
    return from_time("start", default, "Time at which it begins.", "Start")


def stop(default: float = NEVER[1]) -> Parameter:
    """Return the time at which a source ends."""
    return from_time("stop", default, "Time at which it ends.", "Stop")
