"""The canvas under the hands of a person: every gesture, on the real widget."""

from __future__ import annotations

import numpy as np
import pytest
from driver import CTRL, SHIFT, CanvasDriver, trigger
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit

from neurocanvas.app.canvas import CanvasView
from neurocanvas.app.canvas.connecting import Connect
from neurocanvas.model.edits import MoveNodes


@pytest.fixture
def canvas(qtbot, dark, session):
    view = CanvasView(session)
    view.resize(900, 600)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitExposed(view)
    return view


@pytest.fixture
def hand(qtbot, canvas):
    return CanvasDriver(qtbot, canvas)


@pytest.fixture
def pair(hand):
    """Two neurons, 240 apart, connected A -> B."""
    a, b = hand.place("lif", -120, 0), hand.place("lif", 120, 0)
    return a, b, hand.connect(a, b, "ampa")


def places(session):
    return {n.id: (n.x, n.y) for n in session.circuit.nodes()}


# -- placing -------------------------------------------------------------------------------------


def test_a_double_click_offers_kinds_and_places_the_chosen_one(hand, session):
    node = session.circuit.node(hand.place("hodgkin_huxley", 60, -40))
    assert node.kind == "hodgkin_huxley"
    assert (node.x, node.y) == pytest.approx((60, -40), abs=1)
    assert session.selection == (node.id,)
    session.undo()
    assert len(session.circuit) == 0


def test_escape_closes_the_offer_and_places_nothing(hand, canvas, session, qtbot):
    hand.double_click_at(hand.at(0, 0))
    qtbot.keyClick(canvas.popup.search, Qt.Key.Key_Escape)
    assert canvas.popup is None
    assert len(session.circuit) == 0


def test_the_offer_is_searched_by_typing(hand, canvas, qtbot):
    hand.double_click_at(hand.at(0, 0))
    offered = canvas.popup.list
    titles = [offered.item(i).text() for i in range(offered.count())]
    assert "Step current" in titles
    assert "AMPA" not in titles
    qtbot.keyClicks(canvas.popup.search, "hux")
    assert offered.item(0).text() == "Hodgkin\u2013Huxley"
    assert offered.count() < len(titles)
    canvas.popup.close()


def test_a_part_dragged_from_the_palette_lands_under_the_cursor(hand, session):
    node = session.circuit.node(hand.drop("poisson", -30, 80))
    assert (node.kind, round(node.x), round(node.y)) == ("poisson", -30, 80)


def test_a_ghost_shows_while_a_part_is_dragged(hand, canvas):
    before = hand.picture().toImage()
    assert hand.drag_in("lif", 100, 100)
    with_ghost = hand.picture().toImage()
    at = hand.at(100, 120)
    assert with_ghost.pixel(at) != before.pixel(at)
    assert not canvas.scene.node_ids


def test_a_synapse_dropped_on_the_canvas_is_the_kind_of_new_links(hand, session):
    assert hand.drop("gaba_a", 0, 0) == ""
    assert session.synapse_kind == "gaba_a"
    assert len(session.circuit) == 0


def test_something_else_dragged_over_the_canvas_is_left_alone(hand):
    assert not hand.drag_in("no such kind", 0, 0)


# -- connecting ----------------------------------------------------------------------------------


def test_dragging_from_a_ring_connects_with_the_chosen_kind(hand, session):
    a, b = hand.place("lif", -120, 0), hand.place("lif", 120, 0)
    link = session.circuit.link(hand.connect(a, b, "gaba_a"))
    assert (link.pre, link.post, link.kind) == (a, b, "gaba_a")
    assert session.selection == (link.id,)


def test_a_source_of_current_connects_without_a_synapse(hand, session):
    source, neuron = hand.place("step_current", -120, 0), hand.place("lif", 120, 0)
    link = session.circuit.link(hand.connect(source, neuron, "gaba_a"))
    assert link.kind == "injection"


def test_a_refused_link_says_why_and_is_not_made(hand, canvas, session):
    neuron, source = hand.place("lif", -120, 0), hand.place("step_current", 120, 0)
    steps = session.undo_stack.count()
    hand.drag_from_ring(neuron, canvas.node_position(source))
    assert isinstance(canvas.gesture, Connect)
    assert "takes no input" in canvas.gesture.reason
    assert not canvas.marks.allowed
    hand.release()
    assert session.circuit.link_count() == 0
    assert session.undo_stack.count() == steps
    assert canvas.marks.target == -1


