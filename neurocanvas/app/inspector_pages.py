"""Pages of the inspector for what is selected: its header and its tabs."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from neurocanvas.app import icons
from neurocanvas.app.activity_tab import ActivityTab
from neurocanvas.app.equations_tab import EquationsTab
from neurocanvas.app.parameters_tab import ParametersTab
from neurocanvas.app.session import Session
from neurocanvas.app.widgets import label, restyle
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model.edits import Rename
from neurocanvas.model.elements import Link, Node
from neurocanvas.model.kinds import Kind

BADGE = 32
FAMILY_WORDS = {"neuron": "neuron", "synapse": "link", "source": "source"}


def count_words(number: int, word: str) -> str:
    """Return ``"1 neuron"`` or ``"3 neurons"``."""
    return f"{number:,} {word}{'' if number == 1 else 's'}".replace(",", "\u2009")


class Header(QWidget):
    """Badge, label (a node's can be edited in place) and the title of the kind."""

    def __init__(self, session: Session, ids: tuple[str, ...], kind: Kind) -> None:
        super().__init__()
        self._session = session
        self._ids = ids
        badge = QLabel()
        badge.setPixmap(icons.kind_pixmap(kind, BADGE, BADGE))
        badge.setFixedSize(BADGE, BADGE)
        self.label = QLineEdit()
        self.label.setObjectName("label")
        self.label.setAccessibleName("Label")
        self.label.setReadOnly(not self._renamable())
        self.label.editingFinished.connect(self._rename)
        self.reason = label("", "reason", wrap=True)
        self.reason.hide()
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.label)
        subtitle = label(kind.title, "subtitle", wrap=True)
        subtitle.setIndent(7)
        words.addWidget(subtitle)
        words.addWidget(self.reason)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 12, 12, 6)
        row.setSpacing(8)
        row.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words)
        self.refresh()

    def _renamable(self) -> bool:
        circuit = self._session.circuit
        return len(self._ids) == 1 and isinstance(circuit.element(self._ids[0]), Node)

    def refresh(self) -> None:
        """Show the present label."""
        if not self.label.hasFocus() or not self.label.isModified():
            self.label.setText(self._title())
            self.label.setCursorPosition(0)
            self.reason.hide()
            restyle(self.label, refused=False)

    def _title(self) -> str:
        circuit = self._session.circuit
        first = circuit.element(self._ids[0])
        if len(self._ids) > 1:
            word = FAMILY_WORDS.get(circuit.kind_of(first).family, "part")
            return count_words(len(self._ids), word)
        if isinstance(first, Link):
            ends = (circuit.node(first.pre).label, circuit.node(first.post).label)
            return " \u2192 ".join(ends)
        return first.label

    def _rename(self) -> None:
        if not self.label.isModified() or not self._renamable():
            return
        self.label.setModified(False)
        try:
            self._session.do(Rename(self._ids[0], self.label.text().strip()))
        except NeuroCanvasError as error:
            self.reason.setText(str(error))
            self.reason.show()
            restyle(self.label, refused=True)
        else:
            self.refresh()


class ElementPage(QWidget):
    """One element, or several of one kind: parameters, equations, activity.

    Args:
        session: The document.
        ids: Elements of one kind.
        tab: Number of the tab to begin with.
    """

    def __init__(self, session: Session, ids: tuple[str, ...], tab: int = 0) -> None:
        super().__init__()
        kind = session.circuit.kind_of(ids[0])
        self.header = Header(session, ids, kind)
        self.parameters = ParametersTab(session, ids)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.parameters, "Parameters")
        self.tabs.addTab(EquationsTab(kind, session), "Equations")
        if len(ids) == 1 and not kind.placeholder:
            self.tabs.addTab(ActivityTab(session, ids[0]), "Activity")
        self.tabs.setCurrentIndex(min(tab, self.tabs.count() - 1))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.tabs)

    @property
    def tab(self) -> int:
        """Number of the tab that is shown."""
        return self.tabs.currentIndex()

    def refresh(self) -> None:
        """Show the present values."""
        self.header.refresh()
        self.parameters.refresh()

    def focus_parameter(self, name: str) -> None:
        """Let the person type a value for a parameter."""
        self.tabs.setCurrentWidget(self.parameters)
        self.parameters.focus(name)

    def focus_first(self) -> None:
        """Let the person type a value for the first parameter."""
        self.focus_parameter(next(iter(self.parameters.rows), ""))


class MixedPage(QWidget):
    """Several elements of different kinds: how many of which, and a way to keep only those."""

    def __init__(self, session: Session, ids: tuple[str, ...]) -> None:
        super().__init__()
        circuit = session.circuit
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(label(f"{len(ids)} selected", "title"))
        hint = "Parameters are shown when all that is selected is of one kind. Keep only:"
        layout.addWidget(label(hint, "dim", wrap=True))
        for name, number in Counter(circuit.element(i).kind for i in ids).items():
            kind = circuit.kinds.get(name)
            button = QPushButton(f"{kind.title}  \u00d7{number}")
            button.setIcon(icons.kind_pixmap(kind))
            chosen = [i for i in ids if circuit.element(i).kind == name]
            button.clicked.connect(lambda _=False, chosen=chosen: session.select(chosen))
            layout.addWidget(button)
        layout.addStretch(1)
