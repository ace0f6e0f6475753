"""Pictures of circuits in files, and the command that makes them."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

import neurocanvas as nc
from neurocanvas.app import render as rendering
from neurocanvas.app.canvas import CanvasView
from neurocanvas.app.instruments.traces import SPIKE_TOP
from neurocanvas.app.render import export, render
from neurocanvas.app.theme import DARK, ENVIRONMENT, LIGHT
from neurocanvas.errors import FileError, SimulationError
from neurocanvas.model.elements import Probe

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def dark_pictures(monkeypatch, qapp):
    monkeypatch.setenv(ENVIRONMENT, "dark")


@pytest.fixture
def drawn(circuit):
    """A neuron that fires, driven by a step, with a probe."""
    from neurocanvas.app import probes

    source = circuit.add("step_current", label="Drive", x=-200, amplitude=500)
    cell = circuit.add("lif", label="Cell & co", x=0)
    circuit.connect(source, cell)
    edit, _ = probes.adding(circuit, cell, "v", 0, "scope")
    circuit.apply(edit)
    return circuit


def colours_in(image: QImage) -> set[str]:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint32)
    return {QColor.fromRgb(int(c)).name() for c in np.unique(flat)}


def test_a_png_has_twice_the_pixels_and_the_colours_of_the_theme(drawn, tmp_path, monkeypatch):
    out = tmp_path / "a.png"
    for colours in (DARK, LIGHT):
        monkeypatch.setenv(ENVIRONMENT, colours.name)
        render(drawn, out)
        image = QImage(str(out))
        assert image.width() % 2 == 0
        assert image.width() >= 640
        assert {colours.canvas, colours.injection, colours.neuron} <= colours_in(image)


def test_an_svg_is_a_drawing_with_the_labels_as_text(drawn, tmp_path):
    out = tmp_path / "a.svg"
    render(drawn, out)
    root = ElementTree.parse(out).getroot()
    words = {"".join(node.itertext()).strip() for node in root.iter(f"{SVG}text")}
    assert {"Drive", "Cell & co", "500 pA", "LIF", "1"} <= words
    assert not list(root.iter(f"{SVG}image"))


def test_an_empty_circuit_is_an_empty_picture(circuit, tmp_path):
    out = tmp_path / "a.png"
    render(circuit, out)
    assert colours_in(QImage(str(out))) <= {DARK.canvas, DARK.canvas_dot}


def test_traces_are_drawn_below_when_it_is_run(drawn, tmp_path):
    out, without = tmp_path / "a.png", tmp_path / "b.png"
    render(drawn, without)
    render(drawn, out, 60.0)
    image = QImage(str(out))
    assert image.height() > QImage(str(without)).height() + 200
    below = image.copy(0, image.height() - 300, image.width(), 300)
    assert DARK.probes[0] in colours_in(below)


def test_a_circuit_that_can_not_be_run_leaves_no_file(drawn, tmp_path, monkeypatch):
    import neurocanvas.sim.simulate as engine

    def refuse(*args, **kwargs):
        raise SimulationError("no")

    monkeypatch.setattr(engine, "simulate", refuse)
    out = tmp_path / "a.png"
    with pytest.raises(SimulationError):
        render(drawn, out, 10.0)
    assert list(tmp_path.iterdir()) == []


def test_no_spike_is_lost_in_a_trace():
    from PySide6.QtCore import QRectF

    values = np.full(100_000, -70.0)
    values[33_333] = 40.0
    line = rendering._trace(QRectF(0, 0, 400, 100), values, -80.0, 40.0)
    highest = min(point.y() for point in line)
    assert highest == pytest.approx(0.0)
    assert len(line) <= 1600


def test_spikes_of_an_integrator_are_lines_up_to_their_peak(circuit):
    cell = circuit.add("lif", label="A")
    circuit.connect(circuit.add("step_current"), cell)
    result = nc.simulate(circuit, 100, record={cell: ["v"]})
    (lane,) = rendering._lanes(circuit, result, [Probe(1, cell, "v")])
    raised = np.flatnonzero(lane.values == SPIKE_TOP)
    spikes = result.spikes("A")
    assert len(raised) == len(spikes) == 6
    np.testing.assert_allclose(lane.times[raised], spikes, atol=0.025)
    assert result["A", "v"].max() < -54, "the recorded values stay as they are"


@pytest.mark.parametrize(("low", "high"), [(-70.0, -70.0), (0.0, 1e-3), (-80.0, 40.0), (5.0, 5.0)])
def test_scales_hold_all_values(low, high):
    bottom, top, step = rendering._value_scale(np.array([low, high]))
    assert bottom <= low <= high <= top
    assert top > bottom
    assert 1 <= round((top - bottom) / step) <= 8


def test_another_suffix_is_refused(drawn, tmp_path):
    with pytest.raises(FileError, match=r"\.png or \.svg"):
        render(drawn, tmp_path / "a.jpg")


def test_a_folder_that_is_not_there_is_named(drawn, tmp_path):
    with pytest.raises(FileError, match="nowhere"):
        render(drawn, tmp_path / "nowhere" / "a.png")


def test_the_window_exports_what_it_shows(drawn, qtbot, session, tmp_path):
    session._replace(drawn, None)
    view = CanvasView(session)
    qtbot.addWidget(view)
    view.activity.show({view.scene.node_ids[1]: -40.0})
    out = tmp_path / "view.svg"
    export(view, out)
    assert out.stat().st_size > 1000


def test_on_the_command_line(drawn, tmp_path, capsys):
    from neurocanvas.cli import main
    from neurocanvas.formats import native

    path, out = Path(tmp_path / "c.neuro"), tmp_path / "c.svg"
    native.save(drawn, path)
    assert main(["render", str(path), "--out", str(out)]) == 0
    assert out.exists()
    assert main(["render", str(path), "--out", str(tmp_path / "c.pdf")]) == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
