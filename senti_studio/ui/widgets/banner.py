"""A banner at the top of a page: what happened, one filled button, one plain, ✕ keeps it for later."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QWidget

from senti_studio.ui.i18n import tr
from senti_studio.ui.icons import pixmap
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import Button, button
from senti_studio.ui.widgets.styles import set_style, text_label

_ICONS = {"warn": ("alert", "warn"), "error": ("error", "danger"), "good": ("check", "accent-text")}


class Banner(QFrame):
    """Hidden until `show_message`; `closed` when the user puts it off."""

    closed = Signal()

    def __init__(self, *, theme: Theme, kind: str = "warn", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kind = kind
        self.setProperty("card", kind)
        self._picture = QLabel()
        self.title = text_label(bold=True, wrap=True)
        self.text = text_label(role="second", wrap=True)
        self.primary: Button = button(theme=theme, kind="primary")
        self.secondary: Button = button(theme=theme)
        self.close_button = button(theme=theme, kind="quiet", icon="x", name=tr("Close"))
        self.close_button.set_dense()
        self.close_button.clicked.connect(self._put_off)
        layout = QGridLayout(self)
        layout.setContentsMargins(16, 10, 12, 10)
        layout.setHorizontalSpacing(8)
        layout.setVerticalSpacing(6)
        layout.addWidget(self._picture, 0, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self.title, 0, 1)
        layout.addWidget(self.close_button, 0, 2, Qt.AlignmentFlag.AlignRight)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.text, 1)
        row.addWidget(self.secondary)
        row.addWidget(self.primary)
        layout.addLayout(row, 1, 1, 1, 2)
        layout.setColumnStretch(1, 1)
        theme.changed.connect(self._tint)
        self._tint()
        self.hide()

    def show_message(
        self, title: str, text: str = "", *, primary: str = "", secondary: str = "", kind: str | None = None
    ) -> None:
        """Shows the banner; connect ``primary.clicked`` and ``secondary.clicked`` once, outside."""
        if kind:
            self._kind = kind
            set_style(self, "card", kind)
            self._tint()
        self.title.setText(title)
        self.text.setText(text)
        self.primary.setText(primary)
        self.secondary.setText(secondary)
        self.primary.setVisible(bool(primary))
        self.secondary.setVisible(bool(secondary))
        self.setAccessibleName(title)
        self.show()

    @Slot()
    def _put_off(self) -> None:
        self.hide()
        self.closed.emit()

    @Slot()
    def _tint(self) -> None:
        name, token = _ICONS[self._kind]
        self._picture.setPixmap(pixmap(name, self._theme, token=token, scale=self.devicePixelRatioF()))
