"""The inspector: typing, sliding, taking back, for one element and for several."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from inspecting import drag, page_of, row_of, type_into
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from neurocanvas.app import bindings
from neurocanvas.app.activity_tab import ActivityTab
from neurocanvas.app.equations_tab import EquationsTab
from neurocanvas.app.inspector import Inspector
from neurocanvas.app.inspector_pages import MixedPage
from neurocanvas.app.inspector_summary import SummaryPage
from neurocanvas.app.rows import ParameterRow
from neurocanvas.app.session import Session
from neurocanvas.app.sliders import Scale
from neurocanvas.library.neurons.lif import LIF
from neurocanvas.model.edits import SetFeature, SetParameter
from neurocanvas.sim.recording.recorder import Channel

# -- typing --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "stored", "shown"),
    [("0.3nF", 300.0, "300 pF"), ("150", 150.0, "150 pF"), ("1.5e-10 F", 150.0, "150 pF"),
     ("2 nF", 2000.0, "2 nF")],
)  # fmt: skip
def test_values_are_typed_with_any_prefix(
    inspector: Inspector, session: Session, typed: str, stored: float, shown: str
) -> None:
    node = session.circuit.add("lif")
    row = row_of(inspector, session, "C_m", node)
    type_into(row, typed)
    assert session.circuit.values(node)["C_m"] == pytest.approx(stored, rel=1e-12)
    assert row.field.text() == shown
    assert session.undo_stack.count() == 1


def test_a_refused_value_stays_in_red_with_the_reason(
    inspector: Inspector, session: Session
) -> None:
    node = session.circuit.add("lif", label="A")
    row = row_of(inspector, session, "C_m", node)
    for typed, reason in (
        ("-3", "must be above 0 pF"),
        ("abc", "no number"),
        ("3 mV", "not in pF"),
    ):
        type_into(row, typed)
        assert row.field.property("refused") is True
        assert row.field.text() == typed
        assert reason in row.reason.text()
        assert row.reason.isVisible()
        assert reason in row.field.toolTip()
    assert session.undo_stack.count() == 0
    QTest.keyClick(row.field, Qt.Key.Key_Escape)
    assert (row.field.text(), row.field.property("refused")) == ("200 pF", False)
    assert not row.reason.isVisible()


def test_what_differs_from_its_default_is_marked_and_goes_back(
    inspector: Inspector, session: Session
) -> None:
    node = session.circuit.add("lif", C_m=300.0)
    row = row_of(inspector, session, "C_m", node)
    assert (row.mark.on, row.field.property("changed")) == (True, True)
    QTest.mouseClick(row.mark, Qt.MouseButton.LeftButton)
    assert session.circuit.element(node).parameters == {}
    assert (row.mark.on, row.field.text()) == (False, "200 pF")


def test_typing_the_default_stores_nothing(inspector: Inspector, session: Session) -> None:
    node = session.circuit.add("lif", C_m=300.0)
    type_into(row_of(inspector, session, "C_m", node), "0.2 nF")
    assert session.circuit.element(node).parameters == {}


def test_ctrl_z_in_a_field_that_is_not_being_typed_in_undoes_the_edit(
    inspector: Inspector, session: Session
) -> None:
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QApplication

    node = session.circuit.add("lif")
    row = row_of(inspector, session, "C_m", node)
    type_into(row, "300")

    def wants_undo() -> bool:
        event = QKeyEvent(
            QKeyEvent.Type.ShortcutOverride, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier
        )
        event.ignore()
        QApplication.sendEvent(row.field, event)
        return event.isAccepted()

    assert not wants_undo()
    QTest.keyClicks(row.field, "1")
    assert wants_undo()


# -- sliding -------------------------------------------------------------------------------------


def test_a_drag_is_live_and_one_step_of_undo(inspector: Inspector, session: Session) -> None:
    node = session.circuit.add("lif")
    row = row_of(inspector, session, "E_L", node)
    page, seen = inspector.page, []
    session.edited.connect(lambda edit: seen.append(session.circuit.values(node)["E_L"]))
    drag(row, 0.1, 0.3, 0.6, 1.2)
    assert len(seen) >= 4
    assert seen == sorted(seen)
    assert seen[-1] == -40.0
    assert row.field.text() == "\u221240 mV"
    assert inspector.page is page
    assert session.undo_stack.count() == 1
    session.undo()
    assert session.circuit.values(node)["E_L"] == -70.0
    assert row.field.text() == "\u221270 mV"


def test_the_slider_stops_short_of_what_is_not_possible(
    inspector: Inspector, session: Session
) -> None:
    node = session.circuit.add("lif")
    declared = session.circuit.kinds.get("lif").parameter("tau_m")
    row = ParameterRow(
        session,
        bindings._parameter(session.circuit, (node,), replace(declared, slider=(0.0, 100.0)), ""),
    )
    inspector.layout().addWidget(row)
    row.show()
    drag(row, 0.5, -0.2)
    assert 0.0 < session.circuit.values(node)["tau_m"] <= 1.0
    assert row.field.property("refused") is False


def test_arrow_keys_move_a_slider(inspector: Inspector, session: Session) -> None:
    node = session.circuit.add("lif")
    row = row_of(inspector, session, "E_L", node)
    row.slider.setFocus()
    QTest.keyClick(row.slider, Qt.Key.Key_Right)
    assert session.circuit.values(node)["E_L"] == pytest.approx(-69.4, abs=0.21)
    QTest.keyClick(row.slider, Qt.Key.Key_Right)
    assert session.undo_stack.count() == 2


def test_scales_are_by_factors_where_they_span_decades() -> None:
    wide, narrow = Scale(0.2, 50.0), Scale(-100.0, 50.0)
    assert (wide.by_factors, narrow.by_factors) == (True, False)
    assert wide.value(500) == pytest.approx(math.sqrt(0.2 * 50.0), rel=0.01)
    assert narrow.value(500) == pytest.approx(-25.0)
    assert (wide.value(0), wide.value(1000)) == (0.2, 50.0)
    assert (narrow.value(0), narrow.value(1000)) == (-100.0, 50.0)
    for scale in (wide, narrow, Scale(0.0, 24000.0), Scale(0.005, 1.0)):
        values = [scale.value(p) for p in range(0, 1001, 5)]
        assert values == sorted(values)
        assert all(
            abs(scale.position(v) - p) <= 10 for v, p in zip(values, range(0, 1001, 5), strict=True)
        )


def test_an_edit_from_elsewhere_shows(inspector: Inspector, session: Session) -> None:
    node = session.circuit.add("lif")
    row = row_of(inspector, session, "V_th", node)
    session.do(SetParameter(node, "V_th", -50.0))
    assert row.field.text() == "\u221250 mV"
    session.undo()
    assert row.field.text() == "\u221255 mV"


# -- several -------------------------------------------------------------------------------------


def test_several_of_one_kind_are_set_together(inspector: Inspector, session: Session) -> None:
    a, b = session.circuit.add("lif", C_m=100.0), session.circuit.add("lif", C_m=150.0)
    row = row_of(inspector, session, "C_m", a, b)
    assert row.field.text() == "mixed"
    assert row_of(inspector, session, "V_th", a, b).field.text() == "\u221255 mV"
    type_into(row_of(inspector, session, "C_m", a, b), "0.5 nF")
    assert [session.circuit.values(i)["C_m"] for i in (a, b)] == [500.0, 500.0]
    assert session.undo_stack.count() == 1
    session.undo()
    assert [session.circuit.values(i)["C_m"] for i in (a, b)] == [100.0, 150.0]


def test_dragging_several_is_one_step(inspector: Inspector, session: Session) -> None:
    a, b = session.circuit.add("lif"), session.circuit.add("lif", E_L=-80.0)
    drag(row_of(inspector, session, "E_L", a, b), 0.2, 0.5, 1.2)
    assert [session.circuit.values(i)["E_L"] for i in (a, b)] == [-40.0, -40.0]
    assert session.undo_stack.count() == 1
    session.undo()
    assert [session.circuit.values(i)["E_L"] for i in (a, b)] == [-70.0, -80.0]


def test_a_mixed_selection_can_be_narrowed(inspector: Inspector, session: Session) -> None:
    a, b = session.circuit.add("lif"), session.circuit.add("poisson")
    session.select([a, b])
    inspector.rebuild()
    assert isinstance(inspector.page, MixedPage)
    [button] = [w for w in inspector.page.findChildren(QPushButton) if "Poisson" in w.text()]
    button.click()
    assert session.selection == (b,)


def test_a_preset_sets_all_its_values_as_one_step(inspector: Inspector, session: Session) -> None:
    published = {"fast": {"tau_m": 5.0, "t_ref": 1.0}, "slow": {"tau_m": 50.0}}
    session.circuit.kinds.add(replace(LIF, name="mine", presets=published))
    node = session.circuit.add("mine", t_ref=3.0)
    box = page_of(inspector, session, node).parameters.choices["preset"].box
    assert box.currentText() == "custom"
    box.setCurrentText("slow")
    box.activated.emit(box.currentIndex())
    assert session.circuit.element(node).parameters == {"tau_m": 50.0}
    assert session.undo_stack.count() == 1
    session.do(SetParameter(node, "tau_m", 5.0))
    session.do(SetParameter(node, "t_ref", 1.0))
    assert box.currentText() == "fast"
    for _ in range(3):
        session.undo()
    assert session.circuit.element(node).parameters == {"t_ref": 3.0}


# -- nodes, links --------------------------------------------------------------------------------


def test_a_node_is_renamed_in_place(inspector: Inspector, session: Session) -> None:
    session.circuit.add("lif", label="B")
    node = session.circuit.add("lif", label="A")
    header = page_of(inspector, session, node).header
    header.label.selectAll()
    QTest.keyClicks(header.label, "B")
    QTest.keyClick(header.label, Qt.Key.Key_Return)
    assert "'B' is in use" in header.reason.text()
    assert session.circuit.node(node).label == "A"
    header.label.selectAll()
    QTest.keyClicks(header.label, "Motor pool")
    QTest.keyClick(header.label, Qt.Key.Key_Return)
    assert session.circuit.node(node).label == "Motor pool"
    assert not header.reason.isVisible()


def test_the_size_of_a_node_is_a_whole_number(inspector: Inspector, session: Session) -> None:
    node = session.circuit.add("lif")
    row = row_of(inspector, session, "size", node)
    type_into(row, "2.5")
    assert "no whole number" in row.reason.text()
    type_into(row, "100")
    assert (session.circuit.node(node).size, row.field.text()) == (100, "100")


def test_a_link_shows_its_ends_and_can_become_another_kind(
    inspector: Inspector, session: Session
) -> None:
    a, b = session.circuit.add("lif", label="A"), session.circuit.add("lif", label="B")
    link = session.circuit.connect(a, b, "ampa", weight=7.0, E_rev=10.0)
    page = page_of(inspector, session, link)
    assert page.header.label.text() == "A \u2192 B"
    box = page.parameters.choices["kind"].box
    offered = [box.itemData(i) for i in range(box.count())]
    assert {"ampa", "gaba_a"} <= set(offered)
    assert "injection" not in offered
    box.setCurrentIndex(offered.index("current_synapse"))
    box.activated.emit(box.currentIndex())
    changed = session.circuit.link(link)
    # A weight in nS is none in pA; what means the same stays.
    assert (changed.kind, dict(changed.parameters)) == ("current_synapse", {})
    session.undo()
    assert session.circuit.link(link).parameters == {"weight": 7.0, "E_rev": 10.0}


def test_the_connection_rule_brings_its_parameters(inspector: Inspector, session: Session) -> None:
    a, b = session.circuit.add("lif", size=10), session.circuit.add("lif", size=20)
    link = session.circuit.connect(a, b, "ampa")
    box = page_of(inspector, session, link).parameters.choices["rule"].box
    box.setCurrentIndex(box.findData("probability"))
    box.activated.emit(box.currentIndex())
    row = row_of(inspector, session, "p", link)
    type_into(row, "0.25")
    assert session.circuit.link(link).rule.value("p") == 0.25
    type_into(row, "1.5")
    assert "at most 1" in row.reason.text()


def test_a_rule_that_does_not_fit_is_refused_in_words(
    inspector: Inspector, session: Session
) -> None:
    a, b = session.circuit.add("lif", size=10), session.circuit.add("lif", size=20)
    link = session.circuit.connect(a, b, "ampa")
    said: list[str] = []
    session.message.connect(said.append)
    box = page_of(inspector, session, link).parameters.choices["rule"].box
    box.setCurrentIndex(box.findData("one_to_one"))
    box.activated.emit(box.currentIndex())
    assert "one to one needs equal sizes" in said[0]
    assert box.currentData() == "all_to_all"


class _Windows(QObject):
    """Notes what opens a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.opened.append(f"{type(watched).__name__} {watched.objectName()}")
        return False


