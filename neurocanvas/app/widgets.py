"""Small widgets that several panels use."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QMainWindow,
    QScrollArea,
    QSizePolicy,
    QWidget,
)

from neurocanvas.app import theme
from neurocanvas.app.theme import qcolor


def label(text: str, name: str, *, wrap: bool = False) -> QLabel:
    """Return a label whose look the style sheet gives by its object name."""
    made = QLabel(text)
    made.setObjectName(name)
    made.setWordWrap(wrap)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made


def rule() -> QFrame:
    """Return a thin line between parts of a panel."""
    line = QFrame()
    line.setObjectName("rule")
    return line


def scroll_area(content: QWidget) -> QScrollArea:
    """Return a frameless area that scrolls its content up and down."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setWidget(content)
    return area


def restyle(widget: QWidget, **properties: object) -> None:
    """Set dynamic properties that the style sheet asks for, and have it look again."""
    if all(widget.property(key) == value for key, value in properties.items()):
        return
    for key, value in properties.items():
        widget.setProperty(key, value)
    if not widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        return  # it has not looked yet
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)


def give_back_focus(widget: QWidget) -> None:
    """Let the middle of the window have the focus again: Esc in a field at rest."""
    window = widget.window()
    central = window.centralWidget() if isinstance(window, QMainWindow) else None
    if central is not None:
        central.setFocus(Qt.FocusReason.OtherFocusReason)


class Blank(QWidget):
    """The colour of the canvas, and nothing on it yet."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        # Not fillRect: for it, Python makes all that Qt has on gradients, before the first paint.
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor(theme.current().canvas))
        painter.drawRect(event.rect())
        painter.end()


class ElidedLabel(QLabel):
    """A label that ends in dots where there is no room, and says it all in its tooltip."""

    def __init__(self, text: str = "", name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._whole = ""
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show this text, as much of it as fits."""
        self._whole = text
        self.updateGeometry()
        self._elide()

    def whole_text(self) -> str:
        """Return the text without dots."""
        return self._whole

    def _elide(self) -> None:
        shown = self.fontMetrics().elidedText(
            self._whole, Qt.TextElideMode.ElideRight, max(0, self.contentsRect().width())
        )
        super().setText(shown)
        self.setToolTip(self._whole if shown != self._whole else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def sizeHint(self) -> QSize:
        margins = self.contentsMargins()
        width = self.fontMetrics().horizontalAdvance(self._whole) + 2 * max(self.indent(), 0) + 2
        return QSize(width + margins.left() + margins.right(), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())


class SearchField(QLineEdit):
    """A line to search in, with the key that leads to it shown at its right end."""

    def __init__(self, hint: str, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(hint)
        self.setAccessibleName(hint)
        self._keys = label(keys, "keys")
        self._keys.setParent(self)
        self._keys.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextMargins(0, 0, self._keys.sizeHint().width() + 8, 0)
        self.textChanged.connect(self._show_keys)

    def _show_keys(self, text: str) -> None:
        self._keys.setVisible(not text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keys.adjustSize()
        x = self.width() - self._keys.width() - 10
        self._keys.move(x, (self.height() - self._keys.height()) // 2)


def leaves_undo_alone(field: QLineEdit, event: QEvent) -> bool:
    """Whether a key is the window's undo or redo, as nothing is being typed into the field."""
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    keys = QKeySequence.StandardKey
    if field.isModified() or not (event.matches(keys.Undo) or event.matches(keys.Redo)):
        return False
    event.ignore()
    return True


class ValueField(QLineEdit):
    """A value with its unit; what is typed is handed on when Enter is pressed or focus leaves.

    Signals:
        typed: The text that was typed; answer with ``show_value`` or ``refuse``.
        restored: Esc was pressed: the value from before is shown again.
    """

    typed = Signal(str)
    restored = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("value")
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._shown = ""
        self._tip = ""
        self.refused = ""
        self.editingFinished.connect(self._finish)

    def show_value(self, text: str, tip: str = "", changed: bool = False) -> None:
        """Show an accepted value.

        Args:
            text: With its unit.
            tip: What the tooltip says.
            changed: Whether it differs from the default.
        """
        self._shown, self._tip, self.refused = text, tip, ""
        if self.text() != text:
            self.setText(text)
            self.setCursorPosition(0)
        self.setModified(False)
        self.setToolTip(tip)
        restyle(self, refused=False, changed=changed)

    def refuse(self, reason: str) -> None:
        """Keep what was typed, in red, and say why it can't be."""
        self.refused = reason
        self.setToolTip(reason)
        self.setModified(False)
        restyle(self, refused=True)

    def _finish(self) -> None:
        if self.isModified() and self.text() != self._shown:
            self.setModified(False)
            self.typed.emit(self.text())
        elif self.text() == self._shown and self.refused:
            self._restore()

    def _restore(self) -> None:
        self.setText(self._shown)
        self.setModified(False)
        self.refused = ""
        self.setToolTip(self._tip)
        restyle(self, refused=False)
        self.restored.emit()

    def event(self, event: QEvent) -> bool:
        if leaves_undo_alone(self, event):
            return False
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self.selectAll()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.refused or self.text() != self._shown:
            self._restore()
            self.selectAll()
        else:
            event.ignore()
            give_back_focus(self)


class Dot(QWidget):
    """A small round mark; clicking it does what ``clicked`` is connected to.

    Signals:
        clicked: It was clicked while it is shown as on.
    """

    clicked = Signal()

    def __init__(self, colour: str, diameter: int = 7, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colour, self._diameter, self.on = colour, diameter, False
        self.setFixedSize(diameter + 5, max(16, diameter + 5))

    def set_on(self, on: bool, tip: str = "") -> None:
        """Show or hide the mark."""
        self.on = on
        self.setToolTip(tip if on else "")
        shape = Qt.CursorShape.PointingHandCursor if on else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)
        self.update()

    def set_colour(self, colour: str) -> None:
        """Give it another colour of the theme, by its name in ``Theme``."""
        if colour != self._colour:
            self._colour = colour
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.on and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.on:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor(getattr(theme.current(), self._colour)))
        box = QRectF(0, 0, self._diameter, self._diameter)
        box.moveCenter(self.rect().toRectF().center())
        painter.drawEllipse(box)
        painter.end()
