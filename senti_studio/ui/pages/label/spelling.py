"""Choosing a label by its first letters, for label sets with more labels than digit keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent

from senti_studio.domain.labels import Label
from senti_studio.ui.key_names import character_of
from senti_studio.ui.pages.label.first_letters import matches

_PATIENCE_MS = 2000


class Spelling(QObject):
    """Begins with Shift+letter, goes on with letters, ends with the only match, Esc or two quiet seconds."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.typed = ""
        self._names: Sequence[str] = ()
        self._ids: Sequence[int] = ()
        self._over = QTimer(self)
        self._over.setSingleShot(True)
        self._over.setInterval(_PATIENCE_MS)
        self._over.timeout.connect(self.end)

    @property
    def is_open(self) -> bool:
        return bool(self.typed)

    @property
    def found(self) -> int | None:
        """The id of the only label that begins so, or None."""
        places = matches(self.typed, self._names)
        return self._ids[places[0]] if len(places) == 1 else None

    def begin(self, letter: str, labels: Sequence[Label]) -> None:
        self._names = [label.name for label in labels]
        self._ids = [label.id for label in labels]
        self._set(letter)

    def take(self, event: QKeyEvent) -> bool:
        """A key while open: letters go on, Backspace takes one back, Esc ends; False for any other key."""
        if event.key() == Qt.Key.Key_Escape:
            self.end()
            return True
        if event.key() == Qt.Key.Key_Backspace:
            self._set(self.typed[:-1])
            return True
        letter = character_of(event).lower()
        if not letter.isalpha():
            self.end()
            return False
        self._set(self.typed + letter)
        return True

    @Slot()
    def end(self) -> None:
        self._set("")

    def _set(self, typed: str) -> None:
        # what matches nothing is dropped, so that one wrong letter does not block the next try
        self.typed = typed if matches(typed, self._names) else ""
        if self.typed:
            self._over.start()
        else:
            self._over.stop()
        self.changed.emit()
