"""The Poisson spike train, at a constant rate or one that follows time."""

from neurocanvas.model.kinds import Parameter, SourceKind, Text, Variable

ORDER = 60

GLYPH = "M4 6 V18 M8 6 V18 M14 6 V18 M16 6 V18 M21 6 V18"
SOURCE = (
    "Dayan & Abbott 2001, Theoretical Neuroscience, section 1.4. The number of spikes in a step "
    "is drawn from the Poisson distribution with mean rate*dt, so high rates are exact too."
)

POISSON = SourceKind(
    name="poisson",
    title="Poisson spikes",
    symbol="P",
    hint="random",
    doc="Spikes at random times, each independent of all others; every neuron of a node its own.",
    source=SOURCE,
    parameters=(
        Parameter(
            "rate",
            100.0,
            "Hz",
            "Mean number of spikes per second.",
            "Rate",
            minimum=0.0,
            maximum=1e6,
            slider=(0.0, 2000.0),
        ),
    ),
    equations="",
    events="poisson(rate)",
    glyph=GLYPH,
    group="poisson",
    variant="constant",
)

POISSON_OF_TIME = SourceKind(
    name="poisson_of_time",
    title="Poisson spikes, rate(t)",
    symbol="P(t)",
    hint="random",
    doc=(
        "Spikes at random times whose rate follows time: an inhomogeneous Poisson process. The "
        "rate is an expression of t (ms) in Hz; where it is negative, there are no spikes."
    ),
    source=SOURCE + " The rate is that in the middle of the step.",
    parameters=(),
    equations="",
    texts=(
        Text(
            "rate",
            "100*(1 + sin(6.283185307179586*t/500))",
            "Hz",
            "Mean number of spikes per second, as an expression of the time t in ms.",
            "Rate",
        ),
    ),
    variables=(Variable("rate", "Hz", "Mean number of spikes per second now."),),
    events="poisson(max(rate, 0)/1000)",
    glyph="M4 8 V18 M10 8 V18 M12 8 V18 M14 8 V18 M20 8 V18 M3 5 Q12 -1 21 5",
    group="poisson",
    variant="rate(t)",
)

KINDS = (POISSON, POISSON_OF_TIME)
