"""What takes over a second, in the status bar: a bar, the time that is left and a way to end it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from neurocanvas.app.widgets import ElidedLabel, label

if TYPE_CHECKING:
    from neurocanvas.app.session import Session
    from neurocanvas.errors import Cancelled
    from neurocanvas.sim.progress import Stretch
    from neurocanvas.sim.status import Status

BAR_WIDTH = 120
FINEST = 1000
"""Steps of the bar."""


def sentence(what: str) -> str:
    """Return what is being done as the window says it: ``"Connecting A \u2192 B"``."""
    return (what[:1].upper() + what[1:]).replace(" -> ", " \u2192 ")


def given_up_words(error: Cancelled, status: Status) -> str:
    """Say what was stopped, what runs instead, and what can be done."""
    stopped = f"{sentence(error.what)} was stopped"
    if status.phase == "unbuilt":
        return f"{stopped}: nothing is simulated until it is built"
    goes_on = "runs on" if status.phase == "running" else "stays"
    return f"{stopped}: the simulation {goes_on} as it was; Undo takes the edit back"


@dataclass(frozen=True)
class Work:
    """Something that takes its time, or was given up.

    Attributes:
        words: What it is.
        stretch: How far it is, None if it was given up.
        button: What the button says.
        act: What the button does.
        tip: What the button's tooltip says.
    """

    words: str
    stretch: Stretch | None
    button: str
    act: Callable[[], object]
    tip: str


def work_of(session: Session) -> Work | None:
    """Return what a session is busy with, the most important alone."""
    building, checking = session.building, session.check.look()
    opening = session.opening.look()
    if opening is not None:
        tip = "Give it up: the present circuit stays"
        return Work(sentence(opening.what), opening, "Cancel", session.opening.stop, tip)
    if building is not None:
        tip = "Give it up: the simulation goes on as it is"
        return Work(sentence(building.what), building, "Cancel", session.cancel_building, tip)
    if checking is not None:
        words, tip = sentence(checking.what), "Stop the check; nothing comes out"
        return Work(words, checking, "Cancel", session.check.stop, tip)
    status = session.status
    if status is not None and status.given_up is not None:
        words = "Not built" if status.phase == "unbuilt" else "Simulated without the newest edit"
        tip = given_up_words(status.given_up, status)
        return Work(words, None, "Build", session.build, tip)
    return None


class WorkBar(QWidget):
    """Shows what a session is busy with; hidden while that is nothing.

    Args:
        session: The document.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._work: Work | None = None
        self.words = ElidedLabel("", "work")
        self.bar = QProgressBar()
        self.bar.setObjectName("work")
        self.bar.setRange(0, FINEST)
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(BAR_WIDTH, 4)
        self.left = label("", "dim")
        self.left.setMinimumWidth(self.left.fontMetrics().horizontalAdvance("99 min left"))
        self.button = QPushButton()
        self.button.setObjectName("strip")
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self._act)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        for widget in (self.words, self.bar, self.left, self.button):
            row.addWidget(widget)
        self.hide()

    def refresh(self) -> None:
        """Show how far it is now."""
        work = self._work = work_of(self._session)
        self.setVisible(work is not None)
        if work is None:
            return
        self.words.set_text(work.words)
        self.button.setText(work.button)
        self.button.setToolTip(work.tip)
        self._show_stretch(work.stretch)

    def _show_stretch(self, stretch: Stretch | None) -> None:
        self.bar.setVisible(stretch is not None)
        self.left.setVisible(stretch is not None)
        if stretch is None:
            return
        from neurocanvas.sim.progress import left_words

        self.bar.setValue(round(FINEST * stretch.part))
        self.bar.setToolTip(f"{stretch.part:.0%}")
        self.bar.setAccessibleName(f"{self.words.whole_text()}, {stretch.part:.0%}")
        self.left.setText(left_words(stretch.left_s))

    def _act(self, *_: object) -> None:
        if self._work is not None:
            self._work.act()
            self.refresh()
