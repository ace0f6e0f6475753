"""The half-centre oscillator: two cells that take turns, for the reason the lesson gives."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas.sim.reference.solver import solve_reference

PAUSE_MS = 40.0
"""A longer gap than this between two spikes of a cell divides two bursts."""
SETTLED_MS = 400.0
"""After this the start is forgotten."""
CYCLES = 10
SIDES = ("L", "R")
Changes = dict[tuple[str, str, str], float]
"""(Role, parameter, side) -> what its value is multiplied by."""

TOLERATED = (
    ("drive", "amplitude"),
    ("cell", "C_m"),
    ("cell", "g_Na"),
    ("cell", "g_K"),
    ("cell", "g_L"),
    ("cell", "E_Na"),
    ("bar", "weight"),
    ("bar", "tau"),
    ("bar", "delay"),
    ("bar", "E_rev"),
    ("loop", "weight"),
    ("loop", "tau"),
    ("loop", "delay"),
    ("loop", "E_rev"),
)
"""Roles and parameters that may be 10 % off, on one side or on both."""


@dataclass(frozen=True)
class Burst:
    side: str
    times: np.ndarray

    @property
    def start(self) -> float:
        return float(self.times[0])

    @property
    def stop(self) -> float:
        return float(self.times[-1])


def bursts(result: nc.Result, left: str = "L", right: str = "R") -> list[Burst]:
    """All whole bursts of both cells after the start, in order."""
    found = []
    for side, label in zip(SIDES, (left, right), strict=True):
        times = result.spikes(label)
        if times.size:
            ends = np.flatnonzero(np.diff(times) > PAUSE_MS) + 1
            found += [Burst(side, part) for part in np.split(times, ends)]
    whole = [b for b in found if b.start > SETTLED_MS and b.stop < result.times[-1] - PAUSE_MS]
    return sorted(whole, key=lambda burst: burst.start)


def assert_turns(found: list[Burst], cycles: int = CYCLES, fewest: int = 3) -> None:
    """Bursts of L and R alternate strictly; one ends before the other begins."""
    order = "".join(burst.side for burst in found)
    assert len(order) >= 2 * cycles, order
    assert "LL" not in order, order
    assert "RR" not in order, order
    assert min(len(burst.times) for burst in found) >= fewest
    for one, two in itertools.pairwise(found):
        assert one.stop < two.start


def period(found: list[Burst]) -> float:
    return float(np.mean([np.diff([b.start for b in found if b.side == s]).mean() for s in SIDES]))


@pytest.fixture
def circuit(load) -> nc.Circuit:
    """The sample."""
    return load("05_half_centre")


@pytest.fixture
def pair(circuit) -> nc.Circuit:
    """The sample without its motor pool, which nothing else depends on."""
    circuit.remove(*(circuit.find(label).id for label in ("Motor pool", "Background")))
    return circuit


@pytest.mark.parametrize("dt", [0.025, 0.0125])
def test_bursts_of_left_and_right_alternate(pair, dt: float) -> None:
    found = bursts(nc.simulate(pair, 3600, dt=dt, record={}))
    assert_turns(found)
    assert period(found) == pytest.approx(271, abs=3)
    assert {len(burst.times) for burst in found} == {8}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_bursts_alternate_in_the_reference_solution_too(pair) -> None:
    exact = solve_reference(pair.snapshot(), pair.kinds, 3300, {}, rtol=1e-6, atol=1e-6)
    found = bursts(exact)
    assert_turns(found)
    assert period(found) == pytest.approx(271, abs=3)


def test_the_engine_converges_to_the_reference(pair) -> None:
    """All spikes of the first 280 ms; half the step makes the error less than half."""
    exact = nc.simulate(pair, 280, record={}, reference=True)
    worst = []
    for dt in (0.025, 0.0125):
        engine = nc.simulate(pair, 280, dt=dt, record={})
        late = [engine.spikes(side) - exact.spikes(side) for side in SIDES]
        worst.append(max(np.abs(part).max() for part in late))
    assert worst[0] < 0.5
    assert worst[1] < 0.5 * worst[0]


def side_by_side(pair: nc.Circuit, changes: Sequence[Changes]) -> nc.Circuit:
    """A circuit with one changed copy of the pair after the other, its labels numbered."""
    many = nc.Circuit(seed=pair.settings.seed, dt=pair.settings.dt)
    for number, change in enumerate(changes):
        made = {}
        for node in pair.nodes():
            role = "drive" if node.kind == "step_current" else "cell"
            values = changed(pair.values(node), change, role, node.label[-1])
            made[node.id] = many.add(node.kind, label=f"{node.label} {number}", **values)
        for link in pair.links():
            role = "loop" if link.pre == link.post else "bar"
            values = changed(pair.values(link), change, role, pair.node(link.pre).label[-1])
            many.connect(made[link.pre], made[link.post], link.kind, **values)
    return many


def changed(values: dict[str, float], change: Changes, role: str, side: str) -> dict[str, float]:
    return {name: v * change.get((role, name, side), 1.0) for name, v in values.items()}


def assert_all_take_turns(pair: nc.Circuit, changes: Sequence[Changes]) -> None:
    result = nc.simulate(side_by_side(pair, changes), 6000, record={})
    for number, change in enumerate(changes):
        found = bursts(result, f"L {number}", f"R {number}")
        try:
            assert_turns(found)
        except AssertionError as error:
            raise AssertionError(f"{change}: {error}") from None


@pytest.mark.parametrize("sides", ["L", "R", "LR"])
def test_each_parameter_may_be_10_per_cent_off(pair, sides: str) -> None:
    changes = [
        {(role, name, side): factor for side in sides}
        for role, name in TOLERATED
        for factor in (0.9, 1.1)
    ]
    assert_all_take_turns(pair, changes)


def test_all_drives_and_synapses_may_be_10_per_cent_off_at_once(pair) -> None:
    draw = np.random.default_rng(1)
    circuits = [(role, name) for role, name in TOLERATED if role != "cell" and name != "E_rev"]
    changes = [
        {(role, name, side): draw.uniform(0.9, 1.1) for role, name in circuits for side in SIDES}
        for _ in range(40)
    ]
    assert_all_take_turns(pair, changes)


def test_it_starts_from_any_potentials_and_with_any_head_start(pair) -> None:
    starts = [(-75, -65, 30), (-50, -65, 30), (-65, -80, 30), (-65, -66, 0), (-60, -70, 0)]
    starts += [(-65, -65, head) for head in (0.5, 2, 5, 10, 20, 100, 200)]
    many = side_by_side(pair, [{} for _ in starts])
    for number, (left, right, head) in enumerate(starts):
        many.set(many.find(f"L {number}").id, v_0=left)
        many.set(many.find(f"R {number}").id, v_0=right)
        many.set(many.find(f"Drive R {number}").id, start=head)
    result = nc.simulate(many, 4500, record={})
    for number in range(len(starts)):
        assert_turns(bursts(result, f"L {number}", f"R {number}"))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_noise_does_not_break_the_turns(pair, seed: int) -> None:
    """Weak random spikes at both cells, of either sign; other seeds, other noise."""
    for side in SIDES:
        for kind in ("ampa", "gaba_a"):
            noise = pair.add("poisson", rate=200)
            pair.connect(noise, pair.find(side).id, kind, weight=0.3)
    found = bursts(nc.simulate(pair, 4500, seed=seed, record={}))
    assert_turns(found)
    assert np.ptp([len(burst.times) for burst in found]) > 0


# -- what the lesson says ------------------------------------------------------------------------


@pytest.mark.parametrize(("weight", "fewest", "most"), [(4, 20, 40), (10, 3, 5)])
def test_weaker_loops_make_longer_bursts(pair, link, weight, fewest, most) -> None:
    for side in SIDES:
        pair.set(link(pair, side, side), weight=weight)
    found = bursts(nc.simulate(pair, 5000, record={}))
    assert_turns(found, cycles=4)
    sizes = [len(burst.times) for burst in found]
    assert fewest <= min(sizes) <= max(sizes) <= most


def test_without_loops_there_are_no_bursts(pair, link) -> None:
    pair.remove(*(link(pair, side, side) for side in SIDES))
    result = nc.simulate(pair, 2000, record={})
    for side in SIDES:
        assert np.diff(result.spikes(side)).max() < PAUSE_MS


def test_without_the_links_between_them_bursts_overlap(pair, link) -> None:
    pair.remove(link(pair, "L", "R"), link(pair, "R", "L"))
    found = bursts(nc.simulate(pair, 3000, record={}))
    assert len(found) >= 16
    assert sum(one.stop > two.start for one, two in itertools.pairwise(found)) >= 8


def test_the_silent_cell_is_released_by_the_end_of_the_burst(pair) -> None:
    """Each begins only after the other has stopped by itself, and soon after."""
    found = bursts(nc.simulate(pair, 3000, record={}))
    gaps = [two.start - one.stop for one, two in itertools.pairwise(found)]
    assert min(gaps) > 20
    assert max(gaps) < 50


def test_the_motor_pool_fires_with_the_left_cell(circuit) -> None:
    result = nc.simulate(circuit, 2500, record={})
    pool = result.spikes("Motor pool")
    rates = {}
    for side in SIDES:
        inside = [b for b in bursts(result) if b.side == side]
        spikes = sum(np.count_nonzero((pool > b.start) & (pool < b.stop)) for b in inside)
        rates[side] = 1000 * spikes / 24 / sum(b.stop - b.start for b in inside)
    assert 25 < rates["L"] < 50
    assert rates["R"] < 0.2 * rates["L"]
