"""A whole project as one ``.zip``: written from an open project, made into a new one again."""

from __future__ import annotations

import json
import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from senti_studio import __version__
from senti_studio.arriving import arriving, clear_leftovers, put_in_place
from senti_studio.domain.importing import require_outside_project
from senti_studio.errors import UserError
from senti_studio.operations.projects import project_folder
from senti_studio.storage import backups
from senti_studio.storage.compacting import gigabytes
from senti_studio.storage.errors import disk_error
from senti_studio.storage.file_check import check_file
from senti_studio.storage.project import FILE_NAME, Project

PARTS = ("runs", "models", "batches")
NOTE = "senti-backup.json"
FORMAT = 1

_BLOCK = 1 << 20
_MOST_ENTRIES = 500_000
_MOST_RATIO = 200
_RATIO_FROM = 1 << 30
_MARGIN = 64 << 20
_LEFT_OUT = {"lock", "launched"}
_STORED = {".gz", ".parquet", ".safetensors", ".zip", ".png"}

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""


@dataclass(frozen=True, slots=True)
class Archive:
    """What a backup file holds. Sizes in bytes; ``parts`` are those of `PARTS` that are inside."""

    path: Path
    name: str
    made_at: str
    comments: int
    labelled: int
    parts: tuple[str, ...]
    size: int


def _silent(_done: int, _total: int) -> None:
    return


def write_archive(
    project: Project,
    target: Path,
    *,
    parts: Sequence[str] = PARTS,
    overwrite: bool = False,
    progress: Progress = _silent,
    should_stop: Callable[[], bool] = lambda: False,
) -> Archive:
    """Backs a project up into one file, whole or not at all; labelling and training may go on meanwhile.

    ``parts``: which of `PARTS` go in beside comments, labels and settings.

    Raises UserError ``OUTPUT_EXISTS``, ``OUTPUT_IN_PROJECT``, ``DISK_FULL``, ``NO_PERMISSION`` …
    """
    target = Path(target).expanduser().absolute()
    target = target if target.suffix.lower() == ".zip" else target.with_name(target.name + ".zip")
    require_outside_project(target)
    if target.exists() and not overwrite:
        raise UserError("OUTPUT_EXISTS", path=str(target))
    counts = project.comments.counts()
    note = {
        "format": FORMAT,
        "name": project.name,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "program": __version__,
        "comments": counts.total,
        "labelled": counts.labelled,
        "parts": list(parts),
    }
    try:
        with arriving(target) as making:
            database = making.with_name(making.name + ".db")
            backups.copy_database(project, database)
            files = [(database, FILE_NAME), *_files(project.folder, parts)]
            _pack(making, files, note, progress, should_stop)
            put_in_place(making, target, replace=overwrite)
    except FileExistsError as error:
        raise UserError("OUTPUT_EXISTS", path=str(target)) from error
    except OSError as error:
        raise disk_error(error, target) from error
    return _archive(target, note)


def look_into_archive(path: Path) -> Archive:
    """What a backup file says about itself. Raises UserError ``ARCHIVE_DAMAGED``, ``ARCHIVE_NOT_A_FILE``,
    ``FILE_NOT_FOUND`` or ``NO_PERMISSION``."""
    with _opened(Path(path)) as archive:
        return _archive(Path(path), _note(archive, Path(path)))


def restore_archive(
    path: Path,
    folder: Path,
    *,
    progress: Progress = _silent,
    should_stop: Callable[[], bool] = lambda: False,
) -> Path:
    """Makes the new project ``folder`` from a backup file, whole or not at all, and returns its folder.

    Nothing that exists is touched. Every path in the file is looked at before anything is written: it must
    stay inside the project. Raises UserError ``PROJECT_EXISTS``, ``ARCHIVE_DAMAGED``, ``ARCHIVE_UNSAFE``,
    ``ARCHIVE_TOO_LARGE``, ``PROJECT_TOO_NEW``, ``DISK_FULL``, ``NO_PERMISSION`` or ``CANCELLED``.
    """
    path, folder = Path(path), project_folder(folder)
    if folder.exists():
        raise UserError("PROJECT_EXISTS", path=str(folder))
    try:
        with _opened(path) as archive:
            note = _note(archive, path)
            entries = _checked(archive, path)
            clear_leftovers(folder)
            _require_space(path, folder, sum(entry.file_size for entry, _ in entries))
            folder.parent.mkdir(parents=True, exist_ok=True)
            with arriving(folder) as making:
                making.mkdir()
                _unpack(archive, path, entries, making, progress, should_stop)
                _adopt(making / FILE_NAME, folder, _archive(path, note).parts)
                making.rename(folder)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError) as error:
        raise UserError("ARCHIVE_DAMAGED", path=str(path), reason=str(error)) from error
    except OSError as error:
        raise disk_error(error, folder) from error
    return folder


def _adopt(database: Path, folder: Path, inside: Sequence[str]) -> None:
    check_file(database)
    backups.adopt(database, folder.stem, without=[part for part in PARTS if part not in inside])


def _files(folder: Path, parts: Sequence[str]) -> Iterator[tuple[Path, str]]:
    for part in parts:
        if part not in PARTS:
            raise ValueError(part)
        for root, folders, names in os.walk(folder / part, followlinks=False):
            folders.sort()
            for name in sorted(names):
                file = Path(root, name)
                if name not in _LEFT_OUT and file.is_file() and not file.is_symlink():
                    yield file, file.relative_to(folder).as_posix()


