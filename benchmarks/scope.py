"""What a frame of the oscilloscope costs, beside the plots of pyqtgraph, and what recording costs.

Each design shows the same samples in a window of 1000 x 420 pixels; per frame, 20 new samples of
each trace come in and the window is repainted at once. Printed is the median time of a frame.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QWidget

from benchmarks.support.plan import Plan, run
from benchmarks.support.report import Section, number
from neurocanvas.app import theme
from neurocanvas.app.instruments.oscilloscope import Oscilloscope
from neurocanvas.app.instruments.trace_image import Frame, Stroke, TraceImage
from neurocanvas.app.session import Session
from neurocanvas.model.edits import SetBench
from neurocanvas.model.elements import Bench, Probe
from neurocanvas.sim.recording.recorder import Channel, Recorder

DT = 0.025
STEP = 20  # new samples a frame
SIZE = (1000, 420)
FRAMES = 40


def potentials(traces: int, samples: int) -> np.ndarray:
    """Traces that spike about every 15 ms, each in its own phase, with a little noise."""
    rng = np.random.default_rng(1)
    t = (np.arange(samples) * DT + rng.uniform(0, 15, (traces, 1))) % 15.0
    spikes = 100 * np.exp(-(((t - 1.2) / 0.35) ** 2)) - 8 * np.exp(-(((t - 3) / 1.5) ** 2))
    return -65 + spikes + 0.6 * t + rng.normal(0, 0.2, t.shape)


def frame_ms(feed: Callable[[int], None], widget: QWidget, frames: int = FRAMES) -> float:
    """Median time of a frame: new samples, update, repaint."""
    found = []
    for k in range(frames + 5):
        begin = time.perf_counter()
        feed(k)
        widget.repaint()
        QApplication.processEvents()
        if k >= 5:
            found.append(time.perf_counter() - begin)
    return 1e3 * float(np.median(found))


class Feed:
    """A recorder that is given the next samples of prepared traces, over and over."""

    def __init__(self, data: np.ndarray, recorder: Recorder, channels: list[Channel]) -> None:
        self.data, self.recorder = data, recorder
        recorder.configure(channels, DT, 0)
        recorder.append(0, data)

    def __call__(self, k: int) -> None:
        first = k * STEP % (self.data.shape[1] - STEP)
        block = np.ascontiguousarray(self.data[:, first : first + STEP])
        self.recorder.append(self.recorder.end - 1, block)


def oscilloscope(data: np.ndarray, redraw: bool) -> float:
    """Our instrument; with ``redraw``, every frame draws all columns anew."""
    session = Session()
    cell = session.circuit.add("lif", label="A", size=len(data))
    probes = tuple(Probe(k + 1, cell, "v", k) for k in range(len(data)))
    session.do(SetBench(Bench(probes=probes)))
    scope = Oscilloscope(session)
    scope.resize(*SIZE)
    channels = [trace.channel for trace in scope.traces]
    feed = Feed(data, session.recorder, channels)
    window = data.shape[1] * DT
    scope.display.show(scope.traces, type(scope.display.settings)(window))
    scope.show()
    QApplication.processEvents()

    def frame(k: int) -> None:
        feed(k)
        if redraw:
            scope.view._image = TraceImage()
        session.tick.emit()

    found = frame_ms(frame, scope.view)
    scope.deleteLater()
    session.close()
    return found


class RasterItem(pg.GraphicsObject):
    """Our picture as an item in pyqtgraph's ViewBox."""

    def __init__(self, feed: Feed, channels: list[Channel]) -> None:
        super().__init__()
        self.feed, self.channels, self.image = feed, channels, TraceImage()

    def boundingRect(self) -> QRectF:  # noqa: N802
        box: QRectF = self.getViewBox().viewRect()
        return box

    def paint(self, painter: QPainter, *args: object) -> None:
        box = painter.worldTransform().mapRect(self.boundingRect()).toRect()
        scale = box.height() / 120.0
        strokes = tuple(Stroke(c, 0xFFF4C95D, 40 * scale, scale) for c in self.channels)
        samples = self.feed.data.shape[1] / box.width()
        right = int((self.feed.recorder.end - 1) / samples) + 1
        frame = Frame(strokes, box.width(), box.height(), samples, right)
        picture = self.image.update(self.feed.recorder, frame)
        painter.resetTransform()
        painter.drawImage(box.topLeft(), picture)


