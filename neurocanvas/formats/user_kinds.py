"""Kinds that a user keeps for all circuits: one file each in a folder of theirs.

They are patterns: a circuit that uses one takes a copy along, so that its file says all there is to
say, whoever opens it.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from neurocanvas.errors import NeuroCanvasError
from neurocanvas.formats import files
from neurocanvas.formats.own_kinds import SUFFIX, load_kind, save_kind
from neurocanvas.model import declarations
from neurocanvas.model.kinds import Kind

FOLDER = "kinds"
MAX_FILES = 500


def folder() -> Path:
    """Return the folder; it may not exist yet."""
    return platformdirs.user_data_path("neurocanvas", appauthor=False) / FOLDER


def load() -> tuple[list[Kind], list[str]]:
    """Read all kinds of the user.

    Returns:
        The kinds, sorted by title, and a line for each file that is refused.
    """
    found: dict[str, Kind] = {}
    refused = []
    for path in _paths():
        try:
            kind = load_kind(path)
        except NeuroCanvasError as error:
            refused.append(str(error))
        else:
            found.setdefault(kind.name, kind)
    return sorted(found.values(), key=lambda kind: kind.title.casefold()), refused


def _paths() -> list[Path]:
    try:
        names = sorted(os.listdir(folder()))
    except OSError:
        return []
    return [folder() / name for name in names if name.endswith(SUFFIX)][:MAX_FILES]


def save(kind: Kind) -> Path:
    """Keep a kind; one of the same name is replaced.

    Raises:
        NeuroCanvasError: It is broken, or can't be written.
    """
    declarations.check(kind)
    try:
        folder().mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise files.file_error(folder(), f"can't be made: {files.reason_of(error)}") from None
    path = folder() / f"{kind.name}{SUFFIX}"
    save_kind(kind, path)
    return path


def remove(name: str) -> None:
    """Forget a kind.

    Raises:
        FileError: Its file can't be removed.
    """
    path = folder() / f"{name}{SUFFIX}"
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise files.file_error(path, f"can't be removed: {files.reason_of(error)}") from None
