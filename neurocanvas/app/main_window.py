"""The main window: palette, canvas, inspector and instruments around one session."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QMainWindow,
    QStatusBar,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from neurocanvas.app import (
    check_menu,
    faults,
    icons,
    opening,
    preferences,
    samples_menu,
)
from neurocanvas.app.actions import Menus
from neurocanvas.app.command_field import Command, CommandField
from neurocanvas.app.equation_editor.opening import Editors
from neurocanvas.app.inspector import Inspector
from neurocanvas.app.instrument_area import InstrumentArea
from neurocanvas.app.lesson import LessonPanel
from neurocanvas.app.notices import Banner
from neurocanvas.app.palette import Palette
from neurocanvas.app.session import UNTITLED, Session
from neurocanvas.app.sliders import SpeedScale
from neurocanvas.app.statusbar import StatusStrip
from neurocanvas.app.transport import TopBar
from neurocanvas.app.widgets import Blank
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model.circuit import Circuit

if TYPE_CHECKING:
    from neurocanvas.app.canvas.view import CanvasView

SIZE = QSize(1600, 1000)
FRAME = QSize(8, 40)
SMALLEST = QSize(960, 640)
LAYOUT_VERSION = 1
PALETTE_WIDTH = 216
INSPECTOR_WIDTH = 336
INSTRUMENTS_HEIGHT = 356
SHARE_OF_INSTRUMENTS = 0.36
SPREAD = 110.0
"""Distance between nodes that are placed without the mouse, in scene pixels."""
GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
_GEOMETRY, _LAYOUT = "geometry", "layout"
_Area = Qt.DockWidgetArea


class MainWindow(QMainWindow):
    """One document in one window.

    Args:
        session: The document.

    Signals:
        first_painted: The window has been painted for the first time.
    """

    first_painted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._painted = False
        self._left_at = 0
        self.setWindowIcon(icons.app_icon())
        self.setMinimumSize(SMALLEST)
        self.setDockOptions(QMainWindow.DockOption.AnimatedDocks)
        self.command_field = CommandField(self._commands)
        self._canvas: CanvasView | None = None
        self.banner = Banner()
        self.lesson = LessonPanel(session)
        self.palette_panel = Palette(session)
        self.inspector = Inspector(session)
        self.instruments = InstrumentArea(session)
        self._build_bars()
        self._build_centre()
        self.docks = self._build_docks()
        self.menus = Menus(self)
        self.editors = Editors(session, self, self._free_place)
        self._connect()
        self._restore()
        self._show_title()
        self._blank.setFocus()

    @property
    def canvas(self) -> CanvasView:
        """Where circuits are drawn; built when first asked for, or after the first paint.

        What it draws with takes as long to load as the rest of the window.
        """
        if self._canvas is None:
            self._canvas = self._build_canvas()
        return self._canvas

    # -- building --------------------------------------------------------------------------------

    def _build_bars(self) -> None:
        self.top = TopBar(self.session, self.command_field)
        bar = QToolBar("Transport")
        bar.setObjectName("transport")
        bar.setMovable(False)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        bar.addWidget(self.top)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, bar)
        bar.toggleViewAction().setVisible(False)
        self.strip = StatusStrip(self.session)
        status = QStatusBar()
        status.setSizeGripEnabled(False)
        status.setContentsMargins(0, 0, 0, 0)
        status.addWidget(self.strip, 1)
        self.setStatusBar(status)

    def _build_centre(self) -> None:
        self._centre = centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        notices = QVBoxLayout()
        notices.setContentsMargins(0, 0, 0, 0)
        notices.addWidget(self.banner)
        notices.addWidget(self.lesson)
        layout.addLayout(notices)
        self._blank = Blank()
        layout.addWidget(self._blank, 1)
        self.setCentralWidget(centre)

    def _build_canvas(self) -> CanvasView:
        from neurocanvas.app.canvas.view import CanvasView

        canvas, centre = CanvasView(self.session), self._centre
        canvas.touching_changed.connect(self.palette_panel.show_touching)
        canvas.touching_changed.connect(self.menus["touch"].setChecked)
        canvas.inspect_requested.connect(self._inspect)
        waiting = self.focusWidget() in (None, self._blank)
        layout = centre.layout()
        assert layout is not None
        layout.replaceWidget(self._blank, canvas)
        self._blank.deleteLater()
        centre.setFocusProxy(canvas)
        if waiting:
            canvas.setFocus()
        return canvas

    def _build_docks(self) -> dict[str, QDockWidget]:
        wanted = (
            ("palette", "Parts", self.palette_panel, _Area.LeftDockWidgetArea),
            ("inspector", "Inspector", self.inspector, _Area.RightDockWidgetArea),
            ("instruments", "Instruments", self.instruments, _Area.BottomDockWidgetArea),
        )
        self.setCorner(Qt.Corner.BottomLeftCorner, _Area.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, _Area.BottomDockWidgetArea)
        docks = {}
        for name, title, widget, area in wanted:
            dock = QDockWidget(title, self)
            dock.setObjectName(name)
            dock.setWidget(widget)
            dock.setTitleBarWidget(QWidget())
            self.addDockWidget(area, dock)
            docks[name] = dock
        self.palette_panel.setMinimumWidth(180)
        self.inspector.setMinimumWidth(280)
        self.instruments.setMinimumHeight(160)
        return docks

    def _connect(self) -> None:
        session = self.session
        session.path_changed.connect(self._show_title)
        session.undo_stack.cleanChanged.connect(self._show_title)
        session.reported.connect(self._show_report)
        session.status_changed.connect(self._watch_failure)
        session.lesson_wanted.connect(self.lesson.write)
        session.opening.opened.connect(self._take)
        session.opening.failed.connect(lambda error: self.banner.say(faults.words(error)))
        self.palette_panel.place_requested.connect(self.place)
        self.palette_panel.dismissed.connect(lambda: self.canvas.setFocus())
        self.palette_panel.touch_requested.connect(lambda: self.canvas.toggle_touching())
        check_menu.attach(self)
        self._failure: object = None

    # -- layout ----------------------------------------------------------------------------------

    def _restore(self) -> None:
        if not self.restoreGeometry(preferences.data(_GEOMETRY)):
            # Frame and title bar of the window system take room too.
            room = self.screen().availableSize() - FRAME
            self.resize(SIZE.boundedTo(room))
        if not self.restoreState(preferences.data(_LAYOUT), LAYOUT_VERSION):
            self._first_layout()

    def _first_layout(self) -> None:
        docks = self.docks
        sides = [docks["palette"], docks["inspector"]]
        self.resizeDocks(sides, [PALETTE_WIDTH, INSPECTOR_WIDTH], Qt.Orientation.Horizontal)
        height = min(INSTRUMENTS_HEIGHT, round(self.height() * SHARE_OF_INSTRUMENTS))
        self.resizeDocks([docks["instruments"]], [height], Qt.Orientation.Vertical)

    def arrange_panels(self, arranging: bool) -> None:
        """Show title bars to move panels by, or hide them."""
        for dock in self.docks.values():
            old = dock.titleBarWidget()
            # None stands for Qt's own title bar, which PySide's stubs do not know.
            dock.setTitleBarWidget(None if arranging else QWidget())  # type: ignore[arg-type]
            if old is not None:
                old.deleteLater()

    def reset_panels(self) -> None:
        """Put all panels where they are in a new window."""
        areas = (_Area.LeftDockWidgetArea, _Area.RightDockWidgetArea, _Area.BottomDockWidgetArea)
        for dock, area in zip(self.docks.values(), areas, strict=True):
            dock.setFloating(False)
            self.addDockWidget(area, dock)
            dock.show()
        self._first_layout()

    # -- seen or not -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self._after_first_paint)

    def _after_first_paint(self) -> None:
        self.first_painted.emit()
        self._canvas = self.canvas
        QTimer.singleShot(0, self, self.instruments.build)
        QTimer.singleShot(0, self, self._start_engine)
        QTimer.singleShot(0, self, self._load_user_kinds)

    def _load_user_kinds(self) -> None:
        refused = self.session.user_kinds.load()
        if refused:
            self._show_report(tuple(refused))

    def _start_engine(self) -> None:
        if self.isVisible():
            self.session.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_or_hide()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._show_or_hide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self._show_or_hide()

    def _show_or_hide(self) -> None:
        self.session.set_visible(self.isVisible() and not self.isMinimized())

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.may_leave():
            event.ignore()
            return
        preferences.put(_GEOMETRY, self.saveGeometry())
        preferences.put(_LAYOUT, self.saveState(LAYOUT_VERSION))
        self.editors.close_all()
        self.session.close()
        super().closeEvent(event)

    # -- words -----------------------------------------------------------------------------------

    def _show_title(self, *_: object) -> None:
        self.setWindowTitle(f"{self.session.name}[*] \u2013 NeuroCanvas")
        self.setWindowModified(self.session.modified)

    def _show_report(self, lines: tuple[str, ...]) -> None:
        self.banner.say("\n".join(lines), "warning")

    def _watch_failure(self, status) -> None:
        if status.error is not None and status.error is not self._failure:
            self.banner.say(str(status.error))
        self._failure = status.error

    def attempt(self, action: Callable[[], object]) -> bool:
        """Do something; a refusal is said in the status bar. Returns whether it was done."""
        try:
            action()
        except NeuroCanvasError as error:
            self.session.message.emit(str(error))
            return False
        return True

    # -- files -----------------------------------------------------------------------------------

    def may_leave(self) -> bool:
        """Ask what becomes of unsaved changes; returns whether the document may be closed."""
        if not self.editors.may_close():
            return False
        if not self.session.modified:
            return True
        from PySide6.QtWidgets import QMessageBox

        from neurocanvas.app import dialogs

        answer = dialogs.ask_unsaved(self, self.session.name)
        if answer == QMessageBox.StandardButton.Save:
            return self.save()
        return answer == QMessageBox.StandardButton.Discard

    def new(self) -> None:
        """Begin an empty document."""
        if self.may_leave():
            self.banner.hide()
            self.session.new()

    def open_dialog(self) -> None:
        """Ask for a file and open it."""
        from neurocanvas.app import dialogs

        path = dialogs.ask_open(self, self._folder())
        if path is not None:
            self.open_path(path)

    def open_path(self, path: Path) -> bool:
        """Open a file; on failure the present document stays and the banner says why.

        Returns:
            Whether it is open, or is being read: that of a large file goes on in the background.
        """
        if not self.may_leave():
            return False
        self.banner.hide()
        self.session.opening.stop()
        if opening.is_large(path):
            self._left_at = self.session.undo_stack.index()
            self.session.opening.begin(path)
            return True
        if not self._with_files(lambda: self.session.open(path)):
            return False
        self._opened(path)
        return True

    def _opened(self, path: Path) -> None:
        if not samples_menu.is_sample(path):
            preferences.add_recent(path)
        self.canvas.fit()

    def _take(self, circuit: Circuit, path: Path, report: tuple[str, ...]) -> None:
        """Go over to a large file that has been read, unless it is not wanted any more."""
        changed = self.session.undo_stack.index() != self._left_at
        if not changed or self.may_leave():
            self.session.take(circuit, path, report)
            self._opened(path)

    def save(self) -> bool:
        """Save to the document's file, asking for one if it has none or is a sample."""
        path = self.session.path
        if path is None or samples_menu.is_sample(path):
            return self.save_as()
        return self._with_files(self.session.save)

    def save_as(self) -> bool:
        """Ask for a file and save to it."""
        from neurocanvas.app import dialogs

        name = self.session.path.name if self.session.path is not None else f"{UNTITLED}.neuro"
        path = dialogs.ask_save(self, self._folder() / name)
        if path is None or not self._with_files(lambda: self.session.save(path)):
            return False
        preferences.add_recent(path)
        return True

    def export_picture(self) -> None:
        """Ask for a file and draw the canvas into it."""
        from neurocanvas.app import dialogs, render

        proposal = self._folder() / f"{Path(self.session.name).stem}.png"
        path = dialogs.ask_save(self, proposal, dialogs.PICTURES)
        if path is not None and self._with_files(lambda: render.export(self.canvas, path)):
            self.session.message.emit(f"Wrote {path.name}")

    def _with_files(self, action: Callable[[], object]) -> bool:
        """Do something with files; the banner says what went wrong."""
        try:
            action()
        except (NeuroCanvasError, OSError) as error:
            self.banner.say(faults.words(error))
            return False
        return True

    def _folder(self) -> Path:
        path = self.session.path
        if path is None or samples_menu.is_sample(path):
            found = preferences.recent()
            return found[0].parent if found else Path.home()
        return path.parent

    # -- commands --------------------------------------------------------------------------------

    def _commands(self) -> Iterator[Command]:
        """Yield all that the search field finds."""
        from neurocanvas.app import finder

        return finder.commands(self)

    def place(self, kind: str) -> None:
        """Put a neuron or source into the middle of the view."""
        self.canvas.place(kind, self._free_place())
        self.canvas.setFocus()

    def _free_place(self) -> tuple[float, float]:
        """Return the middle of the view, or a place near it if a node is there already."""
        x, y = self.canvas.camera.to_scene(self.canvas.rect().center().toPointF())
        taken = [(node.x, node.y) for node in self.session.circuit.nodes()]
        for k in range(len(taken) + 1):
            # Along a spiral whose points are about equally far from each other.
            radius, angle = SPREAD * math.sqrt(k), GOLDEN_ANGLE * k
            place = (x + radius * math.cos(angle), y + radius * math.sin(angle))
            if all(math.dist(place, other) >= SPREAD * 0.8 for other in taken):
                return place
        return x, y

    def _inspect(self, element_id: str) -> None:
        self.docks["inspector"].show()
        self.inspector.focus_first()

    def focus_parameter(self, name: str, ids: tuple[str, ...]) -> None:
        """Let a value be typed: a parameter of these elements, or a setting if there are none."""
        self.session.select(ids)
        self.docks["inspector"].show()
        self.inspector.focus_parameter(name)

    def paste(self) -> None:
        """Insert what is on the clipboard where the canvas says."""
        self.attempt(lambda: self.session.paste(self.canvas.paste_place()))

    def change_speed(self, factor: float) -> None:
        """Show more or less model time a second."""
        speed = self.session.circuit.settings.speed or SpeedScale().high
        scale = SpeedScale()
        self.session.set_speed(min(max(speed * factor, scale.low), scale.high))

    def show_settings(self) -> None:
        """Open the dialog of simulation settings."""
        from neurocanvas.app import dialogs

        dialogs.SettingsDialog(self.session, self).show()

    def show_shortcuts(self) -> None:
        """Open the list of keys."""
        from neurocanvas.app import keys_dialog

        keys_dialog.KeysDialog(self).show()

    def show_about(self) -> None:
        """Say what this program is."""
        from neurocanvas.app import dialogs

        dialogs.AboutDialog(self).show()
