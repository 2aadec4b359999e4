"""Orders by what a cell or a text says: worked out by SQLite, kept as packed files in ``cache/``.

The keys are gathered block by block (so that it is known how far they are) and sorted by SQLite, which leaves
the interpreter to the window meanwhile.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import sqlite3
import threading
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import compress
from pathlib import Path

from senti_studio.errors import UserError
from senti_studio.storage.conditions import Columns
from senti_studio.storage.database import Database

Extent = tuple[int, int, Columns]
"""First id, last id, and what the source has of columns."""

Progress = Callable[[int, int], None]
"""Called with comments read and comments in all."""

_AT_ONCE = 1000
_BLOCK = 4096
_CHUNK = 16_384
_PREFIX = 60
_KEPT = 6
_REMEMBERED = 20_000
_BLANKS = "".join(map(chr, (*range(9, 14), *range(28, 33), 133, 160, 5760, *range(8192, 8203), 8232, 8233)))
_BLANKS += "\u202f\u205f\u3000"
"""What `str.strip` takes away."""
_BIGGEST = 1.7e308
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")
_DIGITS = re.compile(r"[0-9]+")

_EASY = (
    "CASE WHEN x = '' THEN NULL WHEN x NOT GLOB '*[^0-9]*' THEN CAST(x AS REAL)"
    f" ELSE substr(x, 1, {_PREFIX}) END"
)
"""The key of most cells as SQL; those that hold digits and something else are looked at here."""
_HARD = "typeof(k) = 'text' AND k GLOB '*[0-9０-９]*'"


def sort_key(text: str | None) -> float | str | None:
    """None for nothing, a number for a number, else the text with its numbers padded: SQLite sorts the three
    kinds in this order."""
    if text is None or not (plain := text.strip()):
        return None
    if _NUMBER.fullmatch(plain):
        return max(-_BIGGEST, min(_BIGGEST, float(plain.replace(",", ""))))
    return _DIGITS.sub(lambda found: found[0].lstrip("0").zfill(12), plain[:_PREFIX])


def _never() -> bool:
    return False


def untold(done: int, total: int) -> None:
    return None


class Stopped(Exception):  # noqa: N818 - the way out of a question that nobody asks any more
    """The answer is not wanted any more."""


class SortedIds:
    """Orders of all visible comments by the text or by an original column, each worked out once."""

    def __init__(self, database: Database, cache_folder: Path) -> None:
        self._database = database
        self._folder = cache_folder
        self._lock = threading.Lock()
        self._orders: dict[str, array[int]] = {}

    def some(
        self, ids: array[int], extents: Sequence[Extent], column: str | None, *, descending: bool
    ) -> array[int]:
        """Some comments in order; for up to some ten thousand."""
        return self._sorted(extents, column, _never, untold, descending=descending, only=ids)

    def all(
        self,
        extents: Sequence[Extent],
        column: str | None,
        stop: Callable[[], bool],
        progress: Progress = untold,
        *,
        descending: bool,
    ) -> array[int]:
        """Every visible comment in order. ``column`` None: by the text. Raises `Stopped`."""
        name = _file_name(extents, column, descending)
        with self._lock:
            if name in self._orders:
                return self._orders[name]
            count = sum(last - first + 1 for first, last, _ in extents)
            found = self._read(name, count)
            if found is None:
                found = self._sorted(extents, column, stop, progress, descending=descending)
                self._write(name, found)
            while len(self._orders) >= _KEPT:
                self._orders.pop(next(iter(self._orders)))
            self._orders[name] = found
            return found

    def _sorted(
        self,
        extents: Sequence[Extent],
        column: str | None,
        stop: Callable[[], bool],
        progress: Progress,
        *,
        descending: bool,
        only: array[int] | None = None,
    ) -> array[int]:
        table = f"temp.keys_{threading.get_ident()}"
        total = sum(last - first + 1 for first, last, _ in extents) if only is None else len(only)
        with self._database.reading() as connection:
            connection.execute(f"DROP TABLE IF EXISTS {table}")
            connection.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, k)")
        try:
            done = 0
            known = lru_cache(_REMEMBERED)(sort_key)  # days, prices and marks come again and again
            for query, values, count in _reads(table, extents, column, only):
                if stop():
                    raise Stopped
                with self._database.reading() as connection:
                    connection.execute(query, values)
                    _work_out_hard_keys(connection, table, values[0], values[1], known)
                done += count
                progress(done, total)
            return self._in_order(table, stop, descending=descending)
        finally:
            with contextlib.suppress(UserError), self._database.reading() as connection:
                connection.execute(f"DROP TABLE IF EXISTS {table}")

    def _in_order(self, table: str, stop: Callable[[], bool], *, descending: bool) -> array[int]:
        way = "DESC" if descending else "ASC"
        found = array("q")
        with self._database.reading() as connection:
            connection.set_progress_handler(lambda: int(stop()), 200_000)
            try:
                cursor = connection.execute(f"SELECT id FROM {table} ORDER BY k IS NULL, k {way}, id")
                while rows := cursor.fetchmany(_AT_ONCE):
                    found.extend(row[0] for row in rows)
            except sqlite3.OperationalError:
                if stop():
                    raise Stopped from None
                raise
            finally:
                connection.set_progress_handler(None, 0)
        return found

    def _read(self, name: str, count: int) -> array[int] | None:
        found = array("q")
        try:
            with (self._folder / name).open("rb") as file:
                found.fromfile(file, count)
        except (OSError, EOFError, ValueError):
            return None
        return found

    def _write(self, name: str, order: array[int]) -> None:
        """A cache: where it cannot be written it is worked out again the next time."""
        temporary = self._folder / f"{name}.{os.getpid()}.tmp"
        try:
            self._folder.mkdir(exist_ok=True)
            for old in sorted(self._folder.glob("order-*.ids"), key=lambda path: path.stat().st_mtime)[
                :-_KEPT
            ]:
                old.unlink(missing_ok=True)
            with temporary.open("wb") as file:
                order.tofile(file)
            temporary.replace(self._folder / name)
        except OSError:
            temporary.unlink(missing_ok=True)


def chosen(order: array[int], ids: Sequence[array[int]]) -> Iterator[array[int]]:
    """Those of ``order`` that are among ``ids``, piece by piece."""
    biggest = max((max(part) for part in ids if part), default=0)
    wanted = bytearray(biggest + 1)
    for part in ids:
        for each in part:
            wanted[each] = 1
    for start in range(0, len(order), _CHUNK):
        piece = order[start : start + _CHUNK]
        yield array("q", compress(piece, (each <= biggest and wanted[each] for each in piece)))


def _work_out_hard_keys(
    connection: sqlite3.Connection,
    table: str,
    first: int | str,
    last: int | str,
    known: Callable[[str], float | str | None],
) -> None:
    """The keys of the cells in a block that SQL cannot make; all of them as one list, as a call of Python for
    each row would have the interpreter's lock go to and fro a million times."""
    ids, cells = connection.execute(
        f"SELECT json_group_array(id), json_group_array(k) FROM {table} WHERE id BETWEEN ? AND ? AND {_HARD}",
        (first, last),
    ).fetchone()
    if len(ids) <= 2:
        return
    keys = map(known, json.loads(cells))
    made = json.dumps(dict(zip(json.loads(ids), keys, strict=True)), ensure_ascii=False)
    connection.execute(
        f"INSERT OR REPLACE INTO {table} SELECT CAST(key AS INTEGER), value FROM json_each(?)", (made,)
    )


