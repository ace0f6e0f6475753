"""What tests of the inspector do with its pages: select, type, drag, choose."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from neurocanvas.app.inspector import Inspector
from neurocanvas.app.inspector_pages import ElementPage
from neurocanvas.app.rows import ChoiceBox, ParameterRow
from neurocanvas.app.session import Session


def page_of(inspector: Inspector, session: Session, *ids: str) -> ElementPage:
    """Select elements and return their page."""
    session.select(ids)
    inspector.rebuild()
    assert isinstance(inspector.page, ElementPage)
    return inspector.page


def row_of(inspector: Inspector, session: Session, name: str, *ids: str) -> ParameterRow:
    """Select elements and return the row of a parameter."""
    return page_of(inspector, session, *ids).parameters.rows[name]


def type_into(row: ParameterRow, text: str) -> None:
    """Type a value and press Enter."""
    row.field.setFocus()
    row.field.selectAll()
    QTest.keyClicks(row.field, text)
    QTest.keyClick(row.field, Qt.Key.Key_Return)


def drag(row: ParameterRow, *parts: float) -> None:
    """Drag a slider through places from 0 to 1."""
    slider, y = row.slider, row.slider.height() // 2
    xs = [round(slider.RADIUS + p * (slider.width() - 2 * slider.RADIUS)) for p in parts]
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(xs[0], y))
    for x in xs[1:]:
        QTest.mouseMove(slider, QPoint(x, y))
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(xs[-1], y))


def choose(box: ChoiceBox, text: str) -> None:
    """Choose one of the things in a list."""
    box.setCurrentText(text)
    assert box.currentText() == text
    box.activated.emit(box.currentIndex())
