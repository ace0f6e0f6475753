"""The electrical synapse."""

from neurocanvas.library.common import CURRENT, weight
from neurocanvas.model.kinds import SynapseKind

ORDER = 55

GAP_JUNCTION = SynapseKind(
    name="gap_junction",
    title="Gap junction",
    symbol="\u223f",
    hint="electrical",
    doc=(
        "Joins two cells by a conductance: current flows from the one with the higher potential to "
        "the other, both ways and without a delay. The other side is taken as it will be in the "
        "middle of the step: second order in the time step."
    ),
    source=(
        "Furshpan & Potter 1959, J. Physiol. 145:289; in the form of NEST's gap_junction: "
        "I = g*(v_other - v), for either cell."
    ),
    parameters=(weight(1.0, "nS", "Conductance of the junction."),),
    equations="""
        I = weight*(out - v)
    """,
    variables=(CURRENT,),
    sign=0,
    carries="v",
    symmetric=True,
)

KINDS = (GAP_JUNCTION,)
