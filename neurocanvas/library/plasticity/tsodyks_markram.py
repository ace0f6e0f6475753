"""Short-term depression and facilitation."""

from neurocanvas.model.kinds import Parameter, Variable
from neurocanvas.model.plasticity import PlasticityKind

ORDER = 10

TSODYKS_MARKRAM = PlasticityKind(
    name="tsodyks_markram",
    title="Short-term plasticity",
    symbol="TM",
    hint="Tsodyks\u2013Markram",
    doc=(
        "Each spike uses up a part u of the transmitter x that is left (depression), and raises u "
        "for those that follow (facilitation). Both recover between spikes."
    ),
    source=(
        "Tsodyks, Pawelzik & Markram 1998, Neural Comput. 10:821, eq. 2.1 to 2.6, without the "
        "short time that transmitter is active, as NEST's tsodyks2_synapse."
    ),
    parameters=(
        Parameter(
            "U",
            0.5,
            "1",
            "Part of the transmitter that a spike after a long rest releases.",
            "Release probability",
            minimum=0.0,
            maximum=1.0,
            slider=(0.0, 1.0),
        ),
        Parameter(
            "tau_rec",
            800.0,
            "ms",
            "Time in which used transmitter recovers to 1 - 1/e.",
            "Recovery time",
            minimum=0.0,
            strict=True,
            slider=(1.0, 2000.0),
        ),
        Parameter(
            "tau_fac",
            0.001,
            "ms",
            "Time in which facilitation decays to 1/e.",
            "Facilitation time",
            minimum=0.0,
            strict=True,
            slider=(0.001, 2000.0),
        ),
    ),
    equations="""
        dx/dt = (1 - x)/tau_rec
        du/dt = -u/tau_fac
    """,
    variables=(
        Variable("x", "1", "Part of the transmitter that is there."),
        Variable("u", "1", "Part of it that the next spike would use."),
    ),
    initial={"x": "1", "u": "0"},
    sides={"x": "pre", "u": "pre"},
    on_pre="u += U*(1 - u)",
    release="u*x",
    after="x += -u*x",
)

KINDS = (TSODYKS_MARKRAM,)
