"""One line of text that changes with every comment, without the page being laid out again."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from senti_studio.ui.fonts import font
from senti_studio.ui.theme import Theme


class PaintedText(QWidget):
    """As wide as its place, ``height`` px high, on an opaque ``ground``; elided at the right."""

    def __init__(
        self,
        theme: Theme,
        *,
        role: str = "ui",
        ink: str = "text",
        ground: str = "surface",
        height: int = 20,
        right: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = ""
        self._ink, self._ground = ink, ground
        self._font = font(role)
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        self._flags = side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        theme.changed.connect(self.update)

    def text(self) -> str:
        return self._text

    def setText(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(40, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._theme.colour(self._ground))
        if not self._text:
            return
        painter.setFont(self._font)
        painter.setPen(self._theme.colour(self._ink))
        text = self._text
        metrics = QFontMetrics(self._font)
        if metrics.horizontalAdvance(text) > self.width():
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(QRectF(self.rect()), self._flags, text)
