"""A label that gives way: what has no room is elided, and the whole text is the tip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from senti_studio.ui.fonts import font

LEAST = 40


class ElidedLabel(QLabel):
    """One line of plain text, elided at the right where it is longer than the label is wide."""

    def __init__(self, *, role: str = "", size: str = "ui", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.whole = ""
        self.setFont(font(size))
        self.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            self.setProperty("role", role)

    def set_text(self, text: str) -> None:
        """Shows as much of ``text`` as there is room for."""
        if text != self.whole:
            self.whole = text
            self.setAccessibleName(text)
            self.updateGeometry()
            self._fit()

    def sizeHint(self) -> QSize:
        wide = self.fontMetrics().horizontalAdvance(self.whole) + 2
        return QSize(wide, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(min(LEAST, self.sizeHint().width()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        line = " ".join(self.whole.split())
        shown = self.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, self.width())
        if shown != self.text():
            self.setText(shown)
        self.setToolTip(self.whole if shown != self.whole else "")
