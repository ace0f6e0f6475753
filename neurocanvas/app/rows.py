"""Rows of the inspector: a name, a slider, a field and the way back to the default."""

from __future__ import annotations

import math
from html import escape

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QMenu, QVBoxLayout, QWidget

from neurocanvas.app import icons, theme
from neurocanvas.app.bindings import Binding
from neurocanvas.app.session import Session
from neurocanvas.app.sliders import Scale, Slider
from neurocanvas.app.theme import qcolor
from neurocanvas.app.widgets import Dot, ElidedLabel, ValueField, label
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model.distributions import FORMS, Distribution, Value
from neurocanvas.model.kinds import Parameter
from neurocanvas.model.quantity import DIMENSIONLESS

FIELD_WIDTH = 84
FRAME_WIDTH = 18
"""What a field takes beside its text."""
MOST_WIDTH = 16_777_215
"""What Qt means by no limit."""
SLIDER_WIDTH = 50
LEAST_SLIDER_WIDTH = 26
"""So much a slider keeps beside a long unit; one that takes more stands below, with its number."""
RIGHT = 20
"""From the right of a field to the right of the panel: there is the mark of what was changed."""


class ParameterRow(QWidget):
    """One value: title with its name beneath, slider, field with unit, mark where it was changed.

    Args:
        session: Where edits go.
        binding: What it shows and changes.
    """

    def __init__(self, session: Session, binding: Binding, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.binding = binding
        self._wide = False
        self._width, self._long = FIELD_WIDTH, False
        parameter = binding.parameter
        self._title = label(parameter.title or parameter.name, "rowtitle", wrap=True)
        self._name = label(parameter.name, "name")
        self.slider = Slider(binding.scale or Scale(*parameter.slider_range()))
        self.field = ValueField()
        self.mark = Dot("warning")
        self.reason = label("", "reason", wrap=True)
        self._lay_out()
        self._connect()
        self.setToolTip(self._tip())
        self.refresh()

    def _tip(self) -> str:
        return parameter_tooltip(self.binding.parameter, self.binding.drawn)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self._title)
        words.addWidget(self._name)
        self._share_width()
        self.reason.hide()
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(16, 4, 2, 4)
        grid.addLayout(words, 0, 0)
        grid.addWidget(self.slider, 0, 1)
        grid.addWidget(self.field, 0, 2)
        grid.addWidget(self.mark, 0, 3)
        grid.addWidget(self.reason, 2, 0, 1, 3)
        grid.setColumnStretch(0, 1)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(2)

    def _share_width(self) -> None:
        """Give the field room for six signs and its unit, and the slider what is left.

        Whatever the value: a slider must not change under the hand that drags it.
        """
        self.field.ensurePolished()
        words = self.binding.parameter.show(0.0).replace("0", "0.0000", 1)
        needed = self.field.fontMetrics().horizontalAdvance(words) + FRAME_WIDTH
        together = FIELD_WIDTH + SLIDER_WIDTH
        self._long = needed > together - LEAST_SLIDER_WIDTH
        self._width = FIELD_WIDTH if self._long else max(FIELD_WIDTH, needed)
        self.field.setFixedWidth(self._width)
        self.slider.setFixedWidth(together - self._width)

    def _widen(self, wide: bool) -> None:
        """Give a line of its own to a distribution or a long unit: it is longer than a number."""
        wide = wide or self._long
        if wide == self._wide:
            return
        self._wide = wide
        self._grid.removeWidget(self.field)
        if wide:
            self.field.setMinimumWidth(FIELD_WIDTH)
            self.field.setMaximumWidth(MOST_WIDTH)
            self._grid.addWidget(self.field, 1, 0, 1, 3)
        else:
            self.field.setFixedWidth(self._width)
            self._grid.addWidget(self.field, 0, 2)

    def _connect(self) -> None:
        title = self._title.text()
        self.field.setAccessibleName(title)
        self.slider.setAccessibleName(f"{title}, slider")
        self.slider.moved.connect(self._slide)
        self.field.typed.connect(self._type)
        self.field.restored.connect(self.reason.hide)
        self.mark.clicked.connect(self.reset)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)

    def refresh(self) -> None:
        """Show the present value."""
        parameter, value = self.binding.parameter, self.binding.value()
        changed = self.binding.changed()
        drawn = isinstance(self.binding.common(), Distribution)
        self._widen(drawn)
        self.field.show_value(self.binding.text(), self._tip(), changed)
        self.slider.dim = drawn or math.isnan(value)
        self.slider.show_value(value)
        default = parameter.show(parameter.default)
        self.mark.set_on(changed, f"Back to the default, {default}")
        self.reason.hide()

    def reset(self) -> None:
        """Give back the default value."""
        self._do(None)

    def focus_field(self) -> None:
        """Let the person type a value."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def _slide(self, value: float, gesture: object) -> None:
        parameter = self.binding.parameter
        if parameter.strict and value <= parameter.minimum:
            # The end of a slider may be a limit that is itself not possible.
            value = self.slider.scale.value(1) or parameter.default
        self._do(self.binding.around(value), gesture)

    def _type(self, text: str) -> None:
        try:
            value = self.binding.parse(text)
        except NeuroCanvasError as error:
            self._refuse(str(error))
        else:
            self._do(value)

    def _do(self, value: Value | None, gesture: object = None) -> None:
        try:
            self._session.do(self.binding.edit(value), gesture)
        except NeuroCanvasError as error:
            self._refuse(str(error))
        else:
            self.refresh()

    def _refuse(self, reason: str) -> None:
        self.field.refuse(reason)
        self.reason.setText(reason)
        self.reason.show()

    def _menu(self, at: QPoint) -> None:
        parameter = self.binding.parameter
        menu = QMenu(self)
        default = parameter.show(parameter.default)
        action = menu.addAction(f"Reset to {default}", self.reset)
        action.setEnabled(self.binding.changed())
        menu.exec(self.mapToGlobal(at))


def parameter_tooltip(parameter: Parameter, drawn: str = "") -> str:
    """Return rich text: what a parameter does, its range and its default.

    Args:
        parameter: Its declaration.
        drawn: What has a value of its own where a distribution is set; empty for none.
    """
    unit = "" if parameter.unit == DIMENSIONLESS else f" ({escape(parameter.unit)})"
    default = parameter.show(parameter.default)
    return (
        f"<b>{escape(parameter.title or parameter.name)}</b> "
        f"<tt>{escape(parameter.name)}</tt>{unit}"
        f"<p>{escape(parameter.doc)}</p>"
        f"<p>Possible: {escape(parameter.allowed())}<br>Default: {escape(default)}</p>"
        f"{_drawn_words(drawn)}"
    )


def _drawn_words(drawn: str) -> str:
    if not drawn:
        return ""
    forms = "<br>".join(f"<tt>{name}({', '.join(words)})</tt>" for name, words in FORMS.items())
    return f"<p>Or drawn for each {drawn}, always alike for the same seed:<br>{forms}</p>"


class ChoiceBox(QComboBox):
    """A list to choose from, with an arrow in the colours of the theme."""

    ARROW = 14
    PADDING = 40
    """What a list needs beside its words."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        colours = theme.current()
        colour = colours.text_dim if self.isEnabled() else colours.disabled
        painter = QPainter(self)
        top = (self.height() - self.ARROW) // 2
        arrow = icons.pixmap("chevron_down", colour, self.ARROW)
        painter.drawPixmap(self.width() - self.ARROW - 8, top, arrow)
        painter.end()

    def showPopup(self) -> None:
        # The list may be wider than the field, so that long words can be read.
        words = [self.itemText(k) for k in range(self.count())]
        widest = max((self.fontMetrics().horizontalAdvance(text) for text in words), default=0)
        self.view().setMinimumWidth(widest + self.PADDING)
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Scrolling the panel must not change what it passes over.
        event.ignore()


