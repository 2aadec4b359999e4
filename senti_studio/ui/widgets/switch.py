"""A switch: on or off at once, with its words at the right."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QWidget

from senti_studio.ui.fonts import font
from senti_studio.ui.theme import Theme

_WIDE, _HIGH, _GAP = 28, 16, 8


class Switch(QCheckBox):
    """Track of 28 × 16 px; the knob's place tells on from off as well as the colour does."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFont(font("ui"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        words = QFontMetrics(self.font()).horizontalAdvance(self.text())
        return QSize(_WIDE + (_GAP + words + 4 if self.text() else 0), 32)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: object) -> bool:
        return self.isEnabled()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, on = self._theme, self.isChecked()
        track = QRectF(0.5, (self.height() - _HIGH) / 2 + 0.5, _WIDE - 1, _HIGH - 1)
        painter.setPen(QPen(theme.colour("accent" if on else "border-ctl"), 1))
        painter.setBrush(theme.colour("accent" if on else "sunken"))
        painter.drawRoundedRect(track, _HIGH / 2, _HIGH / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("on-accent" if on else "text3"))
        x = track.right() - _HIGH / 2 + 0.5 if on else track.left() + _HIGH / 2 - 0.5
        painter.drawEllipse(QPointF(x, self.height() / 2), 4.5, 4.5)
        painter.setFont(self.font())
        painter.setPen(theme.colour("text" if self.isEnabled() else "disabled"))
        words = QRectF(_WIDE + _GAP, 0, self.width() - _WIDE - _GAP, self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
