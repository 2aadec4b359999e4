"""Looks at a ``project.db`` before anything opens it for writing: damaged, foreign and newer files stay
untouched."""

from __future__ import annotations

import sqlite3
import struct
from pathlib import Path

from senti_studio.errors import UserError
from senti_studio.storage import schema
from senti_studio.storage.database import connect
from senti_studio.storage.migrations import VERSION

_MAGIC = b"SQLite format 3\x00"
_WHOLE_CHECK_BYTES = 8 << 20
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
    """
    header = _header(path)
    (application,) = struct.unpack(">I", header[68:72])
    (version,) = struct.unpack(">I", header[60:64])
    if application != schema.APPLICATION_ID:
        raise UserError("NOT_A_PROJECT", path=str(path))
    if version > VERSION:
        raise UserError("PROJECT_TOO_NEW", path=str(path), version=version, known=VERSION)
    log = path.with_name(path.name + "-wal")
    in_use = log.exists() and log.stat().st_size > 0
    if not in_use:
        _check_size(path, header)
    try:
        # Without a log nobody has the file open, and "immutable" keeps SQLite from creating one.
        connection = connect(path, mode="ro", immutable=not in_use)
        try:
            found = _probe(connection, whole=path.stat().st_size <= _WHOLE_CHECK_BYTES)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise UserError("PROJECT_DAMAGED", path=str(path), reason=str(error)) from error
    if found > VERSION:
        raise UserError("PROJECT_TOO_NEW", path=str(path), version=found, known=VERSION)
    return found


def _header(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError as error:
        raise UserError("PROJECT_NOT_FOUND", path=str(path)) from error
    except PermissionError as error:
        raise UserError("NO_PERMISSION", path=str(path)) from error
    except OSError as error:
        raise UserError("PROJECT_DAMAGED", path=str(path), reason=str(error)) from error
    if len(header) < 100 and _MAGIC.startswith(header[:16]):
        raise UserError("PROJECT_DAMAGED", path=str(path), reason=f"{len(header)} bytes")
    if not header.startswith(_MAGIC):
        # Our own name with other content is a damaged project, not somebody else's file.
        code = "PROJECT_DAMAGED" if path.name == "project.db" else "NOT_A_PROJECT"
        raise UserError(code, path=str(path), reason="header")
    return header


def _check_size(path: Path, header: bytes) -> None:
    (page_size,) = struct.unpack(">H", header[16:18])
    (pages,) = struct.unpack(">I", header[28:32])
    needed = (65536 if page_size == 1 else page_size) * pages
    size = path.stat().st_size
    if size < needed:
        raise UserError("PROJECT_DAMAGED", path=str(path), reason=f"{size} < {needed} bytes")


def _probe(connection: sqlite3.Connection, *, whole: bool) -> int:
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
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
