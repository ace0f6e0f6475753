"""The slow inhibitory synapse that answers to bursts."""

from neurocanvas.library.common import CONDUCTANCE, CURRENT, delay, reversal, weight
from neurocanvas.model.kinds import Parameter, SynapseKind, Variable

ORDER = 40


def _rate(name: str, default: float, doc: str, title: str) -> Parameter:
    """Return a rate constant; without any, nothing would ever come back."""
    slider = (default / 10, 4 * default)
    return Parameter(name, default, "1/ms", doc, title, minimum=0.0, strict=True, slider=slider)


GABA_B = SynapseKind(
    name="gaba_b",
    title="GABA-B",
    symbol="Gb",
    hint="slow",
    doc=(
        "Slow inhibition that answers to bursts: receptors start a G protein, and a potassium "
        "channel opens when four of them have bound. One spike does next to nothing, ten in a row "
        "do a lot. Spikes of all neurons of one link share one pool of transmitter."
    ),
    source=(
        "Destexhe & Sejnowski 1995, PNAS 92:9515, in the form of Destexhe, Mainen & Sejnowski "
        "1998, Methods in Neuronal Modeling, ch. 1; rates as Destexhe et al. 1996, "
        "J. Neurophysiol. 76:2049 (fit to Otis et al. 1993). The pulse of "
        "transmitter binds at once instead of within its 0.3 ms."
    ),
    parameters=(
        weight(50.0, "nS", "Conductance when all channels are open; one spike opens very few."),
        delay(),
        reversal(-95.0),
        Parameter("T_max", 0.5, "mM", "Concentration of GABA in the pulse that a spike releases.",
                  "Transmitter", minimum=0.0, slider=(0.0, 2.0)),
        Parameter("T_dur", 0.3, "ms", "For how long the transmitter stays.", "Pulse duration",
                  minimum=0.0, slider=(0.0, 2.0)),
        Parameter("K1", 0.52, "1/(ms mM)", "Rate at which transmitter binds to receptors.",
                  "Binding rate", minimum=0.0, strict=True, slider=(0.01, 2.0)),
        _rate("K2", 0.0013, "Rate at which receptors let it go.", "Unbinding rate"),
        _rate("K3", 0.098, "Rate at which a bound receptor makes G protein.", "G protein made"),
        _rate("K4", 0.033, "Rate at which G protein decays.", "G protein lost"),
        Parameter("K_d", 100.0, "1", "Where half the channels are open: s to the power of n.",
                  "Dissociation constant", minimum=0.0, strict=True, slider=(1.0, 400.0)),
        Parameter("n", 4.0, "1", "How many G proteins must bind to open a channel.",
                  "Cooperativity", minimum=1.0, maximum=8.0, slider=(1.0, 6.0)),
    ),
    equations="""
        dr/dt = -K2*r
        ds/dt = K3*r - K4*s
        g = weight*s**n/(s**n + K_d)
        I = g*(E_rev - v)
        bound = K1*T_max/(K1*T_max + K2)
        caught = 1 - exp(-(K1*T_max + K2)*T_dur)
    """,
    variables=(
        Variable("r", "1", "Part of the receptors that are bound."),
        Variable("s", "1", "G protein, in micromoles per litre."),
        CONDUCTANCE,
        CURRENT,
        Variable("bound", "1", "Part of the receptors that a pulse without end would bind."),
        Variable("caught", "1", "How far towards that one pulse takes them."),
    ),
    presets={
        "Destexhe et al. 1996": {
            "T_max": 0.5, "T_dur": 0.3, "K1": 0.52, "K2": 0.0013, "K3": 0.098, "K4": 0.033,
            "K_d": 100.0, "n": 4.0, "E_rev": -95.0,
        },
        "Destexhe et al. 1998": {
            "T_max": 1.0, "T_dur": 1.0, "K1": 0.09, "K2": 0.0012, "K3": 0.18, "K4": 0.034,
            "K_d": 100.0, "n": 4.0, "E_rev": -95.0,
        },
    },
    sign=-1,
    on_spike="r += (bound - r)*caught",
)  # fmt: skip

KINDS = (GABA_B,)
