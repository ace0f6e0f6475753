"""Coloured noise."""

from neurocanvas.model.kinds import Parameter, SourceKind, Variable

ORDER = 50

OU_NOISE = SourceKind(
    name="ou_noise",
    title="Noise",
    symbol="OU",
    hint="OU",
    doc=(
        "A current that fluctuates around its mean and forgets its past with a time constant "
        "(Ornstein-Uhlenbeck), as the sum of many synapses does; every neuron of a node its own. "
        "During a time step it gives the value that it has at the end: first order in the step."
    ),
    source=(
        "Uhlenbeck & Ornstein 1930, Phys. Rev. 36:823; as synaptic background, Destexhe et al. "
        "2001, Neuroscience 107:13. Each step is exact (Gillespie 1996, Phys. Rev. E 54:2084); it "
        "begins at the mean."
    ),
    parameters=(
        Parameter("mean", 100.0, "pA", "Mean current.", "Mean", slider=(-500.0, 1000.0)),
        Parameter(
            "sigma",
            100.0,
            "pA",
            "Standard deviation, once it has forgotten its start.",
            "Standard deviation",
            minimum=0.0,
            slider=(0.0, 500.0),
        ),
        Parameter(
            "tau",
            5.0,
            "ms",
            "Time in which the correlation with its past falls to 1/e.",
            "Correlation time",
            minimum=0.0,
            strict=True,
            slider=(0.5, 100.0),
        ),
    ),
    equations="""
        dx/dt = -x/tau + sigma*sqrt(2/tau)*xi
        I = mean + x
    """,
    variables=(
        Variable("x", "pA", "Deviation from the mean."),
        Variable("I", "pA", "Current it gives."),
    ),
    glyph="M2 13 L4 9 L6 15 L8 11 L10 17 L12 6 L14 13 L16 10 L18 18 L20 8 L22 12",
)

KINDS = (OU_NOISE,)
