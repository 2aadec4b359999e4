"""The class balance of the project: one bar, then shape, word, number and share of every label."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from senti_studio.domain.comments import CommentCounts
from senti_studio.domain.labels import Label
from senti_studio.ui.fonts import font
from senti_studio.ui.formats import number, percent
from senti_studio.ui.i18n import counted, marked, tr
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.marks import paint_mark

_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_GAP = 20


class BalanceBar(QWidget):
    """52 px high, as wide as its place; words that do not fit give way to the bar, rarest label last."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._parts: list[tuple[Label, int]] = []
        self._total = 0
        self.setFixedHeight(52)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._drawn = QPixmap()
        theme.changed.connect(self._redraw)

    def sizeHint(self) -> QSize:
        return QSize(600, 52)

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 52)

    def show_counts(self, counts: CommentCounts | None, labels: Sequence[Label]) -> None:
        by_label = counts.by_label if counts else {}
        self._parts = [(label, by_label.get(label.id, 0)) for label in labels]
        self._total = sum(count for _, count in self._parts)
        self.setAccessibleName(tr("Labelled") + "：" + "，".join(self._words(*part) for part in self._parts))
        self.setToolTip(
            "\n".join(f"{label.shape} {self._words(label, count)}" for label, count in self._parts)
        )
        self._redraw()

    def _words(self, label: Label, count: int) -> str:
        return f"{label.name} {number(count)} · {percent(count / self._total if self._total else None)}"

    def paintEvent(self, event: QPaintEvent) -> None:
        """Drawn once, stamped from then on: its neighbour moves all the time while a search runs."""
        scale = self.devicePixelRatioF()
        if self._drawn.size() != self.size() * scale:
            self._drawn = QPixmap(self.size() * scale)
            self._drawn.setDevicePixelRatio(scale)
            self._drawn.fill(Qt.GlobalColor.transparent)
            inner = QPainter(self._drawn)
            self._draw(inner)
            inner.end()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._drawn)

    @Slot()
    def _redraw(self) -> None:
        self._drawn = QPixmap()
        self.update()

    def _draw(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        small, bold = font("small"), font("ui", bold=True)
        rows = counted(self._total, marked("1 row"), marked("{n} rows")).format(n=number(self._total))
        head = max(
            QFontMetrics(small).horizontalAdvance(tr("Labelled")), QFontMetrics(bold).horizontalAdvance(rows)
        )
        painter.setFont(small)
        painter.setPen(theme.colour("text2"))
        painter.drawText(QRectF(16, 8, head + 2, 18), _LEFT, tr("Labelled"))
        painter.setFont(bold)
        painter.setPen(theme.colour("text"))
        painter.drawText(QRectF(16, 26, head + 2, 20), _LEFT, rows)
        left = 16 + head + 20
        words_width = self._paint_words(painter, left)
        self._paint_bar(painter, QRectF(left, 16, self.width() - left - 16 - words_width, 20))

    def _paint_words(self, painter: QPainter, left: float) -> float:
        """Draws the words at the right end and returns their width, margins included."""
        face = font("ui")
        metrics = QFontMetrics(face)
        widths = [metrics.horizontalAdvance(self._words(*part)) + 16 + _GAP for part in self._parts]
        room = self.width() - left - 16 - 120
        while widths and sum(widths) > room:
            widths.pop()
        x = self.width() - 16.0 - sum(widths) + _GAP
        painter.setFont(face)
        for (label, count), width in zip(self._parts, widths, strict=False):
            paint_mark(painter, QRectF(x, 21, 10, 10), label.appearance, self._theme)
            painter.setPen(self._theme.colour("text"))
            painter.drawText(QRectF(x + 16, 0, width, 52), _LEFT, self._words(label, count))
            x += width
        return sum(widths)

    def _paint_bar(self, painter: QPainter, rect: QRectF) -> None:
        clip = QPainterPath()
        clip.addRoundedRect(rect, 4, 4)
        painter.save()
        painter.setClipPath(clip)
        painter.fillRect(rect, self._theme.colour("sunken"))
        x = rect.left()
        for label, count in self._parts:
            width = rect.width() * count / self._total if self._total else 0.0
            painter.fillRect(
                QRectF(x, rect.top(), width, rect.height()), self._theme.label_colours(label.appearance).mark
            )
            x += width
            if count and x < rect.right() - 1:
                painter.fillRect(QRectF(x - 0.5, rect.top(), 1, rect.height()), self._theme.colour("surface"))
        painter.restore()
