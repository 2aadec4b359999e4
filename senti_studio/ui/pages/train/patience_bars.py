"""How many evaluations in a row brought nothing, of those that are allowed."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from senti_studio.ui.theme import Theme


class PatienceBars(QWidget):
    """One bar for each evaluation without gain that is allowed; filled ones are used up."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._used, self._total = 0, 0

    def set_used(self, used: int, total: int) -> None:
        self._used, self._total = used, total
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(188, 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bars = min(self._total, 10)
        if not bars:
            return
        used = round(self._used / self._total * bars) if self._total > bars else self._used
        width = min(44.0, (self.width() - (bars - 1) * 4) / bars)
        for index in range(bars):
            filled = index < used
            painter.setBrush(self._theme.colour("warn-fill" if filled else "sunken"))
            painter.setPen(self._theme.colour("warn-fill" if filled else "border-btn"))
            painter.drawRoundedRect(
                QRectF(
                    QPointF(index * (width + 4) + 0.5, 0.5), QPointF(index * (width + 4) + width - 0.5, 5.5)
                ),
                2.5,
                2.5,
            )
