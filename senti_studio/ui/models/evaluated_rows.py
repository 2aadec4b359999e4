"""The list of predicted comments: filtered by a cell of the matrix, sorted by confidence or place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from senti_studio.domain.labels import Label
from senti_studio.ui import formats
from senti_studio.ui.i18n import marked, tr

if TYPE_CHECKING:
    from senti_studio.ui.pages.evaluate.shown import RowShown

Index = QModelIndex | QPersistentModelIndex

NUMBER, TEXT, TRUE, PREDICTED, CONFIDENCE, GO = range(6)
TITLES = (marked("Row"), marked("Comment"), marked("True"), marked("Predicted"), marked("Confidence"), "")
RowRole = int(Qt.ItemDataRole.UserRole) + 1
LabelRole = RowRole + 1


class EvaluatedRows(QAbstractTableModel):
    """``show`` replaces all rows, ``keep`` filters them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[RowShown, ...] = ()
        self._labels: tuple[Label, ...] = ()
        self._keep: Callable[[RowShown], bool] = lambda row: True
        self._column, self._order = CONFIDENCE, Qt.SortOrder.DescendingOrder
        self.rows: list[RowShown] = []

    def show(self, rows: Sequence[RowShown], labels: Sequence[Label]) -> None:
        self._all, self._labels = tuple(rows), tuple(labels)
        self._build()

    def keep(self, wanted: Callable[[RowShown], bool]) -> None:
        """Shows only the rows for which ``wanted`` holds."""
        self._keep = wanted
        self._build()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._column, self._order = column, order
        self._build()

    def _build(self) -> None:
        keys: dict[int, Callable[[RowShown], Any]] = {
            NUMBER: lambda each: (each.source, int(each.number or 0)),
            TEXT: lambda each: each.row.text,
            TRUE: lambda each: each.row.label,
            PREDICTED: lambda each: each.row.predicted,
        }
        self.beginResetModel()
        self.rows = sorted(
            filter(self._keep, self._all),
            key=keys.get(self._column, lambda each: each.row.confidence),
            reverse=self._order == Qt.SortOrder.DescendingOrder,
        )
        self.endResetModel()

    def retranslate(self) -> None:
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, GO)
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, GO))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(TITLES)

    def label(self, index: Index) -> Label | None:
        """The label that a chip column shows."""
        row = self.rows[index.row()].row
        position = row.label if index.column() == TRUE else row.predicted
        return self._labels[position] if position < len(self._labels) else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        each, column = self.rows[index.row()], index.column()
        if role == RowRole:
            return each
        if role == LabelRole and column in (TRUE, PREDICTED):
            return self.label(index)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._text(index)
        if role == Qt.ItemDataRole.ToolTipRole and column == NUMBER:
            return each.source
        if role == Qt.ItemDataRole.ToolTipRole and column == TEXT and len(each.row.text) > 30:
            return each.row.text
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = (
                Qt.AlignmentFlag.AlignRight if column in (NUMBER, CONFIDENCE) else Qt.AlignmentFlag.AlignLeft
            )
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def _text(self, index: Index) -> str:
        each, column = self.rows[index.row()], index.column()
        if column in (TRUE, PREDICTED):
            label = self.label(index)
            return label.name if label is not None else ""
        if column == NUMBER:
            return formats.number(int(each.number)) if each.number else formats.MISSING
        if column == TEXT:
            return " ".join(each.row.text.split())
        if column == CONFIDENCE:
            return formats.score(each.row.confidence, decimals=2)
        return tr("Go to comment") if each.row.is_there else ""

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            words = tr(TITLES[section]) if TITLES[section] else ""
            return f"{words}\u2003" if section in (NUMBER, CONFIDENCE) else words  # room for the arrow
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = (
                Qt.AlignmentFlag.AlignRight if section in (NUMBER, CONFIDENCE) else Qt.AlignmentFlag.AlignLeft
            )
            return side | Qt.AlignmentFlag.AlignVCenter
        return None
