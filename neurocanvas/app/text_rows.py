"""Rows for what people may set in words: expressions, and choices of a kind."""

from __future__ import annotations

from dataclasses import replace
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from neurocanvas.app import bindings
from neurocanvas.app.choice_rows import EditChoice, Option
from neurocanvas.app.session import Session
from neurocanvas.app.widgets import Dot, ElidedLabel, ValueField, label
from neurocanvas.errors import EquationError, NeuroCanvasError
from neurocanvas.model import rules
from neurocanvas.model.edits import Edit, SetText
from neurocanvas.model.elements import Link, Node
from neurocanvas.model.kinds import Text
from neurocanvas.model.quantity import DIMENSIONLESS


def text_tooltip(text: Text) -> str:
    """Return rich text: what an expression does, its unit and its default."""
    unit = "" if text.unit == DIMENSIONLESS else f" ({escape(text.unit)})"
    return (
        f"<b>{escape(text.title or text.name)}</b> <tt>{escape(text.name)}</tt>{unit}"
        f"<p>{escape(text.doc)}</p><p>Default: <tt>{escape(text.default)}</tt></p>"
    )


class TextRow(QWidget):
    """An expression, checked while it is being typed, taken over with Enter.

    Args:
        session: Where edits go.
        ids: Elements of one kind.
        text: What it shows and changes.
    """

    def __init__(self, session: Session, ids: tuple[str, ...], text: Text) -> None:
        super().__init__()
        self._session, self._ids, self._text = session, ids, text
        self.field = ValueField()
        self.field.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self.field.setAccessibleName(text.title or text.name)
        self.mark = Dot("warning")
        self.reason = label("", "reason", wrap=True)
        self._lay_out()
        self.field.textEdited.connect(self._look)
        self.field.typed.connect(self._type)
        self.field.restored.connect(self.reason.hide)
        self.mark.clicked.connect(lambda: self._do(None))
        self.setToolTip(text_tooltip(text))
        self.refresh()

    def _lay_out(self) -> None:
        unit = "" if self._text.unit == DIMENSIONLESS else f", {self._text.unit}"
        self.reason.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 4, 2, 4)
        grid.addWidget(ElidedLabel(self._text.title or self._text.name, "rowtitle"), 0, 0)
        grid.addWidget(label(f"{self._text.name}{unit}", "name"), 0, 1)
        grid.addWidget(self.field, 1, 0, 1, 2)
        grid.addWidget(self.mark, 1, 2)
        grid.addWidget(self.reason, 2, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(3)

    def refresh(self) -> None:
        """Show the present text; what is being typed stays."""
        if self.field.hasFocus() and self.field.isModified():
            return
        values = {self._of(i) for i in self._ids if i in self._session.circuit}
        changed = values != {self._text.default}
        shown = values.pop() if len(values) == 1 else "mixed"
        self.field.show_value(shown, text_tooltip(self._text), changed)
        self.mark.set_on(changed, f"Back to the default, {self._text.default}")
        self.reason.hide()

    def _of(self, element_id: str) -> str:
        texts = self._session.circuit.element(element_id).texts
        return texts.get(self._text.name, self._text.default)

    def _look(self, text: str) -> None:
        """Say what is wrong with a text that is still being typed."""
        circuit = self._session.circuit
        element = circuit.element(self._ids[0])
        trial = replace(element, texts={**element.texts, self._text.name: text})
        try:
            rules.check_texts(circuit, trial)
        except NeuroCanvasError as error:
            self._say(error)
        else:
            self.reason.hide()

    def _say(self, error: NeuroCanvasError) -> None:
        words = str(error)
        if isinstance(error, EquationError):
            words = f"column {error.column}: {error.reason}"
        self.reason.setText(words)
        self.reason.show()

    def _type(self, text: str) -> None:
        self._do(None if text.strip() == self._text.default else text.strip())

    def _do(self, value: str | None) -> None:
        try:
            edits = [SetText(i, self._text.name, value) for i in self._ids]
            self._session.do(bindings.together(edits))
        except NeuroCanvasError as error:
            self.field.refuse(str(error))
            self._say(error)
        else:
            self.refresh()


class TextChoice(EditChoice):
    """One of the words of a declaration; on a link, also a parameter of its target."""

    def __init__(self, session: Session, ids: tuple[str, ...], text: Text) -> None:
        self._text = text
        super().__init__(session, ids, text.title or text.name, text_tooltip(text))

    def options(self) -> list[Option]:
        circuit = self._session.circuit
        found = [(word.capitalize(), word) for word in self._text.choices]
        links = [e for e in self._elements() if isinstance(e, Link)]
        if not links:
            return found
        targets = [circuit.kind_of(link.post).parameters for link in links]
        shared = set.intersection(*({p.name for p in of_target} for of_target in targets))
        return found + [
            (f"{p.name}  \u00b7  {p.title}" if p.title else p.name, p.name)
            for p in targets[0]
            if p.name in shared
        ]

    def present(self, element: Node | Link) -> str:
        return element.texts.get(self._text.name, self._text.default)

    def edit(self, element: Node | Link, name: str) -> Edit:
        return SetText(element.id, self._text.name, None if name == self._text.default else name)
