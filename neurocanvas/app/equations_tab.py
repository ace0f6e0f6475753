"""The tab with the equations of a kind, as they are computed."""

from __future__ import annotations

from html import escape

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QTextBrowser, QVBoxLayout, QWidget

from neurocanvas.app import theme
from neurocanvas.app.equation_text import equations_html, variables_html
from neurocanvas.app.session import Session
from neurocanvas.model.kinds import Kind, NeuronKind


class EquationsTab(QWidget):
    """What a kind is in a sentence, its equations, and where they come from.

    The text is laid out when it is first seen.
    """

    def __init__(self, kind: Kind, session: Session) -> None:
        super().__init__()
        self._kind, self._session = kind, session
        self._laid_out = False
        self.view = QTextBrowser()
        self.view.setObjectName("equations")
        self.view.setOpenLinks(False)
        self.view.setAccessibleName("Equations")
        self.view.document().setDocumentMargin(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 4, 8)
        layout.addWidget(self.view)
        self.button = QPushButton(self._words())
        self.button.setAutoDefault(False)
        self.button.clicked.connect(lambda _=False: session.equations_wanted.emit(kind.name))
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 12, 4)
        row.addWidget(self.button)
        row.addStretch(1)
        layout.addLayout(row)
        # Only now: before it has a parent, it would open a window of its own for a moment.
        self.button.setVisible(isinstance(kind, NeuronKind) and not kind.placeholder)

    def _words(self) -> str:
        own = self._kind.name in self._session.circuit.own_kinds
        return "Edit equations\u2026" if own else "Copy as own equations\u2026"

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._laid_out:
            self._laid_out = True
            self.view.setHtml(self._html())

    def _html(self) -> str:
        kind, colours = self._kind, theme.current()
        doc = f"<p style='color:{colours.text_dim}; margin:0 0 6px 0'>{escape(kind.doc)}</p>"
        source = (
            f"<p style='color:{colours.text_faint}; font-size:12px; margin:14px 0 0 0'>"
            f"{escape(kind.source)}</p>"
        )
        if kind.placeholder:
            return doc + source
        return doc + equations_html(kind, colours) + variables_html(kind, colours) + source
