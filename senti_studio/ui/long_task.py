"""Work of seconds or minutes in a thread of this process: with progress, and it can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from senti_studio.ui.operations import Failure, run_operation

Report = Callable[[float, float], None]
Work = Callable[[Report, Callable[[], bool]], Any]
"""Gets a function for (done, total) and one that says whether to stop."""

_LOOK_MS = 100


class LongTask(QObject):
    """One task at a time. Exactly one of `done` and `failed` follows each `start`, while the parent lives."""

    progress = Signal(float, float)
    done = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._stop = threading.Event()
        self._state = (0.0, 0.0)
        self.is_running = False
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self.destroyed.connect(self._stop.set)

    def start(self, work: Work) -> None:
        """Runs ``work`` off the GUI thread. Raises RuntimeError while a task is under way."""
        if self.is_running:
            raise RuntimeError("a task is under way")
        self.is_running = True
        self._stop.clear()
        self._state = (0.0, 0.0)
        stop = self._stop

        def report(done: float, total: float) -> None:
            # One assignment: the GUI thread sees the old pair or the new one.
            self._state = (done, total)

        self._timer.start()
        run_operation(
            self, lambda: work(report, stop.is_set), on_success=self._succeed, on_failure=self._fail
        )

    @Slot()
    def cancel(self) -> None:
        """Asks the work to stop; it ends with ``CANCELLED``."""
        self._stop.set()

    @Slot()
    def _look(self) -> None:
        self.progress.emit(*self._state)

    def _succeed(self, result: Any) -> None:
        self._end()
        self.done.emit(result)

    def _fail(self, error: Failure) -> None:
        self._end()
        self.failed.emit(error)

    def _end(self) -> None:
        self.is_running = False
        self._timer.stop()
