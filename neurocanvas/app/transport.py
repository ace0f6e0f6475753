"""The bar at the top: what is open, run and pause, speed, search."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from neurocanvas.app import icons, theme
from neurocanvas.app.session import Session
from neurocanvas.app.sliders import Slider, SpeedScale
from neurocanvas.app.widgets import Dot, ElidedLabel, label, restyle
from neurocanvas.model.edits import Edit
from neurocanvas.model.quantity import format_quantity

BUTTON = QSize(34, 30)
BAR_HEIGHT = 48


def speed_words(ms_per_s: float) -> str:
    """Say a speed in words: ``"1 s shows 20 ms of model"``."""
    if ms_per_s <= 0:
        return "as fast as it can"
    return f"1 s shows {format_quantity(ms_per_s, 'ms')} of model"


class Transport(QWidget):
    """Run, pause, step, reset, and how much model time a second shows."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.run_button = _button("run", "Run or pause (Space)", session.toggle_run)
        self.step_button = _button("step", "One time step (.)", session.step)
        self.reset_button = _button("reset", "Back to time 0 (Ctrl+R)", session.reset)
        self.slider = Slider(SpeedScale())
        self.words = label("", "words")
        self._lay_out()
        self.slider.moved.connect(self._slide)
        session.status_changed.connect(self._show_running)
        session.running_changed.connect(self._show_running)
        session.document_replaced.connect(self.refresh)
        session.edited.connect(self._edited)
        theme.changed.connect(self.refresh)
        self.refresh()

    def _lay_out(self) -> None:
        self.slider.setFixedWidth(140)
        self.slider.setAccessibleName("Speed")
        self.slider.setToolTip("How much model time one second on the wall shows")
        # Wide enough for the longest words, so that nothing moves while the speed changes.
        metrics = self.words.fontMetrics()
        widest = max(metrics.horizontalAdvance(speed_words(v)) for v in (250.0, 0.0))
        self.words.setMinimumWidth(widest)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for button in (self.run_button, self.step_button, self.reset_button):
            row.addWidget(button)
        row.addSpacing(10)
        row.addWidget(label("Speed", "dim"))
        row.addSpacing(2)
        row.addWidget(self.slider)
        row.addSpacing(4)
        row.addWidget(self.words)

    def refresh(self, *_: object) -> None:
        """Show the present speed and state."""
        speed = self._session.circuit.settings.speed
        self.slider.show_value(speed)
        self.words.setText(speed_words(speed))
        colours = theme.current()
        self.step_button.setIcon(icons.icon("step", colours.text))
        self.reset_button.setIcon(icons.icon("reset", colours.text))
        self._shown = ""
        self._show_running()

    def _show_running(self, *_: object) -> None:
        name = "pause" if self._session.running else "run"
        if name == self._shown:
            return
        self._shown = name
        colours = theme.current()
        running = name == "pause"
        colour = colours.on_accent if running else colours.text
        self.run_button.setIcon(icons.icon(name, colour))
        self.run_button.setAccessibleName("Pause" if running else "Run")
        restyle(self.run_button, running=running)

    def _slide(self, speed: float, _gesture: object) -> None:
        self._session.set_speed(speed)

    def _edited(self, edit: Edit) -> None:
        if speed_words(self._session.circuit.settings.speed) != self.words.text():
            self.refresh()


def _button(name: str, tip: str, slot) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setFixedSize(BUTTON)
    button.setIconSize(QSize(18, 18))
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(lambda _=False: slot())
    return button


class TopBar(QWidget):
    """Name of the program and the document, transport in the middle, search at the right."""

    def __init__(self, session: Session, search: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("topbar")
        self.setFixedHeight(BAR_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document = ElidedLabel("", "dim")
        self.dirty = Dot("warning")
        self.transport = Transport(session)
        brand = QLabel("NeuroCanvas")
        brand.setObjectName("brand")
        left = QHBoxLayout()
        left.setSpacing(10)
        left.addWidget(brand)
        left.addWidget(self.document)
        left.addWidget(self.dirty)
        left.addStretch(1)
        right = QHBoxLayout()
        right.addStretch(1)
        right.addWidget(search, 100)
        search.setMinimumWidth(220)
        search.setMaximumWidth(344)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 14, 0)
        row.setSpacing(16)
        row.addLayout(left, 1)
        row.addWidget(self.transport)
        row.addLayout(right, 1)
        session.path_changed.connect(self.refresh)
        session.undo_stack.cleanChanged.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Show the document's name, and a dot if it has changes that are not saved."""
        self.document.set_text(self._session.name)
        self.dirty.set_on(self._session.modified, "There are changes that are not saved")
