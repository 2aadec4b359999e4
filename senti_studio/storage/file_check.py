"""Looks at a ``project.db`` before anything opens it for writing: damaged, foreign and newer files stay
untouched."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

from senti_studio.errors import UserError
from senti_studio.storage import schema
from senti_studio.storage.database import connect
from senti_studio.storage.errors import meaning_of
from senti_studio.storage.migrations import VERSION, version_of

_SMALLEST = 100
"""Bytes of the header of a database."""
_WHOLE_CHECK_BYTES = 8 << 20
_OF_THE_CONTENT = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_SCHEMA)
"""Error codes that speak of the file itself; the others speak of the disk, of rights or of other programs."""
_NEEDED = (
    "project",
    "labels",
    "sources",
    "extents",
    "comments",
    "texts",
    "annotations",
    "actions",
    "journal",
)


def check_file(path: Path) -> int:
    """Returns the version of the tables; reads only a few pages of a large file.

    Raises UserError ``PROJECT_NOT_FOUND``, ``NOT_A_PROJECT``, ``PROJECT_DAMAGED``, ``PROJECT_TOO_NEW`` or
    ``NO_PERMISSION``. Writes nothing, not even the files that SQLite puts beside a database in use.

    Only SQLite opens the file, here and everywhere: closing any other descriptor of it would take this
    process's locks off it (POSIX locks belong to the process, https://www.sqlite.org/howtocorrupt.html §2.2),
    and the next process that leaves would delete the log under an open window.
    """
    try:
        size = _size(path)
        try:
            return _check(path, size, in_use=_log(path).exists())
        except sqlite3.Error:
            # Without a log nobody had the file open, and "immutable" kept SQLite from creating one. If
            # somebody has opened it since, what was read may be half of one state and half of the next.
            if not _log(path).exists():
                raise
            return _check(path, size, in_use=True)
    except sqlite3.Error as error:
        if _primary(error) not in (None, *_OF_THE_CONTENT):
            raise meaning_of(error, path) from error
        # Our own name with other content is a damaged project, not somebody else's file.
        is_other = path.name != "project.db" and _primary(error) == sqlite3.SQLITE_NOTADB
        code = "NOT_A_PROJECT" if is_other else "PROJECT_DAMAGED"
        raise UserError(code, path=str(path), reason=str(error)) from error


def _size(path: Path) -> int:
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise UserError("PROJECT_NOT_FOUND", path=str(path)) from error
    except PermissionError as error:
        raise UserError("NO_PERMISSION", path=str(path)) from error
    except OSError as error:
        raise UserError("PROJECT_DAMAGED", path=str(path), reason=str(error)) from error
    if not stat.S_ISREG(status.st_mode) or status.st_size < _SMALLEST:
        raise UserError("PROJECT_DAMAGED", path=str(path), reason=f"{status.st_size} bytes")
    if not os.access(path, os.R_OK):
        raise UserError("NO_PERMISSION", path=str(path))
    return status.st_size


def _primary(error: sqlite3.Error) -> int | None:
    """What SQLite says went wrong; None for what we found wrong."""
    code = getattr(error, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else None


def _log(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _check(path: Path, size: int, *, in_use: bool) -> int:
    with closing(connect(path, mode="ro", immutable=not in_use)) as connection:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        if application != schema.APPLICATION_ID:
            raise UserError("NOT_A_PROJECT", path=str(path))
        version = version_of(connection)
        if version > VERSION:
            raise UserError("PROJECT_TOO_NEW", path=str(path), version=version, known=VERSION)
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (page_size,) = connection.execute("PRAGMA page_size").fetchone()
        if not in_use and size < pages * page_size:
            raise sqlite3.DatabaseError(f"{size} < {pages * page_size} bytes")
        _probe(connection, whole=size <= _WHOLE_CHECK_BYTES)
    return version


def _probe(connection: sqlite3.Connection, *, whole: bool) -> None:
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    missing = [name for name in _NEEDED if name not in tables]
    if missing:
        raise sqlite3.DatabaseError("missing tables: " + ", ".join(missing))
    if whole:
        (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if answer != "ok":
            raise sqlite3.DatabaseError(answer)
    else:
        for name in _NEEDED:
            for order in ("ASC", "DESC"):
                connection.execute(f"SELECT * FROM {name} ORDER BY 1 {order} LIMIT 20").fetchall()
