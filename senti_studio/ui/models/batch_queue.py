"""The queue of files to classify as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from senti_studio.ui import formats
from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import tr
from senti_studio.ui.icons import icon
from senti_studio.ui.pages.classify.queue_item import ItemState, QueueItem
from senti_studio.ui.pages.classify.wording import (
    problem_sentence,
    reading_words,
    sheets_words,
    silence_sentence,
)
from senti_studio.ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex

FILE, ENCODING, DONE, TOTAL, PROGRESS, TIME, ACTION = range(7)
SHARE_ROLE = Qt.ItemDataRole.UserRole + 1
"""Share of the rows done, 0 … 1, or None where the progress column holds words."""
TOKEN_ROLE = Qt.ItemDataRole.UserRole + 2
"""Colour token of the words in the progress column."""

_ICONS = {
    ItemState.LOOKING: ("search", "text3"),
    ItemState.PROBLEM: ("alert", "danger"),
    ItemState.READY: ("clock", "text3"),
    ItemState.WAITING: ("clock", "text3"),
    ItemState.PAUSED: ("pause", "text2"),
    ItemState.INTERRUPTED: ("alert", "warn"),
    ItemState.DONE: ("check", "accent"),
    ItemState.FAILED: ("error", "danger"),
    ItemState.CANCELLED: ("x", "text3"),
}

_WRONG = (ItemState.PROBLEM, ItemState.FAILED)


class BatchQueue(QAbstractTableModel):
    """Items are shared with the presenter, which says when one changed."""

    def __init__(self, theme: Theme, say: Callable[[QueueItem], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._say = say
        self._items: Sequence[QueueItem] = ()
        self._titles: tuple[str, ...] = ("",) * 7
        theme.changed.connect(self.refresh)

    def set_titles(self, titles: Sequence[str]) -> None:
        """The words above the columns."""
        self._titles = tuple(titles)
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._titles) - 1)

    def set_items(self, items: Sequence[QueueItem]) -> None:
        """Another list of items."""
        self.beginResetModel()
        self._items = items
        self.endResetModel()

    def item(self, row: int) -> QueueItem:
        """The item in a row."""
        return self._items[row]

    def row_of(self, item: QueueItem) -> int:
        """The row of an item; -1 where it is not in the queue."""
        return next((row for row, other in enumerate(self._items) if other is item), -1)

    def refresh(self, item: QueueItem | None = None) -> None:
        """Shows an item (or all) as it stands now."""
        first = 0 if item is None else self.row_of(item)
        last = len(self._items) - 1 if item is None else first
        if 0 <= first <= last:
            self.dataChanged.emit(self.index(first, 0), self.index(last, ACTION))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Files in the queue."""
        return 0 if parent.isValid() else len(self._items)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """File, encoding, done, total, progress, time, action."""
        return 0 if parent.isValid() else 7

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Titles; numbers stand at the right."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_side(section) | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, icons and colours of one item."""
        if not index.isValid():
            return None
        item, column = self._items[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(item, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_side(column) | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ToolTipRole:
            if column == ENCODING and len(item.sheets) > 1:
                return sheets_words(item)
            if column == PROGRESS and item.is_silent:
                return silence_sentence(item)
            if column == PROGRESS and item.state in _WRONG:
                return problem_sentence(item)
            return str(item.path) if column == FILE else self._text(item, column) or None
        if role == Qt.ItemDataRole.AccessibleTextRole and column == FILE:
            share = formats.percent(item.share)
            return "，".join(part for part in (item.name, share, self._say(item)) if part)
        if role == Qt.ItemDataRole.DecorationRole and column == FILE:
            name, token = ("alert", "warn") if item.is_silent else _ICONS.get(item.state, ("play", "accent"))
            return icon(name, self._theme, token=token)
        return self._look(item, column, role)

    def _look(self, item: QueueItem, column: int, role: int) -> Any:
        if role == Qt.ItemDataRole.FontRole and column == FILE and item.state.is_at_work:
            bold: QFont = font("ui", bold=True)
            return bold
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._theme.colour("text" if column in (FILE, DONE) else "text2")
        if role == SHARE_ROLE and column == PROGRESS:
            has_words = item.state in _WRONG or item.state is ItemState.LOOKING
            return None if has_words or self._say(item) else item.share
        if role == TOKEN_ROLE:
            is_bad = item.state in _WRONG
            is_odd = item.state is ItemState.INTERRUPTED or item.is_silent
            return "danger" if is_bad else "warn" if is_odd else "text2"
        return None

    def _text(self, item: QueueItem, column: int) -> str:
        unknown = item.rows == 0
        if column == FILE:
            return item.name
        if column == ENCODING:
            return reading_words(item)
        if column == DONE:
            return formats.MISSING if unknown else formats.number(item.rows_done)
        if column == TOTAL:
            return formats.MISSING if unknown else formats.number(item.rows)
        if column == PROGRESS:
            return self._say(item) or formats.percent(item.share)
        if column == TIME:
            return _time(item)
        return ""


def _time(item: QueueItem) -> str:
    if item.is_silent:
        return formats.MISSING
    if item.state is ItemState.RUNNING:
        left = formats.duration(item.eta)
        return formats.time_left(None) if item.eta < 0 else tr("{time} left").format(time=left)
    if item.state in _WRONG:
        return ""  # its words are worth more than how long it took
    if item.elapsed > 0:
        return formats.duration(item.elapsed)
    return ""


def _side(column: int) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignRight if column in (DONE, TOTAL) else Qt.AlignmentFlag.AlignLeft
