"""Spikes at times that people give."""

from neurocanvas.model.kinds import Column, SourceKind

ORDER = 80

SPIKE_LIST = SourceKind(
    name="spike_list",
    title="Spike list",
    symbol="List",
    hint="times",
    doc="Spikes at given times, pasted or read from a file; all neurons of a node get them all.",
    source="Definition; as NEST's spike_generator.",
    parameters=(),
    equations="",
    events="listed(times)",
    data=(Column("times", "ms", "When the spikes happen.", "Spike times",
                 default=(10.0, 20.0, 30.0, 50.0, 80.0, 130.0, 210.0, 340.0)),),
    glyph="M3 7 V13 M5 7 V13 M9 7 V13 M15 7 V13 M20 7 V13 M3 17 H21",
)  # fmt: skip

KINDS = (SPIKE_LIST,)
