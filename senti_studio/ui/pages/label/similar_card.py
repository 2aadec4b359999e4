"""Comments that resemble the one in view, each with how much and with its label."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from senti_studio.domain.labels import Label
from senti_studio.domain.similarity import SimilarComment
from senti_studio.ui.fonts import font
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import counted, marked, tr
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.chip import chip_width, paint_chip
from senti_studio.ui.widgets.scrolled import scrolled

ROW = 44
_WIDEST_CHIP = 110
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


def one_line(text: str) -> str:
    return " ".join(text[:400].split())


class SimilarRows(QWidget):
    """One row a comment; click, or ↑ ↓ and Enter, asks for the whole text."""

    wanted = Signal(int)
    """Comment id."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.rows: list[tuple[SimilarComment, Label | None]] = []
        self._chip_room = 0
        self._hovered = self._chosen = -1
        self._empty = ""
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        theme.changed.connect(self.update)

    def show_rows(self, rows: list[tuple[SimilarComment, Label | None]], empty: str) -> None:
        """``empty``: what is said where there are none."""
        if rows == self.rows and empty == self._empty:
            return
        self.rows, self._empty = rows, empty
        self._chip_room = min(_WIDEST_CHIP, max((chip_width(label) for _, label in rows), default=0))
        self._hovered, self._chosen = -1, min(self._chosen, len(rows) - 1)
        self.setMinimumHeight(ROW * len(rows))
        said = [f"{one_line(each.row.text)[:80]} {each.similarity:.2f}" for each, _ in rows]
        self.setAccessibleName("；".join(said) or empty)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, ROW * max(1, len(self.rows)))

    def _at(self, position: QPoint) -> int:
        place = position.y() // ROW
        return place if 0 <= place < len(self.rows) else -1

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._ask(self._at(event.position().toPoint()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)

    def _hover(self, place: int) -> None:
        if place != self._hovered:
            self._hovered = place
            self.setCursor(Qt.CursorShape.PointingHandCursor if place >= 0 else Qt.CursorShape.ArrowCursor)
            self.update()

    def _ask(self, place: int) -> None:
        if 0 <= place < len(self.rows):
            self.wanted.emit(self.rows[place][0].row.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        key = Qt.Key(event.key()) if event.key() in Qt.Key._value2member_map_ else Qt.Key.Key_unknown
        if key in steps and self.rows:
            self._chosen = max(0, min(len(self.rows) - 1, self._chosen + steps[key]))
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._chosen >= 0:
            self._ask(self._chosen)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            place = self._at(event.pos())
            if place >= 0:
                QToolTip.showText(event.globalPos(), self.rows[place][0].row.text, self)
                return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._theme.colour("surface"))
        if not self.rows:
            painter.setFont(font("ui"))
            painter.setPen(self._theme.colour("text3"))
            painter.drawText(QRect(0, 0, self.width(), ROW), _LEFT, self._empty)
        for place in range(len(self.rows)):
            self._paint_row(painter, place)

    def _paint_row(self, painter: QPainter, place: int) -> None:
        each, label = self.rows[place]
        theme, top, wide = self._theme, place * ROW, self.width() - 8
        if place == self._hovered or (place == self._chosen and self.hasFocus()):
            painter.fillRect(QRect(0, top + 1, wide, ROW - 1), theme.colour("hover"))
        if place:
            painter.fillRect(QRect(0, top, wide, 1), theme.colour("border"))
        chip = QRectF(wide - self._chip_room, top, self._chip_room, ROW)
        paint_chip(painter, chip, label, theme)
        small, plain = font("small"), font("ui")
        words = tr("{share} similar").format(share=f"{each.similarity:.2f}")
        room = QFontMetrics(small).horizontalAdvance(tr("{share} similar").format(share="0.00")) + 4
        painter.setFont(small)
        painter.setPen(theme.colour("text3"))
        painter.drawText(QRectF(chip.left() - 8 - room, top, room, ROW), _RIGHT, words)
        painter.setFont(plain)
        painter.setPen(theme.colour("text"))
        text_room = int(chip.left() - 8 - room - 12)
        text = one_line(each.row.text) or tr("(blank comment)")
        text = QFontMetrics(plain).elidedText(text, Qt.TextElideMode.ElideRight, text_room)
        painter.drawText(QRectF(0, top, text_room, ROW), _LEFT, text)


class SimilarCard(Card):
    """Fills in after the comment is shown; its place and height never depend on what it holds."""

    together_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._is_known = False
        self.together = button(theme=theme, kind="link")
        self.together.set_dense()
        self.together.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.together.clicked.connect(lambda: self.together_wanted.emit())
        self.header.addWidget(self.together)
        self.rows = SimilarRows(theme)
        self.body.setContentsMargins(16, 4, 8, 4)
        self.body.addWidget(scrolled(self.rows, focusable=False))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.retranslate()

    def retranslate(self) -> None:
        self._show_header()
        self.rows.update()

    @property
    def shown(self) -> list[SimilarComment]:
        return [each for each, _ in self.rows.rows]

    def clear(self) -> None:
        """Another comment is in view: nothing is known of it yet."""
        self._is_known = False
        self.rows.show_rows([], "")

    def show_similar(
        self, found: Sequence[SimilarComment], labels: Sequence[Label], *, is_looking: bool = False
    ) -> None:
        """What was found, the most similar first; ``is_looking``: there may be more in a moment."""
        by_id = {label.id: label for label in labels}
        self._is_known = True
        rows = [(each, by_id.get(each.row.label_id or 0)) for each in found]
        self.rows.show_rows(rows, tr("Looking…") if is_looking else tr("No similar comment was found."))
        self._show_header()

    def _show_header(self) -> None:
        count = len(self.rows.rows)
        self.set_title(tr("Similar comments"), number(count) if count else "")
        words = counted(count, marked("Label this one…"), marked("Label these {n}…")).format(n=number(count))
        self.together.setText(words)
        self.together.setVisible(count > 0)
