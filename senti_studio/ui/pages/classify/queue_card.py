"""Upper left of the page: sums over the queue, start and stop, and the table of files."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from senti_studio.ui import formats
from senti_studio.ui.context import UiContext
from senti_studio.ui.fonts import font
from senti_studio.ui.models.batch_queue import (
    ACTION,
    ENCODING,
    FILE,
    PROGRESS,
    SHARE_ROLE,
    TIME,
    TOKEN_ROLE,
    BatchQueue,
)
from senti_studio.ui.pages.classify import wording
from senti_studio.ui.pages.classify.queue_item import ItemState, QueueItem, Totals
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import Button, button
from senti_studio.ui.widgets.card import Card
from senti_studio.ui.widgets.elided import ElidedLabel
from senti_studio.ui.widgets.styles import line, text_label
from senti_studio.ui.widgets.two_lines import paint_words

_ROW = 40
_WIDE_FROM = 780
_WIDTHS = (206, 92, 84, 84, 0, 120, 136)
_ROOMY_FROM, _LEAST_FILE = 900, 170


class _ProgressCell(QStyledItemDelegate):
    """A bar with its per cent, or words across the cell."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Ground of the row by the style, the rest by hand."""
        ground = QStyleOptionViewItem(option)
        self.initStyleOption(ground, index)
        ground.text = ""
        view = self.parent()
        if isinstance(view, QWidget):
            view.style().drawControl(view.style().ControlElement.CE_ItemViewItem, ground, painter, view)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("ui"))
        box = QRectF(option.rect).adjusted(8, 0, -8, 0)
        share = index.data(SHARE_ROLE)
        text = str(index.data())
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(self._theme.colour(str(index.data(TOKEN_ROLE))))
        if share is None:
            paint_words(painter, box, text)
        else:
            words = painter.fontMetrics().horizontalAdvance("100.0%")
            painter.drawText(box, middle | Qt.AlignmentFlag.AlignRight, text)
            track = QRectF(box.left(), box.center().y() - 4, max(20.0, box.width() - words - 8), 8)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("sunken"))
            painter.drawRoundedRect(track, 4, 4)
            if share > 0:
                track.setWidth(max(8.0, track.width() * share))
                painter.setBrush(self._theme.colour("accent"))
                painter.drawRoundedRect(track, 4, 4)
        painter.restore()


