"""The field in which a label is typed, right where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from neurocanvas.app.canvas import labels
from neurocanvas.model.edits import Rename

if TYPE_CHECKING:
    from neurocanvas.app.canvas.view import CanvasView

_WIDTH = 150


class LabelEditor(QLineEdit):
    """Edits the label of one node; Enter or leaving keeps it, Esc does not.

    Args:
        view: The canvas.
        row: Row of the node in the scene.
    """

    def __init__(self, view: CanvasView, row: int) -> None:
        super().__init__(view)
        self._view = view
        self._id = view.scene.node_ids[row]
        self._before = view.scene.labels[row]
        self._done = False
        self.setText(self._before)
        self.setAccessibleName(f"Label of {self._before}")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box = labels.label_box(view.scene, row, view.camera, labels.fonts(view.camera.scale))
        middle = box.center().toPoint()
        self.setGeometry(middle.x() - _WIDTH // 2, middle.y() - 14, _WIDTH, 28)
        self.show()
        self.selectAll()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.abandon()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.keep()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.keep()

    def keep(self) -> None:
        """Give the node what was typed, and be gone."""
        if self._done:
            return
        wanted = self.text().strip()
        known = self._id in self._view.session.circuit
        self.abandon()
        if known and wanted and wanted != self._before:
            self._view.attempt(Rename(self._id, wanted))

    def abandon(self) -> None:
        """Be gone, whatever was typed."""
        if not self._done:
            self._done = True
            self._view.setFocus(Qt.FocusReason.OtherFocusReason)
            self.close()
