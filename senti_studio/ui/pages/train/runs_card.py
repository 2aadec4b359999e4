"""The card with the table of runs: choose one to look at, tick some to lay their curves over it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from senti_studio.ui.fonts import font
from senti_studio.ui.models.run_table import (
    ACCURACY,
    ACTION,
    EPOCHS,
    LOSS,
    MACRO_F1,
    MEMORY,
    NAME,
    SECONDS,
    STARTED,
    STATE,
    TICK,
    RowRole,
    RunRow,
    RunTable,
)
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.chip import paint_state_chip, state_chip_width
from senti_studio.ui.widgets.row_list import paint_row_ground, set_up_row_list
from senti_studio.ui.widgets.styles import text_label

_WIDTHS = {
    TICK: 44, NAME: 132, STATE: 118, STARTED: 104, EPOCHS: 76, MACRO_F1: 108, ACCURACY: 76, LOSS: 84,
    SECONDS: 76, MEMORY: 92, ACTION: 120,
}  # fmt: skip

_GIVE_WAY = (MEMORY, LOSS, STARTED, SECONDS, ACCURACY, EPOCHS)
"""The columns that are hidden where there is no room, the least needed first."""

Index = QModelIndex | QPersistentModelIndex


class RunDelegate(QStyledItemDelegate):
    """Chips, bold names, and the action as a link."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(super().sizeHint(option, index).width(), 32)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        column = index.column()
        if column == TICK:
            super().paint(painter, option, index)
            return
        row: RunRow = index.data(RowRole)
        painter.save()
        paint_row_ground(painter, option, self._theme)
        box = QRectF(option.rect).adjusted(8, 0, -8, -1)
        if column == STATE:
            text, kind, icon = row.chip
            paint_state_chip(painter, box, text, kind, self._theme, icon=icon)
            if kind == "acc" and option.state & QStyle.StateFlag.State_Selected:
                self._outline(painter, box, text)
        else:
            self._paint_text(painter, box, row, index)
        painter.restore()

    def _outline(self, painter: QPainter, box: QRectF, text: str) -> None:
        """On a chosen row the ground of this chip is the ground of the row."""
        width = min(float(state_chip_width(text)), box.width())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.colour("accent-line"))
        painter.drawRoundedRect(QRectF(box.left() + 0.5, box.center().y() - 10.5, width - 1, 21), 6, 6)

    def _paint_text(self, painter: QPainter, box: QRectF, row: RunRow, index: Index) -> None:
        column = index.column()
        bold = column == NAME or (
            column == MACRO_F1 and row.macro_f1 is not None and self._is_best(row, index)
        )
        token = "text"
        if column in (STARTED, SECONDS, MEMORY):
            token = "text2"
        elif column == ACTION:
            token = "accent-text" if row.action else "text3"
        painter.setFont(font("ui", bold=bold))
        painter.setPen(self._theme.colour(token))
        mode = Qt.TextElideMode.ElideMiddle if column == NAME else Qt.TextElideMode.ElideRight
        words = painter.fontMetrics().elidedText(str(index.data()), mode, int(box.width()))
        painter.drawText(box, int(index.data(Qt.ItemDataRole.TextAlignmentRole)), words)

    def _is_best(self, row: RunRow, index: Index) -> bool:
        model = index.model()
        if not isinstance(model, RunTable):
            return False
        return row.macro_f1 == max(
            (each.macro_f1 for each in model.rows if each.macro_f1 is not None), default=None
        )


