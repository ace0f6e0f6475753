"""The session: edits as undo steps, and what the engine hears of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

import neurocanvas as nc
from neurocanvas.app.session import Session
from neurocanvas.errors import CircuitError, FileError, NeuroCanvasError, QuantityError
from neurocanvas.model.edits import (
    AddNode,
    Compound,
    MoveNodes,
    Rename,
    SetParameter,
    SetSettings,
    SetSize,
    removal,
)
from neurocanvas.model.elements import Node
from neurocanvas.sim.recording.recorder import Channel
from neurocanvas.sim.status import Status


class Listener:
    """Stands where the runner stands and writes down what it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []
        self.status = Status()

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: self.heard.append((name, *args, *kwargs.values()))

    def names(self) -> list[str]:
        return [message[0] for message in self.heard]


@pytest.fixture
def heard(session: Session) -> Listener:
    """What the engine is told from now on, of a circuit with a neuron ``n1`` and a source."""
    session.do(AddNode(Node("n1", "lif", "A")))
    session.do(AddNode(Node("n2", "poisson", "P")))
    listener = Listener()
    session._engine._runner = listener  # type: ignore[assignment]
    return listener


# -- undo ----------------------------------------------------------------------------------------


def test_an_edit_is_one_step_and_undo_takes_it_back(session: Session) -> None:
    session.do(AddNode(Node("n1", "lif", "A")))
    session.do(SetParameter("n1", "C_m", 300.0))
    assert session.undo_stack.count() == 2
    assert session.undo_stack.undoText() == "set C_m"
    session.undo()
    assert session.circuit.values("n1")["C_m"] == 200.0
    session.undo()
    assert len(session.circuit) == 0
    session.redo()
    session.redo()
    assert session.circuit.values("n1")["C_m"] == 300.0


def test_a_refused_edit_changes_nothing_and_leaves_no_step(session: Session) -> None:
    session.do(AddNode(Node("n1", "lif", "A")))
    with pytest.raises(QuantityError, match="C_m"):
        session.do(SetParameter("n1", "C_m", -1.0))
    with pytest.raises(CircuitError, match="'A' is in use"):
        session.do(AddNode(Node("n2", "lif", "A")))
    assert session.undo_stack.count() == 1
    assert session.circuit.element("n1").parameters == {}


def test_edits_of_one_gesture_are_one_step(session: Session) -> None:
    session.do(AddNode(Node("n1", "lif", "A")))
    drag = object()
    for value in (210.0, 250.0, 280.0):
        session.do(SetParameter("n1", "C_m", value), drag)
    assert session.undo_stack.count() == 2
    session.undo()
    assert session.circuit.values("n1")["C_m"] == 200.0
    session.redo()
    assert session.circuit.values("n1")["C_m"] == 280.0


def test_two_gestures_are_two_steps(session: Session) -> None:
    session.do(AddNode(Node("n1", "lif", "A")))
    for value in (210.0, 220.0):
        session.do(MoveNodes({"n1": (value, 0.0)}), object())
    assert session.undo_stack.count() == 3
    session.undo()
    assert session.circuit.node("n1").x == 210.0


def test_a_drag_back_to_where_it_began_leaves_no_step(session: Session) -> None:
    session.do(AddNode(Node("n1", "lif", "A", x=5.0)))
    drag = object()
    for x in (20.0, 60.0, 5.0):
        session.do(MoveNodes({"n1": (x, 0.0)}), drag)
    assert session.undo_stack.count() == 1
    assert session.circuit.node("n1").x == 5.0


def test_different_edits_of_one_gesture_undo_together(session: Session) -> None:
    drag = object()
    session.do(AddNode(Node("n1", "lif", "A")), drag)
    session.do(Rename("n1", "B"), drag)
    assert session.undo_stack.count() == 1
    session.undo()
    assert len(session.circuit) == 0
    session.redo()
    assert session.circuit.node("n1").label == "B"


def test_a_gesture_gives_back_what_its_edits_took_along(session: Session) -> None:
    """Shrinking a node moves its probe; undoing the whole drag must bring the probe back."""
    session.do(AddNode(Node("n1", "lif", "A", size=100)))
    session.add_probe("n1", "v", 40)
    drag = object()
    for size in (60, 10, 5):
        session.do(SetSize("n1", size), drag)
    assert session.circuit.bench.probes[0].index == 4
    session.undo()
    assert session.circuit.node("n1").size == 100
    assert session.circuit.bench.probes[0].index == 40


