"""Rate units: the mean activity of many cells as one number."""

from dataclasses import replace

from neurocanvas.model.kinds import NeuronKind, Parameter, Variable

ORDER = 60

RECTIFIER = NeuronKind(
    name="rate",
    title="Rate",
    symbol="\u0192",
    hint="ReLU \u2026 tanh",
    doc=(
        "A rate unit whose output is its activation where that is positive, else 0. The activation "
        "follows the weighted sum of the rates it receives, plus a bias, with a time constant. All "
        "is in plain numbers."
    ),
    source=(
        "Dayan & Abbott 2001, Theoretical Neuroscience, section 7.2, eq. 7.8 and 7.11: "
        "tau dv/dt + v = sum of w*r + b, r = f(v). The noise is Gaussian and white; sigma is the "
        "standard deviation that it gives v alone (NEST's sigma is sqrt(2) times this)."
    ),
    parameters=(
        Parameter("tau", 10.0, "ms", "Time in which the activation follows its input to 1/e.",
                  "Time constant", minimum=0.0, strict=True, slider=(1.0, 200.0)),
        Parameter("b", 0.0, "1", "Input that is always there.", "Bias", slider=(-5.0, 5.0)),
        Parameter("sigma", 0.0, "1", "Standard deviation of v under the noise alone.", "Noise",
                  minimum=0.0, slider=(0.0, 2.0)),
        Parameter("v_0", 0.0, "1", "Activation at the start.", "Initial activation",
                  slider=(-5.0, 5.0)),
    ),
    equations="""
        dv/dt = (b + I - v)/tau + sigma*sqrt(2/tau)*xi
        r = max(v, 0)
    """,
    variables=(
        Variable("v", "1", "Activation: the low-passed input."),
        Variable("r", "1", "Rate: the output, f(v)."),
    ),
    initial={"v": "v_0"},
    output="r",
    accepts="rate",
    group="rate",
    variant="rectifier",
)  # fmt: skip

LOGISTIC = replace(
    RECTIFIER,
    name="rate_logistic",
    title="Rate, logistic",
    hint="0 to 1",
    doc=(
        "A rate unit whose output rises from 0 to 1, one half where the activation is 0. The "
        "activation follows the weighted sum of the rates it receives, plus a bias, with a time "
        "constant. All is in plain numbers."
    ),
    equations="""
        dv/dt = (b + I - v)/tau + sigma*sqrt(2/tau)*xi
        r = 1/(1 + exp(-v))
    """,
    variant="logistic",
)  # fmt: skip

TANH = replace(
    RECTIFIER,
    name="rate_tanh",
    title="Rate, tanh",
    hint="-1 to 1",
    doc=(
        "A rate unit whose output runs from -1 to 1. The activation follows the weighted sum of "
        "the rates it receives, plus a bias, with a time constant. A population of them with "
        "random links to itself is a reservoir. All is in plain numbers."
    ),
    equations="""
        dv/dt = (b + I - v)/tau + sigma*sqrt(2/tau)*xi
        r = tanh(v)
    """,
    variant="tanh",
)  # fmt: skip

KINDS = (RECTIFIER, LOGISTIC, TANH)
