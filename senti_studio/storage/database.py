"""Connections to ``project.db``: one writer thread a process, one read-only connection a reading thread."""

from __future__ import annotations

import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from senti_studio.errors import UserError
from senti_studio.storage.errors import meaning_of

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

BUSY_TIMEOUT_S = 20.0
_RETRY_S = 0.001
_IDLE_S = 2.5
CHECKPOINT_PAGES = 4000


def connect(path: Path, *, mode: str, immutable: bool = False) -> sqlite3.Connection:
    """A connection with the project's pragmas; ``mode`` is ``ro`` | ``rw`` | ``rwc``.

    Transactions are explicit. The connection may be closed from another thread than the one that uses it.
    """
    uri = _uri_of(path) + f"?mode={mode}" + ("&immutable=1" if immutable else "")
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, cached_statements=256, timeout=0.0
    )
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}")
        connection.execute("PRAGMA cache_size = -16384")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        connection.execute("PRAGMA trusted_schema = OFF")
    except BaseException:
        connection.close()
        raise
    return connection


def _uri_of(path: Path) -> str:
    """The file as SQLite wants it: one slash before a drive letter, four before the server of a share."""
    plain = quote(path.absolute().as_posix())
    if plain.startswith("//"):
        return "file://" + plain
    return "file:" + ("" if plain.startswith("/") else "/") + plain


def begin(connection: sqlite3.Connection, *, hurry: threading.Event | None = None) -> None:
    """Takes the write lock; once ``hurry`` is set it is taken at once or not at all.

    Tries every millisecond instead of leaving the waiting to SQLite, whose steps grow to 100 ms: an import of
    another process gives the lock back between its short transactions, and a label must not miss these gaps.
    """
    give_up = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            busy = (error.sqlite_errorcode & 0xFF) == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > give_up or (hurry is not None and hurry.is_set()):
                raise
            time.sleep(_RETRY_S)
        else:
            return


@contextmanager
def transaction(
    connection: sqlite3.Connection, *, hurry: threading.Event | None = None
) -> Iterator[sqlite3.Connection]:
    """All or nothing: commits at the end, rolls back on any error; ``hurry`` as in `begin`."""
    begin(connection, hurry=hurry)
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        # A full disk may have made SQLite roll back by itself.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


class Place:
    """Where an open file lies, and whether it still lies there.

    On Linux and macOS an open file lives on after it was deleted or replaced under its name (a restore, a
    synchronisation): what is written to it then is lost. SQLite's own test (``SQLITE_FCNTL_HAS_MOVED``)
    compares the same number.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._number = path.stat().st_ino

    def check(self) -> None:
        """Raises UserError ``PROJECT_MOVED`` when the name leads to another file, or to none."""
        try:
            is_here = self._path.stat().st_ino == self._number
        except FileNotFoundError:
            is_here = False
        except OSError:
            return  # a drive that does not answer: what is done next reports that better
        if not is_here:
            raise UserError("PROJECT_MOVED", path=str(self._path.parent))


@dataclass(frozen=True, slots=True)
class _Task:
    work: Work[object]
    future: Future[object]
    durable: bool


class Writer:
    """Runs closures one after the other, each in a transaction of its own, in one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = connect(path, mode="rw")
        try:
            self.place = Place(path)
            # The first look may have to wait for another process to recover the log; later waiting is
            # `begin`'s.
            self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            self._connection.execute("PRAGMA busy_timeout = 0")
        except BaseException:
            self._connection.close()
            raise
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._closed = False
        self._hurry = threading.Event()
        self._gate = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=f"writer of {path.parent.name}", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T], *, durable: bool) -> Future[T]:
        """Queues ``work`` and returns at once; the future holds its result after the commit.

        ``durable`` waits for the disk (``synchronous=FULL``): a power cut then loses nothing that was
        reported. The future raises UserError (``DISK_FULL``, ``PROJECT_BUSY`` …) with nothing of the work
        applied.
        """
        future: Future[T] = Future()
        with self._gate:
            if self._closed:
                future.set_exception(UserError("PROJECT_CLOSED", path=str(self._path)))
            else:
                self._tasks.put(_Task(work, future, durable))  # type: ignore[arg-type]
        return future

    def run(self, work: Work[T], *, durable: bool) -> T:
        """As `submit`, but waits for the result."""
        return self.submit(work, durable=durable).result()

    def close(self, *, patience_s: float | None = None) -> None:
        """Finishes what is queued, then closes the connection.

        While another process holds the write lock, this waits for it ``patience_s`` seconds (None: as long as
        ever); what could not be written by then fails with ``PROJECT_BUSY``.
        """
        with self._gate:
            if self._closed:
                return
            self._closed = True
            self._tasks.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(patience_s)
            self._hurry.set()
            self._thread.join()

    def _run(self) -> None:
        written = False
        try:
            while True:
                try:
                    task = self._tasks.get(timeout=_IDLE_S) if written else self._tasks.get()
                except queue.Empty:
                    # Nobody waits now: moving the log into the file here keeps it out of the way of the
                    # next label.
                    written = False
                    self._checkpoint()
                    continue
                if task is None:
                    return
                self._perform(task)
                written = True
        finally:
            self._connection.close()

    def _perform(self, task: _Task) -> None:
        if not task.future.set_running_or_notify_cancel():
            return
        try:
            self.place.check()
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if task.durable else 'NORMAL'}")
            with transaction(self._connection, hurry=self._hurry) as connection:
                result = task.work(connection)
        except sqlite3.Error as error:
            reason = meaning_of(error, self._path)
            reason.__cause__ = error
            task.future.set_exception(reason)
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the future
            task.future.set_exception(error)
        else:
            task.future.set_result(result)

    def _checkpoint(self) -> None:
        try:
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        except sqlite3.Error:
            return  # the log stays and is moved by a later commit, or when the project is closed