def test_no_page_opens_a_window_for_a_moment(
    inspector: Inspector, session: Session, qapp: QApplication
) -> None:
    circuit = session.circuit
    nodes = [circuit.add(k.name) for k in circuit.kinds if k.family in ("neuron", "source")]
    links = [circuit.connect(i, nodes[0], k) for i in nodes[:1]
             for k in ("ampa", "dopamine", "gap_junction", "current_synapse")]  # fmt: skip
    circuit.apply(SetFeature(links[0], "stdp", {}))
    windows = _Windows()
    qapp.installEventFilter(windows)
    for element in (*nodes, *links):
        page_of(inspector, session, element)
    qapp.removeEventFilter(windows)
    assert windows.opened == []


# -- tabs and the circuit ------------------------------------------------------------------------


def test_the_equations_are_those_of_the_kind(inspector: Inspector, session: Session) -> None:
    page = page_of(inspector, session, session.circuit.add("hodgkin_huxley"))
    page.tabs.setCurrentIndex(1)
    tab = page.tabs.currentWidget()
    assert isinstance(tab, EquationsTab)
    text = tab.view.toPlainText().replace("\u00a0", " ")
    assert "dv/dt = (I \u2212 I_Na \u2212 I_K \u2212 I_L) / C_m" in text
    assert "I_Na = g_Na\u00b7m3\u00b7h\u00b7(v \u2212 E_Na)" in text
    assert "v > V_spike" in text
    assert "m = m_inf" in text


