"""The strip at the bottom: model time, true speed, size of the circuit, spikes, settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from neurocanvas.app import theme
from neurocanvas.app.inspector_summary import counts_text
from neurocanvas.app.session import Session
from neurocanvas.app.widgets import Dot, ElidedLabel, label, restyle
from neurocanvas.app.work_bar import WorkBar, given_up_words
from neurocanvas.model.quantity import format_quantity

if TYPE_CHECKING:
    from neurocanvas.errors import Cancelled
    from neurocanvas.sim.runner import Status

TICKS_PER_UPDATE = 6
MESSAGE_MS = 8000
HEIGHT = 28
ROOMY = 1200
"""In a narrower window what takes long has the place of what can wait."""


def time_words(time_ms: float) -> str:
    """Return the model time: ``"t = 12.480 s"``."""
    return f"t = {time_ms / 1000:.3f} s"


def speed_state(status: Status | None) -> tuple[str, str]:
    """Say how the simulation is doing.

    Returns:
        The name of a colour of the theme, and words.
    """
    if status is None or status.phase == "preparing":
        return "warning", "preparing \u2026"
    if status.phase == "failed":
        return "bad", str(status.error or "stopped")
    if status.phase == "unbuilt":
        return "warning", "not built"
    if status.phase == "paused":
        return "text_faint", "paused"
    shown = format_quantity(status.true_speed, "ms", 3)
    if status.target_speed <= 0:
        return "good", f"1 s = {shown} of model, as fast as it can"
    target = format_quantity(status.target_speed, "ms", 3)
    if status.keeping_up:
        return "good", f"1 s = {target} of model, keeping up"
    return "warning", f"can't keep up: 1 s = {shown} of {target}"


def spikes_words(spikes_per_s: float) -> str:
    """Return the spikes per second of model: ``"1 420 spikes/s"``."""
    digits = 0 if spikes_per_s >= 10 or spikes_per_s == 0 else 1
    return f"{spikes_per_s:,.{digits}f} spikes/s".replace(",", "\u2009")


class StatusStrip(QWidget):
    """Shows the runner's status ten times a second, and messages for a while."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT)
        self.time = label("", "time")
        self.dot = Dot("text_faint")
        self.speed = ElidedLabel("", "dim")
        self.counts = label("", "dim")
        self.spikes = label("", "dim")
        self.message = ElidedLabel("", "message")
        self.settings = label("", "dim")
        self.coarse = session.coarse
        self._ticks = 0
        self._preparing = False
        self._given_up: Cancelled | None = None
        self.work = WorkBar(session)
        self._middle = QStackedWidget()
        self._lay_out()
        self._silence = QTimer(self, singleShot=True, interval=MESSAGE_MS)
        self._silence.timeout.connect(self.clear_message)
        self._connect()
        self.refresh()

    def _lay_out(self) -> None:
        self.time.setFont(theme.mono_font(12))
        self.time.setMinimumWidth(self.time.fontMetrics().horizontalAdvance("t = 0000.000 s"))
        self.speed.setMinimumWidth(
            self.speed.fontMetrics().horizontalAdvance("1 s = 200 ms of model, keeping up")
        )
        numbers = QWidget()
        row = QHBoxLayout(numbers)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(32)
        row.addWidget(self.counts)
        row.addWidget(self.spikes)
        row.addStretch(1)
        self._middle.addWidget(numbers)
        self._middle.addWidget(self.message)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(16, 0, 16, 0)
        outer.setSpacing(8)
        outer.addWidget(self.time)
        outer.addWidget(self.dot)
        outer.addWidget(self.speed)
        outer.addSpacing(16)
        outer.addWidget(self._middle, 1)
        outer.addWidget(self.work)
        outer.addSpacing(16)
        outer.addWidget(self.settings)

    def _connect(self) -> None:
        session = self._session
        session.tick.connect(self._tick)
        session.running_changed.connect(self._show_status)
        session.message.connect(self.show_message)
        session.settled.connect(self.refresh)
        session.document_replaced.connect(self.refresh)
        session.path_changed.connect(self.refresh)
        session.undo_stack.cleanChanged.connect(self._saved_or_not)
        theme.changed.connect(self._show_status)
        self.coarse.changed.connect(self._show_coarse)

    def _show_coarse(self) -> None:
        """Mark the time step where it is too coarse for something in the circuit."""
        restyle(self.settings, coarse=bool(self.coarse.lines))
        self.settings.setToolTip("\n".join(self.coarse.lines))

    def show_message(self, text: str) -> None:
        """Show a line for some seconds in place of the numbers in the middle; "" ends that."""
        if not text:
            self.clear_message()
            return
        self.message.set_text(text)
        self._middle.setCurrentIndex(1)
        self._silence.start()

    def clear_message(self) -> None:
        """Show the numbers again."""
        self._middle.setCurrentIndex(0)

    def refresh(self, *_: object) -> None:
        """Show what the circuit is made of, its settings, and whether it is saved."""
        circuit = self._session.circuit
        self.counts.setText(counts_text(circuit))
        dt = format_quantity(circuit.settings.dt, "ms")
        saved = "unsaved" if self._session.modified else "saved"
        if self._session.path is None and not self._session.modified:
            saved = "no file yet"
        self.settings.setText(f"dt {dt} \u00b7 seed {circuit.settings.seed} \u00b7 {saved}")
        self._show_status()

    def _saved_or_not(self, _: bool) -> None:
        if not self._session.settling:
            self.refresh()

    def _tick(self) -> None:
        self._ticks += 1
        if self._ticks % TICKS_PER_UPDATE == 0:
            self._show_status()

    def _show_status(self, *_: object) -> None:
        status = self._session.status
        self.time.setText(time_words(status.time_ms if status is not None else 0.0))
        self._show_work(status)
        # An edit is prepared within milliseconds: only what takes longer is worth a word.
        preparing = status is None or status.phase == "preparing"
        brief, self._preparing = preparing and not self._preparing, preparing
        if brief and self.speed.whole_text():
            return
        colour, words = speed_state(status)
        if self._session.running and status is not None and status.phase == "paused":
            # It was asked to run and has not begun yet.
            colour, words = speed_state(None)
        self.dot.set_on(True)
        self.dot.set_colour(colour)
        self.speed.set_text(words)
        self.spikes.setText(spikes_words(status.spikes_per_s if status is not None else 0.0))

    def _show_work(self, status: Status | None) -> None:
        """Show what takes long; what was given up is said once, and shown until it is built."""
        self.work.refresh()
        crowded = not self.work.isHidden() and self.width() < ROOMY
        for widget in (self.counts, self.spikes, self.settings):
            widget.setVisible(not crowded)
        given_up = status.given_up if status is not None else None
        if given_up is not self._given_up:
            self._given_up = given_up
            words = ""  # once it is built after all, what was said is true no more
            if status is not None and given_up is not None:
                words = given_up_words(given_up, status)
            self.show_message(words)
