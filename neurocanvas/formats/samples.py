"""The circuits that come with the program, each with a title and a lesson."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import msgspec

from neurocanvas.errors import FileError
from neurocanvas.formats.native import SUFFIX

START_UP = "05_half_centre"
"""The sample that the first window opens."""


class Sample(NamedTuple):
    """A circuit that comes with the program.

    Attributes:
        name: Of the file, without its suffix.
        title: As menus show it.
        path: Of the file.
    """

    name: str
    title: str
    path: Path


class _Notes(msgspec.Struct, frozen=True):
    title: str = ""


class _File(msgspec.Struct):
    notes: _Notes = _Notes()


@cache
def samples() -> tuple[Sample, ...]:
    """Return all samples, sorted by name; only their titles are read."""
    folder = Path(str(resources.files("neurocanvas") / "sample_networks"))
    found = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        title = msgspec.json.decode(path.read_bytes(), type=_File).notes.title
        found.append(Sample(path.stem, title or path.stem, path))
    return tuple(found)


def start_up() -> Sample:
    """Return the sample that the first window opens.

    Raises:
        FileError: The program came without its samples.
    """
    if not samples():
        raise FileError("sample_networks: there is no sample; the installation is incomplete")
    return next((s for s in samples() if s.name == START_UP), samples()[0])
