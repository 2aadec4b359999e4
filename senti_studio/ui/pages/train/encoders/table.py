"""The list of encoders: a radio mark, two lines, what a training takes."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import marked, tr
from senti_studio.ui.icons import pixmap
from senti_studio.ui.pages.train.encoders import words
from senti_studio.ui.pages.train.encoders.rows import EncoderRow, Expected, Kind
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.row_list import paint_row_ground, set_up_row_list

ROW_HEIGHT, HEADER_HEIGHT = 46, 32
MOST_SHOWN, FEWEST_SHOWN = 5, 3
_Index = QModelIndex | QPersistentModelIndex


class Column(enum.IntEnum):
    """Columns of the list, from the left."""

    NAME = 0
    SIZE = 1
    FIT = 2
    TIME = 3


_TITLES = (marked("Name"), marked("On disk"), marked("Fits here?"), marked("One training"))
_WIDTHS = {Column.SIZE: 84, Column.FIT: 132, Column.TIME: 124}
_LEAST_NAME = 200
_GIVE_WAY = (Column.SIZE, Column.TIME, Column.FIT)
RowRole = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class Line:
    """A row with what is known of it in this project."""

    row: EncoderRow
    found: Expected | None = None
    is_chosen: bool = False
    share: float | None = None
    """Of a download that is at work here."""


class EncoderTable(QAbstractTableModel):
    """One line an encoder."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.lines: list[Line] = []
        self.on_card = False

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Replaces the lines; those that stay are changed in place, so that the current one stays."""
        new = list(lines)
        if [(each.row.kind, each.row.key) for each in new] == [(e.row.kind, e.row.key) for e in self.lines]:
            changed = [index for index, line in enumerate(new) if line != self.lines[index]]
            self.lines = new
            for index in changed:
                self.dataChanged.emit(self.index(index, 0), self.index(index, len(Column) - 1))
            return
        self.beginResetModel()
        self.lines = new
        self.endResetModel()

    def retranslate(self) -> None:
        """All texts again."""
        if self.lines:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.lines) - 1, len(Column) - 1))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(Column)

    def text(self, line: Line, column: int) -> str:
        """What stands in a cell, of the first one its first line."""
        if column == Column.NAME:
            return line.row.name
        if column == Column.SIZE:
            return words.size_words(line.row)
        if not line.row.may_be_chosen:
            return ""
        if column == Column.FIT:
            return words.fit_words(line.found)[0]
        return words.time_words(line.found, on_card=self.on_card)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.lines):
            return None
        line, column = self.lines[index.row()], index.column()
        if role == RowRole:
            return line
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(line, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{line.row.name}\n{words.about_row(line.row)}" if column == Column.NAME else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            if column != Column.NAME:
                return f"{tr(_TITLES[column])} {self.text(line, column)}"
            return words.spoken(line.row, line.found, is_chosen=line.is_chosen, on_card=self.on_card)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr(_TITLES[section])
        return None


class EncoderDelegate(QStyledItemDelegate):
    """Paints the mark and the two lines, and the figures."""

    def __init__(self, theme: Theme, parent: QTableView) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(80, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        line = index.data(RowRole)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_last = index.row() == index.model().rowCount() - 1
        paint_row_ground(painter, option, self._theme, line=not is_last)
        if index.column() == Column.NAME:
            self._paint_name(painter, QRectF(option.rect), line)
            view = self.parent()
            focused = isinstance(view, QWidget) and view.hasFocus()
            if focused and option.state & QStyle.StateFlag.State_Selected:
                painter.setPen(QPen(self._theme.colour("accent"), 2))
                at = option.rect
                painter.drawLine(at.left() + 1, at.top() + 4, at.left() + 1, at.bottom() - 4)
        else:
            token = words.fit_words(line.found)[1] if index.column() == Column.FIT else "text2"
            box = QRectF(option.rect).adjusted(8, 0, -8, 0)
            self._text(painter, box, str(index.data()), token=token)
        painter.restore()

    def _text(
        self,
        painter: QPainter,
        box: QRectF,
        text: str,
        *,
        token: str,
        role: str = "ui",
        bold: bool = False,
        cut: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        face = font(role, bold=bold)
        painter.setFont(face)
        painter.setPen(self._theme.colour(token))
        shown = QFontMetrics(face).elidedText(text, cut, int(box.width()))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, shown)

    def _paint_name(self, painter: QPainter, box: QRectF, line: Line) -> None:
        left, middle = box.left() + 16, box.center().y()
        self._paint_mark(painter, left, middle, line)
        words_box = QRectF(left + 26, box.top() + 3, box.right() - left - 34, 20)
        # The end of a long name is often what tells it from the next one.
        middle_cut = Qt.TextElideMode.ElideMiddle
        self._text(painter, words_box, line.row.name, token="text", bold=line.is_chosen, cut=middle_cut)
        is_wrong = line.row.problem is not None or line.row.kind is Kind.GONE
        token = "warn" if is_wrong else "text3"
        self._text(painter, words_box.translated(0, 19), words.about_row(line.row), token=token, role="small")
        if line.share is not None:
            self._paint_share(painter, words_box, line.share)

    def _paint_mark(self, painter: QPainter, left: float, middle: float, line: Line) -> None:
        """A radio mark for those that can be chosen, a picture for what can become one of them."""
        if line.row.may_be_chosen or line.row.kind is Kind.UNKNOWN:
            on = line.is_chosen
            painter.setBrush(self._theme.colour("surface"))
            painter.setPen(QPen(self._theme.colour("accent" if on else "border-ctl"), 5 if on else 1))
            radius = 5.5 if on else 7.5
            painter.drawEllipse(QRectF(left + 8 - radius, middle - radius, 2 * radius, 2 * radius))
            return
        is_wrong = line.row.problem is not None or line.row.kind is Kind.GONE
        name, token = ("alert", "warn") if is_wrong else ("import", "text3")
        ratio = painter.device().devicePixelRatio()
        picture = pixmap(name, self._theme, token=token, size=16, scale=ratio)
        painter.drawPixmap(int(left), int(middle - 8), picture)

    def _paint_share(self, painter: QPainter, box: QRectF, share: float) -> None:
        track = QRectF(box.left(), box.bottom() + 19, box.width() - 8, 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("sunken"))
        painter.drawRoundedRect(track, 1.5, 1.5)
        track.setWidth(max(3.0, track.width() * min(1.0, share)))
        painter.setBrush(self._theme.colour("accent"))
        painter.drawRoundedRect(track, 1.5, 1.5)


class EncoderView(QTableView):
    """Arrows move, Enter, Space and a click choose; Delete takes off the shelf."""

    activated_line = Signal(object)
    removal_wanted = Signal(object)
    current_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.lines = EncoderTable(self)
        self.setModel(self.lines)
        self.setItemDelegate(EncoderDelegate(theme, self))
        set_up_row_list(self, row_height=ROW_HEIGHT)
        self.setObjectName("encoders")
        self.setProperty("inset", "true")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        head = self.horizontalHeader()
        head.setFixedHeight(HEADER_HEIGHT)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setSectionsClickable(False)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.selectionModel().currentRowChanged.connect(self._moved)
        theme.changed.connect(self.viewport().update)
        self._fit()

    @property
    def current(self) -> Line | None:
        index = self.currentIndex()
        return index.data(RowRole) if index.isValid() else None

    def show_lines(self, lines: Sequence[Line], *, on_card: bool) -> None:
        """Shows these; the current one stays, else (and when another one is chosen) the chosen one becomes
        it."""
        before, chosen = self.current, next((line for line in lines if line.is_chosen), None)
        is_new = chosen is not None and not any(
            line.is_chosen and _same(line, chosen) for line in self.lines.lines
        )
        self.lines.on_card = on_card
        self.lines.set_lines(lines)
        self._fit()
        if before is not None and not is_new and self.go_to(lambda line: _same(line, before)):
            return
        self.go_to(lambda line: line.is_chosen)

    def go_to(self, is_it: Callable[[Line], bool]) -> bool:
        """Makes the first line current that is meant; False when there is none."""
        row = next((row for row, line in enumerate(self.lines.lines) if is_it(line)), None)
        if row is not None and row != self.currentIndex().row():
            self.selectRow(row)
        return row is not None

    def _fit(self) -> None:
        shown = max(FEWEST_SHOWN, min(MOST_SHOWN, self.lines.rowCount()))
        self.setFixedHeight(HEADER_HEIGHT + ROW_HEIGHT * shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a small screen whole columns give way; the second line of the first one stays."""
        room = self.viewport().width() - _LEAST_NAME - sum(_WIDTHS.values())
        left = self.viewport().width()
        for column in _GIVE_WAY:
            is_hidden = room < 0
            self.setColumnHidden(column, is_hidden)
            room += _WIDTHS[column] if is_hidden else 0
            left -= 0 if is_hidden else _WIDTHS[column]
            self.setColumnWidth(column, _WIDTHS[column])
        self.setColumnWidth(Column.NAME, max(80, left))
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        line = self.current
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if line is not None and event.key() in keys and not event.modifiers():
            self.activated_line.emit(line)
        elif line is not None and event.key() == Qt.Key.Key_Delete:
            self.removal_wanted.emit(line)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            line: Line = index.data(RowRole)
            if line.row.may_be_chosen:
                self.activated_line.emit(line)

    @Slot()
    def _moved(self) -> None:
        self.current_changed.emit()


def _same(line: Line, other: Line) -> bool:
    one_thing = {Kind.SHELF, Kind.FOLDER, Kind.GONE, Kind.UNKNOWN, Kind.FUTURE}
    return line.row.key == other.row.key and (
        line.row.kind is other.row.kind or {line.row.kind, other.row.kind} <= one_thing
    )
