"""The inspector: distributions, forms, expressions, lists, plasticity and rules."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from inspecting import choose, drag, page_of, row_of, type_into
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from pytestqt.qtbot import QtBot

from neurocanvas.app.activity_tab import ActivityTab
from neurocanvas.app.inspector import Inspector
from neurocanvas.app.inspector_summary import SummaryPage
from neurocanvas.app.session import Session
from neurocanvas.model.distributions import Distribution
from neurocanvas.model.edits import SetFeature, removal
from neurocanvas.sim.recording.recorder import Channel

# -- distributions -------------------------------------------------------------------------------


def test_a_distribution_is_typed_shown_and_taken_back(
    inspector: Inspector, session: Session, qtbot: QtBot
) -> None:
    node = session.circuit.add("lif", size=10)
    row = row_of(inspector, session, "V_th", node)
    narrow = row.field.width()
    type_into(row, "normal(-0.05 V, 1 mV)")
    assert session.circuit.node(node).parameters == {"V_th": Distribution("normal", -50.0, 1.0)}
    assert row.field.text() == "normal(-50 mV, 1 mV)".replace("-", "\u2212")
    assert (row.mark.on, row.slider.dim) == (True, True)
    assert row.slider.value() == row.slider.scale.position(-50.0)
    qtbot.waitUntil(lambda: row.field.width() > 2 * narrow)
    for form in ("normal(mean, standard deviation)", "lognormal(", "uniform(lowest, highest)"):
        assert form in row.field.toolTip()
    assert "drawn for each neuron" in row.field.toolTip()
    type_into(row, "-55")
    assert session.circuit.node(node).parameters == {}
    assert (row.mark.on, row.slider.dim) == (False, False)
    session.undo()
    assert row.field.text().startswith("normal(")
    assert session.undo_stack.count() == 2


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("normal(5 nS)", "is no distribution; there are normal(mean, standard deviation)"),
        ("gamma(5 nS, 1 nS)", "is no distribution"),
        ("uniform(5 nS, 1 nS)", "the lowest value comes first"),
        ("normal(-5 nS, 1 nS)", "weight = -5 nS is not possible"),
        ("normal(5 mV, 1 nS)", "is not in nS"),
    ],
)
def test_a_distribution_that_can_not_be_stays_in_red_with_the_reason(
    inspector: Inspector, session: Session, typed: str, reason: str
) -> None:
    a = session.circuit.add("lif", size=5)
    row = row_of(inspector, session, "weight", session.circuit.connect(a, a, "ampa"))
    type_into(row, typed)
    assert row.field.property("refused") is True
    assert reason in row.reason.text()
    assert "each synapse" in row._tip()


def test_a_slider_takes_a_distribution_along(inspector: Inspector, session: Session) -> None:
    node = session.circuit.add("lif", E_L="uniform(-72 mV, -68 mV)")
    row = row_of(inspector, session, "E_L", node)
    drag(row, 0.5, 1.2)
    assert session.circuit.value(node, "E_L") == Distribution("uniform", -42.0, -38.0)
    session.undo()
    assert session.circuit.value(node, "E_L") == Distribution("uniform", -72.0, -68.0)


def test_sizes_and_rules_take_numbers_only(inspector: Inspector, session: Session) -> None:
    row = row_of(inspector, session, "size", session.circuit.add("lif"))
    type_into(row, "normal(5, 1)")
    assert "is no number" in row.reason.text()
    assert "drawn" not in row.field.toolTip()


def test_a_preset_is_not_taken_for_a_distribution_with_its_mean(
    inspector: Inspector, session: Session
) -> None:
    node = session.circuit.add("adex")
    box = page_of(inspector, session, node).parameters.choices["preset"].box
    first = box.currentText()
    assert first != "custom"
    session.circuit.set(node, a=f"normal({session.circuit.values(node)['a']} nS, 1 nS)")
    assert box.currentText() == "custom"
    box.setCurrentText(first)
    box.activated.emit(box.currentIndex())
    assert session.circuit.node(node).parameters == {}


# -- forms, expressions, lists -------------------------------------------------------------------


def test_another_form_keeps_the_values_that_both_have(
    inspector: Inspector, session: Session, qtbot: QtBot
) -> None:
    node = session.circuit.add("rate", tau=25.0, size=7, label="R")
    form = page_of(inspector, session, node).parameters.choices["form"]
    assert [form.box.itemText(k) for k in range(form.box.count())] == [
        "rectifier", "logistic", "tanh"
    ]  # fmt: skip
    choose(form.box, "tanh")
    changed = session.circuit.node(node)
    assert (changed.kind, changed.parameters, changed.size) == ("rate_tanh", {"tau": 25.0}, 7)
    qtbot.waitUntil(lambda: "form" in inspector.page.parameters.choices)
    session.undo()
    assert session.circuit.node(node).kind == "rate"
    assert session.undo_stack.count() == 1


def test_forms_of_a_synapse_are_one_kind(inspector: Inspector, session: Session) -> None:
    a, b = session.circuit.add("lif"), session.circuit.add("lif")
    link = session.circuit.connect(a, b, "current_synapse", weight=70.0, delay=3.0)
    choices = page_of(inspector, session, link).parameters.choices
    kinds = [choices["kind"].box.itemText(k) for k in range(choices["kind"].box.count())]
    assert sum("Current" in title for title in kinds) == 2  # excitatory and inhibitory
    assert len(kinds) == len(set(kinds))
    choose(choices["form"].box, "alpha")
    assert session.circuit.link(link).kind == "current_synapse_alpha"
    assert session.circuit.link(link).parameters == {"weight": 70.0, "delay": 3.0}
    choices = page_of(inspector, session, link).parameters.choices
    assert choices["kind"].box.currentText() == "Current, excitatory"
    choose(choices["form"].box, "delta")
    assert session.circuit.link(link).parameters == {"delay": 3.0}  # its weight is in fC


def test_an_expression_is_checked_while_it_is_typed(inspector: Inspector, session: Session) -> None:
    node = session.circuit.add("poisson_of_time", label="P")
    row = page_of(inspector, session, node).parameters.choices["rate"]
    row.field.setFocus()
    row.field.selectAll()
    QTest.keyClicks(row.field, "20 + w")
    assert row.reason.text() == "column 6: 'w' is neither a variable, a parameter nor an input"
    assert row.reason.isVisible()
    assert session.undo_stack.count() == 0
    QTest.keyClick(row.field, Qt.Key.Key_Backspace)
    QTest.keyClick(row.field, Qt.Key.Key_T)
    assert not row.reason.isVisible()
    QTest.keyClick(row.field, Qt.Key.Key_Return)
    assert session.circuit.node(node).texts == {"rate": "20 + t"}
    assert row.mark.on
    QTest.keyClicks(row.field, " +")
    QTest.keyClick(row.field, Qt.Key.Key_Return)
    assert row.field.property("refused") is True
    assert session.circuit.node(node).texts == {"rate": "20 + t"}
    QTest.keyClick(row.field, Qt.Key.Key_Escape)
    assert row.field.text() == "20 + t"
    QTest.mouseClick(row.mark, Qt.MouseButton.LeftButton)
    assert session.circuit.node(node).texts == {}
    session.undo()
    assert row.field.text() == "20 + t"


def test_a_modulator_offers_the_parameters_of_its_target(
    inspector: Inspector, session: Session
) -> None:
    a, b = session.circuit.add("lif"), session.circuit.add("hodgkin_huxley")
    link = session.circuit.connect(a, b, "dopamine")
    box = page_of(inspector, session, link).parameters.choices["parameter"].box
    offered = [box.itemData(k) for k in range(box.count())]
    assert offered[0] == "weights"
    assert set(offered[1:]) == {p.name for p in session.circuit.kind_of(b).parameters}
    box.setCurrentIndex(offered.index("g_K"))
    box.activated.emit(box.currentIndex())
    assert session.circuit.link(link).texts == {"parameter": "g_K"}
    session.undo()
    assert box.currentData() == "weights"


def test_numbers_are_pasted_into_a_list(
    inspector: Inspector, session: Session, qapp: QApplication
) -> None:
    node = session.circuit.add("spike_list", label="S")
    rows = page_of(inspector, session, node).parameters.choices["data"]
    assert rows.counts["times"].whole_text() == "8 values, 10 ms to 340 ms"
    qapp.clipboard().setText("5 ms, 0.02 s\n30")
    rows.buttons["Paste\u2026"].click()
    dialog = rows.dialog
    assert dialog.status.text() == "Spike times: 3 values, 5 ms to 30 ms"
    dialog.field.setPlainText("5, 20, thirty")
    assert "line 1: 'thirty' is no number" in dialog.status.text()
    ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    assert not ok.isEnabled()
    dialog.field.setPlainText("5, 20, 30")
    dialog.units["times"].setCurrentText("s")
    dialog.units["times"].activated.emit(1)
    assert "5 s to 30 s" in dialog.status.text()
    dialog.units["times"].setCurrentText("ms")
    dialog.units["times"].activated.emit(0)
    ok.click()
    assert session.circuit.node(node).data == {"times": (5.0, 20.0, 30.0)}
    assert rows.counts["times"].whole_text() == "3 values, 5 ms to 30 ms"
    assert session.undo_stack.count() == 1
    rows.buttons["Clear"].click()
    assert rows.counts["times"].whole_text() == "no values"
    QTest.mouseClick(rows.mark, Qt.MouseButton.LeftButton)
    assert session.circuit.node(node).data == {}
    session.undo()
    session.undo()
    assert session.circuit.node(node).data == {"times": (5.0, 20.0, 30.0)}
    assert rows.counts["times"].whole_text() == "3 values, 5 ms to 30 ms"


def test_columns_of_a_file_are_chosen(
    inspector: Inspector, session: Session, tmp_path: Path
) -> None:
    node = session.circuit.add("current_table", label="T")
    rows = page_of(inspector, session, node).parameters.choices["data"]
    path = tmp_path / "recording.csv"
    path.write_text("cell,I_nA,time_s,V_mV\nA,0.1,0,-65\nA,0.2,0.5,-60\nA,0,1.5,-61\n")
    rows.open_file(path)
    dialog = rows.dialog
    places, units = dialog.places, dialog.units
    assert (places["times"].currentText(), units["times"].currentText()) == ("time_s", "s")
    assert (places["values"].currentText(), units["values"].currentText()) == ("I_nA", "nA")
    assert dialog.view.rowCount() == 3
    places["values"].setCurrentText("cell")
    places["values"].activated.emit(0)
    assert "line 2: 'A' is no number" in dialog.status.text()
    places["values"].setCurrentText("I_nA")
    places["values"].activated.emit(1)
    dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    assert session.circuit.node(node).data == {
        "times": (0.0, 500.0, 1500.0), "values": (100.0, 200.0, 0.0)
    }  # fmt: skip
    path.write_text("1\n2\n")
    rows.open_file(path)
    assert "there is 1 column, but 2 are needed" in rows.dialog.status.text()
    rows.dialog.reject()
    rows.open_file(tmp_path / "missing.csv")
    assert "missing.csv: can't be read" in rows.reason.text()


# -- plasticity ----------------------------------------------------------------------------------


def test_plasticity_is_switched_on_set_and_off(inspector: Inspector, session: Session) -> None:
    a, b = session.circuit.add("lif"), session.circuit.add("lif")
    link = session.circuit.connect(a, b, "ampa", weight=30.0)
    section = page_of(inspector, session, link).parameters.choices["plasticity"]
    switch, rows = section.switches["stdp"], section.rows["stdp"]
    assert not any(row.isVisible() for row in rows.values())
    switch.box.click()
    # The weight has room to grow: the default would be below it.
    assert session.circuit.link(link).features == {"stdp": {"w_max": 60.0}}
    assert all(row.isVisible() for row in rows.values())
    type_into(rows["tau_plus"], "0.015 s")
    assert session.circuit.link(link).features["stdp"] == {"w_max": 60.0, "tau_plus": 15.0}
    type_into(rows["eta"], "3")
    assert "stdp: eta = 3 is not possible" in rows["eta"].reason.text()
    drag(rows["tau_minus"], 0.2, 0.5, 1.2)
    assert session.circuit.link(link).features["stdp"]["tau_minus"] == 100.0
    assert session.undo_stack.count() == 3
    switch.box.click()
    assert session.circuit.link(link).features == {}
    session.undo()
    assert switch.box.isChecked()
    assert rows["tau_plus"].field.text() == "15 ms"


def test_links_that_carry_no_spikes_offer_no_plasticity(
    inspector: Inspector, session: Session
) -> None:
    a, b = session.circuit.add("rate"), session.circuit.add("rate")
    link = session.circuit.connect(a, b, "graded")
    assert "plasticity" not in page_of(inspector, session, link).parameters.choices


# -- rules ---------------------------------------------------------------------------------------


def test_a_rule_has_switches(inspector: Inspector, session: Session, qtbot: QtBot) -> None:
    a = session.circuit.add("lif", size=20)
    link = session.circuit.connect(a, a, "ampa", rule="gaussian_ring")
    page = page_of(inspector, session, link).parameters
    assert set(page.rows) >= {"sigma", "p_max", "weight"}
    assert "periodic" not in page.rows
    periodic, own = page.choices["periodic"], page.choices["self_links"]
    assert (periodic.box.isChecked(), own.box.isChecked()) == (True, False)
    periodic.box.click()
    own.box.click()
    rule = session.circuit.link(link).rule
    assert (dict(rule.values), rule.self_links) == ({"periodic": 0.0}, True)
    session.undo()
    session.undo()
    assert (periodic.box.isChecked(), own.box.isChecked()) == (True, False)
    choose(page.choices["rule"].box, "Fixed total number")
    qtbot.waitUntil(lambda: "n" in inspector.page.parameters.rows)
    row = inspector.page.parameters.rows["n"]
    type_into(row, "2.5")
    assert "no whole number" in row.reason.text()
    type_into(row, "40")
    assert session.circuit.link(link).rule.value("n") == 40


# -- what a link does now ------------------------------------------------------------------------


def activity_of(inspector: Inspector, session: Session, element: str) -> ActivityTab:
    page = page_of(inspector, session, element)
    page.tabs.setCurrentIndex(2)
    tab = page.tabs.currentWidget()
    assert isinstance(tab, ActivityTab)
    return tab


def test_a_link_shows_its_variables_weight_and_traces(
    inspector: Inspector, session: Session
) -> None:
    a, b = session.circuit.add("lif"), session.circuit.add("lif", label="B")
    link = session.circuit.connect(a, b, "ampa")
    tab = activity_of(inspector, session, link)
    assert list(tab.values) == ["g", "I", "w"]
    session.do(SetFeature(link, "stdp", {}))
    assert list(tab.values) == ["g", "I", "w", "stdp.x", "stdp.y"]
    channels = [Channel(link, "w", 0), Channel(link, "stdp.x", 0)]
    session.recorder.configure(channels, 0.5, 0)
    session.recorder.append(0, np.array([[5.0, 6.25], [0.0, 0.5]]))
    tab._update()
    assert [tab.values[name].text() for name in ("w", "stdp.x", "g")] == [
        "6.25 nS", "0.5", "\u2013"
    ]  # fmt: skip
    tab.buttons["w"].click()
    assert [(p.node, p.variable) for p in session.circuit.bench.probes] == [(link, "w")]
    session.do(SetFeature(link, "stdp", None))
    assert list(tab.values) == ["g", "I", "w"]
    session.remove_selection()
    assert session.circuit.bench.probes == ()


def test_the_engine_records_what_a_link_shows(
    inspector: Inspector, session: Session, qtbot: QtBot
) -> None:
    a, b = session.circuit.add("poisson", rate=5000), session.circuit.add("lif", label="B")
    link = session.circuit.connect(a, b, "ampa", weight=4.0)
    session.circuit.apply(SetFeature(link, "stdp", {"eta": 0.1}))
    session.start()
    session.set_speed(0)
    tab = activity_of(inspector, session, link)
    tab.buttons["stdp.x"].click()
    session.run()

    def learnt() -> bool:
        tab._update()
        weight, trace = (tab.values[name].text() for name in ("w", "stdp.x"))
        return weight not in ("\u2013", "4 nS") and trace not in ("\u2013", "0")

    qtbot.waitUntil(learnt, timeout=60_000)


# -- Dale's principle ----------------------------------------------------------------------------


def test_the_circuit_warns_of_neurons_that_do_both(inspector: Inspector, session: Session) -> None:
    a, b = session.circuit.add("lif", label="A"), session.circuit.add("lif", label="B")
    session.circuit.connect(a, b, "ampa")
    wrong = session.circuit.connect(a, b, "gaba_a")
    page = inspector.page
    assert isinstance(page, SummaryPage)
    assert not page.warnings.isVisible()
    page.dale.box.click()
    assert session.circuit.settings.dale
    assert page.warnings.text() == "A both excites B (ampa) and inhibits B (gaba_a)"
    assert page.warnings.isVisible()
    session.do(removal(session.circuit, [wrong]))
    assert not page.warnings.isVisible()
    session.undo()
    session.undo()
    assert (page.dale.box.isChecked(), page.warnings.isVisible()) == (False, False)
