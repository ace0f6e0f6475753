"""From one kind of unit to another: spikes to rates, rates to currents, currents to rates."""

from neurocanvas.library.common import CURRENT, decay, delay, signed_weight
from neurocanvas.model.kinds import Parameter, SynapseKind, Variable

ORDER = 75

INPUT = Variable("I", "1", "Input of the target.")

SPIKES_TO_RATE = SynapseKind(
    name="spikes_to_rate",
    title="Spikes to rate",
    symbol="\u2192r",
    hint="filter",
    doc=(
        "From spiking cells to rate and binary units: the spikes are counted in a window that "
        "forgets exponentially, which gives the present firing rate; the target receives the "
        "weight times that. With a weight of 10 ms, 100 Hz are an input of 1."
    ),
    source=(
        "Dayan & Abbott 2001, Theoretical Neuroscience, section 7.2: the neural response function "
        "filtered by a kernel exp(-t/tau)/tau of area one."
    ),
    parameters=(
        signed_weight(10.0, "ms", "Input of the target per spike and ms; negative inhibits."),
        delay(),
        decay(20.0, longest=200.0),
    ),
    equations="""
        dr/dt = -r/tau
        I = weight*r
    """,
    variables=(Variable("r", "1/ms", "Present firing rate; 0.1 per ms are 100 Hz."), INPUT),
    sign=0,
    on_spike="r += 1/tau",
    gives="rate",
)

RATE_TO_CURRENT = SynapseKind(
    name="rate_to_current",
    title="Rate to current",
    symbol="r\u2192",
    hint="pA",
    doc=(
        "From rate and binary units to spiking cells: the target receives a current, the weight "
        "times the source's rate (or its 0 or 1). A negative weight inhibits."
    ),
    source="Definition: the current into the target is the weight times the source's rate.",
    parameters=(
        signed_weight(300.0, "pA", "Current at a rate of one; negative inhibits."),
    ),
    equations="""
        I = weight*out
    """,
    variables=(CURRENT,),
    sign=0,
    carries="rate",
)  # fmt: skip

CURRENT_TO_RATE = SynapseKind(
    name="current_to_rate",
    title="Current to rate",
    symbol="\u2192",
    hint="1/pA",
    doc=(
        "Brings what a current source gives to a rate or binary unit, as a plain number: with a "
        "gain of 0.01 per pA, 100 pA are an input of 1."
    ),
    source="Definition: the input of the target is gain times the source's output.",
    parameters=(
        Parameter("gain", 0.01, "1/pA", "Input of the target per pA of the source.", "Gain",
                  slider=(-0.05, 0.05)),
    ),
    equations="""
        I = gain*out
    """,
    variables=(INPUT,),
    sign=0,
    carries="current",
    gives="rate",
)  # fmt: skip

KINDS = (SPIKES_TO_RATE, RATE_TO_CURRENT, CURRENT_TO_RATE)
