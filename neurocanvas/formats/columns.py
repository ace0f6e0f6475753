"""Columns of numbers out of text: what people paste, and files that other programs wrote.

Values may be separated by commas, semicolons, tabs or spaces, and have a header above them; lines
that begin with ``#`` are passed over. With semicolons, a comma may be the decimal point.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from neurocanvas.errors import FileError, QuantityError
from neurocanvas.formats import files
from neurocanvas.formats.records import brief
from neurocanvas.model.quantity import parse_quantity

MAX_VALUES = 1_000_000
"""More values than these are refused."""

_UNIT = re.compile(r"(?:[\[(]\s*([^\s\])]+)\s*[\])]|[_ ]([A-Za-z\u00b5\u03bc]+))\s*\Z")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")


@dataclass(frozen=True)
class Table:
    """Cells of text in columns.

    Attributes:
        header: Names of the columns; numbers from 1 where the text has none.
        rows: The cells, row by row, as many as the header has names.
        lines: Number of the line that each row stands in, from 1.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def unit(self, number: int) -> str:
        """Return the unit that the name of a column ends with: ``"time_ms"``, ``"I (nA)"``."""
        match = _UNIT.search(self.header[number])
        return (match[1] or match[2]) if match else ""


def read_text(path: str | os.PathLike[str]) -> str:
    """Return the text of a file.

    Raises:
        FileError: It can't be read, or is no text.
    """
    data = files.read_bytes(path)
    for encoding in ("utf-8-sig", "latin-1"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise files.file_error(os.fspath(path), "this is no text; numbers in columns would be right")


def parse_table(text: str, wanted: int) -> Table:
    """Split text into columns.

    Args:
        text: What was pasted or read from a file.
        wanted: How many columns are needed; for one, the numbers may stand in any lines.

    Raises:
        FileError: Naming the line and what would be right there.
    """
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not lines:
        raise FileError("there is nothing to read; numbers in columns would be right")
    separator = _separator([line for _, line in lines])
    rows = [(number, _cells(line, separator)) for number, line in lines]
    header: tuple[str, ...] = ()
    if not any(_is_number(cell) for cell in rows[0][1]):
        header, rows = tuple(map(_plain, rows[0][1])), rows[1:]
    if wanted == 1 and not header and _is_ragged(rows):
        rows = [(number, (cell,)) for number, cells in rows for cell in cells if cell.strip()]
    return _checked(header, rows, wanted)


def _is_ragged(rows: Sequence[tuple[int, tuple[str, ...]]]) -> bool:
    """Whether rows are a list of numbers over several lines rather than columns."""
    return len(rows) == 1 or len({len(cells) for _, cells in rows}) > 1


def _checked(
    header: tuple[str, ...], rows: Sequence[tuple[int, tuple[str, ...]]], wanted: int
) -> Table:
    width = len(header) or (len(rows[0][1]) if rows else 0)
    if width < wanted:
        raise FileError(f"there is {width} column, but {wanted} are needed")
    for number, cells in rows:
        if len(cells) != width:
            found = f"{len(cells)} value{'' if len(cells) == 1 else 's'}"
            raise FileError(f"line {number}: {found}, but there are {width} columns")
    if len(rows) > MAX_VALUES:
        raise FileError(f"there are {len(rows)} rows; up to {MAX_VALUES} are possible")
    names = header or tuple(str(k + 1) for k in range(width))
    return Table(names, tuple(cells for _, cells in rows), tuple(number for number, _ in rows))


def _separator(lines: Sequence[str]) -> str:
    """Return what separates cells: the first of ; tab , that occurs, else blanks (empty)."""
    return next((mark for mark in (";", "\t", ",") if any(mark in line for line in lines)), "")


def _cells(line: str, separator: str) -> tuple[str, ...]:
    cells = line.split(separator) if separator else _with_units(line.split())
    if len(cells) > 1 and not cells[-1].strip():
        cells = cells[:-1]  # a separator at the end of the line
    if separator == ";" and "," in line:
        cells = [_DECIMAL_COMMA.sub(".", cell) for cell in cells]
    return tuple(cells)


def _with_units(words: list[str]) -> list[str]:
    """Put units back to the numbers they follow: ``10 ms 20 ms`` is two values."""
    found: list[str] = []
    for word in words:
        if found and _is_number(found[-1]) and word.isalpha() and not _is_number(word):
            found[-1] += f" {word}"
        else:
            found.append(word)
    return found


def _plain(cell: str) -> str:
    return cell.strip().strip('"')


def _is_number(cell: str) -> bool:
    """Whether a cell begins like a number."""
    return bool(re.match(r'[\s"]*([+\-\u2212]?\.?\d|[+\-]?(nan|inf))', cell.lower()))


def column_values(table: Table, number: int, unit: str, given: str = "") -> tuple[float, ...]:
    """Return the numbers of a column.

    Args:
        table: The table.
        number: Which column, from 0.
        unit: Unit of the result.
        given: Unit of the numbers in the table; that of the result if empty. Cells with a unit of
            their own may stand anywhere.

    Raises:
        FileError: Naming the line, the cell and what would be right.
    """
    factor = _factor(given, unit)
    found = []
    for row, line in zip(table.rows, table.lines, strict=True):
        try:
            value = float(row[number]) * factor
        except ValueError:
            value = _parsed(row[number], unit, factor, line)
        if not math.isfinite(value):
            raise FileError(f"line {line}: {brief(_plain(row[number]))} is no number")
        found.append(value)
    return tuple(found)


def _factor(given: str, unit: str) -> float:
    """Return what numbers in one unit are multiplied by to be in another."""
    if given in ("", unit):
        return 1.0
    try:
        return parse_quantity(f"1 {given}", unit)
    except QuantityError as error:
        raise FileError(str(error)) from None


def _parsed(text: str, unit: str, factor: float, line: int) -> float:
    cell = _plain(text)
    if not cell:
        raise FileError(f"line {line}: a value is missing")
    try:
        value = parse_quantity(cell, unit, f"line {line}")
    except QuantityError as error:
        raise FileError(str(error)) from None
    return value * factor if cell[-1].isdigit() else value
