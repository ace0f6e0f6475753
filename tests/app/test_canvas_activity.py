"""Fills, flashes and travelling spikes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from neurocanvas.app.canvas import geometry as geo
from neurocanvas.app.canvas import looks
from neurocanvas.app.canvas.activity import FLASH_S, MAX_TRAVELLING, Activity
from neurocanvas.app.canvas.looks import LEVELS, UNKNOWN_LEVEL
from neurocanvas.app.canvas.scene import Scene
from neurocanvas.app.theme import DARK, LIGHT
from neurocanvas.sim.recording.recorder import Recorder
from neurocanvas.sim.status import Frame


@dataclass
class Clock:
    """Seconds that pass when told to."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Bench:
    """A scene of two neurons, A -> B with a delay of 4 ms, and what feeds its activity."""

    circuit: object
    scene: Scene
    ids: tuple[str, ...]
    clock: Clock = field(default_factory=Clock)
    recorder: Recorder = field(default_factory=Recorder)

    def __post_init__(self):
        self.activity = Activity(self.scene, self.clock)

    def frame(self, time_ms, *values):
        return self.activity.update(
            Frame(time_ms, self.ids, np.array(values, dtype=float)), self.recorder
        )

    def spike(self, time_ms, node, times=1):
        number = self.recorder.node_number(self.ids[node])
        self.recorder.add_spikes([time_ms] * times, [number] * times, [0] * times)


@pytest.fixture
def bench(circuit):
    a = circuit.add("hodgkin_huxley", label="A")
    b = circuit.add("lif", label="B", x=300)
    circuit.connect(a, b, "ampa", delay=4.0)
    scene = Scene(circuit)
    circuit.subscribe(scene.apply)
    return Bench(circuit, scene, (a, b))


def test_before_the_first_frame_nothing_is_known(bench):
    assert not bench.activity.update(None, None)
    assert bench.activity.shown_levels().tolist() == [UNKNOWN_LEVEL] * 2


def test_the_fill_spans_the_natural_range_of_the_kind(bench):
    # Hodgkin-Huxley from E_K = -77 to E_Na = 50 mV.
    bench.frame(0.0, -77.0, -70.0)
    assert bench.activity.level.tolist() == [0, 0]
    bench.frame(0.0, 50.0, -70.0)
    assert bench.activity.level[0] == LEVELS - 1
    bench.frame(0.0, -13.5, -70.0)
    assert bench.activity.level[0] == pytest.approx((LEVELS - 1) / 2, abs=1)
    bench.frame(0.0, 500.0, float("nan"))
    assert bench.activity.level.tolist() == [LEVELS - 1, UNKNOWN_LEVEL]


def test_below_its_threshold_an_integrate_and_fire_neuron_is_not_as_bright_as_a_spike(bench):
    bench.frame(0.0, -65.0, -55.0)
    assert 0.5 * LEVELS < bench.activity.level[1] < 0.8 * LEVELS


def test_the_range_follows_a_parameter(bench):
    bench.frame(0.0, -65.0, -55.0)
    before = bench.activity.level[1]
    bench.circuit.set(bench.ids[1], V_th=-20.0)
    bench.frame(0.0, -65.0, -55.0)
    assert bench.activity.level[1] < before


def test_only_what_changed_is_painted_again(bench):
    bench.frame(0.0, -65.0, -70.0)
    assert not bench.frame(0.1, -65.0, -70.0)
    changes = bench.frame(0.2, -20.0, -70.0)
    assert changes.nodes.tolist() == [0]
    assert len(changes.spots) == 0


def test_a_spike_flashes_and_fades(bench):
    bench.frame(0.0, -65.0, -70.0)
    bench.spike(0.5, 0)
    assert 0 in bench.frame(1.0, -65.0, -70.0).nodes
    bright = bench.activity.shown_levels()[0]
    assert bright == LEVELS - 1
    bench.clock.now += FLASH_S / 2
    bench.frame(1.0, -65.0, -70.0)
    assert bench.activity.level[0] < bench.activity.shown_levels()[0] < bright
    bench.clock.now += FLASH_S
    bench.frame(5.5, -65.0, -70.0)
    assert bench.activity.resting
    assert bench.activity.shown_levels()[0] == bench.activity.level[0]


def test_a_spike_travels_for_as_long_as_the_delay(bench):
    bench.frame(9.0, -65.0, -70.0)
    bench.spike(10.0, 0)
    curve = bench.scene.curve[0]
    for time_ms in (10.0, 11.0, 12.0, 13.9):
        bench.frame(time_ms, -65.0, -70.0)
        share = (time_ms - 10.0) / 4.0
        np.testing.assert_allclose(bench.activity.spots, geo.along(curve[None], np.array([share])))
    changes = bench.frame(14.0, -65.0, -70.0)
    assert len(bench.activity.spots) == 0
    # Where it was has to be painted once more.
    assert len(changes.spots) == 1


def test_a_spike_of_a_neuron_without_targets_does_not_travel(bench):
    bench.spike(1.0, 1)
    bench.frame(1.0, -65.0, -70.0)
    assert len(bench.activity.spots) == 0
    assert bench.activity.glow[1] > 0


