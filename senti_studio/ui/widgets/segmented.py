"""A row of joined buttons of which exactly one is down."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from senti_studio.ui.fonts import font
from senti_studio.ui.theme import Theme

HEIGHT = 28


class Segmented(QWidget):
    """Choices side by side; `changed` carries the index that the user chose. ← → move with the keyboard."""

    changed = Signal(int)

    def __init__(self, texts: Sequence[str] = (), *, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._texts = list(texts)
        self.index = 0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        theme.changed.connect(self.update)
        self._fit()

    def set_texts(self, texts: Sequence[str]) -> None:
        self._texts = list(texts)
        self._fit()

    def set_index(self, index: int) -> None:
        """Chooses without sending `changed`."""
        self.index = index
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(sum(self._widths()) + 2, HEIGHT)

    def _widths(self) -> list[int]:
        metrics = QFontMetrics(font("small", bold=True))
        return [metrics.horizontalAdvance(text) + 20 for text in self._texts]

    def _fit(self) -> None:
        self.setFixedSize(self.sizeHint())
        if 0 <= self.index < len(self._texts):
            self.setAccessibleName(self._texts[self.index])
        self.update()

    def _choose(self, index: int) -> None:
        if 0 <= index < len(self._texts) and index != self.index:
            self.set_index(index)
            self.changed.emit(index)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        x = 1.0
        for index, width in enumerate(self._widths()):
            if x <= event.position().x() < x + width:
                self._choose(index)
            x += width

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._choose(self.index + step)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        outline = QPainterPath()
        outline.addRoundedRect(frame, 6, 6)
        painter.fillPath(outline, self._theme.colour("surface"))
        painter.setClipPath(outline)
        x = 1.0
        for index, width in enumerate(self._widths()):
            self._paint_one(painter, QRectF(x, 0, width, self.height()), index)
            x += width
        painter.setClipping(False)
        painter.setPen(QPen(self._theme.colour("border-btn"), 1))
        painter.drawPath(outline)

    def _paint_one(self, painter: QPainter, rect: QRectF, index: int) -> None:
        chosen = index == self.index
        if chosen:
            painter.fillRect(rect, self._theme.colour("accent-soft"))
        token = "accent-text" if chosen else "text2"
        painter.setPen(self._theme.colour(token if self.isEnabled() else "disabled"))
        painter.setFont(font("small", bold=chosen))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._texts[index])
        if index:
            painter.setPen(QPen(self._theme.colour("border-btn"), 1))
            x = round(rect.left()) + 0.5
            painter.drawLine(QPointF(x, 0), QPointF(x, rect.height()))
