"""Drives a canvas as a person does: real mouse and key events on the real widgets."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QMouseEvent,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from neurocanvas.app.canvas.drops import KIND_MIME
from neurocanvas.app.canvas.view import CanvasView
from neurocanvas.app.session import Session

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
STEPS = 4
"""Mouse moves of one drag."""


class CanvasDriver:
    """Mouse and keyboard of a person at one canvas.

    Args:
        qtbot: Of the test.
        canvas: The canvas, shown.
    """

    def __init__(self, qtbot: QtBot, canvas: CanvasView) -> None:
        self.qtbot = qtbot
        self.canvas = canvas
        canvas.setFocus()

    @property
    def session(self) -> Session:
        return self.canvas.session

    # -- drawing ---------------------------------------------------------------------------------

    def place(self, kind: str, x: float = 0.0, y: float = 0.0) -> str:
        """Double-click empty canvas at a place of the scene and choose a kind; returns its id."""
        before = set(self.canvas.scene.node_ids)
        self.double_click_at(self.at(x, y))
        self.choose(kind)
        return self._new(before, self.canvas.scene.node_ids)

    def choose(self, kind: str) -> None:
        """Type the name of a kind into the open list of kinds, go to it and press Enter."""
        popup = self.canvas.popup
        assert popup is not None, "no list of kinds is open"
        QTest.keyClicks(popup.search, kind)
        for _ in range(popup.list.count()):
            if popup.list.currentItem().data(Qt.ItemDataRole.UserRole) == kind:
                break
            QTest.keyClick(popup.search, Qt.Key.Key_Down)
        QTest.keyClick(popup.search, Qt.Key.Key_Return)

    def drop(self, kind: str, x: float, y: float) -> str:
        """Drag a kind in from the palette and drop it at a place of the scene; returns its id."""
        before = set(self.canvas.scene.node_ids)
        self.drag_in(kind, x, y)
        at = QPointF(self.at(x, y))
        event = QDropEvent(at, Qt.DropAction.CopyAction, self._mime, LEFT, NONE)
        QApplication.sendEvent(self.canvas, event)
        return self._new(before, self.canvas.scene.node_ids, missing_ok=True)

    def drag_in(self, kind: str, x: float, y: float) -> bool:
        """Drag a kind over the canvas without dropping it; returns whether it would be taken."""
        self._mime = QMimeData()
        self._mime.setData(KIND_MIME, QByteArray(kind.encode()))
        at = self.at(x, y)
        copy = Qt.DropAction.CopyAction
        entered = QDragEnterEvent(at, copy, self._mime, LEFT, NONE)
        QApplication.sendEvent(self.canvas, entered)
        QApplication.sendEvent(self.canvas, QDragMoveEvent(at, copy, self._mime, LEFT, NONE))
        return entered.isAccepted()

    def connect(self, pre: str, post: str, kind: str = "") -> str:
        """Drag from the ring of a node to another; returns the id of the link, "" if refused."""
        if kind:
            self.session.synapse_kind = kind
        before = set(self.canvas.scene.link_ids)
        self.drag_from_ring(pre, self.canvas.node_position(post))
        self.release()
        return self._new(before, self.canvas.scene.link_ids, missing_ok=True)

    def drag_from_ring(self, node_id: str, to: QPoint) -> None:
        """Press the ring of a node and move somewhere in the window, without letting go."""
        start = self.canvas.ring_position(node_id)
        QTest.mouseMove(self.canvas, start)
        self.press(start)
        self.move(to)

    @staticmethod
    def _new(before: set[str], after: Sequence[str], missing_ok: bool = False) -> str:
        added = [i for i in after if i not in before]
        if missing_ok and not added:
            return ""
        assert len(added) == 1, f"{len(added)} new elements, expected one"
        return added[0]

    # -- mouse -----------------------------------------------------------------------------------

    def at(self, x: float, y: float) -> QPoint:
        """Where a place of the scene is in the window."""
        return self.canvas.scene_position(x, y)

    def press(self, at: QPoint, keys: Qt.KeyboardModifier = NONE, button=LEFT) -> None:
        self._last, self._keys, self._button = at, keys, button
        QTest.mousePress(self.canvas, button, keys, at)

    def move(self, to: QPoint) -> None:
        """Move the pressed mouse to a point of the window in a few steps."""
        start = self._last
        for k in range(1, STEPS + 1):
            at = QPointF(start + (to - start) * k / STEPS)
            # QTest.mouseMove forgets which buttons and keys are held.
            event = QMouseEvent(
                QEvent.Type.MouseMove, at, self.canvas.mapToGlobal(at),
                Qt.MouseButton.NoButton, self._button, self._keys,
            )  # fmt: skip
            QApplication.sendEvent(self.canvas, event)
        self._last = to

    def release(self, keys: Qt.KeyboardModifier | None = None) -> None:
        held = self._keys if keys is None else keys
        QTest.mouseRelease(self.canvas, self._button, held, self._last)

    def drag_points(
        self, start: QPoint, to: QPoint, keys: Qt.KeyboardModifier = NONE, button=LEFT
    ) -> None:
        self.press(start, keys, button)
        self.move(to)
        self.release()

    def drag(self, node_id: str, dx: float, dy: float, keys: Qt.KeyboardModifier = NONE) -> None:
        """Drag a node by scene pixels."""
        start = self.canvas.node_position(node_id)
        x, y = self.canvas.camera.to_scene(QPointF(start))
        self.drag_points(start, self.at(x + dx, y + dy), keys)

    def rubber_band(
        self, x1: float, y1: float, x2: float, y2: float, keys: Qt.KeyboardModifier = NONE
    ) -> None:
        """Drag over empty canvas between two places of the scene."""
        self.drag_points(self.at(x1, y1), self.at(x2, y2), keys)

    def where(self, element_id: str) -> QPoint:
        """Where to click to hit a node or a link."""
        if element_id in self.canvas.scene.node_row:
            return self.canvas.node_position(element_id)
        return self.canvas.link_position(element_id)

    def click(self, element_id: str, keys: Qt.KeyboardModifier = NONE) -> None:
        self.click_at(self.where(element_id), keys)

    def click_at(self, at: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseClick(self.canvas, LEFT, keys, at)

    def double_click(self, element_id: str) -> None:
        self.double_click_at(self.where(element_id))

    def double_click_at(self, at: QPoint) -> None:
        QTest.mouseClick(self.canvas, LEFT, NONE, at)
        QTest.mouseDClick(self.canvas, LEFT, NONE, at)

    def hover(self, at: QPoint) -> None:
        QTest.mouseMove(self.canvas, at)

    def wheel(self, notches: float, at: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
        """Turn the wheel of a mouse."""
        place = QPointF(at)
        event = QWheelEvent(
            place, QPointF(self.canvas.mapToGlobal(at)), QPoint(), QPoint(0, round(120 * notches)),
            Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(self.canvas, event)

    def scroll(self, dx: int, dy: int, at: QPoint) -> None:
        """Scroll with two fingers on a touchpad."""
        place = QPointF(at)
        event = QWheelEvent(
            place, QPointF(self.canvas.mapToGlobal(at)), QPoint(dx, dy), QPoint(dx * 2, dy * 2),
            Qt.MouseButton.NoButton, NONE, Qt.ScrollPhase.ScrollUpdate, False,
        )  # fmt: skip
        QApplication.sendEvent(self.canvas, event)

    # -- keys ------------------------------------------------------------------------------------

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.canvas, key, keys)

    def type(self, text: str) -> None:
        """Type into whatever has the focus."""
        QTest.keyClicks(QApplication.focusWidget(), text)

    def select_all(self) -> None:
        self.key(Qt.Key.Key_A, CTRL)

    def copy(self) -> None:
        self.key(Qt.Key.Key_C, CTRL)

    def cut(self) -> None:
        self.key(Qt.Key.Key_X, CTRL)

    def paste(self) -> None:
        self.key(Qt.Key.Key_V, CTRL)

    def duplicate(self) -> None:
        self.key(Qt.Key.Key_D, CTRL)

    def delete(self) -> None:
        self.key(Qt.Key.Key_Delete)

    def escape(self) -> None:
        self.key(Qt.Key.Key_Escape)

    def undo(self) -> None:
        self.session.undo()

    def redo(self) -> None:
        self.session.redo()

    # -- menus and pictures ----------------------------------------------------------------------

    def menu_at(self, at: QPoint) -> QMenu:
        """Open the menu of the right button and return it."""
        reason = QContextMenuEvent.Reason.Mouse
        event = QContextMenuEvent(reason, at, self.canvas.mapToGlobal(at))
        QApplication.sendEvent(self.canvas, event)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        return menu

    def picture(self) -> QPixmap:
        """What the canvas shows now."""
        return self.canvas.grab()


def trigger(menu: QMenu, *path: str) -> None:
    """Choose an entry by the beginning of its words, through submenus."""
    first, rest = path[0], path[1:]
    for action in menu.actions():
        if action.text().startswith(first):
            submenu = action.menu()
            if rest and isinstance(submenu, QMenu):
                trigger(submenu, *rest)
            else:
                action.trigger()
            break
    else:
        raise AssertionError(f"no entry {first!r} among {[a.text() for a in menu.actions()]}")
    menu.close()
