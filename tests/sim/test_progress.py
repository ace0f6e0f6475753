"""Progress: what of long work is worth showing, how long it will take, how it is ended."""

from __future__ import annotations

import math

import numpy as np
import pytest

from neurocanvas import Circuit, simulate
from neurocanvas.sim.compiling.compiler import compile_circuit
from neurocanvas.sim.progress import Cancelled, Progress, left_words


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def steady(progress: Progress, clock: Clock, seconds: float, total_s: float) -> None:
    """Work at an even speed that takes so long in all, told twenty times a second."""
    begin = clock.now
    while clock.now < begin + seconds:
        progress("connecting A -> B", 1e6 * (clock.now - begin) / total_s, 1e6)
        clock.now += 0.05


def test_the_time_left_is_what_an_even_speed_still_needs(clock: Clock) -> None:
    progress = Progress(clock=clock)
    steady(progress, clock, 3.0, 12.0)
    shown = progress.look()
    assert shown is not None
    assert shown.what == "connecting A -> B"
    assert shown.part == pytest.approx(0.25, abs=0.01)
    assert shown.left_s == pytest.approx(9.0, abs=0.1)


def test_a_change_of_speed_is_believed_after_a_while(clock: Clock) -> None:
    """Half of it in 2 s, then a hundredth a second: 100 s and more are left, not 2."""
    progress = Progress(clock=clock)
    for k in range(40):
        progress("running", k / 80, 1.0)
        clock.now += 0.05
    for k in range(220):
        progress("running", 0.5 + k * 5e-4, 1.0)
        clock.now += 0.05
    shown = progress.look()
    assert shown is not None
    assert shown.left_s == pytest.approx((1.0 - shown.part) / 0.01, rel=0.05)


def test_what_is_over_within_a_second_is_not_shown(clock: Clock) -> None:
    progress = Progress(clock=clock)
    seen = []
    for stage in ("preparing kernels", "connecting A -> B", "running"):
        for k in range(19):
            progress(stage, k, 19)
            clock.now += 0.05
            seen.append(progress.look())
    assert seen == [None] * len(seen)


def test_what_is_sure_to_take_longer_is_shown_before_a_second_is_over(clock: Clock) -> None:
    progress = Progress(clock=clock)
    steady(progress, clock, 0.4, 60.0)
    assert progress.look() is not None
    slow = Progress(clock=clock)
    slow("running", 0, 1)
    clock.now += 0.4
    assert slow.look() is None, "nothing is known of its speed yet"
    clock.now += 0.7
    shown = slow.look()
    assert shown is not None
    assert math.isnan(shown.left_s)


def test_a_bar_stays_until_its_stage_ends_and_the_links_of_a_stage_share_it(clock: Clock) -> None:
    progress = Progress(clock=clock)
    steady(progress, clock, 1.0, 1.4)
    assert progress.look() is not None
    progress("connecting B -> C", 0.95e6, 1e6)
    shown = progress.look()
    assert shown is not None
    assert (shown.what, shown.part) == ("connecting B -> C", 0.95)
    progress("running", 0, 100)
    assert progress.look() is None
    steady(progress, clock, 2.0, 4.0)
    progress.end()
    assert progress.look() is None


def test_the_stages_of_one_piece_of_work_share_a_bar_without_a_gap(clock: Clock) -> None:
    progress = Progress(whole=True, clock=clock)
    progress("preparing kernels", 0, 3)
    assert progress.look() is None
    clock.now += 1.2
    assert progress.look() is not None
    progress("connecting A -> B", 0, 100)
    shown = progress.look()
    assert shown is not None
    assert (shown.what, shown.part) == ("connecting A -> B", 0.0)
    progress.end()
    progress("preparing kernels", 0, 3)
    assert progress.look() is None


