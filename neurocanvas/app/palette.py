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
    Qt,
    Signal,
)
from PySide6.QtGui import QDrag, QFocusEvent, QKeyEvent, QMouseEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QListView,
    QVBoxLayout,
    QWidget,
)

from neurocanvas.app import features, palette_menu, parts, theme
from neurocanvas.app.part_rows import MARGIN, PART, PartDelegate
from neurocanvas.app.parts import Part
from neurocanvas.app.session import Session
from neurocanvas.app.widgets import SearchField
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model.edits import Edit

KIND_MIME = "application/x-neurocanvas-kind"
DRAGGED = ("neuron", "source", parts.PLASTICITY_FAMILY)
"""Families of parts that are dragged: onto the canvas, or onto a link."""
NOTHING = "Nothing found"
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


class PartsView(QListView):
    """The list of parts; Enter and a double click use one, a click chooses a synapse."""

    used = Signal(object)
    chosen = Signal(object)
    left = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lit = ""  # name of the part that is switched on
        self.room = 0  # pixels for a row from left to right
        self.setItemDelegate(PartDelegate(session, self))
        self.setMouseTracking(True)
        # Rows are laid out anew when the width changes: words may need another line then.
        self.setResizeMode(QListView.ResizeMode.Adjust)
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
        self._forget_current()

    def _forget_current(self) -> None:
        """Mark no row: only the chosen synapse stays lit."""
        self.setCurrentIndex(QModelIndex())
        self.clearSelection()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.room = event.size().width()
        super().resizeEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._forget_current()

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
        # A click on the mouse has switched it already.
        if part is not None and part.family != parts.HAND_FAMILY:
            self.used.emit(part)


class Palette(QWidget):
    """Search field and list of parts, built from the registry of the document.

    Signals:
        place_requested: Name of a neuron or source kind to put into the middle of the view.
        touch_requested: The mouse is to be the source, or to end it.
        dismissed: Esc was pressed: the canvas may have the focus back.
    """

    place_requested = Signal(str)
    touch_requested = Signal()
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
        found = parts.groups(offered, self.search.text().strip(), hints)
        self.model.fill(found or [(NOTHING, [])])

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
        elif part.family == parts.HAND_FAMILY:
            self.touch_requested.emit()
        elif part.family == parts.PLASTICITY_FAMILY:
            features.give_to_selection(self._session, part.name)
        else:
            self.place_requested.emit(part.name)

    def _choose(self, part: Part) -> None:
        if part.family == "synapse":
            self._session.synapse_kind = part.name
        elif part.family in (parts.EDITOR_FAMILY, parts.HAND_FAMILY):
            self.use(part)

    def show_touching(self, on: bool) -> None:
        """Light up the mouse among the sources while it is one."""
        self.view.lit = parts.MOUSE.name if on else ""
        self._repaint()

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
