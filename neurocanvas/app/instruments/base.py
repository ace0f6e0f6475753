"""What all instruments share: a card with a title row, stored settings, and redrawing on demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from neurocanvas.app import icons, theme
from neurocanvas.app.theme import Theme, qcolor
from neurocanvas.app.widgets import label
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model.edits import Edit, SetBench
from neurocanvas.model.elements import Bench
from neurocanvas.model.elements import Instrument as InstrumentRecord

if TYPE_CHECKING:
    from neurocanvas.app.session import Session

_ICON = 16
_RADIUS = 8.0


class Instrument(QWidget):
    """A display that looks at the recorder.

    A subclass fills ``body``, reads ``settings`` in ``apply_settings``, and draws in ``refresh``,
    which is called at most once per tick of the session's clock, only while it is visible, and only
    if ``is_stale`` says that there is something new.

    Args:
        session: The document at the bench.
        instrument_id: Its id in ``Bench.instruments``.
        kind: Its kind there.
        title: As shown.
    """

    def __init__(
        self,
        session: Session,
        instrument_id: str,
        kind: str,
        title: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.session = session
        self.instrument_id = instrument_id
        self.kind = kind
        self.title_row = QHBoxLayout()
        self.title_row.setContentsMargins(0, 0, 0, 0)
        self.title_row.setSpacing(4)
        self.title = label(title, "title")
        self.title_row.addWidget(self.title)
        self.title_row.addStretch(1)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(10, 6, 10, 6)
        self.body.setSpacing(2)
        self.body.addLayout(self.title_row)
        self._icons: dict[QToolButton, str] = {}
        self._bench: Bench | None = None
        session.tick.connect(self._on_tick)
        session.edited.connect(self._on_edited)
        session.document_replaced.connect(self._on_document_replaced)
        theme.changed.connect(self._on_theme)

    # -- for subclasses --------------------------------------------------------------------------

    def is_stale(self) -> bool:
        """Whether there is anything new to show."""
        return True

    def refresh(self) -> None:
        """Show what is new."""

    def apply_settings(self, settings: Mapping[str, object]) -> None:
        """Take over settings from the document (they may come from a file: anything goes)."""

    def document_changed(self, edit: Edit | None) -> None:
        """Look at the circuit again after an edit, or after another document came (None)."""

    def restyle(self, colours: Theme) -> None:
        """Take on the colours of a theme."""

    def add_button(self, icon: str, tip: str, *, checkable: bool = False) -> QToolButton:
        """Add a small button with one of our icons to the title row."""
        button = QToolButton(self)
        button.setProperty("flat", True)
        button.setCheckable(checkable)
        button.setToolTip(tip)
        button.setAccessibleName(tip.partition(":")[0])
        button.setIconSize(QSize(_ICON, _ICON))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.toggled.connect(self.dress_buttons)
        self._icons[button] = icon
        self.title_row.addWidget(button)
        return button

    def dress_buttons(self) -> None:
        """Give the buttons their icons: in the accent colour while they are on."""
        colours = theme.current()
        for button, name in self._icons.items():
            lit = button.isChecked() or bool(button.property("lit"))
            button.setIcon(icons.icon(name, colours.accent if lit else colours.text_dim, _ICON))

    def settings(self) -> Mapping[str, object]:
        """Return its settings in the document."""
        record = self._record(self.session.circuit.bench)
        return record.settings if record is not None else {}

    def store(self, values: Mapping[str, object]) -> None:
        """Change settings in the document: saved with it, but no step of undo.

        Args:
            values: New settings; None takes one out.
        """
        merged = {k: v for k, v in {**self.settings(), **values}.items() if v is not None}
        if merged == dict(self.settings()):
            return
        try:
            self.session.do(SetBench(self._with_settings(merged)))
        except NeuroCanvasError as error:
            self.session.message.emit(str(error))

    def _record(self, bench: Bench) -> InstrumentRecord | None:
        return next((i for i in bench.instruments if i.id == self.instrument_id), None)

    def _with_settings(self, settings: Mapping[str, object]) -> Bench:
        bench = self.session.circuit.bench
        old = self._record(bench) or InstrumentRecord(self.instrument_id, self.kind)
        new = replace(old, settings=settings)
        if self._record(bench) is None:
            return replace(bench, instruments=(*bench.instruments, new))
        return replace(bench, instruments=tuple(new if i is old else i for i in bench.instruments))

    # -- signals ---------------------------------------------------------------------------------

    def load(self) -> None:
        """Look at the document from scratch."""
        self._bench = self.session.circuit.bench
        self.apply_settings(self.settings())
        self.document_changed(None)

    def _on_tick(self) -> None:
        if self.isVisible() and self.is_stale():
            self.refresh()

    def _on_edited(self, edit: Edit) -> None:
        if self.session.circuit.bench is not self._bench:
            self._bench = self.session.circuit.bench
            self.apply_settings(self.settings())
        self.document_changed(edit)

    def _on_document_replaced(self) -> None:
        self.load()

    def _on_theme(self, colours: Theme) -> None:
        self.dress_buttons()
        self.restyle(colours)
        self.update()

    # -- Qt --------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.dress_buttons()
        self.refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(qcolor(colours.border), 1))
        painter.setBrush(qcolor(colours.scope))
        card = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(card, _RADIUS, _RADIUS)
