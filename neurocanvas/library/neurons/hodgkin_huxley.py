"""The Hodgkin-Huxley neuron."""

from neurocanvas.model.kinds import NeuronKind, Parameter, Variable

ORDER = 40

HODGKIN_HUXLEY = NeuronKind(
    name="hodgkin_huxley",
    title="Hodgkin\u2013Huxley",
    symbol="HH",
    hint="1952",
    doc=(
        "The squid giant axon: sodium, potassium and leak currents with three voltage-dependent "
        "gates. The action potential comes out of the equations, there is no reset."
    ),
    source=(
        "Hodgkin & Huxley 1952, J. Physiol. 117:500, eq. 3 to 26, in the modern sign convention "
        "with the resting potential at -65 mV. Whole-cell values: the densities of table 3 "
        "(1 uF, 120, 36 and 0.3 mS per cm2) on 1e-4 cm2. A spike is the upward crossing of V_spike."
    ),
    parameters=(
        Parameter("C_m", 100.0, "pF", "Charge the membrane holds per volt.", "Membrane capacitance",
                  minimum=0.0, strict=True, slider=(10.0, 500.0)),
        Parameter("g_Na", 12000.0, "nS", "Conductance when all sodium channels are open.",
                  "Sodium conductance", minimum=0.0, slider=(0.0, 24000.0)),
        Parameter("g_K", 3600.0, "nS", "Conductance when all potassium channels are open.",
                  "Potassium conductance", minimum=0.0, slider=(0.0, 12000.0)),
        Parameter("g_L", 30.0, "nS", "Conductance of the leak.", "Leak conductance",
                  minimum=0.0, slider=(0.0, 200.0)),
        Parameter("E_Na", 50.0, "mV", "Potential at which no sodium current flows.",
                  "Sodium reversal", slider=(0.0, 100.0)),
        Parameter("E_K", -77.0, "mV", "Potential at which no potassium current flows.",
                  "Potassium reversal", slider=(-120.0, -40.0)),
        Parameter("E_L", -54.3, "mV", "Potential at which no leak current flows.",
                  "Leak reversal", slider=(-100.0, -20.0)),
        Parameter("V_spike", 0.0, "mV", "A spike is counted when v rises through this.",
                  "Spike detection", slider=(-40.0, 20.0)),
        Parameter("v_0", -65.0, "mV", "Potential at the start, with the gates at rest there.",
                  "Initial potential", slider=(-100.0, 0.0)),
    ),
    equations="""
        dv/dt = (I - I_Na - I_K - I_L) / C_m
        dm/dt = a_m*(1 - m) - b_m*m
        dh/dt = a_h*(1 - h) - b_h*h
        dn/dt = a_n*(1 - n) - b_n*n
        I_Na = g_Na*m**3*h*(v - E_Na)
        I_K = g_K*n**4*(v - E_K)
        I_L = g_L*(v - E_L)
        a_m = 0.1*(v + 40) / (1 - exp(-0.1*(v + 40)))
        b_m = 4*exp(-(v + 65)/18)
        a_h = 0.07*exp(-0.05*(v + 65))
        b_h = 1 / (1 + exp(-0.1*(v + 35)))
        a_n = 0.01*(v + 55) / (1 - exp(-0.1*(v + 55)))
        b_n = 0.125*exp(-0.0125*(v + 65))
    """,
    variables=(
        Variable("v", "mV", "Membrane potential."),
        Variable("m", "1", "Activation of the sodium channels."),
        Variable("h", "1", "Part of the sodium channels that is not inactivated."),
        Variable("n", "1", "Activation of the potassium channels."),
        Variable("I_Na", "pA", "Sodium current, outward positive."),
        Variable("I_K", "pA", "Potassium current, outward positive."),
        Variable("I_L", "pA", "Leak current, outward positive."),
        Variable("a_m", "1/ms", "Rate at which m opens."),
        Variable("b_m", "1/ms", "Rate at which m closes."),
        Variable("a_h", "1/ms", "Rate at which h recovers."),
        Variable("b_h", "1/ms", "Rate at which h inactivates."),
        Variable("a_n", "1/ms", "Rate at which n opens."),
        Variable("b_n", "1/ms", "Rate at which n closes."),
    ),
    initial={
        "v": "v_0",
        "m": "a_m/(a_m + b_m)",
        "h": "a_h/(a_h + b_h)",
        "n": "a_n/(a_n + b_n)",
    },
    threshold="v > V_spike",
)

KINDS = (HODGKIN_HUXLEY,)
