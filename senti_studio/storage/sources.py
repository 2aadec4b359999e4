"""Imported files: appended in short transactions, invisible until whole, removable and restorable."""

from __future__ import annotations

import builtins
import contextlib
import json
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path

from senti_studio.domain.comments import NewComment, Part, Source, SourceDraft
from senti_studio.errors import BugError, SentiError, UserError
from senti_studio.file_lock import FileLock, is_locked
from senti_studio.storage import plain_rows
from senti_studio.storage.database import Database
from senti_studio.storage.label_changes import hide_removed
from senti_studio.storage.leaving import begin_purge, going, mend, never, partly_gone, take_away
from senti_studio.storage.new_rows import IMPORTED, insertion, prepared, reserve
from senti_studio.storage.plain_rows import PlainRows
from senti_studio.storage.times import moment, now
from senti_studio.storage.verdicts import CatchingUp

_TRANSACTION_S = 0.012
_GAP_S = 0.002
_AHEAD = 4
"""Pieces of a file that may wait to be written while the next one is read."""
_SMALLEST, _LARGEST = 100, 4000

_COLUMNS = (
    "id, name, path, sha256, encoding, delimiter, quote, has_header, columns, text_column, label_column,"
    " row_count, imported_at, part"
)


def _source(row: sqlite3.Row | tuple[object, ...]) -> Source:
    values = dict(zip(_COLUMNS.replace(" ", "").split(","), row, strict=True))
    values["has_header"] = bool(values["has_header"])
    values["columns"] = tuple(json.loads(str(values["columns"])))
    values["imported_at"] = moment(int(str(values["imported_at"])))
    values["part"] = Part(str(values["part"])) if values["part"] else None
    return Source(**values)


def _refuse_known(connection: sqlite3.Connection, source_id: int) -> None:
    known = connection.execute(
        "SELECT o.name, o.imported_at, n.path FROM sources n JOIN sources o ON o.sha256 = n.sha256"
        " AND o.state = 'ready' AND o.id != n.id WHERE n.id = ? ORDER BY o.id DESC",
        (source_id,),
    ).fetchone()
    if known is not None:
        when = f"{moment(known[1]).astimezone():%Y-%m-%d %H:%M}"
        raise UserError("SOURCE_ALREADY_THERE", name=known[0], when=when, path=known[2])


