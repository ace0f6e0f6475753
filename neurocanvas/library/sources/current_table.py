"""A current whose course people give."""

from neurocanvas.model.kinds import Column, Parameter, SourceKind, Variable

ORDER = 55

CURRENT_TABLE = SourceKind(
    name="current_table",
    title="Current table",
    symbol="Tab",
    hint="CSV",
    doc=(
        "A current with a given course, pasted or read from a file: straight lines between the "
        "points, the first value before and the last value after them."
    ),
    source="Definition: linear interpolation between the points, times the gain.",
    parameters=(
        Parameter("gain", 1.0, "1", "What all values are multiplied by.", "Gain",
                  slider=(-2.0, 2.0)),
    ),
    equations="""
        I = gain*sample
    """,
    variables=(Variable("I", "pA", "Current it gives."),),
    table=("times", "values"),
    data=(
        Column("times", "ms", "Times of the points.", "Times",
               default=(0.0, 50.0, 100.0, 150.0, 200.0, 250.0)),
        Column("values", "pA", "Currents at these times.", "Currents",
               default=(0.0, 300.0, 300.0, 100.0, 500.0, 0.0)),
    ),
    glyph="M3 18 L8 8 L12 12 L16 5 L21 15 M3 21 H21",
)  # fmt: skip

KINDS = (CURRENT_TABLE,)
