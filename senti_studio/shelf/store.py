"""The shelf: encoders that lie on this machine, each a folder of plain files with a note of ours.

What is put on it is made beside and renamed when whole: a killed program leaves nothing half. What is
taken off it lies in a trash folder until that is emptied.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from senti_studio.arriving import arriving, clear_folder
from senti_studio.errors import UserError
from senti_studio.shelf.check import check_folder, home_of
from senti_studio.shelf.converting import DamagedWeightsError, with_safe_weights
from senti_studio.shelf.copying import copy_files, note_of, verify
from senti_studio.shelf.disk import disk_trouble
from senti_studio.shelf.entries import NOTE, Entry, FileNote, Source, read_note, rewrite_name, write_note
from senti_studio.shelf.findings import Checked, Facts, Finding, Progress, ShouldStop, never, tell_nobody
from senti_studio.shelf.places import name_for, readable, shelf_folder, shipped_folder, trash_folder
from senti_studio.shelf.unpacking import opened_zip, unpack


def listed() -> list[Entry]:
    """The encoders of this machine's shelf and those that came with the program, by name."""
    found = {entry.name: entry for entry in map(_shipped, _folders(shipped_folder()))}
    found.update({entry.name: entry for entry in map(_entry, _folders(shelf_folder()))})
    return sorted(found.values(), key=lambda entry: entry.name.lower())


def find(wanted: str | Path) -> Path:
    """The folder of an encoder: by its name, by its id on the hub, a folder anywhere, which is then
    checked, or by a name that it had before.

    Raises UserError ``ENCODER_NOT_FOUND`` (with the names there are), ``ENCODER_BAD_NAME``, and what
    `Checked.require_fit` raises.
    """
    if not str(wanted).strip():
        raise not_found("")
    folder = Path(wanted).expanduser()
    entry = named(str(wanted)) or (None if folder.is_dir() else once_named(str(wanted)))
    if entry is not None:
        if entry.problem is not None:
            raise UserError(entry.problem.code, **entry.problem.params)
        return entry.folder
    if not folder.is_dir():
        raise UserError(
            "ENCODER_NOT_FOUND", name=str(wanted), known=[entry.name for entry in listed()] or ["—"]
        )
    check_folder(folder).require_fit()
    found = home_of(folder).absolute()
    if readable(str(found)) != str(found):
        raise UserError("ENCODER_BAD_NAME", name=readable(str(found)))  # no run could note it
    return found


def named(wanted: str) -> Entry | None:
    """The encoder of that name or hub id; None when there is none."""
    known = listed()
    from_hub = [entry for entry in known if entry.source.kind in ("hub", "cache")]
    found = [entry for entry in known if entry.name == wanted]
    found += [entry for entry in from_hub if entry.source.place == wanted]
    found += [entry for entry in known if entry.name.lower() == wanted.lower()]
    return found[0] if found else None


def once_named(wanted: str) -> Entry | None:
    """The encoder that had this name before it was renamed: what is waiting, or was interrupted, still names
    it so. None where there is none, or more than one."""
    found = [entry for entry in listed() if wanted in entry.formerly]
    return found[0] if len(found) == 1 else None


def add_folder(
    folder: Path,
    *,
    name: str = "",
    source: Source | None = None,
    expected: Mapping[str, str] | None = None,
    adapted: Mapping[str, Any] | None = None,
    progress: Progress = tell_nobody,
    should_stop: ShouldStop = never,
) -> Entry:
    """Copies the encoder in ``folder`` onto the shelf, whole or not at all. ``expected``: SHA-256 by file
    name, as far as the source states them; ``adapted``: what its note has to say of an adaptation.

    Raises UserError: what `Checked.require_fit` raises, ``ENCODER_NAME_TAKEN``, ``ENCODER_BAD_NAME``,
    ``ENCODER_CHECKSUM``, ``ENCODER_NO_SPACE``, ``CANCELLED``, and those of the disk.
    """
    home = home_of(Path(folder).expanduser().absolute())
    target = free_place(name or Path(folder).expanduser().absolute().name)
    checked = check_folder(home)
    checked.require_fit()
    source = source or Source("folder", str(home))

    def fill(making: Path) -> tuple[Checked, dict[str, FileNote]]:
        notes = copy_files(home, checked.files, making, progress, should_stop)
        wrong = [
            file for file, sha in (expected or {}).items() if file in notes and notes[file].sha256 != sha
        ]
        if wrong:
            raise UserError("ENCODER_CHECKSUM", path=str(home), files=wrong)
        return checked, notes

    return _put_on(target, source, fill, should_stop, adapted)


