"""Work off the GUI thread: one function, and one of success or failure delivered on the GUI thread."""

from __future__ import annotations

import concurrent.futures
import functools
import itertools
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


class _Post(QObject):
    """Carries outcomes to the GUI thread: (number of the operation, result, error).

    There is one for the program, which never goes away: worker threads only emit its signal, and every object
    of Qt and every piece of work is let go on the GUI thread alone.
    """

    arrived = Signal(int, object, object)

    def __init__(self) -> None:
        super().__init__()
        self._open: dict[int, tuple[Operation[Any], object]] = {}
        self._numbers = itertools.count(1)
        self.arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def register(self, operation: Operation[Any], work: object) -> int:
        """Keeps the operation, and what its thread works with, until the outcome is here."""
        number = next(self._numbers)
        self._open[number] = (operation, work)
        return number

    @Slot(int, object, object)
    def _deliver(self, number: int, result: Any, error: Failure | None) -> None:
        operation, _ = self._open.pop(number)
        operation.deliver(result, error)


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

    def drop(self) -> None:
        """Forgets the work: neither of the two functions is called any more."""
        self.is_dropped = True

    def deliver(self, result: Any, error: Failure | None) -> None:
        """Called once, on the GUI thread."""
        if not shiboken6.isValid(self):
            return
        self.is_done = True
        if not self.is_dropped:
            self._tell(result, error)
        if shiboken6.isValid(self):
            self.finished.emit()
            self.deleteLater()

    def _tell(self, result: Any, error: Failure | None) -> None:
        if error is None:
            self._on_success(result)
            return
        fail = self._on_failure or _default_failure
        if fail is None:
            _log.error("operation failed", exc_info=error)
        else:
            fail(error)


class _Work(QRunnable):
    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__()
        self._work: Callable[[], Any] | None = work
        self.number = 0

    def run(self) -> None:
        work, self._work = self._work, None
        result, error = None, None
        try:
            result = work() if work is not None else None
        except Exception as caught:  # noqa: BLE001 - this is the boundary: it is shown to the user
            error = caught
        del work
        _post().arrived.emit(self.number, result, error)


@functools.lru_cache(maxsize=1)
def _post() -> _Post:
    return _Post()


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
    runnable = _Work(work)
    runnable.number = _post().register(operation, work)
    QThreadPool.globalInstance().start(runnable)
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
    post = _post()
    number = post.register(operation, future)

    def done(ended: concurrent.futures.Future[T]) -> None:
        if ended.cancelled():
            post.arrived.emit(number, None, UserError("CANCELLED"))
            return
        error = ended.exception()
        post.arrived.emit(number, ended.result() if error is None else None, error)

    future.add_done_callback(done)
    return operation


def wait_for_operations(seconds: float = 5.0) -> bool:
    """Waits until no work is under way any more; True when that was so in time. For closing the window."""
    return bool(QThreadPool.globalInstance().waitForDone(int(seconds * 1000)))
