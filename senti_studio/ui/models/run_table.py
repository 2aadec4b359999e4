"""The table of runs: one row a run, ticked rows lay their curves over the plots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from senti_studio.domain.run_states import RunState
from senti_studio.ui import formats
from senti_studio.ui.i18n import marked, tr

Index = QModelIndex | QPersistentModelIndex

TICK, NAME, STATE, STARTED, EPOCHS, MACRO_F1, ACCURACY, LOSS, SECONDS, MEMORY, ACTION = range(11)

TITLES = (
    "", marked("Run"), marked("State"), marked("Started"), marked("Epochs"), marked("Best macro F1"),
    marked("Accuracy"), marked("Valid. loss"), marked("Took"), marked("Peak memory"), "",
)  # fmt: skip

RowRole = Qt.ItemDataRole.UserRole + 1

ACTION_TEXTS = {
    "evaluate": marked("Open evaluation"),
    "train_on": marked("Train on it"),
    "resume": marked("Go on"),
    "retry": marked("Try again…"),
    "remove": marked("Remove"),
}


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run, or one request that waits in the queue (``state`` None, ``id`` ``queue:N``)."""

    id: str
    name: str
    state: RunState | None
    chip: tuple[str, str, str]
    started_at: datetime | None = None
    epochs: tuple[float, int] | None = None
    macro_f1: float | None = None
    accuracy: float | None = None
    loss: float | None = None
    seconds: float | None = None
    memory: int = 0
    action: str = ""
    architecture: str = ""
    trials: tuple[int, int] | None = None
    """Of a repeated training: how many are over, of how many."""
    tokens: tuple[int, int] | None = None
    """Of an adaptation that is to read so many tokens: how many it has read, of how many."""
    adapts: bool = False
    """No training: an encoder reads comments. ``source``: what it begins with; ``target``: what the new one
    is to be called, ``made_encoder``: its name on the shelf."""
    source: str = ""
    target: str = ""
    made_encoder: str = ""
    preset: str = ""
    """That of its options (`domain.architectures`), "" where these are its own."""

    @property
    def may_be_ticked(self) -> bool:
        return self.state is not None

    def text(self, column: int) -> str:
        """What stands in a cell."""
        if column == NAME:
            return self.name
        if column == STATE:
            return self.chip[0]
        if column == STARTED:
            return formats.when(self.started_at)
        if column == EPOCHS:
            return self._how_far()
        if column in (MACRO_F1, ACCURACY, LOSS):
            value = {MACRO_F1: self.macro_f1, ACCURACY: self.accuracy, LOSS: self.loss}[column]
            return formats.score(value)
        if column == SECONDS:
            return formats.duration(self.seconds)
        if column == MEMORY:
            return formats.size(self.memory) if self.memory else formats.MISSING
        if column == ACTION:
            return tr(ACTION_TEXTS[self.action]) if self.action else formats.MISSING
        return ""

    def _how_far(self) -> str:
        if self.trials:
            return f"{self.trials[0]} / {self.trials[1]} ×"
        if self.tokens:
            return tr("{n} tok").format(n=formats.short(self.tokens[0]))
        return f"{self.epochs[0]:g} / {self.epochs[1]}" if self.epochs else formats.MISSING


class RunTable(QAbstractTableModel):
    """Newest first. `ticked_changed` carries the ids of the ticked runs."""

    ticked_changed = Signal(list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[RunRow] = []
        self.ticked: set[str] = set()

    def set_rows(self, rows: Sequence[RunRow]) -> None:
        """Replaces the rows; those that stay are updated in place, so that selection and scroll bar stay."""
        new = list(rows)
        if [row.id for row in new] == [row.id for row in self.rows]:
            changed = [index for index, row in enumerate(new) if row != self.rows[index]]
            self.rows = new
            for index in changed:
                self.dataChanged.emit(self.index(index, 0), self.index(index, ACTION))
            return
        self.beginResetModel()
        self.rows = new
        self.endResetModel()
        gone = self.ticked - {row.id for row in new}
        if gone:
            self.ticked -= gone
            self.ticked_changed.emit(sorted(self.ticked))

    def update_row(self, row: RunRow) -> None:
        """Replaces the row of one run, if it is there."""
        index = self.row_of(row.id)
        if index is not None and self.rows[index] != row:
            self.rows[index] = row
            self.dataChanged.emit(self.index(index, 0), self.index(index, ACTION))

    def row_of(self, run_id: str) -> int | None:
        return next((index for index, row in enumerate(self.rows) if row.id == run_id), None)

    def retranslate(self) -> None:
        """All texts again."""
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, ACTION))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, ACTION)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(TITLES)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return row.text(column)
        if role == RowRole:
            return row
        if role == Qt.ItemDataRole.CheckStateRole and column == TICK and row.may_be_ticked:
            return Qt.CheckState.Checked if row.id in self.ticked else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if EPOCHS <= column <= MEMORY else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole and column in (NAME, STATE):
            return row.text(column)
        if role == Qt.ItemDataRole.ToolTipRole and column == EPOCHS and row.tokens:
            read, wanted = (formats.number(count) for count in row.tokens)
            return tr("{n} of {total} tokens").format(n=read, total=wanted)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{tr(TITLES[column])} {row.text(column)}".strip() if column != TICK else row.name
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or index.column() != TICK:
            return False
        run_id = self.rows[index.row()].id
        if Qt.CheckState(value) == Qt.CheckState.Checked:
            self.ticked.add(run_id)
        else:
            self.ticked.discard(run_id)
        self.dataChanged.emit(index, index, [Qt.ItemDataRole.CheckStateRole])
        self.ticked_changed.emit(sorted(self.ticked))
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() == TICK and self.rows[index.row()].may_be_ticked:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return tr(TITLES[section]) if TITLES[section] else ""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if EPOCHS <= section <= MEMORY else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None
