"""Starts the window."""

from __future__ import annotations

import gc
import signal
import threading
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from neurocanvas.app import faults, garbage, preferences, theme
from neurocanvas.app.main_window import MainWindow
from neurocanvas.app.session import Session

if TYPE_CHECKING:
    from neurocanvas.sim.status import Status

_INTERRUPT_POLL_MS = 250
SETTLED_MS = 1500
"""So long after its first paint, and after its first circuit is ready, a window has settled."""


def application() -> QApplication:
    """Return the application, made and styled if there is none yet."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else theme.made()
    app.setOrganizationName(preferences.PROGRAM)
    app.setApplicationName(preferences.PROGRAM)
    app.setApplicationDisplayName("")
    theme.apply(app)
    return app


def main(path: str | None = None) -> int:
    """Open the window with a file, or with the start-up sample, already running.

    Args:
        path: A circuit file; the start-up sample if None.

    Returns:
        The exit code of the program.
    """
    app = application()
    faults.install()
    _leave_on_interrupt(app)
    window = first_window()
    show(window, path)
    return app.exec()


def first_window() -> MainWindow:
    """Return a window that is not shown yet, whose circuit runs as soon as there is one."""
    session = Session()
    # Before the window is styled: to style its buttons again takes more than to style them.
    session.run()
    return MainWindow(session)


def show(window: MainWindow, path: str | None) -> None:
    """Show a window, and let it open its first circuit once it stands there.

    Reading a file, and loading what that takes, would be half of the time until then.
    """
    # The engine goes first: it is loaded while the file is read, and begins before it is drawn.
    window.first_painted.connect(window.session.prepare)
    window.first_painted.connect(lambda: open_first(window, path))
    window.first_painted.connect(faults.start_log)
    window.first_painted.connect(lambda: QTimer.singleShot(SETTLED_MS, window, _keep_clean))
    window.show()
    _warm_up_later(window.session)


def _keep_clean() -> None:
    """Have garbage collected, but not looked for among what was loaded for good."""
    app = QApplication.instance()
    if app is not None:
        garbage.keep(app)


def _warm_up_later(session: Session) -> None:
    """Once the first circuit has been running for a moment, do what nobody waits for."""

    def settle() -> None:
        session.warm_up()
        # The first edits ask how the circuit hangs together.
        threading.Thread(target=import_module, args=("networkx",), daemon=True).start()
        # The engine is loaded for good too: looking through it takes tenths of a second.
        gc.freeze()

    def look(status: Status) -> None:
        if status.serial > 0:
            session.status_changed.disconnect(look)
            QTimer.singleShot(SETTLED_MS, session, settle)

    session.status_changed.connect(look)


def open_first(window: MainWindow, path: str | None) -> None:
    """Open a file, or the start-up sample; what is wrong with it the window says."""
    if path is not None:
        window.open_path(Path(path))
        return
    from neurocanvas.errors import FileError
    from neurocanvas.formats import samples

    try:
        sample = samples.start_up()
    except FileError:
        # Without samples the window opens with an empty canvas.
        return
    window.open_path(sample.path)


def _leave_on_interrupt(app: QApplication) -> None:
    """Have Ctrl+C in the terminal close the program."""
    signal.signal(signal.SIGINT, lambda *_: app.quit())
    # Python handles signals only while it runs code of its own.
    timer = QTimer(app, interval=_INTERRUPT_POLL_MS)
    timer.timeout.connect(lambda: None)
    timer.start()
