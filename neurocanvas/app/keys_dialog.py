"""The window that lists what keys and mouse do: gestures in words, commands from the menus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from neurocanvas.app.widgets import label, scroll_area

if TYPE_CHECKING:
    from neurocanvas.app.actions import Menus
    from neurocanvas.app.main_window import MainWindow

LONG_MENUS = 4
"""File, Edit, View and Run."""
Entry = tuple[str, str]
Group = tuple[str, Sequence[Entry]]

CANVAS_MOUSE: Group = ("Canvas: mouse", (
    ("Drag from the palette", "place a part, or have a link learn"),
    ("Double-click", "place a part there; see parameters"),
    ("Drag from a ring", "connect to another node, or a new one"),
    ("Drag a node", "move what is selected; Shift: grid"),
    ("Shift, Ctrl + click", "add to the selection, toggle"),
    ("Drag over the canvas", "select; Shift adds, Ctrl toggles"),
    ("Space + drag, middle button", "move the view"),
    ("Wheel, pinch, Ctrl + wheel", "zoom"),
    ("Shift + wheel, two fingers", "move the view"),
    ("Right-click", "probes, kinds, everything else"),
    ("Click while touching", "make a neuron fire"),
    ("Hold while touching", "give it current"),
))  # fmt: skip
CANVAS_KEYS: Group = ("Canvas: keys", (
    ("Arrows, Shift + arrows", "move by a little, by the grid"),
    ("Return", "see parameters"),
    ("F2", "rename"),
    ("Delete, Backspace", "remove what is selected"),
    ("+  \u2212  0", "zoom in, out, to 100 %"),
    ("F", "see everything"),
    ("T", "touch neurons, or stop"),
    ("Esc", "cancel, stop touching, select nothing"),
))  # fmt: skip
SCOPE: Group = ("Oscilloscope", (
    ("Wheel", "time base"),
    ("Ctrl + wheel, wheel on an axis", "values per division"),
    ("Shift + wheel", "look back"),
    ("Drag across", "measure a time"),
    ("Drag a cursor", "move it"),
    ("Drag while it is held", "look back"),
    ("Drag an axis", "shift the scale"),
    ("Drag the arrow of the trigger", "change its level"),
    ("Double-click", "fit the scales"),
    ("Click in the legend", "select the neuron"),
    ("Right-click", "trigger, time base, data, picture"),
    ("Esc", "cursors away, follow again"),
))  # fmt: skip
INSPECTOR: Group = ("Inspector", (
    ("Type, Return", "set a value, with any unit"),
    ("Esc", "leave it as it was"),
    ("Orange dot, right-click", "back to the default"),
))  # fmt: skip


class KeysDialog(QDialog):
    """What keys and mouse do.

    Args:
        window: Whose menus have the commands.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.setWindowTitle("Keys and mouse")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(24, 10, 24, 20)
        row.setSpacing(40)
        commands = list(command_groups(window.menus))
        # The menus of commands are long: the last of them stand below the shorter column.
        first, last = commands[:LONG_MENUS], commands[LONG_MENUS:]
        for groups in ((CANVAS_MOUSE, CANVAS_KEYS), (SCOPE, INSPECTOR, *last), first):
            column = QVBoxLayout()
            column.addLayout(_grid(groups))
            column.addStretch(1)
            row.addLayout(column)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll_area(content))
        room = window.screen().availableSize()
        wanted = content.sizeHint()
        self.resize(
            min(wanted.width() + 16, room.width()), min(wanted.height(), room.height() - 60)
        )


def command_groups(menus: Menus) -> Iterator[Group]:
    """Yield for each menu the commands that have a key."""
    for title, names in menus.groups.items():
        found = [(name, menus[name]) for name in names]
        entries = [
            (
                ", ".join(
                    s.toString(QKeySequence.SequenceFormat.NativeText) for s in action.shortcuts()
                ),
                words_of(name, action.text()),
            )
            for name, action in found
            if action.shortcuts()
        ]
        if entries:
            yield title, entries


def words_of(name: str, text: str) -> str:
    """Return the words of a command; undo and redo say in the menu what they would change."""
    plain = name if name in ("undo", "redo") else text.replace("&", "").rstrip("\u2026")
    return plain[:1].lower() + plain[1:]


def _grid(groups: Sequence[Group]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(4)
    row = 0
    for heading, entries in groups:
        grid.setRowMinimumHeight(row, 30)
        grid.addWidget(
            label(heading.upper(), "heading"), row, 0, 1, 2, Qt.AlignmentFlag.AlignBottom
        )
        for keys, words in entries:
            row += 1
            grid.addWidget(label(keys, "keyname"), row, 0)
            grid.addWidget(label(words, "dim"), row, 1)
        row += 1
    return grid