def test_the_time_left_passes_between_two_words_and_is_unknown_when_it_is_over(
    clock: Clock,
) -> None:
    progress = Progress(clock=clock)
    steady(progress, clock, 2.0, 8.0)
    before = progress.look()
    clock.now += 2.0
    shown = progress.look()
    assert before is not None
    assert shown is not None
    assert before.left_s - shown.left_s == pytest.approx(2.0)
    clock.now += 60.0
    shown = progress.look()
    assert shown is not None
    assert math.isnan(shown.left_s)


def test_who_wants_no_more_ends_it_and_hears_how_far_it_was() -> None:
    wanted = [True, True, False]
    progress = Progress(wanted=lambda: wanted.pop(0))
    progress("connecting A -> B", 0, 4)
    progress("connecting A -> B", 1, 4)
    with pytest.raises(Cancelled, match=r"connecting A -> B was stopped, 50% done"):
        progress("connecting A -> B", 2, 4)
    assert progress.look() is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "1 s left"), (11.2, "12 s left"), (99.0, "99 s left"), (150.0, "2 min left"),
     (7200.0, "2 h left"), (math.nan, ""), (math.inf, "")],
)  # fmt: skip
def test_the_time_left_in_words(seconds: float, words: str) -> None:
    assert left_words(seconds) == words


# -- who tells -----------------------------------------------------------------------------------


def two_populations() -> Circuit:
    c = Circuit(dt=0.1)
    drive = c.add("poisson", label="Drive", size=50, rate=400)
    a = c.add("lif", label="A", size=50)
    c.connect(drive, a, "ampa", rule="one_to_one", weight=40)
    c.connect(a, a, "ampa", rule="fixed_in_degree", rule_values={"n": 20}, weight=0.5)
    return c


def test_connecting_tells_each_link_and_never_less_than_before() -> None:
    c = two_populations()
    told: list[tuple[str, float, float]] = []
    compile_circuit(c.snapshot(), c.kinds, lambda *words: told.append(words))
    assert {what for what, _, _ in told} == {"connecting Drive -> A", "connecting A -> A"}
    done = [d for _, d, _ in told]
    assert done == sorted(done)
    assert {total for _, _, total in told} == {told[0][2]}
    assert done[-1] <= told[0][2]


def test_one_who_tells_may_stop_the_building_between_two_links() -> None:
    c = two_populations()
    left = [True, False]
    with pytest.raises(Cancelled, match="connecting"):
        compile_circuit(c.snapshot(), c.kinds, Progress(wanted=lambda: left.pop(0)))


def test_a_run_tells_of_its_stages_up_to_its_whole_duration() -> None:
    c = two_populations()
    told: list[tuple[str, float, float]] = []
    parts: list[float] = []
    simulate(c, 80, tell=lambda *words: told.append(words), progress=parts.append)
    stages = list(dict.fromkeys(what.split()[0] for what, _, _ in told))
    assert stages[-2:] == ["connecting", "running"]
    run = [(done, total) for what, done, total in told if what == "running"]
    assert run[-1] == (80.0, 80.0)
    assert parts == [done / total for done, total in run]
    assert parts == sorted(parts)


def test_a_run_that_was_enough_holds_what_it_would_have_held() -> None:
    c = two_populations()
    whole = simulate(c, 100, record={"n2": ["v"]})
    parts = [0.0]
    part = simulate(
        c, 100, record={"n2": ["v"]}, progress=parts.append, enough=lambda: parts[-1] >= 0.3
    )
    n = len(part.times)
    assert 301 <= n < len(whole.times)
    np.testing.assert_array_equal(part["A", "v"], whole["A", "v"][:n])
    before = whole.spikes("A") <= part.times[-1]
    assert before.any()
    np.testing.assert_array_equal(part.spikes("A"), whole.spikes("A")[before])


def test_the_reference_tells_as_well() -> None:
    c = Circuit(dt=0.1)
    c.add("lif", label="A")
    told: list[tuple[str, float, float]] = []
    simulate(c, 20, reference=True, tell=lambda *words: told.append(words))
    assert told[-1] == ("solving", 20.0, 20.0)
