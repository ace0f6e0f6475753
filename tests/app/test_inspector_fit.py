"""Nothing in the inspector is cut off, whatever is selected and however narrow it is."""

from __future__ import annotations

import pytest
from inspecting import page_of
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QScrollArea,
    QStyle,
    QStyleOptionFrame,
    QWidget,
)

from neurocanvas.app import features
from neurocanvas.app.inspector import Inspector
from neurocanvas.app.main_window import INSPECTOR_WIDTH
from neurocanvas.app.rows import ChoiceBox
from neurocanvas.app.session import Session
from neurocanvas.app.widgets import ValueField
from neurocanvas.model.rules import why_not

# Those with presets, expressions, lists, forms, and the longest words: every sort of row.
NODES = ("adex", "hodgkin_huxley", "mcculloch_pitts_logistic", "poisson_of_time", "current_table",
         "voltage_clamp", "izhikevich", "izhikevich_2007")  # fmt: skip
LINKS = ("ampa", "gaba_b", "conductance_synapse_biexponential_inhibitory", "graded", "dopamine",
         "clamp")  # fmt: skip
TEXT_MARGINS = 4
"""Of a line of text that is edited; Qt tells it to nobody."""
ENDS = ("lif", "rate", "step_current", "voltage_clamp")


def cut_off(root: QWidget) -> list[str]:
    """Words that have less room than they need, and contents wider than what shows them."""
    found = []
    for area in root.findChildren(QScrollArea):
        content = area.widget()
        if area.isVisible() and content.minimumSizeHint().width() > area.viewport().width():
            found.append(f"{content.minimumSizeHint().width()} px in {area.viewport().width()}")
    for words in root.findChildren(QLabel):
        if words.isVisible() and words.text():
            room = words.contentsRect()
            narrow = words.wordWrap() and words.heightForWidth(words.width()) > words.height() + 1
            short = not words.wordWrap() and words.sizeHint().width() > words.width() + 1
            if narrow or short or room.width() <= 0:
                found.append(words.text())
    for field in root.findChildren(ValueField):
        option = QStyleOptionFrame()
        field.initStyleOption(option)
        room = field.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, field)
        needed = field.fontMetrics().horizontalAdvance(field.text()) + TEXT_MARGINS
        if field.isVisible() and needed > room.width():
            found.append(field.text())
    for box in root.findChildren(ChoiceBox):
        needed = box.fontMetrics().horizontalAdvance(box.currentText()) + 30
        if box.isVisible() and needed > box.width():
            found.append(box.currentText())
    return found


def look(inspector: Inspector, session: Session, element: str) -> None:
    page = page_of(inspector, session, element)
    for tab in range(page.tabs.count()):
        page.tabs.setCurrentIndex(tab)
        QApplication.processEvents()
        assert cut_off(page) == []
    page.tabs.setCurrentIndex(0)


@pytest.mark.parametrize("kind", NODES)
def test_nodes(inspector: Inspector, session: Session, kind: str) -> None:
    inspector.resize(INSPECTOR_WIDTH, 500)
    look(inspector, session, session.circuit.add(kind))


@pytest.mark.parametrize("kind", LINKS)
def test_links(inspector: Inspector, session: Session, kind: str) -> None:
    inspector.resize(INSPECTOR_WIDTH, 500)
    circuit = session.circuit
    ends = [circuit.add(name, size=3) for name in ENDS for _ in range(2)]
    pairs = [(a, b) for a in ends for b in ends if a != b]
    pre, post = next(p for p in pairs if why_not(circuit, *p, kind) is None)
    link = circuit.connect(pre, post, kind)
    for plasticity in features.carriable(circuit, circuit.link(link)):
        session.do(features.adding(circuit, link, plasticity.name))
    look(inspector, session, link)


def test_the_narrowest_inspector(inspector: Inspector, session: Session) -> None:
    inspector.resize(280, 400)
    circuit = session.circuit
    cell, other = circuit.add("adex"), circuit.add("adex")
    look(inspector, session, cell)
    look(inspector, session, circuit.connect(cell, other, "conductance_synapse_delta_inhibitory"))