def test_a_valid_target_lights_up_before_the_button_is_released(hand, canvas, session):
    a, b = hand.place("lif", -120, 0), hand.place("lif", 120, 0)
    hand.drag_from_ring(a, canvas.node_position(b))
    assert canvas.marks.target == canvas.scene.node_row[b]
    assert canvas.marks.allowed
    assert session.circuit.link_count() == 0
    hand.release()
    assert session.circuit.link_count() == 1


def test_a_link_to_itself_goes_out_and_back(hand, canvas, session):
    node = hand.place("lif", 0, 0)
    hand.drag_from_ring(node, hand.at(150, 0))
    hand.move(canvas.node_position(node))
    hand.release()
    link = next(session.circuit.links())
    assert (link.pre, link.post) == (node, node)


def test_a_link_dropped_on_empty_canvas_offers_neurons_and_connects(hand, canvas, session):
    a = hand.place("lif", -120, 0)
    hand.drag_from_ring(a, hand.at(150, 60))
    hand.release()
    offered = [canvas.popup.list.item(i).text() for i in range(canvas.popup.list.count())]
    assert "Step current" not in offered
    hand.choose("hodgkin_huxley")
    (link,) = session.circuit.links()
    assert link.pre == a
    assert session.circuit.node(link.post).kind == "hodgkin_huxley"
    session.undo()
    assert (len(session.circuit), session.circuit.link_count()) == (1, 0)


def test_escape_cancels_a_link_under_way(hand, canvas, session):
    a, b = hand.place("lif", -120, 0), hand.place("lif", 120, 0)
    hand.drag_from_ring(a, canvas.node_position(b))
    hand.escape()
    assert canvas.gesture is None
    hand.release()
    assert session.circuit.link_count() == 0


# -- moving --------------------------------------------------------------------------------------


def test_dragging_moves_all_that_is_selected_as_one_step(hand, session, pair):
    a, b, _ = pair
    hand.select_all()
    steps = session.undo_stack.count()
    before = places(session)
    hand.drag(a, 40, 70)
    for node in (a, b):
        moved = np.subtract(places(session)[node], before[node])
        np.testing.assert_allclose(moved, (40, 70), atol=1.5)
    assert session.undo_stack.count() == steps + 1
    session.undo()
    assert places(session) == before


def test_dragging_an_unselected_node_selects_and_moves_it_alone(hand, session, pair):
    a, b, _ = pair
    session.select([b])
    before = places(session)
    hand.drag(a, 0, 90)
    assert session.selection == (a,)
    assert places(session)[b] == before[b]
    assert places(session)[a][1] == pytest.approx(before[a][1] + 90, abs=1.5)


def test_the_circuit_changes_only_when_the_button_is_released(hand, canvas, session, pair):
    a, _, _link = pair
    before, curve = places(session), canvas.scene.curve[0].copy()
    hand.press(canvas.node_position(a))
    hand.move(hand.at(-120, 150))
    assert places(session) == before
    assert not np.array_equal(canvas.scene.curve[0], curve)
    hand.escape()
    assert places(session) == before
    np.testing.assert_array_equal(canvas.scene.curve[0], curve)
    hand.release()
    assert places(session) == before


def test_a_small_tremble_is_a_click(hand, canvas, session, pair):
    a, _b, _ = pair
    hand.select_all()
    before = places(session)
    at = canvas.node_position(a)
    hand.drag_points(at, at + QPoint(1, 1))
    assert places(session) == before
    assert session.selection == (a,)


def test_shift_and_the_setting_snap_to_the_grid(hand, canvas, session):
    a = hand.place("lif", 3, 5)
    hand.drag(a, 50, 20, SHIFT)
    assert np.mod(places(session)[a], 14.0).tolist() == [0.0, 0.0]
    canvas.set_snap(True)
    try:
        hand.drag(a, 33, 51)
        assert np.mod(places(session)[a], 14.0).tolist() == [0.0, 0.0]
    finally:
        canvas.set_snap(False)


def test_an_undo_in_the_middle_of_a_drag_cancels_it(hand, canvas, session, pair):
    a, _, _ = pair
    before = places(session)
    hand.press(canvas.node_position(a))
    hand.move(hand.at(0, 150))
    session.undo()
    assert canvas.gesture is None
    hand.release()
    assert places(session) == before
    assert session.circuit.link_count() == 0


