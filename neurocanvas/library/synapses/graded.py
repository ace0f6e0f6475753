"""The link between units that have a rate."""

from neurocanvas.library.common import signed_weight
from neurocanvas.model.kinds import SynapseKind, Variable

ORDER = 70

GRADED = SynapseKind(
    name="graded",
    title="Graded",
    symbol="w",
    hint="rates",
    doc=(
        "From rate and binary units to others: the target receives the weight times the source's "
        "rate (or its 0 or 1), all the time. A negative weight inhibits. Of a rate unit it takes "
        "the rate as it will be in the middle of the step, which is second order in the time step; "
        "of a binary unit its state at the beginning."
    ),
    source="Dayan & Abbott 2001, Theoretical Neuroscience, section 7.2: I = w*u.",
    parameters=(
        signed_weight(1.0, "1", "What the source's rate is multiplied by; negative inhibits."),
    ),
    equations="""
        I = weight*out
    """,
    variables=(Variable("I", "1", "Input of the target."),),
    sign=0,
    carries="rate",
    gives="rate",
)

KINDS = (GRADED,)
