"""Strokes of spikes that no sample meets, and scales that odd traces do not spoil."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from neurocanvas.app import theme
from neurocanvas.app.instruments.oscilloscope import Oscilloscope
from neurocanvas.app.instruments.scales import ROWS, Scale, per_division, shown_in
from neurocanvas.app.instruments.traces import SPIKE_TOP, missing_of, traces_of
from neurocanvas.app.session import Session
from neurocanvas.model.edits import SetParameter
from neurocanvas.sim.recording.recorder import Channel

DT = 0.1


class Screen:
    """An oscilloscope with one probe, and a hand on the recorder."""

    def __init__(self, session: Session, qtbot: QtBot, kind: str, **values: float) -> None:
        self.session, self.recorder = session, session.recorder
        self.node = session.circuit.add(kind, label="A", **values)
        session.add_probe(self.node)
        (probe,) = session.circuit.bench.probes
        self.channel = Channel(self.node, probe.variable, 0)
        self.recorder.configure([self.channel], DT, 0)
        self.scope = Oscilloscope(session)
        qtbot.addWidget(self.scope)
        self.scope.resize(660, 340)
        self.scope.show()
        qtbot.waitExposed(self.scope)

    def feed(self, values: np.ndarray, *spikes_ms: float) -> None:
        number = self.recorder.node_number(self.node)
        self.recorder.add_spikes(
            spikes_ms, [number] * len(spikes_ms), np.zeros(len(spikes_ms), int)
        )
        self.recorder.append(self.recorder.end - 1, values[None, :])
        self.session.tick.emit()

    def columns_at(self, value: float) -> list[int]:
        """The x at which the trace has a pixel at a value."""
        image: QImage = self.scope.view.grab().toImage()
        screen = self.scope.display.screen
        y = round(screen.y_of(value, self.scope.display.scale_of("mV")))
        wanted = QColor(theme.probe_colour(1)).rgb()
        xs = range(screen.plot.left(), screen.plot.right() + 1)
        return [x for x in xs if image.pixel(x, y) == wanted]


@pytest.fixture
def screen_of(session: Session, qtbot: QtBot, dark: None) -> Callable[..., Screen]:
    return lambda kind, **values: Screen(session, qtbot, kind, **values)


def test_a_spike_that_is_reset_is_drawn_as_a_line_where_it_happened(screen_of) -> None:
    screen = screen_of("lif")
    times = np.arange(3000) * DT
    screen.feed(np.where(times < 250.0, -56.0, -70.0), 250.0)
    seen = screen.columns_at(0.0)
    assert seen
    expected = screen.scope.display.screen.x_of(250.0)
    assert all(abs(x - expected) <= 2 for x in seen)
    assert not screen.columns_at(SPIKE_TOP + 10)
    # What is read, copied and measured is what was recorded.
    _, values = screen.recorder.samples(screen.channel, 0, 300)
    assert values.max() == -56.0
    assert screen.scope.display.data_range("mV") == (-70.0, -56.0)


def test_strokes_come_with_new_columns_too(screen_of) -> None:
    screen = screen_of("lif")
    screen.feed(np.full(3000, -60.0))
    screen.scope.view.grab()
    assert not screen.columns_at(0.0)
    screen.feed(np.full(100, -60.0), 304.0)
    seen = screen.columns_at(0.0)
    assert seen
    assert abs(seen[0] - screen.scope.display.screen.x_of(304.0)) <= 2


@pytest.mark.parametrize(
    ("kind", "top"),
    [("lif", SPIKE_TOP), ("adex", 20.0), ("izhikevich", 30.0), ("izhikevich_2007", 35.0),
     ("hodgkin_huxley", None), ("morris_lecar", None), ("fitzhugh_nagumo", None)],
)  # fmt: skip
def test_strokes_end_at_the_peak_that_the_equations_name(
    session: Session, kind: str, top: float | None
) -> None:
    """A peak that the samples hold by themselves is not drawn over."""
    session.add_probe(session.circuit.add(kind))
    (trace,) = traces_of(session.circuit, "scope")
    assert trace.peak == top


def test_a_peak_follows_its_parameter(session: Session) -> None:
    node = session.circuit.add("izhikevich")
    session.add_probe(node)
    session.do(SetParameter(node, "V_peak", 45.0))
    (trace,) = traces_of(session.circuit, "scope")
    assert trace.peak == 45.0


def test_a_trigger_at_0_mv_starts_at_the_spikes_of_an_integrator(screen_of) -> None:
    screen = screen_of("lif")
    screen.scope.set_trigger(1)
    spikes = [100.0 + 40 * k for k in range(20)]
    screen.feed(np.full(9000, -60.0), *spikes)
    display = screen.scope.display
    assert display.sweeping
    assert any(abs(display.zero_ms - spike) < 0.2 for spike in spikes)


# -- scales --------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [5.0, -65.0, 1e4, 3e-3])
def test_a_constant_is_shown_on_a_scale_of_its_own_size(value: float) -> None:
    scale = Scale.around(value, value)
    assert scale.bottom <= value <= scale.top
    assert 0.01 * abs(value) <= scale.step <= 0.1 * abs(value)
    noisy = Scale.around(value, value * (1 + 1e-7))
    assert 0.01 * abs(value) <= noisy.step <= 0.1 * abs(value)
    assert Scale.around(0.0, 0.0) == Scale(-3.0, 1.0)


@pytest.mark.parametrize(
    ("top", "unit", "shown", "words"),
    [
        (500.0, "pA", "pA", "100 pA/div"),
        (2e5, "pA", "nA", "50 nA/div"),
        (9e6, "pA", "\u00b5A", "2 \u00b5A/div"),
        (3e4, "nS", "\u00b5S", "5 \u00b5S/div"),
        (60.0, "mV", "mV", "10 mV/div"),
        (1.0, "1", "1", "0.2/div"),
    ],
)
def test_numbers_of_an_axis_are_short(top: float, unit: str, shown: str, words: str) -> None:
    scale = Scale.around(0.0, top)
    name, factor = shown_in(scale, unit)
    assert name == shown
    assert abs(scale.top * factor) < 1e4
    assert per_division(scale, unit) == words


def test_small_variations_are_still_looked_at_closely() -> None:
    scale = Scale.around(-65.02, -64.98)
    assert scale.step <= 0.01
    assert ROWS * scale.step >= 0.04


def test_the_jump_of_a_clamp_does_not_spoil_the_scale(
    session: Session, qtbot: QtBot, dark: None
) -> None:
    circuit = session.circuit
    clamp, cell = circuit.add("voltage_clamp"), circuit.add("hodgkin_huxley")
    link = circuit.connect(clamp, cell, "clamp")
    session.add_probe(link, "I")
    (trace,) = traces_of(circuit, "scope")
    session.recorder.configure([trace.channel], DT, 0)
    scope = Oscilloscope(session)
    qtbot.addWidget(scope)
    scope.resize(660, 340)
    scope.show()
    current = 2000 * np.sin(np.arange(2000) / 50)
    current[0], current[200], current[500] = 1e8, 6.5e8, -6.5e8
    session.recorder.append(0, current[None, :])
    session.tick.emit()
    scope.autoscale()
    scale = scope.display.scale_of("pA")
    assert -8000 < scale.bottom <= -1990
    assert 1990 <= scale.top < 8000


# -- an empty screen -----------------------------------------------------------------------------


def test_a_probe_on_an_unknown_kind_says_why_it_shows_nothing(
    session: Session, qtbot: QtBot, tmp_path
) -> None:
    path = tmp_path / "strange.neuro"
    path.write_text(
        '{"format": "neurocanvas", "version": 1, "circuit": {"nodes": [{"id": "n1", '
        '"kind": "cable", "label": "P"}], "links": []}, '
        '"bench": {"probes": [{"number": 1, "node": "n1"}]}}'
    )
    session.open(path)
    scope = Oscilloscope(session)
    qtbot.addWidget(scope)
    assert missing_of(session.circuit, "scope") == [
        "Probe 1: P is of the unknown kind cable and is not run"
    ]
    assert scope.view.words == missing_of(session.circuit, "scope")[0]
    session.remove_probe(1)
    assert scope.view.words == ""
