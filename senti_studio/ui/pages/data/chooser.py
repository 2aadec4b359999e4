"""Which rows are chosen, as ranges or as *all of the view*; keeps them when the view is filled anew."""

from __future__ import annotations

from array import array

from PySide6.QtCore import QObject, Signal, Slot

from senti_studio.ui.models.comment_table import CommentTable
from senti_studio.ui.models.id_fill import Filled
from senti_studio.ui.pages.data.selection import CARRIED, count_of, ids_of, ranges_of, select_rows
from senti_studio.ui.pages.data.table import CommentTableView


class Chooser(QObject):
    """`changed` when something else is chosen."""

    changed = Signal()

    def __init__(self, table: CommentTableView, model: CommentTable, parent: QObject) -> None:
        super().__init__(parent)
        self._table = table
        self._model = model
        self.is_all = False
        """Everything that the view holds, rows still to come included: only when that was asked for, not when
        every row was chosen one by one."""
        self._anchor: int | None = None
        self._carried: frozenset[int] = frozenset()
        self._restoring = False
        table.selectionModel().selectionChanged.connect(self._selection_changed)
        table.columns.all_wanted.connect(self.choose_all)
        table.all_wanted.connect(lambda: self.choose_all(True))

    @property
    def count(self) -> int:
        return count_of(ranges_of(self._table.selectionModel()))

    def ids(self) -> array[int]:
        """The ids of the chosen comments in the order of the view."""
        return ids_of(ranges_of(self._table.selectionModel()), self._model.ids)

    @Slot(bool)
    def choose_all(self, on: bool) -> None:
        """The whole view, or nothing."""
        self._restoring = True
        self.is_all = on
        if on:
            self._table.selectAll()
        else:
            self._table.clearSelection()
        self._restoring = False
        self.changed.emit()

    def carry(self) -> frozenset[int]:
        """Called before the view is filled anew: the comments to find again, the one at the top included."""
        ids, top = self._model.ids, self._table.top_row()
        self._anchor = ids[top] if 0 < top < len(ids) else None
        small = not self.is_all and self.count <= CARRIED
        self._carried = frozenset(self.ids()) if small else frozenset()
        return self._carried | ({self._anchor} if self._anchor is not None else set())

    def forget(self) -> None:
        """Another project: nothing is chosen."""
        self.is_all, self._anchor, self._carried = False, None, frozenset()

    @Slot()
    def drop(self) -> None:
        """Other rows are asked for: what was chosen among the ones before is not among these. *All* would
        otherwise be all of what comes next."""
        self._carried = frozenset()
        self.choose_all(False)

    @Slot()
    def extend(self) -> None:
        """More rows came: *all* includes them."""
        if self.is_all:
            self._restoring = True
            self._table.selectAll()
            self._restoring = False

    def restore(self, filled: Filled) -> None:
        """Called when the new view is whole: chooses the same comments, and goes back to the old place."""
        ids = self._model.ids
        found = [row for row in filled.found if row < len(ids)]
        self._restoring = True
        if not ids:
            self.is_all = False  # nothing in view says that rows which come later would be chosen
        if self.is_all:
            self._table.selectAll()
        else:
            rows = [row for row in found if ids[row] in self._carried]
            if rows:
                select_rows(self._table.selectionModel(), self._model, rows)
        self._restoring = False
        anchor = next((row for row in found if ids[row] == self._anchor), None)
        if anchor is not None:
            self._table.verticalScrollBar().setValue(anchor)
        self.changed.emit()

    @Slot()
    def _selection_changed(self) -> None:
        if self._restoring:
            return
        self.is_all = False
        self.changed.emit()
