"""What is found wrong with a draft."""

from __future__ import annotations

from dataclasses import dataclass

from neurocanvas.model.kinds import NeuronKind

TITLE, SYMBOL, PARAMETERS = "title", "symbol", "parameters"
NAME, DEFAULT, MINIMUM, MAXIMUM, DOC = range(5)
"""Columns of the parameters."""


@dataclass(frozen=True)
class Problem:
    """Something that is wrong.

    Attributes:
        field: Which field it is in.
        words: What is wrong and what would be right.
        line, column: Where, both from 0; of the parameters, row and column of the table.
        length: How many characters are concerned.
        undeclared: The name that could be a parameter, but is declared nowhere.
    """

    field: str
    words: str
    line: int = 0
    column: int = 0
    length: int = 1
    undeclared: str = ""


@dataclass(frozen=True)
class Examination:
    """What was found in a draft.

    Attributes:
        problems: All that is wrong, in the order of the fields.
        undeclared: Names that could be parameters, each once, in the order of the text.
        unused: Parameters that nothing uses.
        kind: What the draft declares, None as long as something is wrong.
    """

    problems: tuple[Problem, ...] = ()
    undeclared: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    kind: NeuronKind | None = None

    def of(self, name: str) -> list[Problem]:
        """Return the problems of one field."""
        return [problem for problem in self.problems if problem.field == name]