class NoWriter:
    """In place of a `Writer` where nothing can be written: refuses everything."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.place = Place(path)

    def submit(self, work: Work[T], *, durable: bool) -> Future[T]:
        """The future raises UserError ``PROJECT_READ_ONLY``."""
        future: Future[T] = Future()
        future.set_exception(UserError("PROJECT_READ_ONLY", path=str(self._path.parent)))
        return future

    def run(self, work: Work[T], *, durable: bool) -> T:
        """Raises UserError ``PROJECT_READ_ONLY``."""
        return self.submit(work, durable=durable).result()

    def close(self, *, patience_s: float | None = None) -> None:
        return None


class _Reader:
    __slots__ = ("connection", "lock", "thread")

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.lock = threading.RLock()
        self.thread = threading.current_thread()


class Database:
    """The open file: `writer` for changes, `reading` for questions.

    ``read_only``: for a file without a log where nothing can be written; nobody may write it meanwhile.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self.read_only = read_only
        self.writer: Writer | NoWriter
        try:
            self.writer = NoWriter(path) if read_only else Writer(path)
        except sqlite3.Error as error:
            raise meaning_of(error, path) from error
        self._place = self.writer.place
        self._local = threading.local()
        self._readers: list[_Reader] = []
        self._gate = threading.Lock()
        self._closed = False
        self._watcher: _Reader | None = None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The calling thread's read-only connection; hold it for one query, not for a whole iteration.

        Raises UserError ``PROJECT_CLOSED`` after `close`, ``PROJECT_DAMAGED`` and the like for what SQLite
        reports.
        """
        reader = self._reader()
        with reader.lock:
            self._refuse_when_closed()
            try:
                yield reader.connection
            except sqlite3.Error as error:
                self._refuse_when_closed()
                raise meaning_of(error, self.path) from error

    def new_reader(self) -> sqlite3.Connection:
        """One more connection for reading, to be closed by the caller."""
        # Not "immutable", SQLite would want to make files beside this one, to share with writers.
        return connect(self.path, mode="ro", immutable=self.read_only)

    def data_version(self) -> int:
        """A number that changes whenever any process commits; from any thread, cheap enough for polling.

        Raises UserError ``PROJECT_MOVED`` when the file was deleted, moved or replaced meanwhile.
        """
        with self._gate:
            self._refuse_when_closed()
            self._place.check()
            try:
                if self._watcher is None:
                    self._watcher = _Reader(self.new_reader())
            except sqlite3.Error as error:
                raise meaning_of(error, self.path) from error
            watcher = self._watcher
        with watcher.lock:
            self._refuse_when_closed()
            try:
                return int(watcher.connection.execute("PRAGMA data_version").fetchone()[0])
            except sqlite3.Error as error:
                raise meaning_of(error, self.path) from error

    def close(self, *, patience_s: float | None = None) -> None:
        """Finishes queued changes, interrupts readers, closes every connection; twice does no harm.

        ``patience_s`` as in `Writer.close`.
        """
        with self._gate:
            if self._closed:
                return
            self._closed = True
            readers = [*self._readers, *([self._watcher] if self._watcher else [])]
            self._readers, self._watcher = [], None
        for reader in readers:
            if not reader.lock.acquire(blocking=False):
                reader.connection.interrupt()
                reader.lock.acquire()
            try:
                reader.connection.close()
            finally:
                reader.lock.release()
        self.writer.close(patience_s=patience_s)

    def _reader(self) -> _Reader:
        reader: _Reader | None = getattr(self._local, "reader", None)
        if reader is not None:
            return reader
        with self._gate:
            self._refuse_when_closed()
            self._close_abandoned()
            self._place.check()
            try:
                reader = _Reader(self.new_reader())
            except sqlite3.Error as error:
                raise meaning_of(error, self.path) from error
            self._readers.append(reader)
        self._local.reader = reader
        return reader

    def _close_abandoned(self) -> None:
        for reader in [reader for reader in self._readers if not reader.thread.is_alive()]:
            self._readers.remove(reader)
            reader.connection.close()

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise UserError("PROJECT_CLOSED", path=str(self.path))
