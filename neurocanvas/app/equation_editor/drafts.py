"""A kind as it stands in the fields of the editor: text that may not make sense yet."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from textwrap import dedent

from neurocanvas.model.kinds import NeuronKind, Parameter
from neurocanvas.model.parameters import Variable
from neurocanvas.model.quantity import (
    DIMENSIONLESS,
    format_quantity,
    is_unit,
    parse_quantity,
    to_text,
)

EQUATIONS, THRESHOLD, RESET, REFRACTORY, INITIAL = (
    "equations", "threshold", "reset", "refractory", "initial",
)  # fmt: skip
OUTPUT, UPDATE, INTERVAL = "output", "update", "interval"
FIELDS = (EQUATIONS, THRESHOLD, RESET, REFRACTORY, INITIAL, OUTPUT, UPDATE, INTERVAL)
"""The texts of a draft, in the order they are read."""

NOTE_AFTER = 3
LONGEST_NOTED = 40
"""Equations up to this length have their notes beside them."""
_NOTE = re.compile(r"\s*(?P<unit>[^:]*?)\s*(?::\s*(?P<doc>.*?)\s*)?", re.DOTALL)


@dataclass(frozen=True)
class Row:
    """A parameter as it was typed.

    Attributes:
        name: As in the equations.
        default: With its unit: ``"0.2 nF"``.
        minimum, maximum: What is possible; ``"> 0 pF"`` leaves the limit itself out; may be empty.
        doc: What it does.
        title: As shown in the inspector; kept from what was edited.
        slider: What the slider spans; kept from what was edited.
    """

    name: str
    default: str
    minimum: str = ""
    maximum: str = ""
    doc: str = ""
    title: str = ""
    slider: tuple[float, float] | None = None


@dataclass(frozen=True)
class Draft:
    """Everything in the fields of the editor.

    Attributes:
        base: What is not shown, and the name.
        title, symbol, doc: As typed.
        texts: Field -> text.
        accepts: ``"current"`` or ``"rate"``.
        rows: The parameters.
    """

    base: NeuronKind
    title: str
    symbol: str
    doc: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    accepts: str = "current"
    rows: tuple[Row, ...] = ()

    def text(self, name: str) -> str:
        """Return the text of a field."""
        return self.texts.get(name, "")

    def with_row(self, row: Row) -> Draft:
        """Return the draft with one more parameter."""
        return replace(self, rows=(*self.rows, row))


# -- from a kind ---------------------------------------------------------------------------------


def draft_of(kind: NeuronKind) -> Draft:
    """Return what the editor shows of a kind."""
    texts = {
        EQUATIONS: _with_notes(kind),
        THRESHOLD: kind.threshold,
        RESET: _plain(kind.reset),
        REFRACTORY: kind.refractory,
        INITIAL: "\n".join(f"{state} = {text}" for state, text in kind.initial.items()),
        OUTPUT: kind.output,
        UPDATE: _plain(kind.update),
        INTERVAL: kind.interval,
    }
    rows = tuple(_row(parameter) for parameter in kind.parameters)
    return Draft(kind, kind.title, kind.symbol, kind.doc, texts, kind.accepts, rows)


def _plain(text: str) -> str:
    return "\n".join(line.strip() for line in dedent(text).strip().splitlines())


def _with_notes(kind: NeuronKind) -> str:
    """Return the equations, unit and words of each variable behind its line where there is room."""
    declared = {variable.name: variable for variable in kind.variables}
    lines = _plain(kind.equations).splitlines()
    short = [len(line) for line in lines if target_of(line) in declared]
    width = max((n for n in short if n <= LONGEST_NOTED), default=0) + NOTE_AFTER
    return "\n".join(_noted(line, declared, width) for line in lines)


def _noted(line: str, declared: Mapping[str, Variable], width: int) -> str:
    variable = declared.get(target_of(line))
    if variable is None or "#" in line or len(line) > LONGEST_NOTED:
        return line
    doc = variable.doc.rstrip(".")
    note = f"{variable.unit}: {doc}" if doc else variable.unit
    return f"{line:<{width}}# {note}"


def _row(parameter: Parameter) -> Row:
    def bound(value: float, sign: str = "") -> str:
        return sign + short_text(value, parameter.unit) if math.isfinite(value) else ""

    return Row(
        parameter.name,
        short_text(parameter.default, parameter.unit),
        bound(parameter.minimum, "> " if parameter.strict else ""),
        bound(parameter.maximum),
        parameter.doc,
        parameter.title,
        parameter.slider,
    )


def short_text(value: float, unit: str) -> str:
    """Return a value with the prefix that reads best, if it reads back to the last bit."""
    plain, short = to_text(value, unit), format_quantity(value, unit).replace("\u2212", "-")
    same = len(short) < len(plain) and parse_quantity(short, unit) == value
    return short if same else plain


# -- what lines say ------------------------------------------------------------------------------

_TARGET = re.compile(r"\s*(?:d([A-Za-z]\w*)\s*/\s*dt|([A-Za-z]\w*))\s*=(?!=)", re.ASCII)


def target_of(line: str) -> str:
    """Return the variable that a line of equations defines, empty if it defines none."""
    match = _TARGET.match(line)
    return (match[1] or match[2]) if match else ""


def notes_of(equations: str) -> dict[str, tuple[str, str]]:
    """Return variable -> (unit, words) as comments behind the equations say: ``# mV: potential``.

    A comment without a unit is words alone; its unit is empty then.
    """
    found = {}
    for line in equations.splitlines():
        statement, _, comment = line.partition("#")
        name = target_of(statement)
        if name:
            found[name] = _note(comment)
    return found


def _note(comment: str) -> tuple[str, str]:
    match = _NOTE.fullmatch(comment)
    if match and is_unit(match["unit"]):
        return match["unit"], _sentence(match["doc"] or "")
    return "", _sentence(comment.strip())


def _sentence(words: str) -> str:
    return words if not words or words.endswith(".") else f"{words}."


def variables_of(draft: Draft, states: tuple[str, ...], units: Mapping[str, str]) -> list[Variable]:
    """Return unit and words of every variable that the draft defines.

    Args:
        draft: The draft.
        states: Names of its variables.
        units: Parameter -> unit.
    """
    notes = notes_of(draft.text(EQUATIONS))
    before = {variable.name: variable for variable in draft.base.variables}
    found = []
    for name in states:
        unit, doc = notes.get(name, ("", ""))
        known = before.get(name)
        if known is not None:
            unit, doc = unit or known.unit, doc or known.doc
        found.append(Variable(name, unit or likely_unit(draft, name, units), doc))
    return found


def likely_unit(draft: Draft, name: str, units: Mapping[str, str]) -> str:
    """Return the unit of the parameter that a variable is set to or compared with."""
    for text in (draft.text(THRESHOLD), draft.text(RESET), draft.text(INITIAL)):
        for line in text.splitlines():
            match = re.fullmatch(rf"\s*{name}\s*(?:[<>]=?|=)\s*(\w+)\s*", line)
            if match and match[1] in units:
                return units[match[1]]
    return DIMENSIONLESS
