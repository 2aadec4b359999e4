"""Buttons: plain, primary, danger, quiet, link; with an icon that follows the theme and a keycap."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QStyle, QStyleOptionButton, QWidget

from senti_studio.ui.fonts import font
from senti_studio.ui.icons import icon as tinted
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.keycap import HEIGHT, key_text, keycap_width, paint_keycap
from senti_studio.ui.widgets.styles import set_style

KINDS = ("plain", "primary", "danger", "quiet", "link")
GAP = 4
"""Qt leaves 4 px between icon and text; these are added to it."""
_ICON_TOKENS = {
    "plain": "text",
    "primary": "on-accent",
    "danger": "danger",
    "quiet": "text2",
    "link": "accent-text",
}


class Button(QPushButton):
    """A push button 32 px high (28 dense, 40 large). The mouse does not take the focus away from the page."""

    def __init__(
        self,
        text: str = "",
        *,
        theme: Theme,
        kind: str = "plain",
        icon: str | None = None,
        key: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._theme = theme
        self._icon_name = icon
        self._key = key_text(key) if key else ""
        self._kind = kind
        self._icon_look: object = None
        self.setFont(font("ui"))
        self.setProperty("kind", kind)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoDefault(False)
        if icon and not text:
            self.setProperty("iconOnly", "true")
        self._tint()
        theme.changed.connect(self._tint)

    @property
    def kind(self) -> str:
        return self._kind

    def setText(self, text: str) -> None:
        """A button that gets its word later is no icon button any more."""
        super().setText(text)
        set_style(self, "iconOnly", "true" if self._icon_name and not text else "false")
        self._tint()

    def set_kind(self, kind: str) -> None:
        """Changes the look, for example plain → primary when it becomes the one thing to do."""
        self._kind = kind
        set_style(self, "kind", kind)
        self._tint()

    def set_icon(self, name: str | None) -> None:
        if name != self._icon_name:
            self._icon_name = name
            self.setIcon(QIcon())
            self._icon_look = None
            self._tint()

    def set_key(self, key: str | None) -> None:
        shown = key_text(key) if key else ""
        if shown != self._key:
            self._key = shown
            self._tint()  # keeps the room of the keycap free
            self.updateGeometry()
            self.update()

    def set_dense(self, dense: bool = True) -> None:
        """28 px high."""
        set_style(self, "dense", "true" if dense else "false")

    def set_large(self, large: bool = True) -> None:
        """40 px high."""
        set_style(self, "large", "true" if large else "false")

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return presses the button that has the focus; a dialog would press its default button instead."""
        is_return = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_return and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._key:
            return
        width = keycap_width(self._key)
        left = min(self.width() - width - 8, self._end_of_text() + 8)
        rect = QRectF(left, (self.height() - HEIGHT) / 2, width, HEIGHT)
        painter = QPainter(self)
        if self._kind == "primary" and self.isEnabled():
            paint_keycap(
                painter, rect, self._key, self._theme, ground="", ink="on-accent", border="on-accent"
            )
        else:
            ink = "text2" if self.isEnabled() else "disabled"
            paint_keycap(painter, rect, self._key, self._theme, ink=ink)

    def _end_of_text(self) -> float:
        """Where the words end, which stand in the middle of what the keycap leaves."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        inner = self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self)
        wide = self.fontMetrics().horizontalAdvance(self.text().replace("&", ""))
        if not self.icon().isNull():
            wide += self.iconSize().width() + GAP
        return inner.left() + (inner.width() + wide) / 2

    @Slot()
    def _tint(self) -> None:
        if self._icon_name:
            token = _ICON_TOKENS[self._kind]
            gap = GAP if self.text() else 0
            look = (self._icon_name, token, gap, self._theme.mode)
            if look != self._icon_look:
                self._icon_look = look
                name = self._icon_name
                self.setIcon(tinted(name, self._theme, token=token, on_token="accent-text", gap=gap))
                self.setIconSize(QSize(16 + gap, 16))
        pad = f"padding-right: {keycap_width(self._key) + 16}px;" if self._key else ""
        if self.styleSheet() != pad:
            self.setStyleSheet(pad)


def button(
    text: str = "",
    *,
    theme: Theme,
    kind: str = "plain",
    icon: str | None = None,
    key: str | None = None,
    name: str = "",
) -> Button:
    """A button; ``name`` is the accessible name and tooltip of one that has an icon only."""
    made = Button(text, theme=theme, kind=kind, icon=icon, key=key)
    if name:
        made.setAccessibleName(name)
        made.setToolTip(name)
    return made
