"""The leaky integrate-and-fire neuron."""

from neurocanvas.model.kinds import NeuronKind, Parameter, Variable

ORDER = 10

LIF = NeuronKind(
    name="lif",
    title="Integrate and fire",
    symbol="LIF",
    hint="1907",
    doc=(
        "Leaky integrate-and-fire: the membrane is a capacitor with a leak; at the threshold it "
        "fires, is reset and held there for the refractory period."
    ),
    source=(
        "Lapicque 1907, J. Physiol. Pathol. Gen. 9:620; in the form of Gerstner et al. 2014, "
        "Neuronal Dynamics, eq. 1.5 to 1.7. Refractory period and names as NEST's iaf_psc_exp."
    ),
    parameters=(
        Parameter("C_m", 200.0, "pF", "Charge the membrane holds per volt.", "Membrane capacitance",
                  minimum=0.0, strict=True, slider=(10.0, 1000.0)),
        Parameter("tau_m", 20.0, "ms", "Time in which a deflection decays to 1/e.",
                  "Membrane time constant", minimum=0.0, strict=True, slider=(1.0, 100.0)),
        Parameter("E_L", -70.0, "mV", "Potential it rests at without input.", "Resting potential",
                  slider=(-100.0, -40.0)),
        Parameter("V_th", -55.0, "mV", "Potential at which it fires.", "Threshold",
                  slider=(-80.0, 0.0)),
        Parameter("V_reset", -70.0, "mV", "Potential right after a spike.", "Reset potential",
                  slider=(-100.0, -40.0)),
        Parameter("t_ref", 2.0, "ms", "Time for which it stays reset after a spike.",
                  "Refractory period", minimum=0.0, maximum=1e6, slider=(0.0, 20.0)),
        Parameter("v_0", -70.0, "mV", "Potential at the start.", "Initial potential",
                  slider=(-100.0, -40.0)),
    ),
    equations="""
        dv/dt = (E_L - v)/tau_m + I/C_m
    """,
    variables=(Variable("v", "mV", "Membrane potential."),),
    initial={"v": "v_0"},
    threshold="v >= V_th",
    drive=300.0,
    reset="v = V_reset",
    refractory="t_ref",
)  # fmt: skip

KINDS = (LIF,)