def test_the_integrator_is_named(inspector: Inspector, session: Session) -> None:
    page = page_of(inspector, session, session.circuit.add("hodgkin_huxley"))
    assert page.parameters._method.text().startswith(
        "Integrated with exponential Euler at 0.025 ms"
    )


def test_activity_shows_values_and_spikes(inspector: Inspector, session: Session) -> None:
    node = session.circuit.add("hodgkin_huxley")
    channel, recorder = Channel(node, "v", 0), session.recorder
    recorder.configure([channel], 0.5, 0)
    recorder.append(0, np.linspace(-65.0, -42.5, 2000)[None, :])
    number = recorder.node_number(node)
    recorder.add_spikes([100.0, 400.0, 900.0], [number, number + 1, number], [0, 0, 0])
    page = page_of(inspector, session, node)
    page.tabs.setCurrentIndex(2)
    tab = page.tabs.currentWidget()
    assert isinstance(tab, ActivityTab)
    assert tab.values["v"].text() == "\u221242.5 mV"  # type: ignore[attr-defined]
    assert tab.values["m"].text() == "\u2013"  # type: ignore[attr-defined]
    assert tab.spikes.text() == "2 spikes, 2 Hz"


def test_activity_adds_and_removes_probes(inspector: Inspector, session: Session) -> None:
    node = session.circuit.add("hodgkin_huxley")
    page = page_of(inspector, session, node)
    page.tabs.setCurrentIndex(2)
    tab = page.tabs.currentWidget()
    assert isinstance(tab, ActivityTab)
    tab.buttons["n"].click()
    assert [(p.node, p.variable) for p in session.circuit.bench.probes] == [(node, "n")]
    tab.buttons["n"].click()
    assert session.circuit.bench.probes == ()


