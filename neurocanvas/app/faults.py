"""Errors nobody expected: shown in words, written to a log, never a traceback on the screen."""

from __future__ import annotations

import logging
import sys
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from neurocanvas.errors import NeuroCanvasError

if TYPE_CHECKING:
    from neurocanvas.app.fault_dialog import FaultDialog

log = logging.getLogger("neurocanvas")
_LOG_BYTES = 500_000


def log_path() -> Path:
    """Return the file that faults are written to."""
    import platformdirs

    return Path(platformdirs.user_log_dir("neurocanvas", appauthor=False)) / "neurocanvas.log"


def words(error: BaseException) -> str:
    """Return what to tell a person about an error: its own words where it has any."""
    if isinstance(error, NeuroCanvasError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


class Hook:
    """Takes over ``sys.excepthook``: logs everything, shows one dialog at a time."""

    def __init__(self) -> None:
        self.dialog: FaultDialog | None = None

    def __call__(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        start_log()
        log.error("unexpected error", exc_info=(kind, error, trace))
        if self.dialog is None or not self.dialog.isVisible():
            from neurocanvas.app.fault_dialog import FaultDialog

            self.dialog = FaultDialog(error)
            self.dialog.show()


def install() -> None:
    """Show unexpected errors in words from now on."""
    sys.excepthook = Hook()


@cache
def start_log() -> None:
    """Write to a file of bounded size from now on; nothing before the first paint needs it."""
    from logging.handlers import RotatingFileHandler

    try:
        log_path().parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(log_path(), maxBytes=_LOG_BYTES, backupCount=1, delay=True)
    except OSError:
        # Without a place to write to, the dialog alone must do.
        log.addHandler(logging.NullHandler())
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log.addHandler(handler)
