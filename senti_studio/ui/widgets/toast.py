"""Toasts: bottom right, 48 px high, stacked upwards, at most three; errors stay until they are closed."""

from __future__ import annotations

from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QTimer, Signal, Slot
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QWidget

from senti_studio.ui.i18n import tr
from senti_studio.ui.icons import pixmap
from senti_studio.ui.theme import Theme
from senti_studio.ui.widgets.buttons import button
from senti_studio.ui.widgets.keycap import KeyCap
from senti_studio.ui.widgets.styles import text_label

SHOWN_MS = 6000
MOST = 3
EDGE = 16
_ICONS = {"info": ("info", "text2"), "done": ("check", "accent-text"), "error": ("alert", "danger")}


class Toast(QFrame):
    """One message; goes away by itself unless the mouse or the focus is on it."""

    gone = Signal()

    def __init__(
        self,
        text: str,
        kind: str,
        action: str | None,
        on_action: Callable[[], object] | None,
        key: str | None,
        theme: Theme,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.text = text
        self.kind = kind
        self.topic = ""
        self._on_action = on_action
        self.setProperty("card", "popup-error" if kind == "error" else "popup")
        self.setAccessibleName(text)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 8, 0)
        layout.setSpacing(12)
        picture = QLabel()
        name, token = _ICONS[kind]
        picture.setPixmap(pixmap(name, theme, token=token, scale=parent.devicePixelRatioF()))
        layout.addWidget(picture)
        layout.addWidget(text_label(text), 1)
        self.action_button = button(action or "", theme=theme, kind="link")
        self.action_button.clicked.connect(self._act)
        layout.addWidget(self.action_button)
        self.action_button.setVisible(bool(action))  # before it has a parent, it would be a window
        if key:
            layout.addWidget(KeyCap(key, theme))
        close = button(theme=theme, kind="quiet", icon="x", name=tr("Close"))
        close.set_dense()
        close.clicked.connect(self.dismiss)
        layout.addWidget(close)
        self.setFixedHeight(48)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN_MS)
        self._timer.timeout.connect(self._time_over)
        if kind != "error":
            self._timer.start()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        if self.kind != "error":
            self._timer.start()

    @Slot()
    def _time_over(self) -> None:
        focused = QApplication.focusWidget()
        if focused is not None and self.isAncestorOf(focused):
            self._timer.start()
        else:
            self.dismiss()

    @Slot()
    def _act(self) -> None:
        act = self._on_action
        self.dismiss()
        if act is not None:
            act()

    @Slot()
    def dismiss(self) -> None:
        self.hide()
        self.gone.emit()
        self.deleteLater()


class Toasts(QObject):
    """Shows toasts over ``host`` (the page area of the window), at most ``most`` at a time."""

    def __init__(self, host: QWidget, theme: Theme, *, most: int = MOST) -> None:
        super().__init__(host)
        self._most = most
        self._host = host
        self._theme = theme
        self._shown: list[Toast] = []
        self._bars: list[QWidget] = []
        host.installEventFilter(self)

    def stand_above(self, bar: QWidget) -> None:
        """While this bar at the bottom of a page is in view, toasts leave its buttons free."""
        self._bars.append(bar)
        bar.installEventFilter(self)

    @property
    def shown(self) -> list[Toast]:
        """What is on the screen, oldest first."""
        return list(self._shown)

    def show(
        self,
        text: str,
        *,
        kind: str = "info",
        action: str | None = None,
        on_action: Callable[[], object] | None = None,
        key: str | None = None,
        topic: str = "",
    ) -> Toast:
        """Shows ``text`` (kind: info | done | error) with an action and the key that does the same; see
        `dismiss` for the ``topic``."""
        toast = Toast(text, kind, action, on_action, key, self._theme, self._host)
        toast.topic = topic
        self._shown.append(toast)
        toast.gone.connect(lambda: self._forget(toast))
        while len(self._shown) > self._most:
            self._shown[0].dismiss()
        toast.show()
        self._place()
        return toast

    def dismiss(self, topic: str) -> None:
        """Takes away what is said on a topic: the user sees the thing itself, or has dealt with it."""
        for toast in self.shown:
            if toast.topic == topic:
                toast.dismiss()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide):
            self._place()
        return False

    def _bottom(self) -> int:
        """Where the lowest toast ends."""
        self._bars = [bar for bar in self._bars if shiboken6.isValid(bar)]
        shown = [bar for bar in self._bars if bar.isVisible() and self._host.isAncestorOf(bar)]
        tops = [bar.mapTo(self._host, QPoint(0, 0)).y() - EDGE // 2 for bar in shown]
        return min([self._host.height() - EDGE, *tops])

    def _forget(self, toast: Toast) -> None:
        if toast in self._shown:
            self._shown.remove(toast)
            self._place()

    def _place(self) -> None:
        if not self._shown:
            return
        bottom = self._bottom()
        for toast in reversed(self._shown):
            width = min(max(360, toast.sizeHint().width()), self._host.width() - 2 * EDGE)
            toast.setGeometry(self._host.width() - EDGE - width, bottom - 48, width, 48)
            toast.raise_()
            bottom -= 56