def add_zip(
    path: Path, *, name: str = "", progress: Progress = tell_nobody, should_stop: ShouldStop = never
) -> Entry:
    """Unpacks an encoder onto the shelf, whole or not at all. Raises what `add_folder` and `unpack` raise."""
    path = Path(path).expanduser().absolute()
    target = free_place(name or path.stem)

    def fill(making: Path) -> tuple[Checked, dict[str, FileNote]]:
        unpacked = making / "unpacked"
        unpacked.mkdir()
        with opened_zip(path) as archive:
            unpack(archive, path, unpacked, progress, should_stop)
        checked = _told_of(check_folder(unpacked), path)
        checked.require_fit()
        notes = moved(unpacked, checked.files, making, should_stop)
        shutil.rmtree(unpacked)
        return checked, notes

    try:
        return _put_on(target, Source("zip", str(path)), fill, should_stop)
    except FileNotFoundError as error:
        raise UserError("FILE_NOT_FOUND", path=str(path)) from error


def moved(source: Path, names: tuple[str, ...], target: Path, should_stop: ShouldStop) -> dict[str, FileNote]:
    """Moves files within one disk, and notes size and hash of each."""
    notes = {}
    for name in names:
        notes[name] = note_of(source / name, should_stop)
        (source / name).rename(target / name)
    return notes


def free_place(wanted: str) -> Path:
    """Where a new encoder of that name will lie. Raises UserError ``ENCODER_NAME_TAKEN`` or
    ``ENCODER_BAD_NAME``."""
    name = name_for(wanted)
    taken = [entry.name for entry in listed() if entry.name.lower() == name.lower()]
    target = shelf_folder() / name
    if taken or target.exists():
        raise UserError("ENCODER_NAME_TAKEN", name=taken[0] if taken else name)
    return target


def free_name(wanted: str, *, besides: Collection[str] = ()) -> str:
    """``wanted`` as the name of a new encoder, with a number behind it where there is one of that name, also
    ``besides`` those on the shelf. Raises UserError ``ENCODER_BAD_NAME``."""
    name = name_for(wanted)
    taken = {each.lower() for each in (*besides, *(entry.name for entry in listed()))}
    number = 1
    found = name
    while found.lower() in taken or (shelf_folder() / found).exists():
        number += 1
        found = f"{name[: 80 - len(str(number)) - 1]} {number}"
    return found


def _put_on(
    target: Path,
    source: Source,
    fill: Callable[[Path], tuple[Checked, dict[str, FileNote]]],
    should_stop: ShouldStop,
    adapted: Mapping[str, Any] | None = None,
) -> Entry:
    """Has a folder filled beside ``target`` and puts it in place, whole."""
    try:
        clear_folder(target.parent)
        with arriving(target) as making:
            making.mkdir()
            checked, notes = fill(making)
            put_in_place(making, target, checked.facts, source, notes, should_stop, adapted)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and source.kind == "zip":
            raise
        raise disk_trouble(error, target) from error
    return read_note(target)


def put_in_place(
    making: Path,
    target: Path,
    facts: Facts,
    source: Source,
    files: Mapping[str, FileNote],
    should_stop: ShouldStop,
    adapted: Mapping[str, Any] | None = None,
) -> None:
    """Makes safetensors of pickled weights, notes what there is, sees to it that it is on the disk, and gives
    the folder its name. Raises UserError ``ENCODER_WEIGHTS_DAMAGED``, ``ENCODER_NAME_TAKEN``, ``CANCELLED``
    and ``ENCODER_NO_SPACE``, and OSError."""
    try:
        facts, files = with_safe_weights(making, facts, files, should_stop)
    except DamagedWeightsError as error:
        damage = {"path": source.place, "file": error.file, "reason": str(error)[:200]}
        raise UserError("ENCODER_WEIGHTS_DAMAGED", **damage) from error
    write_note(making, name=target.name, facts=facts, source=source, files=files, adapted=adapted)
    for name in (NOTE, *files):
        with (making / name).open("rb+") as written:
            os.fsync(written.fileno())
    try:
        making.rename(target)
    except OSError as error:
        if target.exists():
            raise UserError("ENCODER_NAME_TAKEN", name=target.name) from error
        raise


def _told_of(checked: Checked, path: Path) -> Checked:
    """The findings with the path that the user gave, not that of a folder which will be gone."""
    findings = tuple(
        replace(finding, params={**finding.params, "path": str(path)}) for finding in checked.findings
    )
    return replace(checked, findings=findings)


