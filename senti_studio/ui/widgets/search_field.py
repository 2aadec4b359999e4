"""A one-line field with a magnifying glass."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from senti_studio.ui.icons import icon
from senti_studio.ui.theme import Theme


class SearchField(QLineEdit):
    """Esc empties it; Esc in the empty field gives the focus back to the page."""

    def __init__(self, *, theme: Theme, width: int = 200, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("searchField")  # its icon has room enough
        self.setFixedWidth(width)
        self._glass = QAction(self)
        self.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        theme.changed.connect(self._tint)
        self._tint()

    def set_hint(self, text: str) -> None:
        self.setPlaceholderText(text)
        self.setAccessibleName(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
            else:
                self.clearFocus()
            return
        super().keyPressEvent(event)

    @Slot()
    def _tint(self) -> None:
        self._glass.setIcon(icon("search", self._theme))
