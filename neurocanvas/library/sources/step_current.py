"""The current step."""

from neurocanvas.library.common import from_time
from neurocanvas.model.kinds import Parameter, SourceKind, Variable
from neurocanvas.model.parameters import NEVER

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
        from_time("start", 0.0, "Time at which it is switched on.", "Start"),
        from_time("stop", NEVER[1], "Time at which it is switched off.", "Stop"),
    ),
    equations="""
        I = amplitude*(t >= start)*(t < stop)
    """,
    variables=(Variable("I", "pA", "Current it gives."),),
    breakpoints=("start", "stop"),
    glyph="M3 18 H9 V6 H15 V18 H21",
)

KINDS = (STEP_CURRENT,)