def raster_in_view_box(data: np.ndarray) -> float:
    """Our picture within the axes of pyqtgraph."""
    channels = [Channel("a", "v", k) for k in range(len(data))]
    feed = Feed(data, Recorder(), channels)
    plot = pg.PlotWidget()
    plot.resize(*SIZE)
    plot.setXRange(-data.shape[1] * DT, 0)
    plot.setYRange(-80, 40)
    item = RasterItem(feed, channels)
    plot.addItem(item)
    plot.show()

    def frame(k: int) -> None:
        feed(k)
        item.update()

    return frame_ms(frame, plot)


def plot_items(data: np.ndarray, reduced: bool) -> float:
    """PlotDataItem as it comes, or with its own reduction to peaks."""
    plot = pg.PlotWidget()
    plot.resize(*SIZE)
    plot.setYRange(-80, 40)
    times = np.arange(-data.shape[1], 0) * DT
    plot.setXRange(times[0], 0)
    peaks = {"autoDownsample": True, "downsampleMethod": "peak", "clipToView": True}
    options = peaks if reduced else {}
    items = [plot.plot(pen=pg.intColor(k), **options) for k in range(len(data))]
    plot.show()
    shown = data.copy()

    def frame(k: int) -> None:
        shown[:, :-STEP] = shown[:, STEP:]
        for item, row in zip(items, shown, strict=True):
            item.setData(times, row)

    return frame_ms(frame, plot, 10)


def recording_us(channels: int, steps: int) -> float:
    """Time that recording takes per step, in blocks of so many steps."""
    recorder = Recorder()
    recorder.configure([Channel("a", "v", k) for k in range(channels)], DT, 0)
    block = np.random.default_rng(0).normal(size=(steps, channels)).T  # as the engine gives it
    recorder.append(0, block)
    blocks = max(20_000 // steps, 50)
    begin = time.perf_counter()
    for _ in range(blocks):
        recorder.append(recorder.end - 1, block)
    return 1e6 * (time.perf_counter() - begin) / blocks / steps


def measure(plan: Plan) -> list[Section]:
    """Return a table of the designs and one of the recorder."""
    app = QApplication.instance() or QApplication([])
    theme.apply(app)  # type: ignore[arg-type]
    cases = ((8, 10_000), (128, 50_000))
    designs: list[tuple[str, Callable[[np.ndarray], float]]] = [
        ("PlotDataItem as it comes", lambda d: plot_items(d, False)),
        ("PlotDataItem, peaks and clipping", lambda d: plot_items(d, True)),
        ("our picture in a ViewBox of pyqtgraph", raster_in_view_box),
        ("oscilloscope, everything drawn anew", lambda d: oscilloscope(d, True)),
        ("oscilloscope", lambda d: oscilloscope(d, False)),
    ]
    data = [potentials(*case) for case in cases]
    frames = tuple((name, *(number(draw(d)) for d in data)) for name, draw in designs)
    header = ("ms a frame", *(f"{n} x {m}" for n, m in cases))
    blocks = (1, 20, 100, 400)
    costs = tuple(
        (f"{n} channels", *(f"{recording_us(n, steps):.2f}" for steps in blocks))
        for n in (1, 8, 128)
    )
    blocked = ("us per step", *(f"{steps} a block" for steps in blocks))
    text = "The same samples in a window of 1000 x 420 pixels, by design; traces x samples."
    return [
        Section("A frame of the oscilloscope", header, frames, text),
        Section("The recorder", blocked, costs, "What recording takes per step, by block."),
    ]


if __name__ == "__main__":
    run(measure, __doc__)
