"""The table of what a run costs."""

from __future__ import annotations

from neurocanvas.sim.costs import Cost, cost_rows


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