class TickBox(QCheckBox):
    """Something that is so or not, with a tick in the colours of the theme."""

    SIDE = 15

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        active = self.underMouse() or self.hasFocus()
        fill = colours.accent if self.isChecked() else colours.field
        edge = colours.accent if self.isChecked() or active else colours.border_strong
        top = (self.height() - self.SIDE) / 2
        box = QRectF(0, top, self.SIDE, self.SIDE).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(qcolor(edge), 1))
        painter.setBrush(qcolor(fill))
        painter.drawRoundedRect(box, 3.5, 3.5)
        if self.isChecked():
            painter.setPen(QPen(qcolor(colours.on_accent), 1.8))
            corners = ((0.24, 0.52), (0.43, 0.70), (0.76, 0.32))
            points = [QPointF(self.SIDE * x, top + self.SIDE * y) for x, y in corners]
            painter.drawPolyline(QPolygonF(points))
        painter.end()


class ChoiceRow(QWidget):
    """One of several things: a title and a list to choose from, below it where words are long."""

    TITLE_SHARE, BOX_SHARE = 1, 2

    def __init__(self, title: str, tip: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = ChoiceBox()
        self.box.setAccessibleName(title)
        self.box.setToolTip(tip)
        self._below = False
        # Rows below each other are divided alike, however long the words in the lists are.
        self.box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.box.setMinimumContentsLength(8)
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(16, 4, RIGHT, 4)
        grid.setVerticalSpacing(3)
        grid.addWidget(ElidedLabel(title), 0, 0)
        grid.addWidget(self.box, 0, 1)
        grid.setColumnStretch(0, self.TITLE_SHARE)
        grid.setColumnStretch(1, self.BOX_SHARE)
        self.box.currentIndexChanged.connect(self.fit)

    def fit(self, *_: object) -> None:
        """Give the list a line of its own if what is chosen has no room beside the title."""
        words = self.box.fontMetrics().horizontalAdvance(self.box.currentText())
        room = self._grid.contentsRect().width() - self._grid.horizontalSpacing()
        beside = room * self.BOX_SHARE // (self.TITLE_SHARE + self.BOX_SHARE)
        below = words + ChoiceBox.PADDING > beside
        if below == self._below or room <= 0:
            return
        self._below = below
        self._grid.removeWidget(self.box)
        if below:
            self._grid.addWidget(self.box, 1, 0, 1, 2)
        else:
            self._grid.addWidget(self.box, 0, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()
