"""The header of a folded group of options."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from senti_studio.ui.fonts import font
from senti_studio.ui.icons import pixmap
from senti_studio.ui.theme import Theme


class GroupHeader(QAbstractButton):
    """A row that folds its group: arrow, title, and what is set at the right."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.summary = ""
        self.setCheckable(True)
        self.setFixedHeight(43)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse():
            painter.fillRect(self.rect().adjusted(1, 1, -1, 0), self._theme.colour("hover"))
        arrow = "down" if self.isChecked() else "right"
        ratio = self.devicePixelRatioF()
        painter.drawPixmap(
            12, (self.height() - 14) // 2, pixmap(arrow, self._theme, token="text3", size=14, scale=ratio)
        )
        painter.setFont(font("ui"))
        painter.setPen(self._theme.colour("text"))
        box = self.rect().adjusted(36, 0, -12, 0)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self.text())
        used = painter.fontMetrics().horizontalAdvance(self.text())
        painter.setFont(font("small"))
        painter.setPen(self._theme.colour("text3"))
        room = box.adjusted(used + 12, 0, 0, 0)
        words = painter.fontMetrics().elidedText(self.summary, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, words)
        if self.hasFocus():
            painter.setPen(self._theme.colour("accent"))
            painter.drawRoundedRect(self.rect().adjusted(3, 3, -4, -4), 6, 6)
