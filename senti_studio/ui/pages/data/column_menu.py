"""Which columns the table shows: ours that can be hidden, and the original ones of all sources."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget

from senti_studio.ui.i18n import tr
from senti_studio.ui.models.comment_table import Column

OURS = (
    *(Column.ROW, Column.LABEL, Column.PREDICTION, Column.SOURCE),
    *(Column.LENGTH, Column.COPIES, Column.TIME),
)
"""Columns that can be hidden; the others always show."""


class ColumnMenu(QMenu):
    """Stays open while columns are ticked; `changed` after each."""

    changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.hidden: frozenset[Column] = frozenset()
        self.extra: tuple[str, ...] = ()
        self._names: Sequence[str] = ()
        self._headers: Sequence[str] = ()

    def set_columns(self, headers: Sequence[str], names: Sequence[str]) -> None:
        """``headers`` of our columns, ``names`` of the original ones."""
        self._headers, self._names = headers, names

    def show_choice(self, hidden: frozenset[Column], extra: tuple[str, ...]) -> None:
        self.hidden, self.extra = hidden, extra

    def open_at(self, where: QPoint) -> None:
        """Makes the entries and opens."""
        self.clear()
        for column in OURS:
            entry = self.addAction(self._headers[column].replace("&", "&&"))
            entry.setCheckable(True)
            entry.setChecked(column not in self.hidden)
            entry.toggled.connect(lambda on, which=column: self._show_ours(which, on))
        if self._names:
            self.addSeparator()
            self.addSection(tr("Original columns"))
        for name in self._names:
            entry = self.addAction((name or tr("(no name)")).replace("&", "&&"))
            entry.setCheckable(True)
            entry.setChecked(name in self.extra)
            entry.toggled.connect(lambda on, which=name: self._show_extra(which, on))
        self.popup(where)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._tick():
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() not in keys or not self._tick():
            super().keyPressEvent(event)

    def _tick(self) -> bool:
        """Ticks the entry under the mouse or the keys; a menu of Qt's own would close with that."""
        entry = next((each for each in self.actions() if each == self.activeAction()), None)
        if entry is None or not entry.isCheckable() or not entry.isEnabled():
            return False
        entry.trigger()
        return True

    def _show_ours(self, column: Column, on: bool) -> None:
        self.hidden = self.hidden - {column} if on else self.hidden | {column}
        self.changed.emit()

    def _show_extra(self, name: str, on: bool) -> None:
        kept = tuple(each for each in self.extra if each != name)
        self.extra = (*kept, name) if on else kept
        self.changed.emit()
