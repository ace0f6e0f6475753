"""The menus: every command with its words, its key and what it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from neurocanvas.app import check_menu, preferences, samples_menu, theme

if TYPE_CHECKING:
    from neurocanvas.app.main_window import MainWindow

OF_SELECTION = ("cut", "copy", "duplicate", "delete")
"""Commands that need something selected."""
Keys = QKeySequence.StandardKey


@dataclass(frozen=True)
class Item:
    """One command of a menu.

    Attributes:
        name: How the program calls it.
        text: As shown, with ``&`` before the letter to press.
        run: What it does.
        keys: Its shortcut.
        tip: A sentence more, for the search field.
    """

    name: str
    text: str
    run: Callable[[], object]
    keys: str | Keys | None = None
    tip: str = ""


class Menus:
    """Builds the menu bar of a window and keeps its actions by name.

    Attributes:
        actions: Name -> action.
        groups: Title of a menu -> names of its actions.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.actions: dict[str, QAction] = {}
        self.groups: dict[str, list[str]] = {}
        bar = window.menuBar()
        for title, fill in (
            ("&File", self._file), ("&Edit", self._edit), ("&View", self._view),
            ("&Run", self._run), ("&Help", self._help),
        ):  # fmt: skip
            before = set(self.actions)
            fill(bar.addMenu(title))
            added = [name for name in self.actions if name not in before]
            self.groups[title.replace("&", "")] = added

        session = window.session
        session.selection_changed.connect(self._follow_selection)
        self._follow_selection()

    def _follow_selection(self) -> None:
        """Offer only what there is something to do with."""
        for name in OF_SELECTION:
            self.actions[name].setEnabled(bool(self._window.session.selection))

    def __getitem__(self, name: str) -> QAction:
        return self.actions[name]

    def commands(self) -> Iterator[QAction]:
        """Yield all actions that can be used now."""
        for action in self.actions.values():
            if action.isEnabled() and action.isVisible():
                yield action

    def _add(self, menu: QMenu, *items: Item | None) -> None:
        """Add items to a menu; None is a line between them."""
        for item in items:
            if item is None:
                menu.addSeparator()
                continue
            action = menu.addAction(item.text)
            if item.keys is not None:
                action.setShortcut(QKeySequence(item.keys))
            action.setStatusTip(item.tip)
            action.triggered.connect(lambda _=False, run=item.run: run())
            self.actions[item.name] = action

    def _file(self, menu: QMenu) -> None:
        window = self._window
        self._add(
            menu,
            Item("new", "&New", window.new, Keys.New, "begin an empty circuit"),
            Item("open", "&Open\u2026", window.open_dialog, Keys.Open, "open a file"),
        )
        recent = menu.addMenu("Open &recent")
        recent.aboutToShow.connect(lambda: self._fill_recent(recent))
        samples_menu.attach(menu.addMenu("Sam&ples"), window.open_path)
        self._add(
            menu,
            None,
            Item("save", "&Save", window.save, Keys.Save, "write the circuit to its file"),
            Item("save_as", "Save &as\u2026", window.save_as, "Ctrl+Shift+S"),
            Item("export_picture", "&Export picture\u2026", window.export_picture, "Ctrl+E",
                 "png svg image of the canvas"),
            None,
            Item("quit", "&Quit", window.close, Keys.Quit),
        )  # fmt: skip

    def _fill_recent(self, menu: QMenu) -> None:
        menu.clear()
        for path in preferences.recent():
            action = menu.addAction(path.name)
            action.setToolTip(str(path))
            action.triggered.connect(lambda _=False, path=path: self._window.open_path(path))
        if menu.isEmpty():
            menu.addAction("Nothing opened yet").setEnabled(False)

    def _edit(self, menu: QMenu) -> None:
        window, session = self._window, self._window.session
        undo = session.undo_stack.createUndoAction(menu, "&Undo")
        redo = session.undo_stack.createRedoAction(menu, "&Redo")
        undo.setShortcut(QKeySequence(Keys.Undo))
        redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        for name, action in (("undo", undo), ("redo", redo)):
            menu.addAction(action)
            self.actions[name] = action
        attempt = window.attempt
        self._add(
            menu,
            None,
            Item("cut", "Cu&t", lambda: attempt(session.cut), Keys.Cut),
            Item("copy", "&Copy", lambda: attempt(session.copy), Keys.Copy),
            Item("paste", "&Paste", window.paste, Keys.Paste),
            Item("duplicate", "D&uplicate", lambda: attempt(session.duplicate), "Ctrl+D"),
            Item("delete", "&Delete", lambda: attempt(session.remove_selection), Keys.Delete),
            Item("select_all", "Select &all", session.select_all, Keys.SelectAll),
            None,
            Item("settings", "&Simulation settings\u2026", window.show_settings, "Ctrl+,",
                 "time step dt seed duration speed"),
        )  # fmt: skip

    def _view(self, menu: QMenu) -> None:
        window = self._window
        self._add(
            menu,
            Item("fit", "&Fit the circuit", lambda: window.canvas.fit(), "Ctrl+0",
                 "zoom to see everything"),
            Item("zoom_in", "Zoom &in", lambda: window.canvas.zoom_in(), "Ctrl++"),
            Item("zoom_out", "Zoom &out", lambda: window.canvas.zoom_out(), "Ctrl+-"),
            None,
        )  # fmt: skip
        self._themes(menu.addMenu("&Theme"))
        menu.addSeparator()
        for name, dock in window.docks.items():
            action = dock.toggleViewAction()
            menu.addAction(action)
            self.actions[f"panel_{name}"] = action
        arrange = menu.addAction("A&rrange panels")
        arrange.setCheckable(True)
        arrange.setStatusTip("show title bars to move panels by")
        arrange.toggled.connect(window.arrange_panels)
        self.actions["arrange"] = arrange
        self._add(menu, Item("reset_panels", "Panels as they &were", window.reset_panels))

    def _themes(self, menu: QMenu) -> None:
        group = QActionGroup(menu)
        words = {"system": "As the &system", "light": "&Light", "dark": "&Dark"}
        for name in theme.CHOICES:
            action = menu.addAction(words[name])
            action.setCheckable(True)
            action.setChecked(theme.choice() == name)
            action.setStatusTip("theme colours")
            action.triggered.connect(lambda _=False, name=name: theme.choose(name))
            group.addAction(action)
            self.actions[f"theme_{name}"] = action

    def _run(self, menu: QMenu) -> None:
        session = self._window.session
        self._add(
            menu,
            Item("run", "&Run or pause", session.toggle_run, "Space"),
            Item("step", "One &step", session.step, "."),
            Item("reset", "Re&set to time 0", session.reset, "Ctrl+R"),
            None,
            Item("slower", "S&lower", lambda: self._window.change_speed(0.5), "["),
            Item("faster", "&Faster", lambda: self._window.change_speed(2.0), "]"),
            Item("free", "As fast as it &can", lambda: session.set_speed(0.0), "\\"),
            None,
            Item("check", check_menu.TEXT, session.check.toggle,
                 tip="accuracy exact solution solve_ivp compare spikes"),
            None,
            Item("touch", "&Touch neurons", lambda: self._window.canvas.toggle_touching(), "T",
                 "click a neuron to make it fire, press and hold to give it current"),
        )  # fmt: skip
        self.actions["touch"].setCheckable(True)

    def _help(self, menu: QMenu) -> None:
        window = self._window
        self._add(
            menu,
            Item("lesson", "&Lesson of this circuit", window.lesson.call_back, "F1"),
            Item("shortcuts", "&Keys and mouse", window.show_shortcuts, "?"),
            None,
            Item("search", "&Search everything\u2026", window.command_field.begin, "Ctrl+K"),
            Item("find_part", "Find a &part", window.palette_panel.focus_search, "/"),
            None,
            Item("about", "&About NeuroCanvas", window.show_about),
        )
