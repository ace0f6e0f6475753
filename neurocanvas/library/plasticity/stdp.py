"""Spike-timing-dependent plasticity."""

from neurocanvas.model.kinds import Parameter, Variable
from neurocanvas.model.plasticity import PlasticityKind

ORDER = 20

STDP = PlasticityKind(
    name="stdp",
    title="STDP",
    symbol="ST",
    hint="learns",
    doc=(
        "A synapse whose spike arrives shortly before its target fires grows stronger; one whose "
        "spike arrives shortly after, weaker. All pairs of spikes count."
    ),
    source=(
        "Guetig et al. 2003, J. Neurosci. 23:3697, eq. 1 to 3, with names as NEST's stdp_synapse: "
        "mu = 0 is additive (Song, Miller & Abbott 2000), mu = 1 multiplicative (Rubin, Lee & "
        "Sompolinsky 2001). The weight starts at the synapse's own and stays between 0 and w_max. "
        "A presynaptic spike counts when it arrives, a postsynaptic one when it happens."
    ),
    parameters=(
        Parameter(
            "eta",
            0.01,
            "1",
            "Largest change by one pair of spikes, as part of w_max.",
            "Learning rate",
            minimum=0.0,
            maximum=1.0,
            slider=(0.0, 0.1),
        ),
        Parameter(
            "alpha",
            1.05,
            "1",
            "Depression, relative to potentiation.",
            "Asymmetry",
            minimum=0.0,
            slider=(0.0, 2.0),
        ),
        Parameter(
            "mu",
            0.0,
            "1",
            "0: steps do not depend on the weight; 1: they are proportional.",
            "Weight dependence",
            minimum=0.0,
            maximum=1.0,
            slider=(0.0, 1.0),
        ),
        Parameter(
            "tau_plus",
            20.0,
            "ms",
            "How long before a spike an arrival counts.",
            "Potentiation window",
            minimum=0.0,
            strict=True,
            slider=(1.0, 100.0),
        ),
        Parameter(
            "tau_minus",
            20.0,
            "ms",
            "How long after a spike an arrival counts.",
            "Depression window",
            minimum=0.0,
            strict=True,
            slider=(1.0, 100.0),
        ),
        Parameter(
            "w_max",
            10.0,
            "1",
            "Largest weight, in the synapse's own unit.",
            "Largest weight",
            minimum=0.0,
            strict=True,
            slider=(0.1, 200.0),
        ),
    ),
    equations="""
        dx/dt = -x/tau_plus
        dy/dt = -y/tau_minus
    """,
    variables=(
        Variable("x", "1", "Trace of the spikes that have arrived."),
        Variable("y", "1", "Trace of the target's own spikes."),
    ),
    sides={"x": "pre", "y": "post"},
    on_pre="""
        w = max(w - eta*alpha*w_max*(w/w_max)**mu*y, 0)
        x += 1
    """,
    on_post="""
        w = min(w + eta*w_max*(1 - w/w_max)**mu*x, w_max)
        y += 1
    """,
)

KINDS = (STDP,)
