"""The words that are underlined in a project: looked through, added, left out, put back."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from senti_studio.domain.lexicon import LONGEST_WORD, WordChanges, WordClass
from senti_studio.ui.context import UiContext
from senti_studio.ui.formats import number
from senti_studio.ui.i18n import tr
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.styles import text_label

_WORD = Qt.ItemDataRole.UserRole
_MOST_AT_ONCE = 500
_ROW_HEIGHT = 28


def class_names() -> dict[WordClass, str]:
    return {
        WordClass.POSITIVE: tr("Positive"),
        WordClass.NEGATIVE: tr("Negative"),
        WordClass.NEGATION: tr("Negation"),
        WordClass.DEGREE: tr("Degree"),
        WordClass.NEUTRAL: tr("Leave alone"),
    }


class WordsDialog(QDialog):
    """Sends `taken` with the `WordChanges` when the user saves them."""

    taken = Signal(object)

    def __init__(
        self, context: UiContext, own: Mapping[str, WordClass], changes: WordChanges, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._own = own
        self.changes = changes
        self._before = changes
        self._earlier: list[WordChanges] = []
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Words to underline"))
        self.resize(720, 560)
        self._build(context)
        QShortcut(QKeySequence.StandardKey.Undo, self, self.undo)
        self.classes.setCurrentRow(0)
        self._show()
        self.search.setFocus()

    def _build(self, context: UiContext) -> None:
        theme = context.theme
        hint = tr(
            "The longest word at a place counts. “Leave alone” holds words that only look as if another one "
            "were in them. The words help reading; no training uses them."
        )
        self.classes = QListWidget()
        self.classes.setFixedWidth(180)
        self.classes.setAccessibleName(tr("Class"))
        for _ in WordClass:
            self.classes.addItem(_row_item(""))
        self.classes.currentRowChanged.connect(lambda _: self._show())
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search words"))
        self.search.setAccessibleName(tr("Search words"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda _: self._show())
        self.words = QListWidget()
        self.words.setAccessibleName(tr("Words to underline"))
        self.words.setUniformItemSizes(True)
        self.words.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.words.itemSelectionChanged.connect(self._show_acts)
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("New words, separated by blanks"))
        self.field.setAccessibleName(tr("New words, separated by blanks"))
        self.field.returnPressed.connect(self.add)
        self.add_button = button(tr("Add"), theme=theme, icon="plus")
        self.add_button.clicked.connect(self.add)
        self.leave_out = button(tr("Leave out"), theme=theme, icon="minus")
        self.leave_out.clicked.connect(self.remove)
        self.put_back = button(tr("Put back"), theme=theme, icon="refresh")
        self.put_back.clicked.connect(self.restore)
        self.told = text_label(role="second", wrap=True)
        self.take_back = button(tr("Undo"), theme=theme, icon="undo")
        self.take_back.clicked.connect(self.undo)
        self.defaults = button(tr("The program's own words"), theme=theme, kind="quiet")
        self.defaults.clicked.connect(lambda: self._set(WordChanges()))
        self.save = button(tr("Save"), theme=theme, kind="primary")
        self.save.clicked.connect(self._save)
        cancel = button(tr("Cancel"), theme=theme)
        cancel.clicked.connect(self.reject)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.search)
        right.addWidget(self.words, 1)
        right.addLayout(_row(self.leave_out, self.put_back, None))
        right.addLayout(_row(self.field, self.add_button))
        halves = QHBoxLayout()
        halves.setSpacing(16)
        halves.addWidget(self.classes)
        halves.addLayout(right, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(text_label(hint, role="second", wrap=True))
        layout.addLayout(halves, 1)
        layout.addWidget(self.told)
        layout.addLayout(_row(self.take_back, self.defaults, None, cancel, self.save))

    # ---- showing -------------------------------------------------------------------------------------------

    @property
    def kind(self) -> WordClass:
        """The class in view."""
        return tuple(WordClass)[max(0, self.classes.currentRow())]

    @Slot()
    def _show(self) -> None:
        applied, kind = self.changes.applied(self._own), self.kind
        names = class_names()
        for place, each in enumerate(WordClass):
            count = sum(its is each for its in applied.values())
            self.classes.item(place).setText(f"{names[each]}  {number(count)}")
        wanted = self.search.text().strip().lower()
        left_out = [word for word in self.changes.removed if self._own.get(word) is kind]
        shown = [word for word, its in applied.items() if its is kind] + left_out
        self.words.clear()
        for word in sorted(each for each in shown if wanted in each.lower()):
            self.words.addItem(self._item(word))
        self.take_back.setEnabled(bool(self._earlier))
        self.defaults.setEnabled(not self.changes.is_empty)
        self._show_acts()

    def _item(self, word: str) -> QListWidgetItem:
        """A word; what this project added or left out says so, and looks so."""
        item = _row_item(word)
        item.setData(_WORD, word)
        face = QFont(self.words.font())
        if word in self.changes.removed:
            item.setText(f"{word}  {tr('(left out)')}")
            face.setStrikeOut(True)
        elif word in self.changes.added:
            item.setText(f"{word}  {tr('(added)')}")
            face.setBold(True)
        else:
            return item
        item.setFont(face)
        return item

    @property
    def chosen(self) -> list[str]:
        return [str(item.data(_WORD)) for item in self.words.selectedItems()]

    @Slot()
    def _show_acts(self) -> None:
        chosen = self.chosen
        changed = set(self.changes.added) | self.changes.removed
        self.leave_out.setEnabled(any(word not in self.changes.removed for word in chosen))
        self.put_back.setEnabled(any(word in changed for word in chosen))

    # ---- changing ------------------------------------------------------------------------------------------

    def _set(self, changes: WordChanges) -> None:
        if changes != self.changes:
            self._earlier.append(self.changes)
            self.changes = changes
        self.told.setText("")
        self._show()

    @Slot()
    def add(self) -> None:
        """Takes what stands in the field into the class in view."""
        words = list(dict.fromkeys(self.field.text().split()))[:_MOST_AT_ONCE]
        fitting = [word for word in words if len(word) <= LONGEST_WORD]
        changes, known = self.changes, self.changes.applied(self._own)
        for word in fitting:
            changes = changes.with_word(word, self.kind, self._own)
        self._set(changes)
        moved = [word for word in fitting if known.get(word, self.kind) is not self.kind]
        if len(fitting) < len(words):
            self.told.setText(tr("A word has {n} characters at most.").format(n=LONGEST_WORD))
        elif moved:
            words_moved = "、".join(moved[:5])
            self.told.setText(tr("Moved here from another class: {words}").format(words=words_moved))
        self.field.clear()

    @Slot()
    def remove(self) -> None:
        """Leaves the chosen words out."""
        changes = self.changes
        for word in self.chosen:
            changes = changes.without_word(word, self._own)
        self._set(changes)

    @Slot()
    def restore(self) -> None:
        """Makes the chosen words what the program has them as."""
        changes = self.changes
        for word in self.chosen:
            changes = changes.restored(word)
        self._set(changes)

    @Slot()
    def undo(self) -> None:
        """Takes the last change back."""
        if self._earlier:
            self.changes = self._earlier.pop()
            self.told.setText("")
            self._show()

    @Slot()
    def _save(self) -> None:
        if self.field.text().strip():
            self.add()
        if self.changes != self._before:
            self.taken.emit(self.changes)
        self.accept()


def _row_item(text: str) -> QListWidgetItem:
    """An item of a list; given a height, because a style sheet's own leaves no room for the letters."""
    item = QListWidgetItem(text)
    item.setSizeHint(QSize(0, _ROW_HEIGHT))
    return item


def _row(*parts: QWidget | None) -> QHBoxLayout:
    """Parts side by side; None is empty room."""
    row = QHBoxLayout()
    row.setSpacing(8)
    for part in parts:
        if part is None:
            row.addStretch(1)
        else:
            row.addWidget(part, 1 if isinstance(part, QLineEdit) else 0)
    return row
