"""File > Samples: the circuits that come with the program, by title."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QMenu

from neurocanvas.errors import NeuroCanvasError


def attach(menu: QMenu, opened: Callable[[Path], object]) -> None:
    """Fill the menu when it is first shown.

    Args:
        menu: The menu.
        opened: Called with the path of the sample that is chosen.
    """
    menu.setToolTipsVisible(True)
    menu.aboutToShow.connect(lambda: fill(menu, opened))


def fill(menu: QMenu, opened: Callable[[Path], object]) -> None:
    """List all samples, with their first words as tooltips."""
    from neurocanvas.formats.samples import samples

    menu.clear()
    for sample in samples():
        action = menu.addAction(sample.title)
        action.setToolTip(lesson_of(sample.path) or sample.title)
        action.triggered.connect(lambda _=False, path=sample.path: opened(path))
    if menu.isEmpty():
        menu.addAction("No samples were installed").setEnabled(False)


def lesson_of(path: Path) -> str:
    """Return the lesson text of a file, empty if it can't be read."""
    from neurocanvas import library
    from neurocanvas.formats import native

    try:
        circuit, _ = native.load(path, library.registry())
    except NeuroCanvasError:
        return ""
    return circuit.notes.lesson


def is_sample(path: Path) -> bool:
    """Whether a file is one of the samples that come with the program."""
    from neurocanvas.formats.samples import samples

    return any(path.resolve() == sample.path.resolve() for sample in samples())
