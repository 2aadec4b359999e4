"""Conflicts of a merge as a table: who, which comment, both labels with their times, and whose counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTableView

from senti_studio.domain.labels import Label
from senti_studio.domain.merging import Conflict, Side
from senti_studio.ui import formats
from senti_studio.ui.i18n import tr

PERSON, TEXT, MINE, THEIRS, TAKEN = range(5)
Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()


class ConflictModel(QAbstractTableModel):
    """`choices` holds what was chosen one by one; for the others the rule decides."""

    changed = Signal()

    def __init__(
        self, conflicts: tuple[Conflict, ...], labels: Mapping[int, Label], parent: QTableView
    ) -> None:
        super().__init__(parent)
        self.conflicts = conflicts
        self._labels = labels
        self._rule = Side.NEWEST
        self.choices: dict[tuple[int, str], Side] = {}

    def set_rule(self, rule: Side) -> None:
        """Decides all conflicts anew; what was chosen one by one is forgotten."""
        self._rule = rule
        self.choices.clear()
        self._renew()

    def toggle(self, row: int) -> None:
        """The other side's label counts."""
        each = self.conflicts[row]
        other = Side.MINE if self.side(row) is Side.THEIRS else Side.THEIRS
        self.choices[each.comment_id, each.annotator] = other
        self._renew()

    def side(self, row: int) -> Side:
        """Whose label counts."""
        each = self.conflicts[row]
        return self.choices.get((each.comment_id, each.annotator)) or each.taken(self._rule)

    def _renew(self) -> None:
        if self.conflicts:
            last = self.index(len(self.conflicts) - 1, TAKEN)
            self.dataChanged.emit(self.index(0, 0), last)
        self.changed.emit()

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.conflicts)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else 5

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (tr("Annotator"), tr("Comment"), tr("Here"), tr("In the copy"), tr("Taken"))[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        each = self.conflicts[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == TEXT:
            return each.text[:400]
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        side = self.side(index.row())
        return {
            PERSON: each.annotator,
            TEXT: each.text[:120].replace("\n", " "),
            MINE: f"{self._name(each.mine)} · {formats.when(each.mine_at)}",
            THEIRS: f"{self._name(each.theirs)} · {formats.when(each.theirs_at)}",
            TAKEN: tr("Here") if side is Side.MINE else tr("In the copy"),
        }[index.column()]

    def _name(self, label_id: int | None) -> str:
        label = self._labels.get(label_id or 0)
        return f"{label.shape} {label.name}" if label is not None else tr("no label")


class ConflictTable(QTableView):
    """A double click, the space bar or return lets the other label count."""

    def __init__(self, conflicts: tuple[Conflict, ...], labels: Mapping[int, Label]) -> None:
        super().__init__()
        self.rows = ConflictModel(conflicts, labels, self)
        self.setModel(self.rows)
        self.setAccessibleName(tr("Conflicts"))
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setToolTip(tr("Double click or space: the other label counts"))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(32)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        head.setSectionResizeMode(TEXT, QHeaderView.ResizeMode.Stretch)
        for column, width in ((PERSON, 90), (MINE, 170), (THEIRS, 170), (TAKEN, 100)):
            self.setColumnWidth(column, width)
        self.doubleClicked.connect(lambda index: self.rows.toggle(index.row()))

    def keyPressEvent(self, event: Any) -> None:
        if event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self.rows.toggle(self.currentIndex().row())
        else:
            super().keyPressEvent(event)
