"""A search field for comments: 250 ms of patience; Esc clears and leaves, Enter leaves."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from senti_studio.ui.icons import pixmap
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.keycap import HEIGHT, key_text, keycap_width, paint_keycap

DELAY_MS = 250
_OWN_KEYS = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class CommentSearch(QLineEdit):
    """`searched` carries the words 250 ms after the last key, or at once on Enter and Esc.

    Never takes the focus by itself: a click or `begin` gives it; Esc, Enter and ↓ send `left`.
    """

    searched = Signal(str)
    left = Signal()

    def __init__(self, theme: Theme, *, key: str = "/", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._key = key
        self._sent = ""
        self.setClearButtonEnabled(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(DELAY_MS)
        self._later.timeout.connect(self.send)
        self.textEdited.connect(lambda _: self._later.start())
        self.textChanged.connect(self._changed)
        self.textChanged.connect(self._fit)
        self._fit()
        theme.changed.connect(self.update)

    def set_key(self, key: str) -> None:
        """The key that leads here, printed in the empty field; may be empty."""
        self._key = key_text(key)
        self._fit()

    @property
    def words(self) -> str:
        """The text without blanks around it."""
        return self.text().strip()

    def begin(self) -> None:
        """Takes the focus; what stands there is chosen, so that typing replaces it."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def show_words(self, words: str) -> None:
        """Sets the text without searching."""
        self._later.stop()
        self._sent = words
        self.setText(words)

    @Slot()
    def send(self) -> None:
        """Searches now."""
        self._later.stop()
        if self.words != self._sent:
            self._sent = self.words
            self.searched.emit(self.words)

    @property
    def _shows_key(self) -> bool:
        return bool(self._key) and not self.text() and not self.hasFocus()

    @Slot()
    def _fit(self) -> None:
        """Keeps the words clear of the magnifier and the keycap."""
        self.setTextMargins(22, 0, keycap_width(self._key) + 4 if self._shows_key else 0, 0)
        self.update()

    @Slot()
    def _changed(self) -> None:
        if not self.text() and not self._later.isActive():  # the clear button
            self._later.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
        elif event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            super().keyPressEvent(event)
            return
        self.send()
        self.left.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._fit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        # Esc and Enter belong to this field, also where the window has shortcuts for them
        is_key = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride
        if is_key and event.key() in _OWN_KEYS:  # type: ignore[attr-defined]
            event.accept()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        ink = "text2" if self.isEnabled() else "disabled"
        icon = pixmap("search", self._theme, token=ink, scale=self.devicePixelRatioF())
        painter.drawPixmap(10, (self.height() - 16) // 2, icon)
        if self._shows_key:
            wide = keycap_width(self._key)
            rect = QRectF(self.width() - wide - 8, (self.height() - HEIGHT) / 2, wide, HEIGHT)
            paint_keycap(painter, rect, self._key, self._theme, ink=ink)
