"""Orders by what a cell or a text says: worked out by SQLite, kept as packed files in ``cache/``."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import threading
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import compress
from pathlib import Path

from senti_studio.storage.conditions import Columns
from senti_studio.storage.database import Database

Extent = tuple[int, int, Columns]
"""First id, last id, and what the source has of columns."""

_AT_ONCE = 1000
_CHUNK = 16_384
_PREFIX = 60
_KEPT = 6
_COMPOUND = 400
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")
_DIGITS = re.compile(r"[0-9]+")


def sort_key(text: str | None) -> float | str | None:
    """None for nothing, a number for a number, else the text with its numbers padded: SQLite sorts the three
    kinds in this order."""
    if text is None or not (plain := text.strip()):
        return None
    if _NUMBER.fullmatch(plain):
        return float(plain.replace(",", ""))
    start = plain[:_PREFIX]
    if not _DIGITS.search(start):
        return start
    return _DIGITS.sub(lambda found: found[0].lstrip("0").zfill(12), start)


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
        wanted = "[" + ",".join(map(str, ids)) + "]"
        only = " AND c.id IN (SELECT value FROM json_each(:ids))"
        return self._sorted(extents, column, only, {"ids": wanted}, lambda: False, descending=descending)

    def all(
        self,
        extents: Sequence[Extent],
        column: str | None,
        stop: Callable[[], bool],
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
                found = self._sorted(extents, column, "", {}, stop, descending=descending)
                self._write(name, found)
            while len(self._orders) >= _KEPT:
                self._orders.pop(next(iter(self._orders)))
            self._orders[name] = found
            return found

    def _sorted(
        self,
        extents: Sequence[Extent],
        column: str | None,
        only: str,
        values: dict[str, str],
        stop: Callable[[], bool],
        *,
        descending: bool,
    ) -> array[int]:
        parts = _parts(extents, column, only)
        if not parts:
            return array("q")
        way = "DESC" if descending else "ASC"
        query = (
            f"SELECT id FROM (SELECT id, sort_key(x) AS k FROM ({' UNION ALL '.join(parts)}))"
            f" ORDER BY k IS NULL, k {way}, id"
        )
        found = array("q")
        with self._database.reading() as connection:
            connection.create_function("sort_key", 1, sort_key, deterministic=True)
            connection.set_progress_handler(lambda: int(stop()), 200_000)
            try:
                cursor = connection.execute(query, values)
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


def _parts(extents: Sequence[Extent], column: str | None, only: str) -> list[str]:
    """One query for each source: SQLite takes at most 500 of them."""
    sources: dict[Columns, tuple[int, int]] = {}
    for first, last, columns in extents:
        known = sources.get(columns, (first, last))
        sources[columns] = (min(first, known[0]), max(last, known[1]))
    parts = [_part(*ends, columns, column, only) for columns, ends in sources.items()]
    while len(parts) > _COMPOUND:
        parts = [
            f"SELECT id, x FROM ({' UNION ALL '.join(parts[start : start + _COMPOUND])})"
            for start in range(0, len(parts), _COMPOUND)
        ]
    return parts


def _part(first: int, last: int, columns: Columns, column: str | None, only: str) -> str:
    cell = "t.text" if column is None else columns.cell(column)
    tables = "comments c"
    if cell is None:
        cell = "NULL"
    else:
        tables += " CROSS JOIN texts t ON t.id = c.id"
        if "g." in cell:
            tables += " LEFT JOIN originals g ON g.id = c.id"
    where = f"c.id BETWEEN {first} AND {last} AND c.source_id = {columns.source_id}"
    return f"SELECT c.id AS id, {cell} AS x FROM {tables} WHERE {where}{only}"


def _file_name(extents: Sequence[Extent], column: str | None, descending: bool) -> str:
    said = repr(
        (
            [(first, last, columns.source_id, columns.stamp) for first, last, columns in extents],
            column,
            descending,
        )
    )
    return f"order-{hashlib.blake2b(said.encode('utf-8', 'replace'), digest_size=12).hexdigest()}.ids"