def _reads(
    table: str, extents: Sequence[Extent], column: str | None, only: array[int] | None
) -> Iterator[tuple[str, tuple[int | str, ...], int]]:
    """(statement that stores the keys of a block, its parameters: first id, last id …, comments in it)."""
    wanted = sorted(only) if only is not None else []
    for first, last, columns in extents:
        query = _query(table, columns, column, is_narrowed=only is not None)
        if only is None:
            for start in range(first, last + 1, _BLOCK):
                end = min(start + _BLOCK - 1, last)
                yield query, (start, end), end - start + 1
        else:
            inside = wanted[bisect_left(wanted, first) : bisect_right(wanted, last)]
            for place in range(0, len(inside), _BLOCK):
                some = inside[place : place + _BLOCK]
                yield query, (some[0], some[-1], json.dumps(some)), len(some)


def _query(table: str, columns: Columns, column: str | None, *, is_narrowed: bool) -> str:
    cell = "t.text" if column is None else columns.cell(column)
    tables = "comments c"
    if cell is None:
        cell = "''"
    elif column is None:
        tables += " CROSS JOIN texts t ON t.id = c.id"
    else:
        # The text is read only for cells that stand for it.
        cell = cell.replace("t.text", "(SELECT t.text FROM texts t WHERE t.id = c.id)")
        tables += " LEFT JOIN originals g ON g.id = c.id"
    only = " AND c.id IN (SELECT value FROM json_each(?3))" if is_narrowed else ""
    return (
        f"WITH cells AS MATERIALIZED (SELECT c.id AS id, trim({cell}, '{_BLANKS}') AS x"
        f" FROM {tables} WHERE c.id BETWEEN ?1 AND ?2{only})"
        f" INSERT OR REPLACE INTO {table} SELECT id, {_EASY} FROM cells"
    )


def _file_name(extents: Sequence[Extent], column: str | None, descending: bool) -> str:
    said = repr(
        (
            [(first, last, columns.source_id, columns.stamp) for first, last, columns in extents],
            column,
            descending,
        )
    )
    return f"order-{hashlib.blake2b(said.encode('utf-8', 'replace'), digest_size=12).hexdigest()}.ids"
