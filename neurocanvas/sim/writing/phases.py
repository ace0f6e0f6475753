"""A long loop over a block, cut into short ones where exponentials are taken of all lanes.

A processor works on some 250 instructions at a time. A longer body is done one group of lanes after
the other, each waiting for its own chain of results; short bodies overlap. And a function of all
lanes at once can ask, once for a block, whether its short form will do.

Values that are needed on both sides of a cut are kept in rows of numbers on the stack; what only
reads the state is read again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

_ASSIGNMENT = re.compile(r"(\w+) = (.*)")
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_CELL = re.compile(r"(?:lanes|theirs|lane_\d)\[i(?: \+ [@\d]+)?\]")
_CHEAP = re.compile(r"(?:lanes|lane_\d)\[i \+ [@\d]+\]|\w+|-?[\d.e+-]+")
"""What is done again where it is needed, rather than kept: a number of the state, another name."""


@dataclass
class _Phase:
    """One of the short loops: what it computes, what it keeps, which names have a value in it."""

    lines: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    known: set[str] = field(default_factory=set)


class Phases:
    """Cuts the lines of a loop.

    Args:
        lines: Statements, a line each; every name gets its value once.
        apart: Function -> the function that takes it of all lanes, in place.
        lanes: Numbers in a row.
    """

    def __init__(self, lines: Sequence[str], apart: Mapping[str, str], lanes: int) -> None:
        self._apart, self._lanes = apart, lanes
        self._code: dict[str, str] = {}
        self._phase_of: dict[str, int] = {}
        self._effects: list[str] = []
        self._rows: dict[str, int] = {}
        self._groups: dict[tuple[int, str], list[str]] = {}
        simple = self._read(lines)
        self._phases = [_Phase() for _ in range(max(self._phase_of.values(), default=0) + 1)]
        self.pays = simple and len(self._phases) > 1
        """Whether the lines can be cut, and there is anything to cut them for."""

    @property
    def size(self) -> int:
        """How many numbers are kept on the stack; known when the loops are written."""
        return len(self._rows) * self._lanes

    # -- reading ---------------------------------------------------------------------------------

    def _read(self, lines: Sequence[str]) -> bool:
        """Find out in which phase every name gets its value; False if the lines can't be cut."""
        stored: set[str] = set()
        for line in lines:
            if line.startswith(" ") or line.endswith(":"):
                return False
            found = _ASSIGNMENT.fullmatch(line)
            if found is None:
                stored.update(_CELL.findall(line)[:1])
                self._effects.append(line)
                continue
            name, code = found.groups()
            if name in self._code or stored & set(_CELL.findall(code)):
                return False
            self._place(name, code)
        return True

    def _place(self, name: str, code: str) -> None:
        """Put a name into the first phase in which all that it uses has a value."""
        phase = max((self._phase_of[used] for used in self._used(code)), default=0)
        taken = self._taken(code)
        if taken:
            # What one function is taken of after one phase lies in neighbouring rows.
            self._groups.setdefault((phase, taken[0]), []).append(name)
        self._code[name] = code
        self._phase_of[name] = phase + (taken is not None)

    def _used(self, code: str) -> Iterator[str]:
        return (name for name in dict.fromkeys(_NAME.findall(code)) if name in self._code)

    def _taken(self, code: str) -> tuple[str, str] | None:
        """Return the function of all lanes and its argument, where code is a call of such a one."""
        function, _, argument = code.partition("(")
        if function not in self._apart or not _closes_at_the_end(argument):
            return None
        return self._apart[function], argument[:-1]

    # -- writing ---------------------------------------------------------------------------------

    def loops(self, count: str) -> list[str]:
        """Return the lines of all loops over a block of so many lanes.

        What has effects comes last, in the order it was given.
        """
        for group in self._groups.values():
            self._rows |= {name: len(self._rows) + k for k, name in enumerate(group)}
        for name, code in self._code.items():
            self._compute(name, code)
        # What they use is read before the first of them writes.
        for line in self._effects:
            self._need(line, len(self._phases) - 1)
        self._phases[-1].lines += self._effects
        result = []
        for number, phase in enumerate(self._phases):
            result += [f"for i in range({count}):"]
            result += [f"    {line}" for line in (*phase.lines, *phase.kept)]
            result += self._calls(number, count)
        return result

    def _calls(self, number: int, count: str) -> list[str]:
        """Return the calls after a phase."""
        return [
            f"{function}(lanes_at(scratch, {self._rows[group[0]] * self._lanes}),"
            f" {count}, {len(group)} * {count})"
            for (phase, function), group in self._groups.items()
            if phase == number
        ]

    def _compute(self, name: str, code: str) -> None:
        here = self._phase_of[name]
        taken = self._taken(code)
        if taken:
            self._need(taken[1], here - 1)
            self._phases[here - 1].kept.append(f"{self._row(name)} = {taken[1]}")
        elif not _CHEAP.fullmatch(code):
            self._phases[here].known.add(name)
            self._write(f"{name} = {code}", here)

    def _write(self, line: str, here: int) -> None:
        self._need(line, here)
        self._phases[here].lines.append(line)

    def _need(self, code: str, here: int) -> None:
        """Give all names in a piece of code a value in a phase."""
        for name in self._used(code):
            if name not in self._phases[here].known:
                self._phases[here].known.add(name)
                self._fetch(name, here)

    def _fetch(self, name: str, here: int) -> None:
        """Compute a name again, or keep it in the phase that computes it."""
        code = self._code[name]
        if _CHEAP.fullmatch(code) and name not in self._rows:
            self._write(f"{name} = {code}", here)
            return
        if name not in self._rows:
            self._rows[name] = len(self._rows)
            self._phases[self._phase_of[name]].kept.append(f"{self._row(name)} = {name}")
        self._phases[here].lines.append(f"{name} = {self._row(name)}")

    def _row(self, name: str) -> str:
        return f"scratch[i + {self._rows[name] * self._lanes}]"


def _closes_at_the_end(text: str) -> bool:
    """Whether the bracket that was opened before a text closes with its last character."""
    depth = 1
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if not depth:
            return place == len(text) - 1
    return False
