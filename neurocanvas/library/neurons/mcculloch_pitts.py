"""McCulloch-Pitts units: a weighted sum and a transfer function, without dynamics."""

from dataclasses import replace

from neurocanvas.model.kinds import NeuronKind, Parameter, Variable

ORDER = 70

STEP = NeuronKind(
    name="mcculloch_pitts",
    title="McCulloch\u2013Pitts",
    symbol="\u03a3",
    hint="1943",
    doc=(
        "A logical threshold unit: its output is 1 where the weighted sum of its inputs plus the "
        "bias is above 0, else 0. As it comes, one input of weight 1 is enough (OR); b = -1.5 asks "
        "for two (AND), b = 0.5 with weight -1 turns one around (NOT)."
    ),
    source=(
        "McCulloch & Pitts 1943, Bull. Math. Biophys. 5:115. All units are updated at once, from "
        "the outputs of the time step before: a chain of n units answers after n updates."
    ),
    parameters=(
        Parameter("b", -0.5, "1", "Added to the weighted sum; the negative of the threshold.",
                  "Bias", slider=(-5.0, 5.0)),
        Parameter("interval", 0.0, "ms", "Time between updates; 0 updates it in every time step.",
                  "Update interval", minimum=0.0, maximum=60_000.0, slider=(0.0, 20.0)),
        Parameter("y_0", 0.0, "1", "Output at the start.", "Initial output", slider=(0.0, 1.0)),
    ),
    equations="""
        dy/dt = 0
    """,
    variables=(Variable("y", "1", "Output."),),
    initial={"y": "y_0"},
    main="y",
    output="y",
    accepts="rate",
    update="y = where(I + b > 0, 1, 0)",
    interval="interval",
    group="mcculloch_pitts",
    variant="step",
)  # fmt: skip

LOGISTIC = replace(
    STEP,
    name="mcculloch_pitts_logistic",
    title="McCulloch\u2013Pitts, logistic",
    hint="0 to 1",
    doc=(
        "A unit without dynamics whose output rises smoothly from 0 to 1 with the weighted sum of "
        "its inputs plus the bias: 1/(1 + exp(-x)). The unit of feed-forward networks."
    ),
    source=(
        "McCulloch & Pitts 1943, Bull. Math. Biophys. 5:115, with the logistic function of "
        "Rumelhart, Hinton & Williams 1986, Nature 323:533, eq. 2. All units are updated at once, "
        "from the outputs of the time step before."
    ),
    update="y = 1/(1 + exp(-(I + b)))",
    initial={"y": "y_0"},
    variant="logistic",
)  # fmt: skip

KINDS = (STEP, LOGISTIC)
