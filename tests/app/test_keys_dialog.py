"""The window of keys lists every command with a key, and every key of the canvas."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from neurocanvas.app import keys_dialog
from neurocanvas.app.keys_dialog import KeysDialog
from neurocanvas.app.main_window import MainWindow

Make = Callable[[], MainWindow]


def texts(dialog: KeysDialog) -> list[str]:
    return [found.text() for found in dialog.findChildren(QLabel)]


def test_every_command_with_a_key_is_listed(make_window: Make, qtbot: QtBot) -> None:
    window = make_window()
    dialog = KeysDialog(window)
    qtbot.addWidget(dialog)
    shown = texts(dialog)
    with_keys = {n: a for n, a in window.menus.actions.items() if a.shortcuts()}
    assert {"save", "copy", "paste", "touch", "run", "undo"} <= with_keys.keys()
    native = QKeySequence.SequenceFormat.NativeText
    for name, action in with_keys.items():
        keys = ", ".join(k.toString(native) for k in action.shortcuts())
        assert keys in shown
        assert keys_dialog.words_of(name, action.text()) in shown
    assert "undo" in shown


def test_every_key_of_the_canvas_is_listed(make_window: Make) -> None:
    window = make_window()
    words = {
        Qt.Key.Key_Plus: "+", Qt.Key.Key_Equal: "+", Qt.Key.Key_Minus: "\u2212",
        Qt.Key.Key_Escape: "Esc", Qt.Key.Key_Enter: "Return",
    }  # fmt: skip
    listed = " ".join(keys for keys, _ in keys_dialog.CANVAS_KEYS[1])
    for key in window.canvas._keyboard._plain:
        name = words.get(Qt.Key(key)) or QKeySequence(key).toString()
        assert name in listed.replace("Delete", "Del Delete"), name


def test_nothing_of_it_is_cut_off(make_window: Make, qtbot: QtBot) -> None:
    window = make_window()
    dialog = KeysDialog(window)
    qtbot.addWidget(dialog)
    dialog.resize(dialog.sizeHint().expandedTo(dialog.size()))
    dialog.show()
    for found in dialog.findChildren(QLabel):
        assert found.width() >= found.sizeHint().width(), found.text()
