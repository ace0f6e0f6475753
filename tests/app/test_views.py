"""How a document is looked at is saved with it, but is no step of undo."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication
from strategies import circuits, draw_edit

from neurocanvas.app.session import Session
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.edits import AddNode, SetBench, SetSettings
from neurocanvas.model.elements import Bench, Instrument, Node


def zoomed(bench: Bench, window_ms: float) -> SetBench:
    """The edit that a turn of the wheel over the scope makes."""
    (scope,) = bench.instruments
    return SetBench(replace(bench, instruments=(replace(scope, settings={"window": window_ms}),)))


def window(session: Session) -> object:
    (scope,) = session.circuit.bench.instruments
    return scope.settings.get("window")


def test_a_zoom_is_saved_but_asks_nothing_before_closing(session: Session, tmp_path: Path) -> None:
    session.do(AddNode(Node("n1", "lif", "A")))
    session.save(tmp_path / "a.neuro")
    session.do(zoomed(session.circuit.bench, 50.0))
    session.set_speed(7.0)
    assert not session.modified
    assert session.undo_stack.count() == 1
    session.save()
    session.open(tmp_path / "a.neuro")
    assert window(session) == 50.0
    assert session.circuit.settings.speed == 7.0


def test_undo_takes_back_the_last_thing_drawn_and_leaves_the_view(session: Session) -> None:
    session.do(AddNode(Node("n1", "lif", "A")))
    session.add_probe("n1")
    session.do(SetSettings(replace(session.circuit.settings, dt=0.1)))
    session.do(zoomed(session.circuit.bench, 50.0))
    session.set_speed(7.0)
    session.undo()
    assert (session.circuit.settings.dt, session.circuit.settings.speed) == (0.025, 7.0)
    session.undo()
    assert session.circuit.bench.probes == ()
    assert window(session) == 50.0
    session.undo()
    assert len(session.circuit) == 0
    for _ in range(3):
        session.redo()
    assert len(session.circuit.bench.probes) == 1
    assert (session.circuit.settings.dt, session.circuit.settings.speed) == (0.1, 7.0)
    assert window(session) == 50.0


def test_a_new_instrument_is_a_change_of_the_bench(session: Session) -> None:
    bench = session.circuit.bench
    second = Instrument("scope2", "oscilloscope")
    session.do(SetBench(replace(bench, instruments=(*bench.instruments, second))))
    assert session.modified
    session.undo()
    assert session.circuit.bench == bench


def drawn(circuit: Circuit) -> object:
    """All that a circuit holds but how it is looked at."""
    snapshot = circuit.snapshot()
    instruments = tuple(replace(i, settings={}) for i in snapshot.bench.instruments)
    bench = replace(snapshot.bench, instruments=instruments)
    settings_ = replace(snapshot.settings, speed=0.0)
    return replace(snapshot, bench=bench, settings=settings_), circuit.notes


@settings(max_examples=10)
@given(st.data())
def test_whatever_is_done_and_looked_at_undo_and_redo_lead_there_and_back(
    qapp: QApplication, data: st.DataObject
) -> None:
    session = Session(data.draw(circuits()))
    begin = drawn(session.circuit)
    for _ in range(data.draw(st.integers(1, 6))):
        with suppress(NeuroCanvasError):
            session.do(draw_edit(session.circuit, data.draw))
        if data.draw(st.booleans()):
            session.set_speed(data.draw(st.floats(1.0, 1000.0)))
    end, speed = drawn(session.circuit), session.circuit.settings.speed
    steps = session.undo_stack.count()
    for _ in range(steps):
        session.undo()
    assert drawn(session.circuit) == begin
    assert session.circuit.settings.speed == speed
    for _ in range(steps):
        session.redo()
    assert drawn(session.circuit) == end
    session.close()
