"""What one can do to whole projects: make, open, remember, back up, restore."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

from senti_studio.domain.labels import DEFAULT_LABELS, Label
from senti_studio.errors import UserError
from senti_studio.operations import recent
from senti_studio.operations.recent import RecentProject, forget, recent_projects, remember
from senti_studio.storage import backups
from senti_studio.storage.backups import Backup
from senti_studio.storage.project import FILE_NAME, SUFFIX, Project

__all__ = [
    "Backup",
    "RecentProject",
    "back_up_daily",
    "copy_project",
    "create_project",
    "create_sample_project",
    "forget",
    "list_backups",
    "open_project",
    "project_folder",
    "recent_projects",
    "remember",
    "restore_backup",
]

_log = logging.getLogger(__name__)


def project_folder(folder: Path) -> Path:
    """``folder`` as an absolute path that ends in ``.senti``."""
    folder = Path(folder).expanduser().absolute()
    return folder if folder.suffix == SUFFIX else folder.with_name(folder.name + SUFFIX)


def create_project(
    folder: Path, *, name: str | None = None, labels: Sequence[Label] = DEFAULT_LABELS
) -> Project:
    """Makes an empty project (``.senti`` is added to the name where missing), opens and remembers it.

    Raises UserError ``PROJECT_EXISTS``, ``NO_PERMISSION`` or ``DISK_FULL``.
    """
    project = Project.create(project_folder(folder), name=name, labels=labels)
    _remember(project)
    return project


def create_sample_project(folder: Path | None = None) -> Path:
    """Makes a project of the sample comments and returns its folder; see `senti_studio.operations.sample`."""
    from senti_studio.operations import sample

    return sample.create_sample_project(folder)


def open_project(folder: Path) -> Project:
    """Opens and remembers a project, by its folder or its ``project.db``; see `Project.open` for what can
    be wrong."""
    project = Project.open(folder)
    _remember(project)
    return project


def copy_project(folder: Path, into: Path) -> Path:
    """Copies a project that cannot be opened where it lies into the folder ``into``; returns the copy's.

    A name that is taken gets a number. Raises what `storage.backups.copy_folder` raises.
    """
    folder = folder.parent if folder.name == FILE_NAME else folder
    target, number = into / folder.name, 2
    while target.exists():
        target = into / f"{folder.stem} ({number}){SUFFIX}"
        number += 1
    backups.copy_folder(folder, target)
    return target


def back_up_daily(project: Project) -> Future[Path | None]:
    """Makes today's backup in a thread of its own; the future holds its path, None if it was there
    already."""
    done: Future[Path | None] = Future()

    def work() -> None:
        try:
            done.set_result(backups.back_up_daily(project))
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the future
            done.set_exception(error)

    threading.Thread(target=work, name="daily backup", daemon=True).start()
    return done


def list_backups(folder: Path) -> list[Backup]:
    """The readable daily backups of a project folder, newest first, with their counts; the project need not
    open."""
    found = []
    for path in backups.backups_of(Path(folder)):
        try:
            found.append(backups.look_into(path))
        except UserError as error:
            _log.info("backup %s left out: %s", path, error)
    return found


def restore_backup(backup: Path, folder: Path) -> Project:
    """Makes a new project at ``folder`` from a backup and opens it; the old project stays as it is.

    Raises UserError ``PROJECT_EXISTS``, ``BACKUP_DAMAGED``, ``NO_PERMISSION``.
    """
    return open_project(backups.restore(Path(backup), project_folder(folder)))


def free_space(folder: Path) -> int:
    """Bytes that are free where ``folder`` lies."""
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    return shutil.disk_usage(existing).free


def _remember(project: Project) -> None:
    try:
        recent.remember(project)
    except OSError as error:
        # A full or read-only home must not keep anybody from working on a project elsewhere.
        _log.info("recent projects were not written: %s", error)
