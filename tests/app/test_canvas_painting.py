"""What the canvas shows, pixel by pixel: shortcuts of painting must not be seen."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from driver import CanvasDriver
from PySide6.QtCore import QPoint, QPointF, QRectF
from PySide6.QtGui import QColor, QImage

from neurocanvas.app import theme
from neurocanvas.app.canvas import CanvasView, chrome, looks
from neurocanvas.app.canvas.activity import FLASH_S
from neurocanvas.app.canvas.backdrop import DETAILED_NODES, Detail
from neurocanvas.app.canvas.camera import Camera
from neurocanvas.app.theme import DARK, LIGHT
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.edits import AddLink, MoveNodes, SetParameter
from neurocanvas.model.elements import Link
from neurocanvas.sim.status import Frame


@pytest.fixture
def canvas(qtbot, dark, session):
    view = CanvasView(session)
    view.resize(800, 560)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitExposed(view)
    return view


@pytest.fixture
def circuit(session):
    """Four nodes of different looks with four links."""
    made = session.circuit
    source = made.add("step_current", label="Drive", x=-250, y=0)
    cell = made.add("hodgkin_huxley", label="Cell", x=-50, y=-60)
    pool = made.add("lif", label="Pool", size=100, x=180, y=40)
    noise = made.add("poisson", label="Noise", x=40, y=190)
    made.connect(source, cell)
    made.connect(cell, pool, "gaba_a", delay=3.0)
    made.connect(noise, pool, "ampa")
    made.connect(pool, cell, "ampa")
    return made


@pytest.fixture
def fitted(canvas, circuit):
    canvas.fit()
    canvas.repaint()
    return canvas


def pixels(view) -> np.ndarray:
    """What is on the screen, as (height, width, 3)."""
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return flat[:, : image.width(), :3].astype(int)


def freshly(view) -> np.ndarray:
    view.backdrop.invalidate()
    return pixels(view)


def assert_same_picture(a: np.ndarray, b: np.ndarray, most: int = 0):
    different = np.argwhere(np.abs(a - b).max(axis=2) > 2)
    assert len(different) <= most, (
        f"{len(different)} pixels differ, such as {different[:3].tolist()}"
    )


def colour_at(view, point: QPoint) -> QColor:
    return view.grab().toImage().pixelColor(point)


@pytest.mark.parametrize("step", [(7, 0), (-13, 4), (0, 60), (-350, -200)])
def test_a_pan_by_scrolling_shows_what_painting_anew_shows(fitted, step):
    for _ in range(2):
        fitted.look(fitted.camera.panned(*step))
        assert_same_picture(pixels(fitted), freshly(fitted))


def test_a_pan_over_many_links_shows_what_painting_anew_shows(canvas, session, kinds):
    made = Circuit(kinds)
    ids = [made.add("lif", x=160.0 * (i % 12), y=160.0 * (i // 12)) for i in range(144)]
    for a, b in itertools.pairwise(ids):
        made.connect(a, b)
    session._replace(made, None)
    canvas.look(Camera(0.7, 20.0, 20.0))
    for step in ((-6, 0), (0, -9), (4, 3)):
        canvas.repaint()
        canvas.look(canvas.camera.panned(*step))
        # Qt rounds the places of letters left of the window toward zero: one may differ.
        assert_same_picture(pixels(canvas), freshly(canvas), most=40)


def test_a_zoom_settles_into_the_exact_picture(fitted, qtbot):
    fitted.backdrop._cost = 1.0  # as if the circuit were too large to paint while zooming
    for _ in range(3):
        fitted.zoom(1.11, QPointF(200, 300))
        pixels(fitted)
    qtbot.waitUntil(lambda: not fitted._settling.isActive())
    fitted.repaint()
    assert_same_picture(pixels(fitted), freshly(fitted))


@pytest.fixture
def crowded(canvas, session):
    """So many links that they are thin lines, excitatory and inhibitory, over one another."""
    made = session.circuit
    rng = np.random.default_rng(1)
    ids = [made.add("lif", x=float(x), y=float(y)) for x, y in rng.uniform(-500, 500, (60, 2))]
    for k in range(600):
        pre, post = rng.choice(60, 2, replace=False)
        made.connect(ids[pre], ids[post], "gaba_a" if k % 3 else "ampa")
    canvas.fit()
    canvas.repaint()
    assert canvas.backdrop.detail is Detail.PLAIN
    return canvas


def test_after_a_zoom_a_large_circuit_is_painted_in_slices_and_then_exact(crowded, qtbot):
    crowded.backdrop._cost = 1.0
    crowded.zoom(1.3, QPointF(300, 200))
    crowded._settling.stop()
    crowded.repaint()
    slices = 0
    while crowded.backdrop._making is not None:
        crowded.make_exact()
        slices += 1
        # A pan on the way does not begin it again.
        if slices == 2:
            crowded.look(crowded.camera.panned(9, -5))
            crowded.repaint()
    assert slices > 3
    assert_same_picture(pixels(crowded), freshly(crowded), most=40)


def test_after_a_change_of_structure_a_large_circuit_is_painted_in_slices_and_then_exact(
    crowded, session
):
    crowded.backdrop._cost = 1.0
    nodes, before = crowded.scene.node_ids, pixels(crowded)
    session.do(AddLink(Link("new", nodes[0], nodes[1], "dopamine")))
    crowded.repaint()
    assert crowded.backdrop._making is not None
    at_once = pixels(crowded)
    added = (np.abs(at_once - before).max(axis=2) > 2).sum()
    assert added > 10, "the new link is there at once"
    while crowded.backdrop._making is not None:
        crowded.make_exact()
    made = pixels(crowded)
    assert_same_picture(made, freshly(crowded))
    assert (np.abs(made - at_once).max(axis=2) > 2).sum() < added, "but for what crosses it"
    session.undo()
    crowded.repaint()
    while crowded.backdrop._making is not None:
        crowded.make_exact()
    session.select([])
    assert_same_picture(pixels(crowded), before)


def test_a_weight_is_not_seen_of_thin_lines_but_its_sign_is(crowded, session, monkeypatch):
    anew = []
    monkeypatch.setattr(crowded.backdrop, "invalidate", lambda: anew.append(1))
    link = crowded.scene.link_ids[0]
    session.do(SetParameter(link, "weight", 7.0))
    assert not anew
    session.do(MoveNodes({crowded.scene.node_ids[0]: (0.0, 0.0)}))
    assert anew


def test_an_edit_while_a_picture_is_being_made_is_seen_at_once(crowded, session):
    crowded.backdrop._cost = 1.0
    crowded.zoom(1.3)
    crowded._settling.stop()
    crowded.repaint()
    assert crowded.backdrop._making is not None
    session.do(MoveNodes({crowded.scene.node_ids[0]: (0.0, 0.0)}))
    assert crowded.backdrop._making is None
    assert_same_picture(pixels(crowded), freshly(crowded))


def test_while_zooming_a_large_circuit_the_backdrop_is_not_painted_anew(fitted, monkeypatch):
    fitted.backdrop._cost = 1.0
    rendered = []
    monkeypatch.setattr(fitted.backdrop, "_render", lambda *args: rendered.append(args))
    fitted.zoom(1.1)
    fitted.repaint()
    assert rendered == []


def frame_of(view, time_ms, **values):
    ids = tuple(view.scene.node_ids)
    labels = dict(zip(view.scene.labels, ids, strict=True))
    by_id = {labels[k]: v for k, v in values.items()}
    return Frame(time_ms, ids, np.array([by_id.get(i, np.nan) for i in ids]))


def test_the_middle_of_a_neuron_has_the_colour_of_its_potential(fitted):
    activity, node = fitted.activity, fitted.scene.node_ids[1]
    at = fitted.node_position(node) + QPoint(-round(20 * fitted.camera.scale), 0)
    for value in (-77.0, -20.0, 50.0):
        activity.update(frame_of(fitted, 1.0, Cell=value), None)
        fitted.update()
        level = int(activity.level[1])
        assert colour_at(fitted, at).name() == looks.fill_colour(DARK, level).name()
    assert level == looks.LEVELS - 1


def test_repainting_what_changed_is_enough(fitted, session, qtbot, monkeypatch):
    """Fills, flashes, values and spikes on their way, frame by frame."""
    session.select([fitted.scene.node_ids[1]])
    recorder = session.recorder
    number = recorder.node_number(fitted.scene.node_ids[1])
    now = [0.0]
    fitted.activity._clock = lambda: now[0]
    shown = [frame_of(fitted, 0.0, Cell=-65.0, Pool=-70.0)]
    monkeypatch.setattr(type(session), "frame", property(lambda _: shown[0]))
    target = fitted.grab()
    painted = []
    for k in range(12):
        if k == 3:
            recorder.add_spikes([2.9], [number], [0])
        shown[0] = frame_of(fitted, float(k), Cell=-65.0 + 8 * k, Pool=-70.0 + k)
        now[0] += FLASH_S / 4
        regions = []
        monkeypatch.setattr(fitted, "update", lambda *a, r=regions: r.append(a))
        fitted._on_tock()
        monkeypatch.undo()
        monkeypatch.setattr(type(session), "frame", property(lambda _: shown[0]))
        for args in regions:
            if args:
                painted.append(args[0].boundingRect())
                fitted.render(target, args[0].boundingRect().topLeft(), args[0].boundingRect())
            else:
                target = fitted.grab()
        partial = as_array(target.toImage())
        assert_same_picture(partial, pixels(fitted))
    assert painted, "every frame painted all of it"


def as_array(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return flat[:, : image.width(), :3].astype(int)


def test_while_nothing_changes_nothing_is_painted(fitted, session, monkeypatch):
    shown = frame_of(fitted, 5.0, Cell=-60.0)
    monkeypatch.setattr(type(session), "frame", property(lambda _: shown))
    fitted._on_tock()
    asked = []
    monkeypatch.setattr(fitted, "update", lambda *args: asked.append(args))
    for _ in range(10):
        fitted._on_tock()
    assert asked == []


def test_a_hidden_canvas_does_no_work(fitted, session, monkeypatch):
    fitted.hide()
    asked = []
    monkeypatch.setattr(fitted.activity, "update", lambda *args: asked.append(args))
    session.tock.emit()
    assert asked == []


def test_dragging_shows_what_it_will_be(fitted, qtbot, session):
    hand = CanvasDriver(qtbot, fitted)
    pool = fitted.scene.node_ids[2]
    start = fitted.node_position(pool)
    hand.press(start)
    hand.move(start + QPoint(40, 60))
    during = pixels(fitted)
    hand.release()
    hand.hover(QPoint(5, 5))
    fitted._hover(QPointF(5, 5))
    after = pixels(fitted)
    # Words of neighbours may change sides only when the node is let go.
    assert (np.abs(during - after).max(axis=2) > 30).mean() < 0.02


@pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])
def test_both_themes_are_painted_in_their_colours(fitted, colours, monkeypatch):
    monkeypatch.setenv(theme.ENVIRONMENT, colours.name)
    theme._use(colours)
    assert colour_at(fitted, QPoint(3, 300)).name() in (colours.canvas, colours.canvas_dot)


def test_an_empty_canvas_says_what_to_do(canvas):
    empty = pixels(canvas)
    middle = empty[260:330, 200:600].reshape(-1, 3)
    assert len(np.unique(middle, axis=0)) > 10


def test_many_nodes_are_drawn_plainly_and_few_with_all_they_have(canvas, session, kinds):
    made = Circuit(kinds)
    ids = [made.add("lif", x=90.0 * (i % 25), y=90.0 * (i // 25)) for i in range(350)]
    for a, b in itertools.pairwise(ids):
        made.connect(a, b)
    session._replace(made, None)
    canvas.fit()
    canvas.repaint()
    assert len(ids) > DETAILED_NODES
    assert canvas.backdrop.detail is Detail.PLAIN
    # Nodes are there, each in its colour, although no word is.
    neutral = looks.fill_colour(DARK, looks.UNKNOWN_LEVEL)
    assert colour_at(canvas, canvas.node_position(ids[30])).name() == neutral.name()
    canvas.zoom(6.0, QPointF(canvas.node_position(ids[30])))
    canvas._settling.stop()
    canvas.repaint()
    assert canvas.backdrop.detail is Detail.WORDS


def test_a_moved_node_leaves_nothing_behind(fitted, session):
    before = fitted.node_position(fitted.scene.node_ids[1])
    session.do(MoveNodes({fitted.scene.node_ids[1]: (-50.0, -400.0)}))
    canvas_colours = {DARK.canvas, DARK.canvas_dot}
    assert colour_at(fitted, before).name() in canvas_colours


def test_sharp_on_a_dense_screen(fitted, monkeypatch):
    """At two device pixels per pixel, curves and letters have twice the detail."""
    picture = QImage(fitted.size() * 2, QImage.Format.Format_RGB32)
    picture.setDevicePixelRatio(2.0)
    monkeypatch.setattr(fitted, "devicePixelRatioF", lambda: 2.0)
    fitted.backdrop.invalidate()
    fitted.render(picture)
    dense = as_array(picture)
    assert dense.shape == (1120, 1600, 3)
    enlarged = dense[::2, ::2].repeat(2, axis=0).repeat(2, axis=1)
    assert np.abs(dense - enlarged).max() > 60
    node = fitted.node_position(fitted.scene.node_ids[1]) * 2
    inside = picture.pixelColor(node + QPoint(-40, 0))
    assert inside.name() == looks.fill_colour(DARK, looks.UNKNOWN_LEVEL).name()


def test_the_hint_gives_way_to_the_circuit(qtbot, canvas):
    """What lies at the bottom left is seen, not words over it."""
    hand = CanvasDriver(qtbot, canvas)
    line = QRectF(19, canvas.height() - 30, 430, 22)
    assert chrome.is_free(canvas, line)
    x, y = canvas.camera.to_scene(QPointF(200, canvas.height() - 60))
    node = hand.place("lif", x, y)
    assert not chrome.is_free(canvas, line), "its label stands there"
    hand.drag(node, 0, -200)
    assert chrome.is_free(canvas, line)


def test_while_touching_the_hint_says_so(canvas):
    before, urgent = canvas.hint()
    assert not urgent
    canvas.set_touching(True)
    words, urgent = canvas.hint()
    assert urgent
    assert words != before
