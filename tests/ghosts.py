"""Widgets that were windows for a moment: shown before they had a parent, they take the keyboard from the
window and flash on the screen."""

from __future__ import annotations

from weakref import WeakSet

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

MOVED = "moved on purpose"
"""A property for what a test itself first shows alone and then puts into a window."""


class Ghosts(QObject):
    """Watches an application from its making to `stop`."""

    def __init__(self, app: QApplication) -> None:
        super().__init__()
        self._app = app
        self._shown: WeakSet[QObject] = WeakSet()
        self._found: list[str] = []
        app.installEventFilter(self)

    def stop(self) -> list[str]:
        """Ends the watch; names what was shown as a window and then put into one."""
        self._app.removeEventFilter(self)
        return self._found

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            if isinstance(watched, QWidget) and watched.isWindow():
                self._shown.add(watched)
        elif (
            event.type() == QEvent.Type.ParentChange
            and watched in self._shown
            and not watched.property(MOVED)
        ):
            self._found.append(f"{type(watched).__name__} {watched.objectName()!r}")
        return False
