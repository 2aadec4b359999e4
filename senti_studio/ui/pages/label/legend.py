"""What the lines under the words of a comment mean."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import tr
from senti_studio.ui.pages.label.text_marks import Stroke, draw_stroke
from senti_studio.ui.theme import Theme

STYLES = ((Stroke.SOLID, "pos"), (Stroke.DASHED, "neg"), (Stroke.DOTTED, "text2"))
"""Stroke and colour of positive words, negative ones, and negations and degree words."""
_GAP, _HEIGHT = 16, 30


def names() -> tuple[str, str, str]:
    return tr("Positive word"), tr("Negative word"), tr("Negation / degree")


class Legend(QWidget):
    """Three underlined names; a click asks for the menu of what is underlined."""

    menu_wanted = Signal(QPoint)
    """Where, on the screen."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._is_on = True
        self._has_room = True
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName("，".join(names()))
        self.setToolTip(tr("What is underlined"))
        self.setFixedSize(self.sizeHint())
        self.update()

    def set_on(self, on: bool) -> None:
        """Whether words are underlined at all."""
        self._is_on = on
        self.setVisible(self._is_on and self._has_room)

    def set_room(self, room: bool) -> None:
        """Whether the window is wide enough for it."""
        self._has_room = room
        self.setVisible(self._is_on and self._has_room)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(font("small"))
        return QSize(sum(metrics.horizontalAdvance(name) for name in names()) + 3 * _GAP + 4, _HEIGHT)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.menu_wanted.emit(self.mapToGlobal(QPoint(0, self.height())))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        face = font("small")
        metrics = QFontMetrics(face)
        painter.setFont(face)
        left = float(_GAP // 2)
        for name, (stroke, token) in zip(names(), STYLES, strict=True):
            right = left + metrics.horizontalAdvance(name)
            painter.setPen(self._theme.colour("text3"))
            painter.drawText(QPointF(left, 20), name)
            draw_stroke(painter, QPointF(left, 25), right, stroke, self._theme.colour(token))
            left = right + _GAP
