"""Precision, recall and F1 of each class, and their plain mean, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from senti_studio.domain.labels import Label
from senti_studio.ui import formats
from senti_studio.ui.i18n import marked, tr

if TYPE_CHECKING:
    from senti_studio.ui.pages.evaluate.shown import EvaluationShown

Index = QModelIndex | QPersistentModelIndex

NAME, ROWS, PRECISION, RECALL, F1, INTERVAL = range(6)
TITLES = (
    marked("Class"),
    marked("Support"), marked("Precision"), marked("Recall"), "F1", marked("95% interval of F1"),
)  # fmt: skip
IntervalRole = int(Qt.ItemDataRole.UserRole) + 1
LabelRole = IntervalRole + 1


class ClassFigures(QAbstractTableModel):
    """One row a class; the last row is the mean over all classes."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shown: EvaluationShown | None = None
        self.lowest = 0.0

    def show(self, shown: EvaluationShown | None) -> None:
        self.beginResetModel()
        self._shown = shown
        ends = [low for low, _ in shown.f1] if shown is not None else []
        self.lowest = max(0.0, int(min(ends, default=0.0) * 5) / 5)
        self.endResetModel()

    def retranslate(self) -> None:
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, INTERVAL)
        if self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, INTERVAL))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() or self._shown is None else len(self._shown.labels) + 1

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(TITLES)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        shown = self._shown
        if shown is None or not index.isValid():
            return None
        if role == LabelRole:
            return self._label(index.row())
        if role == IntervalRole:
            low, high = self._interval(index.row())
            return low, self._numbers(index.row())[3], high
        if role in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return self._text(index)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if ROWS <= index.column() <= F1 else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def _label(self, row: int) -> Label | None:
        labels = self._shown.labels if self._shown is not None else ()
        return labels[row] if row < len(labels) else None

    def _interval(self, row: int) -> tuple[float, float]:
        assert self._shown is not None
        return self._shown.f1[row] if row < len(self._shown.f1) else self._shown.macro_f1

    def _numbers(self, row: int) -> tuple[int, float, float, float]:
        assert self._shown is not None
        figures = self._shown.figures
        if row < len(figures.per_label):
            one = figures.per_label[row]
            return one.support, one.precision, one.recall, one.f1
        occurring = [each for each in figures.per_label if each.support or each.precision]
        count = max(1, len(occurring))
        precision = sum(each.precision for each in occurring) / count
        recall = sum(each.recall for each in occurring) / count
        return figures.rows, precision, recall, figures.macro_f1

    def _text(self, index: Index) -> str:
        column = index.column()
        if column == NAME:
            label = self._label(index.row())
            return label.name if label is not None else tr("Mean")
        support, precision, recall, f1 = self._numbers(index.row())
        if column == ROWS:
            return formats.number(support)
        if column == INTERVAL:
            low, high = self._interval(index.row())
            return f"{formats.score(low)} – {formats.score(high)}"
        return formats.score({PRECISION: precision, RECALL: recall, F1: f1}[column])

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return tr(TITLES[section])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if ROWS <= section <= F1 else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None