# -- what the engine hears -----------------------------------------------------------------------


def test_cosmetic_edits_tell_the_engine_nothing(session: Session, heard: Listener) -> None:
    session.do(MoveNodes({"n1": (50.0, 60.0)}))
    session.do(Rename("n1", "Z"))
    assert heard.heard == []


def test_a_parameter_reaches_the_engine_in_its_unit(session: Session, heard: Listener) -> None:
    session.do(SetParameter("n1", "C_m", 250.0))
    session.do(SetParameter("n1", "C_m", None))
    session.undo()
    told = [message for message in heard.heard if message[0] == "set_parameter"]
    assert told == [
        ("set_parameter", "n1", "C_m", 250.0),
        ("set_parameter", "n1", "C_m", 200.0),
        ("set_parameter", "n1", "C_m", 250.0),
    ]
    assert set(heard.names()) == {"set_parameter"}


def test_a_compound_of_parameters_is_not_recompiled(session: Session, heard: Listener) -> None:
    parts = (SetParameter("n1", "C_m", 250.0), Compound((SetParameter("n2", "rate", 10.0),)))
    session.do(Compound(parts))
    assert heard.heard == [
        ("set_parameter", "n1", "C_m", 250.0),
        ("set_parameter", "n2", "rate", 10.0),
    ]


def test_probes_change_the_channels_only(session: Session, heard: Listener) -> None:
    session.add_probe("n1")
    assert heard.heard == [("set_channels", [Channel("n1", "v", 0)])]


def test_structure_is_loaded_with_the_state_kept(session: Session, heard: Listener) -> None:
    session.do(AddNode(Node("n3", "lif", "C")))
    session.undo()
    loads = [message for message in heard.heard if message[0] == "load"]
    assert [(len(snapshot.nodes), keep) for _, snapshot, _, keep in loads] == [(3, True), (2, True)]


def test_speed_alone_is_no_new_simulation_but_dt_is(session: Session, heard: Listener) -> None:
    session.set_speed(100.0)
    assert heard.heard == [("set_speed", 100.0)]
    session.do(SetSettings(replace(session.circuit.settings, dt=0.05)))
    assert heard.names()[1:] == ["load", "set_channels"]


def test_another_document_begins_anew(session: Session, heard: Listener) -> None:
    session.new()
    [(_, snapshot, _, keep)] = [message for message in heard.heard if message[0] == "load"]
    assert (snapshot.nodes, keep) == ((), False)


def test_panels_can_watch_what_is_not_probed(session: Session, heard: Listener) -> None:
    session.add_probe("n1")
    session.set_watch([("n1", "v", 0), ("n2", "nothing", 0), ("gone", "v", 0)])
    assert heard.heard[-1] == ("set_channels", [Channel("n1", "v", 0)])


def test_a_failed_simulation_is_not_running_any_more(session: Session, heard: Listener) -> None:
    session.run()
    heard.status = replace(heard.status, phase="failed", error=NeuroCanvasError("too fast"))
    session._on_timer()
    assert not session.running


# -- selection, probes, clipboard ----------------------------------------------------------------


def test_what_is_deleted_is_not_selected(session: Session, qtbot: QtBot) -> None:
    session.do(AddNode(Node("n1", "lif", "A")))
    session.do(AddNode(Node("n2", "lif", "B")))
    session.select(["n1", "n2", "n9", "n1"])
    assert session.selection == ("n1", "n2")
    with qtbot.waitSignal(session.selection_changed):
        session.do(removal(session.circuit, ["n1"]))
    assert session.selection == ("n2",)


def test_a_probe_gets_the_lowest_free_number(session: Session) -> None:
    session.do(AddNode(Node("n1", "hodgkin_huxley", "A")))
    assert [session.add_probe("n1", name) for name in ("v", "m", "h")] == [1, 2, 3]
    session.remove_probe(2)
    assert session.add_probe("n1", "n") == 2
    assert session.add_probe("n1", "v") == 1
    assert len(session.circuit.bench.probes) == 3


