"""The list of predicted comments under the matrix."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from senti_studio.ui import formats
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import counted, marked
from senti_studio.ui.models.evaluated_rows import (
    CONFIDENCE,
    GO,
    NUMBER,
    PREDICTED,
    TEXT,
    TRUE,
    EvaluatedRows,
    LabelRole,
    RowRole,
)
from senti_studio.ui.pages.evaluate.shown import EvaluationShown, RowShown
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.chip import paint_chip
from senti_studio.ui.widgets.confusion import Cell
from senti_studio.ui.widgets.row_list import paint_row_ground, set_up_row_list
from senti_studio.ui.widgets.segmented import Segmented
from senti_studio.ui.widgets.styles import text_label

Index = QModelIndex | QPersistentModelIndex

ROW_HEIGHT = 46
_WIDTHS = {NUMBER: 72, TRUE: 112, PREDICTED: 112, CONFIDENCE: 104, GO: 120}


class RowDelegate(QStyledItemDelegate):
    """Two lines of text at most, labels as chips."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(60, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        paint_row_ground(painter, option, self._theme)
        box = QRectF(option.rect).adjusted(8, 0, -8, -1)
        column = index.column()
        if column in (TRUE, PREDICTED):
            paint_chip(painter, box, index.data(LabelRole), self._theme)
        elif column == TEXT:
            self._paint_comment(painter, box, str(index.data()))
        else:
            token = {NUMBER: "text3", GO: "accent-text"}.get(column, "text")
            painter.setFont(font("small" if column == NUMBER else "ui"))
            painter.setPen(self._theme.colour(token))
            painter.drawText(box, int(index.data(Qt.ItemDataRole.TextAlignmentRole)), str(index.data()))
        painter.restore()

    def _paint_comment(self, painter: QPainter, box: QRectF, text: str) -> None:
        painter.setFont(font("list"))
        painter.setPen(self._theme.colour("text"))
        metrics = painter.fontMetrics()
        width = int(box.width())
        if metrics.horizontalAdvance(text) <= width:
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
            return
        cut = _fitting(text, width, metrics.horizontalAdvance)
        second = metrics.elidedText(text[cut:], Qt.TextElideMode.ElideRight, width)
        half = box.height() / 2
        painter.drawText(
            QRectF(box.x(), box.y() + 2, box.width(), half), Qt.AlignmentFlag.AlignVCenter, text[:cut]
        )
        below = QRectF(box.x(), box.y() + half - 1, box.width(), half)
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, second)


