"""What is wrong with a draft, all of it and each at its place; and the kind, once nothing is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from neurocanvas.app.equation_editor import drafts
from neurocanvas.app.equation_editor.cells import parameter_of, row_problems
from neurocanvas.app.equation_editor.drafts import (
    EQUATIONS,
    INITIAL,
    INTERVAL,
    OUTPUT,
    REFRACTORY,
    RESET,
    THRESHOLD,
    UPDATE,
    Draft,
    Row,
)
from neurocanvas.app.equation_editor.problems import (
    NAME,
    PARAMETERS,
    SYMBOL,
    TITLE,
    Examination,
    Problem,
)
from neurocanvas.errors import EquationError, NeuroCanvasError
from neurocanvas.model import declarations
from neurocanvas.model import equations as eq
from neurocanvas.model.expressions import FUNCTIONS
from neurocanvas.model.kinds import NeuronKind, Parameter

MAX_PROBLEMS = 20
INPUTS = frozenset(NeuronKind.inputs)
_WORD = re.compile(r"(?<![\w.])[A-Za-z_]\w*", re.ASCII)
_TOKEN = re.compile(r"\w+|\S", re.ASCII)


def examine(draft: Draft) -> Examination:
    """Look for everything that is wrong with a draft."""
    work = _Examiner(draft)
    work.examine()
    problems = tuple(work.problems[:MAX_PROBLEMS])
    undeclared = tuple(dict.fromkeys(p.undeclared for p in problems if p.undeclared))
    unused = tuple(row.name for row in draft.rows if row.name and row.name not in work.used)
    kind = None
    if not problems:
        try:
            kind = kind_of(draft, work.parameters, work.states, work.definitions)
            declarations.check(kind)
        except NeuroCanvasError as error:
            return Examination((_as_problem(error),), (), unused)
    return Examination(problems, undeclared, unused, kind)


def _as_problem(error: NeuroCanvasError) -> Problem:
    """Return a problem that only the whole declaration shows."""
    if not isinstance(error, EquationError):
        return Problem(EQUATIONS, str(error).partition(": ")[2] or str(error), length=0)
    part = error.source.rpartition(": ")[2]
    where = {"initial values": INITIAL}.get(part, part if part in drafts.FIELDS else EQUATIONS)
    return Problem(where, error.reason, error.line - 1, error.column - 1)


def kind_of(
    draft: Draft,
    parameters: tuple[Parameter, ...],
    states: tuple[str, ...],
    definitions: tuple[str, ...],
) -> NeuronKind:
    """Return the kind that a draft declares."""
    base = draft.base
    units = {p.name: p.unit for p in parameters}
    initial = (line.partition("=") for line in draft.text(INITIAL).splitlines() if line.strip())
    main = next((s for s in (base.main, "v") if s in states), states[0] if states else "v")
    return replace(
        base,
        title=draft.title.strip(),
        symbol=draft.symbol.strip(),
        doc=draft.doc.strip(),
        equations=draft.text(EQUATIONS).strip("\n"),
        threshold=_without_comment(draft.text(THRESHOLD)),
        reset=draft.text(RESET).strip(),
        refractory=draft.text(REFRACTORY).strip(),
        initial={name.strip(): _without_comment(text) for name, _, text in initial},
        output=draft.text(OUTPUT).strip(),
        update=draft.text(UPDATE).strip(),
        interval=draft.text(INTERVAL).strip(),
        accepts=draft.accepts,
        main=main,
        parameters=parameters,
        variables=tuple(drafts.variables_of(draft, (*states, *definitions), units)),
        presets={
            title: values for title, values in base.presets.items() if values.keys() <= units.keys()
        },
    )


def _without_comment(text: str) -> str:
    return text.split("#", 1)[0].strip()


@dataclass
class _Examiner:
    """Goes through the fields of a draft and gathers what it finds."""

    draft: Draft
    problems: list[Problem] = field(default_factory=list)
    parameters: tuple[Parameter, ...] = ()
    states: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()
    used: set[str] = field(default_factory=set)

    def examine(self) -> None:
        if self._too_long():
            return
        self._words()
        self._rows()
        self._equations()
        self._threshold()
        self._assignments(RESET)
        self._parameter_name(REFRACTORY)
        self._initial()
        self._output()
        self._assignments(UPDATE)
        self._parameter_name(INTERVAL)

    # -- names -----------------------------------------------------------------------------------

    @property
    def declared(self) -> frozenset[str]:
        return frozenset(row.name for row in self.draft.rows if row.name)

    @property
    def known(self) -> frozenset[str]:
        return self.declared | INPUTS | {*self.states, *self.definitions}

    def _check_names(self, where: str, line: str, number: int, start: int = 0) -> None:
        """Note every name behind ``start`` that is defined nowhere."""
        code = line.split("#", 1)[0]
        for match in _WORD.finditer(code, start):
            name = match.group()
            self.used.add(name)
            called = code[match.end() :].lstrip().startswith("(")
            if name in self.known or (name in FUNCTIONS and called):
                continue
            reason = declarations.why_no_name(name)
            words = reason or f"{name!r} is declared nowhere; add it as a parameter or define it"
            undeclared = "" if reason or called else name
            place = (number, match.start(), len(name))
            self.problems.append(Problem(where, words, *place, undeclared))

    # -- fields ----------------------------------------------------------------------------------

    def _too_long(self) -> bool:
        limit = declarations.MAX_CHARACTERS
        length = sum(map(len, self.draft.texts.values()))
        if length > limit:
            words = f"{length} characters are too many; at most {limit} are possible"
            self.problems.append(Problem(EQUATIONS, words, length=0))
        return length > limit

    def _words(self) -> None:
        title, symbol = self.draft.title.strip(), self.draft.symbol.strip()
        for where, text, limit in (
            (TITLE, title, declarations.MAX_TITLE),
            (SYMBOL, symbol, declarations.MAX_SYMBOL),
        ):
            if not text or len(text) > limit or not text.isprintable():
                words = f"the {'name' if where == TITLE else where} has 1 to {limit} characters"
                self.problems.append(Problem(where, words))

    def _rows(self) -> None:
        seen: set[str] = set()
        found = []
        for number, row in enumerate(self.draft.rows):
            reason = self._why_no_row_name(row.name, seen)
            if reason:
                self.problems.append(Problem(PARAMETERS, reason, number, NAME))
            seen.add(row.name)
            parameter = self._parameter(row, number)
            if parameter is not None:
                found.append(parameter)
        self.parameters = tuple(found)

    @staticmethod
    def _why_no_row_name(name: str, seen: set[str]) -> str:
        if not name:
            return "a parameter needs a name"
        return declarations.why_no_name(name) or (
            f"{name!r} is there twice" if name in seen else ""
        )

    def _parameter(self, row: Row, number: int) -> Parameter | None:
        """Return the parameter of a row, or None after noting what is wrong with it."""
        problems = list(row_problems(row))
        self.problems += [replace(p, line=number) for p in problems]
        return None if problems else parameter_of(row)

    def _equations(self) -> None:
        lines = self.draft.text(EQUATIONS).splitlines()
        statements = list(self._statements(EQUATIONS))
        targets = [drafts.target_of(line) for line in lines]
        derived = {s.target for s in statements if s.operator == "d/dt"}
        names = dict.fromkeys(name for name in targets if name)
        self.states = tuple(name for name in names if name in derived)
        self.definitions = tuple(name for name in names if name not in derived)
        seen: set[str] = set()
        for statement in statements:
            self._target(statement, lines, seen)
            at = statement.line - 1
            self._check_names(EQUATIONS, lines[at], at, statement.column - 1)
        if not self.states and not self.problems:
            words = "at least one differential equation is needed: dv/dt = ..."
            self.problems.append(Problem(EQUATIONS, words, length=0))

    def _target(self, statement: eq.Statement, lines: list[str], seen: set[str]) -> None:
        name, line = statement.target, statement.line - 1
        if statement.operator == "+=":
            reason = "+= belongs where a spike resets"
        elif name in seen:
            reason = f"{name} is defined twice"
        elif name in self.declared:
            reason = f"{name} is a parameter and can't be defined; take it out of the table"
        elif name in declarations.INPUTS:
            reason = f"{name} has a meaning of its own and can't be defined"
        else:
            seen.add(name)
            return
        at = max(lines[line].find(name), 0)
        self.problems.append(Problem(EQUATIONS, reason, line, at, len(name)))

    def _statements(self, where: str) -> Iterator[eq.Statement]:
        """Yield the statements of a field, noting each line that can't be read."""
        lines = self.draft.text(where).splitlines()
        if len(lines) > eq.MAX_LINES:
            words = f"at most {eq.MAX_LINES} lines may stand here"
            self.problems.append(Problem(where, words, eq.MAX_LINES))
            return
        for number, line in enumerate(lines):
            try:
                found = eq.parse_statements(line)
            except EquationError as error:
                self._note(where, error, line, number)
                continue
            for statement in found:
                yield replace(statement, line=number + 1)

    def _note(self, where: str, error: EquationError, line: str, number: int) -> None:
        column = min(error.column - 1, max(len(line) - 1, 0))
        token = _TOKEN.match(line, column)
        length = len(token.group()) if token else 1
        self.problems.append(Problem(where, error.reason, number, column, length))

    def _threshold(self) -> None:
        line = self.draft.text(THRESHOLD)
        if not _without_comment(line):
            if self.draft.text(RESET).strip():
                words = "say when it fires: v > V_th; or leave out what a spike changes"
                self.problems.append(Problem(THRESHOLD, words, length=0))
            return
        before = len(self.problems)
        self._read(THRESHOLD, line, lambda: eq.parse_part(_without_comment(line), ""))
        if len(self.problems) == before:
            self._check_names(THRESHOLD, line, 0)
        if len(self.problems) == before:
            read = _without_comment(line)
            self._read(
                THRESHOLD,
                line,
                lambda: eq.parse_threshold(read, self.states, self.known),
                whole=True,
            )

    def _read(
        self, where: str, line: str, action: Callable[[], object], whole: bool = False
    ) -> None:
        try:
            action()
        except EquationError as error:
            if whole:
                self.problems.append(Problem(where, error.reason, 0, 0, len(line)))
            else:
                self._note(where, error, line, error.line - 1)

    def _assignments(self, where: str) -> None:
        lines = self.draft.text(where).splitlines()
        for statement in self._statements(where):
            at = statement.line - 1
            if statement.operator == "d/dt" or statement.target not in self.states:
                words = f"{statement.target} is no state variable; only those change here"
                start = max(lines[at].find(statement.target), 0)
                length = len(statement.target)
                self.problems.append(Problem(where, words, at, start, length))
            self._check_names(where, lines[at], at, statement.column - 1)

    def _initial(self) -> None:
        lines = self.draft.text(INITIAL).splitlines()
        seen: set[str] = set()
        for statement in self._statements(INITIAL):
            at, name = statement.line - 1, statement.target
            reason = ""
            if statement.operator != "=" or name not in self.states:
                reason = f"{name} is no state variable; those begin somewhere: v = -65"
            elif name in seen:
                reason = f"{name} has two initial values"
            if reason:
                start = max(lines[at].find(name), 0)
                self.problems.append(Problem(INITIAL, reason, at, start, len(name)))
            seen.add(name)
            self._check_names(INITIAL, lines[at], at, statement.column - 1)

    def _parameter_name(self, where: str) -> None:
        """Look at a field that names a parameter in ms."""
        name = self.draft.text(where).strip()
        if not name:
            return
        self.used.add(name)
        unit = next((p.unit for p in self.parameters if p.name == name), None)
        if name not in self.declared:
            reason = declarations.why_no_name(name)
            words = f"{name!r} is declared nowhere; add it as a parameter in ms"
            if reason:
                words = "here stands the name of a parameter in ms, such as t_ref"
            undeclared = "" if reason or name in self.known else name
            self.problems.append(Problem(where, words, 0, 0, len(name), undeclared))
        elif unit not in (None, "ms"):
            words = f"{name} is in {unit}; a time in ms is needed"
            self.problems.append(Problem(where, words, 0, 0, len(name)))

    def _output(self) -> None:
        name = self.draft.text(OUTPUT).strip()
        if name and name not in (*self.states, *self.definitions):
            words = f"{name} is no variable of the equations; one of them can go out"
            self.problems.append(Problem(OUTPUT, words, 0, 0, len(name)))