def test_a_probe_of_what_is_not_there_is_refused_in_words(session: Session) -> None:
    session.do(AddNode(Node("n1", "lif", "A")))
    with pytest.raises(CircuitError, match="A has no variable 'w'; it has v"):
        session.add_probe("n1", "w")
    with pytest.raises(CircuitError, match="neurons 0 to 0, no 3"):
        session.add_probe("n1", "v", 3)
    with pytest.raises(CircuitError, match="no probe 7"):
        session.remove_probe(7)


def test_the_main_variable_of_a_source_is_its_current(session: Session) -> None:
    session.do(AddNode(Node("n1", "step_current", "S")))
    session.add_probe("n1")
    assert session.circuit.bench.probes[0].variable == "I"


def test_paste_adds_copies_and_selects_them(session: Session) -> None:
    pre = session.circuit.add("lif", label="A", x=0.0, y=0.0)
    post = session.circuit.add("lif", label="B", x=100.0, y=40.0)
    session.circuit.connect(pre, post)
    session.select([pre, post])
    session.copy()
    session.paste((500.0, 300.0))
    pasted = [session.circuit.node(i) for i in session.selection if i in session.circuit.graph]
    assert (len(session.circuit), session.circuit.link_count()) == (4, 2)
    assert not {pre, post} & set(session.selection)
    assert sum(node.x for node in pasted) / 2 == pytest.approx(500.0)
    assert sum(node.y for node in pasted) / 2 == pytest.approx(300.0)
    session.undo()
    assert (len(session.circuit), session.circuit.link_count()) == (2, 1)


def overlapping(session: Session) -> list[tuple[str, str]]:
    """Pairs of nodes so near to each other that they or their labels cover each other."""
    nodes = list(session.circuit.nodes())
    return [
        (a.label, b.label)
        for k, a in enumerate(nodes)
        for b in nodes[k + 1 :]
        if abs(a.x - b.x) < 72 and abs(a.y - b.y) < 92
    ]


@pytest.mark.parametrize("at", [None, (60.0, 30.0), (150.0, 80.0)])
def test_a_copy_covers_nothing_however_often_it_is_pasted(
    session: Session, at: tuple[float, float] | None
) -> None:
    circuit = session.circuit
    part = [circuit.add("lif", x=x, y=y) for x, y in ((0, 0), (120, 0), (60, 130))]
    session.select(part)
    session.copy()
    for _ in range(4):
        session.paste(at)
        session.duplicate()
    assert len(circuit) == 27
    assert overlapping(session) == []
    # A copy keeps its form.
    first, second, third = (circuit.node(i) for i in session.selection)
    assert (second.x - first.x, third.y - first.y) == (120, 130)


def test_a_link_alone_is_not_copied_and_nothing_is_lost(session: Session) -> None:
    from PySide6.QtGui import QGuiApplication

    circuit = session.circuit
    pre, post = circuit.add("lif"), circuit.add("lif", x=200.0)
    link = circuit.connect(pre, post, "ampa")
    session.select([link])
    QGuiApplication.clipboard().setText("as before")
    for action in (session.copy, session.cut, session.duplicate):
        with pytest.raises(CircuitError, match="select those too"):
            action()
    assert link in circuit
    assert session.selection == (link,)
    assert session.undo_stack.count() == 0
    assert QGuiApplication.clipboard().text() == "as before"


def test_a_part_comes_back_to_where_it_was_cut(session: Session) -> None:
    session.select([session.circuit.add("lif", x=40.0, y=70.0)])
    session.cut()
    session.paste()
    (node,) = session.circuit.nodes()
    assert (node.x, node.y) == (40.0, 70.0)


def test_cut_and_paste_move_a_part(session: Session) -> None:
    session.select([session.circuit.add("lif", label="A")])
    session.cut()
    assert len(session.circuit) == 0
    session.paste()
    assert [node.label for node in session.circuit.nodes()] == ["A"]


def test_text_that_is_no_circuit_is_refused(session: Session) -> None:
    from PySide6.QtGui import QGuiApplication

    for text in ("hello", '{"x": 1}'):
        QGuiApplication.clipboard().setText(text)
        with pytest.raises(NeuroCanvasError, match="no part of a circuit"):
            session.paste()


