"""The time courses of what one spike opens, shared by conductance and current synapses.

Each shape is normalized as the field does it: the weight is the peak of the response to one spike.
A delta pulse has no peak; there the weight is the area.
"""

from __future__ import annotations

from dataclasses import dataclass

from neurocanvas.library.common import PEAK, decay, rise
from neurocanvas.model.kinds import Parameter, Variable

AREA = "Area of the pulse that one spike makes; the kind decides whether it excites or inhibits."


@dataclass(frozen=True)
class Shape:
    """A time course; ``{x}`` in its texts stands for the conductance or the current.

    Attributes:
        name: Of the variant, ``"difference of exponentials"``.
        suffix: Of the kind's name.
        mark: Behind the kind's symbol.
        words: End of the sentence "each spike opens a conductance that ...".
        equations: How ``{x}`` comes about.
        on_spike: What a spike changes.
        source: Where it comes from.
        weight: What the weight is.
    """

    name: str
    suffix: str
    mark: str
    words: str
    equations: str
    on_spike: str
    source: str
    weight: str = PEAK

    def parameters(self, tau: float) -> tuple[Parameter, ...]:
        """Return its time constants, given that of the decay."""
        match self.suffix:
            case "_delta":
                return ()
            case "_biexponential":
                return rise(tau / 10), decay(tau, "tau_decay")
        return (decay(tau),)

    def variables(self, what: Variable) -> tuple[Variable, ...]:
        """Return what it defines beside the current; ``what`` is the conductance or current."""
        pending = Variable("x", f"{what.unit}/ms", "Speed at which more of it opens.")
        match self.suffix:
            case "_alpha":
                return what, pending
            case "_biexponential":
                return what, pending, *NORMALIZATION_VARIABLES
        return (what,)


NORMALIZATION = """
    q = log(tau_decay/tau_rise)
    norm = exp(q/(1 - exp(-q)))/tau_decay
"""
"""With x += weight*norm, the peak of dg/dt = x - g/tau_decay, dx/dt = -x/tau_rise is the weight.

At the peak, g = tau_decay*x, and it comes after tau_rise*q/(1 - exp(-q)); the equation reader takes
the limit where the two time constants are equal, the alpha function.
"""
NORMALIZATION_VARIABLES = (
    Variable("q", "1", "Logarithm of the ratio of the two time constants."),
    Variable("norm", "1/ms", "Speed that one spike adds, for a peak of one."),
)

DELTA = Shape(
    name="delta",
    suffix="_delta",
    mark="\u03b4",
    words="lasts one time step, whatever that is: its area, not its height, is what counts",
    equations="{x} = arrived/dt",
    on_spike="",
    source="Gerstner et al. 2014, Neuronal Dynamics, section 1.3.2 (pulse input).",
    weight=AREA,
)
EXPONENTIAL = Shape(
    name="exponential",
    suffix="",
    mark="",
    words="sets in at once and decays exponentially",
    equations="d{x}/dt = -{x}/tau",
    on_spike="{x} += weight",
    source="NEST, iaf_cond_exp and iaf_psc_exp: the weight is the peak.",
)
ALPHA = Shape(
    name="alpha",
    suffix="_alpha",
    mark="\u03b1",
    words="rises and decays with one time constant, with the peak one time constant after",
    equations="d{x}/dt = x - {x}/tau\n        dx/dt = -x/tau",
    on_spike="x += weight*exp(1)/tau",
    source="Rall 1967, J. Neurophysiol. 30:1138; the weight is the peak, as in NEST's alpha kinds.",
)
BIEXPONENTIAL = Shape(
    name="difference of exponentials",
    suffix="_biexponential",
    mark="2",
    words="rises and decays with time constants of their own, a difference of exponentials",
    equations="d{x}/dt = x - {x}/tau_decay\n        dx/dt = -x/tau_rise" + NORMALIZATION,
    on_spike="x += weight*norm",
    source=(
        "Dayan & Abbott 2001, Theoretical Neuroscience, section 5.8; the weight is the peak, as in "
        "NEST's beta kinds and NEURON's Exp2Syn."
    ),
)

SHAPES = (EXPONENTIAL, ALPHA, BIEXPONENTIAL, DELTA)
"""In the order in which they are offered."""
