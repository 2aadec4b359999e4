"""How many comments have each label so far: a bar, a number and a share for every label."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from senti_studio.domain.comments import CommentCounts
from senti_studio.domain.labels import Label
from senti_studio.ui.fonts import font
from senti_studio.ui.formats import number, percent
from senti_studio.ui.i18n import tr
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.marks import paint_mark
from senti_studio.ui.widgets.scrolled import scrolled

ROW, LOWEST_ROW = 28, 22
EDGES = 54
"""Title, margins and frame of the card."""


class ShareBars(QWidget):
    """One row a label."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._theme = theme
        self.rows: list[tuple[Label, int]] = []
        theme.changed.connect(self.update)

    def show_counts(self, rows: list[tuple[Label, int]]) -> None:
        if rows != self.rows:
            self.rows = rows
            self.setMinimumHeight(LOWEST_ROW * len(rows))
            self.updateGeometry()
            self.setAccessibleName("，".join(f"{label.name} {number(count)}" for label, count in rows))
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, ROW * len(self.rows))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._theme.colour("surface"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        total = sum(count for _, count in self.rows)
        ui = QFontMetrics(font("ui"))
        names = min(120, max((ui.horizontalAdvance(label.name) for label, _ in self.rows), default=0))
        numbers = ui.horizontalAdvance("1,000,000")
        for place in range(len(self.rows)):
            self._paint_row(painter, place, total=total, names=names, numbers=numbers)

    def _paint_row(self, painter: QPainter, place: int, *, total: int, names: int, numbers: int) -> None:
        label, count = self.rows[place]
        row = max(LOWEST_ROW, min(ROW, self.height() // len(self.rows)))
        top = place * row
        theme, middle = self._theme, top + row / 2
        paint_mark(painter, QRectF(0, middle - 5, 10, 10), label.appearance, theme)
        painter.setFont(font("ui"))
        painter.setPen(theme.colour("text"))
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        cut = QFontMetrics(font("ui")).elidedText(label.name, Qt.TextElideMode.ElideRight, names)
        painter.drawText(QRectF(18, top, names, row), left, cut)
        share = percent(count / total if total else None)
        painter.setPen(theme.colour("text3"))
        painter.drawText(QRectF(self.width() - 52, top, 52, row), right, share)
        painter.setPen(theme.colour("text2"))
        painter.drawText(QRectF(self.width() - 60 - numbers, top, numbers, row), right, number(count))
        bar = QRectF(18 + names + 12, middle - 4, self.width() - 60 - numbers - 12 - (18 + names + 12), 8)
        if bar.width() < 24:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("sunken"))
        painter.drawRoundedRect(bar, 4, 4)
        if count:
            painter.setBrush(theme.label_colours(label.appearance).mark)
            filled = QRectF(bar.left(), bar.top(), max(8.0, bar.width() * count / total), bar.height())
            painter.drawRoundedRect(filled, 4, 4)


class SharesCard(Card):
    """The labels of the project and how many comments have each."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._total = 0
        self.bars = ShareBars(theme)
        self.body.addWidget(scrolled(self.bars, focusable=False))
        self.body.setContentsMargins(16, 4, 16, 6)
        self.retranslate()

    @property
    def height_needed(self) -> int:
        """Pixels with which no label is hidden (of more than four: three and a half)."""
        rows = len(self.bars.rows)
        return EDGES + int(LOWEST_ROW * (rows if rows <= 4 else 3.5))

    def minimumSizeHint(self) -> QSize:
        """None: it is hidden where there is no room for it, and must not push the labels away."""
        return QSize(super().minimumSizeHint().width(), 0)

    def retranslate(self) -> None:
        self.set_title(tr("Labelled so far"), number(self._total))

    def show_counts(self, counts: CommentCounts | None, labels: Sequence[Label]) -> None:
        self._total = counts.labelled if counts else 0
        by_label = counts.by_label if counts else {}
        self.bars.show_counts([(label, by_label.get(label.id, 0)) for label in labels])
        self.subtitle_label.setText(number(self._total))
