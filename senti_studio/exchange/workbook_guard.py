"""A workbook's archive that measures every part before it is unpacked, whatever the part is called."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import IO, Any

from senti_studio.errors import UserError

_LARGEST_SHEET = 4 << 30
_LARGEST_STRINGS = 512 << 20
_LARGEST_OTHER = 64 << 20
_MOST_PARTS = 10_000
_SUSPICIOUS = 32 << 20
"""Unpacked bytes from which the ratio is looked at."""
_MOST_TIMES = 200
"""Sheets of numbered rows are packed 10 to 30 times; a bomb up to 1,000 times."""
_MANY_CHARACTERS = 64 << 20
_MOST_CHARACTERS = 4 << 30
_MOST_TIMES_REFERRED = 100
"""Characters of all cells against bytes of the file: a short file may refer to one long text again and
again."""
_LONGEST_ROW = 64 << 20
"""Characters, and bytes of XML without the end of a row."""


def bomb(path: Path) -> UserError:
    """The error for what unpacks to something out of all proportion."""
    return UserError("FILE_IS_BOMB", path=str(path), kind="Excel xlsx")


class GuardedArchive(zipfile.ZipFile):
    """Opens only parts of a sane size and packing. Which parts those are that may be large (sheets, shared
    strings) is said by who knows the relationships: names and endings prove nothing.

    Raises UserError ``FILE_IS_BOMB``, ``WORKBOOK_HAS_DOCTYPE``, and what `zipfile.ZipFile` raises.
    """

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        super().__init__(file)
        self._path = path
        if len(self.infolist()) > _MOST_PARTS:
            raise bomb(path)

    def open(self, name: Any, *args: Any, **more: Any) -> IO[bytes]:
        """A part that is read into a tree, so that it has to be small."""
        self._require_sane(name, _LARGEST_OTHER)
        content = super().open(name, *args, **more).read()
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise doctype(self._path)
        return io.BytesIO(content)

    def open_sheet(self, name: str) -> IO[bytes]:
        """A sheet, to be read as a stream."""
        self._require_sane(name, _LARGEST_SHEET)
        return super().open(name)

    def open_strings(self, name: str) -> IO[bytes]:
        """The table of shared strings, to be read as a stream."""
        self._require_sane(name, _LARGEST_STRINGS)
        return super().open(name)

    def _require_sane(self, name: Any, most: int) -> None:
        part = self.getinfo(getattr(name, "filename", name))
        is_packed_hard = part.file_size > _MOST_TIMES * max(1, part.compress_size)
        if part.file_size > most or (part.file_size > _SUSPICIOUS and is_packed_hard):
            raise bomb(self._path)


def doctype(path: Path) -> UserError:
    """The error for XML that declares a document type, as no program writes it into a workbook."""
    return UserError("WORKBOOK_HAS_DOCTYPE", path=str(path))


class Measure:
    """Adds up what the cells of a sheet give. Raises UserError ``FILE_IS_BOMB`` when it is too much."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._most = min(_MOST_CHARACTERS, max(_MANY_CHARACTERS, _MOST_TIMES_REFERRED * path.stat().st_size))
        self._given = 0

    def add_row(self, characters: int) -> None:
        """A row of so many characters was read."""
        self._given += characters
        if self._given > self._most or characters > _LONGEST_ROW:
            raise bomb(self._path)

    def require_end(self, bytes_open: int) -> None:
        """A row has been going on for so many bytes."""
        if bytes_open > _LONGEST_ROW:
            raise bomb(self._path)

    def too_far(self) -> UserError:
        """The error for a row or a column that no sheet has."""
        return bomb(self._path)
