"""A small list of kinds that appears where something is to be placed: type, choose, Enter."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QColor, QIcon, QKeyEvent, QPalette
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from neurocanvas.app import icons, parts, theme
from neurocanvas.model.kinds import Kind

_WIDTH = 236
_ROWS = 9
"""As many are seen at once."""
_ROW = 29
_KIND = Qt.ItemDataRole.UserRole


class KindPopup(QFrame):
    """Search and choose a kind.

    Signals:
        chosen: The name of the kind.
        closed: It is gone, whether something was chosen or not.

    Args:
        kinds: What is offered.
    """

    chosen = Signal(str)
    closed = Signal()

    def __init__(self, kinds: Iterable[Kind], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("lesson")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName("Place a part")
        self._parts = [parts.part_of(kind) for kind in kinds]
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Place a part")
        self.search.setAccessibleName("Search a part to place")
        self.search.textChanged.connect(self._fill)
        self.search.installEventFilter(self)
        self.list = QListWidget(self)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setIconSize(QSize(26, 24))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName("Parts")
        colours = self.list.palette()
        colours.setColor(QPalette.ColorRole.Highlight, QColor(theme.current().highlight))
        colours.setColor(QPalette.ColorRole.HighlightedText, QColor(theme.current().text))
        self.list.setPalette(colours)
        self.list.itemClicked.connect(self._choose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.setSpacing(4)
        layout.addWidget(self.search)
        layout.addWidget(self.list)
        for child in (self.search, self.list):
            child.ensurePolished()  # its height depends on the style
        self._fill("")

    def open_at(self, place: QPoint) -> None:
        """Show it with its corner at a place of the screen, moved so that all of it is seen."""
        screen = (self.parentWidget() or self).screen().availableGeometry()
        left = min(place.x(), screen.right() - self.width())
        top = min(place.y(), screen.bottom() - self.height())
        self.move(max(left, screen.left()), max(top, screen.top()))
        self.show()
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)

    def _fill(self, wanted: str) -> None:
        self.list.clear()
        for part in parts.matching(self._parts, wanted):
            item = QListWidgetItem(part.title)
            if part.kind is not None:
                item.setIcon(QIcon(icons.kind_pixmap(part.kind)))
            item.setData(_KIND, part.name)
            item.setToolTip(part.tooltip)
            item.setSizeHint(QSize(_WIDTH - 24, _ROW))
            self.list.addItem(item)
        if not self.list.count():
            item = QListWidgetItem("Nothing found")
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            item.setSizeHint(QSize(_WIDTH - 24, _ROW))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        rows = min(self.list.count(), _ROWS)
        self.list.setFixedHeight(_ROW * rows + 2 * self.list.frameWidth())
        self.setFixedSize(_WIDTH, self.sizeHint().height())

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is None or item.data(_KIND) is None:
            return
        name = str(item.data(_KIND))
        # Closed first: what follows may open a window of its own.
        self.close()
        self.chosen.emit(name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        here = watched is self.search and event.type() == QEvent.Type.KeyPress
        if here and isinstance(event, QKeyEvent) and self._typed(event.key()):
            return True
        return super().eventFilter(watched, event)

    def _typed(self, key: int) -> bool:
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.list.currentItem())
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            row = self.list.currentRow() + step
            self.list.setCurrentRow(min(max(row, 0), self.list.count() - 1))
        elif key == Qt.Key.Key_Escape:
            self.close()
        else:
            return False
        return True

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()


def placeable(kinds: Iterable[Kind], fits: Callable[[Kind], bool] | None = None) -> list[Kind]:
    """Return the kinds that can be placed on the canvas, those that fit if it matters."""
    nodes = [kind for kind in kinds if kind.family in ("neuron", "source") and not kind.placeholder]
    return nodes if fits is None else [kind for kind in nodes if fits(kind)]
