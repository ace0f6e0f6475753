"""The palette: parts to drag onto the canvas, synapses to choose for connecting."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QEvent,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QDrag, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from neurocanvas.app import features, icons, palette_menu, parts, theme
from neurocanvas.app.parts import Part
from neurocanvas.app.session import Session
from neurocanvas.app.theme import qcolor, ui_font
from neurocanvas.app.widgets import SearchField
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model.edits import Edit

KIND_MIME = "application/x-neurocanvas-kind"
PART = Qt.ItemDataRole.UserRole
ROW_HEIGHT = 27
HEADING_HEIGHT = 30
FIRST_HEADING_HEIGHT = 22
MARGIN = 12
ICON_BOX = QSize(28, 24)
TEXT_LEFT = 50
DRAGGED = ("neuron", "source", parts.PLASTICITY_FAMILY)
"""Families of parts that are dragged: onto the canvas, or onto a link."""
_AnyIndex = QModelIndex | QPersistentModelIndex


class PartsModel(QAbstractListModel):
    """Headings and parts as one list; headings can't be chosen."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[str | Part] = []

    def fill(self, groups: list[tuple[str, list[Part]]]) -> None:
        """Show these headings and parts."""
        self.beginResetModel()
        self.rows = []
        for heading, found in groups:
            self.rows += [heading, *found]
        self.endResetModel()

    def rowCount(self, parent: _AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: _AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role == PART:
            return row if isinstance(row, Part) else None
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title if isinstance(row, Part) else row
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(row, Part):
            return row.tooltip
        return None

    def flags(self, index: _AnyIndex) -> Qt.ItemFlag:
        if not index.isValid() or not isinstance(self.rows[index.row()], Part):
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        part = self.rows[index.row()]
        draggable = isinstance(part, Part) and part.family in DRAGGED
        return flags | Qt.ItemFlag.ItemIsDragEnabled if draggable else flags

    def mimeTypes(self) -> list[str]:
        return [KIND_MIME]

    def mimeData(self, indexes) -> QMimeData:
        data = QMimeData()
        part = indexes[0].data(PART)
        data.setData(KIND_MIME, QByteArray(part.name.encode()))
        return data

    def row_of(self, name: str) -> int:
        """Return the row of a part by name, -1 if it is not shown."""
        for row, entry in enumerate(self.rows):
            if isinstance(entry, Part) and entry.name == name:
                return row
        return -1


class PartDelegate(QStyledItemDelegate):
    """Paints a row: badge, title, grey hint; the chosen synapse has a bar at its left."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session

    def sizeHint(self, option: QStyleOptionViewItem, index: _AnyIndex) -> QSize:
        if index.data(PART) is not None:
            return QSize(100, ROW_HEIGHT)
        return QSize(100, HEADING_HEIGHT if index.row() else FIRST_HEADING_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _AnyIndex) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect: QRect = option.rect
        part = index.data(PART)
        if part is None:
            self._paint_heading(painter, rect, str(index.data()))
        else:
            self._paint_back(painter, rect, option, part)
            self._paint_part(painter, rect, part)
        painter.restore()

    def _paint_heading(self, painter: QPainter, rect: QRect, text: str) -> None:
        painter.setFont(ui_font(11, QFont.Weight.DemiBold))
        painter.setPen(qcolor(theme.current().text_faint))
        box = rect.adjusted(MARGIN + 2, 0, -MARGIN, -5)
        painter.drawText(box, Qt.AlignmentFlag.AlignBottom, text.upper())

    def _paint_back(
        self, painter: QPainter, rect: QRect, option: QStyleOptionViewItem, part: Part
    ) -> None:
        colours = theme.current()
        state: QStyle.StateFlag = option.state
        box = QRectF(rect).adjusted(6, 1, -6, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        active = part.family == "synapse" and part.name == self._session.synapse_kind
        if active or state & QStyle.StateFlag.State_Selected:
            painter.setBrush(qcolor(colours.highlight))
            painter.drawRoundedRect(box, 5, 5)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(qcolor(colours.field))
            painter.drawRoundedRect(box, 5, 5)
        if active:
            painter.setBrush(qcolor(colours.accent))
            bar = QRectF(box.left(), box.top() + 5, 3, box.height() - 10)
            painter.drawRoundedRect(bar, 1.5, 1.5)

    def _paint_part(self, painter: QPainter, rect: QRect, part: Part) -> None:
        colours = theme.current()
        badge = _badge(part)
        top = rect.center().y() - ICON_BOX.height() // 2 + 1
        painter.drawPixmap(MARGIN + 3, top, badge)
        right = rect.right() - MARGIN
        hint_font = ui_font(11)
        hint_width = QFontMetrics(hint_font).horizontalAdvance(part.hint)
        middle = Qt.AlignmentFlag.AlignVCenter
        title_box = QRect(TEXT_LEFT, rect.top(), right - TEXT_LEFT, rect.height())
        painter.setFont(ui_font())
        painter.setPen(qcolor(colours.text))
        title_width = painter.fontMetrics().horizontalAdvance(part.title)
        painter.drawText(title_box, middle, _elided(painter, part.title, title_box.width()))
        if title_width + hint_width + 8 <= title_box.width():
            painter.setFont(hint_font)
            painter.setPen(qcolor(colours.text_faint))
            painter.drawText(title_box, middle | Qt.AlignmentFlag.AlignRight, part.hint)


def _elided(painter: QPainter, text: str, width: int) -> str:
    return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)


def _badge(part: Part) -> QPixmap:
    if part is parts.OWN_EQUATIONS:
        return icons.badge_pixmap("dv", ICON_BOX.width(), ICON_BOX.height())
    if part.kind is None:
        return icons.pixmap(part.name, theme.current().instrument, 24)
    return icons.kind_pixmap(part.kind, ICON_BOX.width(), ICON_BOX.height())


class PartsView(QListView):
    """The list of parts; Enter and a double click use one, a click chooses a synapse."""

    used = Signal(object)
    chosen = Signal(object)
    left = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setItemDelegate(PartDelegate(session, self))
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QListView.DragDropMode.DragOnly)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setAccessibleName("Parts")

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Drag without the picture of the row: the canvas shows the part itself."""
        index = self.currentIndex()
        if not self.model().flags(index) & Qt.ItemFlag.ItemIsDragEnabled:
            return
        drag = QDrag(self)
        drag.setMimeData(self.model().mimeData([index]))
        nothing = QPixmap(1, 1)
        nothing.fill(Qt.GlobalColor.transparent)
        drag.setPixmap(nothing)
        drag.exec(Qt.DropAction.CopyAction)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        part = self.currentIndex().data(PART)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and part is not None:
            self.used.emit(part)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        part = self.indexAt(event.position().toPoint()).data(PART)
        if part is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(part)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        part = self.indexAt(event.position().toPoint()).data(PART)
        if part is not None:
            self.used.emit(part)


class Palette(QWidget):
    """Search field and list of parts, built from the registry of the document.

    Signals:
        place_requested: Name of a neuron or source kind to put into the middle of the view.
        dismissed: Esc was pressed: the canvas may have the focus back.
    """

    place_requested = Signal(str)
    dismissed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._session = session
        self.search = SearchField("Find a part", "/")
        self.model = PartsModel(self)
        self.view = PartsView(session)
        self.view.setModel(self.model)
        self._lay_out()
        self._connect()
        self.refresh()

    def _lay_out(self) -> None:
        top = QVBoxLayout()
        top.setContentsMargins(MARGIN, 10, MARGIN, 4)
        top.addWidget(self.search)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.view)

    def _connect(self) -> None:
        self.search.textChanged.connect(self.refresh)
        self.search.returnPressed.connect(self._use_first)
        self.search.installEventFilter(self)
        self.view.used.connect(self.use)
        self.view.chosen.connect(self._choose)
        self.view.left.connect(self.dismissed)
        self._session.document_replaced.connect(self.refresh)
        self._session.user_kinds.changed.connect(self.refresh)
        self._session.edited.connect(self._edited)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._menu)
        self._session.synapse_kind_changed.connect(self._repaint)
        theme.changed.connect(self._repaint)

    def refresh(self) -> None:
        """Show the parts that match what is typed."""
        session = self._session
        self._shown = session.circuit.kinds
        hints = dict.fromkeys(session.circuit.own_kinds, "own")
        offered = session.offered()
        hints |= {kind.name: "user" for kind in offered if kind.name not in self._shown}
        self.model.fill(parts.groups(offered, self.search.text().strip(), hints))

    def _edited(self, _: Edit) -> None:
        # Kinds of a circuit's own come and go by edits; the registry is another one then.
        if self._session.circuit.kinds is not self._shown:
            self.refresh()

    def focus_search(self) -> None:
        """Let the person type what to look for."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def use(self, part: Part) -> None:
        """Place a neuron or source, choose a synapse, let links learn, or add a probe."""
        if part.family == "synapse":
            self._session.synapse_kind = part.name
        elif part.family == parts.INSTRUMENT_FAMILY:
            self._probe_selection()
        elif part.family == parts.EDITOR_FAMILY:
            self._session.equations_wanted.emit("")
        elif part.family == parts.PLASTICITY_FAMILY:
            features.give_to_selection(self._session, part.name)
        else:
            self.place_requested.emit(part.name)

    def _choose(self, part: Part) -> None:
        if part.family == "synapse":
            self._session.synapse_kind = part.name
        elif part.family == parts.EDITOR_FAMILY:
            self.use(part)

    def _menu(self, at: QPoint) -> None:
        part = self.view.indexAt(at).data(PART)
        menu = palette_menu.build(self, self._session, part) if part is not None else None
        if menu is not None:
            menu.popup(self.view.viewport().mapToGlobal(at))

    def _use_first(self) -> None:
        first = next((row for row in self.model.rows if isinstance(row, Part)), None)
        if first is not None:
            self.use(first)

    def _probe_selection(self) -> None:
        chosen = self._session.selection
        if not chosen:
            self._session.message.emit("Select a neuron or a link first: the probe goes onto it")
        for element_id in chosen:
            try:
                self._session.add_probe(element_id)
            except NeuroCanvasError as error:
                self._session.message.emit(str(error))

    def _repaint(self, *_: object) -> None:
        self.view.viewport().update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Down:
                self._enter_list()
                return True
            if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
                self.search.clear()
                self.dismissed.emit()
                return True
        return super().eventFilter(watched, event)

    def _enter_list(self) -> None:
        rows = [row for row, entry in enumerate(self.model.rows) if isinstance(entry, Part)]
        if rows:
            self.view.setFocus(Qt.FocusReason.TabFocusReason)
            self.view.setCurrentIndex(self.model.index(rows[0]))
