"""The strip below the steps: cancel at the left, what is safe in the middle, back and next at the right."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from senti_studio.ui.icons import pixmap
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.styles import set_style, text_label


class Footer(QFrame):
    """56 px high; the texts are the page's."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("importFooter")
        self.setProperty("card", "footer")
        self.setFixedHeight(56)
        self.cancel = button(" ", kind="quiet", theme=theme)
        self.back = button(" ", icon="left", theme=theme)
        self.next = button(" ", kind="primary", theme=theme)
        self._picture = QLabel(self)
        self.note = text_label(role="second")
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 24, 0)
        row.setSpacing(8)
        row.addWidget(self.cancel)
        row.addStretch()
        row.addWidget(self._picture)
        row.addWidget(self.note)
        row.addSpacing(8)
        row.addWidget(self.back)
        row.addWidget(self.next)

    def say(self, text: str, *, is_obstacle: bool) -> None:
        """The safe sentence with its lock, or what is missing, in amber."""
        self.note.setText(text)
        set_style(self.note, "role", "warn" if is_obstacle else "second")
        name, token = ("alert", "warn") if is_obstacle else ("lock", "text2")
        self._picture.setPixmap(pixmap(name, self._theme, token=token, scale=self.devicePixelRatioF()))
        self._picture.setVisible(bool(text))
