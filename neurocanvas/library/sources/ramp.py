"""A current that grows or shrinks steadily."""

from neurocanvas.library.common import start, stop
from neurocanvas.model.kinds import Parameter, SourceKind, Variable

ORDER = 30

RAMP = SourceKind(
    name="ramp",
    title="Ramp",
    symbol="Ramp",
    hint="steady rise",
    doc="A current that goes in a straight line from one value to another, with rest before and "
    "after it.",
    source="Definition; as NeuroML's rampGenerator.",
    parameters=(
        Parameter("first", 0.0, "pA", "Current at the beginning of the ramp.", "From",
                  slider=(-500.0, 1500.0)),
        Parameter("last", 500.0, "pA", "Current at the end of the ramp.", "To",
                  slider=(-500.0, 1500.0)),
        Parameter("baseline", 0.0, "pA", "Current before and after the ramp.", "Baseline",
                  slider=(-500.0, 500.0)),
        start(50.0),
        stop(450.0),
    ),
    equations="""
        I = where((t >= start)*(t < stop), first + (last - first)*part, baseline)
        part = (t - start)/max(stop - start, 1e-9)
    """,
    variables=(
        Variable("I", "pA", "Current it gives."),
        Variable("part", "1", "How far along the ramp it is, from 0 to 1."),
    ),
    breakpoints=("start", "stop"),
    glyph="M2 18 H6 L17 6 V18 H22",
)  # fmt: skip

KINDS = (RAMP,)
