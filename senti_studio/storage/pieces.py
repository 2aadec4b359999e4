"""Long changes in many short transactions, so that no label elsewhere waits for them."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar

from senti_studio.storage.database import CHECKPOINT_PAGES, Database, connect

T = TypeVar("T")

_TRANSACTION_S = 0.01
_GAP_S = 0.003
"""Longer than `database.begin` sleeps between two tries: another process gets its turn in each."""
_SMALLEST, _LARGEST = 25, 2000
_CHECKPOINT_EVERY = 64
_SYNC_EVERY = 8
"""Pieces between two waits for the disk: more would make the next label wait for what they left behind."""


def _nobody(done: int, total: int) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Watch:
    """``progress`` is told (done, total) and ``stop`` asked after each piece, both in a thread of the
    storage."""

    progress: Callable[[int, int], None] = _nobody
    stop: Callable[[], bool] = lambda: False


UNWATCHED = Watch()


class Pieces:
    """Pieces of a size that takes about `_TRANSACTION_S`, through the writer, with gaps between them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._count = 0
        self.size = 200

    def run(self, work: Callable[[sqlite3.Connection], int]) -> int:
        """``work`` returns how many comments it looked at."""

        def timed(connection: sqlite3.Connection) -> tuple[int, float]:
            begun = time.perf_counter()
            return work(connection), time.perf_counter() - begun

        looked_at, seconds = self._database.writer.run(timed, durable=self._count % _SYNC_EVERY == 0)
        if looked_at >= self.size // 2:
            aim = looked_at * _TRANSACTION_S / max(seconds, 1e-6)
            self.size = int(min(_LARGEST, max(_SMALLEST, (self.size + aim) / 2)))
        self._count += 1
        if self._count % _CHECKPOINT_EVERY == 0:
            self._relieve_log()
        time.sleep(_GAP_S)
        return looked_at

    def _relieve_log(self) -> None:
        """Moves the log into the file here: in the writer's thread a label would wait for it."""
        try:
            with closing(connect(self._database.path, mode="rw")) as connection:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        except sqlite3.Error:
            return  # the log stays; a later piece, or the end, moves it


def leave_log(connection: sqlite3.Connection) -> None:
    """Before the first piece: no commit of the writer moves the log from now on."""
    connection.execute("PRAGMA wal_autocheckpoint = 0")


def mind_log(connection: sqlite3.Connection) -> None:
    """After the last piece: as ever."""
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")


def in_thread(future: Future[T], work: Callable[[], T]) -> None:
    """Runs ``work`` in a thread of its own; what comes of it is the future's."""

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the future
            future.set_exception(error)

    threading.Thread(target=run, name="change of many comments", daemon=True).start()


def after(first: Future[T], go_on: Callable[[T], None], failed: Callable[[BaseException], None]) -> None:
    """Calls one of the two once ``first`` is done; neither may take long."""

    def done(finished: Future[T]) -> None:
        error = finished.exception()
        if error is not None:
            failed(error)
        else:
            go_on(finished.result())

    first.add_done_callback(done)
