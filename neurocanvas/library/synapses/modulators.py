"""Slow modulators: they excite nothing, but change how their target works."""

from dataclasses import replace

from neurocanvas.library.common import decay, delay
from neurocanvas.model.kinds import Parameter, SynapseKind, Text, Variable

ORDER = 80

DOPAMINE = SynapseKind(
    name="dopamine",
    title="Dopamine",
    symbol="DA",
    hint="modulates",
    doc=(
        "Each spike releases dopamine, which is cleared slowly; as far as it occupies its "
        "receptors, it raises (or lowers) a parameter of the target, or the weights of all "
        "synapses into it: what is modulated is multiplied by 1 + M."
    ),
    source=(
        "Izhikevich 2007, Cereb. Cortex 17:2443 (dopamine as a trace that decays with 0.2 s); the "
        "receptors are in equilibrium with it, c/(1 + c), after Hill 1909, J. Physiol. 39:361."
    ),
    parameters=(
        Parameter("weight", 1.0, "1", "M when all receptors are occupied: 1 doubles, -1 abolishes.",
                  "Effect", minimum=-1.0, slider=(-1.0, 4.0)),
        delay(),
        Parameter("release", 0.2, "1", "What a spike adds to c, of what occupies half of them.",
                  "Release", minimum=0.0, slider=(0.0, 2.0)),
        decay(200.0, longest=2000.0),
    ),
    equations="""
        dc/dt = -c/tau
        M = weight*c/(1 + c)
    """,
    variables=(
        Variable("c", "1", "Concentration, of that which occupies half of the receptors."),
        Variable("M", "1", "Part by which it raises what it modulates."),
    ),
    texts=(
        Text("parameter", "weights", "1",
             "A parameter of the target, or weights: the synapses into it.", "Modulates",
             choices=("weights",)),
    ),
    sign=0,
    on_spike="c += release",
    gives="modulation",
)  # fmt: skip

SEROTONIN = replace(
    DOPAMINE,
    name="serotonin",
    title="Serotonin",
    symbol="5HT",
    doc=(
        "Each spike releases serotonin, which is cleared slowly; as far as it occupies its "
        "receptors, it lowers (or raises) a parameter of the target, or the weights of all "
        "synapses into it: what is modulated is multiplied by 1 + M."
    ),
    source=(
        "Bunin & Wightman 1998, J. Neurosci. 18:4854 (released outside of synapses, cleared by "
        "uptake). The form is that of dopamine; that the trace lasts 1 s and lowers is a choice, "
        "receptors of both signs and many durations are known."
    ),
    parameters=tuple(
        replace(p, default={"weight": -0.5, "tau": 1000.0}.get(p.name, p.default),
                slider=(0.2, 5000.0) if p.name == "tau" else p.slider)
        for p in DOPAMINE.parameters
    ),
)  # fmt: skip

KINDS = (DOPAMINE, SEROTONIN)
