"""The adaptive exponential integrate-and-fire neuron."""

from neurocanvas.model.kinds import NeuronKind, Parameter, Variable

ORDER = 20


def _cell(
    C_m: float, g_L: float, E_L: float, a: float, tau_w: float, b: float, V_reset: float
) -> dict[str, float]:
    """Return a row of table 1 of Naud et al. 2008, where V_T, Delta_T and the peak are shared."""
    shared = {"V_T": -50.0, "Delta_T": 2.0, "V_peak": 0.0}
    cell = {"C_m": C_m, "g_L": g_L, "E_L": E_L, "a": a, "tau_w": tau_w, "b": b, "V_reset": V_reset}
    return cell | shared | {"v_0": E_L}


ADEX = NeuronKind(
    name="adex",
    title="AdEx",
    symbol="Ad",
    hint="2005",
    doc=(
        "Adaptive exponential integrate-and-fire: a leaky membrane whose sodium current rises "
        "exponentially above V_T, and an adaptation current w. The presets are the eight firing "
        "patterns of Naud et al.; in their order the paper drives them with steps of 500, 500, "
        "400, 210, 300, 110, 180 and 160 pA."
    ),
    source=(
        "Brette & Gerstner 2005, J. Neurophysiol. 94:3637, eq. 1 to 3 and table 1 (the default); "
        "presets: Naud, Marcille, Clopath & Gerstner 2008, Biol. Cybern. 99:335, table 1 (spike at "
        "0 mV). Above V_peak, reached only inside the step of a spike, v counts as V_peak in the "
        "exponential and in w, so that the upswing stays finite. Names as NEST's aeif_cond_exp."
    ),
    parameters=(
        Parameter("C_m", 281.0, "pF", "Charge the membrane holds per volt.", "Membrane capacitance",
                  minimum=0.0, strict=True, slider=(20.0, 1000.0)),
        Parameter("g_L", 30.0, "nS", "Conductance of the leak.", "Leak conductance", minimum=0.0,
                  slider=(1.0, 100.0)),
        Parameter("E_L", -70.6, "mV", "Potential it rests at without input.", "Resting potential",
                  slider=(-90.0, -50.0)),
        Parameter("V_T", -50.4, "mV", "Potential at which the upswing sets in.", "Threshold",
                  slider=(-60.0, -30.0)),
        Parameter("Delta_T", 2.0, "mV", "Rise of v that makes the sodium current e times larger.",
                  "Sharpness of the upswing", minimum=0.0, strict=True, slider=(0.5, 5.0)),
        Parameter("a", 4.0, "nS", "How much w follows v; negative values amplify.",
                  "Subthreshold adaptation", slider=(-20.0, 40.0)),
        Parameter("b", 80.5, "pA", "What a spike adds to w.", "Spike-triggered adaptation",
                  slider=(0.0, 400.0)),
        Parameter("tau_w", 144.0, "ms", "Time in which w decays to 1/e.",
                  "Adaptation time constant", minimum=0.0, strict=True, slider=(5.0, 500.0)),
        Parameter("V_reset", -70.6, "mV", "Potential right after a spike.", "Reset potential",
                  slider=(-90.0, -40.0)),
        Parameter("V_peak", 20.0, "mV", "Potential at which a spike ends and v is reset.",
                  "Peak of a spike", slider=(-20.0, 40.0)),
        Parameter("t_ref", 0.0, "ms", "Time for which it stays reset after a spike.",
                  "Refractory period", minimum=0.0, maximum=1e6, slider=(0.0, 20.0)),
        Parameter("v_0", -70.6, "mV", "Potential at the start, with w = 0.", "Initial potential",
                  slider=(-90.0, -50.0)),
    ),
    equations="""
        dv/dt = (g_L*(E_L - v) + g_L*Delta_T*exp((min(v, V_peak) - V_T)/Delta_T) - w + I)/C_m
        dw/dt = (a*(min(v, V_peak) - E_L) - w)/tau_w
    """,
    variables=(
        Variable("v", "mV", "Membrane potential."),
        Variable("w", "pA", "Adaptation current, outward positive."),
    ),
    initial={"v": "v_0"},
    threshold="v >= V_peak",
    drive=1000.0,
    reset="""
        v = V_reset
        w += b
    """,
    refractory="t_ref",
    presets={
        "Cortical pyramidal cell, 2005": {},
        "Tonic spiking": _cell(200.0, 10.0, -70.0, 2.0, 30.0, 0.0, -58.0),
        "Adaptation": _cell(200.0, 12.0, -70.0, 2.0, 300.0, 60.0, -58.0),
        "Initial burst": _cell(130.0, 18.0, -58.0, 4.0, 150.0, 120.0, -50.0),
        "Regular bursting": _cell(200.0, 10.0, -58.0, 2.0, 120.0, 100.0, -46.0),
        "Delayed accelerating": _cell(200.0, 12.0, -70.0, -10.0, 300.0, 0.0, -58.0),
        "Delayed regular bursting": _cell(100.0, 10.0, -65.0, -10.0, 90.0, 30.0, -47.0),
        "Transient spiking": _cell(100.0, 10.0, -65.0, 10.0, 90.0, 100.0, -47.0),
        "Irregular spiking": _cell(100.0, 12.0, -60.0, -11.0, 130.0, 30.0, -48.0),
    },
)  # fmt: skip

KINDS = (ADEX,)