def test_arrow_keys_nudge_and_are_one_step_of_undo(hand, session, pair):
    a, _, _ = pair
    hand.click(a)
    before, steps = places(session), session.undo_stack.count()
    for _ in range(3):
        hand.key(Qt.Key.Key_Right)
    hand.key(Qt.Key.Key_Down, SHIFT)
    assert np.subtract(places(session)[a], before[a]).tolist() == [6.0, 14.0]
    assert session.undo_stack.count() == steps + 1
    session.undo()
    assert places(session) == before


# -- selecting -----------------------------------------------------------------------------------


def test_clicks_select_nodes_and_thin_links(hand, canvas, session, pair):
    a, b, link = pair
    hand.click(a)
    assert session.selection == (a,)
    hand.click(b, CTRL)
    assert session.selection == (a, b)
    hand.click(a, CTRL)
    assert session.selection == (b,)
    hand.click_at(canvas.link_position(link) + QPoint(0, 7))
    assert session.selection == (link,)
    hand.click_at(hand.at(0, 220))
    assert session.selection == ()


def test_a_rubber_band_selects_adds_and_toggles(hand, session, pair):
    a, b, link = pair
    c = hand.place("lif", 0, 180)
    hand.rubber_band(-200, -100, 200, 80)
    assert set(session.selection) == {a, b, link}
    hand.rubber_band(-60, 120, 60, 240, SHIFT)
    assert set(session.selection) == {a, b, link, c}
    hand.rubber_band(-200, -100, -60, 80, CTRL)
    assert set(session.selection) == {b, link, c}


def test_escape_takes_back_the_rubber_band(hand, canvas, session, pair):
    a, b, _ = pair
    session.select([b])
    hand.press(hand.at(-200, -100))
    hand.move(hand.at(-60, 80))
    assert canvas.marks.nodes.tolist() == [canvas.scene.node_row[a]]
    hand.escape()
    assert session.selection == (b,)
    assert canvas.marks.nodes.tolist() == [canvas.scene.node_row[b]]
    hand.release()
    assert session.selection == (b,)


# -- keys ----------------------------------------------------------------------------------------


def test_delete_removes_and_undo_brings_back(hand, session, pair):
    a, b, link = pair
    hand.click(a)
    hand.delete()
    assert [n.id for n in session.circuit.nodes()] == [b]
    session.undo()
    assert link in session.circuit
    hand.click(link)
    hand.key(Qt.Key.Key_Backspace)
    assert link not in session.circuit


def test_copy_paste_cut_and_duplicate(hand, session, pair):
    hand.select_all()
    hand.copy()
    hand.paste()
    assert (len(session.circuit), session.circuit.link_count()) == (4, 2)
    pasted = session.selection
    assert set(pasted).isdisjoint(pair)
    hand.cut()
    assert (len(session.circuit), session.circuit.link_count()) == (2, 1)
    hand.paste()
    hand.duplicate()
    assert (len(session.circuit), session.circuit.link_count()) == (6, 3)


def test_a_paste_of_nothing_is_refused_in_words(hand, session, qtbot):
    QGuiApplication.clipboard().clear()
    with qtbot.waitSignal(session.message) as said:
        hand.paste()
    assert "clipboard" in said.args[0]


def test_renaming_in_place(hand, canvas, session, pair, qtbot):
    a, _b, _ = pair
    hand.click(a)
    hand.key(Qt.Key.Key_F2)
    editor = canvas.findChild(QLineEdit)
    qtbot.keyClicks(editor, "Motor")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert session.circuit.node(a).label == "Motor"
    hand.key(Qt.Key.Key_F2)
    editor = canvas.findChildren(QLineEdit)[-1]
    qtbot.keyClicks(editor, "something else")
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert session.circuit.node(a).label == "Motor"


def test_a_label_in_use_is_refused_in_words(hand, canvas, session, pair, qtbot):
    a, b, _ = pair
    taken = session.circuit.node(b).label
    hand.click(a)
    hand.key(Qt.Key.Key_F2)
    editor = canvas.findChild(QLineEdit)
    editor.setText(taken)
    with qtbot.waitSignal(session.message) as said:
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert taken in said.args[0]
    assert session.circuit.node(a).label != taken


