"""The oscilloscope: what is recorded is what is seen, read, measured and copied."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from neurocanvas.app import theme
from neurocanvas.app.instruments import scales, scope_menu
from neurocanvas.app.instruments.oscilloscope import Oscilloscope
from neurocanvas.app.instruments.scales import ROWS, TIME_BASES, Scale
from neurocanvas.app.instruments.scope_state import ScopeSettings
from neurocanvas.app.instruments.trace_image import Frame, Stroke, TraceImage
from neurocanvas.app.instruments.trigger import LEAD, Sweeps, crossings
from neurocanvas.app.session import Session
from neurocanvas.sim.recording import compiled
from neurocanvas.sim.recording.recorder import Channel, Recorder

DT = 0.1
REST = -65.0


class Bench:
    """A session with two probed neurons, an oscilloscope, and a hand on the recorder."""

    def __init__(self, session: Session, qtbot: QtBot) -> None:
        self.session = session
        circuit = session.circuit
        self.a = circuit.add("hodgkin_huxley", label="A")
        self.b = circuit.add("hodgkin_huxley", label="B", size=5)
        session.add_probe(self.a)
        session.add_probe(self.b, "v", 3)
        self.recorder = session.recorder
        self.configure()
        self.scope = Oscilloscope(session)
        qtbot.addWidget(self.scope)
        self.scope.resize(660, 340)
        self.scope.show()
        qtbot.waitExposed(self.scope)

    def configure(self) -> None:
        probes = self.session.circuit.bench.probes
        channels = [Channel(p.node, p.variable, p.index) for p in probes]
        self.recorder.configure(channels, DT, max(self.recorder.end - 1, 0))

    def feed(self, *rows: object) -> None:
        """Append samples of all channels; a number stands for that value all along."""
        n = max(np.size(row) for row in rows)
        block = np.array([np.broadcast_to(np.asarray(row, float), n) for row in rows])
        self.recorder.append(self.recorder.end - 1, block)
        self.session.tick.emit()

    def picture(self) -> QImage:
        """The screen as it is painted."""
        return self.scope.view.grab().toImage()

    def columns_of(self, number: int, above: float) -> list[int]:
        """The x at which a trace is seen above a value (mV)."""
        wanted = QColor(theme.probe_colour(number)).rgb()
        image, screen = self.picture(), self.scope.display.screen
        stop = round(screen.y_of(above, Scale(-80.0, 20.0)))
        xs = range(screen.plot.left(), screen.plot.right() + 1)
        ys = range(screen.plot.top(), stop)
        return [x for x in xs if any(image.pixel(x, y) == wanted for y in ys)]

    def wheel(self, at: QPoint, notches: int, keys: Qt.KeyboardModifier | None = None) -> None:
        view = self.scope.view
        event = QWheelEvent(
            QPointF(at), QPointF(view.mapToGlobal(at)), QPoint(), QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton, keys or Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(view, event)

    def drag(self, start: QPoint, stop: QPoint) -> None:
        view, left = self.scope.view, Qt.MouseButton.LeftButton
        QTest.mousePress(view, left, pos=start)
        for part in (0.3, 0.7, 1.0):
            QTest.mouseMove(view, start + (stop - start) * part)
        QTest.mouseRelease(view, left, pos=stop)

    def x_of(self, before_now_ms: float) -> int:
        screen = self.scope.display.screen
        return round(screen.x_of(screen.right_ms - before_now_ms))

    @property
    def settings(self) -> dict[str, object]:
        """As stored in the document."""
        return dict(self.session.circuit.bench.instruments[0].settings)


@pytest.fixture
def bench(session: Session, qtbot: QtBot, dark: None) -> Bench:
    return Bench(session, qtbot)


def spike_at(n: int, at: int) -> np.ndarray:
    values = np.full(n, REST)
    values[at] = 30.0
    return values


# -- what is seen --------------------------------------------------------------------------------


def test_a_spike_of_one_sample_is_seen_where_it_belongs(bench: Bench) -> None:
    bench.feed(spike_at(5000, 4200), -70.0)
    seen = bench.columns_of(1, above=0.0)
    assert seen, "the spike is not on the screen"
    time_ms = (4200 + 1) * DT
    expected = bench.scope.display.screen.x_of(time_ms)
    assert max(abs(x - expected) for x in seen) <= 2
    assert not bench.columns_of(2, above=0.0)


def test_the_spike_moves_left_as_time_goes_on(bench: Bench) -> None:
    bench.feed(spike_at(3000, 2990), REST)
    first = bench.columns_of(1, above=0.0)
    for _ in range(50):
        bench.feed(np.full(20, REST), REST)
        bench.picture()
    later = bench.columns_of(1, above=0.0)
    pixels_per_ms = bench.scope.display.screen.plot.width() / 200.0
    assert np.mean(first) - np.mean(later) == pytest.approx(100 * pixels_per_ms, abs=2)
    assert len(later) == len(first)


def test_traces_have_the_colours_of_their_probes(bench: Bench) -> None:
    band = np.tile([-3.0, 3.0], 1500)
    bench.feed(-20.0 + band, 20.0 + band)
    image, screen = bench.picture(), bench.scope.display.screen
    x = screen.plot.center().x()
    for number, value in ((1, -20.0), (2, 20.0)):
        y = round(screen.y_of(value, Scale(-80.0, 20.0)))
        assert image.pixelColor(x, y).name() == theme.probe_colour(number)


def test_without_probes_it_says_how_to_get_one(bench: Bench) -> None:
    bench.session.remove_probe(1)
    bench.session.remove_probe(2)
    assert bench.scope.traces == ()
    middle = bench.scope.display.screen.plot.center()
    image, background = bench.picture(), QColor(theme.current().scope)
    ys = range(middle.y() - 8, middle.y() + 8)
    words = {image.pixel(x, y) for x in range(middle.x() - 130, middle.x() + 130) for y in ys}
    assert len(words) > 10, "there are no words in the middle"
    assert image.pixelColor(3, 3) == background


def test_what_came_before_it_can_be_drawn_is_drawn_then(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as early:
        early.setattr(compiled, "can_draw", lambda: False)
        bench.feed(spike_at(1000, 500), -70.0)
        waiting = bench.picture()
        assert bench.columns_of(1, above=0.0) == []
        painted: list[int] = []
        early.setattr(bench.scope.view, "refresh", lambda: painted.append(1))
        bench.session.tick.emit()
        assert painted == []
        early.setattr(compiled, "can_draw", lambda: True)
        bench.session.tick.emit()
        assert painted == [1], "it may be halted meanwhile"
    assert bench.columns_of(1, above=0.0), "the spike is not on the screen"
    # The words in the middle are gone, and were there before.
    middle = bench.scope.display.screen.plot.center()
    box = QRect(middle.x() - 40, middle.y() - 6, 80, 12)
    assert waiting.copy(box) != bench.picture().copy(box)


def test_light_and_dark(bench: Bench, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.feed(np.full(3000, -20.0), REST)
    dark = bench.picture().pixelColor(2, 2).name()
    monkeypatch.setenv(theme.ENVIRONMENT, "light")
    theme.apply(qapp)
    light = bench.picture().pixelColor(2, 2).name()
    assert (dark, light) == (theme.DARK.scope, theme.LIGHT.scope)


def test_a_probe_added_later_and_a_rename_show_at_once(bench: Bench) -> None:
    number = bench.session.add_probe(bench.a, "n")
    assert [t.number for t in bench.scope.traces] == [1, 2, number]
    assert bench.scope.display.units == ("mV", "1")
    from neurocanvas.model.edits import Rename

    bench.session.do(Rename(bench.a, "Left"))
    assert [t.title for t in bench.scope.traces][:2] == ["1 Left \u00b7 v", "2 B[3] \u00b7 v"]


def test_nothing_is_done_while_nothing_happens(
    bench: Bench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.feed(np.full(3000, -20.0), REST)
    bench.session.tick.emit()  # the readings follow one tick later
    bench.picture()
    painted: list[int] = []
    monkeypatch.setattr(bench.scope.view, "refresh", lambda: painted.append(1))
    monkeypatch.setattr(bench.scope.legend, "show_entries", lambda entries: painted.append(2))
    for _ in range(10):
        bench.session.tick.emit()
    assert painted == []
    bench.feed(REST, REST)
    assert painted == [1]
    bench.scope.hide()
    bench.feed(REST, REST)
    assert painted == [1]


# -- the picture is the same however it came about -------------------------------------------------


@given(
    st.integers(0, 2**31),
    st.floats(0.03, 40.0),
    st.lists(st.tuples(st.integers(1, 700), st.integers(-150, 100)), min_size=1, max_size=12),
)
def test_scrolled_picture_equals_one_drawn_at_once(
    seed: int, samples: float, blocks: list[tuple[int, int]]
) -> None:
    rng = np.random.default_rng(seed)
    channels = [Channel("a", "v"), Channel("b", "v")]
    recorder = Recorder(1 << 14)
    recorder.configure(channels, DT, 0)
    strokes = (
        Stroke(channels[0], 0xFFF4C95D, 40.0, 10.0),
        Stroke(channels[1], 0xFF7FD1C8, 30.0, 10.0),
    )
    scrolled = TraceImage()

    def frame(shift: int) -> Frame:
        right = math.floor((recorder.end - 1) / samples) + 1 + shift
        return Frame(strokes, 120, 80, samples, right)

    recorder.append(0, rng.normal(size=(2, 3000)))
    scrolled.update(recorder, frame(0))
    for block, shift in blocks:  # as when a screen follows, is dragged back, and followed again
        recorder.append(recorder.end - 1, rng.normal(size=(2, block)))
        scrolled.update(recorder, frame(shift))
    whole = TraceImage()
    whole.update(recorder, frame(blocks[-1][1]))
    seen = frame(blocks[-1][1]).right > 1  # not only what was before the first sample
    assert not seen or any(bytes(whole.image.constBits()))
    assert scrolled.image == whole.image


def test_scrolling_draws_only_what_is_new() -> None:
    recorder = Recorder(1 << 14)
    recorder.configure([Channel("a", "v")], DT, 0)
    strokes = (Stroke(Channel("a", "v"), 0xFFFFFFFF, 40.0, 10.0),)
    image = TraceImage()
    recorder.append(0, np.zeros((1, 8000)))
    image.update(recorder, Frame(strokes, 600, 80, 10.0, 801))
    full = image.drawn_columns
    for k in range(10):
        recorder.append(recorder.end - 1, np.zeros((1, 20)))
        image.update(recorder, Frame(strokes, 600, 80, 10.0, 803 + 2 * k))
    assert full == 600
    assert image.drawn_columns - full <= 10 * 5


# -- the time axis -------------------------------------------------------------------------------


def test_the_wheel_changes_the_time_base_and_is_no_step_of_undo(bench: Bench) -> None:
    bench.feed(np.full(3000, REST), REST)
    steps = bench.session.undo_stack.count()
    middle = bench.scope.display.screen.plot.center()
    for _ in range(3):
        bench.wheel(middle, -1)
    assert bench.scope.display.settings.window_ms == 2000.0
    assert bench.settings == {"window_ms": 2000.0}
    assert bench.session.undo_stack.count() == steps


def test_time_bases_end_at_five_ms_and_ten_seconds(bench: Bench) -> None:
    middle = bench.scope.display.screen.plot.center()
    bench.wheel(middle, 30)
    assert bench.scope.display.settings.window_ms == 5.0
    bench.wheel(middle, -30)
    assert bench.scope.display.settings.window_ms == 10_000.0
    assert bench.scope.info.text().startswith("1 s/div")


@pytest.mark.parametrize("window", TIME_BASES)
def test_the_axis_counts_back_from_now(window: float) -> None:
    ticks = scales.time_ticks(window)
    assert ticks[-1] == (1.0, "now")
    place, words = ticks[0]
    number, unit = words.split()
    factor = {"ms": 1.0, "s": 1e3}[unit]
    assert place == 0.0
    assert float(number.replace("\u2212", "-")) * factor == -window


# -- hold ----------------------------------------------------------------------------------------


def test_a_held_screen_stands_still_and_can_be_dragged_into_the_past(bench: Bench) -> None:
    bench.feed(spike_at(10000, 9500), REST)
    bench.scope.hold_button.click()
    assert bench.scope.display.held
    before = bench.picture()
    right = bench.scope.display.screen.right_ms
    bench.feed(np.full(5000, 0.0), REST)
    assert bench.scope.display.screen.right_ms == right
    plot = bench.scope.display.screen.plot
    almost = plot.adjusted(0, 0, -3, 0)  # the newest column had not been full yet
    assert bench.picture().copy(almost) == before.copy(almost)
    bench.drag(plot.center(), plot.center() + QPoint(plot.width() // 4, 0))
    moved = right - bench.scope.display.screen.right_ms
    assert moved == pytest.approx(200.0 / 4, abs=1.0)
    spike = bench.columns_of(1, above=0.0)
    assert np.mean(spike) == pytest.approx(bench.scope.display.screen.x_of(9501 * DT), abs=2)
    bench.scope.hold_button.click()
    assert bench.scope.display.screen.right_ms == pytest.approx(bench.recorder.now_ms, abs=1.0)


def test_zooming_a_held_screen_keeps_the_time_under_the_mouse(bench: Bench) -> None:
    bench.feed(np.full(30000, REST), REST)
    bench.scope.set_held(True)
    bench.scope.view.look_at(2500.0)
    at = bench.scope.display.screen.plot.center() - QPoint(120, 0)
    time = bench.scope.display.screen.time_at(at.x())
    for _ in range(2):
        bench.wheel(at, 1)
    screen = bench.scope.display.screen
    assert screen.window_ms == 50.0
    assert screen.time_at(at.x()) == pytest.approx(time, abs=2 * screen.window_ms / 500)


def test_looking_back_ends_where_the_recording_began(bench: Bench) -> None:
    bench.feed(np.full(3000, REST), REST)
    bench.scope.view.look_at(-5000.0)
    assert bench.scope.display.screen.right_ms >= 50.0
    bench.scope.view.look_at(1e9)
    assert bench.scope.display.screen.right_ms <= 301.0


# -- scales --------------------------------------------------------------------------------------


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_a_fitting_scale_shows_everything_on_round_numbers(low: float, span: float) -> None:
    scale = Scale.around(low, low + span)
    slack = 1e-6 * scale.step
    assert scale.bottom <= low + slack
    assert scale.top >= low + span - slack
    mantissa = scale.step / 10 ** math.floor(math.log10(scale.step) + 1e-9)
    assert min(abs(mantissa - m) for m in (1, 2, 5)) < 1e-6
    assert scale.bottom / scale.step == pytest.approx(round(scale.bottom / scale.step), abs=1e-3)
    if span > 1e-3 * abs(low):  # and not much more than everything
        assert (scale.top - scale.bottom) <= 2.5 * ROWS * max(span / ROWS, 1e-9) * 2


@given(st.floats(1e-6, 1e6), st.integers(-8, 8))
def test_steps_up_and_down_the_scales_come_back(step: float, steps: int) -> None:
    start = scales.round_up(step)
    assert scales.neighbour(scales.neighbour(start, steps), -steps) == pytest.approx(start)


def test_potentials_have_the_usual_scale_until_it_is_changed(bench: Bench) -> None:
    bench.feed(np.full(3000, -50.0), -55.0)
    assert bench.scope.display.scale_of("mV") == Scale(-80.0, 20.0)
    bench.scope.autoscale_button.click()
    fitted = bench.scope.display.scale_of("mV")
    assert fitted.bottom <= -55.0 < -50.0 <= fitted.top
    assert fitted.step <= 2.0
    assert bench.settings["scales"] == {"mV": [fitted.bottom, fitted.step]}
    bench.scope.reset_scales()
    assert bench.scope.display.scale_of("mV") == Scale(-80.0, 20.0)


def test_a_double_click_fits_the_scale(bench: Bench) -> None:
    bench.feed(np.full(3000, -50.0), -55.0)
    plot = bench.scope.display.screen.plot
    QTest.mouseDClick(bench.scope.view, Qt.MouseButton.LeftButton, pos=plot.center())
    assert bench.scope.display.scale_of("mV").step < 20.0


def test_the_wheel_on_the_axis_zooms_the_values(bench: Bench) -> None:
    bench.feed(np.full(3000, REST), REST)
    plot = bench.scope.display.screen.plot
    bench.wheel(QPoint(plot.left() - 10, plot.center().y()), 1)
    assert bench.scope.display.scale_of("mV").step == 10.0
    assert bench.scope.display.settings.window_ms == 200.0
    bench.wheel(plot.center(), -1, Qt.KeyboardModifier.ControlModifier)
    assert bench.scope.display.scale_of("mV").step == 20.0


def test_dragging_the_axis_moves_it_by_whole_divisions(bench: Bench) -> None:
    bench.feed(np.full(3000, REST), REST)
    plot = bench.scope.display.screen.plot
    start = QPoint(plot.left() - 12, plot.center().y())
    bench.drag(start, start + QPoint(0, round(plot.height() / ROWS)))
    assert bench.scope.display.scale_of("mV") == Scale(-60.0, 20.0)
    assert bench.settings["scales"] == {"mV": [-60.0, 20.0]}


def test_another_unit_gets_an_axis_of_its_own_that_fits(bench: Bench, qtbot: QtBot) -> None:
    bench.session.add_probe(bench.a, "I_Na")
    bench.configure()
    bench.feed(np.full(3000, REST), REST, np.linspace(-4000.0, 0.0, 3000))
    display = bench.scope.display
    assert display.units == ("mV", "pA")
    assert not display.settled
    qtbot.wait(500)  # scales that nobody set are looked at twice a second
    bench.session.tick.emit()
    assert display.settled
    scale = display.scale_of("pA")
    assert scale.bottom <= -2700 + 2 * scale.step
    assert scale.top >= 0.0
    assert "pA/div" in bench.scope.info.text()
    assert bench.scope.display.screen.plot.right() < bench.scope.view.width() - 40


# -- trigger -------------------------------------------------------------------------------------


def test_crossings_are_found_between_samples() -> None:
    times = np.arange(0.0, 100.0, 0.1)
    found = crossings(times, np.sin(2 * np.pi * (times - 3.0) / 20.0), 0.5)
    np.testing.assert_allclose(found, 3.0 + 20.0 / 12 + 20.0 * np.arange(5), atol=1e-3)


def test_sweeps_begin_at_crossings_and_stay_until_they_are_full() -> None:
    recorder, sweeps = Recorder(), Sweeps()
    channel = Channel("a", "v")
    recorder.configure([channel], DT, 0)
    edges = []
    for k in range(0, 12000, 25):
        times = DT * (k + 1 + np.arange(25))
        recorder.append(k, np.sin(2 * np.pi * times / 70.0)[None, :])
        edges.append(sweeps.right_edge(recorder, channel, 0.0, 100.0))
    shown = np.array([edge for edge in edges if edge is not None])
    starts = np.unique(shown - 100.0 * (1 - LEAD))
    np.testing.assert_allclose(starts % 70.0 % 70.0, 0.0, atol=1e-6)
    assert np.diff(starts) == pytest.approx(140.0), "a sweep of 90 ms, then the next crossing"
    assert len(shown) > 0.9 * len(edges)


def test_a_triggered_screen_stands_still(bench: Bench) -> None:
    bench.scope.set_trigger(1, -20.0)
    pulses = np.where(np.arange(20_000) % 400 < 20, 30.0, REST)  # 2 ms long, every 40 ms
    bench.feed(pulses[:9000], REST)
    places = []
    for k in range(9000, 17_000, 130):
        bench.feed(pulses[k : k + 130], REST)
        places.append(bench.columns_of(1, above=20.0)[0])
    left = bench.scope.display.screen.plot.left()
    expected = left + LEAD * bench.scope.display.screen.plot.width()
    assert np.ptp(places) <= 1
    assert places[0] == pytest.approx(expected, abs=2)
    assert bench.settings["trigger"] == [1, -20.0]


def test_a_trigger_that_never_comes_lets_the_trace_run(bench: Bench) -> None:
    bench.scope.set_trigger(1, 500.0)
    bench.feed(np.full(9000, REST), REST)
    assert not bench.scope.display.sweeping
    assert bench.scope.display.screen.right_ms == pytest.approx(900.0, abs=1.0)


def test_the_level_is_dragged_by_its_arrow(bench: Bench) -> None:
    bench.feed(np.full(3000, REST), REST)
    bench.scope.set_trigger(1)
    steps = bench.session.undo_stack.count()
    screen = bench.scope.display.screen
    start = QPoint(screen.plot.left() - 5, round(screen.y_of(0.0, Scale(-80.0, 20.0))))
    bench.drag(start, QPoint(start.x(), round(screen.y_of(-40.0, Scale(-80.0, 20.0)))))
    trigger = bench.scope.display.settings.trigger
    assert trigger is not None
    assert trigger.level == pytest.approx(-40.0, abs=1.0)
    assert bench.session.undo_stack.count() == steps


# -- cursors and reading -------------------------------------------------------------------------


def test_dragging_measures_a_time(bench: Bench) -> None:
    bench.scope.set_window(500.0)
    bench.feed(np.full(9000, REST), REST)
    y = bench.scope.display.screen.plot.center().y()
    bench.drag(QPoint(bench.x_of(400.0), y), QPoint(bench.x_of(220.0), y))
    assert bench.scope.display.cursors == pytest.approx((-400.0, -220.0), abs=1.0)
    words = bench.scope.display.cursor_text().split()
    assert float(words[1]) == pytest.approx(180.0, abs=1.5)
    assert float(words[3]) == pytest.approx(5.56, abs=0.05)
    assert bench.scope.cursor_button.isChecked()
    bench.drag(QPoint(bench.x_of(220.0), y), QPoint(bench.x_of(300.0), y))  # takes hold of one
    assert bench.scope.display.cursors == pytest.approx((-400.0, -300.0), abs=1.5)
    QTest.keyClick(bench.scope.view, Qt.Key.Key_Escape)
    assert bench.scope.display.cursors is None
    assert not bench.scope.cursor_button.isChecked()


def test_cursors_measure_exactly() -> None:
    from neurocanvas.app.instruments.display import Display

    display = Display(Recorder())
    display.cursors = (-333.0, -153.0)
    assert display.cursor_text() == "\u0394t 180.0 ms 5.56 Hz"


def test_a_click_places_no_cursors(bench: Bench) -> None:
    bench.feed(np.full(3000, REST), REST)
    centre = bench.scope.display.screen.plot.center()
    QTest.mouseClick(bench.scope.view, Qt.MouseButton.LeftButton, pos=centre)
    assert bench.scope.display.cursors is None


def test_the_value_under_the_mouse_is_that_of_the_nearest_trace(bench: Bench) -> None:
    bench.feed(spike_at(9000, 8500), -20.0)
    screen = bench.scope.display.screen
    x = screen.x_of(8501 * DT)
    top = bench.scope.display.nearest(QPointF(x, screen.plot.top() + 30))
    assert top is not None
    trace, _, time_ms, value = top
    assert (trace.number, value) == (1, 30.0)
    assert time_ms == pytest.approx(850.1)
    other = bench.scope.display.nearest(QPointF(x - 50, screen.y_of(-25.0, Scale(-80.0, 20.0))))
    assert other is not None
    assert (other[0].number, other[3]) == (2, -20.0)


def test_read_at_gives_time_and_values(bench: Bench) -> None:
    ramp = np.linspace(-80.0, 40.0, 3000)
    bench.feed(ramp, REST)
    x = bench.x_of(77.0)
    time_ms, values = bench.scope.read_at(x)
    assert time_ms == pytest.approx(300.0 - 77.0, abs=0.5)
    assert values[1] == pytest.approx(np.interp(time_ms, DT * (1 + np.arange(3000)), ramp))
    assert values[2] == REST


def test_spikes_can_be_read_and_counted(bench: Bench) -> None:
    bench.feed(np.full(10000, REST), REST)
    a, b = bench.recorder.node_number(bench.a), bench.recorder.node_number(bench.b)
    bench.recorder.add_spikes(
        [700.0, 850.5, 900.25, 950.0, 960.0], [a, a, b, a, b], [0, 0, 3, 0, 1]
    )
    bench.feed(REST, REST)
    bench.session.tick.emit()
    assert bench.scope.spike_times_on_screen(1).tolist() == [850.5, 950.0]
    assert bench.scope.spike_times_on_screen(2).tolist() == [900.25]  # not neuron 1 of B
    rates = {entry.trace.number: entry.rate for entry in bench.scope.legend.entries}
    assert rates == {1: "10 Hz", 2: ""}  # in a screen of 200 ms; one spike has no rate


def test_the_legend_names_selects_and_reads(bench: Bench) -> None:
    bench.feed(np.full(3000, -64.25), -70.0)
    bench.session.tick.emit()
    bench.scope.legend.grab()
    entries = bench.scope.legend.entries
    assert [e.trace.title for e in entries] == ["1 A \u00b7 v", "2 B[3] \u00b7 v"]
    assert [e.value for e in entries] == ["\u221264.2 mV", "\u221270.0 mV"]
    place = bench.scope.legend.place_of(2)
    assert place is not None
    QTest.mouseClick(bench.scope.legend, Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert bench.session.selection == (bench.b,)


# -- menu, table, picture ------------------------------------------------------------------------


def trigger_action(bench: Bench, text: str) -> None:
    menu = scope_menu.context_menu(bench.scope, bench.scope.traces[0])
    action = next(a for a in menu.actions() if a.text().startswith(text))
    action.trigger()
    menu.deleteLater()


def test_the_menu_removes_a_probe_and_undo_brings_it_back(bench: Bench) -> None:
    trigger_action(bench, "Remove probe 1 (A")
    assert [t.number for t in bench.scope.traces] == [2]
    assert bench.scope.traces[0].colour == theme.probe_colour(2)
    bench.session.undo()
    assert [t.number for t in bench.scope.traces] == [1, 2]


def test_the_table_holds_the_samples_on_the_screen(bench: Bench) -> None:
    rng = np.random.default_rng(4)
    values = rng.normal(-65, 5, (2, 5000))
    bench.feed(*values)
    trigger_action(bench, "Copy data")
    rows = list(csv.reader(io.StringIO(QGuiApplication.clipboard().text())))
    assert rows[0] == ["time_ms", "A.v", "B[3].v"]
    table = np.array(rows[1:], float)
    assert len(table) == pytest.approx(2000, abs=5)
    first = round(table[0, 0] / DT) - 1
    np.testing.assert_allclose(table[:, 0], DT * (1 + first + np.arange(len(table))), rtol=1e-9)
    np.testing.assert_allclose(table[:, 1:].T, values[:, first : first + len(table)], rtol=1e-9)


def test_a_picture_is_saved(bench: Bench, tmp_path: object) -> None:
    bench.feed(np.full(3000, -20.0), REST)
    path = f"{tmp_path}/scope.png"
    bench.scope.save_picture(path)
    assert QImage(path).width() >= 660
    said: list[str] = []
    bench.session.message.connect(said.append)
    bench.scope.save_picture(f"{tmp_path}/no/such/folder.png")
    assert "could not be written" in said[-1]


# -- settings and documents ----------------------------------------------------------------------


@given(
    st.dictionaries(
        st.sampled_from(["window_ms", "scales", "trigger", "x"]),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=3) | st.integers(),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text(max_size=3), inner, max_size=3)
            ),
            max_leaves=6,
        ),
    )
)
def test_settings_from_a_file_never_break_it(values: dict[str, object]) -> None:
    settings = ScopeSettings.from_json(values)
    assert settings.window_ms in TIME_BASES
    again = {k: v for k, v in settings.to_json().items() if v is not None}
    assert ScopeSettings.from_json(again) == settings


def test_another_document_begins_afresh(bench: Bench) -> None:
    bench.feed(np.full(3000, REST), REST)
    bench.scope.set_window(500.0)
    bench.scope.set_held(True)
    bench.scope.show_cursors(True)
    bench.session.new()
    assert bench.scope.traces == ()
    assert bench.scope.display.settings == ScopeSettings()
    assert not bench.scope.display.held
    assert bench.scope.display.cursors is None


# -- with the engine -----------------------------------------------------------------------------


def test_a_spike_of_a_running_neuron_is_read_off_the_screen(
    session: Session, qtbot: QtBot, dark: None
) -> None:
    circuit = session.circuit
    cell = circuit.add("hodgkin_huxley", label="HH")
    source = circuit.add("step_current", amplitude=1000.0, start=5.0)
    circuit.connect(source, cell)
    number = session.add_probe(cell)
    scope = Oscilloscope(session)
    qtbot.addWidget(scope)
    scope.resize(660, 340)
    scope.show()
    session.start()
    session.set_speed(0.0)
    session.set_visible(True)
    session.run()
    qtbot.waitUntil(lambda: session.recorder.now_ms > 60.0, timeout=60_000)
    session.pause()
    session.runner.drain()
    scope.set_held(False)
    session.tick.emit()
    scope.set_window(10_000.0 if session.recorder.now_ms > 900.0 else 1000.0)
    times = scope.spike_times_on_screen(number)
    assert times.size >= 2
    recorded, values = session.recorder.samples(scope.traces[0].channel, 0.0, 1e9)
    from_trace = crossings(recorded, values, 0.0)
    np.testing.assert_allclose(times[: len(from_trace)], from_trace, atol=circuit.settings.dt)
    x = scope.display.screen.x_of(float(times[0]))
    assert scope.read_at(x)[0] == pytest.approx(times[0], abs=1e-6)


def test_everything_can_be_pressed(bench: Bench, make_press: Callable[[Bench], None]) -> None:
    make_press(bench)


@pytest.fixture
def make_press() -> Callable[[Bench], None]:
    """Opens the menus of all buttons and presses what can be pressed, with and without traces."""

    def press(bench: Bench) -> None:
        for _ in range(2):
            for button in (bench.scope.trigger_button, bench.scope.info):
                menu = button.menu()
                menu.aboutToShow.emit()
                for action in list(menu.actions()):
                    action.trigger()
            for button in (
                bench.scope.hold_button, bench.scope.autoscale_button, bench.scope.cursor_button,
            ):  # fmt: skip
                button.click()
                bench.picture()
                button.click()
            bench.session.remove_probe(bench.scope.traces[0].number)

    return press
