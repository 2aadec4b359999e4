"""The table of recent projects: two-line cells, a thin bar, one button a row."""

from __future__ import annotations

import enum
from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from senti_studio.ui import formats
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import tr
from senti_studio.ui.icons import pixmap
from senti_studio.ui.pages.home.presenter import RecentRow
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.row_list import paint_row_ground, set_up_row_list
from senti_studio.ui.widgets.two_lines import paint_words

ROW_HEIGHT = 60
HEADER_HEIGHT = 32
LEAST_NAME = 140
_Index = QModelIndex | QPersistentModelIndex


class Column(enum.IntEnum):
    """Columns of the table, from the left."""

    PROJECT = 0
    COMMENTS = 1
    LABELLED = 2
    MODEL = 3
    OPENED = 4
    ACTION = 5


class RecentModel(QAbstractTableModel):
    """Rows of the presenter, filtered by name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[RecentRow, ...] = ()
        self.rows: list[RecentRow] = []
        self._wanted = ""

    def show_rows(self, rows: Sequence[RecentRow]) -> None:
        self._all = tuple(rows)
        self._filter()

    def set_filter(self, text: str) -> None:
        self._wanted = text.strip().lower()
        self._filter()

    def _filter(self) -> None:
        self.beginResetModel()
        self.rows = [row for row in self._all if self._wanted in row.name.lower()]
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(Column)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.spoken(row) if index.column() == Column.PROJECT else ""
        if role == Qt.ItemDataRole.ToolTipRole:
            return {Column.PROJECT: str(row.folder), Column.MODEL: row.warning or row.latest}.get(
                Column(index.column())
            )
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name if index.column() == Column.PROJECT else None
        return None

    @staticmethod
    def spoken(row: RecentRow) -> str:
        """One sentence for a screen reader."""
        counts = tr("{n} comments, {labelled} labelled").format(
            n=formats.number(row.comments), labelled=formats.number(row.labelled)
        )
        return f"{row.name}，{counts}，{formats.when(row.opened_at)}"

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            words = (tr("Project"), tr("Comments"), tr("Labelled"), tr("Latest model"), tr("Last opened"), "")
            return words[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section == Column.COMMENTS:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


class RecentDelegate(QStyledItemDelegate):
    """Paints a row; knows where the button of a row is."""

    def __init__(self, theme: Theme, parent: QTableView) -> None:
        super().__init__(parent)
        self._theme = theme
        self.pressed_row = -1

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(80, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        assert isinstance(model, RecentModel)
        row = model.rows[index.row()]
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_row_ground(painter, option, self._theme, line=index.row() < model.rowCount() - 1)
        paint = {
            Column.PROJECT: self._paint_project,
            Column.COMMENTS: self._paint_comments,
            Column.LABELLED: self._paint_labelled,
            Column.MODEL: self._paint_model,
            Column.OPENED: self._paint_opened,
            Column.ACTION: self._paint_button,
        }[Column(index.column())]
        paint(painter, rect, row)
        painter.restore()

    def _text(
        self,
        painter: QPainter,
        rect: QRect,
        text: str,
        *,
        token: str = "text",
        bold: bool = False,
        role: str = "ui",
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        face = font(role, bold=bold)
        painter.setFont(face)
        painter.setPen(self._theme.colour(token))
        shown = QFontMetrics(face).elidedText(text, elide, rect.width())
        painter.drawText(rect, align | Qt.AlignmentFlag.AlignVCenter, shown)

    def _paint_project(self, painter: QPainter, rect: QRect, row: RecentRow) -> None:
        box = rect.adjusted(16, 10, -8, -10)
        top = QRect(box.x(), box.y(), box.width(), 20)
        middle = Qt.TextElideMode.ElideMiddle
        self._text(painter, top, row.name, bold=True, elide=middle)
        self._text(painter, top.translated(0, 20), row.place, token="text3", role="small", elide=middle)

    def _paint_comments(self, painter: QPainter, rect: QRect, row: RecentRow) -> None:
        box = rect.adjusted(8, 0, -8, 0)
        right = Qt.AlignmentFlag.AlignRight
        self._text(painter, box, formats.number(row.comments), token="text2", align=right)

    def _paint_labelled(self, painter: QPainter, rect: QRect, row: RecentRow) -> None:
        box = rect.adjusted(8, 0, -8, 0)
        words = f"{formats.number(row.labelled)} / {formats.number(row.comments)}"
        top = QRect(box.x(), rect.y() + 14, box.width(), 20)
        self._text(painter, top, words, token="text2", role="small")
        bar = QRectF(box.x(), rect.y() + 37, min(112, box.width()), 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("sunken"))
        painter.drawRoundedRect(bar, 2, 2)
        if row.comments and row.labelled:
            bar.setWidth(max(4.0, bar.width() * min(1.0, row.labelled / row.comments)))
            painter.setBrush(self._theme.colour("accent"))
            painter.drawRoundedRect(bar, 2, 2)

    def _paint_model(self, painter: QPainter, rect: QRect, row: RecentRow) -> None:
        box = rect.adjusted(8, 0, -8, 0)
        if row.warning:
            ratio = painter.device().devicePixelRatio()
            picture = pixmap("alert", self._theme, token="warn", size=14, scale=ratio)
            painter.drawPixmap(box.x(), box.center().y() - 6, picture)
            painter.setPen(self._theme.colour("warn"))
            paint_words(painter, QRectF(box.adjusted(20, 0, 0, 0)), row.warning)
        elif row.figure:
            top = QRect(box.x(), rect.y() + 10, box.width(), 20)
            self._text(painter, top, row.run, token="text2", elide=Qt.TextElideMode.ElideMiddle)
            self._text(painter, top.translated(0, 20), row.figure, token="text2", role="small")
        else:
            self._text(painter, box, row.run or formats.MISSING, token="text2")

    def _paint_opened(self, painter: QPainter, rect: QRect, row: RecentRow) -> None:
        self._text(painter, rect.adjusted(8, 0, -8, 0), formats.when(row.opened_at), token="text2")

    def button_rect(self, rect: QRect, row: RecentRow) -> QRect:
        """The button at the right end of the last cell."""
        width = QFontMetrics(font("ui", bold=True)).horizontalAdvance(button_text(row)) + 24
        return QRect(rect.right() - 15 - width, rect.center().y() - 14, width, 29)

    def _paint_button(self, painter: QPainter, rect: QRect, row: RecentRow) -> None:
        box = self.button_rect(rect, row)
        filled = row.is_interrupted
        painter.setPen(QPen(self._theme.colour("accent" if filled else "border-btn"), 1))
        painter.setBrush(self._theme.colour("accent" if filled else "surface"))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setFont(font("ui", bold=filled))
        painter.setPen(self._theme.colour("on-accent" if filled else "text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, button_text(row))


def button_text(row: RecentRow) -> str:
    """打开 | 继续训练 | 查找…"""
    if row.is_missing:
        return tr("Find…")
    return tr("Resume training") if row.is_interrupted else tr("Open")


def column_widths(width: int) -> dict[Column, int]:
    """Widths that add up to ``width``: on a small screen the facts give way, never the button that opens."""
    widths = {
        Column.COMMENTS: 96,
        Column.LABELLED: 168,
        Column.MODEL: 184,
        Column.OPENED: 112,
        Column.ACTION: 128,
    }
    missing = LEAST_NAME + sum(widths.values()) - width
    # What may be taken of which column, first the least needed; "labelled" tells the comments as well.
    for column, most in (
        (Column.MODEL, 68),
        (Column.LABELLED, 48),
        (Column.COMMENTS, 96),
        (Column.MODEL, 116),
        (Column.OPENED, 112),
    ):
        taken = max(0, min(missing, most))
        if most == widths[column] and taken:
            taken = most  # half a column says nothing
        widths[column] -= taken
        missing -= taken
    return {Column.PROJECT: max(LEAST_NAME, width - sum(widths.values())), **widths}


class RecentTable(QTableView):
    """`activated_row` by Enter, double click or the button; `menu_wanted` by right click."""

    activated_row = Signal(object)
    menu_wanted = Signal(object, QPoint)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.recent = RecentModel(self)
        self.setModel(self.recent)
        self._delegate = RecentDelegate(theme, self)
        self.setItemDelegate(self._delegate)
        set_up_row_list(self, row_height=ROW_HEIGHT)
        self.setProperty("inset", "true")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.horizontalHeader()
        header.setFixedHeight(HEADER_HEIGHT)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionsClickable(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.recent.modelReset.connect(self._fit)
        theme.changed.connect(self.viewport().update)

    def _fit(self) -> None:
        self.setFixedHeight(HEADER_HEIGHT + ROW_HEIGHT * max(1, min(5, self.recent.rowCount())))
        if self.recent.rowCount():
            self.selectRow(0)
        self._share_out()

    def resizeEvent(self, event: object) -> None:
        self._share_out()

    def _share_out(self) -> None:
        # Also for other rows: Qt gives a column without width the usual one when the model starts anew.
        for column, size in column_widths(self.viewport().width()).items():
            self.setColumnHidden(column, not size)
            if size:
                self.setColumnWidth(column, size)

    def row_at(self, index: _Index) -> RecentRow | None:
        return self.recent.rows[index.row()] if index.isValid() else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            row = self.row_at(self.currentIndex())
            if row is not None:
                self.activated_row.emit(row)
            return
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        row = self.row_at(index)
        if (
            row is not None
            and index.column() == Column.ACTION
            and event.button() == Qt.MouseButton.LeftButton
        ):
            box = self._delegate.button_rect(self.visualRect(index), row)
            if box.contains(event.position().toPoint()):
                self.activated_row.emit(row)
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(self.indexAt(event.position().toPoint()))
        if row is not None:
            self.activated_row.emit(row)

    def contextMenuEvent(self, event: object) -> None:
        position = event.pos()  # type: ignore[attr-defined]
        row = self.row_at(self.indexAt(position))
        if row is not None:
            self.menu_wanted.emit(row, self.viewport().mapToGlobal(position))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.recent.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)
            self.viewport().update()
        super().changeEvent(event)