def _pack(
    target: Path,
    files: Sequence[tuple[Path, str]],
    note: dict[str, object],
    progress: Progress,
    should_stop: Callable[[], bool],
) -> None:
    total = sum(file.stat().st_size for file, _ in files if file.exists())
    done = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=1) as archive:
        archive.writestr(NOTE, json.dumps(note, ensure_ascii=False, indent=1))
        for file, name in files:
            entry = zipfile.ZipInfo(name, datetime.now().astimezone().timetuple()[:6])
            entry.compress_type = zipfile.ZIP_STORED if file.suffix in _STORED else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            try:
                source = file.open("rb")
            except FileNotFoundError:
                continue  # a checkpoint that a training has just replaced
            with source, archive.open(entry, "w", force_zip64=True) as inside:
                while block := source.read(_BLOCK):
                    if should_stop():
                        raise UserError("CANCELLED")
                    inside.write(block)
                    done += len(block)
                    progress(min(done, total), total)
    with target.open("rb+") as written:
        os.fsync(written.fileno())


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        # A device has no end to look for: zipfile would read it until the memory is full.
        if not stat.S_ISREG(path.stat().st_mode):
            raise UserError("ARCHIVE_NOT_A_FILE", path=str(path))
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError) as error:
        raise UserError("ARCHIVE_DAMAGED", path=str(path), reason=str(error)) from error
    except OSError as error:
        raise disk_error(error, path) from error


def _note(archive: zipfile.ZipFile, path: Path) -> dict[str, object]:
    try:
        entry = archive.getinfo(NOTE)
        if entry.file_size > _BLOCK:
            raise ValueError(f"{NOTE}: {entry.file_size} bytes")
        with archive.open(entry) as file:
            note = json.loads(file.read(_BLOCK))
        if not isinstance(note, dict) or not isinstance(note.get("format"), int):
            raise ValueError(NOTE)
    except (KeyError, ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise UserError("ARCHIVE_DAMAGED", path=str(path), reason=str(error)) from error
    if note["format"] > FORMAT:
        raise UserError("ARCHIVE_TOO_NEW", path=str(path))
    return note


def _archive(path: Path, note: dict[str, object]) -> Archive:
    given = note.get("parts")
    parts = tuple(part for part in PARTS if isinstance(given, list) and part in given)
    size = path.stat().st_size
    name, made_at = str(note.get("name", "")), str(note.get("made_at", ""))
    return Archive(path, name, made_at, _number(note, "comments"), _number(note, "labelled"), parts, size)


def _number(note: dict[str, object], key: str) -> int:
    value = note.get(key)
    return value if isinstance(value, int) else 0


def _checked(archive: zipfile.ZipFile, path: Path) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """The entries with the paths that they may have. Raises UserError for any that leads elsewhere."""
    entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES:
        raise UserError("ARCHIVE_TOO_LARGE", path=str(path), reason=f"{len(entries)} files")
    found: dict[str, tuple[zipfile.ZipInfo, PurePosixPath]] = {}
    for entry in entries:
        if entry.is_dir() or entry.filename == NOTE:
            continue
        inside = _safe(entry)
        if inside is None or str(inside).lower() in found:
            raise UserError("ARCHIVE_UNSAFE", path=str(path), name=entry.filename[:200])
        found[str(inside).lower()] = (entry, inside)
    if FILE_NAME not in found:
        raise UserError("ARCHIVE_DAMAGED", path=str(path), reason=FILE_NAME)
    total = sum(entry.file_size for entry, _ in found.values())
    packed = sum(entry.compress_size for entry, _ in found.values())
    if total > _RATIO_FROM and total > _MOST_RATIO * max(packed, 1):
        raise UserError("ARCHIVE_TOO_LARGE", path=str(path), reason=f"{total} bytes")
    return list(found.values())


def _safe(entry: zipfile.ZipInfo) -> PurePosixPath | None:
    """Its path below the project folder; None for one that must not be followed."""
    name = entry.filename
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG) or entry.flag_bits & 0x1:
        return None
    if not name or any(letter in name for letter in '\\:*?"<>|\0') or any(ord(c) < 32 for c in name):
        return None
    parts = name.split("/")
    # No root, no way up, nothing that Windows would shorten to something else.
    if any(part in ("", ".", "..") or part != part.rstrip(". ") for part in parts):
        return None
    if parts != [FILE_NAME] and (len(parts) < 2 or parts[0] not in PARTS):
        return None
    return PurePosixPath(*parts)


def _require_space(path: Path, folder: Path, needed: int) -> None:
    there = next(place for place in folder.parents if place.exists())
    free = shutil.disk_usage(there).free
    if needed + _MARGIN > free:
        raise UserError(
            "ARCHIVE_NO_SPACE", path=str(path), needed=gigabytes(needed + _MARGIN), free=gigabytes(free)
        )


def _unpack(
    archive: zipfile.ZipFile,
    path: Path,
    entries: Sequence[tuple[zipfile.ZipInfo, PurePosixPath]],
    folder: Path,
    progress: Progress,
    should_stop: Callable[[], bool],
) -> None:
    total, done = sum(entry.file_size for entry, _ in entries), 0
    for entry, inside in entries:
        target = folder / inside
        target.parent.mkdir(parents=True, exist_ok=True)
        written = 0
        with archive.open(entry) as source, target.open("xb") as file:
            while block := source.read(_BLOCK):
                if should_stop():
                    raise UserError("CANCELLED")
                written += len(block)
                if written > entry.file_size:
                    raise UserError("ARCHIVE_TOO_LARGE", path=str(path), reason=entry.filename[:200])
                file.write(block)
                progress(done + written, total)
        done += written
