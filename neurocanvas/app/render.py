"""The canvas as a picture in a file, with the traces of its probes below if it was run."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QIODevice, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication

from neurocanvas.app import theme as themes
from neurocanvas.app.canvas import pictures
from neurocanvas.app.canvas.activity import Activity
from neurocanvas.app.canvas.scene import Scene
from neurocanvas.app.instruments.scales import number, round_up
from neurocanvas.app.instruments.traces import spike_peak
from neurocanvas.app.theme import Theme, mono_font, probe_colour, ui_font
from neurocanvas.errors import FileError
from neurocanvas.formats.files import atomic_file
from neurocanvas.model.arranging import arrange
from neurocanvas.model.channels import channel_count, channel_label, channel_variables
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.elements import Probe
from neurocanvas.model.kinds import NeuronKind

if TYPE_CHECKING:
    from neurocanvas.app.canvas.screen import CanvasScreen
    from neurocanvas.sim.progress import Tell
    from neurocanvas.sim.result import Result

Floats = NDArray[np.float64]

SHARPNESS = 2
"""Pixels of a PNG per pixel of the canvas."""
LEAST_TRACE_WIDTH = 640.0
LANE_HEIGHT = 104.0
LANE_GAP = 26.0
AXIS_HEIGHT = 34.0
_LEFT, _RIGHT, _TOP = 62.0, 20.0, 30.0
_MOST_LANES = 12
_MOST_FILLED = 200
"""With more neurons, recording all of them for the colour of their fill takes too much memory."""
_UNASKED_LANES = 4
"""So many neurons are shown where there are no probes."""


@dataclass(frozen=True)
class Lane:
    """One trace of the picture: times in ms, values, and what to write beside it."""

    words: str
    unit: str
    colour: str
    times: Floats
    values: Floats


def render(
    circuit: Circuit, out: Path, run_ms: float | None = None, tell: Tell | None = None
) -> None:
    """Draw a circuit into a file; a display is not needed.

    Args:
        circuit: What to draw; nodes that all lie in one place are moved apart.
        out: A ``.png`` (twice the size of the canvas) or ``.svg``.
        run_ms: Simulate for so long and draw the traces of the probes below.
        tell: Told how far the run is; may raise to end it.

    Raises:
        NeuroCanvasError: The circuit can't be run, or the file can't be written.
    """
    _application()
    arrange(circuit)
    with themes.forced(_wanted_theme()):
        scene = Scene(circuit)
        activity = Activity(scene)
        lanes: list[Lane] = []
        if run_ms is not None:
            result, probes = _run(circuit, run_ms, tell)
            lanes = _lanes(circuit, result, probes)
            activity.show(_last_values(circuit, result))
        _write(out, scene, activity, lanes)


def export(view: CanvasScreen, out: Path) -> None:
    """Draw the circuit that a canvas shows into a file, with its fills as they are now.

    Raises:
        FileError: The file can't be written.
    """
    view.stage()
    _write(out, view.scene, view.activity, [])


def _application() -> QApplication:
    """The application that fonts and pictures need, made without a display if there is none."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    if sys.platform == "linux":
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return QApplication([])


def _wanted_theme() -> Theme:
    asked = os.environ.get(themes.ENVIRONMENT, "")
    return {"light": themes.LIGHT, "dark": themes.DARK}.get(asked, themes.current())


# -- running -------------------------------------------------------------------------------------


def _run(circuit: Circuit, run_ms: float, tell: Tell | None) -> tuple[Result, list[Probe]]:
    from neurocanvas.sim.simulate import simulate

    known = [p for p in circuit.bench.probes if _can_be_recorded(circuit, p)]
    probes = known or _default_probes(circuit)
    record: dict[str, list[str]] = {}
    for probe in probes:
        names = record.setdefault(probe.node, [])
        if probe.variable not in names:
            names.append(probe.variable)
    for node_id, main in _filled(circuit).items():
        names = record.setdefault(node_id, [])
        if main not in names:
            names.append(main)
    return simulate(circuit, run_ms, record=record, tell=tell), probes[:_MOST_LANES]


