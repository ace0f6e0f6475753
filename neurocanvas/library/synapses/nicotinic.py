"""The fast cholinergic synapse."""

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
from neurocanvas.model.kinds import SynapseKind

ORDER = 50

NICOTINIC = SynapseKind(
    name="nicotinic",
    title="Nicotinic",
    symbol="Ach",
    hint="acetylcholine",
    doc=(
        "Fast excitation by acetylcholine, as in ganglia and at some interneurons: each spike "
        "opens a conductance that pulls the target towards 0 mV and is over within some ms."
    ),
    source=(
        "Sargent 2009, J. Neurosci. 29:3749 (alpha-7 receptors: rise 0.32 ms, decay 1.66 ms; "
        "alpha-3: 1.28 and 6.71 ms; the rise time constants make such a rise from 10 to 90 %); "
        "reversal near 0 mV, Frazier et al. 1998, J. Neurosci. 18:8228."
    ),
    parameters=(
        weight(5.0, "nS"),
        delay(),
        rise(0.27),
        decay(1.66, "tau_decay", longest=20.0),
        reversal(0.0),
    ),
    equations=f"""
        {BIEXPONENTIAL.equations.format(x="g")}
        I = g*(E_rev - v)
    """,
    variables=(*BIEXPONENTIAL.variables(CONDUCTANCE), CURRENT),
    presets={
        "alpha-7 receptors": {"tau_rise": 0.27, "tau_decay": 1.66},
        "alpha-3 receptors": {"tau_rise": 1.09, "tau_decay": 6.71},
    },
    sign=1,
    on_spike=BIEXPONENTIAL.on_spike,
)

KINDS = (NICOTINIC,)
