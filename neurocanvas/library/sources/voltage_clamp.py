"""The voltage clamp with its protocol."""

from neurocanvas.library.common import start
from neurocanvas.model.kinds import Parameter, SourceKind, Variable

ORDER = 90

VOLTAGE_CLAMP = SourceKind(
    name="voltage_clamp",
    title="Voltage clamp",
    symbol="VC",
    hint="step protocol",
    doc=(
        "Holds a neuron at a potential and steps it to another for a while, once or in several "
        "sweeps, each a bit higher: what Hodgkin and Huxley measured their currents with. The "
        "current it takes is the variable I of the link to the neuron."
    ),
    source=(
        "Hodgkin, Huxley & Katz 1952, J. Physiol. 116:424; the step protocol as NEURON's SEClamp, "
        "repeated with growing steps."
    ),
    parameters=(
        Parameter(
            "holding",
            -65.0,
            "mV",
            "Potential before and after a step.",
            "Holding potential",
            slider=(-120.0, 60.0),
        ),
        Parameter(
            "level", 0.0, "mV", "Potential during the first step.", "Step to", slider=(-120.0, 60.0)
        ),
        start(20.0),
        Parameter(
            "duration",
            30.0,
            "ms",
            "How long a step lasts.",
            "Duration",
            minimum=0.0,
            slider=(0.0, 200.0),
        ),
        Parameter(
            "sweeps",
            1.0,
            "1",
            "How often it steps.",
            "Sweeps",
            minimum=0.0,
            maximum=1e6,
            slider=(1.0, 20.0),
        ),
        Parameter(
            "period",
            100.0,
            "ms",
            "Time from one step to the next.",
            "Period",
            minimum=0.0,
            strict=True,
            slider=(10.0, 500.0),
        ),
        Parameter(
            "increment",
            10.0,
            "mV",
            "By how much each step goes higher than the one before.",
            "Increment",
            slider=(-40.0, 40.0),
        ),
    ),
    equations="""
        command = where(stepping, level + sweep*increment, holding)
        stepping = (sweep >= 0)*(t - start - sweep*period < duration)
        sweep = min(floor((t - start)/period), floor(sweeps) - 1)
    """,
    variables=(
        Variable("command", "mV", "Potential at which the neuron is to be held."),
        Variable("stepping", "1", "1 during a step, else 0."),
        Variable("sweep", "1", "Number of the step, from 0."),
    ),
    breakpoints=("start + k*period", "start + duration + k*period"),
    output="command",
    gives="command",
    glyph="M2 17 H7 V7 H16 V17 H22 M7 12 H16",
)

KINDS = (VOLTAGE_CLAMP,)
