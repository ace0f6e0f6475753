"""Values that have a word of their own: a stop that never comes, a speed without limit."""

from __future__ import annotations

from inspecting import drag, row_of, type_into

from neurocanvas.app.inspector import Inspector
from neurocanvas.app.inspector_summary import SummaryPage
from neurocanvas.app.session import Session


def test_a_step_that_does_not_end_stops_never(inspector: Inspector, session: Session) -> None:
    step = session.circuit.add("step_current")
    row = row_of(inspector, session, "stop", step)
    assert row.field.text() == "never"
    type_into(row, "200 ms")
    assert session.circuit.values(step)["stop"] == 200.0
    assert row.field.text() == "200 ms"
    type_into(row, "Never")
    assert row.field.text() == "never"
    assert session.circuit.node(step).parameters == {}, "it is the default again"
    assert "never" in row.toolTip()
    type_into(row, "sometimes")
    assert "no number" in row.reason.text()


def test_words_that_belong_to_others_are_refused(inspector: Inspector, session: Session) -> None:
    row = row_of(inspector, session, "start", session.circuit.add("step_current"))
    type_into(row, "never")
    assert "no number" in row.reason.text()


def test_a_free_speed_is_called_so_and_can_be_typed(inspector: Inspector, session: Session) -> None:
    assert isinstance(inspector.page, SummaryPage)
    row = inspector.page.rows["speed"]
    assert row.field.text() == "20 ms"
    session.set_speed(0.0)
    assert row.field.text() == "free"
    assert row.slider.value() == row.slider.maximum(), "faster is to the right"
    type_into(row, "50 ms")
    assert session.circuit.settings.speed == 50.0
    type_into(row, "free")
    assert session.circuit.settings.speed == 0.0
    drag(row, 1.0, 0.0)
    assert 1.0 <= session.circuit.settings.speed <= 1.2, "the left end is the slowest"
