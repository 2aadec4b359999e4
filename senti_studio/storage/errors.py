"""Turns what SQLite and the operating system report into sentences for the user."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from pathlib import Path

from senti_studio.errors import BugError, SentiError, UserError

_CODES = {
    sqlite3.SQLITE_FULL: "DISK_FULL",
    sqlite3.SQLITE_IOERR: "PROJECT_DISK_ERROR",
    sqlite3.SQLITE_BUSY: "PROJECT_BUSY",
    sqlite3.SQLITE_LOCKED: "PROJECT_BUSY",
    sqlite3.SQLITE_CORRUPT: "PROJECT_DAMAGED",
    sqlite3.SQLITE_NOTADB: "PROJECT_DAMAGED",
    sqlite3.SQLITE_READONLY: "NO_PERMISSION",
    sqlite3.SQLITE_CANTOPEN: "NO_PERMISSION",
    sqlite3.SQLITE_PERM: "NO_PERMISSION",
}


_LONGEST = 480
"""Bytes of a path that SQLite surely opens: it takes 512, some of it for files beside the database."""


def meaning_of(error: sqlite3.Error, path: Path) -> SentiError:
    """The error to raise instead of ``error``: a UserError for the world outside, a BugError for our own
    mistakes."""
    extended = getattr(error, "sqlite_errorcode", None)
    # The low byte is the primary code, the rest says which of its kinds.
    code = _CODES.get(extended & 0xFF) if isinstance(extended, int) else None
    if code == "NO_PERMISSION" and len(os.fsencode(path)) > _LONGEST:
        return _too_long(path)
    if code == "NO_PERMISSION" and not path.exists():
        code = "PROJECT_NOT_FOUND"
    if code == "PROJECT_DISK_ERROR" and _is_full(path):
        # On a full disk SQLite cannot even make the small file that readers share.
        code = "DISK_FULL"
    if code is None:
        return BugError(f"{type(error).__name__}: {error}")
    return UserError(code, path=str(path), reason=str(error))


_LEAST_FREE = 64 * 1024


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path if path.is_dir() else path.parent).free < _LEAST_FREE
    except OSError:
        return False


_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def disk_error(error: OSError, path: Path) -> UserError:
    """The UserError to raise instead of ``error``: ``DISK_FULL``, ``FILE_NOT_FOUND``, ``PATH_TOO_LONG`` or
    ``NO_PERMISSION``."""
    if error.errno == errno.ENAMETOOLONG:
        return _too_long(path)
    if error.errno in _FULL:
        code = "DISK_FULL"
    elif isinstance(error, FileNotFoundError):
        code = "FILE_NOT_FOUND"
    else:
        code = "NO_PERMISSION"
    return UserError(code, path=str(path), reason=str(error))


def _too_long(path: Path) -> UserError:
    return UserError("PATH_TOO_LONG", path=str(path), length=len(os.fsencode(path)))
