"""The Morris-Lecar neuron."""

from neurocanvas.model.kinds import NeuronKind, Parameter, Variable

ORDER = 50

CLASS_ONE = {"g_Ca": 4.0, "V_3": 12.0, "V_4": 17.4, "phi": 1 / 15}

MORRIS_LECAR = NeuronKind(
    name="morris_lecar",
    title="Morris\u2013Lecar",
    symbol="ML",
    hint="1981",
    doc=(
        "The barnacle muscle fibre: a calcium current that follows the potential at once, and a "
        "potassium current that lags. The smallest model with real conductances, and the standard "
        "example of how firing can set in: at a finite rate (Hopf, near 90 pA), as slowly as you "
        "like (saddle-node on the cycle, at 40 pA), or beside a stable rest (homoclinic)."
    ),
    source=(
        "Morris & Lecar 1981, Biophys. J. 35:193; parameter sets of Rinzel & Ermentrout 1998, in "
        "Methods in Neuronal Modeling, ch. 7, fig. 7.1 to 7.9 (also Ermentrout & Terman 2010, "
        "Mathematical Foundations of Neuroscience, table 3.1). Their densities on 1e-6 cm2, so "
        "that the numbers stay: 1 uF/cm2 is 1 pF, 1 mS/cm2 is 1 nS, 1 uA/cm2 is 1 pA."
    ),
    parameters=(
        Parameter("C_m", 20.0, "pF", "Charge the membrane holds per volt.", "Membrane capacitance",
                  minimum=0.0, strict=True, slider=(2.0, 100.0)),
        Parameter("g_Ca", 4.4, "nS", "Conductance when all calcium channels are open.",
                  "Calcium conductance", minimum=0.0, slider=(0.0, 10.0)),
        Parameter("g_K", 8.0, "nS", "Conductance when all potassium channels are open.",
                  "Potassium conductance", minimum=0.0, slider=(0.0, 20.0)),
        Parameter("g_L", 2.0, "nS", "Conductance of the leak.", "Leak conductance", minimum=0.0,
                  slider=(0.0, 10.0)),
        Parameter("E_Ca", 120.0, "mV", "Potential at which no calcium current flows.",
                  "Calcium reversal", slider=(50.0, 150.0)),
        Parameter("E_K", -84.0, "mV", "Potential at which no potassium current flows.",
                  "Potassium reversal", slider=(-120.0, -40.0)),
        Parameter("E_L", -60.0, "mV", "Potential at which no leak current flows.", "Leak reversal",
                  slider=(-100.0, -20.0)),
        Parameter("V_1", -1.2, "mV", "Potential at which half the calcium channels are open.",
                  "Calcium half-activation", slider=(-20.0, 20.0)),
        Parameter("V_2", 18.0, "mV", "Range of potentials over which calcium channels open.",
                  "Calcium range", minimum=0.0, strict=True, slider=(5.0, 50.0)),
        Parameter("V_3", 2.0, "mV", "Potential at which half the potassium channels open.",
                  "Potassium half-activation", slider=(-20.0, 30.0)),
        Parameter("V_4", 30.0, "mV", "Range of potentials over which potassium channels open.",
                  "Potassium range", minimum=0.0, strict=True, slider=(5.0, 50.0)),
        Parameter("phi", 0.04, "1/ms", "How fast the potassium channels follow.", "Potassium rate",
                  minimum=0.0, strict=True, slider=(0.01, 0.5)),
        Parameter("V_spike", 0.0, "mV", "A spike is counted when v rises through this.",
                  "Spike detection", slider=(-40.0, 20.0)),
        Parameter("v_0", -60.9, "mV", "Potential at the start, with w at rest there.",
                  "Initial potential", slider=(-80.0, 40.0)),
    ),
    equations="""
        dv/dt = (I - I_Ca - I_K - I_L) / C_m
        dw/dt = (w_inf - w)/tau_w
        I_Ca = g_Ca*m_inf*(v - E_Ca)
        I_K = g_K*w*(v - E_K)
        I_L = g_L*(v - E_L)
        m_inf = 0.5*(1 + tanh((v - V_1)/V_2))
        w_inf = 0.5*(1 + tanh((v - V_3)/V_4))
        tau_w = 2/(phi*(exp(0.5*(v - V_3)/V_4) + exp(-0.5*(v - V_3)/V_4)))
    """,
    variables=(
        Variable("v", "mV", "Membrane potential."),
        Variable("w", "1", "Part of the potassium channels that is open."),
        Variable("I_Ca", "pA", "Calcium current, outward positive."),
        Variable("I_K", "pA", "Potassium current, outward positive."),
        Variable("I_L", "pA", "Leak current, outward positive."),
        Variable("m_inf", "1", "Part of the calcium channels that is open, at once."),
        Variable("w_inf", "1", "Value that w tends to at this potential."),
        Variable("tau_w", "ms", "Time constant of w at this potential."),
    ),
    initial={"v": "v_0", "w": "w_inf"},
    threshold="v > V_spike",
    drive=100.0,
    presets={
        "Hopf": {},
        "Saddle-node on the cycle (SNIC)": CLASS_ONE,
        "Homoclinic": CLASS_ONE | {"phi": 0.23},
    },
)  # fmt: skip

KINDS = (MORRIS_LECAR,)
