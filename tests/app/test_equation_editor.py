"""The editor of own equations: what it says of a text, offers, previews and hands on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from model.test_expressions import HOSTILE
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from neurocanvas import library
from neurocanvas.app import palette_menu, theme
from neurocanvas.app.equation_editor import worker as worker_module
from neurocanvas.app.equation_editor.checking import examine
from neurocanvas.app.equation_editor.dialog import REST_MS, EquationDialog
from neurocanvas.app.equation_editor.drafts import Draft, Row, draft_of
from neurocanvas.app.equation_editor.guesses import guess
from neurocanvas.app.equation_editor.opening import Editors, new_kind
from neurocanvas.app.equation_editor.problems import DEFAULT, DOC, MAXIMUM, MINIMUM, NAME
from neurocanvas.app.equation_editor.response import (
    Question,
    Response,
    Stopped,
    answer,
    envelope,
)
from neurocanvas.app.equation_editor.worker import Worker
from neurocanvas.app.equation_text import sections
from neurocanvas.app.equations_tab import EquationsTab
from neurocanvas.app.parts import part_of
from neurocanvas.app.session import Session
from neurocanvas.library.neurons.lif import LIF
from neurocanvas.model.edits import SetOwnKind
from neurocanvas.model.kinds import NeuronKind
from neurocanvas.model.own_kinds import copy_of

KINDS = library.registry()
NEURONS = [kind for kind in KINDS if isinstance(kind, NeuronKind)]
NEW = new_kind(())
WAIT_MS = 30_000


def draft(equations: str, rows: tuple[Row, ...] = (), **texts: str) -> Draft:
    """A draft of nothing but these texts."""
    base = NeuronKind("own_x", "X", "X", "", "", (), "")
    return Draft(base, "X", "X", "", {"equations": equations, **texts}, "current", rows)


def said(found: Draft) -> list[tuple[str, int, int, int]]:
    """Field, line, column and length of all problems."""
    return [(p.field, p.line, p.column, p.length) for p in examine(found).problems]


# -- what is wrong, and where --------------------------------------------------------------------


@pytest.mark.parametrize("kind", NEURONS, ids=lambda kind: kind.name)
def test_every_neuron_of_the_library_is_shown_and_read_back(kind: NeuronKind):
    copied = copy_of(kind, [k.name for k in KINDS])
    found = examine(draft_of(copied))
    assert found.problems == ()
    assert found.kind is not None
    assert found.kind.system.derivatives == copied.system.derivatives
    assert found.kind.system.definitions == copied.system.definitions
    assert found.kind.initial_values == copied.initial_values
    for mine, theirs in zip(found.kind.reset_statements, copied.reset_statements, strict=True):
        assert (mine.target, mine.operator, mine.expr) == (
            theirs.target, theirs.operator, theirs.expr,
        )  # fmt: skip
    assert found.kind.spike_condition == copied.spike_condition
    for attribute in ("parameters", "refractory", "main", "output", "accepts", "update", "name"):
        assert getattr(found.kind, attribute) == getattr(copied, attribute), attribute
    assert found.kind.recordable == copied.recordable


@pytest.mark.parametrize(
    ("text", "line", "column", "length"),
    [
        ("dv/dt = -v +", 0, 11, 1),
        ("dv/dt = -v\nq = 2v", 1, 4, 2),
        ("dv/dt = -v $ 3", 0, 11, 1),
        ("dv/dt = -v\nw + 3", 1, 0, 1),
        ("dv/dt = -v\n  1x = 3", 1, 2, 2),
        ("dv/dt = -v\nexp = 3", 1, 0, 3),
        ("dv/dt = -v\nq = 1\nq = 2", 2, 0, 1),
        ("dv/dt = -v\nt = 2", 1, 0, 1),
        ("dv/dt = -v\nv += 2", 1, 0, 1),
        ("dv/dt = sin(v, 2)", 0, 8, 3),
        ("dv/dt = v**v**v", 0, 11, 1),
        ("dv/dt = open(v)", 0, 8, 4),
    ],
)
def test_faults_are_found_at_their_character(text: str, line: int, column: int, length: int):
    assert ("equations", line, column, length) in said(draft(text))


def test_all_faults_are_found_at_once():
    found = examine(
        draft("dv/dt = a*v +\ndw/dt = (b - w)/tau\nq = c $", threshold="v > ", reset="x=1")
    )
    assert [(p.field, p.line) for p in found.problems] == [
        ("equations", 0), ("equations", 2), ("equations", 1), ("equations", 1),
        ("threshold", 0), ("reset", 0),
    ]  # fmt: skip
    assert found.undeclared == ("b", "tau")
    assert found.kind is None


def test_names_that_are_declared_nowhere_are_offered_where_they_stand():
    found = examine(draft("dv/dt = (E_L - v)/tau  # tau is slow", threshold="v > V_th"))
    assert [(p.undeclared, p.field, p.column) for p in found.problems] == [
        ("E_L", "equations", 9), ("tau", "equations", 18), ("V_th", "threshold", 4),
    ]  # fmt: skip
    rows = tuple(Row(name, "1") for name in ("E_L", "tau", "V_th", "spare"))
    declared = examine(draft("dv/dt = (E_L - v)/tau", rows, threshold="v > V_th"))
    assert (declared.problems, declared.unused) == ((), ("spare",))


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("threshold", "v + 1", "a threshold has the form"),
        ("threshold", "v > w - v", "a threshold has the form"),
        ("threshold", "v > __x", "no complete|names begin"),
        ("reset", "q = 1", "q is no state variable"),
        ("reset", "dv/dt = 1", "v is no state variable"),
        ("initial", "q = 1", "q is no state variable"),
        ("initial", "v = 1\nv = 2", "two initial values"),
        ("initial", "v += 1", "is no state variable"),
        ("refractory", "2 ms", "the name of a parameter in ms"),
        ("refractory", "k", "k is in pF; a time in ms is needed"),
        ("refractory", "t_ref", "declared nowhere"),
        ("output", "nothing", "is no variable of the equations"),
        ("update", "q = 1", "q is no state variable"),
        ("interval", "I", "the name of a parameter"),
    ],
)
def test_every_field_is_looked_at(field: str, text: str, words: str):
    found = examine(
        draft(
            "dv/dt = w + I/k\ndw/dt = -w\nq = v",
            (Row("k", "1 pF"),),
            **{"threshold": "v > 1", field: text},
        )
    )
    (problem,) = found.problems
    assert problem.field == field
    assert any(part in problem.words for part in words.split("|"))
    assert found.kind is None


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (Row("", "1"), NAME, "needs a name"),
        (Row("exp", "1"), NAME, "is a function"),
        (Row("xi", "1"), NAME, "meaning of its own"),
        (Row("a b", "1"), NAME, "can't be the name"),
        (Row("k", "1"), NAME, "there twice"),
        (Row("p", "x"), DEFAULT, "is no number"),
        (Row("p", "5 parsec"), DEFAULT, "is no unit of equations"),
        (Row("p", "5 mV", minimum="6 mV"), DEFAULT, "must be at least 6 mV"),
        (Row("p", "0 mV", minimum="> 0 mV"), DEFAULT, "must be above 0 mV"),
        (Row("p", "5 mV", minimum="1 pA"), MINIMUM, "is not in mV"),
        (Row("p", "5 mV", maximum="x"), MAXIMUM, "is no number"),
        (Row("p", "5", minimum="9", maximum="7"), DEFAULT, "above its maximum"),
    ],
)
def test_every_cell_is_looked_at(row: Row, column: int, words: str):
    found = examine(draft("dv/dt = k*v", (Row("k", "1"), row)))
    problems = [p for p in found.problems if p.field == "parameters"]
    assert [(p.line, p.column) for p in problems] == [(1, column)]
    assert words in problems[0].words


def test_bounds_are_read_with_their_limit_in_or_out():
    rows = (
        Row("a", "0.2 nF", "> 0", "1 uF", "Holds charge."),
        Row("b", "5", ">= 0"),
    )
    found = examine(draft("dv/dt = I/a + b*v", rows))
    assert found.kind is not None
    a, b = found.kind.parameters
    assert (a.default, a.unit, a.minimum, a.strict, a.maximum) == (200.0, "pF", 0.0, True, 1e6)
    assert (b.minimum, b.strict) == (0.0, False)


def test_comments_behind_equations_are_units_and_words():
    text = "dv/dt = -v + w  # mV: Membrane potential\ndw/dt = -w # nS\nq = v  # just words\nr = w"
    found = examine(draft(text))
    assert found.kind is not None
    assert [(v.name, v.unit, v.doc) for v in found.kind.recordable.values()] == [
        ("v", "mV", "Membrane potential."), ("w", "nS", ""), ("q", "1", "just words."),
        ("r", "1", ""),
    ]  # fmt: skip


def test_a_variable_has_the_unit_of_what_it_is_compared_with():
    found = examine(draft("dv/dt = -v\ndw/dt = -w", (Row("V_th", "5 mV"),), threshold="v > V_th"))
    assert found.kind is not None
    assert [found.kind.recordable[name].unit for name in "vw"] == ["mV", "1"]


def test_without_a_v_the_first_variable_is_the_main_one():
    found = examine(draft("q = x\ndx/dt = I - x\ndy/dt = -y"))
    assert found.kind is not None
    assert found.kind.main == "x"


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:30]))
def test_hostile_text_is_refused_while_it_is_typed(text: str):
    if text == "v # w":
        return  # a comment
    started = time.thread_time()
    found = examine(draft(f"dv/dt = {text}", threshold=f"v > {text}", reset=f"v = {text}"))
    assert time.thread_time() - started < 0.15
    assert found.kind is None
    assert found.problems


def test_very_long_text_is_refused_at_once():
    started = time.thread_time()
    found = examine(draft("dv/dt = -v\n" * 5000))
    assert time.thread_time() - started < 0.05
    assert "too many" in found.problems[0].words


@pytest.mark.parametrize(
    ("name", "unit"),
    [("C_m", "pF"), ("tau_m", "ms"), ("E_L", "mV"), ("g_Kleak", "nS"), ("tau_slow", "ms"),
     ("I_bias", "pA"), ("V_half", "mV"), ("theta", "mV"), ("rate", "Hz"), ("alpha", "1"),
     ("t_ref", "ms"), ("n_max", "1")],
)  # fmt: skip
def test_new_parameters_begin_with_a_likely_unit(name: str, unit: str):
    row = guess(name, KINDS)
    found = examine(draft(f"dv/dt = -v*{name}", (row,)))
    assert found.kind is not None
    assert (found.kind.parameters[0].name, found.kind.parameters[0].unit) == (name, unit)


# -- what it does --------------------------------------------------------------------------------


def question(kind: NeuronKind, amplitude: float = 300.0, duration: float = 200.0) -> Question:
    return Question(kind, amplitude, duration, 0.025, 1)


def test_the_response_is_that_of_the_closed_form():
    found = answer(question(LIF), lambda: True)
    # From rest, tau ln(RI/(RI - 15)) with RI = tau I/C = 30 mV, then after each refractory period.
    first = 20.0 * np.log(2.0)
    expected = 20.0 + first + np.arange(8) * (first + 2.0)
    np.testing.assert_allclose(found.spikes, expected[expected < 160.0], atol=1e-6)
    assert found.exact
    quiet = found.times < 20.0
    np.testing.assert_allclose(found.values[quiet], -70.0, atol=1e-9)


@pytest.mark.parametrize("name", ["rate_tanh", "mcculloch_pitts"])
def test_rate_units_get_a_plain_number(name: str):
    found = answer(question(KINDS.get(name), 1.0, 100.0), lambda: True)
    assert found.trouble == ""
    assert found.values[-1] < found.values[len(found.values) // 2] == pytest.approx(1.0, abs=0.02)


def test_noise_is_shown_by_the_engine():
    noisy = replace(LIF, name="own_noisy", equations="dv/dt = (E_L - v)/tau_m + 0.5*xi + 0*I")
    found = answer(question(noisy, 0.0, 50.0), lambda: True)
    assert not found.exact
    assert 0.1 < np.std(found.values) < 5.0


def test_what_the_reference_can_not_solve_the_engine_shows():
    at_once = replace(
        KINDS.get("rate"), name="own_now", equations="dv/dt = -v/tau\nr = I + v", parameters=(
            KINDS.get("rate").parameter("tau"),), initial={}, main="v",
    )  # fmt: skip
    found = answer(question(at_once, 1.0, 10.0), lambda: True)
    assert not found.exact
    np.testing.assert_array_equal(found.values, 0.0)


def test_nobody_waits_for_an_answer_that_nobody_wants():
    asked = []

    def wanted() -> bool:
        asked.append(threading.current_thread())
        return len(asked) < 5

    with pytest.raises(Stopped):
        answer(question(KINDS.get("hodgkin_huxley"), 1000.0, 10_000.0), wanted)
    assert len(asked) == 5


def test_a_reduced_trace_keeps_every_peak():
    values = np.zeros(10_007)
    values[5003] = 7.0
    _, low, high = envelope(np.arange(10_007.0), values, 300)
    assert len(high) <= 300
    assert (low.min(), high.max(), np.count_nonzero(high)) == (0.0, 7.0, 1)


@pytest.fixture
def worker(qapp, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    monkeypatch.setattr(worker_module, "PREPARE_AFTER_S", 1000.0)
    made = Worker()
    yield made
    made.close()
    made.wait()


def test_only_the_newest_question_is_answered(worker: Worker, qtbot: QtBot):
    got: list[Response] = []
    worker.answered.connect(got.append)
    slow = question(KINDS.get("hodgkin_huxley"), 1000.0, 10_000.0)
    worker.ask(replace(slow, number=1))
    worker.ask(replace(slow, number=2))
    worker.ask(replace(question(LIF), number=3))
    qtbot.waitUntil(lambda: len(got) == 1, timeout=WAIT_MS)
    assert got[0].question.number == 3
    worker.ask(replace(slow, number=4))
    worker.forget(5)
    worker.ask(replace(question(LIF), number=6))
    qtbot.waitUntil(lambda: len(got) == 2, timeout=WAIT_MS)
    assert got[1].question.number == 6


def test_what_can_not_be_computed_is_said_in_words(worker: Worker, qtbot: QtBot):
    blows_up = replace(LIF, name="own_up", equations="dv/dt = v*v*0.01 + I", threshold="", reset="",
                       refractory="")  # fmt: skip
    with qtbot.waitSignal(worker.answered, timeout=WAIT_MS) as found:
        worker.ask(question(blows_up))
    assert "v" in found.args[0].trouble
    assert "finite" in found.args[0].trouble or "too fast" in found.args[0].trouble


# -- the window ----------------------------------------------------------------------------------


@pytest.fixture
def make_dialog(
    qtbot: QtBot, dark: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., EquationDialog]]:
    """Makes shown editors that close without asking."""
    monkeypatch.setattr(worker_module, "PREPARE_AFTER_S", 1000.0)
    made: list[EquationDialog] = []

    def make(kind: NeuronKind = NEW, taken: tuple[str, ...] | None = ()) -> EquationDialog:
        dialog = EquationDialog(kind, KINDS, taken, 0.025)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        dialog.show()
        qtbot.waitExposed(dialog)
        made.append(dialog)
        return dialog

    yield make
    for dialog in made:
        dialog.settle()
        dialog.close()
        dialog.preview.worker.wait()
        dialog.deleteLater()


@pytest.fixture
def dialog(make_dialog: Callable[..., EquationDialog]) -> EquationDialog:
    return make_dialog()


def type_at_end(dialog: EquationDialog, text: str) -> None:
    cursor = dialog.equations.textCursor()
    cursor.movePosition(cursor.MoveOperation.End)
    dialog.equations.setTextCursor(cursor)
    for number, line in enumerate(text.split("\n")):
        if number:
            QTest.keyClick(dialog.equations, Qt.Key.Key_Return)
        QTest.keyClicks(dialog.equations, line)


def underlined(field) -> list[str]:
    """The texts with a wave under them."""
    return [mark.cursor.selectedText() for mark in field.extraSelections()]


def test_it_opens_with_a_neuron_that_works(dialog: EquationDialog, qtbot: QtBot):
    assert dialog.found.kind is not None
    assert "Integrated with exponential Euler" in dialog.words.text()
    assert dialog.ok_button.isEnabled()
    qtbot.waitUntil(lambda: dialog.preview.plot.response is not None, timeout=WAIT_MS)
    assert len(dialog.preview.plot.response.spikes) == 8
    assert not dialog.preview.plot.stale


def test_faults_show_within_a_moment_at_their_character(dialog: EquationDialog, qtbot: QtBot):
    assert REST_MS < 150
    type_at_end(dialog, "\nq = 2v + $")
    assert not dialog.ok_button.isEnabled(), "nothing is taken that has not been looked at"
    typed = time.perf_counter()
    qtbot.waitUntil(lambda: bool(dialog.equations.problems), timeout=1000)
    assert time.perf_counter() - typed < 1.0
    assert underlined(dialog.equations) == ["$"]
    assert dialog.words.text().startswith("Line 2: '$' has no meaning")
    assert dialog.preview.plot.stale
    for _ in " + $":
        QTest.keyClick(dialog.equations, Qt.Key.Key_Backspace)
    dialog.examine()
    assert underlined(dialog.equations) == ["2v"]
    QTest.mouseClick(dialog.words, Qt.MouseButton.LeftButton)
    assert dialog.equations.textCursor().positionInBlock() == 4
    for _ in "2v":
        QTest.keyClick(dialog.equations, Qt.Key.Key_Delete)
    QTest.keyClicks(dialog.equations, "2*v")
    dialog.examine()
    assert underlined(dialog.equations) == []
    assert dialog.ok_button.isEnabled()


def test_characters_beyond_the_base_plane_do_not_shift_the_wave(dialog: EquationDialog):
    dialog.equations.setPlainText("dv/dt = -v  # \U0001f9e0\nq = p")
    dialog.examine()
    assert underlined(dialog.equations) == ["p"]
    dialog.equations.setPlainText("dv/dt = \U0001f9e0 + 1")
    dialog.examine()
    assert underlined(dialog.equations) == ["\U0001f9e0"]


def test_the_words_of_a_fault_are_its_tooltip(dialog: EquationDialog):
    dialog.equations.setPlainText("dv/dt = -v + $")
    dialog.examine()
    assert "has no meaning" in dialog.equations.problem_at(13).words
    assert dialog.equations.problem_at(2) is None


def test_what_is_used_is_declared_with_one_click(dialog: EquationDialog):
    type_at_end(dialog, "\nq = g_x*(v - E_x)")
    dialog.examine()
    assert list(dialog.offers.buttons) == ["+ g_x", "+ E_x", "Add all 2"]
    QTest.mouseClick(dialog.offers.buttons["+ g_x"], Qt.MouseButton.LeftButton)
    assert dialog.table.rows.rows[-1] == Row("g_x", "10 nS", "0 nS", "", "Conductance.")
    assert list(dialog.offers.buttons) == ["+ E_x"]
    QTest.mouseClick(dialog.offers.buttons["+ E_x"], Qt.MouseButton.LeftButton)
    assert dialog.found.kind is not None
    assert [p.unit for p in dialog.found.kind.parameters[-2:]] == ["nS", "mV"]


def test_a_refractory_period_is_declared_in_ms(dialog: EquationDialog):
    dialog.form.fields["refractory"].setPlainText("pause")
    dialog.examine()
    dialog.declare(["pause"])
    assert dialog.found.problems == ()
    assert dialog.table.rows.rows[-1].default == "2 ms"


def test_what_is_not_used_can_go(dialog: EquationDialog):
    for name in ("threshold", "reset", "refractory", "initial"):
        dialog.form.fields[name].setPlainText("")
    dialog.examine()
    assert dialog.found.unused == ("V_th", "V_reset", "t_ref", "v_0")
    QTest.mouseClick(dialog.offers.buttons["Take away 4 unused"], Qt.MouseButton.LeftButton)
    assert [row.name for row in dialog.table.rows.rows] == ["C_m", "tau_m", "E_L"]


def edit_cell(qtbot: QtBot, dialog: EquationDialog, row: int, column: int, text: str) -> None:
    table = dialog.table
    table.setFocus()
    table.setCurrentIndex(table.rows.index(row, column))
    QTest.keyClick(table, Qt.Key.Key_Return)
    editor = table.findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: table.findChild(QLineEdit) is None)
    dialog.examine()


def test_cells_are_typed_with_units_and_refused_in_words(dialog: EquationDialog, qtbot: QtBot):
    edit_cell(qtbot, dialog, 0, DEFAULT, "0.25nF")
    assert dialog.found.kind.parameter("C_m").default == 250.0
    edit_cell(qtbot, dialog, 0, DEFAULT, "0 pF")
    index = dialog.table.rows.index(0, DEFAULT)
    assert "must be above 0 pF" in index.data(Qt.ItemDataRole.ToolTipRole)
    assert index.data(Qt.ItemDataRole.ForegroundRole).name() == theme.current().bad
    assert not dialog.ok_button.isEnabled()
    edit_cell(qtbot, dialog, 0, DEFAULT, "1 nF")
    edit_cell(qtbot, dialog, 0, MAXIMUM, "2 nF")
    edit_cell(qtbot, dialog, 0, DOC, "Holds charge")
    parameter = dialog.found.kind.parameter("C_m")
    assert (parameter.maximum, parameter.doc) == (2000.0, "Holds charge")


def test_a_new_parameter_is_typed_at_the_end_and_goes_with_del(
    dialog: EquationDialog, qtbot: QtBot
):
    count = len(dialog.table.rows.rows)
    edit_cell(qtbot, dialog, count, NAME, "extra")
    assert dialog.table.rows.rows[-1] == Row("extra", "1")
    assert dialog.found.unused == ("extra",)
    dialog.table.setCurrentIndex(dialog.table.rows.index(count, NAME))
    QTest.keyClick(dialog.table, Qt.Key.Key_Delete)
    assert len(dialog.table.rows.rows) == count


@pytest.mark.parametrize(
    ("equations", "words"),
    [
        ("dv/dt = -v*v + I", "Integrated with RK4: dv/dt is not linear in v"),
        ("dv/dt = w - v + I\ndw/dt = v*(1 - w)", "Integrated with exponential Euler"),
        ("dv/dt = -v/10 + w\ndw/dt = -w/5 - v", "Integrated exactly: it is a linear system"),
        ("dv/dt = -v/10 + v*xi", "added, times parameters"),
    ],
)
def test_it_says_which_integrator_will_be_used_and_why(
    dialog: EquationDialog, equations: str, words: str
):
    for name in ("threshold", "reset", "refractory", "initial"):
        dialog.form.fields[name].setPlainText("")
    dialog.equations.setPlainText(equations)
    dialog.examine()
    assert words in dialog.words.text()
    assert dialog.ok_button.isEnabled() == ("times parameters" not in words)


def test_the_preview_follows_amplitude_and_time(dialog: EquationDialog, qtbot: QtBot):
    preview = dialog.preview
    qtbot.waitUntil(lambda: preview.plot.response is not None, timeout=WAIT_MS)
    for field, text in ((preview.amplitude_field, "0.1 nA"), (preview.duration_field, "50 ms")):
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not preview.plot.stale, timeout=WAIT_MS)
    response = preview.plot.response
    assert (response.question.amplitude, response.question.duration_ms) == (100.0, 50.0)
    assert response.times[-1] == pytest.approx(50.0)
    assert len(response.spikes) == 0, "100 pA are below the rheobase of 150 pA"
    preview.amplitude_field.setText("")
    QTest.keyClicks(preview.amplitude_field, "3 mV")
    QTest.keyClick(preview.amplitude_field, Qt.Key.Key_Return)
    assert "is not in pA" in preview.amplitude_field.refused


def test_the_window_does_not_wait_for_the_preview(dialog: EquationDialog, qtbot: QtBot):
    threads = set()
    dialog.preview.worker.answered.connect(
        lambda _: threads.add(threading.current_thread().name), Qt.ConnectionType.DirectConnection
    )
    dialog.preview.duration = 2000.0
    began = time.perf_counter()
    dialog.preview._ask()
    assert time.perf_counter() - began < 0.1
    qtbot.waitUntil(lambda: bool(threads), timeout=WAIT_MS)
    assert threads == {"neurocanvas-preview"}


def test_enter_in_a_field_of_one_line_leads_on(dialog: EquationDialog):
    field = dialog.form.fields["threshold"]
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert "\n" not in field.toPlainText()


def test_rows_for_rate_units_open_where_they_are_needed(make_dialog):
    plain = make_dialog()
    assert not plain.form.is_open
    QTest.mouseClick(plain.form.more, Qt.MouseButton.LeftButton)
    assert plain.form.is_open
    rate = make_dialog(copy_of(KINDS.get("mcculloch_pitts"), ()))
    assert rate.form.is_open
    assert rate.form.accepts == "rate"
    assert rate.preview.amplitude_field.text() == "1"


def test_name_and_symbol_are_needed(dialog: EquationDialog):
    dialog.symbol.setText("much too long")
    dialog.examine()
    assert dialog.symbol.property("refused") is True
    assert "the symbol has 1 to" in dialog.words.text()
    dialog.symbol.setText("ok")
    dialog.title.setText(" ")
    dialog.examine()
    assert "the name has 1 to" in dialog.words.text()
    assert not dialog.ok_button.isEnabled()


def test_the_name_of_a_new_kind_follows_its_title_that_of_an_old_one_stays(make_dialog):
    new = make_dialog(taken=("own_fast_cell",))
    new.title.setText("Fast cell")
    new.examine()
    assert new.found.kind.name == "own_fast_cell_2"
    old = make_dialog(replace(NEW, name="own_old"), None)
    old.title.setText("Fast cell")
    old.examine()
    assert (old.found.kind.name, old.found.kind.title) == ("own_old", "Fast cell")


def test_changes_are_not_thrown_away_without_a_word(make_dialog, monkeypatch: pytest.MonkeyPatch):
    asked = []

    def answered(button):
        return lambda box: asked.append(box.text()) or button

    dialog = make_dialog()
    type_at_end(dialog, "\nq = v")
    monkeypatch.setattr(QMessageBox, "exec", answered(QMessageBox.StandardButton.Cancel))
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert asked == ["Discard the changes of My neuron?"]
    monkeypatch.setattr(QMessageBox, "exec", answered(QMessageBox.StandardButton.Discard))
    QTest.mouseClick(dialog.cancel_button, Qt.MouseButton.LeftButton)
    assert not dialog.isVisible()
    unchanged = make_dialog()
    QTest.keyClick(unchanged, Qt.Key.Key_Escape)
    assert not unchanged.isVisible()
    assert len(asked) == 2


def test_it_is_painted_in_both_themes(dialog: EquationDialog, qtbot: QtBot):
    qtbot.waitUntil(lambda: dialog.preview.plot.response is not None, timeout=WAIT_MS)
    type_at_end(dialog, "\nq = 2v + p")
    dialog.examine()
    for colours in (theme.DARK, theme.LIGHT):
        with theme.forced(colours):
            theme.changed.emit(colours)
            picture = dialog.preview.plot.grab().toImage()
            found = {
                picture.pixelColor(x, y).name()
                for x in range(0, picture.width(), 2)
                for y in range(0, picture.height(), 2)
            }
        assert colours.scope in found
        assert colours.scope_grid in found
    theme.changed.emit(theme.current())


# -- for the circuit -----------------------------------------------------------------------------


@pytest.fixture
def editors(
    qtbot: QtBot, dark: None, session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Editors]:
    monkeypatch.setattr(worker_module, "PREPARE_AFTER_S", 1000.0)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    made = Editors(session, None, lambda: (10.0, 20.0))
    workers: list[Worker] = []
    plain = made._made
    monkeypatch.setattr(made, "_made", lambda name: noted(plain(name)))

    def noted(dialog: EquationDialog) -> EquationDialog:
        workers.append(dialog.preview.worker)
        return dialog

    yield made
    made.close_all()
    for worker in workers:
        worker.wait()


def test_ok_gives_the_circuit_a_kind_and_a_node_in_one_step(editors: Editors, session: Session):
    dialog = editors.open("")
    dialog.accept()
    (node,) = session.circuit.nodes()
    assert (node.kind, node.label, node.x, node.y) == ("own_my_neuron", "dv", 10.0, 20.0)
    assert session.selection == (node.id,)
    assert session.undo_stack.count() == 1
    session.undo()
    assert session.circuit.own_kinds == {}
    session.redo()
    assert list(session.circuit.own_kinds) == ["own_my_neuron"]


def test_each_kind_has_one_editor(editors: Editors):
    assert editors.open("") is editors.open("")
    assert editors.open("lif") is not editors.open("")
    assert editors.open("lif").title.text() == "My Integrate and fire"


def test_a_kind_in_use_is_changed_under_its_nodes(editors: Editors, session: Session):
    editors.open("").accept()
    (node,) = session.circuit.nodes()
    session.circuit.set(node.id, tau_m=5.0, C_m=100.0)
    dialog = editors.open("own_my_neuron")
    dialog.equations.setPlainText("dv/dt = (E_L - v)/tau_m + I/200")
    dialog.examine()
    dialog.take_away(["C_m"])
    dialog.accept()
    assert session.circuit.node(node.id).parameters == {"tau_m": 5.0}
    assert len(session.circuit) == 1
    session.undo()
    assert session.circuit.node(node.id).parameters == {"tau_m": 5.0, "C_m": 100.0}
    assert "C_m" in session.circuit.kind_of(node.id).equations


def test_what_the_circuit_refuses_is_said_and_the_editor_stays(editors: Editors, session: Session):
    editors.open("").accept()
    (node,) = session.circuit.nodes()
    session.circuit.connect(node.id, node.id, "ampa")
    dialog = editors.open("own_my_neuron")
    for name in ("threshold", "reset", "refractory"):
        dialog.form.fields[name].setPlainText("")
    dialog.examine()
    dialog.accept()
    assert dialog.isVisible()
    assert "AMPA carries spikes" in dialog.words.text()
    assert session.circuit.kind_of(node.id).threshold


def test_user_kinds_are_kept_and_forgotten(editors: Editors, session: Session):
    dialog = editors.open("")
    dialog.kept.emit(dialog.found.kind)
    assert "own_my_neuron" in session.user_kinds
    assert "own_my_neuron" not in session.circuit.kinds
    assert "own_my_neuron" in session.offered()
    session.user_kinds.kinds = ()
    assert session.user_kinds.load() == []
    assert "own_my_neuron" in session.user_kinds
    session.user_kinds.remove("own_my_neuron")
    assert "own_my_neuron" not in session.offered()


def test_kinds_go_out_to_files_and_come_in(
    editors: Editors, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "mine.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine"), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    first = editors.open("")
    first.title.setText("Travels")
    first._hand_on(first.exported)
    assert path.exists()
    other = editors.open("lif")
    other.import_wanted.emit()
    assert other.title.text() == "Travels"
    path.write_text(path.read_text("utf-8").replace("E_L - v", "().__class__"), "utf-8")
    other.import_wanted.emit()
    assert "mine.json: kind" in other.words.text()
    assert "equations: line 1, column" in other.words.text()


def test_another_document_closes_the_editors(editors: Editors, session: Session):
    dialog = editors.open("")
    type_at_end(dialog, "\nq = v")
    session.new()
    assert editors.dialogs == {}


def test_the_window_asks_before_a_text_is_lost_with_its_document(
    make_window, session: Session, monkeypatch: pytest.MonkeyPatch
):
    window = make_window()
    dialog = window.editors.open("")
    type_at_end(dialog, "\nq = v")
    answers = [QMessageBox.StandardButton.Cancel, QMessageBox.StandardButton.Discard]
    monkeypatch.setattr(QMessageBox, "exec", lambda box: answers.pop(0))
    document = session.circuit
    window.new()
    assert session.circuit is document
    assert window.editors.dialogs == {"": dialog}
    worker = dialog.preview.worker
    window.new()
    assert session.circuit is not document
    assert window.editors.dialogs == {}
    worker.wait()


def test_notes_behind_equations_are_shown_once(qtbot: QtBot, dark: None, session: Session):
    found = examine(draft("dv/dt = -v  # mV: Potential\n# on its own\nq = v  # later"))
    lines = dict(sections(found.kind))["Equations"]
    assert lines == ["dv/dt = -v", "# on its own", "q = v"]
    tab = EquationsTab(found.kind, session)
    qtbot.addWidget(tab)
    assert tab.button.text() == "Copy as own equations\u2026"


def texts_of(menu: QMenu | None) -> list[str]:
    return [] if menu is None else [action.text() for action in menu.actions()]


def test_the_palette_offers_what_can_be_done_with_equations(
    editors: Editors, session: Session, qtbot: QtBot
):
    parent = editors.open("")

    def menu(name: str) -> QMenu | None:
        return palette_menu.build(parent, session, part_of(session.offered().get(name)))

    assert texts_of(menu("lif")) == ["Copy as own equations\u2026"]
    assert menu("ampa") is None
    own = replace(NEW, name="own_cell")
    session.do(SetOwnKind("own_cell", own))
    found = menu("own_cell")
    assert texts_of(found) == [
        "Edit equations\u2026", "Save as user kind", "Take out of this circuit",
    ]  # fmt: skip
    with qtbot.waitSignal(session.equations_wanted) as wanted:
        found.actions()[0].trigger()
    assert wanted.args == ["own_cell"]
    found.actions()[1].trigger()
    assert texts_of(menu("own_cell"))[-1] == "Forget this user kind"
    found.actions()[2].trigger()
    assert session.circuit.own_kinds == {}
    menu("own_cell").actions()[-1].trigger()
    assert "own_cell" not in session.offered()


def test_a_field_of_two_lines_shows_two_lines(dialog: EquationDialog):
    field = dialog.form.fields["initial"]
    field.setPlainText("v = -1\nw = 2")
    assert field.verticalScrollBar().maximum() == 0