def test_only_synapses_can_be_chosen_for_connecting(session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.synapse_kind_changed) as changed:
        session.synapse_kind = "gaba_a"
    assert changed.args == ["gaba_a"]
    with pytest.raises(CircuitError, match="lif is no synapse"):
        session.synapse_kind = "lif"


# -- files ---------------------------------------------------------------------------------------


def test_a_document_is_modified_until_it_is_saved(session: Session, tmp_path: Path) -> None:
    session.do(AddNode(Node("n1", "lif", "A")))
    assert session.modified
    session.save(tmp_path / "a.neuro")
    assert not session.modified
    session.do(Rename("n1", "B"))
    assert session.modified
    session.undo()
    assert not session.modified


def test_what_a_script_saved_without_places_is_opened_apart(
    session: Session, tmp_path: Path
) -> None:
    written, path = nc.Circuit(), tmp_path / "script.neuro"
    drive, cell = written.add("step_current"), written.add("lif")
    written.connect(drive, cell)
    nc.save(written, path)
    session.open(path)
    assert session.circuit.node(cell).x > session.circuit.node(drive).x
    assert not session.modified
    assert not session.undo_stack.canUndo()


def test_what_is_saved_can_be_opened(session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    session.do(AddNode(Node("n1", "lif", "A", parameters={"C_m": 123.0})))
    session.add_probe("n1")
    session.save(tmp_path / "a.neuro")
    session.new()
    with qtbot.waitSignals([session.document_replaced, session.path_changed]):
        session.open(tmp_path / "a.neuro")
    assert session.name == "a.neuro"
    assert session.circuit.values("n1")["C_m"] == 123.0
    assert session.circuit.bench.probes[0].node == "n1"
    assert not session.modified
    assert session.undo_stack.count() == 0


def test_a_file_that_can_not_be_read_leaves_the_document(session: Session, tmp_path: Path) -> None:
    session.do(AddNode(Node("n1", "lif", "A")))
    broken = tmp_path / "broken.neuro"
    broken.write_text("{")
    for path in (broken, tmp_path / "missing.neuro"):
        with pytest.raises(FileError, match=path.name):
            session.open(path)
    assert len(session.circuit) == 1
    assert session.path is None


def test_unknown_kinds_are_reported_not_lost(
    session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    session.do(AddNode(Node("n1", "lif", "A")))
    session.save(tmp_path / "a.neuro")
    text = (tmp_path / "a.neuro").read_text().replace('"lif"', '"quantum"')
    (tmp_path / "b.neuro").write_text(text)
    with qtbot.waitSignal(session.reported) as report:
        session.open(tmp_path / "b.neuro")
    assert "quantum" in " ".join(report.args[0])
    assert session.circuit.kind_of("n1").placeholder


# -- with the engine -----------------------------------------------------------------------------


@pytest.mark.slow
def test_a_parameter_changes_the_running_neuron(session: Session, qtbot: QtBot) -> None:
    """LIF at rest at E_L: moving E_L moves where it settles, whatever came before."""
    session.do(AddNode(Node("n1", "lif", "A", parameters={"tau_m": 1.0})))
    session.add_probe("n1")
    session.set_speed(0.0)
    session.run()
    session.runner.drain()
    session.do(SetParameter("n1", "E_L", -60.0))
    session.runner.drain()
    began = session.recorder.now_ms
    qtbot.waitUntil(lambda: session.recorder.now_ms > began + 50.0, timeout=20_000)
    session.pause()
    session.runner.drain()
    assert session.recorder.latest(Channel("n1", "v", 0)) == pytest.approx(-60.0, abs=1e-6)


@pytest.mark.slow
def test_undo_does_not_rewind_the_simulation(session: Session, qtbot: QtBot) -> None:
    session.do(AddNode(Node("n1", "lif", "A")))
    session.run()
    session.runner.drain()
    qtbot.waitUntil(lambda: session.status.time_ms > 5.0, timeout=20_000)
    session.do(AddNode(Node("n2", "lif", "B")))
    session.runner.drain()
    before = session.status.time_ms
    session.undo()
    session.runner.drain()
    assert session.status.time_ms >= before > 5.0
    assert np.array_equal(session.frame.nodes, ("n1",))
