"""The tab with the equations of a kind, as they are computed."""

from __future__ import annotations

from html import escape

from PySide6.QtWidgets import QTextBrowser, QVBoxLayout, QWidget

from neurocanvas.app import theme
from neurocanvas.app.equation_text import equations_html
from neurocanvas.app.widgets import label
from neurocanvas.model.kinds import Kind


class EquationsTab(QWidget):
    """What a kind is in a sentence, its equations, and where they come from.

    The text is laid out when it is first seen.
    """

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self._kind = kind
        self._laid_out = False
        self.view = QTextBrowser()
        self.view.setObjectName("equations")
        self.view.setOpenLinks(False)
        self.view.setFont(theme.mono_font(11))
        self.view.setAccessibleName("Equations")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(label(kind.doc, "dim", wrap=True))
        layout.addWidget(self.view)
        layout.addWidget(label(kind.source, "faint", wrap=True))

    def showEvent(self, event) -> None:
        super().showEvent(event)
        if not self._laid_out:
            self._laid_out = True
            self.view.setHtml(self._html())

    def _html(self) -> str:
        colours = theme.current()
        if self._kind.placeholder:
            return f"<p>{escape(self._kind.doc)}</p>"
        units = "".join(
            f"<tr><td style='padding-right:12px'>{escape(v.name)}</td>"
            f"<td style='padding-right:12px; color:{colours.text_faint}'>{escape(v.unit)}</td>"
            f"<td style='color:{colours.text_dim}'>{escape(v.doc)}</td></tr>"
            for v in self._kind.variables
        )
        head = f"<p style='color:{colours.text_faint}; margin:10px 0 3px 0'>Variables</p>"
        table = f"{head}<table cellspacing='0'>{units}</table>" if units else ""
        return equations_html(self._kind, colours) + table
