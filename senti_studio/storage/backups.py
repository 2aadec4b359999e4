"""Backups of ``project.db``: one a day of use, the newest seven are kept; restored into a new project."""

from __future__ import annotations

import os
import shutil
import sqlite3
import uuid
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from senti_studio.arriving import arriving, clear_folder
from senti_studio.errors import UserError
from senti_studio.storage.database import connect, transaction
from senti_studio.storage.errors import disk_error, meaning_of
from senti_studio.storage.file_check import check_file
from senti_studio.storage.project import FILE_NAME, SUFFIX, Project

KEPT = 7
_PAGES_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup and what is in it."""

    path: Path
    day: date
    size: int
    name: str = ""
    comments: int = 0
    labelled: int = 0


def backups_of(folder: Path) -> list[Path]:
    """The daily backups of a project folder, newest first; the project itself need not open."""
    return sorted((folder / "backups").glob("????-??-??.db"), reverse=True)


def back_up_daily(project: Project, *, today: date | None = None) -> Path | None:
    """Makes ``backups/YYYY-MM-DD.db`` unless it is there; returns it, or None. Run it off the GUI thread.

    Raises UserError ``DISK_FULL`` and the like; a half-written backup is never left behind.
    """
    path = project.backups_folder / f"{today or datetime.now().astimezone().date():%Y-%m-%d}.db"
    clear_folder(project.backups_folder)
    if path.exists():
        return None
    with arriving(path) as temporary:
        copy_database(project, temporary)
        temporary.replace(path)
    for old in backups_of(project.folder)[KEPT:]:
        old.unlink()
    return path


def copy_database(project: Project, target: Path) -> None:
    """Copies ``project.db`` as it is at this moment to the new file ``target``, whatever others write.

    Raises UserError ``DISK_FULL`` and the like; what there is of ``target`` then is the caller's to remove.
    """
    try:
        with (
            closing(connect(project.database_path, mode="ro")) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy, pages=-1)
            # One file without a log beside it, so that it can be copied and looked at like any other.
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise meaning_of(error, target) from error


def copy_folder(folder: Path, target: Path) -> None:
    """Copies a project that is not open, on a read-only drive for example, to the new folder ``target``.

    Whole or not at all. Cache and bin are left out; everything in the copy can be written.

    Raises UserError ``PROJECT_EXISTS``, ``PROJECT_DAMAGED``, ``DISK_FULL``, ``NO_PERMISSION``.
    """
    check_file(folder / FILE_NAME)
    if target.exists():
        raise UserError("PROJECT_EXISTS", path=str(target))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with arriving(target) as making:
            making.mkdir()
            _copy_database_file(folder / FILE_NAME, making / FILE_NAME)
            for place, folders, files in os.walk(folder):
                inside = Path(place).relative_to(folder)
                folders[:] = [name for name in folders if inside.parts or name not in ("cache", "trash")]
                (making / inside).mkdir(exist_ok=True)
                for name in files:
                    if not (name.startswith(FILE_NAME) and not inside.parts):
                        shutil.copyfile(Path(place, name), making / inside / name)
            making.rename(target)
    except OSError as error:
        raise disk_error(error, target) from error


def _copy_database_file(path: Path, target: Path) -> None:
    """By SQLite alone, which must see what still stands in a log beside the file."""
    has_log = path.with_name(path.name + "-wal").exists()
    try:
        with (
            closing(connect(path, mode="ro", immutable=not has_log)) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error as error:
        raise meaning_of(error, path) from error


def look_into(path: Path) -> Backup:
    """What a backup holds. Raises UserError ``BACKUP_DAMAGED`` or what `check_file` raises."""
    try:
        check_file(path)
        with closing(connect(path, mode="ro", immutable=True)) as connection:
            facts = dict(connection.execute("SELECT key, value FROM project").fetchall())
            (comments,) = connection.execute(
                "SELECT coalesce(sum(row_count), 0) FROM sources WHERE state = 'ready'"
            ).fetchone()
            (labelled,) = connection.execute(
                "SELECT coalesce(sum(k.n), 0) FROM counts k JOIN sources o ON o.id = k.source_id"
                " WHERE o.state = 'ready' AND k.kind > 0"
            ).fetchone()
    except (sqlite3.Error, KeyError) as error:
        raise UserError("BACKUP_DAMAGED", path=str(path), reason=str(error)) from error
    stat = path.stat()
    try:
        day = date.fromisoformat(path.stem)
    except ValueError:
        day = datetime.fromtimestamp(stat.st_mtime).astimezone().date()
    return Backup(path, day, stat.st_size, facts.get("name", ""), int(comments), int(labelled))


def restore(backup: Path, folder: Path) -> Path:
    """Makes a new project at ``folder`` from a backup and returns its folder; nothing that exists is changed.

    Labels and comments come back; runs and models lie in the old project's folders and are not copied.
    Raises UserError ``PROJECT_EXISTS``, ``BACKUP_DAMAGED``, ``NO_PERMISSION`` …
    """
    look_into(backup)
    folder = folder.absolute()
    if folder.suffix != SUFFIX:
        folder = folder.with_name(folder.name + SUFFIX)
    if folder.exists():
        raise UserError("PROJECT_EXISTS", path=str(folder))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with arriving(folder) as making:
            making.mkdir()
            shutil.copyfile(backup, making / FILE_NAME)
            with closing(connect(making / FILE_NAME, mode="rw")) as connection:
                make_independent(connection, folder.stem, without=("runs", "models", "batches"))
            making.rename(folder)
    except sqlite3.Error as error:
        raise meaning_of(error, backup) from error
    except OSError as error:
        raise disk_error(error, folder) from error
    return folder


def adopt(database: Path, name: str, *, without: Sequence[str]) -> None:
    """Makes a copied ``project.db`` a project of its own; records of the kinds in ``without`` are dropped.

    Raises UserError for a file that cannot be written.
    """
    try:
        with closing(connect(database, mode="rw")) as connection:
            make_independent(connection, name, without=without)
    except sqlite3.Error as error:
        raise meaning_of(error, database) from error


def make_independent(connection: sqlite3.Connection, name: str, *, without: Sequence[str]) -> None:
    """As `adopt`, for an open file."""
    with transaction(connection):
        facts = {"id": uuid.uuid4().hex, "name": name}
        connection.executemany(
            "UPDATE project SET value = ? WHERE key = ?", [(value, key) for key, value in facts.items()]
        )
        for table in without:
            connection.execute(f"UPDATE {table} SET removed = 1")
    connection.execute("PRAGMA journal_mode = WAL")
