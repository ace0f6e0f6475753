"""How a measurement is asked for: the options of its command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.support.report import Section, write_json


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Attributes:
        rounds: Runs of each contestant.
        small: Large networks at a tenth of their size.
    """

    rounds: int = 5
    small: bool = False


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return the options that all measurements have."""
    found = argparse.ArgumentParser(description=description)
    found.add_argument("--rounds", type=int, default=5, help="runs of each contestant")
    found.add_argument("--small", action="store_true", help="large networks at a tenth")
    found.add_argument("--json", type=Path, help="write the tables there")
    return found


def run(measure: Callable[[Plan], Sequence[Section]], description: str | None) -> None:
    """Measure as the command line says, and print the tables."""
    options = parser(description).parse_args()
    sections = measure(Plan(options.rounds, options.small))
    for section in sections:
        print(section.plain(), flush=True)
    if options.json:
        write_json(options.json, sections)
