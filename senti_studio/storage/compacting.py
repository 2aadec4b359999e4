"""Takes out for good what was removed long ago, and gives the room in ``project.db`` back to the disk."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from senti_studio.errors import UserError
from senti_studio.storage.database import connect
from senti_studio.storage.errors import disk_error, meaning_of

if TYPE_CHECKING:
    from senti_studio.storage.project import Project

KEPT = timedelta(days=30)
"""How long what was removed can be brought back."""

_STEPS_BETWEEN_LOOKS = 200_000
_MARGIN = 32 << 20


@dataclass(frozen=True, slots=True)
class CompactReport:
    """Sizes in bytes of ``project.db`` with its log; ``sources`` names files that went for good, ``trashed``
    counts folders that left the trash, ``freed`` bytes in all."""

    before: int
    after: int
    sources: tuple[str, ...]
    trashed: int
    freed: int


def expire(
    project: Project,
    *,
    older_than: timedelta = KEPT,
    should_stop: Callable[[], bool] = lambda: False,
) -> tuple[tuple[str, ...], int, int]:
    """Deletes removed sources and what lies in ``trash/`` when it is older; piece by piece, beside labelling.

    Returns names of sources, the number of folders and the bytes of these. What is listed is gone for good,
    also when ``should_stop`` ended it early: rows of the last source that are still there then go later
    (`Sources.purge`).
    """
    limit = datetime.now(UTC) - older_than
    project.sources.finish_purges(should_stop=should_stop)
    names = []
    for source, removed_at in project.sources.removed():
        if removed_at <= limit and not should_stop():
            names.append(source.name)
            project.sources.purge(source.id, should_stop=should_stop)
    trashed, freed = 0, 0
    for entry in project.trash_folder.iterdir():
        if should_stop():
            break
        if datetime.fromtimestamp(entry.lstat().st_mtime, UTC) <= limit:
            freed += size_of(entry)
            _delete(entry)
            trashed += 1
    return tuple(names), trashed, freed


def compact(
    project: Project,
    *,
    older_than: timedelta = KEPT,
    progress: Callable[[str], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> CompactReport:
    """`expire`, then writes ``project.db`` anew without gaps. Nothing can be labelled meanwhile.

    ``progress`` gets ``expiring`` and ``compacting``. Raises UserError ``COMPACT_NO_SPACE`` (with the bytes
    that are needed), ``PROJECT_BUSY`` when another process writes all the time, ``CANCELLED`` when
    ``should_stop`` ended it before anything was changed, ``COMPACT_STOPPED`` (with what was) when it had
    already taken something out for good: that stays away, everything else is as it was.
    """
    path = project.database_path
    before = _database_size(path)
    _require_space(path, before)
    progress("expiring")
    names, trashed, freed = expire(project, older_than=older_than, should_stop=should_stop)
    if should_stop():
        raise _stopped(names, trashed)
    progress("compacting")
    try:
        with closing(connect(path, mode="rw")) as connection:
            # In memory, as elsewhere, the copy could be larger than what the machine has.
            connection.execute("PRAGMA temp_store = FILE")
            connection.set_progress_handler(lambda: int(should_stop()), _STEPS_BETWEEN_LOOKS)
            connection.execute("VACUUM")
            connection.set_progress_handler(None, 0)
            _checkpoint(connection)
    except sqlite3.Error as error:
        if should_stop():
            raise _stopped(names, trashed) from error
        raise meaning_of(error, path) from error
    after = _database_size(path)
    return CompactReport(before, after, names, trashed, freed + max(0, before - after))


def _stopped(names: tuple[str, ...], trashed: int) -> UserError:
    if not names and not trashed:
        return UserError("CANCELLED")
    return UserError("COMPACT_STOPPED", sources=len(names), names=list(names), trashed=trashed)


def _checkpoint(connection: sqlite3.Connection) -> None:
    # A reader of this very moment keeps the log; the next idle second tries again anyway.
    for _ in range(20):
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not busy:
            return
        time.sleep(0.05)


def _require_space(path: Path, size: int) -> None:
    """The copy lies in the folder for temporary files, then in the log beside the project."""
    for folder in {path.parent, Path(tempfile.gettempdir())}:
        try:
            free = shutil.disk_usage(folder).free
        except OSError as error:
            raise disk_error(error, folder) from error
        if free < size + _MARGIN:
            raise UserError(
                "COMPACT_NO_SPACE", path=str(folder), needed=gigabytes(size + _MARGIN), free=gigabytes(free)
            )


def gigabytes(count: int) -> str:
    """Bytes for a sentence."""
    return f"{count / (1 << 30):.1f} GB"


def _database_size(path: Path) -> int:
    files = (path, path.with_name(path.name + "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def size_of(path: Path) -> int:
    """Bytes of a file, or of everything in a folder; links count as themselves."""
    if path.is_symlink() or not path.is_dir():
        return path.lstat().st_size
    total = 0
    for entry in path.iterdir():
        try:
            total += size_of(entry)
        except FileNotFoundError:
            continue  # a log or checkpoint that has just gone
    return total


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
