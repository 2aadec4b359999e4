"""Rows per label as bars: shape, word, bar, number and share; a table for those who cannot see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from senti_studio.ui import formats
from senti_studio.ui.fonts import font
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.marks import paint_mark

_ROW = 32
_BAR = 12
_MARK = 12


@dataclass(frozen=True, slots=True)
class LabelBar:
    """One row; without an ``appearance`` (rows without a label) the bar is plain grey and has no shape."""

    name: str
    appearance: str
    count: int


class LabelBars(QWidget):
    """Shares are of all rows given together: a bar is as long as its per cent says."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: tuple[LabelBar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    @property
    def rows(self) -> tuple[LabelBar, ...]:
        """What is shown."""
        return self._rows

    def set_rows(self, rows: Sequence[LabelBar]) -> None:
        """Replaces all rows."""
        if tuple(rows) == self._rows:
            return
        changed_height = len(rows) != len(self._rows)
        self._rows = tuple(rows)
        total = sum(row.count for row in rows)
        words = [
            f"{row.name} {formats.number(row.count)} {formats.percent(_share(row.count, total))}"
            for row in rows
        ]
        self.setAccessibleName("；".join(words))
        if changed_height:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """One line per label."""
        return QSize(320, max(1, len(self._rows)) * self._row_height())

    def minimumSizeHint(self) -> QSize:
        """The bars may shrink, the words may not."""
        return QSize(220, self.sizeHint().height())

    def _row_height(self) -> int:
        return max(_ROW, self.fontMetrics().height() + 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        """All rows, columns aligned."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("ui", bold=True))
        bold = painter.fontMetrics()
        painter.setFont(font("ui"))
        metrics = painter.fontMetrics()
        total = sum(row.count for row in self._rows)
        name_width = min(140, max((metrics.horizontalAdvance(row.name) for row in self._rows), default=0)) + 2
        count_width = max((metrics.horizontalAdvance(formats.number(r.count)) for r in self._rows), default=0)
        share_width = bold.horizontalAdvance("100.0%")
        left = _MARK + 6 + name_width + 12
        right = self.width() - share_width - 12 - count_width - 12
        height = self._row_height()
        for number, row in enumerate(self._rows):
            top = number * height
            if row.appearance:
                mark = QRectF(0, top + (height - _MARK) / 2, _MARK, _MARK)
                paint_mark(painter, mark, row.appearance, self._theme)
            painter.setFont(font("ui"))
            painter.setPen(self._theme.colour("text"))
            name = metrics.elidedText(row.name, Qt.TextElideMode.ElideRight, name_width)
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(_MARK + 6, top, name_width + 8, height), middle, name)
            self._paint_bar(painter, row, QRectF(left, top, max(24, right - left), height), total)
            painter.setPen(self._theme.colour("text"))
            end = Qt.AlignmentFlag.AlignRight | middle
            box = QRectF(right + 12, top, count_width, height)
            painter.drawText(box, end, formats.number(row.count))
            painter.setFont(font("ui", bold=True))
            share = formats.percent(_share(row.count, total)) if total else formats.MISSING
            painter.drawText(QRectF(0, top, self.width(), height), end, share)

    def _paint_bar(self, painter: QPainter, row: LabelBar, place: QRectF, total: int) -> None:
        track = QRectF(place.left(), place.center().y() - _BAR / 2, place.width(), _BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("sunken"))
        painter.drawRoundedRect(track, 3, 3)
        if row.count and total:
            look = self._theme.label_colours(row.appearance).mark if row.appearance else None
            painter.setBrush(look or self._theme.colour("border-ctl"))
            track.setWidth(max(2.0, track.width() * row.count / total))
            painter.drawRoundedRect(track, 3, 3)


def _share(count: int, total: int) -> float | None:
    return count / total if total else None
