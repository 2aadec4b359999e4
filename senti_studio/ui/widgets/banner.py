"""A banner at the top of a page: what happened, one filled button, one plain, ✕ keeps it for later."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QWidget

from senti_studio.ui.i18n import tr
from senti_studio.ui.icons import pixmap
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import Button, button
from senti_studio.ui.widgets.styles import set_style, text_label

_ICONS = {"warn": ("alert", "warn"), "error": ("error", "danger"), "good": ("check", "accent-text")}
_GAP = 8


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
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(16, 10, 12, 10)
        self._grid.setHorizontalSpacing(_GAP)
        self._grid.setVerticalSpacing(6)
        self._row = QWidget(self)
        row = QHBoxLayout(self._row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_GAP)
        row.addWidget(self.text, 1)
        row.addWidget(self.secondary)
        row.addWidget(self.primary)
        self._is_one_row: bool | None = None
        self._place(one_row=False)
        theme.changed.connect(self._tint)
        self._tint()
        self.hide()

    def _place(self, *, one_row: bool) -> None:
        """Title over text and buttons, or all beside each other."""
        if one_row == self._is_one_row:
            return
        self._is_one_row = one_row
        grid, middle = self._grid, Qt.AlignmentFlag.AlignVCenter
        for widget in (self._picture, self.title, self._row, self.close_button):
            grid.removeWidget(widget)
        grid.addWidget(self._picture, 0, 0, middle)
        grid.addWidget(self.title, 0, 1)
        grid.addWidget(self.close_button, 0, 3, Qt.AlignmentFlag.AlignRight | middle)
        if one_row:
            grid.addWidget(self._row, 0, 2)
        else:
            grid.addWidget(self._row, 1, 1, 1, 3)
        grid.setColumnStretch(1, 0 if one_row else 1)
        grid.setColumnStretch(2, 1 if one_row else 0)
        for label in (self.title, self.text):
            label.setWordWrap(not one_row)
        self.text.setContentsMargins(_GAP if one_row else 0, 0, 0, 0)

    def _fit(self) -> None:
        """Side by side where nothing has to be wrapped for it."""
        words = sum(each.fontMetrics().horizontalAdvance(each.text()) for each in (self.title, self.text))
        shown = [each for each in (self.primary, self.secondary) if not each.isHidden()]
        others = [self._picture, self.close_button, *shown]
        room = sum(each.sizeHint().width() + _GAP for each in others) + 4 * _GAP + 28
        self._place(one_row=words + room <= self.width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

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
        self._fit()
        self.show()

    @Slot()
    def _put_off(self) -> None:
        self.hide()
        self.closed.emit()

    @Slot()
    def _tint(self) -> None:
        name, token = _ICONS[self._kind]
        self._picture.setPixmap(pixmap(name, self._theme, token=token, scale=self.devicePixelRatioF()))
