"""Colours of equation text while it is typed: the same ones as where equations are shown."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument

from neurocanvas.app import theme
from neurocanvas.app.equation_text import TOKEN
from neurocanvas.app.theme import Theme, qcolor
from neurocanvas.model.expressions import FUNCTIONS
from neurocanvas.model.kinds import NeuronKind

INPUTS = frozenset(NeuronKind.inputs)
BRACKETS = frozenset("(),!")


class EquationHighlighter(QSyntaxHighlighter):
    """Colours numbers, names, functions, inputs and comments.

    Args:
        document: Whose text.
    """

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._parameters: frozenset[str] = frozenset()
        theme.changed.connect(self._repaint)

    def set_parameters(self, names: Iterable[str]) -> None:
        """Tell the names of parameters, which are shown apart from variables."""
        found = frozenset(names)
        if found != self._parameters:
            self._parameters = found
            self.rehighlight()

    def _repaint(self, *_: object) -> None:
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        colours = theme.current()
        for match in TOKEN.finditer(text):
            colour = self._colour(str(match.lastgroup), match.group(), colours)
            style = QTextCharFormat()
            style.setForeground(qcolor(colour))
            # Qt counts in units of UTF-16, Python in characters: they differ beyond the base plane.
            start = len(text[: match.start()].encode("utf-16-le")) // 2
            length = len(match.group().encode("utf-16-le")) // 2
            self.setFormat(start, length, style)

    def _colour(self, group: str, text: str, colours: Theme) -> str:
        if group == "name":
            if text in FUNCTIONS or text in INPUTS:
                return colours.code_function
            return colours.source if text in self._parameters else colours.code_name
        if group == "other":
            return colours.text_dim if text in BRACKETS else colours.bad
        known = {
            "comment": colours.code_comment,
            "number": colours.code_number,
            "power": colours.code_number,
            "derivative": colours.code_name,
        }
        return known.get(group, colours.text_dim)
