"""Choosing by length: bars of how many comments there are, and a handle at either end."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from senti_studio.ui.fonts import font
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import tr
from senti_studio.ui.theme import Theme

_BARS = 42
_TRACK = 50
_HANDLE = 6.0


class LengthFacet(QWidget):
    """`changed` when a handle was let go; lengths are chosen at the borders of the bars.

    Keys: ← → move the handle that was moved last, Tab leaves.
    """

    changed = Signal()

    def __init__(self, theme: Theme, buckets: Sequence[int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._borders = [0, *buckets]
        self._counts: Sequence[int] = ()
        self._longest = 0
        self._low, self._high = 0, len(buckets)
        self._held: int | None = None
        self._last = 0
        self.setFixedHeight(78)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(200, 78)

    def show_counts(self, counts: Sequence[int], longest: int) -> None:
        """How many comments there are in each of the buckets."""
        self._counts, self._longest = counts, longest
        self.update()

    def show_range(self, shortest: int | None, longest: int | None) -> None:
        """Puts the handles where they say so, at the nearest border."""
        self._low = 0 if shortest is None else self._nearest(shortest)
        self._high = len(self._borders) - 1 if longest is None else self._nearest(longest + 1)
        self._name()
        self.update()

    @property
    def shortest(self) -> int | None:
        return self._borders[self._low] if self._low else None

    @property
    def longest(self) -> int | None:
        """None: any."""
        return self._borders[self._high] - 1 if self._high < len(self._borders) - 1 else None

    def words(self) -> tuple[str, str]:
        """What stands below the two handles."""
        most = self._longest if self.longest is None else self.longest
        return tr("{n} characters").format(n=number(self.shortest or 0)), tr("{n} characters").format(
            n=number(most)
        )

    def _name(self) -> None:
        self.setAccessibleName(f"{tr('Length')} {' – '.join(self.words())}")

    def _nearest(self, length: int) -> int:
        return min(range(len(self._borders)), key=lambda place: abs(self._borders[place] - length))

    def _x(self, place: int) -> float:
        return _HANDLE + (self.width() - 2 * _HANDLE) * place / (len(self._borders) - 1)

    def _place_at(self, x: float) -> int:
        share = (x - _HANDLE) / max(1.0, self.width() - 2 * _HANDLE)
        return round(min(1.0, max(0.0, share)) * (len(self._borders) - 1))

    def _move(self, handle: int, place: int) -> None:
        if handle == 0:
            self._low = max(0, min(place, self._high - 1))
        else:
            self._high = min(len(self._borders) - 1, max(place, self._low + 1))
        self._last = handle
        self._name()
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        self._held = 0 if abs(x - self._x(self._low)) <= abs(x - self._x(self._high)) else 1
        self._move(self._held, self._place_at(x))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            self._move(self._held, self._place_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None
        self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        self._move(self._last, (self._low, self._high)[self._last] + step)
        self.changed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._theme
        most = max(self._counts, default=0)
        for place, count in enumerate(self._counts):
            height = 0.0 if not count else max(1.0, _BARS * count / most)
            inside = self._low <= place < self._high
            left, right = self._x(place), self._x(place + 1)
            painter.fillRect(
                QRectF(left + 0.5, 2 + _BARS - height, right - left - 1, height),
                theme.colour("accent-line" if inside else "border"),
            )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("border-ctl"), 2))
        painter.drawLine(QPointF(_HANDLE, _TRACK), QPointF(self.width() - _HANDLE, _TRACK))
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.drawLine(QPointF(self._x(self._low), _TRACK), QPointF(self._x(self._high), _TRACK))
        painter.setBrush(theme.colour("surface"))
        for handle, place in enumerate((self._low, self._high)):
            wide = 3 if self.hasFocus() and handle == self._last else 2
            painter.setPen(QPen(theme.colour("accent"), wide))
            painter.drawEllipse(QPointF(self._x(place), _TRACK), _HANDLE - 1, _HANDLE - 1)
        painter.setFont(font("small"))
        painter.setPen(theme.colour("text2"))
        low, high = self.words()
        room = QRectF(0, _TRACK + 8, self.width(), 20)
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, low)
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, high)
