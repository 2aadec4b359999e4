"""The words that count most, each with a bar: to the right for the class, to the left against it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import tr
from senti_studio.ui.reasons.marks import AGAINST, FOR, LOOKED
from senti_studio.ui.theme import Theme

ROWS = 8
_HEIGHT = 20
_WORD, _NUMBER = 84, 52


def signed(weight: float, strongest: float) -> str:
    """A weight with so many decimals that the strongest of its company is not all noughts."""
    return f"{weight:+.{2 if strongest >= 0.095 else 3 if strongest >= 0.0095 else 4}f}"


class WordBars(QWidget):
    """At most `ROWS` words. Signs, sides and colours all say the same."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.words: tuple[tuple[str, float], ...] = ()
        self._are_shares = False
        self.setMinimumSize(220, ROWS * _HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(300, ROWS * _HEIGHT)

    def show_words(self, words: Sequence[tuple[str, float]], *, are_shares: bool = False) -> None:
        """Words with their weights, the strongest first; ``are_shares``: of attention, which is neither for
        nor against anything."""
        self.words = tuple(words[:ROWS])
        self._are_shares = are_shares
        self.setAccessibleName(
            tr("Words that are looked at most") if are_shares else tr("Words that count most")
        )
        self.setAccessibleDescription(
            ", ".join(f"{word} {self._number(weight)}" for word, weight in self.words)
        )
        self.update()

    def _number(self, weight: float) -> str:
        if self._are_shares:
            return f"{weight:.1%}"
        return signed(weight, max(abs(each) for _, each in self.words))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("small"))
        ahead = max((weight for _, weight in self.words), default=0.0)
        back = max((-weight for _, weight in self.words), default=0.0)
        both = max(ahead, 0.0) + max(back, 0.0) or 1.0
        room = max(40, self.width() - _WORD - _NUMBER - 16)
        middle = _WORD + 8 + room * max(back, 0.0) / both
        if self.words:
            painter.setPen(QPen(self._theme.colour("border-btn"), 1))
            painter.drawLine(round(middle), 0, round(middle), len(self.words) * _HEIGHT)
        for row, (word, weight) in enumerate(self.words):
            top = row * _HEIGHT
            painter.setPen(self._theme.colour("text"))
            shown = painter.fontMetrics().elidedText(word, Qt.TextElideMode.ElideRight, _WORD)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(QRectF(0, top, _WORD, _HEIGHT), flags, shown)
            painter.setPen(self._theme.colour("text2"))
            painter.drawText(
                QRectF(self.width() - _NUMBER, top, _NUMBER, _HEIGHT), flags, self._number(weight)
            )
            size = max(1.0, abs(weight) / both * (room - 4))
            painter.setPen(Qt.PenStyle.NoPen)
            token = LOOKED if self._are_shares else FOR if weight > 0 else AGAINST
            painter.setBrush(self._theme.colour(token))
            left = middle if weight > 0 else middle - size
            painter.drawRoundedRect(QRectF(left, top + 5, size, _HEIGHT - 10), 2, 2)
