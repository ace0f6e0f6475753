"""The inspector's row for the integrator: what the equations allow, taken over, undone."""

from __future__ import annotations

import pytest
from inspecting import choose, page_of

from neurocanvas.app.inspector import Inspector
from neurocanvas.app.session import Session


@pytest.mark.parametrize(
    ("kind", "offered"),
    [
        ("lif", ["Automatic", "exact", "exponential Euler", "RK4", "Euler"]),
        ("hodgkin_huxley", ["Automatic", "exponential Euler", "RK4", "Euler"]),
        ("izhikevich", ["Automatic", "RK4", "Euler"]),
    ],
)
def test_what_the_equations_allow_is_offered(
    inspector: Inspector, session: Session, kind: str, offered: list[str]
) -> None:
    row = page_of(inspector, session, session.circuit.add(kind)).parameters.choices["integrator"]
    assert [row.box.itemText(k) for k in range(row.box.count())] == offered


def test_where_there_is_nothing_to_choose_there_is_no_row(
    inspector: Inspector, session: Session
) -> None:
    for kind in ("mcculloch_pitts", "poisson", "step_current"):
        page = page_of(inspector, session, session.circuit.add(kind))
        assert "integrator" not in page.parameters.choices


def test_a_choice_reaches_the_document_the_words_and_undo(
    inspector: Inspector, session: Session
) -> None:
    node = session.circuit.add("hodgkin_huxley")
    parameters = page_of(inspector, session, node).parameters
    row = parameters.choices["integrator"]
    assert "with exponential Euler" in parameters._method.text()
    choose(row.box, "RK4")
    assert session.circuit.node(node).integrator == "RK4"
    assert parameters._method.text().startswith("Integrated with RK4 at ")
    assert "it was chosen here" in parameters._method.text()
    session.undo()
    assert session.circuit.node(node).integrator == ""
    assert row.box.currentText() == "Automatic"
    assert "each equation is linear in its own variable" in parameters._method.text()