def test_double_click_asks_for_the_parameters(hand, canvas, pair, qtbot):
    for element in (pair[1], pair[2]):
        with qtbot.waitSignal(canvas.inspect_requested) as asked:
            hand.double_click(element)
        assert asked.args == [element]


def test_space_alone_runs_and_space_with_the_mouse_pans(hand, canvas, session, monkeypatch, qtbot):
    toggled = []
    monkeypatch.setattr(session, "toggle_run", lambda: toggled.append(1))
    hand.key(Qt.Key.Key_Space)
    assert toggled == [1]
    camera = canvas.camera
    qtbot.keyPress(canvas, Qt.Key.Key_Space)
    hand.drag_points(QPoint(100, 100), QPoint(160, 130))
    qtbot.keyRelease(canvas, Qt.Key.Key_Space)
    assert toggled == [1]
    assert (canvas.camera.x - camera.x, canvas.camera.y - camera.y) == (60, 30)


# -- camera --------------------------------------------------------------------------------------


def test_the_middle_button_pans_and_escape_takes_it_back(hand, canvas, pair):
    camera = canvas.camera
    hand.drag_points(QPoint(200, 200), QPoint(150, 260), button=Qt.MouseButton.MiddleButton)
    assert (canvas.camera.x - camera.x, canvas.camera.y - camera.y) == (-50, 60)
    camera = canvas.camera
    hand.press(QPoint(200, 200), button=Qt.MouseButton.MiddleButton)
    hand.move(QPoint(300, 300))
    hand.escape()
    assert canvas.camera == camera


def test_the_wheel_zooms_around_the_cursor(hand, canvas, pair):
    at = QPoint(333, 222)
    before = canvas.camera.to_scene(QPointF(at))
    scale = canvas.camera.scale
    hand.wheel(2, at)
    assert canvas.camera.scale > scale
    np.testing.assert_allclose(canvas.camera.to_scene(QPointF(at)), before, atol=1.0)
    hand.wheel(-2, at)
    assert canvas.camera.scale == pytest.approx(scale)


def test_two_fingers_pan_and_with_ctrl_the_wheel_zooms(hand, canvas, pair):
    camera = canvas.camera
    hand.scroll(12, -30, QPoint(300, 300))
    assert canvas.camera.scale == camera.scale
    assert (canvas.camera.x - camera.x, canvas.camera.y - camera.y) == (12, -30)
    hand.wheel(1, QPoint(300, 300), CTRL)
    assert canvas.camera.scale > camera.scale


def test_zoom_keys_and_limits(hand, canvas, pair):
    hand.key(Qt.Key.Key_0)
    assert canvas.camera.scale == 1.0
    hand.key(Qt.Key.Key_Plus)
    assert canvas.camera.scale == pytest.approx(1.25)
    hand.wheel(1000, QPoint(5, 5))
    assert canvas.camera.scale == 4.0
    hand.wheel(-1000, QPoint(5, 5))
    assert canvas.camera.scale == 0.04
    hand.key(Qt.Key.Key_F)
    shown = canvas.camera.rect_to_scene(canvas.rect().toRectF())
    assert shown.contains(canvas.scene.content())


def test_until_somebody_zooms_the_circuit_stays_fitted(hand, canvas, pair):
    canvas.fit()
    canvas.resize(640, 420)
    shown = canvas.camera.rect_to_scene(canvas.rect().toRectF())
    assert shown.contains(canvas.scene.content())
    canvas.zoom_in()
    camera = canvas.camera
    canvas.resize(700, 420)
    assert canvas.camera.scale == camera.scale


def test_the_map_appears_when_not_all_is_seen_and_goes_there(hand, canvas, pair, qtbot):
    assert not canvas.minimap.isVisible()
    for _ in range(6):
        hand.key(Qt.Key.Key_Plus)
    assert canvas.minimap.isVisible()
    before = canvas.camera
    qtbot.mouseClick(canvas.minimap, Qt.MouseButton.LeftButton, pos=QPoint(30, 50))
    assert canvas.camera.x > before.x
    canvas.resize(300, 200)
    assert not canvas.minimap.isVisible()


# -- menus and words -----------------------------------------------------------------------------