def test_while_activity_is_seen_its_variables_are_recorded(
    inspector: Inspector, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched: list[list[tuple[str, str, int]]] = []
    monkeypatch.setattr(session, "set_watch", lambda channels: watched.append(list(channels)))
    node = session.circuit.add("lif")
    page = page_of(inspector, session, node)
    page.tabs.setCurrentIndex(2)
    assert watched[-1] == [(node, "v", 0)]
    page.tabs.setCurrentIndex(0)
    assert watched[-1] == []


def test_nothing_selected_shows_the_circuit(inspector: Inspector, session: Session) -> None:
    session.circuit.add("lif", size=100)
    session.circuit.add("poisson")
    page = inspector.page
    assert isinstance(page, SummaryPage)
    assert page.counts.text() == "2 nodes, 0 links, 100 neurons"
    type_into(page.rows["dt"], "0.1 ms")
    assert session.circuit.settings.dt == 0.1
    type_into(page.rows["seed"], "7")
    assert session.circuit.settings.seed == 7
    assert isinstance(session.circuit.settings.seed, int)


def test_the_title_is_written_there(inspector: Inspector, session: Session) -> None:
    page = inspector.page
    assert isinstance(page, SummaryPage)
    QTest.keyClicks(page.title, "Half")
    assert session.circuit.notes.title == "Half"
    assert session.undo_stack.count() == 1
    session.undo()
    assert page.title.text() == ""


def test_a_deleted_element_leaves_no_page(
    inspector: Inspector, session: Session, qtbot: QtBot
) -> None:
    node = session.circuit.add("lif")
    page_of(inspector, session, node)
    session.remove_selection()
    qtbot.waitUntil(lambda: isinstance(inspector.page, SummaryPage))
