"""Files and folders on the way to their final name: written beside it under another one, put in place when
whole.

Beside each lies a lock that its writer holds as long as it lives. So whoever writes next can tell what a
killed program left behind, which goes, from what another program is just writing, which stays.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from senti_studio.errors import UserError
from senti_studio.file_lock import FileLock, is_locked

ARRIVING = ".part"
"""Ending of what is not whole yet."""
_LOCK = re.compile(r"(\.[0-9a-f]{8}\.[0-9a-f]{12}\.)lock")
_TRIED = 64 * 1024
"""Bytes that must find room: an empty file does so on a full disk too."""
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


@contextmanager
def arriving(target: Path) -> Iterator[Path]:
    """A path beside ``target``, of which nothing is there yet; endings may be added (``name + ".db"``).

    What killed writers of the same target left is removed before; at the end everything goes that still has
    the path, or begins with it. Raises OSError where nothing can be written.
    """
    clear_leftovers(target)
    # Shorter than the name itself, which may be as long as the system allows.
    stem = f"{_mark(target)}{uuid.uuid4().hex[:12]}."
    lock_path = target.with_name(stem + "lock")
    lock = FileLock(lock_path)
    try:
        if not lock.acquire():
            # Some shares know no locks. Without the file nobody takes what is written here for a leftover.
            lock_path.unlink(missing_ok=True)
        yield target.with_name(stem + ARRIVING.removeprefix("."))
    finally:
        with contextlib.suppress(OSError):
            _remove(target.parent, stem)
        lock.release()
        with contextlib.suppress(OSError):
            lock_path.unlink(missing_ok=True)


def require_can_arrive(target: Path) -> None:
    """Asked before long work: writes a small file beside ``target`` and takes it away again.

    Raises UserError ``OUTPUT_FOLDER_REFUSES``, ``OUTPUT_FOLDER_MISSING``, ``DISK_FULL``, and
    ``NO_PERMISSION`` where a file of that name is there that cannot be replaced.
    """
    target = through_link(target)
    try:
        with arriving(target) as temporary:
            temporary.write_bytes(bytes(_TRIED))
    except OSError as error:
        raise refusal_of(error, target) from error
    if _is_held(target):
        raise UserError("NO_PERMISSION", path=str(target))


def refusal_of(error: OSError, target: Path) -> UserError:
    """Why nothing new can be written beside ``target``."""
    if error.errno in _FULL:
        return UserError("DISK_FULL", path=str(target))
    is_there = os.path.isdir(target.parent)  # noqa: PTH112 - False, not an error, where one may not look
    return UserError(
        "OUTPUT_FOLDER_REFUSES" if is_there else "OUTPUT_FOLDER_MISSING", path=str(target.parent)
    )


def through_link(path: Path) -> Path:
    """The file that a symbolic link leads to, there or not: writing goes through it and leaves the link."""
    is_link = os.path.islink(path)  # noqa: PTH114 - False, not an error, for a name that is too long
    return Path(os.path.realpath(path)) if is_link else path


def _is_held(target: Path) -> bool:
    """Whether the file is there and the system would not have another one in its place: open in a program
    (Windows), immutable. That it is read-only does not matter elsewhere: it would not be written into."""
    try:
        os.close(os.open(target, os.O_WRONLY))
    except PermissionError as error:
        return os.name == "nt" or error.errno == errno.EPERM
    except OSError:
        return False
    return False


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A folder to fill, which becomes ``target`` when the block ends well; an empty ``target`` gives way.

    Raises UserError ``FOLDER_NOT_EMPTY`` and ``FILE_NOT_FOUND`` (no folder to put it in), and OSError.
    """
    if not target.parent.is_dir():
        raise UserError("FILE_NOT_FOUND", path=str(target.parent))
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise UserError("FOLDER_NOT_EMPTY", path=str(target))
    with arriving(target) as making:
        making.mkdir()
        yield making
        with contextlib.suppress(FileNotFoundError):
            target.rmdir()
        making.rename(target)


def is_arriving(target: Path) -> bool:
    """Whether a living program, this one included, is writing what will be ``target``."""
    return any(is_alive for _, is_alive in _writers(target.parent, _mark(target)))


def clear_leftovers(target: Path) -> None:
    """Removes what killed writers of ``target`` left beside it."""
    _clear(target.parent, _mark(target))


def clear_folder(folder: Path) -> None:
    """Removes what killed writers of anything in ``folder`` left."""
    _clear(folder, ".")


def put_in_place(made: Path, target: Path, *, replace: bool) -> None:
    """Gives a whole file its final name, in one step. Unless ``replace`` raises FileExistsError where the
    name is taken, by whomever and however lately."""
    if replace:
        made.replace(target)
    elif os.name == "nt":
        made.rename(target)  # Windows refuses a name that is taken
    else:
        _link(made, target)


def _link(made: Path, target: Path) -> None:
    try:
        target.hardlink_to(made)
    except FileExistsError:
        raise
    except OSError:
        # No second names on this file system (exFAT, some shares): the name is taken first, then replaced.
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
        made.replace(target)
    else:
        made.unlink()


def _mark(target: Path) -> str:
    return f".{zlib.crc32(target.name.encode('utf-8', 'surrogateescape')):08x}."


def _writers(folder: Path, mark: str) -> Iterator[tuple[str, bool]]:
    """The begin of all names of each writer, and whether it lives."""
    try:
        names = [entry.name for entry in os.scandir(folder) if entry.name.startswith(mark)]
    except OSError:
        return  # no folder, or one that cannot be read: writing will say why
    for name in names:
        found = _LOCK.fullmatch(name)
        if found is None:
            continue
        try:
            yield found[1], is_locked(folder / name)
        except OSError:
            yield found[1], True  # somebody else's file: not ours to judge


def _clear(folder: Path, mark: str) -> None:
    for stem, is_alive in _writers(folder, mark):
        if not is_alive:
            with contextlib.suppress(OSError):
                _remove(folder, stem)
                (folder / (stem + "lock")).unlink(missing_ok=True)


def _remove(folder: Path, stem: str) -> None:
    for entry in list(os.scandir(folder)):
        if not entry.name.startswith(stem) or entry.name == stem + "lock":
            continue
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path, ignore_errors=True)
        else:
            Path(entry.path).unlink(missing_ok=True)
