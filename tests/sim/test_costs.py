"""The table of what a run costs."""

from __future__ import annotations

import platform

import pytest

from neurocanvas import Circuit, simulate
from neurocanvas.sim import profile
from neurocanvas.sim.costs import Cost, cost_lines, cost_rows


def test_the_table_names_the_dearest_first_with_shares_that_add_up() -> None:
    # 1,000 cells over 10,000 steps of 0.1 ms: 0.2 s are 20 ns each, and 200 ms per s of model.
    costs = [
        Cost("sources", "Poisson", 10_000_000, 0.05),
        Cost("neurons", "LIF: E, I", 10_000_000, 0.2),
        Cost("arrivals", "", 25_000, 0.15),
    ]
    head, *rows, total = cost_rows(costs, 1000.0)
    assert head == ("stage", "group", "share", "ms per s of model", "ns each")
    assert rows == [
        ("neurons", "LIF: E, I", "50.0%", "200", "20.0"),
        ("arrivals", "", "37.5%", "150", "6000"),
        ("sources", "Poisson", "12.5%", "50.0", "5.00"),
    ]
    assert total == ("in all", "", "100.0%", "400", "")


def test_what_can_not_be_counted_or_did_not_take_time_is_no_error() -> None:
    rows = cost_rows([Cost("record", "", 0, 0.0)], 0.0)
    assert rows[1] == ("record", "", "0.0%", "\u2013", "\u2013")


def test_words_stand_to_the_left_and_numbers_to_the_right() -> None:
    lines = cost_lines([Cost("neurons", "E", 10**8, 0.5), Cost("arrivals", "", 0, 0.25)], 1000.0)
    assert lines[:4] == [
        "stage     group   share  ms per s of model  ns each",
        "neurons   E       66.7%                500     5.00",
        "arrivals          33.3%                250        \u2013",
        "in all           100.0%                750",
    ]


@pytest.mark.skipif(platform.machine() not in profile.CLOCKS, reason="its clock can't be read")
def test_a_run_is_measured_by_group_with_the_events_it_had() -> None:
    c = Circuit(seed=2, dt=0.1)
    a = c.add("lif", label="A", size=30)
    b = c.add("lif", label="B", size=40)
    c.connect(c.add("step_current", amplitude=400), a)
    c.connect(a, b, "ampa", weight=0.1)
    result = simulate(c, 200, measure=True)
    assert all(cost.seconds >= 0 for cost in result.costs)
    neurons = [cost for cost in result.costs if cost.stage == "neurons"]
    assert sum(cost.n for cost in neurons) == 70 * 2000
    of = {cost.stage: cost.n for cost in result.costs}
    fired = len(result.spikes("A"))
    assert fired > 100
    assert of["spikes leave"] == fired
    assert of["arrivals"] == 40 * fired, "each reaches every neuron of B"


def test_a_run_that_is_not_to_be_measured_is_not() -> None:
    c = Circuit()
    c.add("lif")
    assert simulate(c, 1).costs == ()
