"""Puts the files of an encoder into a folder: counted, hashed, with an eye on the disk and on who wants
to stop."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

from senti_studio.arriving import ARRIVING
from senti_studio.errors import UserError
from senti_studio.shelf.entries import FileNote
from senti_studio.shelf.findings import Progress, ShouldStop

BLOCK = 1 << 20
_MARGIN = 64 << 20


def require_space(folder: Path, needed: int) -> None:
    """Raises UserError ``ENCODER_NO_SPACE`` unless the disk of ``folder`` has room for so many bytes and
    some more."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(there).free
    if needed + _MARGIN > free:
        # What is still arriving has a name that is nobody's business.
        made = next((place for place in (folder, *folder.parents) if place.suffix == ARRIVING), None)
        place = made.parent if made is not None else folder
        raise UserError(
            "ENCODER_NO_SPACE", path=str(place), needed=megabytes(needed + _MARGIN), free=megabytes(free)
        )


def megabytes(size: int) -> str:
    """Of bytes, for sentences."""
    return f"{size / 1e6:,.1f}" if size < 10_000_000 else f"{size / 1e6:,.0f}"


class Copier:
    """Copies one file after the other; ``total``: bytes of all of them."""

    def __init__(self, total: int, progress: Progress, should_stop: ShouldStop) -> None:
        self._total, self._done = total, 0
        self._progress, self._should_stop = progress, should_stop

    def copy(self, source: BinaryIO, target: Path, *, size: int) -> FileNote:
        """Copies a file of ``size`` bytes. Raises UserError ``CANCELLED``, ValueError when it is longer,
        OSError."""
        digest, written = hashlib.sha256(), 0
        with target.open("xb") as file:
            while block := source.read(BLOCK):
                if self._should_stop():
                    raise UserError("CANCELLED")
                written += len(block)
                if written > size:
                    raise ValueError(f"{target.name}: > {size} bytes")
                file.write(block)
                digest.update(block)
                self._done += len(block)
                self._progress(min(self._done, self._total), self._total)
        return FileNote(written, digest.hexdigest())


def copy_files(
    source: Path, names: Iterable[str], target: Path, progress: Progress, should_stop: ShouldStop
) -> dict[str, FileNote]:
    """Copies files from folder to folder. Raises UserError ``CANCELLED`` and ``ENCODER_NO_SPACE``, and
    OSError."""
    sizes = {name: (source / name).stat().st_size for name in names}
    require_space(target, sum(sizes.values()))
    copier, notes = Copier(sum(sizes.values()), progress, should_stop), {}
    for name, size in sizes.items():
        with (source / name).open("rb") as file:
            notes[name] = copier.copy(file, target / name, size=size)
    return notes


def note_of(path: Path, should_stop: ShouldStop) -> FileNote:
    """Size and hash of a file. Raises UserError ``CANCELLED``, and OSError."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if should_stop():
                raise UserError("CANCELLED")
            digest.update(block)
            size += len(block)
    return FileNote(size, digest.hexdigest())


def verify(
    folder: Path, files: Mapping[str, FileNote], progress: Progress, should_stop: ShouldStop
) -> list[str]:
    """The files that are not there, or not what they were. Raises UserError ``CANCELLED``."""
    total, done, other = sum(note.size for note in files.values()), 0, []
    for name, note in files.items():
        try:
            is_same = note_of(folder / name, should_stop) == note
        except OSError:
            is_same = False
        if not is_same:
            other.append(name)
        done += note.size
        progress(done, total)
    return other
