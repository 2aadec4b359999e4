"""A table of comments that never holds more than a few thousand of them, however many the project has.

The view is a packed array of row ids; rows are read by id in blocks off the GUI thread. A row that is not
there yet is `None` and drawn as skeleton bars; nothing here waits for the database.
"""

from __future__ import annotations

import enum
from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Slot

from senti_studio.domain.comments import CommentRow
from senti_studio.ui.operations import run_operation

BLOCK = 200
"""Rows read at once."""
KEPT = 40
"""Blocks kept in memory."""
_WANTED = 6

Rows = Callable[[Sequence[int], Sequence[str]], list[CommentRow]]
"""Ids, names of original columns -> rows."""


class Column(enum.IntEnum):
    """The columns, left to right; original columns follow."""

    CHECK = 0
    ROW = 1
    TEXT = 2
    LABEL = 3
    PREDICTION = 4
    SOURCE = 5
    LENGTH = 6
    COPIES = 7
    TIME = 8


RIGHT = (Column.ROW, Column.LENGTH, Column.COPIES)
"""Columns of numbers."""

ROW_ROLE = int(Qt.ItemDataRole.UserRole) + 1
"""`CommentRow` or None while it is being read."""


class CommentTable(QAbstractTableModel):
    """Rows of `CommentRow`; `describe` makes the text that a screen reader says for one cell."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ids = array("q")
        self._blocks: OrderedDict[int, list[CommentRow | None]] = OrderedDict()
        self._stale: set[int] = set()
        self._wanted: OrderedDict[int, None] = OrderedDict()
        self._read: Rows | None = None
        self._reading: int | None = None
        self._generation = 0
        self.describe: Callable[[CommentRow | None, int], str] = lambda row, column: row.text if row else ""
        self.headers: tuple[str, ...] = ("",) * len(Column)
        self.header_hints: dict[int, str] = {}
        self.extra: tuple[str, ...] = ()
        """Original columns that are shown."""
        self._start = QTimer(self)
        self._start.setSingleShot(True)
        self._start.setInterval(0)
        self._start.timeout.connect(self._read_next)

    # ---- what the view shows -------------------------------------------------------------------------------

    def restart(self, read: Rows | None) -> None:
        """Empties the table; rows of the coming ids are read by ``read`` (called off the GUI thread)."""
        self.beginResetModel()
        self._ids = array("q")
        self._forget()
        self._read = read
        self.endResetModel()

    def replace(self, ids: array[int]) -> None:
        """Shows other rows in one step."""
        self.beginResetModel()
        self._ids = ids
        self._forget()
        self.endResetModel()

    def show_columns(self, extra: tuple[str, ...]) -> None:
        """Other original columns; the rows stay and are read again."""
        if extra != self.extra:
            self.beginResetModel()
            self.extra = extra
            self._forget()
            self.endResetModel()

    def append(self, ids: array[int]) -> None:
        """More rows of the same view, at its end."""
        if not ids:
            return
        first = len(self._ids)
        self.beginInsertRows(QModelIndex(), first, first + len(ids) - 1)
        self._stale.add(first // BLOCK)
        self._ids.extend(ids)
        self.endInsertRows()

    def invalidate(self) -> None:
        """Somebody changed comments: rows are read again when next drawn; until then the old ones stay."""
        self._stale.update(self._blocks)
        if self._reading is not None:
            self._stale.add(self._reading)
        if self._blocks:
            last = max(0, len(self._ids) - 1)
            self.dataChanged.emit(self.index(0, 0), self.index(last, self.columnCount() - 1))

    @property
    def ids(self) -> array[int]:
        """The ids of the view in order; do not change it."""
        return self._ids

    def comment_at(self, row: int) -> CommentRow | None:
        """The comment in a row, or None; what is missing or out of date is asked for."""
        block = row // BLOCK
        rows = self._blocks.get(block)
        if rows is None or block in self._stale:
            self._want(block)
        if rows is None:
            return None
        self._blocks.move_to_end(block)
        place = row - block * BLOCK
        return rows[place] if place < len(rows) else None

    # ---- Qt ------------------------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._ids)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(Column) + len(self.extra)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = int(Qt.ItemDataRole.DisplayRole)
    ) -> object:
        if not index.isValid():
            return None
        if role == ROW_ROLE:
            return self.comment_at(index.row())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.describe(self.comment_at(index.row()), index.column())
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = int(Qt.ItemDataRole.DisplayRole)
    ) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.headers[section] if section < len(Column) else self.extra[section - len(Column)]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.header_hints.get(section)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            right = section in RIGHT
            return int(
                (Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft)
                | Qt.AlignmentFlag.AlignVCenter
            )
        return None

    # ---- blocks --------------------------------------------------------------------------------------------

    def _forget(self) -> None:
        self._generation += 1
        self._blocks.clear()
        self._stale.clear()
        self._wanted.clear()
        self._reading = None

    def _want(self, block: int) -> None:
        if block == self._reading:
            return
        self._wanted[block] = None
        self._wanted.move_to_end(block)
        while len(self._wanted) > _WANTED:  # the user has scrolled on; what is far away by now can wait
            self._wanted.popitem(last=False)
        if self._reading is None and not self._start.isActive():
            self._start.start()

    @Slot()
    def _read_next(self) -> None:
        if self._reading is not None or self._read is None or not self._wanted:
            return
        block, _ = self._wanted.popitem(last=True)
        ids = list(self._ids[block * BLOCK : (block + 1) * BLOCK])
        if not ids:
            return
        read, generation, extra = self._read, self._generation, self.extra
        self._reading = block
        self._stale.discard(block)
        run_operation(
            self,
            lambda: read(ids, extra),
            on_success=lambda rows: self._take(generation, block, ids, rows),
            on_failure=lambda error: self._give_up(generation, error),
        )

    def _take(self, generation: int, block: int, ids: list[int], rows: list[CommentRow]) -> None:
        if generation != self._generation:
            return
        by_id = {row.id: row for row in rows}
        self._blocks[block] = [by_id.get(each) for each in ids]
        self._blocks.move_to_end(block)
        while len(self._blocks) > KEPT:
            gone, _ = self._blocks.popitem(last=False)
            self._stale.discard(gone)
        self._reading = None
        first = block * BLOCK
        self.dataChanged.emit(self.index(first, 0), self.index(first + len(ids) - 1, self.columnCount() - 1))
        if self._wanted:
            self._read_next()

    def _give_up(self, generation: int, error: Exception) -> None:
        """The skeleton stays; the next paint asks again. Reading fails when the project goes away."""
        if generation == self._generation and self._reading is not None:
            self._stale.add(self._reading)
            self._reading = None
