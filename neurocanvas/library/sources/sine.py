"""A current that oscillates."""

from neurocanvas.library.common import start, stop
from neurocanvas.model.kinds import Parameter, SourceKind, Variable

ORDER = 40

SINE = SourceKind(
    name="sine",
    title="Sine",
    symbol="Sine",
    hint="oscillates",
    doc="A current that oscillates around an offset from its start to its stop.",
    source="Definition; names as NEST's ac_generator, with the phase counted from the start.",
    parameters=(
        Parameter(
            "amplitude",
            200.0,
            "pA",
            "How far it swings to either side.",
            "Amplitude",
            slider=(0.0, 1000.0),
        ),
        Parameter(
            "offset", 0.0, "pA", "Mean of the oscillation.", "Offset", slider=(-500.0, 1000.0)
        ),
        Parameter(
            "frequency",
            10.0,
            "Hz",
            "Oscillations per second.",
            "Frequency",
            minimum=0.0,
            maximum=1e5,
            slider=(0.0, 100.0),
        ),
        Parameter(
            "phase",
            0.0,
            "deg",
            "Where in the oscillation it starts.",
            "Phase",
            slider=(-180.0, 180.0),
        ),
        start(),
        stop(),
    ),
    equations="""
        I = (t >= start)*(t < stop)*(offset + amplitude*sin(angle))
        angle = 6.283185307179586*frequency*(t - start) + phase
    """,
    variables=(
        Variable("I", "pA", "Current it gives."),
        Variable("angle", "1", "Angle of the oscillation, in radians."),
    ),
    breakpoints=("start", "stop"),
    glyph="M2 12 C5 2 9 2 12 12 S19 22 22 12",
)

KINDS = (SINE,)
