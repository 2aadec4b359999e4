"""Takes an encoder out of a zip: every name is looked at before anything is written, and nothing lands
elsewhere."""

from __future__ import annotations

import json
import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from senti_studio.errors import UserError
from senti_studio.shelf.copying import Copier, megabytes, require_space
from senti_studio.shelf.findings import Progress, ShouldStop

_MOST_ENTRIES = 10_000
_MOST_RATIO = 100
"""Weights hardly shrink at all, and a vocabulary to a third: more is a bomb."""
_RATIO_FROM = 64 << 20
_MOST_BYTES = 64 << 30
_LONGEST = 1000
_JUNK = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")

BROKEN_ZIP = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, EOFError, RuntimeError,
)  # fmt: skip
"""What the library says of damage, in one or another of its parts."""


@contextmanager
def opened_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip, opened to read. Raises UserError ``ZIP_DAMAGED`` also for what goes wrong inside the block, and
    OSError."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise UserError("ZIP_DAMAGED", path=str(path), reason="—")
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (*BROKEN_ZIP, ValueError) as error:
        raise UserError("ZIP_DAMAGED", path=str(path), reason=str(error)[:200]) from error


def unpack(
    archive: zipfile.ZipFile, path: Path, target: Path, progress: Progress, should_stop: ShouldStop
) -> None:
    """Unpacks the files of the encoder's folder in the zip into ``target``, which is there and empty.

    Raises UserError ``ZIP_UNSAFE``, ``ZIP_TOO_LARGE``, ``ZIP_ENCRYPTED``, ``ENCODER_NO_CONFIG``,
    ``ENCODER_NO_SPACE`` or ``CANCELLED``.
    """
    files = _of_one_folder(_looked_at(archive, path), path)
    _require_code_free(archive, files, path)
    _write(archive, files, path, target, progress, should_stop)


def unpack_files(archive: zipfile.ZipFile, path: Path, target: Path) -> None:
    """As `unpack`, whatever the config beside the files says: for a model of ours, which is looked at when it
    lies in its folder."""
    files = _of_one_folder(_looked_at(archive, path), path)
    _write(archive, files, path, target, lambda done, total: None, lambda: False)


def _write(
    archive: zipfile.ZipFile,
    files: Mapping[str, zipfile.ZipInfo],
    path: Path,
    target: Path,
    progress: Progress,
    should_stop: ShouldStop,
) -> None:
    total = sum(entry.file_size for entry in files.values())
    require_space(target, total)
    copier = Copier(total, progress, should_stop)
    for name, entry in files.items():
        try:
            with archive.open(entry) as source:
                copier.copy(source, target / name, size=entry.file_size)  # type: ignore[arg-type]
        except ValueError as error:
            raise UserError("ZIP_TOO_LARGE", path=str(path), reason=str(error)) from error


def _looked_at(archive: zipfile.ZipFile, path: Path) -> dict[str, zipfile.ZipInfo]:
    """Name inside -> entry, of every file. Raises UserError for whatever leads out of the folder, and for
    bombs."""
    entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES:
        raise UserError("ZIP_TOO_LARGE", path=str(path), reason=f"{len(entries)} files")
    found: dict[str, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    for entry in entries:
        name = _name_of(entry)
        if not _is_safe(entry, name):
            raise UserError("ZIP_UNSAFE", path=str(path), name=name[:200])
        if entry.is_dir() or any(part in _JUNK for part in name.split("/")):
            continue
        if name.lower() in seen:
            raise UserError("ZIP_UNSAFE", path=str(path), name=name[:200])
        if entry.flag_bits & 0x1:
            raise UserError("ZIP_ENCRYPTED", path=str(path))
        found[name] = entry
        seen.add(name.lower())
    total = sum(entry.file_size for entry in found.values())
    packed = sum(entry.compress_size for entry in found.values())
    if total > _MOST_BYTES or (total > _RATIO_FROM and total > _MOST_RATIO * max(1, packed)):
        raise UserError("ZIP_TOO_LARGE", path=str(path), reason=f"{megabytes(total)} MB")
    return found


def _name_of(entry: zipfile.ZipInfo) -> str:
    """Its name; one that Windows wrote in GBK without saying so is read as that."""
    name = entry.orig_filename
    if not entry.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("gb18030")
        except UnicodeError:
            pass
    # Some programs of Windows separate folders by its own sign; what leads outside does so with either.
    return name.replace("\\", "/")


def _is_safe(entry: zipfile.ZipInfo, name: str) -> bool:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR) or not name or len(name) > _LONGEST:
        return False
    if any(letter in name for letter in ':*?"<>|') or any(ord(letter) < 32 for letter in name):
        return False
    parts = name.removesuffix("/").split("/")
    return not any(part in ("", ".", "..") or part != part.rstrip(". ") for part in parts)


def _of_one_folder(found: Mapping[str, zipfile.ZipInfo], path: Path) -> dict[str, zipfile.ZipInfo]:
    """The files beside the one `config.json` that is least deep, without their folder."""
    places = [name.rpartition("/")[0] for name in found if name.rpartition("/")[2] == "config.json"]
    if not places:
        raise UserError("ENCODER_NO_CONFIG", path=str(path))
    depth = min(place.count("/") + bool(place) for place in places)
    least = [place for place in places if place.count("/") + bool(place) == depth]
    if len(least) > 1:
        raise UserError("ZIP_SEVERAL", path=str(path), names=sorted(least))
    home = f"{least[0]}/" if least[0] else ""
    return {
        name.removeprefix(home): entry
        for name, entry in found.items()
        if name.startswith(home) and "/" not in name.removeprefix(home)
    }


def _require_code_free(archive: zipfile.ZipFile, files: Mapping[str, zipfile.ZipInfo], path: Path) -> None:
    """What is refused for its config anyhow need not be unpacked first."""
    from senti_studio.shelf.check import check_config

    entry = files["config.json"]
    if entry.file_size > 1 << 20:
        return  # the check of the folder says so
    try:
        config = json.loads(archive.read(entry))
    except ValueError:
        return
    if isinstance(config, dict):
        _, found = check_config(config, str(path))
        for finding in found:
            raise UserError(finding.code, **finding.params)
