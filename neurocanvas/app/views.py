"""How a document is looked at: scales, time bases, speed. Saved with it, but no steps of undo.

Somebody who zooms a scope twenty times and then presses undo wants the last thing drawn back; and
zooming is nothing that a program should ask about before it closes.
"""

from __future__ import annotations

from dataclasses import replace

from neurocanvas.model.circuit import Circuit
from neurocanvas.model.edits import Compound, Edit, SetBench, SetSettings
from neurocanvas.model.elements import Bench, Settings


def is_view(edit: Edit, circuit: Circuit) -> bool:
    """Whether an edit that is still to be applied changes nothing but how the circuit is shown."""
    match edit:
        case SetSettings(settings):
            return _with_speed(settings, circuit) == circuit.settings
        case SetBench(bench):
            return _with_views(bench, circuit) == circuit.bench
    return False


def keeping(edit: Edit, circuit: Circuit) -> Edit:
    """Return an edit of the past with the views of the present in place of its own."""
    match edit:
        case SetSettings(settings):
            return SetSettings(_with_speed(settings, circuit))
        case SetBench(bench):
            return SetBench(_with_views(bench, circuit))
        case Compound(edits):
            return replace(edit, edits=tuple(keeping(part, circuit) for part in edits))
    return edit


def _with_speed(settings: Settings, circuit: Circuit) -> Settings:
    return replace(settings, speed=circuit.settings.speed)


def _with_views(bench: Bench, circuit: Circuit) -> Bench:
    """Return a bench whose instruments are set as those of the circuit are now."""
    present = {(i.id, i.kind): i.settings for i in circuit.bench.instruments}
    instruments = tuple(
        replace(i, settings=present.get((i.id, i.kind), i.settings)) for i in bench.instruments
    )
    return replace(bench, instruments=instruments)
