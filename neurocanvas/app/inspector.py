"""The inspector: everything about what is selected, built from its declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from neurocanvas.app import theme
from neurocanvas.app.inspector_summary import SummaryPage
from neurocanvas.app.session import Session
from neurocanvas.model.edits import Edit, MoveNodes
from neurocanvas.model.elements import Link

if TYPE_CHECKING:
    from neurocanvas.app.inspector_pages import ElementPage


class Inspector(QWidget):
    """Shows one page: an element, several alike, a mixed selection, or the whole circuit.

    A page is built anew only when something else is to be shown; edits refresh its values.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._session = session
        self._key: object = None
        self._stale = False
        self.page: QWidget = QLabel()
        self._element_page: ElementPage | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self.page)
        # Selections change several times during one gesture: build once, after it.
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self.rebuild)
        session.selection_changed.connect(self._rebuild_later)
        session.document_replaced.connect(self._replaced)
        session.edited.connect(self._edited)
        session.settled.connect(self._settled)
        theme.changed.connect(self._replaced)
        self.rebuild()

    def rebuild(self) -> None:
        """Show the page of what is selected, building it if it is another one."""
        key = self._wanted()
        if key == self._key:
            return
        self._key = key
        tab = self._element_page.tab if self._element_page is not None else 0
        old, self.page = self.page, self._made(tab)
        self._layout.replaceWidget(old, self.page)
        old.hide()
        old.deleteLater()
        self.page.show()

    def focus_parameter(self, name: str) -> None:
        """Let the person type a value for this parameter of what is selected, or this setting."""
        self.rebuild()
        page = self._refreshable()
        if page is not None:
            page.focus_parameter(name)

    def focus_first(self) -> None:
        """Let the person type a value for the first parameter of what is selected."""
        self.rebuild()
        if self._element_page is not None:
            self._element_page.focus_first()

    def _replaced(self, *_: object) -> None:
        self._key = None
        self._session.set_watch(())
        self.rebuild()

    def _edited(self, edit: Edit) -> None:
        self._stale = self._stale or not isinstance(edit, MoveNodes)

    def _settled(self) -> None:
        """Bring the page up to date after edits: hundreds of elements take some time."""
        stale, self._stale = self._stale, False
        if self._wanted() != self._key:
            self._later.start()
        elif stale and (page := self._refreshable()) is not None:
            page.refresh()

    def _refreshable(self) -> ElementPage | SummaryPage | None:
        """Return the page if it is one of values."""
        return self.page if isinstance(self.page, SummaryPage) else self._element_page

    def _rebuild_later(self) -> None:
        if not self._session.settling:
            self._later.start()

    def _wanted(self) -> object:
        """What a page is built from; while it stays the same, refreshing values is enough."""
        circuit = self._session.circuit
        chosen = [circuit.element(i) for i in self._session.selection if i in circuit]
        # The kind itself, as one of a circuit's own may be another under the same name.
        return tuple(
            (e.id, circuit.kind_of(e), e.rule.name if isinstance(e, Link) else "") for e in chosen
        ) or (id(circuit),)

    def _made(self, tab: int) -> QWidget:
        selection = self._session.selection
        self._element_page = None
        if not selection:
            return SummaryPage(self._session)
        # The window opens with nothing selected.
        from neurocanvas.app.inspector_pages import ElementPage, MixedPage

        circuit = self._session.circuit
        if len({circuit.element(i).kind for i in selection}) == 1:
            self._element_page = ElementPage(self._session, selection, tab)
            return self._element_page
        return MixedPage(self._session, selection)
