"""A key as it is drawn on a keyboard: 20 px high, radius 4."""

from __future__ import annotations

import sys

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from senti_studio.ui.fonts import font
from senti_studio.ui.theme import Theme

HEIGHT = 20


def key_text(key: str) -> str:
    """``Ctrl+N`` as it is shown: ``Ctrl N``; on macOS with its own signs."""
    if sys.platform == "darwin":
        for name, sign in (("Ctrl+", "⌘"), ("Shift+", "⇧"), ("Alt+", "⌥")):
            key = key.replace(name, sign)
    for name, sign in (("Left", "←"), ("Right", "→"), ("Up", "↑"), ("Down", "↓"), ("Return", "Enter")):
        key = key.replace(name, sign)
    return key if key == "+" else key.replace("+", " ")


def keycap_width(text: str) -> int:
    """Width in pixels that `paint_keycap` needs."""
    return max(HEIGHT, QFontMetrics(font("small")).horizontalAdvance(text) + 12)


def paint_keycap(
    painter: QPainter,
    rect: QRectF,
    text: str,
    theme: Theme,
    *,
    ground: str = "surface2",
    ink: str = "text2",
    border: str = "border-ctl",
) -> None:
    """Draws ``text`` as a key into ``rect``; ``ground`` may be empty for a transparent key."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour(border), 1))
    painter.setBrush(theme.colour(ground) if ground else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    painter.setFont(font("small"))
    painter.setPen(theme.colour(ink))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


class KeyCap(QWidget):
    """Shows a key such as ``Ctrl+Z``."""

    def __init__(self, text: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = key_text(text)
        self.setFixedSize(self.sizeHint())
        self.setAccessibleName(self._text)
        theme.changed.connect(self.update)

    def set_text(self, text: str) -> None:
        self._text = key_text(text)
        self.setAccessibleName(self._text)
        self.setFixedSize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(keycap_width(self._text), HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_keycap(painter, QRectF(self.rect()), self._text, self._theme)
