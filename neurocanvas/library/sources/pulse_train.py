"""Current pulses, one after the other."""

from neurocanvas.library.common import start, stop
from neurocanvas.model.kinds import Parameter, SourceKind, Variable

ORDER = 20

PULSE_TRAIN = SourceKind(
    name="pulse_train",
    title="Pulse train",
    symbol="Pul",
    hint="repeats",
    doc=(
        "A current that is switched on for a while in every period; where the width is the "
        "period or more, it stays on."
    ),
    source="Definition; as NeuroML's pulseGenerator, repeated.",
    parameters=(
        Parameter(
            "amplitude",
            500.0,
            "pA",
            "Current during a pulse.",
            "Amplitude",
            slider=(-500.0, 1500.0),
        ),
        Parameter(
            "width", 5.0, "ms", "How long a pulse lasts.", "Width", minimum=0.0, slider=(0.0, 100.0)
        ),
        Parameter(
            "period",
            50.0,
            "ms",
            "Time from the beginning of one pulse to the next.",
            "Period",
            minimum=0.0,
            strict=True,
            slider=(1.0, 500.0),
        ),
        start(),
        stop(),
    ),
    equations="""
        I = amplitude*(t >= start)*(t < stop)*(since < width)
        since = t - start - period*floor((t - start)/period)
    """,
    variables=(
        Variable("I", "pA", "Current it gives."),
        Variable("since", "ms", "Time since the latest pulse began."),
    ),
    breakpoints=("start + k*period", "start + width + k*period", "stop"),
    glyph="M2 18 H5 V6 H8 V18 H13 V6 H16 V18 H21 V6 H22",
)

KINDS = (PULSE_TRAIN,)
