"""What the operating system says about files, as errors with a sentence."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from senti_studio.errors import UserError

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


def user_error_of(error: OSError, path: Path | str) -> UserError:
    """``DISK_FULL`` | ``NO_PERMISSION`` | ``FILE_NOT_FOUND`` | ``CANNOT_READ``."""
    name = str(path)
    if error.errno in _FULL:
        return UserError("DISK_FULL", path=name)
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return UserError("NO_PERMISSION", path=name)
    if isinstance(error, FileNotFoundError):
        return UserError("FILE_NOT_FOUND", path=name)
    return UserError("CANNOT_READ", path=name, reason=error.strerror or str(error))


@contextmanager
def told_to_user(path: Path | str) -> Iterator[None]:
    """Turns every OSError of the block into the UserError that names ``path``."""
    try:
        yield
    except OSError as error:
        raise user_error_of(error, path) from error