class RunView(QTableView):
    """Enter does the action of the row, Space ticks it, Delete discards it."""

    action_wanted = Signal(object)
    discard_wanted = Signal(object)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a small screen whole columns give way, so that the names of the runs can be read."""
        missing = sum(_WIDTHS.values()) - event.size().width()
        for column in _GIVE_WAY:
            self.setColumnHidden(column, missing > 0)
            missing -= _WIDTHS[column]
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        key = event.key()
        if index.isValid() and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.action_wanted.emit(index.data(RowRole))
        elif index.isValid() and key == Qt.Key.Key_Delete:
            self.discard_wanted.emit(index.data(RowRole))
        elif index.isValid() and key == Qt.Key.Key_Space:
            tick = index.siblingAtColumn(TICK)
            on = tick.data(Qt.ItemDataRole.CheckStateRole)
            if on is not None:
                wanted = Qt.CheckState.Unchecked if on == Qt.CheckState.Checked else Qt.CheckState.Checked
                self.model().setData(tick, wanted, Qt.ItemDataRole.CheckStateRole)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid() and index.column() == ACTION:
            self.action_wanted.emit(index.data(RowRole))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        link = index.isValid() and index.column() == ACTION and index.data(RowRole).action
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.ArrowCursor)
        super().mouseMoveEvent(event)


class RunsCard(Card):
    """Title, table; emits what the user wants of a run."""

    run_chosen = Signal(str)
    ticked = Signal(list)
    action_wanted = Signal(object)
    discard_wanted = Signal(object)
    menu_wanted = Signal(object, QPoint)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._theme = theme
        self.model = RunTable(self)
        self.model.ticked_changed.connect(self.ticked)
        self.view = RunView(self)
        self.view.setObjectName("runs")
        self._set_up_view()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.addWidget(self.view)
        self.empty = text_label(role="hint", size="small", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.empty.setContentsMargins(16, 24, 16, 0)
        above = QVBoxLayout(self.view.viewport())
        above.addWidget(self.empty)
        above.addStretch(1)
        self.empty.hide()
        self.model.modelReset.connect(self._keep_current)
        self._current = ""

    def _set_up_view(self) -> None:
        view = self.view
        view.setModel(self.model)
        view.setItemDelegate(RunDelegate(self._theme, view))
        set_up_row_list(view, row_height=32)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.setMinimumHeight(120)
        head = view.horizontalHeader()
        head.setMinimumSectionSize(32)
        for column, width in _WIDTHS.items():
            head.resizeSection(column, width)
        head.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        head.setSectionResizeMode(TICK, QHeaderView.ResizeMode.Fixed)
        view.selectionModel().currentRowChanged.connect(self._row_chosen)
        view.action_wanted.connect(self.action_wanted)
        view.discard_wanted.connect(self.discard_wanted)
        view.customContextMenuRequested.connect(self._menu)

    def tell_empty(self, *, is_known: bool) -> None:
        """Says that there is nothing yet, as soon as that ``is_known``."""
        self.empty.setVisible(is_known and not self.model.rows)

    def choose(self, run_id: str) -> None:
        """Selects the row of a run without telling anybody; nothing for an unknown id."""
        self._current = run_id
        row = self.model.row_of(run_id)
        selection = self.view.selectionModel()
        selection.blockSignals(True)
        if row is None:
            self.view.clearSelection()
            self.view.setCurrentIndex(QModelIndex())
        else:
            self.view.selectRow(row)
        selection.blockSignals(False)
        self.view.viewport().update()

    def retranslate(self) -> None:
        self.set_title(
            self.tr("Runs"), self.tr("Tick runs to lay their curves over this one; right click for more")
        )
        self.view.setAccessibleName(self.tr("Runs"))
        self.empty.setText(self.tr("No training yet. Each one stays here, with its curves and its model."))
        self.model.retranslate()

    @Slot()
    def _keep_current(self) -> None:
        if self._current:
            self.choose(self._current)

    @Slot(QModelIndex, QModelIndex)
    def _row_chosen(self, now: QModelIndex, before: QModelIndex) -> None:
        row = now.data(RowRole) if now.isValid() else None
        if isinstance(row, RunRow):
            self._current = row.id
            self.run_chosen.emit(row.id)

    @Slot(QPoint)
    def _menu(self, place: QPoint) -> None:
        index = self.view.indexAt(place)
        if index.isValid():
            self.menu_wanted.emit(index.data(RowRole), self.view.viewport().mapToGlobal(place))
