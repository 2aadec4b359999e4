"""The four steps in the page header: done ones with a check, the present one filled."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from senti_studio.ui.fonts import font
from senti_studio.ui.theme import Theme

_BALL = 24
_GAP = 8
_LINE = 40
_SHORT_LINE = 12
_SIDE = 12


class Stepper(QWidget):
    """Painted; its accessible name says "step 2 of 4" in words."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._names: tuple[str, ...] = ()
        self._current = 0
        self._finished = False
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def set_names(self, names: Sequence[str]) -> None:
        """The words of the steps."""
        self._names = tuple(names)
        self._say()
        self.updateGeometry()
        self.update()

    def set_current(self, index: int, *, finished: bool = False) -> None:
        """The step in view, from 0; ``finished`` gives the last one its check, too."""
        self._current, self._finished = index, finished
        self._say()
        self.update()

    def _say(self) -> None:
        if self._names:
            position = f"{self._current + 1} / {len(self._names)}"
            self.setAccessibleName(f"{position} {self._names[self._current]}")

    def _line_width(self) -> int:
        return _LINE if self.width() >= self._full_width(_LINE) else _SHORT_LINE

    def _shows_all(self) -> bool:
        return self.width() >= self._full_width(_SHORT_LINE)

    def _full_width(self, line: int) -> int:
        metrics = QFontMetrics(font("ui", bold=True))  # as the present step is written
        words = sum(metrics.horizontalAdvance(name) + 4 for name in self._names)
        count = len(self._names)
        return words + count * (_BALL + _GAP) + max(0, count - 1) * (line + 2 * _SIDE) + 2

    def sizeHint(self) -> QSize:
        """All words and lines in full."""
        return QSize(self._full_width(_LINE), 32)

    def minimumSizeHint(self) -> QSize:
        """Short lines, and the word of the present step alone."""
        metrics = QFontMetrics(font("ui", bold=True))  # as the present step is written
        longest = max((metrics.horizontalAdvance(name) for name in self._names), default=0)
        count = len(self._names)
        return QSize(longest + 12 + count * (_BALL + _GAP) + (count - 1) * (_SHORT_LINE + 2 * _SIDE), 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Balls, words and the lines between them."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, middle, line = 1.0, self.height() / 2, self._line_width()
        for index, name in enumerate(self._names):
            done = index < self._current or (self._finished and index == self._current)
            present = index == self._current and not done
            self._paint_ball(painter, QRectF(left, middle - _BALL / 2, _BALL, _BALL), index, done, present)
            left += _BALL + _GAP
            if index != self._current and not self._shows_all():
                name = ""
            painter.setFont(font("ui", bold=present))
            painter.setPen(self._theme.colour("text" if present else "text2" if done else "text3"))
            width = painter.fontMetrics().horizontalAdvance(name) + 4 if name else 0
            painter.drawText(QRectF(left, 0, width, self.height()), Qt.AlignmentFlag.AlignVCenter, name)
            left += width + _SIDE
            if index < len(self._names) - 1:
                painter.setPen(QPen(self._theme.colour("border-btn"), 1))
                painter.drawLine(QPointF(left, middle), QPointF(left + line, middle))
                left += line + _SIDE

    def _paint_ball(self, painter: QPainter, box: QRectF, index: int, done: bool, present: bool) -> None:
        theme = self._theme
        if done or present:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent" if present else "accent-soft"))
            painter.drawEllipse(box)
        else:
            painter.setPen(QPen(theme.colour("border-ctl"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(box.adjusted(0.5, 0.5, -0.5, -0.5))
        if done:
            painter.setPen(QPen(theme.colour("accent-text"), 1.8, c=Qt.PenCapStyle.RoundCap))
            x, y = box.center().x(), box.center().y()
            painter.drawPolyline([QPointF(x - 5, y), QPointF(x - 1.5, y + 3.5), QPointF(x + 5, y - 3.5)])
            return
        painter.setFont(font("small", bold=present))
        painter.setPen(theme.colour("on-accent" if present else "text3"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(index + 1))
