"""The card with precision, recall and F1 of each class, drawn with their intervals."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from senti_studio.messages import joined
from senti_studio.ui import formats
from senti_studio.ui.fonts import font
from senti_studio.ui.icons import pixmap
from senti_studio.ui.models.class_figures import (
    F1,
    INTERVAL,
    NAME,
    PRECISION,
    RECALL,
    ROWS,
    ClassFigures,
    IntervalRole,
    LabelRole,
)
from senti_studio.ui.pages.evaluate.figure_table import set_up_figure_table
from senti_studio.ui.pages.evaluate.shown import EvaluationShown
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.marks import paint_mark
from senti_studio.ui.widgets.styles import text_label

Index = QModelIndex | QPersistentModelIndex

FEW_ROWS = 100
_WIDTHS = {ROWS: 70, PRECISION: 76, RECALL: 66, F1: 60, INTERVAL: 132}
_ROW_HEIGHT = 40


class FigureDelegate(QStyledItemDelegate):
    """Names with their marks, and the interval as a whisker with a dot."""

    def __init__(self, theme: Theme, model: ClassFigures, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(60, _ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(option.rect)
        is_mean = index.data(LabelRole) is None
        if not is_mean:
            painter.setPen(self._theme.colour("border"))
            painter.drawLine(rect.bottomLeft() - QPointF(0, 0.5), rect.bottomRight() - QPointF(0, 0.5))
        if index.column() == INTERVAL:
            self._paint_interval(painter, rect.adjusted(14, 0, -14, 0), index)
        else:
            self._paint_text(painter, rect, index, bold=is_mean and index.column() == NAME)
        painter.restore()

    def _paint_text(self, painter: QPainter, rect: QRectF, index: Index, *, bold: bool) -> None:
        box = rect.adjusted(8, 0, -8, 0)
        label = index.data(LabelRole)
        if index.column() == NAME:
            box.setLeft(16)
            if label is not None:
                mark = QRectF(16, rect.center().y() - 5, 10, 10)
                paint_mark(painter, mark, label.appearance, self._theme)
                box.setLeft(32)
        painter.setFont(font("ui", bold=bold or index.column() == F1))
        painter.setPen(self._theme.colour("text2" if index.column() == ROWS else "text"))
        words = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideMiddle, int(box.width())
        )
        painter.drawText(box, int(index.data(Qt.ItemDataRole.TextAlignmentRole)), words)

    def _paint_interval(self, painter: QPainter, box: QRectF, index: Index) -> None:
        low, value, high = index.data(IntervalRole)
        start = self._model.lowest
        middle = box.center().y()

        def place(number: float) -> float:
            return box.left() + 5 + (box.width() - 10) * (number - start) / (1 - start)

        label = index.data(LabelRole)
        colour: QColor = self._theme.colour("text2")
        if label is not None:
            colour = self._theme.label_colours(label.appearance).mark
        painter.setPen(QPen(self._theme.colour("grid"), 1))
        painter.drawLine(QPointF(box.left(), middle), QPointF(box.right(), middle))
        painter.setPen(QPen(colour, 2))
        painter.drawLine(QPointF(place(low), middle), QPointF(place(high), middle))
        for end in (low, high):
            painter.drawLine(QPointF(place(end), middle - 4), QPointF(place(end), middle + 4))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(place(value), middle), 4.5, 4.5)


class IntervalHeader(QHeaderView):
    """Draws the scale of the intervals into the header of their column."""

    def __init__(self, theme: Theme, model: ClassFigures, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self._figures = model

    def paintSection(self, painter: QPainter, rect: object, logicalIndex: int) -> None:
        super().paintSection(painter, rect, logicalIndex)  # type: ignore[arg-type]
        if logicalIndex != INTERVAL:
            return
        box = QRectF(rect).adjusted(14, 1, -14, -2)  # type: ignore[call-overload]
        painter.save()
        painter.fillRect(box.adjusted(-10, 0, 10, 0), self._theme.colour("surface2"))
        painter.setFont(font("small"))
        painter.setPen(self._theme.colour("text2"))
        start = self._figures.lowest
        sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
        for number, side in zip((start, (start + 1) / 2, 1.0), sides, strict=True):
            painter.drawText(box, int(side | Qt.AlignmentFlag.AlignVCenter), f"{number:.1f}")
        painter.restore()


class ClassCard(Card):
    """Table of classes, and one amber line with what stands out."""

    label_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._theme = theme
        self._shown: EvaluationShown | None = None
        self.model = ClassFigures(self)
        self.view = QTableView()
        self.view.setProperty("inset", "true")
        self.view.setModel(self.model)
        self.view.setItemDelegate(FigureDelegate(theme, self.model, self.view))
        self.view.setHorizontalHeader(IntervalHeader(theme, self.model, self.view))
        set_up_figure_table(self.view, row_height=_ROW_HEIGHT, widths=_WIDTHS, stretched=NAME)
        self.body.setContentsMargins(0, 0, 0, 12)
        self.body.addWidget(self.view, 1)
        self._strip = self._make_strip()
        self.body.addWidget(self._strip)

    def _make_strip(self) -> QFrame:
        strip = QFrame()
        strip.setProperty("card", "warn")
        row = QHBoxLayout(strip)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        self._picture = QLabel()
        self._words = text_label(wrap=True)
        self.to_label = button(theme=self._theme)
        self.to_label.set_dense()
        self.to_label.clicked.connect(self.label_wanted)
        row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._words, 1)
        row.addWidget(self.to_label)
        holder = QFrame()
        outer = QHBoxLayout(holder)
        outer.setContentsMargins(16, 8, 16, 0)
        outer.addWidget(strip)
        return holder

    def show_evaluation(self, shown: EvaluationShown | None) -> None:
        self._shown = shown
        self.model.show(shown)
        self._write()

    def _write(self) -> None:
        shown = self._shown
        words = self._warning(shown) if shown is not None else ""
        self._words.setText(words)
        self._strip.setVisible(bool(words))

    def _warning(self, shown: EvaluationShown) -> str:
        parts = []
        if shown.figures.rows < FEW_ROWS:
            parts.append(
                self.tr("Only {n} rows: the intervals are wide.").format(n=formats.number(shown.figures.rows))
            )
        scores = [each.f1 for each in shown.figures.per_label]
        if len(scores) > 1 and min(scores) < 0.9 and max(scores) - min(scores) > 0.03:
            weakest = shown.labels[scores.index(min(scores))]
            text = self.tr("{label} is weakest (F1 {f1}); more labels of it help most.")
            parts.append(text.format(label=weakest.name, f1=formats.score(min(scores))))
        return joined(*parts)

    def retranslate(self) -> None:
        self.set_title(self.tr("Each class"), self.tr("intervals are 95%"))
        self.view.setAccessibleName(self.tr("Each class"))
        self.to_label.setText(self.tr("Label comments"))
        self.model.retranslate()
        self._write()
        self.refresh_theme()

    def refresh_theme(self) -> None:
        self._picture.setPixmap(pixmap("alert", self._theme, token="warn", scale=self.devicePixelRatioF()))
        self.view.viewport().update()
