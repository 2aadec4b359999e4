"""Turns what the operating system reports of the shelf into sentences for the user."""

from __future__ import annotations

import errno
from pathlib import Path

from senti_studio.errors import UserError

_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def disk_trouble(error: OSError, path: Path) -> UserError:
    """The UserError to raise instead of ``error``: ``DISK_FULL``, ``FILE_NOT_FOUND`` or ``NO_PERMISSION``."""
    if error.errno in _FULL:
        code = "DISK_FULL"
    elif isinstance(error, FileNotFoundError):
        code = "FILE_NOT_FOUND"
    elif isinstance(error, PermissionError) or error.errno == errno.EROFS:
        code = "NO_PERMISSION"
    else:
        return UserError("CANNOT_READ", path=str(path), reason=error.strerror or str(error))
    return UserError(code, path=str(path), reason=str(error))
