"""The strip of instruments below the canvas, as the circuit's bench says."""

from __future__ import annotations

from importlib import import_module

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QWidget

from neurocanvas.app.session import Session
from neurocanvas.model.edits import Edit

INSTRUMENTS = {
    "oscilloscope": ("neurocanvas.app.instruments.oscilloscope", "Oscilloscope"),
}
"""Kind of instrument -> module and class, imported when the first one is shown."""


class InstrumentArea(QWidget):
    """The instruments of the bench side by side.

    They are built only once ``build`` is called, after the window's first paint: what they need to
    plot with takes longer to load than the rest of the window.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._session = session
        self._built = False
        self._key: tuple[tuple[str, str], ...] = ()
        self.instruments: dict[str, QWidget] = {}
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(10)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 10)
        layout.addWidget(self._splitter)
        self._placeholder: QFrame | None = QFrame()
        self._placeholder.setObjectName("scope")
        self._splitter.addWidget(self._placeholder)
        session.document_replaced.connect(self._replaced)
        session.edited.connect(self._edited)

    def build(self) -> None:
        """Build the instruments, from now on whenever the bench changes."""
        if not self._built:
            self._built = True
            self._rebuild()

    def _replaced(self) -> None:
        self._key = ()
        if self._built:
            self._rebuild()

    def _edited(self, edit: Edit) -> None:
        if self._built and self._wanted() != self._key:
            self._rebuild()

    def _wanted(self) -> tuple[tuple[str, str], ...]:
        return tuple((i.id, i.kind) for i in self._session.circuit.bench.instruments)

    def _rebuild(self) -> None:
        self._key = self._wanted()
        if self._placeholder is not None:
            self._placeholder.deleteLater()
            self._placeholder = None
        for instrument in self.instruments.values():
            instrument.hide()
            instrument.deleteLater()
        self.instruments = {}
        for instrument_id, kind in self._key:
            if kind in INSTRUMENTS:
                module, name = INSTRUMENTS[kind]
                made = getattr(import_module(module), name)(self._session, instrument_id)
                self.instruments[instrument_id] = made
                self._splitter.addWidget(made)
