"""Everything that the search field of a window finds at this moment."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from neurocanvas.app import bindings, parts
from neurocanvas.app.command_field import Command
from neurocanvas.app.inspector_pages import ElementPage

if TYPE_CHECKING:
    from neurocanvas.app.main_window import MainWindow


MOST_OTHERS = 100
"""Nodes whose parameters are offered though they are not selected; more would only slow it down."""


def commands(window: MainWindow) -> Iterator[Command]:
    """Yield parameters of what is selected, settings, commands, parts, samples, all the rest."""
    yield from _parameters(window)
    yield from _settings(window)
    yield from _menus(window)
    yield from _parts(window)
    yield from _samples(window)
    yield from _others(window)


def _parameters(window: MainWindow) -> Iterator[Command]:
    """Yield all rows of the inspector for what is selected, the size of nodes among them."""
    window.inspector.rebuild()
    page = window.inspector.page
    if not isinstance(page, ElementPage):
        return
    for name, row in page.parameters.rows.items():
        parameter = row.binding.parameter
        focus = partial(window.focus_parameter, name, window.session.selection)
        yield Command(parameter.title or name, f"parameter {name}", focus, parameter.doc)


def _settings(window: MainWindow) -> Iterator[Command]:
    session = window.session
    for binding in (*bindings.settings(session), bindings.speed(session)):
        parameter = binding.parameter
        focus = partial(window.focus_parameter, parameter.name, ())
        yield Command(parameter.title, f"setting {parameter.name}", focus, parameter.doc)


def _others(window: MainWindow) -> Iterator[Command]:
    """Yield parameters of nodes that are not selected, by the label of the node."""
    session = window.session
    others = (n for n in session.circuit.nodes() if n.id not in session.selection)
    for node in islice(others, MOST_OTHERS):
        kind = session.circuit.kind_of(node)
        for parameter in (*kind.parameters, bindings.SIZE):
            title = f"{node.label}: {parameter.title or parameter.name}"
            focus = partial(window.focus_parameter, parameter.name, (node.id,))
            yield Command(title, f"parameter {parameter.name}", focus, parameter.name)


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
