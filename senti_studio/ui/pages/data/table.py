"""The comment table: fixed row height, keys for selecting and labelling, rows read as they come into view."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QEvent, QModelIndex, QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from senti_studio.domain.comments import Order, Sorting, SortKey
from senti_studio.ui.key_names import character_of
from senti_studio.ui.models.comment_table import Column, CommentTable
from senti_studio.ui.pages.data.delegate import CommentDelegate, paint_checkbox
from senti_studio.ui.theme import Theme

WIDTHS = {
    Column.CHECK: 44,
    Column.ROW: 92,
    Column.LABEL: 104,
    Column.PREDICTION: 124,
    Column.SOURCE: 124,
    Column.LENGTH: 76,
    Column.COPIES: 76,
    Column.TIME: 128,
}
ORIGINAL_WIDTH = 120
NARROWEST_TEXT = 240
SORTS = {
    Column.ROW: SortKey.ROW,
    Column.TEXT: SortKey.TEXT,
    Column.LABEL: SortKey.LABEL,
    Column.PREDICTION: SortKey.PREDICTION,
    Column.SOURCE: SortKey.SOURCE,
    Column.LENGTH: SortKey.LENGTH,
    Column.COPIES: SortKey.DUPLICATES,
    Column.TIME: SortKey.TIME,
}
_BIG_FIRST = (SortKey.DUPLICATES, SortKey.TIME, SortKey.PREDICTION)
_AS_SORTING = {
    Order.FILE: Sorting(SortKey.ROW),
    Order.LENGTH: Sorting(SortKey.LENGTH),
    Order.NEWEST_LABEL: Sorting(SortKey.TIME, descending=True),
}


class CheckHeader(QHeaderView):
    """Its first section is a checkbox for all rows: a tick, a dash for some, or empty."""

    all_wanted = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self.check = Qt.CheckState.Unchecked
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setFixedHeight(32)

    def set_check(self, state: Qt.CheckState) -> None:
        if state != self.check:
            self.check = state
            self.viewport().update()

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        super().paintSection(painter, rect, logicalIndex)
        if logicalIndex == Column.CHECK:
            paint_checkbox(painter, QRectF(rect), self.check, self._theme)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.logicalIndexAt(event.position().toPoint()) == Column.CHECK:
            self.all_wanted.emit(self.check != Qt.CheckState.Checked)
            return
        super().mouseReleaseEvent(event)


class CommentTableView(QTableView):
    """Digits, Del, Space, / and Esc are sent on; arrows, Page keys, Shift and Ctrl select as in any table."""

    label_wanted = Signal(int)
    """Place of the label."""
    clear_wanted = Signal()
    preview_wanted = Signal()
    search_wanted = Signal()
    leave_wanted = Signal()
    all_wanted = Signal()
    go_wanted = Signal()
    sort_wanted = Signal(object)
    copies_wanted = Signal(int)
    """Row whose number of copies was clicked."""

    def __init__(
        self, model: CommentTable, delegate: CommentDelegate, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(delegate)
        self._delegate = delegate
        self._theme = theme
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(delegate.row_height)
        self.columns = CheckHeader(theme, self)
        self.setHorizontalHeader(self.columns)
        self.columns.setMinimumSectionSize(44)
        self.columns.setSectionResizeMode(Column.CHECK, QHeaderView.ResizeMode.Fixed)
        for column, width in WIDTHS.items():
            self.columns.resizeSection(column, width)
        self._order = Sorting(SortKey.ROW)
        self._fitting = False
        self.columns.sectionResized.connect(self._fit_text)
        self.columns.setSortIndicatorShown(True)
        self.columns.setSortIndicator(Column.ROW, Qt.SortOrder.AscendingOrder)
        self.columns.sectionClicked.connect(self._sort)
        self.entered.connect(self._hover)

    @property
    def table(self) -> CommentTable:
        model = self.model()
        assert isinstance(model, CommentTable)
        return model

    def top_row(self) -> int:
        """The first row in view; -1 in an empty table."""
        return self.rowAt(0)

    def go_to_row(self, row: int, *, choose: bool = True) -> None:
        """Brings a row into the middle and makes it the current one."""
        index = self.table.index(max(0, min(row, self.table.rowCount() - 1)), Column.TEXT)
        if choose:
            self.setCurrentIndex(index)
        self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def show_order(self, order: Order | Sorting) -> None:
        """Puts the sort arrow where it belongs."""
        sorting = order if isinstance(order, Sorting) else _AS_SORTING.get(order, Sorting(SortKey.ROW))
        self._order = sorting
        section = next((each for each, key in SORTS.items() if key is sorting.key), -1)
        if sorting.key is SortKey.COLUMN and sorting.column in self.table.extra:
            section = len(Column) + self.table.extra.index(sorting.column)
        down = Qt.SortOrder.DescendingOrder if sorting.descending else Qt.SortOrder.AscendingOrder
        self.columns.setSortIndicator(section, down)

    def show_columns(self, hidden: Collection[Column], extra: tuple[str, ...]) -> None:
        """Which of our columns are not shown, and which original ones are."""
        self.table.show_columns(extra)
        for column in Column:
            self.setColumnHidden(column, column in hidden)
        for place in range(len(extra)):
            self.columns.resizeSection(len(Column) + place, ORIGINAL_WIDTH)
        self.show_order(self._order)
        self._fit_text()

    @Slot()
    def _fit_text(self) -> None:
        """The comment takes the room that the other columns leave."""
        if self._fitting:
            return
        self._fitting = True
        others = sum(
            self.columnWidth(section)
            for section in range(self.table.columnCount())
            if section != Column.TEXT and not self.isColumnHidden(section)
        )
        self.setColumnWidth(Column.TEXT, max(NARROWEST_TEXT, self.viewport().width() - others))
        self._fitting = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_text()

    # ---- mouse ---------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.column() == Column.CHECK and not event.modifiers():
            # a checkbox adds and takes away; elsewhere a click chooses that row alone
            flags = self.selectionModel().SelectionFlag
            self.selectionModel().select(index, flags.Toggle | flags.Rows)
            self.selectionModel().setCurrentIndex(index, flags.NoUpdate)
            return
        if index.isValid() and index.column() == Column.COPIES and not event.modifiers():
            comment = self.table.comment_at(index.row())
            if comment is not None and comment.copies > 1:
                self.copies_wanted.emit(index.row())
                return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.column() != Column.CHECK:
            self.preview_wanted.emit()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(QModelIndex())
        super().leaveEvent(event)

    @Slot(QModelIndex)
    def _hover(self, index: QModelIndex) -> None:
        row = index.row() if index.isValid() else -1
        before, self._delegate.hovered = self._delegate.hovered, row
        for each in {before, row} - {-1}:
            top = self.rowViewportPosition(each)
            self.viewport().update(0, top, self.viewport().width(), self.rowHeight(each))

    def showEvent(self, event: QShowEvent) -> None:
        # after the style sheet took it away: an opaque table scrolls by moving pixels
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        super().showEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Whole rows at a time; see `CommentDelegate`."""
        dirty, model, chosen = event.rect(), self.table, self.selectionModel()
        painter = QPainter(self.viewport())
        painter.fillRect(dirty, self._theme.colour("surface"))
        first, last = self.rowAt(max(0, dirty.top())), self.rowAt(dirty.bottom())
        last = model.rowCount() - 1 if last < 0 else last
        columns = [
            (column, float(self.columnViewportPosition(column)), float(self.columnWidth(column)))
            for column in range(model.columnCount())
            if not self.isColumnHidden(column)
        ]
        columns = [each for each in columns if each[1] <= dirty.right() and each[1] + each[2] >= dirty.left()]
        width, height = max(self.viewport().width(), self.columns.length()), self.rowHeight(0)
        top = self.rowViewportPosition(first) if first >= 0 else 0
        for row in range(first, last + 1) if first >= 0 else ():
            rect = QRectF(min(0, -self.columns.offset()), top, width, height)
            self._delegate.paint_row(
                painter,
                row,
                rect,
                columns,
                model.comment_at(row),
                chosen=chosen.isSelected(model.index(row, 0)),
            )
            top += height
        painter.end()

    @Slot(int)
    def _sort(self, section: int) -> None:
        if section >= len(Column):
            key, column = SortKey.COLUMN, self.table.extra[section - len(Column)]
        elif Column(section) in SORTS:
            key, column = SORTS[Column(section)], ""
        else:
            return
        same = self._order.key is key and self._order.column == column
        down = not self._order.descending if same else key in _BIG_FIRST
        self.sort_wanted.emit(Sorting(key, column, down))

    # ---- keys ----------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain == Qt.KeyboardModifier.NoModifier and self._plain_key(event):
            return
        shift = plain == Qt.KeyboardModifier.ShiftModifier
        if shift and character_of(event).isdigit() and character_of(event) != "0":
            self.label_wanted.emit(int(character_of(event)) + 8)
        elif plain == Qt.KeyboardModifier.ControlModifier and event.key() == Qt.Key.Key_G:
            self.go_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.all_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _plain_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        send = (
            {
                Qt.Key.Key_Space: self.preview_wanted,
                Qt.Key.Key_Slash: self.search_wanted,
                Qt.Key.Key_division: self.search_wanted,
                Qt.Key.Key_Delete: self.clear_wanted,
                Qt.Key.Key_Escape: self.leave_wanted,
            }.get(Qt.Key(key))
            if key in Qt.Key._value2member_map_
            else None
        )
        if send is not None:
            send.emit()
            return True
        character = character_of(event)
        if character and character in "123456789":
            self.label_wanted.emit(int(character) - 1)
            return True
        return bool(character)  # a letter would start Qt's own search through a million rows

    def keyboardSearch(self, search: str) -> None:
        """Nothing: `search_wanted` is the way to search."""
