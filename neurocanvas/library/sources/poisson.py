"""The Poisson spike train."""

from neurocanvas.model.kinds import Parameter, SourceKind

ORDER = 40

POISSON = SourceKind(
    name="poisson",
    title="Poisson spikes",
    symbol="P",
    doc="Spikes at random times, each independent of all others; every neuron of a node its own.",
    source=(
        "Dayan & Abbott 2001, Theoretical Neuroscience, section 1.4. The number of spikes in a step "
        "is drawn from the Poisson distribution with mean rate*dt, so high rates are exact too."
    ),
    parameters=(
        Parameter("rate", 100.0, "Hz", "Mean number of spikes per second.", "Rate",
                  minimum=0.0, maximum=1e6, slider=(0.0, 2000.0)),
    ),
    equations="",
    events="poisson(rate)",
    glyph="M4 6 V18 M8 6 V18 M14 6 V18 M16 6 V18 M21 6 V18",
)

KINDS = (POISSON,)
