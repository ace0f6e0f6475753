"""The scene against the circuit it shows."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from strategies import apply_if_possible, circuits, draw_edit

from neurocanvas.app.canvas import geometry as geo
from neurocanvas.app.canvas import looks, picking
from neurocanvas.app.canvas.appearance import Appearance, kept_rows
from neurocanvas.app.canvas.picking import Part
from neurocanvas.app.canvas.placing import ABOVE, BELOW, LOWER_RIGHT, UPPER_RIGHT
from neurocanvas.app.canvas.scene import Scene
from neurocanvas.app.canvas.tooltips import tooltip
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.edits import MoveNodes, SetParameter

ARRAYS = (
    "centre", "size", "half", "corner", "family", "range", "look_row", "pre", "post", "width",
    "delay", "group", "head", "bow", "curve", "tip", "arrive", "line", "box",
    "out_links", "out_start",
)  # fmt: skip


def texts(scene: Scene) -> list[str]:
    return [scene.text(row) for row in range(len(scene.link_ids))]


def assert_alike(scene: Scene, fresh: Scene):
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(scene, name), getattr(fresh, name), err_msg=name)
    for name in ("node_ids", "link_ids", "labels", "notes", "units", "looks"):
        assert getattr(scene, name) == getattr(fresh, name), name
    assert texts(scene) == texts(fresh)
    assert dict(scene.probes) == dict(fresh.probes)


@given(circuits(), st.data())
def test_a_scene_that_follows_edits_is_the_scene_of_the_circuit(circuit, data):
    scene = Scene(circuit)
    circuit.subscribe(scene.apply)
    inverses = []
    for _ in range(data.draw(st.integers(1, 4))):
        inverse = apply_if_possible(circuit, draw_edit(circuit, data.draw))
        inverses += [] if inverse is None else [inverse]
        assert_alike(scene, Scene(circuit))
    for inverse in reversed(inverses):
        circuit.apply(inverse)
    assert_alike(scene, Scene(circuit))


def test_after_an_edit_only_what_is_new_is_looked_at_and_routed(circuit, monkeypatch):
    nodes, _ = chain(circuit)
    scene = Scene(circuit)
    circuit.subscribe(scene.apply)
    looked, routed = [], []
    link, route = Appearance.link, Scene.route
    monkeypatch.setattr(Appearance, "link", lambda *a: looked.append(a[1].id) or link(*a))
    monkeypatch.setattr(Scene, "route", lambda s, rows: routed.extend(rows) or route(s, rows))
    new = circuit.connect(nodes[1], nodes[3])
    assert looked == [new]
    assert routed == [scene.link_row[new]]
    # A link the other way bends both; the rest stays as it is.
    back = circuit.connect(nodes[3], nodes[1])
    assert routed[1:] == [scene.link_row[new], scene.link_row[back]]
    circuit.remove(nodes[2])
    assert_alike(scene, Scene(circuit))


def test_links_that_were_carried_along_are_exact_after_the_next_edit(circuit):
    nodes, _ = chain(circuit)
    scene = Scene(circuit)
    circuit.subscribe(scene.apply)
    places = {n: (circuit.node(n).x + 0.1, circuit.node(n).y + 1e5 / 3) for n in nodes}
    circuit.apply(MoveNodes(places))
    circuit.add("lif", x=50.0)
    assert_alike(scene, Scene(circuit))


@given(st.lists(st.integers(0, 20), unique=True), st.lists(st.integers(0, 20), unique=True))
def test_kept_rows_are_those_of_the_same_objects(before, now):
    objects = [object() for _ in range(21)]
    rows = kept_rows([objects[i] for i in before], [objects[i] for i in now])
    assert rows.tolist() == [before.index(i) if i in before else -1 for i in now]


def chain(circuit: Circuit) -> tuple[list[str], list[str]]:
    """A source and three neurons in a row, 200 apart, connected one after the other."""
    nodes = [circuit.add("step_current"), *(circuit.add("lif") for _ in range(3))]
    circuit.apply(MoveNodes({node: (200.0 * i, 0.0) for i, node in enumerate(nodes)}))
    pairs = itertools.pairwise(nodes)
    return nodes, [circuit.connect(a, b) for a, b in pairs]


def test_cosmetic_and_parameter_edits_keep_the_rows(circuit):
    nodes, links = chain(circuit)
    scene = Scene(circuit)
    version = scene.version
    circuit.subscribe(scene.apply)
    circuit.apply(MoveNodes({nodes[1]: (200.0, 90.0)}))
    circuit.apply(SetParameter(links[1], "weight", 50.0))
    assert scene.version == version
    circuit.add("lif")
    assert scene.version == version + 1


def test_moving_on_the_screen_leaves_the_circuit_alone(circuit):
    nodes, _links = chain(circuit)
    scene = Scene(circuit)
    before = scene.curve.copy()
    scene.move([1], np.array([[200.0, 300.0]]))
    assert circuit.node(nodes[1]).y == 0.0
    changed = [not np.array_equal(a, b) for a, b in zip(before, scene.curve, strict=True)]
    assert changed == [True, True, False]
    assert scene.links_at([1]).tolist() == [0, 1]


def test_words_on_nodes_and_links(circuit):
    source = circuit.add("step_current", amplitude="180 pA")
    cells = circuit.add("lif", size=100)
    poisson = circuit.add("poisson", size=20, rate=800)
    circuit.connect(source, cells)
    circuit.connect(cells, cells, "gaba_a", weight=12, delay=2)
    circuit.connect(poisson, cells, "ampa", rule="probability", rule_values={"p": 0.25})
    scene = Scene(circuit)
    assert scene.notes == ["180 pA", "100 cells", "800 Hz \u00d7 20"]
    assert texts(scene) == ["", "12 nS \u00b7 2 ms", "5 nS \u00b7 1 ms \u00b7 p 0.25"]
    assert scene.group.tolist() == [looks.INJECTION, looks.INHIBITORY, looks.EXCITATORY]
    assert scene.head.tolist() == [geo.ARROW, geo.BAR, geo.ARROW]
    assert [look.stacked for look in (scene.look(0), scene.look(1), scene.look(2))] == [
        False, True, True,
    ]  # fmt: skip


def test_shape_says_what_a_link_does(kinds):
    heads = {k.name: looks.link_head(k, {}) for k in kinds if k.family == "synapse"}
    assert heads["ampa"] == heads["injection"] == geo.ARROW
    assert heads["gaba_a"] == heads["current_synapse_inhibitory"] == geo.BAR
    assert heads["gap_junction"] == geo.PLAIN
    assert heads["dopamine"] == geo.DOT


def test_a_distribution_shows_its_mean(circuit):
    a, b = circuit.add("lif", size=10), circuit.add("lif", size=10, x=300)
    link = circuit.connect(a, b, "ampa", weight="normal(4 nS, 1 nS)")
    assert Scene(circuit).text(0) == "~ 4 nS \u00b7 1 ms"
    assert "normal(4 nS, 1 nS)" in tooltip(circuit, link)


def test_a_stronger_weight_is_a_thicker_line(circuit):
    a, b = circuit.add("lif"), circuit.add("lif", x=300)
    for weight in (1.0, 5.0, 50.0):
        circuit.connect(a, b, "ampa", weight=weight)
    width = Scene(circuit).width
    assert width[0] < width[1] < width[2]


def test_labels_stand_where_no_link_leaves(circuit):
    top, bottom = circuit.add("lif", y=0.0), circuit.add("lif", y=200.0)
    circuit.connect(top, bottom)
    alone = circuit.add("lif", x=400.0)
    sides = Scene(circuit).label_sides()
    row = Scene(circuit).node_row
    assert sides[row[top]] == ABOVE
    assert sides[row[bottom]] == BELOW
    assert sides[row[alone]] == BELOW


def test_loops_and_tags_keep_out_of_the_way_of_links(circuit):
    node, above = circuit.add("lif"), circuit.add("lif", y=-300.0)
    loop = circuit.connect(node, node)
    scene = Scene(circuit)
    circuit.subscribe(scene.apply)
    row = scene.link_row[loop]
    assert scene.line[row, 10, 1] < -geo.NEURON_RADIUS
    circuit.connect(node, above)
    row = scene.link_row[loop]
    # Not upward any more, where the other link is now.
    assert scene.line[row, 10, 1] > -geo.NEURON_RADIUS
    assert scene.tag_corner(scene.node_row[node]) == UPPER_RIGHT
    # The loop is at the left now, the other link at the upper right.
    circuit.apply(MoveNodes({above: (300.0, -190.0)}))
    assert scene.tag_corner(scene.node_row[node]) == LOWER_RIGHT


def test_only_what_is_near_the_window_is_visible(circuit):
    _nodes, _links = chain(circuit)
    scene = Scene(circuit)
    assert scene.visible_nodes(QRectF(-60, -60, 120, 120)).tolist() == [0]
    assert scene.visible_links(QRectF(-60, -60, 120, 120)).tolist() == [0]
    assert len(scene.visible_nodes(QRectF(2000, 0, 50, 50))) == 0
    content = scene.content()
    assert content.contains(QRectF(-30, -30, 660, 60))


def test_an_unknown_kind_is_a_dashed_question_mark(kinds):
    from neurocanvas.model.kinds import NeuronKind, Registry

    unknown = NeuronKind("mystery", "mystery", "?", "", "", (), "", placeholder=True)
    circuit = Circuit(Registry([*kinds, unknown]))
    circuit.add("mystery")
    look = Scene(circuit).look(0)
    assert (look.family, look.symbol) == (looks.PLACEHOLDER, "?")


# -- picking -------------------------------------------------------------------------------------


def test_nodes_rings_and_links_are_picked(circuit):
    nodes, links = chain(circuit)
    scene = Scene(circuit)

    def hit(x, y, scale=1.0):
        found = picking.pick(scene, x, y, scale)
        return found.part, found.id

    assert hit(200, 0) == (Part.NODE, nodes[1])
    assert hit(229, 0) == (Part.NODE, nodes[1])
    assert hit(200, 37) == (Part.RING, nodes[1])
    assert hit(200, 60)[0] is Part.NOTHING
    x, y = scene.line[1, 10]
    assert hit(x, y + 7) == (Part.LINK, links[1])
    assert hit(x, y + 9)[0] is Part.NOTHING
    # Far out, eight pixels of the window are more of the scene.
    assert hit(x, y + 14, 0.5) == (Part.LINK, links[1])


def test_a_link_that_crosses_a_ring_can_still_be_picked(circuit):
    a, b = circuit.add("lif"), circuit.add("lif", x=400)
    # Its ring reaches the link that passes above it; the node itself does not.
    circuit.add("lif", x=200, y=20.0)
    link = circuit.connect(a, b)
    scene = Scene(circuit)
    x, y = scene.line[0, 10]
    assert picking.pick(scene, x, y, 1.0).id == link


def test_the_topmost_of_overlapping_nodes_is_picked(circuit):
    circuit.add("lif")
    last = circuit.add("lif", x=10)
    assert picking.pick(Scene(circuit), 5, 0, 1.0).id == last


def test_a_rectangle_takes_nodes_and_the_links_between_them(circuit):
    chain(circuit)
    nodes, links = picking.inside(Scene(circuit), QRectF(150, -50, 300, 100))
    assert nodes.tolist() == [1, 2]
    assert links.tolist() == [1]


def test_nothing_is_picked_in_an_empty_circuit(circuit):
    scene = Scene(circuit)
    assert not picking.pick(scene, 0, 0, 1.0)
    assert scene.content().isEmpty()


@pytest.mark.parametrize("chosen", [slice(None), slice(0, 5), slice(3, 9)])
def test_nodes_that_move_alike_carry_their_links(circuit, chosen):
    """Shifted or routed anew, curves and heads end up at the same places; loops too."""
    rng = np.random.default_rng(2)
    ids = [circuit.add("lif", x=float(x), y=float(y)) for x, y in rng.uniform(0, 800, (12, 2))]
    for _ in range(40):
        pre, post = rng.integers(0, 12, 2)
        circuit.connect(ids[pre], ids[post], "ampa")
    scene = Scene(circuit)
    rows = np.arange(12)[chosen]
    before = scene.centre[rows].copy()
    for k in range(1, 4):
        scene.move(rows, before + k * np.array([31.0, -17.0]))
    curve, tip, box, arrive = (a.copy() for a in (scene.curve, scene.tip, scene.box, scene.arrive))
    scene.route(np.arange(len(scene.link_ids)))
    for shifted, routed in (
        (curve, scene.curve), (tip, scene.tip), (box, scene.box), (arrive, scene.arrive),
    ):  # fmt: skip
        np.testing.assert_allclose(shifted, routed, atol=1e-6)
