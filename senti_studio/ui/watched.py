"""Changes of many comments that the storage makes in its own threads: progress for the GUI thread, a stop."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot

if TYPE_CHECKING:
    from senti_studio.storage.pieces import Watch


class _News(QObject):
    """Carries progress over to the GUI thread; a child of nobody, so that other threads may emit safely."""

    arrived = Signal(int, int, int)


class WatchedChange(QObject):
    """One change at a time; news of one before the last are dropped."""

    progressed = Signal(int, int)
    """Comments done, and how many there are."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._turn = 0
        self._stop = threading.Event()
        self._news = _News()
        self._news.arrived.connect(self._pass_on, Qt.ConnectionType.QueuedConnection)

    def begin(self) -> Watch:
        """For the next change."""
        from senti_studio.storage.pieces import Watch

        self._turn += 1
        turn, arrived, stop = self._turn, self._news.arrived, threading.Event()
        self._stop = stop
        return Watch(lambda done, total: arrived.emit(turn, done, total), stop.is_set)

    @Slot()
    def stop(self) -> None:
        """Asks the change under way to end after its next piece."""
        self._stop.set()

    def end(self) -> None:
        """The change is over: what is still on its way of it is not news any more."""
        self._turn += 1

    @Slot(int, int, int)
    def _pass_on(self, turn: int, done: int, total: int) -> None:
        if turn == self._turn:
            self.progressed.emit(done, total)
