"""The wire from a voltage clamp to a neuron."""

from neurocanvas.model.kinds import Parameter, SynapseKind, Variable

ORDER = 91

CLAMP = SynapseKind(
    name="clamp",
    title="Clamp",
    symbol="\u2192",
    hint="electrode",
    doc=(
        "Holds a neuron at the potential that a voltage clamp commands. The current that this "
        "takes, I, is the reading: what flows in here is what the membrane lets out."
    ),
    source=(
        "Hodgkin, Huxley & Katz 1952, J. Physiol. 116:424; the amplifier as a conductance, as "
        "NEURON's SEClamp (its rs is 1/g_clamp)."
    ),
    parameters=(
        Parameter("g_clamp", 1e7, "nS", "Conductance between command and cell: the larger, the "
                  "closer it is held.", "Clamp conductance", minimum=0.0, slider=(0.0, 2e7)),
    ),
    equations="""
        I = g_clamp*(out - v)
    """,
    variables=(Variable("I", "pA", "Current that the clamp gives."),),
    sign=0,
    carries="command",
)  # fmt: skip

KINDS = (CLAMP,)
