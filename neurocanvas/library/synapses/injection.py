"""The wire from a current source to a neuron."""

from neurocanvas.library.common import CURRENT
from neurocanvas.model.kinds import Parameter, SynapseKind

ORDER = 90

INJECTION = SynapseKind(
    name="injection",
    title="Injection",
    symbol="\u2192",
    hint="electrode",
    doc="Brings the current of a source into a neuron, as through an electrode.",
    source="Definition: the current into the target is gain times the source's output.",
    parameters=(
        Parameter(
            "gain",
            1.0,
            "1",
            "What the source's current is multiplied by.",
            "Gain",
            slider=(-2.0, 2.0),
        ),
    ),
    equations="""
        I = gain*out
    """,
    variables=(CURRENT,),
    sign=0,
    carries="current",
)

KINDS = (INJECTION,)
