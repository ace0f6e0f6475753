"""Spikes at equal distances."""

from neurocanvas.library.common import start, stop
from neurocanvas.model.kinds import Parameter, SourceKind

ORDER = 70

REGULAR_SPIKES = SourceKind(
    name="regular_spikes",
    title="Regular spikes",
    symbol="Reg",
    hint="a clock",
    doc="Spikes at equal distances: the first at the start, then one after each period 1/rate.",
    source="Definition: spike k at start + k/rate, up to stop.",
    parameters=(
        Parameter(
            "rate",
            20.0,
            "Hz",
            "Spikes per second.",
            "Rate",
            minimum=0.0,
            maximum=1e6,
            slider=(0.0, 200.0),
        ),
        start(10.0),
        stop(),
    ),
    equations="",
    events="count(max((min(t, stop) - start)*rate + (rate > 0), 0))",
    glyph="M3 6 V18 M7.5 6 V18 M12 6 V18 M16.5 6 V18 M21 6 V18",
)

KINDS = (REGULAR_SPIKES,)
