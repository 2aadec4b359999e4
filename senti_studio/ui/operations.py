"""Work off the GUI thread: one function, and one of success or failure delivered on the GUI thread."""

from __future__ import annotations

import concurrent.futures
import logging
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import shiboken6
from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal, Slot

from senti_studio.errors import UserError

T = TypeVar("T")

Failure = UserError | Exception

_log = logging.getLogger(__name__)
_default_failure: Callable[[Failure], object] | None = None


def set_default_failure(show: Callable[[Failure], object] | None) -> None:
    """What happens to a failure nobody asked for: the window sets its error dialog here."""
    global _default_failure
    _default_failure = show


class _Courier(QObject):
    """Carries the outcome to the GUI thread; a child of nobody, so that a worker thread may emit safely."""

    arrived = Signal(object, object)


class Operation(QObject, Generic[T]):
    """One piece of work under way. Dies with its parent; what arrives later is dropped."""

    finished = Signal()

    def __init__(
        self,
        parent: QObject,
        on_success: Callable[[T], None],
        on_failure: Callable[[Failure], None] | None,
    ) -> None:
        super().__init__(parent)
        self.is_done = False
        self.is_dropped = False
        self._on_success = on_success
        self._on_failure = on_failure
        self.courier = _Courier()
        self.courier.arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def drop(self) -> None:
        """Forgets the work: neither of the two functions is called any more."""
        self.is_dropped = True

    @Slot(object, object)
    def _deliver(self, result: Any, error: Failure | None) -> None:
        self.is_done = True
        if not self.is_dropped:
            if error is None:
                self._on_success(result)
            else:
                fail = self._on_failure or _default_failure
                if fail is None:
                    _log.error("operation failed", exc_info=error)
                else:
                    fail(error)
        if shiboken6.isValid(self):
            self.finished.emit()
            self.deleteLater()


class _Work(QRunnable):
    def __init__(self, work: Callable[[], Any], courier: _Courier) -> None:
        super().__init__()
        self._work = work
        self._courier = courier

    def run(self) -> None:
        result, error = None, None
        try:
            result = self._work()
        except Exception as caught:  # noqa: BLE001 - this is the boundary: it is shown to the user
            error = caught
        self._courier.arrived.emit(result, error)


def run_operation(
    parent: QObject,
    work: Callable[[], T],
    *,
    on_success: Callable[[T], None],
    on_failure: Callable[[Failure], None] | None = None,
) -> Operation[T]:
    """Runs ``work`` in a thread; calls one of the two functions on the GUI thread while ``parent`` lives.

    Without ``on_failure`` the one error dialog shows the failure.
    """
    operation: Operation[T] = Operation(parent, on_success, on_failure)
    QThreadPool.globalInstance().start(_Work(work, operation.courier))
    return operation


def follow(
    parent: QObject,
    future: concurrent.futures.Future[T],
    *,
    on_success: Callable[[T], None],
    on_failure: Callable[[Failure], None] | None = None,
) -> Operation[T]:
    """As `run_operation`, for a future of the storage's writer thread."""
    operation: Operation[T] = Operation(parent, on_success, on_failure)
    courier = operation.courier

    def done(ended: concurrent.futures.Future[T]) -> None:
        if ended.cancelled():
            courier.arrived.emit(None, UserError("CANCELLED"))
            return
        error = ended.exception()
        if error is None:
            courier.arrived.emit(ended.result(), None)
        else:
            courier.arrived.emit(None, error)

    future.add_done_callback(done)
    return operation


def wait_for_operations(seconds: float = 5.0) -> bool:
    """Waits until no work is under way any more; True when that was so in time. For closing the window."""
    return bool(QThreadPool.globalInstance().waitForDone(int(seconds * 1000)))
