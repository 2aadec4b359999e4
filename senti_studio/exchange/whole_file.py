"""Files that appear only whole: written under a temporary name beside their target, moved in place at the
end."""

from __future__ import annotations

import codecs
import contextlib
import csv
import hashlib
import io
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from senti_studio.arriving import arriving, is_arriving, put_in_place, refusal_of, through_link
from senti_studio.domain.importing import OUTPUT_ENCODINGS, require_file_name, require_place_for_text
from senti_studio.errors import UserError
from senti_studio.exchange.file_errors import user_error_of

if TYPE_CHECKING:
    from typing_extensions import Buffer

EXISTING = ("error", "number", "overwrite")
_FLUSH_AT = 1 << 20
_ROWS_AT_ONCE = 32


class Hashed(io.RawIOBase):
    """Passes what is written on to ``file`` and knows its SHA-256 and size; it cannot go back."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file
        self._digest = hashlib.sha256()
        self._is_given_up = False
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, block: Buffer) -> int:
        if self._is_given_up:
            return memoryview(block).nbytes
        self._digest.update(block)
        count = self._file.write(block)
        self.size += count
        return count

    def give_up(self) -> None:
        """Nothing is written any more: what stands behind this may be closed in peace."""
        self._is_given_up = True

    def tell(self) -> int:
        return self.size

    @property
    def sha256(self) -> str:
        """Of all that was written so far."""
        return self._digest.hexdigest()


def free_target(
    path: Path,
    existing: str,
    *,
    ending: str = "",
    beside: Callable[[Path], Sequence[Path]] = lambda _target: (),
) -> Path:
    """Where to write: ``path``, or ``name (2).csv`` … when it is there and ``existing`` is ``number``; for a
    link the file that it leads to. ``beside``: what else is written for a target; all of it is free too, or
    all of it is numbered.

    Raises UserError ``OUTPUT_EXISTS`` when any of them is there and ``existing`` is ``error``,
    ``OUTPUT_NAME_TOO_LONG`` and ``OUTPUT_NOT_A_FILE`` for any, and what `require_place_for_text` raises
    (``ending``: as there).
    """
    if existing not in EXISTING:
        raise UserError("BAD_OPTIONS", problem=f"existing={existing}")
    require_place_for_text(path, ending=ending)
    real = through_link(path)
    if real != path:
        require_place_for_text(real, ending=ending)
        path = real
    candidate, number = path, 1
    while True:
        names = (candidate, *beside(candidate))
        for each in names:
            require_file_name(each)
        if existing == "overwrite":
            return candidate
        # What another program is just writing will be there.
        there = next((each for each in names if os.path.lexists(each) or is_arriving(each)), None)
        if there is None:
            return candidate
        if existing == "error":
            raise UserError("OUTPUT_EXISTS", path=str(there))
        number += 1
        candidate = path.with_name(f"{path.stem} ({number}){path.suffix}")


@contextmanager
def appearing(path: Path, *, existing: str = "overwrite") -> Iterator[IO[bytes]]:
    """A binary file that becomes ``path`` when the block ends well and leaves nothing behind when it does
    not; what killed writers of ``path`` left goes, too.

    Raises UserError ``DISK_FULL``, ``NO_PERMISSION`` … for what the system says about this file,
    ``OUTPUT_FOLDER_MISSING`` and ``OUTPUT_FOLDER_REFUSES`` for what it says about its folder, and
    ``OUTPUT_EXISTS`` when there is one of that name by the end that ``existing`` (as in `free_target`) does
    not give away; errors of the block that are no OSError pass through.
    """
    try:
        with arriving(path) as temporary:
            with temporary.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            _move(temporary, path, existing)
    except FileNotFoundError as error:
        if not _is_beside(path, error.filename):
            raise user_error_of(error, path) from error
        raise refusal_of(error, path) from error  # not the file is missing, which is to be written
    except OSError as error:
        raise user_error_of(error, path) from error
    _sync_folder(path.parent)


def _is_beside(path: Path, name: object) -> bool:
    return not isinstance(name, (str, os.PathLike)) or Path(name).parent == path.parent


def _move(made: Path, path: Path, existing: str) -> None:
    try:
        put_in_place(made, path, replace=existing == "overwrite")
    except FileExistsError as error:
        raise UserError("OUTPUT_EXISTS", path=str(path)) from error


def write_whole(path: Path, content: bytes) -> None:
    """Replaces ``path`` by ``content`` in one step; raises the errors of `appearing`."""
    with appearing(path) as file:
        file.write(content)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    # Some file systems cannot do it; the content is safe, its name follows a little later there.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class TextWriter:
    """Text into a binary file; characters that the encoding cannot hold become ``?`` and are counted."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        if encoding not in OUTPUT_ENCODINGS:
            raise UserError("UNKNOWN_ENCODING", encoding=encoding)
        self._file = file
        self._codec = "utf-8" if encoding == "utf-8-sig" else encoding
        self._parts: list[str] = []
        self._length = 0
        self._records = csv.writer(_Parts(self._parts), lineterminator="\r\n")
        self.replaced: Counter[str] = Counter()
        if encoding == "utf-8-sig":
            file.write(codecs.BOM_UTF8)

    def row(self, cells: Sequence[str]) -> None:
        """One CSV record; cells are quoted where they must be, else written as they are."""
        self._length += self._records.writerow(cells)
        if self._length > _FLUSH_AT:
            self.flush()

    def rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Many CSV records. Those with nothing to quote in them, nearly all, are only joined: four times as
        fast as the csv module, which looks at every character by itself."""
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            some = rows[start : start + _ROWS_AT_ONCE]
            text = "\r\n".join(map(",".join, some))
            if _stands_as_it_is(text, sum(map(len, some)), len(some)):
                self.text(text + "\r\n")
                continue
            for cells in some:
                line = ",".join(cells)
                if _stands_as_it_is(line, len(cells), 1):
                    self.text(line + "\r\n")
                else:
                    self.row(cells)

    def text(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
        if self._length > _FLUSH_AT:
            self.flush()

    def flush(self) -> None:
        """Hands over what is buffered; call it at the end."""
        text = "".join(self._parts)
        self._parts.clear()
        self._length = 0
        try:
            content = text.encode(self._codec)
        except UnicodeEncodeError:
            lost = characters_lost(text, self._codec)
            self.replaced.update(char for char in text if char in lost)
            content = text.encode(self._codec, "replace")
        self._file.write(content)


class _Parts:
    """What the csv module writes to."""

    def __init__(self, parts: list[str]) -> None:
        self._parts = parts

    def write(self, text: str) -> int:
        self._parts.append(text)
        return len(text)


def _stands_as_it_is(text: str, cells: int, rows: int) -> bool:
    """Whether these joined cells need no quotes: there is no comma but those between them, and so on."""
    return (
        text.count(",") == cells - rows
        and '"' not in text
        and text.count("\n") == rows - 1
        and text.count("\r") == rows - 1
        and (cells > rows or all(text.split("\r\n")))
    )


def characters_lost(text: Iterable[str], codec: str) -> set[str]:
    """The characters of ``text`` that ``codec`` has no bytes for."""
    lost = set()
    for char in set(text):
        try:
            char.encode(codec)
        except UnicodeEncodeError:
            lost.add(char)
    return lost
