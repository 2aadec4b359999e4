"""The lines of the journal, newest first, more of them as the view asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFont

from senti_studio.domain.journal import JournalItem, JournalPage, Standing, Verb
from senti_studio.domain.labels import Label
from senti_studio.ui import formats
from senti_studio.ui.i18n import marked, tr
from senti_studio.ui.label_row import mark_icon
from senti_studio.ui.models.preview_table import shown
from senti_studio.ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex

TIME, WHO, WHAT, COMMENT = range(4)
TITLES = (marked("Time"), marked("Who"), marked("What"), marked("Comment"))

_VERBS = {
    Verb.LABEL: marked("Labelled"),
    Verb.CLEAR: marked("Label removed"),
    Verb.SKIP: marked("Skipped"),
    Verb.UNSKIP: marked("Not skipped"),
    Verb.FLAG: marked("Flagged"),
    Verb.UNFLAG: marked("Flag removed"),
    Verb.EXCLUDE: marked("Excluded"),
    Verb.RESTORE: marked("No longer excluded"),
    Verb.NOTE: marked("Note"),
    Verb.KEEP: marked("Label confirmed"),
    Verb.ADD_LABEL: marked("New label"),
    Verb.CHANGE_LABEL: marked("Label changed"),
    Verb.MOVE_LABEL: marked("Label moved"),
    Verb.REMOVE_LABEL: marked("Label taken out"),
    Verb.RESTORE_LABEL: marked("Label brought back"),
    Verb.MERGE_LABEL: marked("Labels merged"),
    Verb.ADJUDICATE: marked("Adjudicated"),
    Verb.MERGE_PROJECT: marked("Project merged"),
}


def verb_words(verb: Verb) -> str:
    """What was done, in a word or two."""
    return tr(_VERBS[verb]) if verb in _VERBS else str(verb)


class JournalTable(QAbstractTableModel):
    """`more_wanted` is sent when the view has come near the end; `add` brings the next page."""

    more_wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._items: list[JournalItem] = []
        self._labels: dict[int, Label] = {}
        self._older: int | None = None
        self._is_asked = False

    def set_labels(self, labels: Sequence[Label]) -> None:
        self._labels = {label.id: label for label in labels}

    def start(self, page: JournalPage) -> None:
        """Replaces everything."""
        self.beginResetModel()
        self._items, self._older, self._is_asked = list(page.items), page.older, False
        self.endResetModel()

    def add(self, page: JournalPage) -> None:
        """The lines below."""
        first = len(self._items)
        self._older, self._is_asked = page.older, False
        if page.items:
            self.beginInsertRows(QModelIndex(), first, first + len(page.items) - 1)
            self._items += page.items
            self.endInsertRows()

    @property
    def older(self) -> int | None:
        """Where the next page begins; None at the end."""
        return self._older

    def item(self, row: int) -> JournalItem | None:
        return self._items[row] if 0 <= row < len(self._items) else None

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and self._older is not None and not self._is_asked

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self._is_asked = True
            self.more_wanted.emit(self._older)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._items)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return len(TITLES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr(TITLES[section])
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item = self.item(index.row())
        if item is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(item, index.column())
        if role == Qt.ItemDataRole.DecorationRole and index.column() == WHAT:
            label = self._labels.get(item.label_id or 0)
            return mark_icon(label.appearance, self._theme) if label is not None and _gives(item) else None
        if role == Qt.ItemDataRole.FontRole:
            face = QFont()
            face.setStrikeOut(item.standing in (Standing.UNDONE, Standing.DROPPED))
            return face if face.strikeOut() and index.column() == WHAT else None
        if role == Qt.ItemDataRole.ForegroundRole and item.standing is not Standing.DONE:
            return self._theme.colour("text3")
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == COMMENT:
            return item.text or None
        return None

    def _words(self, item: JournalItem, column: int) -> str:
        if column == TIME:
            return formats.to_the_second(item.at)
        if column == WHO:
            return item.annotator
        if column == COMMENT:
            return shown(item.text)
        label = self._labels.get(item.label_id or 0)
        if item.verb in (Verb.UNDO, Verb.REDO):
            words = tr("Undone: {what}") if item.verb is Verb.UNDO else tr("Redone: {what}")
            of = label.name if item.of is Verb.LABEL and label else verb_words(item.of or item.verb)
            what = words.format(what=of)
        else:
            what = label.name if label is not None and _gives(item) else verb_words(item.verb)
        return what + (f" × {formats.number(item.count)}" if item.count > 1 else "")


def _gives(item: JournalItem) -> bool:
    return item.verb in (Verb.LABEL, Verb.KEEP, Verb.ADJUDICATE)