def _fitting(text: str, width: int, advance: object) -> int:
    """How many characters fit into ``width`` pixels."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if advance(text[:middle]) <= width:  # type: ignore[operator]
            low = middle
        else:
            high = middle - 1
    return max(1, low)


class RowsView(QTableView):
    """Space shows the whole text, Enter goes to the comment."""

    whole_wanted = Signal(object)
    go_wanted = Signal(object)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if index.isValid() and event.key() == Qt.Key.Key_Space:
            self.whole_wanted.emit(index.data(RowRole))
        elif index.isValid() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.go_wanted.emit(index.data(RowRole))
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid() and index.column() == GO:
            self.go_wanted.emit(index.data(RowRole))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid():
            self.whole_wanted.emit(index.data(RowRole))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """An explanation that opens below takes room: what it explains stays in view."""
        super().resizeEvent(event)
        current = self.currentIndex()
        if current.isValid() and event.size().height() != event.oldSize().height():
            self.scrollTo(current)


class RowsCard(Card):
    """`cell_cleared` when the filter chip is taken away."""

    cell_cleared = Signal()
    whole_wanted = Signal(object)
    go_wanted = Signal(object)
    row_chosen = Signal(object)
    """The `RowShown` that is chosen, None for none."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._theme = theme
        self._shown: EvaluationShown | None = None
        self._cell: Cell | None = None
        self.which = Segmented(("", ""), theme=theme)
        self.which.changed.connect(self._filter)
        self.filter = button(theme=theme, icon="x")
        self.filter.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.filter.set_dense()
        self.filter.clicked.connect(self.cell_cleared)
        self.header.insertWidget(1, self.which)
        self.header.insertWidget(2, self.filter)
        self.hint = text_label(role="hint", size="small")
        self.header.addWidget(self.hint)
        self.model = EvaluatedRows(self)
        self.view = RowsView()
        self._set_up_view()
        self._none = text_label(role="second", wrap=True)
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.addWidget(self.view, 1)
        self.body.addWidget(self._none, 1)
        self.model.modelReset.connect(self._count)
        self.model.modelReset.connect(self._choose_none)
        self.view.selectionModel().currentRowChanged.connect(self._choose)

    def _set_up_view(self) -> None:
        view = self.view
        view.setObjectName("rows")
        view.setModel(self.model)
        view.setItemDelegate(RowDelegate(self._theme, view))
        set_up_row_list(view, row_height=ROW_HEIGHT)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        head = view.horizontalHeader()
        for column, width in _WIDTHS.items():
            head.resizeSection(column, width)
        head.setSectionResizeMode(TEXT, QHeaderView.ResizeMode.Stretch)
        head.setSortIndicator(CONFIDENCE, Qt.SortOrder.DescendingOrder)
        view.setSortingEnabled(True)
        view.whole_wanted.connect(self.whole_wanted)
        view.go_wanted.connect(self.go_wanted)

    def show_evaluation(self, shown: EvaluationShown | None) -> None:
        """All rows of an evaluation, the wrong ones first in view."""
        self._shown = shown
        self._cell = None
        rows = shown.rows if shown is not None else ()
        self.model.show(rows, shown.labels if shown is not None else ())
        self._write_counts()
        self._filter()

    def show_cell(self, cell: Cell | None) -> None:
        """Only the rows of a cell of the matrix; None takes the filter away."""
        self._cell = cell
        self._filter()

    @Slot()
    def _filter(self) -> None:
        cell, wrong_only = self._cell, self.which.index == 0

        def keep(each: RowShown) -> bool:
            if cell is not None:
                return (each.row.label, each.row.predicted) == cell
            return not (wrong_only and each.is_right)

        self.model.keep(keep)
        self.which.setEnabled(cell is None)
        self.filter.setVisible(cell is not None)
        if cell is not None and self._shown is not None:
            true, predicted = (self._shown.labels[place] for place in cell)
            words = counted(
                len(self.model.rows),
                marked("True {true_mark} {true} → predicted {predicted_mark} {predicted} · 1 row"),
                marked("True {true_mark} {true} → predicted {predicted_mark} {predicted} · {n} rows"),
            )
            self.filter.setText(
                words.format(
                    true_mark=true.shape,
                    true=true.name,
                    predicted_mark=predicted.shape,
                    predicted=predicted.name,
                    n=formats.number(len(self.model.rows)),
                )
            )
            self.filter.setToolTip(self.tr("Show all rows again"))

    def show_below(self, widget: QWidget) -> None:
        """Puts a widget under the list."""
        self.body.addWidget(widget)

    @Slot(QModelIndex, QModelIndex)
    def _choose(self, current: QModelIndex, _previous: QModelIndex) -> None:
        self.row_chosen.emit(current.data(RowRole) if current.isValid() else None)

    @Slot()
    def _choose_none(self) -> None:
        self.row_chosen.emit(None)

    @Slot()
    def _count(self) -> None:
        empty = not self.model.rows
        self._none.setVisible(empty)
        self.view.setVisible(not empty)

    def _write_counts(self) -> None:
        rows = self._shown.rows if self._shown is not None else ()
        wrong = sum(not each.is_right for each in rows)
        self.which.set_texts(
            (
                self.tr("Mistakes {n}").format(n=formats.number(wrong)),
                self.tr("All {n}").format(n=formats.number(len(rows))),
            )
        )

    def retranslate(self) -> None:
        self.set_title(self.tr("Comments"))
        self.view.setAccessibleName(self.tr("Comments"))
        self.hint.setText(self.tr("Space: whole text · Enter: go to the comment"))
        self._none.setText(self.tr("No rows here."))
        self.model.retranslate()
        self._write_counts()
        self._filter()
