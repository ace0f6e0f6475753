"""The slow excitatory synapse that magnesium blocks."""

from neurocanvas.library.common import (
    CONDUCTANCE,
    CURRENT,
    decay,
    delay,
    reversal,
    rise,
    weight,
)
from neurocanvas.library.shapes import BIEXPONENTIAL
from neurocanvas.model.kinds import Parameter, SynapseKind, Variable

ORDER = 20

NMDA = SynapseKind(
    name="nmda",
    title="NMDA",
    symbol="N",
    hint="Mg block",
    doc=(
        "Slow excitation that asks for two things at once: each spike opens a conductance for some "
        "hundred ms, but magnesium blocks it unless the target is depolarized."
    ),
    source=(
        "Jahr & Stevens 1990, J. Neurosci. 10:3178 (the block, which sets in at once); time "
        "constants as Brunel & Wang 2001, J. Comput. Neurosci. 11:63 (rise 2 ms, decay "
        "100 ms), here as a difference of exponentials without saturation."
    ),
    parameters=(
        weight(2.0, "nS", "Peak that one spike adds, where nothing is blocked."),
        delay(),
        rise(2.0),
        decay(100.0, "tau_decay", longest=300.0),
        reversal(0.0),
        Parameter("Mg", 1.0, "mM", "Magnesium outside the cell; none blocks nothing.", "Magnesium",
                  minimum=0.0, slider=(0.0, 4.0)),
    ),
    equations=f"""
        {BIEXPONENTIAL.equations.format(x="g")}
        B = 1 / (1 + Mg/3.57*exp(-0.062*v))
        I = g*B*(E_rev - v)
    """,
    variables=(
        *BIEXPONENTIAL.variables(CONDUCTANCE),
        Variable("B", "1", "Part of the open channels that magnesium does not block."),
        CURRENT,
    ),
    sign=1,
    on_spike=BIEXPONENTIAL.on_spike,
)  # fmt: skip

KINDS = (NMDA,)
