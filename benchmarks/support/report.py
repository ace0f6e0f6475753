"""What a measurement reports: sections with a table, as text, as Markdown and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Section:
    """A table with what is to be said about it.

    Attributes:
        title: Its heading.
        header: Names of the columns.
        rows: Cells as text.
        text: What was measured and how.
        notes: What is to be known beside it, a line each.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text: str = ""
    notes: tuple[str, ...] = field(default=())

    def plain(self) -> str:
        """Return it for a terminal."""
        table = [self.header, *self.rows]
        widths = [max(len(row[k]) for row in table) for k in range(len(self.header))]
        lines = [f"== {self.title}", *([self.text] if self.text else [])]
        for row in table:
            cells = [row[0].ljust(widths[0])]
            cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
            lines.append("  ".join(cells).rstrip())
        return "\n".join([*lines, *self.notes])

    def markdown(self) -> str:
        """Return it for ``results.md``."""
        lines = [f"## {self.title}", "", *([self.text, ""] if self.text else [])]
        lines += [_row(self.header), _row(("---", *("---:" for _ in self.header[1:])))]
        lines += [_row(row) for row in self.rows]
        return "\n".join(
            [*lines, *(["", *(f"- {note}" for note in self.notes)] * bool(self.notes))]
        )


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def write_json(path: Path, sections: Sequence[Section]) -> None:
    """Keep sections for another process."""
    path.write_text(json.dumps([asdict(s) for s in sections], indent=1) + "\n", "utf-8")


def read_json(path: Path) -> list[Section]:
    """Read what ``write_json`` wrote."""
    return [
        Section(
            item["title"], tuple(item["header"]), tuple(tuple(row) for row in item["rows"]),
            item["text"], tuple(item["notes"]),
        )
        for item in json.loads(path.read_text("utf-8"))
    ]  # fmt: skip


def number(value: float, digits: int = 3) -> str:
    """Write a number with so many digits, a dash for NaN."""
    if value != value:
        return "-"
    if abs(value) >= 10 ** (digits - 1):
        return f"{value:.0f}"
    return f"{value:.{digits}g}"
