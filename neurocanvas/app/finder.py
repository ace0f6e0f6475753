"""Everything that the search field of a window finds at this moment."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from neurocanvas.app import parts
from neurocanvas.app.command_field import Command

if TYPE_CHECKING:
    from neurocanvas.app.main_window import MainWindow


def commands(window: MainWindow) -> Iterator[Command]:
    """Yield parameters of what is selected, commands of the menus, parts and samples."""
    yield from _parameters(window)
    yield from _menus(window)
    yield from _parts(window)
    yield from _samples(window)


def _parameters(window: MainWindow) -> Iterator[Command]:
    session = window.session
    kinds = {session.circuit.element(i).kind for i in session.selection}
    if len(kinds) != 1:
        return
    for parameter in session.circuit.kinds.get(kinds.pop()).parameters:
        title = parameter.title or parameter.name
        focus = partial(window.inspector.focus_parameter, parameter.name)
        yield Command(title, f"parameter {parameter.name}", focus, parameter.doc)


def _menus(window: MainWindow) -> Iterator[Command]:
    for action in window.menus.commands():
        title = action.text().replace("&", "").rstrip("\u2026")
        keys = action.shortcut().toString()
        yield Command(title, keys or "command", action.trigger, action.statusTip())


def _parts(window: MainWindow) -> Iterator[Command]:
    for _, found in parts.groups(window.session.offered()):
        for part in found:
            use = partial(window.palette_panel.use, part)
            yield Command(part.title, part.family, use, f"{part.name} {part.hint}")


def _samples(window: MainWindow) -> Iterator[Command]:
    from neurocanvas.formats.samples import samples

    for sample in samples():
        opened = partial(window.open_path, sample.path)
        yield Command(sample.title, "sample", opened, sample.name)
