"""What the operating system says about a disk, as a sentence for the user."""

from __future__ import annotations

import errno
from pathlib import Path

from senti_studio.errors import UserError

_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def disk_error(error: OSError, path: Path) -> UserError:
    """The UserError to raise instead of ``error``: ``DISK_FULL``, ``FILE_NOT_FOUND`` or ``NO_PERMISSION``."""
    if error.errno in _FULL:
        code = "DISK_FULL"
    elif isinstance(error, FileNotFoundError):
        code = "FILE_NOT_FOUND"
    else:
        code = "NO_PERMISSION"
    return UserError(code, path=str(path), reason=str(error))
