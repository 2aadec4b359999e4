"""The first rows of a file as they were decoded: read-only, all cells are text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from senti_studio.ui.theme import Theme

_SHOWN = 400
"""Characters of a cell that are laid out; a cell of 200,000 characters would stall the view."""

Index = QModelIndex | QPersistentModelIndex


def shown(text: str) -> str:
    """A cell on one line: line breaks become ⏎, other control characters ␣, the end is cut."""
    cut = text[:_SHOWN].replace("\r\n", "⏎").replace("\n", "⏎").replace("\r", "⏎").replace("\t", "⇥")
    cut = cut.replace("\0", "␀")
    return cut + "…" if len(text) > _SHOWN else cut


class PreviewTable(QAbstractTableModel):
    """Rows of cells; the vertical header tells the line of the file."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._columns: tuple[str, ...] = ()
        self._rows: Sequence[Sequence[str]] = ()
        self._lines: Sequence[int] = ()
        self._faint: frozenset[int] = frozenset()
        self._text_column: int | None = None
        self.bad_lines: frozenset[int] = frozenset()

    def show(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        lines: Sequence[int],
        *,
        ragged: Sequence[int] = (),
    ) -> None:
        """Replaces everything; ``ragged`` are the lines whose number of cells differs from the header's."""
        self.beginResetModel()
        self._columns, self._rows, self._lines = tuple(columns), rows, lines
        self.bad_lines = frozenset(ragged)
        self.endResetModel()

    def set_text_column(self, column: int | None) -> None:
        """The text column is drawn in the main text colour, the others in the second one."""
        self._text_column = column
        if self._rows:
            self.dataChanged.emit(
                self.index(0, 0), self.index(len(self._rows) - 1, max(0, len(self._columns) - 1))
            )

    def whole_text(self, index: Index) -> str:
        """The uncut cell; empty where a short row has none."""
        row = self._rows[index.row()]
        return row[index.column()] if index.column() < len(row) else ""

    def line(self, row: int) -> int:
        """The line of the file on which the row starts."""
        return self._lines[row] if row < len(self._lines) else row + 1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Rows in the preview."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Columns of the file."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Cell text on one line, "—" for an empty cell, colours by role of the column."""
        if not index.isValid():
            return None
        text = self.whole_text(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return shown(text) or "—"
        if role == Qt.ItemDataRole.ToolTipRole:
            return text[:2000] + ("…" if len(text) > 2000 else "") if len(text) > 20 else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return text[:_SHOWN]
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._ink(index, text)
        if role == Qt.ItemDataRole.BackgroundRole and self.line(index.row()) in self.bad_lines:
            return self._theme.colour("warn-soft")
        return None

    def _ink(self, index: Index, text: str) -> QColor:
        if not text:
            return self._theme.colour("text3")
        if "�" in text:
            return self._theme.colour("danger")
        return self._theme.colour("text" if index.column() == self._text_column else "text2")

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Column names above, line numbers at the side."""
        if role == Qt.ItemDataRole.DisplayRole:
            if orientation == Qt.Orientation.Vertical:
                return f"{self.line(section):,}"
            return shown(self._columns[section]) if section < len(self._columns) else ""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = (
                Qt.AlignmentFlag.AlignRight
                if orientation == Qt.Orientation.Vertical
                else Qt.AlignmentFlag.AlignLeft
            )
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None
