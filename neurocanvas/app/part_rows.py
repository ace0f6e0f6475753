"""How a row of the palette looks: badge, title, a grey word; what is long takes more lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPixmap
from PySide6.QtWidgets import QStyledItemDelegate

from neurocanvas.app import icons, parts, theme
from neurocanvas.app.parts import Part
from neurocanvas.app.session import Session
from neurocanvas.app.theme import qcolor, ui_font

if TYPE_CHECKING:
    from PySide6.QtWidgets import QStyleOptionViewItem

    from neurocanvas.app.palette import PartsView

PART = Qt.ItemDataRole.UserRole
ROW_HEIGHT = 27
HEADING_HEIGHT = 30
FIRST_HEADING_HEIGHT = 22
MARGIN = 12
ICON_BOX = QSize(28, 24)
TEXT_LEFT = 50
GAP = 8
"""The least distance between a title and the grey words beside it."""
PADDING = 9
"""Above and below the words of a row that takes several lines, together."""
HINT_SIZE = 11
TALL = 1000
"""More pixels than any row is high: words may take as many lines as they need."""
_AnyIndex = QModelIndex | QPersistentModelIndex
_Align = Qt.AlignmentFlag
_WRAP = int(Qt.TextFlag.TextWordWrap)


@dataclass(frozen=True)
class RowWords:
    """The words of a row in the room there is.

    Attributes:
        title: In front, or above.
        more: In grey: at the right of the title where both fit, else below it.
        title_height, more_height: Of the two, in pixels; ``more_height`` is 0 beside the title.
    """

    title: str
    more: str
    title_height: int
    more_height: int

    @property
    def height(self) -> int:
        """Height of the row."""
        return max(ROW_HEIGHT, self.title_height + self.more_height + PADDING)


def words_of(part: Part, room: int) -> RowWords:
    """Return the words of a part in a width: "Current, excitatory, alpha" is current, and which."""
    title, _, form = part.title.partition(", ")
    more = " \u00b7 ".join(filter(None, (form, part.hint)))
    font, small = QFontMetrics(ui_font()), QFontMetrics(ui_font(HINT_SIZE))
    title_height = _height(font, title, room)
    beside = font.horizontalAdvance(title) + GAP + small.horizontalAdvance(more) <= room
    # A year or a transmitter is left out where it does not fit; which form it is never.
    shown = more if beside or form else ""
    return RowWords(title, shown, title_height, 0 if beside or not form else
                    _height(small, shown, room))  # fmt: skip


def _height(metrics: QFontMetrics, text: str, room: int) -> int:
    return metrics.boundingRect(QRect(0, 0, room, TALL), _WRAP, text).height()


class PartDelegate(QStyledItemDelegate):
    """Paints a row; the chosen synapse, and what is switched on, has a bar at its left.

    Args:
        session: Knows the chosen synapse.
        view: Whose rows they are; its width is what they have.
    """

    def __init__(self, session: Session, view: PartsView) -> None:
        super().__init__(view)
        self._session = session
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: _AnyIndex) -> QSize:
        part = index.data(PART)
        if part is None:
            return QSize(100, HEADING_HEIGHT if index.row() else FIRST_HEADING_HEIGHT)
        return QSize(100, words_of(part, self._room()).height)

    def _room(self) -> int:
        """Width for words."""
        return max(self._view.room - TEXT_LEFT - MARGIN, 40)

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
        painter.drawText(box, _Align.AlignBottom, text.upper())

    def _paint_back(
        self, painter: QPainter, rect: QRect, option: QStyleOptionViewItem, part: Part
    ) -> None:
        colours = theme.current()
        selected, pointed_at = self._state(option)
        box = QRectF(rect).adjusted(6, 1, -6, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        chosen = part.family == "synapse" and part.name == self._session.synapse_kind
        active = chosen or part.name == self._view.lit
        if active or selected:
            painter.setBrush(qcolor(colours.highlight))
            painter.drawRoundedRect(box, 5, 5)
        elif pointed_at:
            painter.setBrush(qcolor(colours.field))
            painter.drawRoundedRect(box, 5, 5)
        if active:
            painter.setBrush(qcolor(colours.accent))
            bar = QRectF(box.left(), box.top() + 5, 3, box.height() - 10)
            painter.drawRoundedRect(bar, 1.5, 1.5)

    def _state(self, option: QStyleOptionViewItem) -> tuple[bool, bool]:
        """Return whether a row is selected, and whether the mouse is over it.

        Their names are among hundreds that a style has, which Python takes long to make: the window
        opens without, as nothing is selected or pointed at yet.
        """
        if not (self._view.underMouse() or self._view.currentIndex().isValid()):
            return False, False
        from PySide6.QtWidgets import QStyle

        flags, state = QStyle.StateFlag, option.state
        return bool(state & flags.State_Selected), bool(state & flags.State_MouseOver)

    def _paint_part(self, painter: QPainter, rect: QRect, part: Part) -> None:
        top = rect.center().y() - ICON_BOX.height() // 2 + 1
        painter.drawPixmap(MARGIN + 3, top, _badge(part))
        room = self._room()
        words = words_of(part, room)
        box = QRect(TEXT_LEFT, rect.top(), room, rect.height())
        if words.more_height:
            above = (rect.height() - words.title_height - words.more_height) // 2
            below = box.adjusted(0, above + words.title_height, 0, 0)
            box.adjust(0, above, 0, 0)
            self._paint_words(painter, box, _Align.AlignTop, words.title)
            self._paint_more(painter, below, _Align.AlignTop, words.more)
        else:
            self._paint_words(painter, box, _Align.AlignVCenter, words.title)
            self._paint_more(painter, box, _Align.AlignVCenter | _Align.AlignRight, words.more)

    def _paint_words(self, painter: QPainter, box: QRect, side: _Align, words: str) -> None:
        painter.setFont(ui_font())
        painter.setPen(qcolor(theme.current().text))
        painter.drawText(box, int(side) | _WRAP, words)

    def _paint_more(self, painter: QPainter, box: QRect, side: _Align, words: str) -> None:
        painter.setFont(ui_font(HINT_SIZE))
        painter.setPen(qcolor(theme.current().text_faint))
        painter.drawText(box, int(side) | _WRAP, words)


def _badge(part: Part) -> QPixmap:
    if part is parts.OWN_EQUATIONS:
        return icons.badge_pixmap("dv", ICON_BOX.width(), ICON_BOX.height())
    if part.kind is None:
        colours = theme.current()
        colour = colours.source if part is parts.MOUSE else colours.instrument
        return icons.pixmap(part.name, colour, 24)
    return icons.kind_pixmap(part.kind, ICON_BOX.width(), ICON_BOX.height())