def _can_be_recorded(circuit: Circuit, probe: Probe) -> bool:
    """Whether the element is there and its kind, which may be unknown, has the variable."""
    if probe.node not in circuit:
        return False
    return probe.variable in channel_variables(circuit, circuit.element(probe.node))


def _default_probes(circuit: Circuit) -> list[Probe]:
    found: list[Probe] = []
    for node in circuit.nodes():
        kind = circuit.kind_of(node)
        if isinstance(kind, NeuronKind) and kind.main in kind.recordable:
            found.append(Probe(len(found) + 1, node.id, kind.main))
    return found[:_UNASKED_LANES]


def _values(result: Result, probe: Probe) -> Floats:
    values = result[probe.node, probe.variable]
    if values.ndim == 1:
        return values
    # Of a link, fewer synapses may have been drawn than there could be.
    there = probe.index < values.shape[1]
    return values[:, probe.index] if there else np.full(len(values), np.nan)


def _lanes(circuit: Circuit, result: Result, probes: Sequence[Probe]) -> list[Lane]:
    lanes = []
    for probe in probes:
        element = circuit.element(probe.node)
        name = channel_label(circuit, element)
        if channel_count(circuit, element) > 1:
            name = f"{name}[{probe.index}]"
        unit = channel_variables(circuit, element)[probe.variable].unit
        words = f"{probe.number}  {name} \u00b7 {probe.variable}"
        colour = probe_colour(probe.number)
        peak = spike_peak(circuit, element, probe.variable)
        values = _values(result, probe)
        shown = values if peak is None else _with_spikes(result, probe, values, peak)
        lanes.append(Lane(words, unit, colour, result.times, shown))
    return lanes


def _with_spikes(result: Result, probe: Probe, values: Floats, peak: float) -> Floats:
    """Return what is drawn of a potential that is reset: a line up to its peak at each spike."""
    which, times = result.spikes_by_neuron(probe.node)
    shown = values.copy()
    at = np.searchsorted(result.times, times[which == probe.index], side="right") - 1
    shown[at] = np.maximum(shown[at], peak)
    return shown


def _filled(circuit: Circuit) -> dict[str, str]:
    """The main variable of every neuron node, if that is not too much to record."""
    kinds = [(node, circuit.kind_of(node)) for node in circuit.nodes()]
    neurons = [(n, k) for n, k in kinds if isinstance(k, NeuronKind) and k.main in k.recordable]
    if sum(node.size for node, _ in neurons) > _MOST_FILLED:
        return {}
    return {node.id: kind.main for node, kind in neurons}


def _last_values(circuit: Circuit, result: Result) -> dict[str, float]:
    """The main variable of each node at the end (the mean over a population), for its fill."""
    return {i: float(np.mean(result[i, main][-1])) for i, main in _filled(circuit).items()}


# -- writing -------------------------------------------------------------------------------------


def _write(out: Path, scene: Scene, activity: Activity, lanes: Sequence[Lane]) -> None:
    width, height = pictures.picture_size(scene)
    width = max(width, LEAST_TRACE_WIDTH) if lanes else width
    below = _TOP + len(lanes) * (LANE_HEIGHT + LANE_GAP) + AXIS_HEIGHT if lanes else 0.0
    size = QSize(round(width), round(height + below))
    theme = themes.current()

    def draw(painter: QPainter) -> None:
        pictures.paint(painter, scene, activity, QRectF(0, 0, width, height), theme)
        if lanes:
            _paint_traces(painter, QRectF(0, height, width, below), lanes, theme)

    writers = {".png": _png, ".svg": _svg}
    writer = writers.get(out.suffix.lower())
    if writer is None:
        raise FileError(f"{out}: a picture ends in .png or .svg")
    data = writer(size, draw, scene.circuit.notes.title or "Circuit")
    with atomic_file(out) as file:
        file.write(data)


