"""The fast excitatory synapse."""

from neurocanvas.library.common import CONDUCTANCE, CURRENT, decay, delay, reversal, weight
from neurocanvas.model.kinds import SynapseKind

ORDER = 10

AMPA = SynapseKind(
    name="ampa",
    title="AMPA",
    symbol="A",
    hint="glutamate",
    doc=(
        "Fast excitation: each spike opens a conductance that pulls the target towards 0 mV and "
        "decays exponentially."
    ),
    source=(
        "Destexhe, Mainen & Sejnowski 1998, in Methods in Neuronal Modeling, ch. 1 (reversal 0 mV, "
        "decay of a few ms); here with an instantaneous rise, as Brette et al. 2007, "
        "J. Comput. Neurosci. 23:349, appendix 2 (tau_e = 5 ms)."
    ),
    parameters=(weight(5.0, "nS"), delay(), decay(5.0), reversal(0.0)),
    equations="""
        dg/dt = -g/tau
        I = g*(E_rev - v)
    """,
    variables=(CONDUCTANCE, CURRENT),
    sign=1,
    on_spike="g += weight",
)

KINDS = (AMPA,)
