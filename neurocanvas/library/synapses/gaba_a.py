"""The fast inhibitory synapse."""

from neurocanvas.library.common import CONDUCTANCE, CURRENT, decay, delay, reversal, weight
from neurocanvas.model.kinds import SynapseKind

ORDER = 30

GABA_A = SynapseKind(
    name="gaba_a",
    title="GABA-A",
    symbol="G",
    hint="fast",
    doc=(
        "Fast inhibition: each spike opens a chloride conductance that pulls the target towards "
        "-80 mV and decays exponentially."
    ),
    source=(
        "Brette et al. 2007, J. Comput. Neurosci. 23:349, appendix 2 (reversal -80 mV, "
        "tau_i = 10 ms), with an instantaneous rise."
    ),
    parameters=(weight(5.0, "nS"), delay(), decay(10.0), reversal(-80.0)),
    equations="""
        dg/dt = -g/tau
        I = g*(E_rev - v)
    """,
    variables=(CONDUCTANCE, CURRENT),
    sign=-1,
    on_spike="g += weight",
)

KINDS = (GABA_A,)