def test_a_pause_shows_the_spike_where_it_is(bench):
    bench.spike(1.0, 0)
    bench.frame(2.0, -65.0, -70.0)
    before = bench.activity.spots.copy()
    bench.clock.now += 10.0
    bench.frame(2.0, -65.0, -70.0)
    np.testing.assert_array_equal(bench.activity.spots, before)
    assert not bench.frame(2.0, -65.0, -70.0)


def test_a_halted_spike_stays_on_its_link_when_a_node_is_moved(bench):
    bench.spike(1.0, 0)
    frame = Frame(3.0, bench.ids, np.array([-65.0, -70.0]))
    bench.activity.update(frame, bench.recorder)
    bench.scene.move([1], np.array([[300.0, 200.0]]))
    bench.activity.update(frame, bench.recorder)
    middle = geo.along(bench.scene.curve, np.array([0.5]))
    np.testing.assert_allclose(bench.activity.spots, middle)


def test_after_a_reset_no_spike_is_under_way(bench):
    bench.spike(100.0, 0)
    bench.frame(101.0, -65.0, -70.0)
    assert len(bench.activity.spots) == 1
    bench.frame(0.0, -65.0, -70.0)
    assert len(bench.activity.spots) == 0


def test_never_more_spikes_are_drawn_than_can_be(bench):
    bench.spike(10.0, 0, times=5 * MAX_TRAVELLING)
    bench.frame(11.0, -65.0, -70.0)
    assert len(bench.activity._links) == MAX_TRAVELLING


def test_spikes_on_top_of_each_other_are_drawn_once(bench):
    bench.spike(10.0, 0, times=50)
    bench.spike(12.0, 0, times=50)
    bench.frame(13.0, -65.0, -70.0)
    assert len(bench.activity.spots) == 2


def test_a_population_flashes_by_the_part_that_fires(circuit):
    pool = circuit.add("lif", size=1000)
    bench = Bench(circuit, Scene(circuit), (pool,))
    bench.spike(1.0, 0)
    bench.frame(1.0, -70.0)
    faint = bench.activity.shown_levels()[0]
    bench.spike(2.0, 0, times=500)
    bench.frame(2.0, -70.0)
    assert 0 < faint < bench.activity.shown_levels()[0] == LEVELS - 1


def test_an_edit_of_the_structure_keeps_what_shows_of_the_others(bench):
    bench.spike(1.0, 0)
    bench.frame(2.0, -20.0, -60.0)
    levels = bench.activity.shown_levels()
    bench.circuit.add("lif")
    bench.activity.update(None, None)
    assert bench.activity.shown_levels().tolist() == [*levels.tolist(), UNKNOWN_LEVEL]
    # The engine still sends a frame of the old circuit: nodes are found by their ids.
    bench.circuit.remove(bench.ids[0])
    bench.frame(3.0, -20.0, -60.0)
    assert bench.activity.value[0] == -60.0


def test_spikes_of_removed_nodes_are_passed_over(bench):
    bench.circuit.remove(bench.ids[0])
    bench.spike(1.0, 0)
    bench.spike(1.0, 1)
    bench.frame(2.0, -20.0, -60.0)
    assert bench.activity.glow.tolist() == [bench.activity.glow[0]]
    assert bench.activity.glow[0] > 0


def test_every_kind_of_neuron_has_a_range_around_its_start(kinds):
    for kind in kinds:
        if kind.family != "neuron":
            continue
        low, high = looks.natural_range(kind, kind.defaults())
        assert high - low > 0.1, kind.name
        start = kind.defaults().get(f"{kind.main}_0", low)
        assert low <= start <= low + 0.5 * (high - low), kind.name


# -- colours -------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_letters_are_legible_on_every_fill(theme):
    for level in range(UNKNOWN_LEVEL, LEVELS):
        fill, words = looks.fill_colour(theme, level), looks.symbol_colour(theme, level)
        light = sorted([looks._luminance(fill), looks._luminance(words)])
        assert (light[1] + 0.05) / (light[0] + 0.05) >= 3.0, level


def test_the_fill_goes_from_rest_to_spike():
    assert looks.fill_colour(DARK, 0).name() == DARK.rest
    assert looks.fill_colour(DARK, LEVELS - 1).name() == DARK.spike
    assert looks.fill_colour(DARK, UNKNOWN_LEVEL).name() == DARK.neuron


def test_potentials_are_written_with_sign_and_unit():
    assert looks.potential_text(31.4, "mV") == "+31 mV"
    assert looks.potential_text(-68.2, "mV") == "\u221268 mV"
    assert looks.potential_text(float("nan"), "mV") == ""


def test_a_glyph_that_is_no_path_is_not_put_into_svg(kinds):
    from dataclasses import replace

    odd = replace(kinds.get("poisson"), glyph='M0 0"/><script/>')
    assert looks.look_of(odd, 1).glyph == ""
    assert looks.look_of(kinds.get("poisson"), 1).glyph
