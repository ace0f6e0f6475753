"""The FitzHugh-Nagumo neuron."""

from neurocanvas.model.kinds import NeuronKind, Parameter, Variable

ORDER = 55

FITZHUGH_NAGUMO = NeuronKind(
    name="fitzhugh_nagumo",
    title="FitzHugh\u2013Nagumo",
    symbol="FHN",
    hint="1961",
    doc=(
        "Excitability in two equations, made for the phase plane: a cubic nullcline and a straight "
        "one. All is in plain numbers, v runs from about -2 to 2; I_scale says which current "
        "counts as 1, so 500 pA are the classical I = 0.5. Drive it with currents: synapses with a "
        "reversal potential mean mV."
    ),
    source=(
        "FitzHugh 1961, Biophys. J. 1:445, and Nagumo, Arimoto & Yoshizawa 1962, Proc. IRE "
        "50:2061; a = 0.7, b = 0.8 and c = 3 of the first in the usual scaling of time, "
        "tau = 12.5 (Izhikevich & FitzHugh 2006, Scholarpedia 1:1349). One unit of time is 1 ms."
    ),
    parameters=(
        Parameter("a", 0.7, "1", "Shifts the straight nullcline: w = (v + a)/b.", "Offset",
                  slider=(-1.0, 1.5)),
        Parameter("b", 0.8, "1", "How steep the straight nullcline is: w = (v + a)/b.",
                  "Decay of recovery", slider=(0.0, 1.5)),
        Parameter("tau", 12.5, "ms", "How slow the recovery is.", "Recovery time constant",
                  minimum=0.0, strict=True, slider=(1.0, 50.0)),
        Parameter("I_scale", 1000.0, "pA", "Current that counts as 1.", "Scale of the input",
                  minimum=0.0, strict=True, slider=(1.0, 2000.0)),
        Parameter("v_spike", 1.0, "1", "A spike is counted when v rises through this.",
                  "Spike detection", slider=(-1.0, 2.0)),
        Parameter("v_0", -1.2, "1", "Value of v at the start.", "Initial v", slider=(-2.5, 2.5)),
        Parameter("w_0", -0.625, "1", "Value of w at the start.", "Initial w", slider=(-1.0, 2.0)),
    ),
    equations="""
        dv/dt = v - v**3/3 - w + I/I_scale
        dw/dt = (v + a - b*w)/tau
    """,
    variables=(
        Variable("v", "1", "Excitation, standing for the membrane potential."),
        Variable("w", "1", "Recovery."),
    ),
    initial={"v": "v_0", "w": "w_0"},
    threshold="v > v_spike",
    drive=500.0,
)  # fmt: skip

KINDS = (FITZHUGH_NAGUMO,)
