"""The Izhikevich neuron of 2003."""

from neurocanvas.model.kinds import NeuronKind, Parameter, Variable

ORDER = 30

IZHIKEVICH = NeuronKind(
    name="izhikevich",
    title="Izhikevich",
    symbol="Iz",
    hint="2003",
    doc=(
        "A potential that blows up quadratically and a recovery variable, fitted to cortical "
        "spikes: two equations and four numbers give most firing patterns of the cortex. One unit "
        "of the paper's plain input is I_scale, 1 pA as it comes: its figures use I = 10."
    ),
    source=(
        "Izhikevich 2003, IEEE Trans. Neural Netw. 14:1569, eq. 1 to 3; presets: figure 2. The "
        "paper takes two half steps of 0.5 ms in v; here the equations are solved as written. The "
        "peak of 30 mV is a parameter. Names as NEST's izhikevich."
    ),
    parameters=(
        Parameter("a", 0.02, "1/ms", "How fast u recovers.", "Recovery rate", minimum=0.0,
                  slider=(0.0, 0.2)),
        Parameter("b", 0.2, "1", "How much u follows v below the threshold.", "Sensitivity of u",
                  slider=(0.0, 0.3)),
        Parameter("c", -65.0, "mV", "Potential right after a spike.", "Reset potential",
                  slider=(-80.0, -40.0)),
        Parameter("d", 8.0, "mV", "What a spike adds to u.", "Jump of u", slider=(0.0, 10.0)),
        Parameter("V_peak", 30.0, "mV", "Potential at which a spike ends and v is reset.",
                  "Peak of a spike", slider=(0.0, 50.0)),
        Parameter("I_scale", 1.0, "pA", "Current that counts as 1 in the paper's plain numbers.",
                  "Scale of the input", minimum=0.0, strict=True, slider=(0.5, 50.0)),
        Parameter("v_0", -70.0, "mV", "Potential at the start, with u = b*v.", "Initial potential",
                  slider=(-90.0, -40.0)),
    ),
    equations="""
        dv/dt = 0.04*v**2 + 5*v + 140 - u + I/I_scale
        du/dt = a*(b*v - u)
    """,
    variables=(
        Variable("v", "mV", "Membrane potential."),
        Variable("u", "mV", "Recovery: potassium that opens, sodium that inactivates."),
    ),
    initial={"v": "v_0", "u": "b*v_0"},
    threshold="v >= V_peak",
    drive=10.0,
    reset="""
        v = c
        u += d
    """,
    presets={
        "Regular spiking": {},
        "Intrinsically bursting": {"c": -55.0, "d": 4.0},
        "Chattering": {"c": -50.0, "d": 2.0},
        "Fast spiking": {"a": 0.1, "d": 2.0},
        "Thalamo-cortical": {"b": 0.25, "d": 0.05, "v_0": -64.4},
        "Resonator": {"a": 0.1, "b": 0.26, "d": 2.0, "v_0": -62.5},
        "Low-threshold spiking": {"b": 0.25, "d": 2.0, "v_0": -64.4},
    },
)  # fmt: skip

KINDS = (IZHIKEVICH,)