def test_the_menu_of_a_node_adds_and_removes_probes(hand, canvas, session, pair):
    a, _, _ = pair
    trigger(hand.menu_at(canvas.node_position(a)), "Add probe of", "v")
    (probe,) = session.circuit.bench.probes
    assert (probe.node, probe.variable) == (a, "v")
    trigger(hand.menu_at(canvas.node_position(a)), "Remove probe 1")
    assert session.circuit.bench.probes == ()


def test_the_menu_of_a_link_changes_its_kind(hand, canvas, session, pair):
    _, _, link = pair
    session.circuit.set(link, weight=12, tau=3)
    trigger(hand.menu_at(canvas.link_position(link)), "Make inhibitory")
    changed = session.circuit.link(link)
    assert changed.kind == "gaba_a"
    # The weight stays; the decay of a receptor is its own.
    assert dict(changed.parameters) == {"weight": 12}
    trigger(hand.menu_at(canvas.link_position(link)), "Synapse kind", "Current, excitatory")
    assert session.circuit.link(link).kind == "current_synapse"
    assert dict(session.circuit.link(link).parameters) == {}


def test_the_menu_of_the_canvas_places_where_it_was_opened(hand, session):
    trigger(hand.menu_at(hand.at(70, 30)), "Place", "Integrate and fire")
    (node,) = session.circuit.nodes()
    assert (round(node.x), round(node.y)) == (70, 30)


def test_the_right_button_selects_what_is_under_it(hand, canvas, session, pair):
    a, b, _ = pair
    session.select([a])
    hand.menu_at(canvas.node_position(b)).close()
    assert session.selection == (b,)
    hand.select_all()
    hand.menu_at(canvas.node_position(b)).close()
    assert len(session.selection) == 3


def test_a_tooltip_says_what_differs_from_the_default(session):
    from neurocanvas.app.canvas.tooltips import tooltip

    circuit = session.circuit
    a = circuit.add("lif", label="A<b>", V_th=-50)
    b = circuit.add("lif", label="B", size=40)
    link = circuit.connect(a, b, "ampa", weight=12)
    assert "Threshold: \u221250 mV" in tooltip(circuit, a)
    assert "A&lt;b&gt;" in tooltip(circuit, a)
    assert "Resting" not in tooltip(circuit, a)
    assert "40 cells" in tooltip(circuit, b)
    assert "Weight: 12 nS" in tooltip(circuit, link)
    assert "All to all" in tooltip(circuit, link)
    assert tooltip(circuit, "gone") == ""


# -- another document ----------------------------------------------------------------------------


def test_another_document_is_shown_whole(hand, canvas, session, pair):
    hand.wheel(5, QPoint(10, 10))
    session.new()
    assert canvas.scene.node_ids == []
    assert canvas.camera.scale == 1.0
    session.circuit.add("lif")
    assert len(canvas.scene.node_ids) == 1


def test_a_deleted_element_under_the_cursor_is_forgotten(hand, canvas, session, pair):
    a, _, _ = pair
    hand.hover(canvas.node_position(a))
    assert canvas.marks.hovered.id == a
    session.select([a])
    session.remove_selection()
    assert canvas.marks.hovered.id != a
    hand.picture()


def test_an_edit_made_elsewhere_is_seen(hand, canvas, session, pair):
    a, _, _ = pair
    session.do(MoveNodes({a: (0.0, -150.0)}))
    assert canvas.scene.centre[canvas.scene.node_row[a]].tolist() == [0.0, -150.0]


def test_names_for_those_who_do_not_see_it(canvas):
    assert canvas.accessibleName() == "Circuit canvas"
    assert canvas.minimap.accessibleName()
    assert canvas.focusPolicy() == Qt.FocusPolicy.StrongFocus


def test_the_list_of_kinds_is_as_high_as_what_it_holds(qtbot, hand, canvas):
    hand.double_click_at(hand.at(0, 0))
    popup = canvas.popup
    full = popup.height()
    hand.type("poisson")
    assert popup.list.count() == 2
    assert popup.height() < full / 2
    last = popup.list.visualItemRect(popup.list.item(popup.list.count() - 1))
    assert last.bottom() <= popup.list.viewport().height()
    hand.type("zzz")
    assert popup.list.item(0).text() == "Nothing found"
    qtbot.keyClick(popup.search, Qt.Key.Key_Return)
    assert canvas.popup is popup, "nothing to place"
    for _ in range(10):
        qtbot.keyClick(popup.search, Qt.Key.Key_Backspace)
    assert popup.height() == full
    popup.close()