class Sources:
    """Lists sources for everybody, and takes in new ones for the import worker."""

    def __init__(self, database: Database, cache_folder: Path) -> None:
        self._database = database
        self._cache = cache_folder
        self._locks: dict[int, FileLock] = {}
        self._step = 500
        self._pending: deque[Future[tuple[int, float]]] = deque()
        self._cleaning = threading.Lock()

    def list(self) -> builtins.list[Source]:
        """The visible sources, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM sources WHERE state = 'ready' ORDER BY id")
            return [_source(row) for row in rows]

    def get(self, source_id: int) -> Source:
        """Raises UserError ``SOURCE_NOT_FOUND`` for one that is not visible."""
        for source in self.list():
            if source.id == source_id:
                return source
        raise UserError("SOURCE_NOT_FOUND", name=source_id)

    def find(self, name_or_path: str | Path) -> Source:
        """The newest source with this path, file name, or file name without its ending (or ``#3``, its id).

        Raises UserError ``SOURCE_NOT_FOUND``.
        """
        wanted = str(name_or_path)
        known = self.list()[::-1]
        tests: tuple[Callable[[Source], bool], ...] = (
            lambda source: source.path == wanted or source.path == str(Path(wanted).absolute()),
            lambda source: source.name == wanted,
            lambda source: source.name == Path(wanted).name,
            lambda source: Path(source.name).stem == wanted,
            lambda source: f"#{source.id}" == wanted,
        )
        for test in tests:
            for source in known:
                if test(source):
                    return source
        raise UserError("SOURCE_NOT_FOUND", name=wanted)

    # Taking in a file
    # ------------------------------------------------------------------------------------------

    def begin(self, draft: SourceDraft) -> int:
        """Starts an import and returns the id of its source; it stays invisible until `finish`.

        A lock in ``cache/`` shows that the importing process lives.
        """

        def work(connection: sqlite3.Connection) -> int:
            cursor = connection.execute(
                "INSERT INTO sources (state, name, path, sha256, encoding, delimiter, quote, has_header,"
                " columns, text_column, label_column, part, imported_at)"
                " VALUES ('importing', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(draft.name, draft.path, draft.sha256, draft.encoding, draft.delimiter, draft.quote),
                    *(int(draft.has_header), json.dumps(draft.columns, ensure_ascii=False)),
                    *(draft.text_column, draft.label_column, draft.part, now()),
                ),
            )
            source_id = int(cursor.lastrowid or 0)
            # Before the commit: nobody may see this source without its lock.
            lock = FileLock(self._lock_path(source_id))
            if not lock.acquire():
                raise BugError(f"import lock of source {source_id} is held")
            self._locks[source_id] = lock
            return source_id

        return self._database.writer.run(work, durable=False)

    def append(self, source_id: int, rows: Sequence[NewComment]) -> None:
        """Adds rows in file order, in transactions of about 12 ms with gaps between them, so that no label
        waits."""
        if source_id not in self._locks:
            raise BugError(f"append without begin: {source_id}")
        self._settle()
        start = 0
        while start < len(rows):
            # Not made ready while the piece before is written: two threads that both want the interpreter
            # are slower.
            part = [prepared(row) for row in rows[start : start + self._step]]
            start += len(part)
            self._adapt(*self._database.writer.run(insertion(source_id, part), durable=False))

    def append_plain(self, source_id: int, rows: PlainRows) -> None:
        """As `append`, for rows that say no more than `PlainRows` can: they are written while the caller
        reads on, and there by the time of `finish`. Raises errors of the rows before, too."""
        if source_id not in self._locks:
            raise BugError(f"append without begin: {source_id}")
        start = 0
        while start < len(rows):
            stop = min(len(rows), start + self._step)
            ready = plain_rows.prepared(rows, start, stop)
            self._settle(_AHEAD - 1)
            work = plain_rows.insertion(source_id, ready, reserve=reserve, annotator=IMPORTED)
            pending = self._database.writer.submit(work, durable=False)
            # In the writer's thread, after the commit: whoever wants to label in another process must find
            # moments in which nothing is written.
            pending.add_done_callback(lambda _: time.sleep(_GAP_S))
            self._pending.append(pending)
            start = stop

    def _settle(self, left: int = 0) -> None:
        """Waits until no more than ``left`` pieces are still to be written."""
        while len(self._pending) > left:
            self._adapt(*self._pending.popleft().result())

    def _forget_pending(self) -> None:
        # Why rows could not be written was said, or does not matter any more.
        while self._pending:
            with contextlib.suppress(SentiError):
                self._pending.popleft().result()

    def _adapt(self, count: int, seconds: float) -> None:
        if count >= self._step // 2:
            aim = count * _TRANSACTION_S / max(seconds, 1e-6)
            self._step = int(min(_LARGEST, max(_SMALLEST, (self._step + aim) / 2)))

    def finish(self, source_id: int, *, sha256: str | None = None, only_new: bool = False) -> Source:
        """Makes the whole import visible, in one durable step.

        ``only_new``: raises UserError ``SOURCE_ALREADY_THERE`` when a file with the same content is visible
        by now, which another program may have read in meanwhile; the import then is to be abandoned.
        """
        self._settle()

        def work(connection: sqlite3.Connection) -> bool:
            if only_new:
                _refuse_known(connection, source_id)
            connection.execute(
                "UPDATE sources SET state = 'ready', imported_at = ?, sha256 = coalesce(?, sha256),"
                " row_count = (SELECT coalesce(sum(last_id - first_id + 1), 0) FROM extents"
                " WHERE source_id = sources.id) WHERE id = ? AND state = 'importing'",
                (now(), sha256, source_id),
            )
            return hide_removed(connection, source_id)

        if self._database.writer.run(work, durable=True):
            CatchingUp(self._database).run()
        self._unlock(source_id)
        return self.get(source_id)

    def abandon(self, source_id: int) -> None:
        """Takes an unfinished import away, rows and all; returns when nothing is left of it.

        Where that fails (full disk) the rows stay invisible, and go when the project is opened next.
        """
        try:
            self._forget_pending()
            take_away(self._database, source_id)
        finally:
            self._unlock(source_id)

    def remove_unfinished(self) -> Future[int]:
        """Takes away what killed imports and purges left behind, piece by piece between other changes.

        Imports that are still at work, in this or any process, stay. The future tells how many sources went.
        """
        done: Future[int] = Future()
        threading.Thread(
            target=self._remove_unfinished, args=(done,), name="import clean-up", daemon=True
        ).start()
        return done

    # Taking back a whole import
    # ---------------------------------------------------------------------------------

    def remove(self, source_id: int) -> Future[None]:
        """Hides a source and its comments at once; `restore` brings them back until `purge` takes them for
        good."""
        return self._set_state(source_id, "ready", "removed")

    def restore(self, source_id: int) -> Future[None]:
        """Shows a removed source again, with its labels."""
        return self._set_state(source_id, "removed", "ready")

    def removed(self) -> builtins.list[tuple[Source, datetime]]:
        """Removed sources that can still be restored, with the time of their removal, newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS}, removed_at FROM sources WHERE state = 'removed' ORDER BY removed_at DESC"
            ).fetchall()
        return [(_source(row[:-1]), moment(row[-1])) for row in rows]

    def purge(self, source_id: int, *, should_stop: Callable[[], bool] = never) -> bool:
        """Deletes a removed source for good; from the first step on it cannot be restored any more.

        Returns when all is gone, or (False) when ``should_stop`` says so: the rest, as what is left by a
        program that was killed here, goes with `finish_purges`, at the latest when the project is opened
        next. Raises UserError ``SOURCE_NOT_FOUND``.
        """
        begin_purge(self._database, source_id)
        return take_away(self._database, source_id, should_stop=should_stop)

    def finish_purges(self, *, should_stop: Callable[[], bool] = never) -> int:
        """Takes away what is left of sources that go for good; tells how many went."""
        count = 0
        for source_id in going(self._database):
            if not take_away(self._database, source_id, should_stop=should_stop):
                break
            count += 1
        return count

    def mend(self) -> int:
        """`leaving.mend`: tells how many comments are gone of sources that look whole."""
        return mend(self._database)

    def partly_gone(self) -> dict[int, int]:
        """Source id -> how many of its comments an interrupted compacting of an earlier version took away."""
        with self._database.reading() as connection:
            return partly_gone(connection)

    def _set_state(self, source_id: int, old: str, new: str) -> Future[None]:
        def work(connection: sqlite3.Connection) -> None:
            cursor = connection.execute(
                "UPDATE sources SET state = ?, removed_at = ? WHERE id = ? AND state = ?",
                (new, now() if new == "removed" else None, source_id, old),
            )
            if cursor.rowcount != 1:
                raise UserError("SOURCE_NOT_FOUND", name=source_id)

        return self._database.writer.submit(work, durable=True)

    def _lock_path(self, source_id: int) -> Path:
        self._cache.mkdir(exist_ok=True)
        return self._cache / f"import-{source_id}.lock"

    def _unlock(self, source_id: int) -> None:
        lock = self._locks.pop(source_id, None)
        if lock is not None:
            lock.release()
            self._lock_path(source_id).unlink(missing_ok=True)

    def _remove_unfinished(self, done: Future[int]) -> None:
        count = 0
        try:
            with self._cleaning, self._database.reading() as connection:
                rows = connection.execute("SELECT id FROM sources WHERE state = 'importing'").fetchall()
            for (source_id,) in rows:
                if source_id in self._locks or is_locked(self._lock_path(source_id)):
                    continue
                take_away(self._database, source_id)
                self._lock_path(source_id).unlink(missing_ok=True)
                count += 1
            count += self.finish_purges()
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the future
            done.set_exception(error)
        else:
            done.set_result(count)