class QueueCard(Card):
    """Signals carry the `QueueItem` whose button was pressed."""

    start_asked = Signal()
    pause_asked = Signal()
    stop_asked = Signal()
    chosen = Signal(object)
    fix_asked = Signal(object)
    go_on_asked = Signal(object)
    pause_item_asked = Signal(object)
    force_asked = Signal(object)
    open_asked = Signal(object)
    remove_asked = Signal(object)
    details_asked = Signal(object)
    again_asked = Signal(object)
    folder_asked = Signal(object)

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._theme = context.theme
        self.model = BatchQueue(context.theme, wording.progress_words, self)
        self.view = _QueueView(self.model, self)
        self.view.setItemDelegateForColumn(PROGRESS, _ProgressCell(context.theme, self.view))
        self._captions = [text_label(role="hint", size="small") for _ in range(3)]
        self._values = [text_label(size="label", bold=True) for _ in range(3)]
        self._notes = [ElidedLabel(role="second", size="small") for _ in range(3)]
        self.start = button(" ", kind="primary", icon="play", theme=context.theme)
        self.pause = button(" ", icon="pause", theme=context.theme)
        self.stop = button(" ", kind="danger", theme=context.theme)
        self._lay_out()
        self.start.clicked.connect(self.start_asked)
        self.pause.clicked.connect(self.pause_asked)
        self.stop.clicked.connect(self.stop_asked)
        self.view.selectionModel().currentRowChanged.connect(self._row_changed)
        self.view.customContextMenuRequested.connect(self._show_menu)
        self.view.delete_pressed.connect(self._remove_current)
        self._buttons: dict[int, tuple[str, Button]] = {}

    def _lay_out(self) -> None:
        strip = QHBoxLayout()
        strip.setContentsMargins(16, 8, 16, 8)
        strip.setSpacing(20)
        for caption, value, note in zip(self._captions, self._values, self._notes, strict=True):
            below = QHBoxLayout()
            below.setSpacing(6)
            below.addWidget(value)
            below.addWidget(note)
            column = QVBoxLayout()
            column.setSpacing(0)
            column.addWidget(caption)
            column.addLayout(below)
            strip.addLayout(column)
        strip.addStretch()
        acts = QHBoxLayout()
        acts.setSpacing(8)
        for one in (self.pause, self.stop, self.start):
            acts.addWidget(one)
        strip.addLayout(acts)
        self.body.setContentsMargins(0, 0, 0, 1)
        self.body.setSpacing(0)
        self.body.addLayout(strip)
        self.body.addWidget(line())
        self.body.addWidget(self.view, 1)

    def retranslate(self) -> None:
        """Fixed texts."""
        self.set_title(self.tr("Files to classify"), self.tr("an interrupted file goes on where it stopped"))
        for caption, text in zip(
            self._captions, (self.tr("Done so far"), self.tr("Speed"), self.tr("Time left")), strict=True
        ):
            caption.setText(text)
        self.pause.setText(self.tr("Pause"))
        self.stop.setText(self.tr("Stop…"))
        self.model.set_titles(
            [
                self.tr("File"),
                self.tr("Read as"),
                self.tr("Rows done"),
                self.tr("All rows"),
                self.tr("Progress"),
                self.tr("Took / left"),
                "",
            ]
        )
        self._buttons.clear()
        self.show_items(self.model)

    def show_items(self, _: object = None) -> None:
        """Buttons in the last column, one per row."""
        for row in range(self.model.rowCount()):
            self.show_item(self.model.item(row))

    def show_item(self, item: QueueItem) -> None:
        """One row as it stands now; its button is made anew only when it means something else."""
        row = self.model.row_of(item)
        if row < 0:
            return
        self.model.refresh(item)
        self.view.give_room(row, is_long=not self.model.index(row, TIME).data())
        act = self._act_of(item)
        known = self._buttons.get(item.number)
        place = self.model.index(row, ACTION)
        if known is not None and known[0] == act[0] and self.view.indexWidget(place) is not None:
            return
        holder, made = self._make_button(item, act)
        self.view.setIndexWidget(place, holder)
        self._buttons[item.number] = (act[0], made)

    def button_of(self, item: QueueItem) -> Button | None:
        """The button at the end of a row."""
        known = self._buttons.get(item.number)
        return known[1] if known is not None else None

    def show_totals(self, totals: Totals, *, can_start: bool) -> None:
        """Sums and what can be done."""
        self._values[0].setText(formats.percent(totals.share) if totals.rows else formats.MISSING)
        rows = self.tr("{done} / {total} rows")
        self._notes[0].set_text(
            rows.format(done=formats.number(totals.done), total=formats.number(totals.rows))
            if totals.rows
            else ""
        )
        speed = totals.rows_per_s
        self._values[1].setText(formats.number(round(speed)) if speed > 0 else formats.MISSING)
        self._notes[1].set_text(self.tr("rows/s") if speed > 0 else "")
        self._values[2].setText(formats.duration(totals.eta) if totals.eta >= 0 else formats.MISSING)
        self._notes[2].set_text("")
        files = totals.ready + totals.waiting
        is_running = totals.at_work > 0
        text = self.tr("Classify 1 file") if files == 1 else self.tr("Classify {count} files")
        self.start.setText(text.format(count=formats.number(files)))
        self.start.setVisible(files > 0 and (not is_running or totals.ready > 0))
        self.start.setEnabled(can_start)
        self.pause.setVisible(is_running)
        self.stop.setVisible(is_running)

    def choose(self, item: QueueItem) -> None:
        """Makes the row of an item the current one."""
        row = self.model.row_of(item)
        if row >= 0:
            self.view.selectRow(row)

    def bring_into_view(self, item: QueueItem) -> None:
        """Scrolls to the row of an item."""
        row = self.model.row_of(item)
        if row >= 0:
            self.view.scrollTo(self.model.index(row, 0))

    def current(self) -> QueueItem | None:
        """The item of the current row."""
        index = self.view.currentIndex()
        return self.model.item(index.row()) if index.isValid() else None

    def _act_of(self, item: QueueItem) -> tuple[str, str, Callable[[], object]]:
        state = item.state
        if state is ItemState.PROBLEM and item.code == "NO_TEXT_COLUMN":
            return "fix", self.tr("Column…"), lambda: self.fix_asked.emit(item)
        if state in (ItemState.PROBLEM, ItemState.FAILED):
            return "why", self.tr("What to do…"), lambda: self.details_asked.emit(item)
        if state is ItemState.READY and item.source_id is None:
            return "change", self.tr("Change…"), lambda: self.fix_asked.emit(item)
        if item.ends_in_force:
            return "force", self.tr("Force stop"), lambda: self.force_asked.emit(item)
        if state is ItemState.RUNNING:
            return "pause", self.tr("Pause"), lambda: self.pause_item_asked.emit(item)
        if state.can_go_on:
            return "go_on", self.tr("Go on"), lambda: self.go_on_asked.emit(item)
        if state is ItemState.DONE:
            return "open", self.tr("Open"), lambda: self.open_asked.emit(item)
        return "", "", lambda: None

    def _make_button(
        self, item: QueueItem, act: tuple[str, str, Callable[[], object]]
    ) -> tuple[QWidget, Button]:
        made = button(act[1] or " ", theme=self._theme)
        made.set_dense()
        made.setAccessibleName(f"{act[1]} {item.name}")
        made.clicked.connect(act[2])
        holder = QWidget(self.view)
        row = QHBoxLayout(holder)
        row.setContentsMargins(4, 0, 12, 1)
        row.addStretch()
        row.addWidget(made)
        made.setVisible(bool(act[1]))  # before it has a parent, it would be a window
        return holder, made

    @Slot(QModelIndex, QModelIndex)
    def _row_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        self.chosen.emit(self.model.item(current.row()) if current.isValid() else None)

    @Slot(QPoint)
    def _show_menu(self, place: QPoint) -> None:
        index = self.view.indexAt(place)
        if not index.isValid():
            return
        item = self.model.item(index.row())
        menu = QMenu(self.view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if item.state is ItemState.DONE:
            menu.addAction(self.tr("Open the classified file"), lambda: self.open_asked.emit(item))
        if item.can_try_again:
            menu.addAction(self.tr("Try again"), lambda: self.again_asked.emit(item))
        if item.is_refused_its_place:
            menu.addAction(self.tr("Choose another folder…"), lambda: self.folder_asked.emit(item))
        remove = menu.addAction(self.tr("Remove from the list"), lambda: self.remove_asked.emit(item))
        remove.setEnabled(not item.state.is_at_work)
        menu.popup(self.view.viewport().mapToGlobal(place))

    @Slot()
    def _remove_current(self) -> None:
        item = self.current()
        if item is not None and not item.state.is_at_work:
            self.remove_asked.emit(item)


class _QueueView(QTableView):
    """Fixed rows of 40 px."""

    delete_pressed = Signal()

    def __init__(self, model: BatchQueue, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(max(_ROW, self.fontMetrics().height() + 20))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(40)
        for column, width in enumerate(_WIDTHS):
            if width:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
                header.resizeSection(column, width)
            else:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)

    def give_room(self, row: int, *, is_long: bool) -> None:
        """Words about the progress go on where a file has no time to show."""
        columns = 2 if is_long else 1
        if self.columnSpan(row, PROGRESS) != columns:
            self.setSpan(row, PROGRESS, 1, columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow window does without encoding and time: both are on the card of the file."""
        is_narrow = self.viewport().width() < _WIDE_FROM
        for column in (ENCODING, TIME):
            self.setColumnHidden(column, is_narrow)
        is_roomy = is_narrow or self.viewport().width() >= _ROOMY_FROM
        self.horizontalHeader().resizeSection(FILE, _WIDTHS[FILE] if is_roomy else _LEAST_FILE)
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del removes the row; Space belongs to the page."""
        if event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit()
        elif event.key() == Qt.Key.Key_Space:
            event.ignore()
        else:
            super().keyPressEvent(event)