def rename(name: str, wanted: str) -> Entry:
    """Gives an encoder another name, and goes on finding it by the old one (`find`). A name that is its own
    already is no error.

    Raises UserError ``ENCODER_NOT_FOUND``, ``ENCODER_SHIPPED``, ``ENCODER_BAD_NAME``,
    ``ENCODER_NAME_TAKEN``, and those of the disk.
    """
    entry = _own(name)
    new = name_for(wanted)
    if new == entry.name:
        return entry
    # Another spelling of its own name is free, also on disks that see no difference.
    target = shelf_folder() / new if new.lower() == entry.name.lower() else free_place(new)
    try:
        if (entry.folder / NOTE).is_file() and entry.files:
            rewrite_name(entry, new)
        entry.folder.rename(target)
    except OSError as error:
        if target.exists() and not target.samefile(entry.folder):
            raise UserError("ENCODER_NAME_TAKEN", name=new) from error
        raise disk_trouble(error, entry.folder) from error
    return _entry(target)


def _own(name: str) -> Entry:
    """An encoder that can be changed. Raises UserError ``ENCODER_NOT_FOUND``, ``ENCODER_SHIPPED``."""
    entry = named(name)
    if entry is None:
        raise not_found(name)
    if entry.is_shipped:
        raise UserError("ENCODER_SHIPPED", name=entry.name)
    return entry


def remove(name: str) -> Path:
    """Takes an encoder off the shelf, into the trash; returns where it lies there.

    Raises UserError ``ENCODER_NOT_FOUND``, ``ENCODER_SHIPPED``, and those of the disk.
    """
    entry = _own(name)
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S-%f")
    target = trash_folder() / f"{entry.name}@{stamp}"
    try:
        target.parent.mkdir(exist_ok=True)
        entry.folder.rename(target)
    except OSError as error:
        raise disk_trouble(error, entry.folder) from error
    return target


def removed() -> list[Entry]:
    """The encoders in the trash, the last removed first; under the names that they had."""
    folders = sorted(_folders(trash_folder()), key=lambda path: path.name.rpartition("@")[2], reverse=True)
    return [replace(_entry(folder), name=folder.name.rpartition("@")[0]) for folder in folders]


def restore(name: str) -> Entry:
    """Brings the encoder of that name back that was removed last.

    Raises UserError ``ENCODER_NOT_IN_TRASH``, ``ENCODER_NAME_TAKEN``, and those of the disk.
    """
    found = [entry for entry in removed() if entry.name == name]
    if not found:
        known = sorted({entry.name for entry in removed()})
        raise UserError("ENCODER_NOT_IN_TRASH", name=name, known=known or ["—"])
    target = shelf_folder() / found[0].name
    if target.exists():
        raise UserError("ENCODER_NAME_TAKEN", name=target.name)
    try:
        found[0].folder.rename(target)
    except OSError as error:
        raise disk_trouble(error, target) from error
    return _entry(target)


def empty_trash() -> int:
    """Deletes what lies in the trash, for good; returns the bytes that it took."""
    size = sum(entry.facts.size for entry in removed())
    try:
        clear_folder(shelf_folder())
        if trash_folder().exists():
            # All of it or nothing: no half of an encoder shall ever be offered to be brought back.
            with arriving(trash_folder()) as going:
                trash_folder().rename(going)
                shutil.rmtree(going)
    except OSError as error:
        raise disk_trouble(error, trash_folder()) from error
    return size


def changed_files(
    entry: Entry, progress: Progress = tell_nobody, should_stop: ShouldStop = never
) -> list[str]:
    """The files of an encoder that are no longer what was put on the shelf. Raises UserError
    ``CANCELLED``."""
    return verify(entry.folder, entry.files, progress, should_stop)


def not_found(name: str) -> UserError:
    """The error for a name that is not on the shelf, with those that are."""
    return UserError("ENCODER_NOT_FOUND", name=name, known=[entry.name for entry in listed()] or ["—"])


def _folders(folder: Path) -> list[Path]:
    with contextlib.suppress(FileNotFoundError):
        return [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
    return []


def _shipped(folder: Path) -> Entry:
    return replace(_entry(folder), source=Source("shipped", folder.name))


def _entry(folder: Path) -> Entry:
    """From its note; a folder that somebody put there without one is looked at."""
    try:
        entry = read_note(folder)
    except FileNotFoundError:
        return _unnoted(folder)
    except (OSError, ValueError) as error:
        damage = Finding("ENCODER_CONFIG_DAMAGED", {"path": str(folder), "reason": str(error)[:200]})
        return replace(_unnoted(folder), problem=damage)
    missing = [name for name, note in entry.files.items() if _size(folder / name) != note.size]
    if missing:
        return replace(entry, problem=Finding("ENCODER_CHECKSUM", {"path": str(folder), "files": missing}))
    return entry


def _unnoted(folder: Path) -> Entry:
    checked = check_folder(folder)
    problem = checked.refusals[0] if checked.refusals else None
    return Entry(folder.name, folder, checked.facts, Source("folder", str(folder)), {}, problem=problem)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
