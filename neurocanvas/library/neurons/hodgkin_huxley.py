"""The Hodgkin-Huxley neuron."""

from neurocanvas.model.kinds import NeuronKind, Parameter, Variable

ORDER = 40

SHIFTED = {"V_rest": -70.0, "E_Na": 45.0, "E_K": -82.0, "E_L": -59.3, "v_0": -70.0}
"""Everything 5 mV lower: the same cell, resting at -70 mV."""

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
        "(1 uF, 120, 36 and 0.3 mS per cm2) on 1e-4 cm2. A spike is the upward crossing of "
        "V_spike. V_rest shifts all rate functions: -70 mV gives the form of some lectures, with "
        "the reversal potentials 5 mV lower too. There b_m may be printed with the scale 80 mV in "
        "place of the paper's 18 mV; then the cell fires at most once, whatever the current. "
        "The last preset takes other reversal potentials; with them the cell rests at -63.2 mV."
    ),
    parameters=(
        Parameter("C_m", 100.0, "pF", "Charge the membrane holds per volt.", "Membrane capacitance",
                  minimum=0.0, strict=True, slider=(10.0, 500.0)),
        Parameter("g_Na", 12000.0, "nS", "Conductance when all sodium channels are open.",
                  "Sodium conductance", minimum=0.0, slider=(0.0, 24000.0)),
        Parameter("g_K", 3600.0, "nS", "Conductance when all potassium channels are open.",
                  "Potassium conductance", minimum=0.0, slider=(0.0, 12000.0)),
        Parameter("g_L", 30.0, "nS", "Conductance of the leak.", "Leak conductance", minimum=0.0,
                  slider=(0.0, 200.0)),
        Parameter("E_Na", 50.0, "mV", "Potential at which no sodium current flows.",
                  "Sodium reversal", slider=(0.0, 100.0)),
        Parameter("E_K", -77.0, "mV", "Potential at which no potassium current flows.",
                  "Potassium reversal", slider=(-120.0, -40.0)),
        Parameter("E_L", -54.3, "mV", "Potential at which no leak current flows.", "Leak reversal",
                  slider=(-100.0, -20.0)),
        Parameter("V_rest", -65.0, "mV", "Resting potential that the rate functions are made for.",
                  "Rest of the rates", slider=(-80.0, -50.0)),
        Parameter("b_m_scale", 18.0, "mV", "Depolarization that slows the closing of m to 1/e.",
                  "Scale of b_m", minimum=0.0, strict=True, slider=(5.0, 100.0)),
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
        a_m = 0.1*(v - (V_rest + 25)) / (1 - exp(-0.1*(v - (V_rest + 25))))
        b_m = 4*exp(-(v - V_rest)/b_m_scale)
        a_h = 0.07*exp(-0.05*(v - V_rest))
        b_h = 1 / (1 + exp(-0.1*(v - (V_rest + 30))))
        a_n = 0.01*(v - (V_rest + 10)) / (1 - exp(-0.1*(v - (V_rest + 10))))
        b_n = 0.125*exp(-0.0125*(v - V_rest))
        G_Na = g_Na*m**3*h
        G_K = g_K*n**4
        m_inf = a_m/(a_m + b_m)
        h_inf = a_h/(a_h + b_h)
        n_inf = a_n/(a_n + b_n)
        tau_m = 1/(a_m + b_m)
        tau_h = 1/(a_h + b_h)
        tau_n = 1/(a_n + b_n)
    """,
    variables=(
        Variable("v", "mV", "Membrane potential."),
        Variable("m", "1", "Activation of the sodium channels."),
        Variable("h", "1", "Part of the sodium channels that is not inactivated."),
        Variable("n", "1", "Activation of the potassium channels."),
        Variable("I_Na", "pA", "Sodium current, outward positive."),
        Variable("I_K", "pA", "Potassium current, outward positive."),
        Variable("I_L", "pA", "Leak current, outward positive."),
        Variable("G_Na", "nS", "Sodium conductance that is open now."),
        Variable("G_K", "nS", "Potassium conductance that is open now."),
        Variable("a_m", "1/ms", "Rate at which m opens."),
        Variable("b_m", "1/ms", "Rate at which m closes."),
        Variable("a_h", "1/ms", "Rate at which h recovers."),
        Variable("b_h", "1/ms", "Rate at which h inactivates."),
        Variable("a_n", "1/ms", "Rate at which n opens."),
        Variable("b_n", "1/ms", "Rate at which n closes."),
        Variable("m_inf", "1", "Value that m tends to at this potential."),
        Variable("h_inf", "1", "Value that h tends to at this potential."),
        Variable("n_inf", "1", "Value that n tends to at this potential."),
        Variable("tau_m", "ms", "Time constant of m at this potential."),
        Variable("tau_h", "ms", "Time constant of h at this potential."),
        Variable("tau_n", "ms", "Time constant of n at this potential."),
    ),
    initial={"v": "v_0", "m": "m_inf", "h": "h_inf", "n": "n_inf"},
    threshold="v > V_spike",
    drive=1000.0,
    presets={
        "Squid axon, 1952": {},
        "Shifted to rest at -70 mV": SHIFTED,
        "Shifted, b_m with 80 as in a lecture": SHIFTED | {"b_m_scale": 80.0},
        "E_Na 55, E_K -75, E_L -50 mV": {"E_Na": 55.0, "E_K": -75.0, "E_L": -50.0, "v_0": -63.2},
    },
)  # fmt: skip

KINDS = (HODGKIN_HUXLEY,)
