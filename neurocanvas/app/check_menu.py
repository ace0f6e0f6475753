"""The check against the reference, as the menu and the window show how it is doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neurocanvas.app.main_window import MainWindow
    from neurocanvas.sim.compare import Comparison

TEXT = "Check &against reference"
STOP = "Stop the check &against the reference"


def attach(window: MainWindow) -> None:
    """Let a window show how its session's check is doing and what it found."""
    check, action = window.session.check, window.menus["check"]

    def show_state() -> None:
        action.setText(STOP if check.running else TEXT)

    def show_result(found: Comparison) -> None:
        from neurocanvas.app.check_dialog import CheckDialog, summary

        window.session.message.emit(summary(found))
        CheckDialog(found, window).show()

    check.changed.connect(show_state)
    check.failed.connect(lambda reason: window.banner.say(reason, "warning"))
    check.finished.connect(show_result)
