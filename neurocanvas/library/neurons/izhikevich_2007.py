"""The Izhikevich neuron of 2007, in units of cells."""

from neurocanvas.model.kinds import NeuronKind, Parameter, Variable

ORDER = 35

IZHIKEVICH_2007 = NeuronKind(
    name="izhikevich_2007",
    title="Izhikevich 2007",
    symbol="Iz7",
    hint="in pA",
    doc=(
        "The simple model in the units of cells: a capacitance, a resting and a threshold "
        "potential, and a recovery current. The presets are fitted to recordings of single cells; "
        "the book drives them with 70 to 600 pA."
    ),
    source=(
        "Izhikevich 2007, Dynamical Systems in Neuroscience, eq. 8.5 and 8.6; presets: regular "
        "spiking fig. 8.12, intrinsically bursting fig. 8.19, chattering fig. 8.23, low-threshold "
        "spiking fig. 8.25, fast spiking fig. 8.27. Fast spiking: its recovery, cubic above v_r, "
        "is b_3. Low-threshold spiking: the book lets peak and reset follow u (40 - 0.1*u and "
        "-53 + 0.04*u mV, u at most 670); here they stay, so strong currents make it fire slower."
    ),
    parameters=(
        Parameter("C", 100.0, "pF", "Charge the membrane holds per volt.", "Membrane capacitance",
                  minimum=0.0, strict=True, slider=(10.0, 500.0)),
        Parameter("k", 0.7, "nS/mV", "How steeply the current rises away from v_r and v_t.",
                  "Curvature", minimum=0.0, slider=(0.1, 3.0)),
        Parameter("v_r", -60.0, "mV", "Potential it rests at without input.", "Resting potential",
                  slider=(-90.0, -40.0)),
        Parameter("v_t", -40.0, "mV", "Potential above which it fires by itself.",
                  "Instantaneous threshold", slider=(-70.0, -20.0)),
        Parameter("v_peak", 35.0, "mV", "Potential at which a spike ends and v is reset.",
                  "Peak of a spike", slider=(0.0, 60.0)),
        Parameter("a", 0.03, "1/ms", "How fast u recovers.", "Recovery rate",
                  minimum=0.0, slider=(0.0, 0.3)),
        Parameter("b", -2.0, "nS", "How much u follows v; negative amplifies, positive resonates.",
                  "Sensitivity of u", slider=(-10.0, 10.0)),
        Parameter("b_3", 0.0, "nS/mV2", "How much u follows the cube of v - v_r above v_r.",
                  "Cubic sensitivity of u", minimum=0.0, slider=(0.0, 0.05)),
        Parameter("c", -50.0, "mV", "Potential right after a spike.", "Reset potential",
                  slider=(-80.0, -30.0)),
        Parameter("d", 100.0, "pA", "What a spike adds to u.", "Jump of u",
                  slider=(-50.0, 200.0)),
        Parameter("v_0", -60.0, "mV", "Potential at the start.", "Initial potential",
                  slider=(-90.0, -40.0)),
    ),
    equations="""
        dv/dt = (k*(v - v_r)*(v - v_t) - u + I)/C
        du/dt = a*(b*(v - v_r) + b_3*max(v - v_r, 0)**3 - u)
    """,
    variables=(
        Variable("v", "mV", "Membrane potential."),
        Variable("u", "pA", "Recovery current, outward positive."),
    ),
    initial={"v": "v_0", "u": "b*(v_0 - v_r)"},
    threshold="v >= v_peak",
    drive=200.0,
    reset="""
        v = c
        u += d
    """,
    presets={
        "Regular spiking": {},
        "Intrinsically bursting": {
            "C": 150.0, "k": 1.2, "v_r": -75.0, "v_t": -45.0, "v_peak": 50.0,
            "a": 0.01, "b": 5.0, "c": -56.0, "d": 130.0, "v_0": -75.0,
        },
        "Chattering": {
            "C": 50.0, "k": 1.5, "v_peak": 25.0, "b": 1.0, "c": -40.0, "d": 150.0,
        },
        "Low-threshold spiking": {
            "k": 1.0, "v_r": -56.0, "v_t": -42.0, "v_peak": 40.0,
            "b": 8.0, "c": -53.0, "d": 20.0, "v_0": -56.0,
        },
        "Fast spiking": {
            "C": 20.0, "k": 1.0, "v_r": -55.0, "v_peak": 25.0,
            "a": 0.2, "b": 0.0, "b_3": 0.025, "c": -45.0, "d": 0.0, "v_0": -55.0,
        },
    },
)  # fmt: skip

KINDS = (IZHIKEVICH_2007,)
