"""The current step."""

from neurocanvas.model.kinds import Parameter, SourceKind, Variable

ORDER = 10

STEP_CURRENT = SourceKind(
    name="step_current",
    title="Step current",
    symbol="I",
    hint="on, off",
    doc="A constant current that is switched on and, after a while, off.",
    source="Definition; names as NEST's dc_generator.",
    parameters=(
        Parameter(
            "amplitude",
            300.0,
            "pA",
            "Current while it is on.",
            "Amplitude",
            slider=(-500.0, 1500.0),
        ),
        Parameter(
            "start",
            0.0,
            "ms",
            "Time at which it is switched on.",
            "Start",
            minimum=0.0,
            slider=(0.0, 1000.0),
        ),
        Parameter(
            "stop",
            1e9,
            "ms",
            "Time at which it is switched off.",
            "Stop",
            minimum=0.0,
            slider=(0.0, 2000.0),
        ),
    ),
    equations="""
        I = amplitude*(t >= start)*(t < stop)
    """,
    variables=(Variable("I", "pA", "Current it gives."),),
    breakpoints=("start", "stop"),
    glyph="M3 18 H9 V6 H15 V18 H21",
)

KINDS = (STEP_CURRENT,)