def _png(size: QSize, draw: Callable[[QPainter], None], title: str) -> bytes:
    image = QImage(size * SHARPNESS, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SHARPNESS)
    image.setText("Title", title)
    _draw_on(image, draw)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    # PySide's stubs want bytes for the name of the format, PySide itself wants text.
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def _svg(size: QSize, draw: Callable[[QPainter], None], title: str) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    generator.setTitle(title)
    _draw_on(generator, draw)
    return bytes(buffer.data().data())


def _draw_on(device: QImage | QSvgGenerator, draw: Callable[[QPainter], None]) -> None:
    painter = QPainter(device)
    try:
        draw(painter)
    finally:
        painter.end()


# -- traces --------------------------------------------------------------------------------------


def _paint_traces(painter: QPainter, rect: QRectF, lanes: Sequence[Lane], theme: Theme) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(rect, QColor(theme.scope))
    top = rect.top() + _TOP
    for lane in lanes:
        width = rect.width() - _LEFT - _RIGHT
        plot = QRectF(rect.left() + _LEFT, top, width, LANE_HEIGHT)
        _paint_lane(painter, plot, lane, theme)
        top += LANE_HEIGHT + LANE_GAP
    _paint_time_axis(painter, plot, lanes[-1].times, theme)


def _paint_lane(painter: QPainter, plot: QRectF, lane: Lane, theme: Theme) -> None:
    low, high, step = _value_scale(lane.values)
    painter.setFont(mono_font(10))
    for tick in np.arange(low, high + step / 2, step).tolist():
        y = plot.bottom() - (tick - low) / (high - low) * plot.height()
        painter.setPen(QPen(QColor(theme.scope_grid), 1))
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        painter.setPen(QColor(theme.scope_text))
        box = QRectF(plot.left() - _LEFT, y - 8, _LEFT - 7, 16)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, right, number(float(f"{tick:.6g}")))
    painter.setPen(QPen(QColor(lane.colour), 1.4))
    painter.drawPolyline(_trace(plot, lane.values, low, high))
    unit = "" if lane.unit == "1" else f" ({lane.unit})"
    painter.setFont(ui_font(11))
    painter.drawText(QPointF(plot.left(), plot.top() - 8), lane.words + unit)


def _value_scale(values: Floats) -> tuple[float, float, float]:
    """Lowest and highest tick around all values, and the step between ticks."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    step = round_up(max((high - low) / 4, 1e-6 * max(abs(low), abs(high)), 1e-9))
    low = float(np.floor(low / step) * step)
    return low, max(float(np.ceil(high / step) * step), low + step), step


def _trace(plot: QRectF, values: Floats, low: float, high: float) -> QPolygonF:
    """The trace, reduced to lowest and highest of each half pixel so that no spike is lost."""
    columns = min(max(int(plot.width() * 2), 1), len(values))
    edges = np.linspace(0, len(values), columns + 1).astype(int)
    x = plot.left() + plot.width() * edges[:-1] / max(len(values) - 1, 1)
    lowest = np.minimum.reduceat(values, edges[:-1])
    highest = np.maximum.reduceat(values, edges[:-1])
    share = (np.stack([lowest, highest], axis=1) - low) / (high - low)
    y = plot.bottom() - share * plot.height()
    points = zip(np.repeat(x, 2).tolist(), y.reshape(-1).tolist(), strict=True)
    return QPolygonF([QPointF(px, py) for px, py in points if py == py])


def _paint_time_axis(painter: QPainter, plot: QRectF, times: Floats, theme: Theme) -> None:
    begin, end = float(times[0]), float(times[-1])
    step = round_up((end - begin) / 8)
    painter.setFont(mono_font(10))
    for tick in np.arange(begin, end + step * 1e-6, step).tolist():
        x = plot.left() + (tick - begin) / (end - begin) * plot.width()
        painter.setPen(QPen(QColor(theme.scope_axis), 1))
        painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + 4))
        painter.setPen(QColor(theme.scope_text))
        words = number(float(f"{tick:.6g}")) + (" ms" if tick == begin else "")
        box = QRectF(x - 40, plot.bottom() + 6, 80, 16)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


__all__ = ["export", "render"]
