"""Synapses that give their target a current, whatever its potential."""

from dataclasses import replace

from neurocanvas.library.common import CURRENT, decay, delay, weight
from neurocanvas.model.kinds import SynapseKind, Variable

ORDER = 60

EXCITATORY = SynapseKind(
    name="current_synapse",
    title="Current, excitatory",
    symbol="I+",
    hint="exponential",
    doc="Each spike adds an inward current that decays exponentially, whatever the potential.",
    source="NEST, iaf_psc_exp: exponential postsynaptic currents; the weight is the peak.",
    parameters=(weight(100.0, "pA"), delay(), decay(5.0)),
    equations="""
        di/dt = -i/tau
        I = i
    """,
    variables=(Variable("i", "pA", "Size of the synaptic current."), CURRENT),
    sign=1,
    on_spike="i += weight",
)

INHIBITORY = replace(
    EXCITATORY,
    name="current_synapse_inhibitory",
    title="Current, inhibitory",
    symbol="I\u2212",
    doc="Each spike adds an outward current that decays exponentially, whatever the potential.",
    equations="""
        di/dt = -i/tau
        I = -i
    """,
    sign=-1,
)

KINDS = (EXCITATORY, INHIBITORY)
