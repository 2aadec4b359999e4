"""Shows a key and, once clicked, waits for another one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from senti_studio.ui.fonts import font
from senti_studio.ui.i18n import tr
from senti_studio.ui.key_names import key_name
from senti_studio.ui.widgets.keycap import key_text
from senti_studio.ui.widgets.styles import set_style


class KeyButton(QPushButton):
    """`pressed_key` carries the name of what was pressed; Esc and leaving the button end the waiting."""

    pressed_key = Signal(str)
    listening = Signal(bool)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._key = ""
        self.is_listening = False
        self.setFont(font("small"))
        self.setProperty("kind", "plain")
        self.setProperty("dense", "true")
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedWidth(148)
        self.setAutoDefault(False)
        self.clicked.connect(self._begin)

    def show_key(self, key: str) -> None:
        """The key as it is now; empty: none."""
        self._key = key
        self._refresh()

    def _begin(self) -> None:
        self._listen(True)

    def end(self) -> None:
        """Waits no more."""
        self._listen(False)

    def _listen(self, on: bool) -> None:
        if on != self.is_listening:
            self.is_listening = on
            set_style(self, "kind", "primary" if on else "plain")
            self._refresh()
            self.listening.emit(on)

    def _refresh(self) -> None:
        shown = tr("Press a key…") if self.is_listening else key_text(self._key) or "—"
        self.setText(shown.replace("&", "&&"))
        self.setAccessibleName(f"{self._title}: {shown}")

    def event(self, event: QEvent) -> bool:
        if self.is_listening and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:  # before Tab moves the focus
                self._take(event)
                return True
        return super().event(event)

    def _take(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self.end()
            return
        name = key_name(event)
        if name:
            self.pressed_key.emit(name)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.end()
        super().focusOutEvent(event)
