"""What stands where nothing is yet: what is missing, how to get it, a filled and a plain button at most."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from senti_studio.ui.icons import pixmap
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import Button
from senti_studio.ui.widgets.styles import text_label

ButtonSpec = tuple[str, Callable[[], object]]


class EmptyState(QWidget):
    """Centred in the region that it replaces. Buttons are given as (text, function)."""

    def __init__(
        self,
        icon: str,
        title: str = "",
        text: str = "",
        primary: ButtonSpec | None = None,
        secondary: ButtonSpec | None = None,
        *,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon_name = icon
        self._picture = QLabel()
        self.title = text_label(size="label", bold=True, wrap=True)
        self.text = text_label(role="second", wrap=True)
        self.primary = Button(theme=theme, kind="primary")
        self.secondary = Button(theme=theme)
        for label in (self._picture, self.title, self.text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.primary)
        buttons.addWidget(self.secondary)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addStretch(1)
        for label in (self._picture, self.title, self.text):
            layout.addWidget(label)
        layout.addSpacing(8)
        layout.addLayout(buttons)
        layout.addStretch(1)
        for made, spec in ((self.primary, primary), (self.secondary, secondary)):
            made.setVisible(spec is not None)
            if spec is not None:
                made.clicked.connect(spec[1])
        self.set_texts(title, text, primary[0] if primary else "", secondary[0] if secondary else "")
        theme.changed.connect(self._tint)
        self._tint()

    def set_texts(self, title: str, text: str, primary: str = "", secondary: str = "") -> None:
        """Sets all words again, after a change of language or of what is missing."""
        self.title.setText(title)
        self.text.setText(text)
        self.primary.setText(primary)
        self.secondary.setText(secondary)
        self.setAccessibleName(title)

    @Slot()
    def _tint(self) -> None:
        self._picture.setPixmap(
            pixmap(self._icon_name, self._theme, token="border-ctl", size=72, scale=self.devicePixelRatioF())
        )
